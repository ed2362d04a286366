"""The one keeper of the `ticket_link` row: which ticket belongs to which subject, what is wanted of it, what was seen.

Every verb that follows a call to the remote is called under the drain's lease. What an intent means, `steps` says.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation

from stepladder.connectors.base import ConnectorError
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId, CustomerId, LinkId, new_id, new_reference
from stepladder.reconcile.policy import Again

from .drift_policy import Drift
from .steps import Desired, Observed

_ERROR_LENGTH = 500


class SubjectKind(StrEnum):
    """What a ticket can be about."""

    ELEVATION_REQUEST = "elevation_request"
    JIT_ACCOUNT = "jit_account"
    TEST = "test"


class Intent(StrEnum):
    """A write to the remote whose outcome is to be known before it is sent again. The value is its column."""

    CREATE = "create_sent_at"
    NOTE = "note_sent_at"
    REMARK = "remark_sent_at"


@dataclass(frozen=True)
class Link:
    """A ticket link's row."""

    id: LinkId
    connection_id: ConnectionId
    subject_kind: SubjectKind
    subject_id: UUID
    customer_id: CustomerId
    reference: str
    desired: Desired
    observed: Observed
    ticket_id: str | None
    create_sent_at: datetime | None
    note_sent_at: datetime | None
    note_seen: bool
    attempts: int
    next_try_at: datetime | None
    needs_attention: bool
    error: str | None
    created_at: datetime
    drift: Drift | None
    drift_detail: str | None
    drift_since: datetime | None
    remark_sent_at: datetime | None
    remark_seen: bool
    has_more: bool = False
    """Whether another link of the same customer is due as well: the customer has a backlog."""

    def sent_at(self, intent: Intent) -> datetime | None:
        """When an intent was written whose outcome is not known yet."""
        found: datetime | None = getattr(self, intent)
        return found


COLUMNS: LiteralString = """id, connection_id, subject_kind, subject_id, customer_id, reference, desired, observed,
    ticket_id, create_sent_at, note_sent_at, note_seen, attempts, next_try_at, needs_attention, error, created_at,
    drift, drift_detail, drift_since, remark_sent_at, remark_seen"""
_CALM: LiteralString = "needs_attention = false, error = null, error_code = null"


async def want(
    tx: Transaction,
    kind: SubjectKind,
    subject_id: UUID,
    customer_id: CustomerId,
    desired: Desired = Desired.OPEN,
    *,
    asker_id: UUID | None = None,
) -> Link | None:
    """Want a ticket for a subject, in the turn of who asked. None where no ticket system is connected.

    A removal at the same time waits for this, or this for it: no link is left behind without its connection.
    """
    return await tx.maybe(
        Link,
        f"""insert into ticket_link (id, msp_id, subject_kind, subject_id, customer_id, connection_id, asker_id, turn,
                                     reference, desired, observed, note_seen, attempts, next_try_at, needs_attention,
                                     created_at)
            select %(id)s, s.msp_id, %(kind)s, %(subject)s, %(customer)s, s.connection_id, %(asker)s,
                   (select count(*) from ticket_link l where l.connection_id = s.connection_id
                    and l.asker_id = %(asker)s and l.next_try_at is not null),
                   %(reference)s, %(desired)s, 'absent', false, 0, %(now)s, false, %(now)s
            from (select connection_id, msp_id from ticket_sweep for key share) s returning {COLUMNS}""",
        {
            "id": new_id(),
            "kind": str(kind),
            "subject": subject_id,
            "customer": customer_id,
            "asker": asker_id,
            "reference": new_reference(),
            "desired": str(desired),
            "now": tx.now,
        },
    )


async def want_each(
    tx: Transaction,
    connection_id: ConnectionId,
    kind: SubjectKind,
    subjects: Sequence[tuple[UUID, CustomerId, UUID]],
) -> None:
    """Want an open ticket for each of these subjects that has none yet, in one statement: id, customer, who asked."""
    await tx.run(
        """insert into ticket_link (id, msp_id, subject_kind, subject_id, customer_id, connection_id, asker_id, turn,
                                    reference, desired, observed, note_seen, attempts, next_try_at, needs_attention,
                                    created_at)
           select w.id, %(msp)s, %(kind)s, w.subject_id, w.customer_id, %(connection)s, w.asker_id,
                  row_number() over (partition by w.asker_id order by w.subject_id) - 1, w.reference, 'open', 'absent',
                  false, 0, %(now)s, false, %(now)s
           from unnest(%(ids)s::uuid[], %(subjects)s::uuid[], %(customers)s::uuid[], %(askers)s::uuid[],
                       %(references)s::text[]) as w(id, subject_id, customer_id, asker_id, reference)
           on conflict do nothing""",
        {
            "msp": tx.msp_id,
            "kind": str(kind),
            "connection": connection_id,
            "ids": [new_id() for _ in subjects],
            "subjects": [subject for subject, _, _ in subjects],
            "customers": [customer for _, customer, _ in subjects],
            "askers": [asker for _, _, asker in subjects],
            "references": [new_reference() for _ in subjects],
            "now": tx.now,
        },
    )


async def want_closed(
    tx: Transaction, kind: SubjectKind, subject_ids: Collection[UUID]
) -> ConnectionId | None:
    """Want the tickets of these subjects closed. Returns where they are, None where there is nothing to do.

    While a create's outcome is unknown the link keeps its own time: looking earlier would find nothing new.
    """
    found: ConnectionId | None = await tx.scalar(
        """update ticket_link set desired = 'closed', attempts = 0,
               next_try_at = case when observed = 'absent' and create_sent_at is not null
                                  then coalesce(next_try_at, %(now)s) else %(now)s end
           where msp_id = %(msp)s and subject_kind = %(kind)s and subject_id = any(%(ids)s)
             and observed not in ('closed', 'gone')
           returning connection_id""",
        {"msp": tx.msp_id, "kind": str(kind), "ids": list(subject_ids), "now": tx.now},
    )
    return found


async def find(tx: Transaction, link_id: LinkId) -> Link | None:
    """One link."""
    return await tx.maybe(Link, f"select {COLUMNS} from ticket_link where id = %(id)s", {"id": link_id})


async def withdraw(tx: Transaction, kind: SubjectKind, subject_id: UUID) -> bool:
    """Want no ticket (any more), where none was opened yet and none is being opened; false where there may be one."""
    return bool(
        await tx.run(
            """delete from ticket_link where msp_id = %(msp)s and subject_kind = %(kind)s and subject_id = %(id)s
               and observed = 'absent' and create_sent_at is null""",
            {"msp": tx.msp_id, "kind": str(kind), "id": subject_id},
        )
    )


async def hold(tx: Transaction, link_id: LinkId) -> Link | None:
    """One link, as it is until the transaction ends: nobody withdraws it while its next step is intended."""
    return await tx.maybe(
        Link, f"select {COLUMNS} from ticket_link where id = %(id)s for no key update", {"id": link_id}
    )


async def intend(tx: Transaction, link_id: LinkId, intent: Intent, *, look_at: datetime) -> None:
    """A write is about to be sent. Should nothing more be heard of it, look for it at `look_at`."""
    await _set(tx, link_id, _COLUMN[intent] + " = %(now)s, next_try_at = %(later)s", {"later": look_at})


async def keep_intent(tx: Transaction, link_id: LinkId, intent: Intent) -> None:
    """The write may have happened, until now."""
    await _set(tx, link_id, _COLUMN[intent] + " = %(now)s")


async def take_back(tx: Transaction, link_id: LinkId, intent: Intent) -> None:
    """The write certainly did nothing: it may be sent again, and nothing has to be looked for."""
    await _set(tx, link_id, _COLUMN[intent] + " = null, next_try_at = %(now)s")


async def wait_until(tx: Transaction, link_id: LinkId, at: datetime) -> None:
    """Do nothing more before then."""
    await _set(tx, link_id, "next_try_at = %(later)s", {"later": at})


async def rest(tx: Transaction, link: Link) -> None:
    """Nothing is to be done, while nothing else is wanted: a decision may have been committed since it was read."""
    await tx.run(
        f"""update ticket_link set next_try_at = null, {_CALM}
            where id = %(id)s and desired = %(desired)s and observed = %(observed)s""",
        {"id": link.id, "desired": str(link.desired), "observed": str(link.observed)},
    )


class AlreadyLinked(Exception):
    """The ticket belongs to another subject."""


async def note_opened(tx: Transaction, link_id: LinkId, ticket_id: str) -> bool:
    """The ticket is there. True where it is to be closed at once: the wish may have changed while we were away.

    Raises AlreadyLinked, which undoes the transaction: a ticket of two subjects would be closed for either.
    """
    try:
        is_due = await tx.scalar(
            f"""update ticket_link set observed = 'open', ticket_id = %(ticket)s, opened_at = %(now)s, attempts = 0,
                    {_CALM}, next_try_at = case when desired = 'closed' then %(now)s::timestamptz end
                where id = %(id)s returning next_try_at is not null""",
            {"id": link_id, "ticket": ticket_id, "now": tx.now},
        )
    except UniqueViolation as error:
        raise AlreadyLinked from error
    return bool(is_due)


async def note_noted(tx: Transaction, link_id: LinkId) -> None:
    """The closing note is on the ticket."""
    await _set(tx, link_id, "note_seen = true, next_try_at = %(now)s")


async def note_closed(tx: Transaction, link_id: LinkId) -> None:
    """The ticket is closed, with its note."""
    await _set(
        tx,
        link_id,
        f"observed = 'closed', note_seen = true, closed_at = %(now)s, attempts = 0, next_try_at = null, {_CALM}",
    )


async def note_remarked(tx: Transaction, link_id: LinkId) -> None:
    """The remark is on the ticket."""
    wish = "next_try_at = case when desired = 'closed' then next_try_at end"
    await _set(tx, link_id, f"remark_seen = true, attempts = 0, {_CALM}, {wish}")


async def note_failure(
    tx: Transaction, link: Link, error: ConnectorError, again: Again, *, is_gone: bool
) -> None:
    """A step failed; where the ticket `is_gone`, nothing more is tried."""
    await tx.run(
        """update ticket_link set attempts = attempts + 1, needs_attention = %(attention)s, error_code = %(code)s,
               error = %(message)s, observed = case when %(gone)s then 'gone' else observed end,
               next_try_at = case when not %(gone)s then %(now)s + make_interval(secs => %(wait)s) end
           where id = %(id)s""",
        {
            "attention": again.needs_person,
            "code": error.code,
            "message": error.message[:_ERROR_LENGTH],
            "gone": is_gone,
            "now": tx.now,
            "wait": again.seconds,
            "id": link.id,
        },
    )


async def note_drift(
    tx: Transaction,
    link_id: LinkId,
    drift: Drift | None,
    detail: str | None = None,
    *,
    is_there: bool,
    remark_at: datetime | None = None,
) -> bool:
    """What people did to the ticket; false where it is wanted closed meanwhile, and closed like every other."""
    changed = await tx.run(
        """update ticket_link set drift = %(drift)s, drift_detail = %(detail)s, drift_since = %(since)s,
               observed = case when %(there)s and observed = 'gone' then 'open' else observed end,
               next_try_at = least(next_try_at, %(remark_at)s)
           where id = %(id)s and desired = 'open'""",
        {
            "id": link_id,
            "drift": drift and str(drift),
            "detail": detail,
            "since": tx.now if drift else None,
            "there": is_there,
            "remark_at": remark_at,
        },
    )
    return bool(changed)


async def end_drift(tx: Transaction, link_id: LinkId) -> None:
    """The ticket is as it was, before anything was said."""
    wish = "next_try_at = case when desired = 'closed' then next_try_at end"
    await _set(tx, link_id, f"drift = null, drift_since = null, {wish}")


async def note_mended(tx: Transaction, link_id: LinkId) -> None:
    """Its fields were put back once more."""
    await _set(tx, link_id, "mended = mended + 1")


async def make_due(tx: Transaction, connection_id: ConnectionId) -> int:
    """Have everything that is pending tried now; returns how many links.

    While a write's outcome is unknown its link keeps its time: looking earlier would find nothing new.
    """
    return await tx.run(
        """update ticket_link set next_try_at = %(now)s, attempts = 0
           where connection_id = %(id)s and next_try_at > %(now)s
             and not (observed = 'absent' and create_sent_at is not null)
             and not (observed = 'open' and note_sent_at is not null and not note_seen)
             and not (observed = 'open' and desired = 'open' and remark_sent_at is not null and not remark_seen)""",
        {"now": tx.now, "id": connection_id},
    )


async def make_customers_due(
    tx: Transaction, connection_id: ConnectionId, customers: Collection[CustomerId]
) -> None:
    """What was pending for these customers can go on now."""
    await tx.run(
        """update ticket_link set next_try_at = %(now)s, needs_attention = false, attempts = 0
           where connection_id = %(connection)s and customer_id = any(%(customers)s) and next_try_at is not null""",
        {"now": tx.now, "connection": connection_id, "customers": list(customers)},
    )


async def doubt_all(tx: Transaction) -> int:
    """What this row knows may be old: look for the ticket, the note and the remark before one is made again.

    Each counts as sent long ago, so a look that finds nothing is believed. Returns how many links.
    """
    return await tx.run(
        """update ticket_link set next_try_at = %(now)s, attempts = 0,
               create_sent_at = case when observed = 'absent' then coalesce(create_sent_at, created_at) end,
               note_sent_at = case when observed = 'open' then coalesce(note_sent_at, created_at) end,
               remark_sent_at = case when observed = 'open' then coalesce(remark_sent_at, created_at) end
           where msp_id = %(msp)s and observed in ('absent', 'open') and subject_kind <> 'test'""",
        {"msp": tx.msp_id, "now": tx.now},
    )


async def has_live(tx: Transaction, connection_id: ConnectionId) -> bool:
    """Whether a ticket there may be open that is ours. A test that has ended may stay open: nobody needs it."""
    return bool(
        await tx.scalar(
            """select exists (select from ticket_link where connection_id = %(id)s
                   and (subject_kind <> 'test' or next_try_at is not null)
                   and (observed = 'open' or (observed = 'absent' and create_sent_at is not null)))""",
            {"id": connection_id},
        )
    )


async def remove_all(tx: Transaction, connection_id: ConnectionId) -> None:
    """Forget which tickets there are ours."""
    await tx.run("delete from ticket_link where connection_id = %(id)s", {"id": connection_id})


_COLUMN: dict[Intent, LiteralString] = {
    Intent.CREATE: "create_sent_at",
    Intent.NOTE: "note_sent_at",
    Intent.REMARK: "remark_sent_at",
}


async def _set(
    tx: Transaction, link_id: LinkId, assignments: LiteralString, values: dict[str, datetime] | None = None
) -> None:
    await tx.run(
        # Literals of this module only, which the type checker sees.
        "update ticket_link set " + assignments + " where id = %(id)s",
        {"id": link_id, "now": tx.now, **(values or {})},
    )
