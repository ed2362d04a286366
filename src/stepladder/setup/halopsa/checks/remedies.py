"""What several findings advise, and how a list of names is told."""

from __future__ import annotations

from collections.abc import Sequence

WITH_CREDENTIAL = "Give a stronger credential to see it: --client-id, and its secret."
SET_UP = "Run: stepladder halopsa setup"
NEW_KEY = "Run: stepladder halopsa setup --new-key"
SELF_TEST = "Run: stepladder halopsa check --self-test"
_SHOWN = 10


def some(names: Sequence[str]) -> str:
    """The first of the names, and how many there are more."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
