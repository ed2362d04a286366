"""Reading the trail a page at a time, newest first, with the names of those it tells of beside their ids.

What is hashed and exported names people by id only (`chain`); their names live in the rows of other features, which say
here how they are read (`Source`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

from stepladder.errors import Invalid
from stepladder.kit.db import ActorKind, Transaction
from stepladder.kit.ids import parse_uuid, parse_uuids
from stepladder.remedies import Remedy

LARGEST_PAGE = 200
DEEPEST = 1_000_000
RANGE = "last_([1-9][0-9]{0,3})([hd])"
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
    """A part of the trail, and whether there is more behind it: from where to go on then."""

    events: list[AuditedEvent]
    has_more: bool
    ends_at: str | None = None


@dataclass(frozen=True)
class Place:
    """Where a page ended: the instant of its last event, and the event's own number."""

    at: datetime
    id: int

    @classmethod
    def read(cls, text: str) -> Place:
        """Raises Invalid for what no page ended with."""
        found = _PLACE.fullmatch(text)
        if not found:
            raise Invalid("Go on with the place that the page before said, as it is.")
        return cls(_EPOCH + timedelta(microseconds=int(found[1])), int(found[2]))

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // timedelta(microseconds=1)}-{self.id}"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PLACE = re.compile(r"([0-9]{1,16})-([0-9]{1,18})")
NEWEST = Place(datetime(9999, 1, 1, tzinfo=UTC), 2**63 - 1)
_COLUMNS: LiteralString = "e.id, e.sequence, e.at, e.tag, e.actor_kind, e.actor_id, e.subject, e.facts"
_WHOLE: LiteralString = f"""select {_COLUMNS} from audit_event e
    where e.msp_id = %(msp)s and e.at >= %(since)s and (e.at, e.id) < (%(at)s, %(id)s)
    order by e.at desc, e.id desc limit %(limit)s offset %(offset)s"""  # noqa: S608  # of literals only, as LiteralString proves
# A page of each, and of them all the page: no customer's trail is read further than that.
_OF_CUSTOMERS: LiteralString = f"""select e.* from unnest(%(customers)s::uuid[]) c(id) cross join lateral (
        select {_COLUMNS} from audit_event e
        where e.msp_id = %(msp)s and e.customer_id = c.id and e.at >= %(since)s and (e.at, e.id) < (%(at)s, %(id)s)
        order by e.at desc, e.id desc limit %(deep)s) e
    order by e.at desc, e.id desc limit %(limit)s offset %(offset)s"""  # noqa: S608  # of literals only, as LiteralString proves


@dataclass
class _Row:
    id: int
    sequence: int | None
    at: datetime
    tag: str
    actor_kind: str
    actor_id: str
    subject: str
    facts: dict[str, Any]

    def event(self) -> AuditedEvent:
        told = {name: value for name, value in vars(self).items() if name != "id"}
        return AuditedEvent(**told)


@dataclass(frozen=True)
class Source:
    """What a feature says of its rows, whose ids stand in the trail. Whose an event is, the database writes with it."""

    names: LiteralString
    """A query of `id`, as text, and `name`: of its rows among %(ids)s, or among %(texts)s where an id is no UUID."""


def parse_range(text: str) -> timedelta:
    """How far back `last_90d` or `last_24h` reaches. Raises Invalid."""
    found = re.fullmatch(RANGE, text)
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
        self,
        tx: Transaction,
        *,
        since: datetime,
        page: int = 1,
        size: int,
        after: str = "",
        customers: list[UUID] | None = None,
    ) -> Page:
        """One page of the events since an instant: that of this number, from 1, or the one behind a place.

        `after` is the place where another page ended; going on from there costs the same however far back it is.
        `customers`: only what is about these. Raises Invalid.
        """
        if not 1 <= size <= LARGEST_PAGE:
            raise Invalid(f"A page has between 1 and {LARGEST_PAGE} events.")
        if page < 1 or (page - 1) * size > DEEPEST:
            raise Invalid(
                "Pages are counted from 1. To read further back than this, go on from where a page ended, or export "
                "the trail.",
                remedy=Remedy.AUDIT_EXPORT,
            )
        place = Place.read(after) if after else NEWEST
        rows = await tx.all(
            _Row,
            _WHOLE if customers is None else _OF_CUSTOMERS,
            {
                "msp": tx.msp_id,
                "since": since,
                "at": place.at,
                "id": place.id,
                "customers": customers,
                "offset": (page - 1) * size,
                "limit": size + 1,
                "deep": page * size + 1,
            },
        )
        has_more, rows = len(rows) > size, rows[:size]
        ends_at = str(Place(rows[-1].at, rows[-1].id)) if has_more else None
        return Page(await self._named(tx, [row.event() for row in rows]), has_more, ends_at)

    async def _named(self, tx: Transaction, events: list[AuditedEvent]) -> list[AuditedEvent]:
        ids = set[str]().union(*(event.named_ids() for event in events))
        query = " union all ".join([each.names for each in self.sources])
        rows = await tx.dicts(query, {"ids": parse_uuids(ids), "texts": list(ids)})
        names = {row["id"]: row["name"] for row in rows}
        return [event.named(names) for event in events]
