"""The check of foreign SQL: it finds each way in which a statement can be written, and its exceptions only shrink."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import check_sql

Run = Callable[..., tuple[int, list[str]]]
MODELS = """from sqlalchemy import Table
customer = Table("customer", metadata)
"""
CONTRACTS = """[[tool.importlinter.contracts]]
id = "one-way"
layers = ["(worker)", "(asking)", "(people) | (near)"]
"""
WRITING = {
    "inserted": 'tx.run("insert into customer (id) values (%(id)s) on conflict do nothing", {})',
    "updated": 'tx.run("update customer set name = %(name)s returning id")',
    "deleted": 'tx.run("delete from customer where id = any(%(ids)s::uuid[])")',
    "locked": 'tx.run("lock table customer in share mode")',
    "written in a CTE": 'tx.run("with c as (update customer set name = null) select 1 from asked")',
    "written in a piece": 'tx.run(statement() + " where exists (delete from customer where true)")',
    "both read and written": 'tx.run("update customer set id = 1 where id in (select id from customer)")',
}
READING = {
    "read": 'tx.all(Row, "select name from customer")',
    "joined": 'tx.all(Row, "select 1 from asked a join customer c on c.id = a.customer_id")',
    "inside": 'tx.all(Row, "select (select name from customer c where c.id = a.id) from asked a")',
    "listed": 'tx.all(Row, "select 1 from asked, customer")',
    "in a CTE": 'tx.all(Row, "with c as (select 1 from customer) select 1 from c")',
    "used to delete": 'tx.run("delete from asked using customer c where c.id = asked.customer_id")',
    "crossing": 'db.crossing("select id from customer for update skip locked")',
    "added to": 'tx.all(Row, "select 1" + " from customer" + " where true")',
    "f-string": 'tx.all(Row, f"select {what} from customer where {which}")',
    "filled in": 'sql.SQL("select {} from customer").format(what)',
    "over lines": 'tx.all(Row, """\n    select 1\n    from customer""")',
    "a piece": 'tx.all(Row, statement() + " where exists (select 1 from customer)")',
    "a piece that joins": 'join("join customer c on c.id = a.customer_id")',
    "chosen": 'tx.all(Row, "select 1" + (" from customer" if all else " where false"))',
    "inside a call in an f-string": 'tx.all(Row, f"""select {either("select 1 from customer")}""")',
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A product with the features `people`, which has the table `customer`, and `asking`."""
    package = tmp_path / "src" / "product"
    for path, text in {
        "people/models.py": MODELS,
        "asking/models.py": 'asked = Table("asked", metadata)',
    }.items():
        save(package / path, text)
    (tmp_path / "allowed.txt").write_text("# What stands.\n", "utf-8")
    (tmp_path / "contracts.toml").write_text(CONTRACTS, "utf-8")
    return package


@pytest.fixture
def run(package: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def check(*arguments: str) -> tuple[int, list[str]]:
        root = package.parents[1]
        status = check_sql.main(list(arguments), package, root / "allowed.txt", root / "contracts.toml")
        return status, capsys.readouterr().out.splitlines()

    return check


def save(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(dedent(text), "utf-8")


def told(place: str) -> str:
    return f"src/product/{place}: feature asking touches table customer of feature people"


@pytest.mark.parametrize("read", READING.values(), ids=READING)
def test_a_foreign_table_is_found_however_it_is_named(package: Path, run: Run, read: str) -> None:
    save(package / "asking/deep/queries.py", f'"""What customers ask."""\n{read}\n')
    assert run() == (1, [told("asking/deep/queries.py:2")])


@pytest.mark.parametrize("written", WRITING.values(), ids=WRITING)
def test_no_reason_excuses_a_write(package: Path, run: Run, written: str) -> None:
    save(package / "asking/queries.py", written)
    (package.parents[1] / "allowed.txt").write_text("asking customer 1 It was so.\n", "utf-8")
    status, (line, _) = run()
    assert (status, line) == (1, told("asking/queries.py:1") + ", and writes it")


@pytest.mark.parametrize(("feature", "tables"), [("people", {"asked"}), ("near", {"asked", "customer"})])
def test_no_reason_excuses_a_read_of_what_does_not_lie_below(
    package: Path, run: Run, feature: str, tables: set[str]
) -> None:
    """Neither of what lies above nor of what lies beside."""
    save(package / feature / "queries.py", READING["joined"])
    lines = "".join(f"{feature} {table} 1 It was so.\n" for table in sorted(tables))
    (package.parents[1] / "allowed.txt").write_text(lines, "utf-8")
    status, found = run()
    assert status == 1
    assert sum(line.endswith(", which does not lie below it") for line in found) == len(tables)


def test_a_constant_is_told_where_it_stands_and_what_is_added_to_it_where_that_stands(
    package: Path, run: Run
) -> None:
    save(
        package / "asking/texts.py",
        '_ALL: LiteralString = "select 1 from customer"\nREST = "from customer"\n',
    )
    save(package / "asking/near.py", 'from .texts import _ALL as all_\ntx.all(Row, all_ + " where true")\n')
    save(
        package / "asking/far.py",
        'from product.asking.texts import REST\n\ntx.all(Row, f"select 1 {REST}")\n',
    )
    assert run() == (1, [told("asking/far.py:3"), told("asking/texts.py:1")])


def test_a_constant_may_be_the_beginning_of_a_statement(package: Path, run: Run) -> None:
    save(
        package / "asking/texts.py",
        """
        _BEGIN: LiteralString = "select 1 from customer where is_active and"
        tx.all(Row, f"{_BEGIN} id = %(id)s")
        """,
    )
    assert run() == (1, [told("asking/texts.py:2")])


def test_what_a_feature_does_with_its_own_tables_is_its_own_affair(package: Path, run: Run) -> None:
    save(package / "people/deep/queries.py", READING["read"] + "\n" + READING["a piece"])
    assert run() == (0, [])


@pytest.mark.parametrize(
    "harmless",
    [
        '"""select 1 from customer"""',
        'say("Choose from customer and technician.")',
        'say("with the button in HaloPSA you update customer data")',
        'tx.all(Row, "with customer as (select 1) select 1 from customer")',
        'tx.all(Row, "select customer.id from asked as customer")',
        'tx.all(Row, "select 1 from unnest(%(customer)s) as customer")',
        'save(table="customer")',
    ],
)
def test_what_only_looks_like_it_is_left_alone(package: Path, run: Run, harmless: str) -> None:
    save(package / "asking/queries.py", harmless)
    assert run() == (0, [])


def test_migrations_are_about_all_tables(package: Path, run: Run) -> None:
    save(package / "migrations/0001.py", WRITING["updated"])
    assert run() == (0, [])


def test_a_module_beside_the_features_owns_no_table(package: Path, run: Run) -> None:
    save(package / "worker.py", READING["read"])
    assert run() == (1, [told("worker.py:1").replace("asking", "worker")])


def test_a_statement_that_cannot_be_read_hides_nothing(package: Path, run: Run) -> None:
    save(package / "asking/queries.py", '\ntx.all(Row, "select 1 from customer where and")\n')
    status, (line,) = run()
    assert status == 1
    assert line.startswith("src/product/asking/queries.py:2: this statement cannot be read: ")


def test_a_table_that_is_known_at_run_time_only_is_nobodys(package: Path, run: Run) -> None:
    save(package / "people/queries.py", 'tx.all(Row, f"select 1 from {table}")')
    assert run()[0] == 1


def test_a_table_has_one_owner(package: Path, run: Run) -> None:
    save(package / "asking/more/models.py", 'Table("customer", metadata)')
    assert run() == (1, [f"{package}/people/models.py:2: customer is declared by asking too"])


def test_an_exception_counts_and_what_comes_on_top_is_told_with_the_rest(package: Path, run: Run) -> None:
    allowed = package.parents[1] / "allowed.txt"
    allowed.write_text("# What stands.\nasking customer 1 It is hot.\n", "utf-8")
    save(package / "asking/queries.py", READING["read"])
    assert run() == (0, [])
    save(package / "asking/more.py", READING["joined"])
    assert run() == (1, [told("asking/more.py:1"), told("asking/queries.py:1")])


def test_an_exception_has_its_reason(package: Path, run: Run) -> None:
    (package.parents[1] / "allowed.txt").write_text("asking customer 1\n", "utf-8")
    save(package / "asking/queries.py", READING["read"])
    status, (line,) = run()
    assert status == 1
    assert "asking customer has no reason" in line


def test_the_exceptions_only_shrink(package: Path, run: Run) -> None:
    allowed = package.parents[1] / "allowed.txt"
    allowed.write_text("# What stands.\nasking customer 3 It is hot.\nasking gone 1 It was hot.\n", "utf-8")
    save(package / "asking/queries.py", READING["read"])
    status, lines = run()
    assert status == 1
    assert "asking customer stands 1 times now, not 3" in lines[0]
    assert "asking gone stands 0 times now, not 1" in lines[1]
    assert run("--shrink") == (0, [])
    assert allowed.read_text("utf-8") == "# What stands.\nasking customer 1 It is hot.\n"
    save(package / "asking/more.py", READING["joined"])
    assert run("--shrink")[0] == 1
    assert allowed.read_text("utf-8") == "# What stands.\nasking customer 1 It is hot.\n"
