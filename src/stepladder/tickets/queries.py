"""Rows of tickets: connectors, links, mappings, remembered look-ups. Statements only; no rule, no HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from stepladder.connectors.base import LookupEntry
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectorId, CustomerId, RequestId
from stepladder.reconcile.budget import Bucket, Wait, spare, take

DUE_AT_ONCE = 20


class LeaseLost(Exception):
    """Another worker drains this instance now; whatever this one wanted to write is not written."""


@dataclass(frozen=True)
class Connector:
    """A connector's row."""

    id: ConnectorId
    kind: str
    settings: dict[str, Any]
    sealed_secret: bytes
    is_enabled: bool
    call_budget: int
    paused_until: datetime | None
    failures: int
    needs_attention: bool
    error: str | None
    mapped_at: datetime | None
    drift_due_at: datetime | None
    drift_cursor: datetime | None
    drift_whole_at: datetime | None
    drift_error: str | None


@dataclass(frozen=True)
class Link:
    """A ticket link's row."""

    request_id: RequestId
    customer_id: CustomerId
    reference: str
    desired: str
    observed: str
    ticket_id: str | None
    create_sent_at: datetime | None
    note_sent_at: datetime | None
    note_seen: bool
    attempts: int
    needs_attention: bool
    drift: str | None
    drift_detail: str | None
    drift_since: datetime | None
    remark_sent_at: datetime | None
    remark_seen: bool
    has_more: bool = False
    """Whether another link of the same customer is due as well: the customer has a backlog."""


@dataclass(frozen=True)
class Mapping:
    """A customer's mapping, also of one that has none yet, or is deleted."""

    customer_id: CustomerId
    state: str
    how: str | None
    remote_id: str | None
    remote_name: str | None
    checked_at: datetime | None
    is_deleted: bool


_CONNECTOR = """select id, kind, settings, sealed_secret, is_enabled, call_budget, paused_until, failures,
                       needs_attention, error, mapped_at, drift_due_at, drift_cursor, drift_whole_at,
                       drift_error from psa_connector"""
_LINK: LiteralString = """select request_id, customer_id, reference, desired, observed, ticket_id, create_sent_at,
                                 note_sent_at, note_seen, attempts, needs_attention, drift, drift_detail, drift_since,
                                 remark_sent_at, remark_seen from ticket_link"""


async def connector(tx: Transaction) -> Connector | None:
    """The MSP's connector, if it has one."""
    return await tx.maybe(Connector, _CONNECTOR)


async def lock_connecting(tx: Transaction) -> None:
    """Wait for the MSP's requests that are being submitted; those that come now wait until this transaction ends."""
    await tx.run("select from msp where id = %(msp)s for update", {"msp": tx.msp_id})


async def take_lease(tx: Transaction, connector_id: ConnectorId) -> int | None:
    """A fence number above every earlier one. Writers with a lower one are refused from now on."""
    fence: int | None = await tx.scalar(
        "update psa_connector set drain_fence = drain_fence + 1 where id = %(id)s returning drain_fence",
        {"id": connector_id},
    )
    return fence


async def hold_lease(tx: Transaction, connector_id: ConnectorId, fence: int) -> None:
    """Lock the lease for this transaction. Raises LeaseLost."""
    held = await tx.scalar(
        "select true from psa_connector where id = %(id)s and drain_fence = %(fence)s and is_enabled for share",
        {"id": connector_id, "fence": fence},
    )
    if not held:
        raise LeaseLost


@dataclass
class _BucketRow:
    tokens: float
    tokens_at: datetime
    call_budget: int


@dataclass(frozen=True)
class NoCall:
    """No call now: the seconds until there is one for who asked, and for somebody without a backlog."""

    seconds: float
    for_others: float


async def take_call(
    tx: Transaction, connector_id: ConnectorId, fence: int, *, leaves_spare: bool
) -> NoCall | None:
    """Take one call, or learn how long to wait for one. A backlog leaves the spare. Raises LeaseLost."""
    row = await tx.maybe(
        _BucketRow,
        """select tokens, tokens_at, call_budget from psa_connector
           where id = %(id)s and drain_fence = %(fence)s and is_enabled for update""",
        {"id": connector_id, "fence": fence},
    )
    if row is None:
        raise LeaseLost
    bucket, budget = Bucket(row.tokens, row.tokens_at), row.call_budget
    taken = take(bucket, budget, tx.now, leaving=spare(budget) if leaves_spare else 0.0)
    await tx.run(
        "update psa_connector set tokens = %(tokens)s, tokens_at = %(at)s where id = %(id)s",
        {"tokens": taken.bucket.tokens, "at": taken.bucket.at, "id": connector_id},
    )
    if not isinstance(taken, Wait):
        return None
    without = take(bucket, budget, tx.now)
    return NoCall(taken.seconds, without.seconds if isinstance(without, Wait) else 0.0)


async def due_links(tx: Transaction, connector_id: ConnectorId, *, after: CustomerId | None) -> list[Link]:
    """One due link per customer, in turn from behind `after` on: a backlog never stands before another's first."""
    return await tx.all(
        Link,
        """select l.request_id, l.customer_id, l.reference, l.desired, l.observed, l.ticket_id, l.create_sent_at,
                  l.note_sent_at, l.note_seen, l.attempts, l.needs_attention, l.drift, l.drift_detail, l.drift_since,
                  l.remark_sent_at, l.remark_seen,
                  exists (select from ticket_link m where m.connector_id = %(connector)s and m.customer_id = c.id
                               and m.next_try_at <= %(now)s and m.request_id <> l.request_id) as has_more
           from customer c cross join lateral (
               select * from ticket_link
               where connector_id = %(connector)s and customer_id = c.id and next_try_at <= %(now)s
               order by next_try_at limit 1) l
           order by c.id > %(after)s desc, c.id limit %(limit)s""",
        {"connector": connector_id, "now": tx.now, "limit": DUE_AT_ONCE, "after": after or UUID(int=0)},
    )


async def make_due(tx: Transaction, connector_id: ConnectorId) -> int:
    """Have everything that waits tried now; gives how many links.

    While a write's outcome is unknown its link keeps its time: looking earlier would find nothing new.
    """
    return await tx.run(
        """update ticket_link set next_try_at = %(now)s, attempts = 0
           where connector_id = %(id)s and next_try_at > %(now)s
             and not (observed = 'absent' and create_sent_at is not null)
             and not (observed = 'open' and note_sent_at is not null and not note_seen)
             and not (observed = 'open' and desired = 'open' and remark_sent_at is not null and not remark_seen)""",
        {"now": tx.now, "id": connector_id},
    )


async def link(tx: Transaction, request_id: RequestId) -> Link | None:
    """One link."""
    return await tx.maybe(Link, f"{_LINK} where request_id = %(id)s", {"id": request_id})


async def mapping(tx: Transaction, customer_id: CustomerId) -> Mapping | None:
    """One customer's mapping."""
    return await tx.maybe(
        Mapping,
        """select c.id as customer_id, coalesce(m.state, 'unmapped') as state, m.how, m.remote_id, m.remote_name,
                  m.checked_at, c.deleted_at is not null as is_deleted
           from customer c left join customer_mapping m on m.customer_id = c.id where c.id = %(id)s""",
        {"id": customer_id},
    )


async def forget_lookups(
    tx: Transaction, connector_id: ConnectorId, kinds: tuple[str, ...] | None = None
) -> None:
    """Forget what was looked up of these kinds, or everything."""
    await tx.run(
        """delete from connector_lookup
           where connector_id = %(id)s and (%(kinds)s::text[] is null or kind = any(%(kinds)s))""",
        {"id": connector_id, "kinds": list(kinds) if kinds else None},
    )


class DatabaseLookups:
    """The look-up store of one connector, in the database."""

    def __init__(self, db: Database, actor: Actor, connector_id: ConnectorId, clock: Clock) -> None:
        self._db, self._actor, self._id, self._clock = db, actor, connector_id, clock

    async def get(self, kind: str, name: str) -> LookupEntry | None:
        async with self._db.transaction(self._actor) as tx:
            return await tx.maybe(
                LookupEntry,
                """select remote_id, fetched_at from connector_lookup
                   where connector_id = %(id)s and kind = %(kind)s and name = %(name)s""",
                {"id": self._id, "kind": kind, "name": name},
            )

    async def put(self, kind: str, name: str, remote_id: str | None) -> None:
        async with self._db.transaction(self._actor) as tx:
            await tx.run(
                """insert into connector_lookup (connector_id, kind, name, msp_id, remote_id, fetched_at)
                   values (%(id)s, %(kind)s, %(name)s, %(msp)s, %(remote)s, %(now)s)
                   on conflict (connector_id, kind, name)
                   do update set remote_id = excluded.remote_id, fetched_at = excluded.fetched_at""",
                {
                    "id": self._id,
                    "kind": kind,
                    "name": name,
                    "msp": tx.msp_id,
                    "remote": remote_id,
                    "now": self._clock.now(),
                },
            )

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        async with self._db.transaction(self._actor) as tx:
            await forget_lookups(tx, self._id, kinds)
