"""Finds the SQL in Python files: string literals, with what is added to them and the constants that they name.

A statement is found by how it begins, wherever it stands; a piece of one (" where exists (select …)") counts where it
is not part of a statement that could be put together.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

UNKNOWN = " unknown_part "  # stands for what is only known at run time
STATEMENT = re.compile(
    r"\s*(?:select|insert\s+into|update|delete\s+from|merge\s+into|truncate|copy|lock\s+table"
    r"|with\s+(?:recursive\s+)?\w+\s*(?:\(|as\b))\s"
)
PIECE = re.compile(r"\b(?:select|where|on|set|values|using|returning)\b|%\(")


@dataclass(frozen=True)
class Sql:
    """A string where it stands. `named` are the strings that it takes in by a name.

    A beginning is a constant, which may end in the middle of a statement.
    """

    line: int
    text: str
    named: tuple[str, ...] = ()
    is_inside: bool = False
    is_beginning: bool = False

    @property
    def is_statement(self) -> bool:
        return STATEMENT.match(self.text) is not None

    @property
    def is_sql(self) -> bool:
        """Whether it is a statement, a piece of one by its look, or stands inside one."""
        return self.is_inside or self.is_statement or PIECE.search(self.text) is not None


@dataclass
class Module:
    """A file with the strings that it gives names to, of its own or from other modules."""

    tree: ast.Module
    strings: dict[str, str] = field(default_factory=dict)

    @cached_property
    def constants(self) -> set[ast.expr]:
        return {value for node in self.tree.body for _, value in _assigned(node)}


@dataclass
class Sources:
    """The modules below a folder, read once each."""

    root: Path
    _read: dict[Path, Module] = field(default_factory=dict)

    def sql_of(self, path: Path) -> list[Sql]:
        """Everything in the file that is SQL."""
        module = self.module(path)
        return sorted((sql for sql in _strings_of(module) if sql.is_sql), key=lambda sql: sql.line)

    def module(self, path: Path) -> Module:
        if path not in self._read:
            module = self._read[path] = Module(ast.parse(path.read_text("utf-8")))
            for node in module.tree.body:
                self._take_names(path, node, module.strings)
        return self._read[path]

    def _take_names(self, path: Path, node: ast.stmt, strings: dict[str, str]) -> None:
        if isinstance(node, ast.ImportFrom):
            found = self._file(path, node)
            known = self.module(found).strings if found else {}
            strings |= {
                name.asname or name.name: known[name.name] for name in node.names if name.name in known
            }
        for name, value in _assigned(node):
            text = _text_of(value, strings)
            if text is not None:
                strings[name] = text

    def _file(self, path: Path, node: ast.ImportFrom) -> Path | None:
        """The file below the root that the import names."""
        parts = (node.module or "").split(".")
        folder = path.parents[node.level - 1] if node.level else self.root.parent
        file = folder.joinpath(*parts).with_suffix(".py")
        return file if file.is_file() and file.is_relative_to(self.root) and file != path else None


def _assigned(node: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(node, ast.Assign):
        yield from ((target.id, node.value) for target in node.targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
        yield node.target.id, node.value


def _text_of(node: ast.expr, strings: dict[str, str]) -> str | None:
    """The string that an expression makes, as far as the file tells; None if it makes none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return strings.get(name)
        case ast.JoinedStr(values=values):
            return "".join(_text_of(value, strings) or UNKNOWN for value in values)
        case ast.FormattedValue(value=value):
            return _text_of(value, strings)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            parts = [_text_of(left, strings), _text_of(right, strings)]
            return None if parts == [None, None] else "".join(part or UNKNOWN for part in parts)
    return None


def _strings_of(module: Module) -> Iterator[Sql]:
    """Each string that is not part of a longer one, docstrings left out."""
    waiting: list[tuple[ast.AST, bool]] = [(module.tree, False)]
    while waiting:
        node, is_inside = waiting.pop()
        found = _string_at(node, module, is_inside=is_inside)
        if found and not isinstance(node, ast.Name):
            yield found
        is_inside = found.is_sql if found else is_inside
        below = _below(node, is_read=found is not None)
        waiting += [(each, is_inside) for each in below if not _is_docstring(each)]


def _string_at(node: ast.AST, module: Module, *, is_inside: bool) -> Sql | None:
    text = _text_of(node, module.strings) if isinstance(node, ast.expr) else None
    if text is None or not isinstance(node, ast.expr):
        return None
    names = (each.id for each in ast.walk(node) if isinstance(each, ast.Name))
    named = tuple(module.strings[name] for name in names if name in module.strings)
    return Sql(node.lineno, text, named, is_inside, is_beginning=node in module.constants)


def _below(node: ast.AST, *, is_read: bool) -> Iterator[ast.AST]:
    """What to look at next: of a string that was read, only what is worked out inside it."""
    if not is_read:
        yield from ast.iter_child_nodes(node)
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _below(side, is_read=not isinstance(side, ast.Call | ast.IfExp))
    elif isinstance(node, ast.JoinedStr | ast.FormattedValue):
        for child in ast.iter_child_nodes(node):
            yield from _below(child, is_read=isinstance(child, ast.Constant | ast.Name | ast.FormattedValue))


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
