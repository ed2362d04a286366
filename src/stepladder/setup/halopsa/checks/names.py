"""How findings tell a list of names."""

from __future__ import annotations

from collections.abc import Sequence

_SHOWN = 10


def list_some(names: Sequence[str]) -> str:
    """The first of the names, and how many there are more."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
