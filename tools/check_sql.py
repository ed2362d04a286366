"""Checks that a feature's SQL names only the feature's own tables, as the import contracts check imports.

A table belongs to the package below src/stepladder whose `models.py` declares it. Another feature's rows are reached
through that feature's functions, to read them too. Migrations are left out: they are about all tables.

What still stands against the rule is counted in tools/foreign_sql.txt, which only shrinks: `--shrink` writes the
smaller counts, and never a larger one.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from repository import ROOT
from sql_in_python import UNKNOWN, Sources, Sql

EXCEPTIONS = ROOT / "tools" / "foreign_sql.txt"
EXEMPT = ("migrations",)


class CheckFailed(Exception):
    """What is wrong with the sources, in a sentence with its place."""


@dataclass(frozen=True)
class Foreign:
    """A place where a feature names another feature's table."""

    path: Path
    line: int
    feature: str
    table: str
    owner: str

    @property
    def kind(self) -> str:
        return f"{self.feature} {self.table}"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        return f"{place}: feature {self.feature} touches table {self.table} of feature {self.owner}"


def main(
    arguments: list[str], package: Path = ROOT / "src" / "stepladder", allowed: Path = EXCEPTIONS
) -> int:
    """Print what is wrong. Returns the exit status."""
    try:
        found = foreign_sql(package)
    except CheckFailed as failure:
        print(failure)
        return 1
    exceptions = read(allowed)
    if arguments == ["--shrink"]:
        exceptions &= Counter(each.kind for each in found)
        write(allowed, exceptions)
    faults = [*not_allowed(found, exceptions), *left_over(found, exceptions)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


# --- what there is -----------------------------------------------------------------------------------------


def foreign_sql(package: Path) -> list[Foreign]:
    """Every place below `package`. Raises CheckFailed where a statement or a table cannot be placed."""
    owners, sources = owners_of_tables(package), Sources(package)
    found = []
    for path in sorted(package.rglob("*.py")):
        feature = feature_of(path, package)
        if feature not in EXEMPT:
            place = path.relative_to(package.parents[1])
            for sql in sources.sql_of(path):
                tables = tables_at(sql, owners, place)
                found += [
                    Foreign(place, sql.line, feature, table, owners[table])
                    for table in sorted(tables)
                    if owners[table] != feature
                ]
    return found


def feature_of(path: Path, package: Path) -> str:
    """The package, or the module, right below ours."""
    return path.relative_to(package).parts[0].removesuffix(".py")


def owners_of_tables(package: Path) -> dict[str, str]:
    """The feature of each table that a `models.py` declares with `Table("name", …)`."""
    owners = {UNKNOWN.strip(): "that only the run knows"}
    for path in sorted(package.rglob("models.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="Table"), args=[ast.Constant(value=str(table)), *_]):
                    if owners.setdefault(table, feature_of(path, package)) != feature_of(path, package):
                        raise CheckFailed(f"{path}:{node.lineno}: {table} is declared by {owners[table]} too")
    return owners


def tables_at(sql: Sql, owners: dict[str, str], place: Path) -> set[str]:
    """The tables that the SQL names there. SQL that it takes in by a name is told where that stands."""
    if not sql.is_statement:
        return tables_of_piece(sql.text, owners)
    try:
        tables = tables_of_statement(sql.text, owners)
    except sqlglot.ParseError as error:
        if sql.is_beginning:
            return tables_of_piece(sql.text, owners)
        reason = re.sub(r"\x1b\[\d*m|\s+", " ", str(error))
        raise CheckFailed(f"{place}:{sql.line}: this statement cannot be read: {reason}") from error
    for named in (Sql(sql.line, text, is_beginning=True) for text in sql.named):
        tables -= tables_at(named, owners, place) if named.is_sql else set()
    return tables & owners.keys()


def tables_of_statement(text: str, owners: dict[str, str]) -> set[str]:
    # Braces stand for names that psycopg fills in.
    tree = sqlglot.parse_one(re.sub(r"\{\w*\}", UNKNOWN, text), read="postgres")
    if isinstance(tree, exp.Command):  # a statement that the parser knows by its first word only
        return set(re.findall(r"\w+", text)) & owners.keys()
    defined = {expression.alias for expression in tree.find_all(exp.CTE)}
    return {table.name for table in tree.find_all(exp.Table)} - defined


def tables_of_piece(text: str, owners: dict[str, str]) -> set[str]:
    """By form: the name after a word that a table's name follows, or after a comma behind one."""
    named = re.findall(
        r"\b(?:from|join|into|update|using|only)\s+(\w+(?:\s+(?:as\s+)?\w+)?(?:\s*,\s*\w+)*)", text
    )
    return {word for words in named for word in re.findall(r"\w+", words)} & owners.keys()


# --- what may stand ------------------------------------------------------------------------------------------


def read(allowed: Path) -> Counter[str]:
    lines = (line.partition("#")[0].split() for line in allowed.read_text("utf-8").splitlines())
    return Counter({f"{feature} {table}": int(count) for feature, table, count in filter(None, lines)})


def write(allowed: Path, exceptions: Counter[str]) -> None:
    head = [line for line in allowed.read_text("utf-8").splitlines() if line.startswith("#")]
    lines = [f"{kind} {count}" for kind, count in sorted(exceptions.items()) if count]
    allowed.write_text("\n".join([*head, *lines]) + "\n", "utf-8")


def not_allowed(found: list[Foreign], exceptions: Counter[str]) -> Iterator[str]:
    """Every place of a kind that stands more often than it may: which of them is new, only a person can tell."""
    counts = Counter(each.kind for each in found)
    yield from (str(each) for each in found if counts[each.kind] > exceptions[each.kind])


def left_over(found: list[Foreign], exceptions: Counter[str]) -> Iterator[str]:
    counts = Counter(each.kind for each in found)
    for kind, count in sorted(exceptions.items()):
        if counts[kind] < count:
            yield (
                f"tools/foreign_sql.txt: {kind} stands {counts[kind]} times now, not {count}: "
                "run tools/check_sql.py --shrink"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
