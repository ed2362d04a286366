"""Lists in parts: what stands behind the last one that was seen, and how many are left behind that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")
LEFT_AT_MOST = 10_000
"""How far what is left is counted: a list may be longer than a person wants to know."""


@dataclass(frozen=True)
class Part(Generic[Row]):
    """A part of a list. `left` are behind it, and none if it is the last part."""

    rows: list[Row]
    left: int
