"""Writing the trail, sealing it behind the writers, reading it back.

An event is written in the transaction of what it tells of, unchained, so writers never wait for each other.
One sealer per MSP gives events their sequence and link soon after; what was written and not yet sealed is a
number that people see. An event that commits late is sealed late: its place is the order of sealing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from stepladder.kit.db import Actor, Database, Transaction, jsonb

from .chain import START, Event, Head, Sealed, follow, leaf_of, link_of
from .tags import Tag

SEAL_AT_ONCE = 1000
READ_AT_ONCE = 1000

INSERT_EVENT = """insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
    values (%(msp_id)s, %(at)s, %(tag)s, %(actor_kind)s, %(actor_id)s, %(subject)s, %(facts)s, %(leaf)s)"""


def event_params(
    actor: Actor, tag: Tag, subject: UUID | str, facts: dict[str, Any], now: datetime
) -> dict[str, Any]:
    """The parameters of an event's insert, for statements that write it together with other rows."""
    event = Event(actor.msp_id, now, tag, actor.kind, actor.id, str(subject), facts)
    return {
        "msp_id": actor.msp_id,
        "at": now,
        "tag": str(tag),
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "subject": str(subject),
        "facts": jsonb(facts),
        "leaf": leaf_of(event),
    }


async def record(
    tx: Transaction, tag: Tag, subject: UUID | str, actor: Actor | None = None, **facts: Any
) -> None:
    """Write one event in `tx`. `facts` must be plain JSON and must hold no secret and no person's name."""
    await tx.run(INSERT_EVENT, event_params(actor or tx.actor, tag, subject, facts, tx.now))


@dataclass(frozen=True)
class Entry:
    """What an event says, where many are written at once."""

    tag: Tag
    subject: UUID
    facts: Mapping[str, Any] = field(default_factory=dict)


async def record_each(tx: Transaction, entries: Sequence[Entry]) -> None:
    """Write many events in `tx`, in this order and in one statement."""
    written = [event_params(tx.actor, one.tag, one.subject, dict(one.facts), tx.now) for one in entries]
    await tx.run(
        """insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
           select %(msp)s, %(now)s, e.tag, %(kind)s, %(actor)s, e.subject, e.facts, e.leaf
           from unnest(%(tag)s::text[], %(subject)s::text[], %(facts)s::jsonb[], %(leaf)s::bytea[]) with ordinality
                as e(tag, subject, facts, leaf, place) order by e.place""",
        {
            "msp": tx.msp_id,
            "now": tx.now,
            "kind": str(tx.actor.kind),
            "actor": tx.actor.id,
            **{name: [each[name] for each in written] for name in ("tag", "subject", "facts", "leaf")},
        },
    )


@dataclass
class _Unsealed:
    id: int
    leaf: bytes


@dataclass
class _HeadRow:
    sequence: int
    link: bytes


async def head_of(tx: Transaction) -> Head:
    """The present end of the MSP's chain."""
    row = await tx.maybe(
        _HeadRow,
        """select sequence, link from audit_event
           where msp_id = %(msp)s and sequence is not null order by sequence desc limit 1""",
        {"msp": tx.msp_id},
    )
    return Head(row.sequence, bytes(row.link)) if row else START


async def seal(db: Database, actor: Actor) -> int:
    """Chain the MSP's events that are not chained yet; returns how many. Another sealer at work means 0."""
    total = 0
    while True:
        async with db.transaction(actor) as tx:
            sealed = await _seal_some(tx)
        total += sealed
        if sealed < SEAL_AT_ONCE:
            return total


async def _seal_some(tx: Transaction) -> int:
    lock = "select pg_try_advisory_xact_lock(hashtextextended('stepladder.audit.' || %(msp)s::text, 0))"
    if not await tx.scalar(lock, {"msp": tx.msp_id}):
        return 0
    head = await head_of(tx)
    rows = await tx.all(
        _Unsealed,
        """select id, leaf from audit_event where msp_id = %(msp)s and sequence is null
           order by id limit %(limit)s""",
        {"msp": tx.msp_id, "limit": SEAL_AT_ONCE},
    )
    links, previous = [], head.link
    for row in rows:
        previous = link_of(previous, bytes(row.leaf))
        links.append(previous)
    await tx.run(
        """update audit_event e set sequence = n.sequence, link = n.link
           from unnest(%(ids)s::bigint[], %(sequences)s::bigint[], %(links)s::bytea[])
                as n(id, sequence, link)
           where e.id = n.id""",
        {
            "ids": [row.id for row in rows],
            "sequences": list(range(head.sequence + 1, head.sequence + 1 + len(rows))),
            "links": links,
        },
    )
    return len(rows)


@dataclass
class _EventRow:
    sequence: int
    msp_id: UUID
    at: datetime
    tag: str
    actor_kind: str
    actor_id: str
    subject: str
    facts: dict[str, Any]
    leaf: bytes
    link: bytes

    def sealed(self) -> Sealed:
        event = Event(
            self.msp_id, self.at, self.tag, self.actor_kind, self.actor_id, self.subject, self.facts
        )
        return Sealed(self.sequence, event, bytes(self.leaf), bytes(self.link))


async def read(db: Database, actor: Actor, after: int = 0) -> AsyncIterator[list[Sealed]]:
    """The sealed trail in order, in batches, from behind `after` to its present end."""
    while True:
        async with db.transaction(actor) as tx:
            rows = await tx.all(
                _EventRow,
                """select sequence, msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf, link
                   from audit_event where msp_id = %(msp)s and sequence > %(after)s
                   order by sequence limit %(limit)s""",
                {"msp": actor.msp_id, "after": after, "limit": READ_AT_ONCE},
            )
        if not rows:
            return
        after = rows[-1].sequence
        yield [row.sealed() for row in rows]


class Comparison(Protocol):
    """What the chain is compared with while it is followed (`heads.Marks`)."""

    def compare(self, sequence: int, link: bytes) -> None:
        """Raises ChainBroken where this place is to have another link."""
        ...

    def need_reached(self, head: Head) -> None:
        """Raises ChainBroken where the chain ends too early."""
        ...


async def verify(db: Database, actor: Actor, marks: Comparison | None = None) -> Head:
    """Seal what is open, then follow the whole chain. Raises ChainBroken at the first bad place."""
    await seal(db, actor)
    head = START
    async for batch in read(db, actor):
        head = follow(batch, head)
        if marks:
            for sealed in batch:
                marks.compare(sealed.sequence, sealed.link)
    if marks:
        marks.need_reached(head)
    return head
