"""Checks that a feature's SQL names only the feature's own tables, as the import contracts check imports.

A table belongs to the package below src/stepladder whose `models.py` declares it. Another feature's rows are reached
through that feature's functions, to read them too. Migrations are left out: they are about all tables.

What stands against the rule, because a function would cost a hot path a statement, is counted with its reason in
tools/foreign_sql.txt. It only shrinks: `--shrink` writes the smaller counts, and never a larger one. No reason excuses
a write to another feature's table, or a read of one that does not lie below in the import contracts.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import sqlglot
from sqlglot import exp

from repository import ROOT
from sql_in_python import UNKNOWN, Sources, Sql

EXCEPTIONS = ROOT / "tools" / "foreign_sql.txt"
CONTRACTS = ROOT / "pyproject.toml"
EXEMPT = ("migrations",)

Touched = set[tuple[str, bool]]
"""Tables, each with whether it is written."""


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
    refused: str = ""
    """Why no exception can allow it."""

    @property
    def kind(self) -> str:
        return f"{self.feature} {self.table}"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}"
        what = f"feature {self.feature} touches table {self.table} of feature {self.owner}"
        return f"{place}: {what}{self.refused}"


@dataclass(frozen=True)
class Exceptional:
    """How often a kind of foreign SQL may stand, and why."""

    count: int
    reason: str


def main(
    arguments: list[str],
    package: Path = ROOT / "src" / "stepladder",
    allowed: Path = EXCEPTIONS,
    contracts: Path = CONTRACTS,
) -> int:
    """Print what is wrong. Returns the exit status."""
    try:
        found = foreign_sql(package, places_of_features(contracts))
    except CheckFailed as failure:
        print(failure)
        return 1
    counts = Counter(each.kind for each in found if not each.refused)
    exceptions = read(allowed)
    if arguments == ["--shrink"]:
        exceptions = {
            kind: replace(each, count=min(each.count, counts[kind]))
            for kind, each in exceptions.items()
            if counts[kind]
        }
        write(allowed, exceptions)
    faults = [*not_allowed(found, counts, exceptions), *left_over(counts, exceptions)]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


# --- what there is -----------------------------------------------------------------------------------------


def foreign_sql(package: Path, order: Mapping[str, int]) -> list[Foreign]:
    """Every place below `package`. Raises CheckFailed where a statement or a table cannot be placed."""
    owners, sources = owners_of_tables(package), Sources(package)
    found = []
    for path in sorted(package.rglob("*.py")):
        feature = feature_of(path, package)
        if feature not in EXEMPT:
            place = path.relative_to(package.parents[1])
            for sql in sources.sql_of(path):
                tables = tables_at(sql, owners, place)
                for table in sorted({table for table, _ in tables if owners[table] != feature}):
                    refused = refusal(feature, owners[table], order, is_written=(table, True) in tables)
                    found.append(Foreign(place, sql.line, feature, table, owners[table], refused))
    return found


def refusal(feature: str, owner: str, order: Mapping[str, int], *, is_written: bool) -> str:
    """Why `feature` never touches the table of `owner` itself; empty where it may, for a reason."""
    if is_written:
        return ", and writes it"
    is_below = owner not in order or order.get(feature, -1) < order[owner]
    return "" if is_below else ", which does not lie below it"


def places_of_features(contracts: Path) -> dict[str, int]:
    """The layer of each feature in the import contracts, counted from the highest."""
    found = tomllib.loads(contracts.read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (layers,) = (each["layers"] for each in found if each["id"] == "one-way")
    return {name: place for place, layer in enumerate(layers) for name in re.findall(r"\w+", layer)}


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


def tables_at(sql: Sql, owners: dict[str, str], place: Path) -> Touched:
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
    return {(table, is_written) for table, is_written in tables if table in owners}


def tables_of_statement(text: str, owners: dict[str, str]) -> Touched:
    # Braces stand for names that psycopg fills in.
    tree = sqlglot.parse_one(re.sub(r"\{\w*\}", UNKNOWN, text), read="postgres")
    if isinstance(tree, exp.Command):  # a statement that the parser knows by its first word only
        return {(word, True) for word in re.findall(r"\w+", text) if word in owners}
    defined = {expression.alias for expression in tree.find_all(exp.CTE)}
    writing = tree.find_all(exp.Insert, exp.Update, exp.Delete, exp.Merge)
    written = {id(node.this.find(exp.Table)) for node in writing}
    return {
        (table.name, id(table) in written) for table in tree.find_all(exp.Table) if table.name not in defined
    }


def tables_of_piece(text: str, owners: dict[str, str]) -> Touched:
    """By form: the name after a word that a table's name follows, or after a comma behind one."""
    named = re.findall(
        r"\b(delete\s+from|from|join|into|update|using|only)\s+(\w+(?:\s+(?:as\s+)?\w+)?(?:\s*,\s*\w+)*)",
        text,
    )
    return {
        (word, before.startswith(("delete", "into", "update")))
        for before, words in named
        for word in re.findall(r"\w+", words)
        if word in owners
    }


# --- what may stand ------------------------------------------------------------------------------------------


def read(allowed: Path) -> dict[str, Exceptional]:
    lines = (line.split(maxsplit=3) for line in allowed.read_text("utf-8").splitlines() if line[:1] != "#")
    return {
        f"{feature} {table}": Exceptional(int(count), " ".join(reason))
        for feature, table, count, *reason in filter(None, lines)
    }


def write(allowed: Path, exceptions: Mapping[str, Exceptional]) -> None:
    head = [line for line in allowed.read_text("utf-8").splitlines() if line.startswith("#")]
    lines = [f"{kind} {each.count} {each.reason}".rstrip() for kind, each in sorted(exceptions.items())]
    allowed.write_text("\n".join([*head, *lines]) + "\n", "utf-8")


def not_allowed(
    found: list[Foreign], counts: Counter[str], exceptions: Mapping[str, Exceptional]
) -> Iterator[str]:
    """Every place of a kind that stands more often than it may: which of them is new, only a person can tell."""
    for each in found:
        known = exceptions.get(each.kind)
        if each.refused or not known or counts[each.kind] > known.count:
            yield str(each)


def left_over(counts: Counter[str], exceptions: Mapping[str, Exceptional]) -> Iterator[str]:
    for kind, known in sorted(exceptions.items()):
        if not known.reason:
            yield f"tools/foreign_sql.txt: {kind} has no reason: say after its count what a function would cost"
        if counts[kind] < known.count:
            yield (
                f"tools/foreign_sql.txt: {kind} stands {counts[kind]} times now, not {known.count}: "
                "run tools/check_sql.py --shrink"
            )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
