"""A small memory of what was true lately. What falls out of it is only looked up again."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Name = TypeVar("Name", bound=Hashable)
Value = TypeVar("Value")
_MOST = 10_000


class Recent(Generic[Name, Value]):
    """The values that were kept last, by name; never more than `most`."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._values: dict[Name, Value] = {}

    def get(self, name: Name) -> Value | None:
        return self._values.get(name)

    def keep(self, name: Name, value: Value) -> None:
        self._values.pop(name, None)
        self._values[name] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
