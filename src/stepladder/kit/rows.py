"""Rows as the classes that are asked for: text that a class has as an enum comes back as that enum.

A class says so once, by its annotations, so that no caller converts and none compares with a text.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import cache, partial
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from psycopg.rows import BaseRowFactory, class_row, kwargs_row

Row = TypeVar("Row")
_Convert = Callable[[Any], Any]


def row_of(kind: type[Row]) -> BaseRowFactory[Row]:
    """The factory of rows of a class. A text that its enum does not know raises ValueError: the schema forbids it."""
    enums = _enums_of(kind)  # type: ignore[arg-type]  # a class is hashable, which its checker does not see
    return kwargs_row(partial(_build, kind, enums)) if enums else class_row(kind)


def _build(kind: type[Row], enums: dict[str, _Convert], /, **values: Any) -> Row:
    for name, convert in enums.items():
        if values.get(name) is not None:
            values[name] = convert(values[name])
    return kind(**values)


@cache
def _enums_of(kind: Any) -> dict[str, _Convert]:
    found = {name: _converter(hint) for name, hint in get_type_hints(kind).items()}
    return {name: convert for name, convert in found.items() if convert}


def _converter(hint: Any) -> _Convert | None:
    """How a column becomes an enum or a list of them; None where it stays as it is. Optional ones count too."""
    for each in (hint, *get_args(hint)):
        if get_origin(each) is list:
            inner = get_args(each)[0]
            return partial(_convert_each, inner) if _is_enum(inner) else None
        if _is_enum(each):
            return each  # type: ignore[no-any-return]  # a class, which is called with the text
    return None


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _convert_each(kind: type[Enum], texts: list[str]) -> list[Enum]:
    return [kind(text) for text in texts]
