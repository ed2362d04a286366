"""Reading the trail a page at a time, newest first, with the names of those it tells of beside their ids.

What is hashed and exported names people by id only (`chain`); their names live in the rows of other features, which say
here how they are read (`Source`).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from stepladder.errors import Invalid
from stepladder.kit.db import ActorKind, Transaction
from stepladder.kit.ids import parse_uuid
from stepladder.remedies import Remedy

LARGEST_PAGE = 200
DEEPEST = 1_000_000
_RANGE = re.compile(r"last_([1-9][0-9]{0,3})([hd])")
_LONGEST_RANGE = timedelta(days=3660)
_NAMED_ACTORS = (ActorKind.TECHNICIAN, ActorKind.ENDPOINT, ActorKind.INBOUND_KEY)


@dataclass(frozen=True)
class AuditedEvent:
    """An event with the names of its actor and its subject, where they have any. Not sealed yet: no sequence."""

    sequence: int | None
    at: datetime
    tag: str
    actor_kind: str
    actor_id: str
    subject: str
    facts: dict[str, Any]
    actor_name: str | None = None
    subject_name: str | None = None

    def named_ids(self) -> set[str]:
        """The ids in it that may have a name."""
        actor = {self.actor_id} if self.actor_kind in _NAMED_ACTORS else set()
        return actor | ({self.subject} if parse_uuid(self.subject) else set())

    def named(self, names: Mapping[str, str]) -> AuditedEvent:
        """The event with its names."""
        known = {each: names.get(each) for each in self.named_ids()}
        return replace(self, actor_name=known.get(self.actor_id), subject_name=known.get(self.subject))


@dataclass(frozen=True)
class Page:
    """A part of the trail, and whether there is more behind it."""

    events: list[AuditedEvent]
    has_more: bool


@dataclass(frozen=True)
class Source:
    """What a feature says of its rows, whose ids stand in the trail."""

    name_each: Callable[[Transaction, Collection[str]], Awaitable[Mapping[str, str]]]
    """The names of those of the ids that are its own."""
    about_customers: LiteralString | None = None
    """A query of the ids, as text, of its rows about %(customers)s. It may leave out what was over before %(since)s.

    A query and no function, because there can be hundreds of thousands of them: the trail is read by it where it lies.
    """


def parse_range(text: str) -> timedelta:
    """How far back `last_90d` or `last_24h` reaches. Raises Invalid."""
    found = _RANGE.fullmatch(text)
    length = timedelta(0)
    if found:
        length = timedelta(hours=int(found[1])) if found[2] == "h" else timedelta(days=int(found[1]))
    if not timedelta(0) < length <= _LONGEST_RANGE:
        raise Invalid(
            'The range is "last_" and a number with h for hours or d for days, such as "last_24h" or "last_90d", of '
            "ten years at most."
        )
    return length


@dataclass(frozen=True)
class Trail:
    """The use case, with the features whose rows the trail tells of."""

    sources: Sequence[Source]

    async def page_of(
        self, tx: Transaction, *, since: datetime, page: int, size: int, customers: list[UUID] | None = None
    ) -> Page:
        """One page, counted from 1, of the events since an instant. `customers`: only what is about these.

        Raises Invalid.
        """
        if not 1 <= size <= LARGEST_PAGE:
            raise Invalid(f"A page has between 1 and {LARGEST_PAGE} events.")
        if page < 1 or (page - 1) * size > DEEPEST:
            raise Invalid(
                "Pages are counted from 1. To read further back than this, export the trail.",
                remedy=Remedy.AUDIT_EXPORT,
            )
        about = [each.about_customers for each in self.sources if each.about_customers]
        rows = await tx.all(
            AuditedEvent,
            """select e.sequence, e.at, e.tag, e.actor_kind, e.actor_id, e.subject, e.facts from audit_event e
               where e.msp_id = %(msp)s and e.at >= %(since)s
                 and (%(customers)s::uuid[] is null
                      or e.facts->>'customer_id' = any(%(customers)s::uuid[]::text[])
                      or e.subject in ("""  # noqa: S608  # of literals only, as LiteralString proves
            + " union all ".join(["select unnest(%(customers)s::uuid[])::text", *about])
            + """))
               order by e.at desc, e.id desc limit %(limit)s offset %(offset)s""",
            {
                "msp": tx.msp_id,
                "since": since,
                "customers": customers,
                "limit": size + 1,
                "offset": (page - 1) * size,
            },
        )
        return Page(await self._named(tx, rows[:size]), len(rows) > size)

    async def _named(self, tx: Transaction, events: list[AuditedEvent]) -> list[AuditedEvent]:
        ids = set[str]().union(*(event.named_ids() for event in events))
        names: dict[str, str] = {}
        for source in self.sources:
            names |= await source.name_each(tx, ids)
        return [event.named(names) for event in events]
