"""One thing, or some rows of a list: 50 unless asked otherwise (HaloPSA fact 20)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.refusals import not_found

DEFAULT_COUNT = 50
TICKET_PAGE_CAP = 100
OTHER_PAGE_CAP = 1000

_Row = TypeVar("_Row")


def cut(rows: Sequence[_Row], query: Query, *, cap: int) -> tuple[Sequence[_Row], dict[str, Any]]:
    """The rows to show, and what the envelope says about it."""
    envelope: dict[str, Any] = {"record_count": len(rows)}
    if query.flag("pageinate"):
        size = min(cap, max(1, query.integer("page_size") or DEFAULT_COUNT))
        page = max(1, query.integer("page_no") or 1)
        envelope = {"page_no": page, "page_size": size} | envelope
        return rows[(page - 1) * size : page * size], envelope
    count = query.integer("count")
    return rows[: count if count and count > 0 else DEFAULT_COUNT], envelope


def by_id(things: Mapping[int, _Row], rest: str, what: str) -> _Row:
    """The thing that the rest of the path numbers. Raises Refused (404)."""
    found = things.get(int(rest)) if rest.isdecimal() else None
    if found is None:
        raise not_found(what)
    return found
