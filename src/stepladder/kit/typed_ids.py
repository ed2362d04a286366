"""Ids as people type them: whole, or as many of the first characters as tell one from the others."""

from __future__ import annotations

import re
from typing import LiteralString
from uuid import UUID

from stepladder.errors import Conflict

from .db import Transaction

FEWEST = 4
"""Characters that a beginning of an id has: with fewer, it would often be another one's by chance."""
_DIGITS = 32


class IdAmbiguous(Conflict):
    """What was typed is the beginning of several ids, and none of them is guessed."""

    code = "id_ambiguous"
    sentence = "More than one id begins like that. Type more of its characters."


async def find_typed(tx: Transaction, ids_between: LiteralString, text: str) -> UUID | None:
    """The one id that begins with `text`, of at least four characters; None where there is none.

    `ids_between` selects the ids that may be meant, from %(first)s to %(last)s. Raises IdAmbiguous.
    """
    span = _span(text)
    if span is None:
        return None
    rows = await tx.dicts(ids_between + " limit 2", {"first": span[0], "last": span[1]})
    if len(rows) > 1:
        raise IdAmbiguous
    found: UUID | None = rows[0]["id"] if rows else None
    return found


def _span(text: str) -> tuple[UUID, UUID] | None:
    """The first and the last id that begin like that; None where no id can."""
    digits = text.strip().lower().replace("-", "")
    if not re.fullmatch(f"[0-9a-f]{{{FEWEST},{_DIGITS}}}", digits):
        return None
    return UUID(digits.ljust(_DIGITS, "0")), UUID(digits.ljust(_DIGITS, "f"))
