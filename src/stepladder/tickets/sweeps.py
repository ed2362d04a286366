"""The row of a ticket sweep, and the tickets that it watches. Statements only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId

from .drift_policy import Watched

WATCHED_AT_MOST = 20_000


@dataclass(frozen=True)
class Sweep:
    """How far the sweep of one instance has looked, and when it looks again."""

    due_at: datetime | None
    cursor: datetime | None
    whole_at: datetime | None
    error: str | None


async def create(tx: Transaction, connection_id: ConnectionId) -> None:
    """From now on tickets are opened there, and looked at."""
    await tx.run(
        "insert into ticket_sweep (connection_id, msp_id) values (%(id)s, %(msp)s)",
        {"id": connection_id, "msp": tx.msp_id},
    )


async def find(tx: Transaction, connection_id: ConnectionId) -> Sweep | None:
    """How far it has looked."""
    return await tx.maybe(
        Sweep,
        "select due_at, cursor, whole_at, error from ticket_sweep where connection_id = %(id)s",
        {"id": connection_id},
    )


async def finish(
    tx: Transaction,
    connection_id: ConnectionId,
    *,
    due_at: datetime,
    cursor: datetime | None,
    whole_at: datetime | None,
    error: str | None,
) -> None:
    """A sweep has ended; `whole_at` where it looked at all tickets."""
    await tx.run(
        """update ticket_sweep set due_at = %(due)s, cursor = %(cursor)s, error = %(error)s,
               whole_at = coalesce(%(whole)s, whole_at) where connection_id = %(id)s""",
        {"due": due_at, "cursor": cursor, "whole": whole_at, "error": error, "id": connection_id},
    )


async def put_off(
    tx: Transaction, connection_id: ConnectionId, *, due_at: datetime, error: str | None
) -> None:
    """A sweep did not get through. Without a new error the one before stays."""
    await tx.run(
        """update ticket_sweep set error = coalesce(%(error)s, error), due_at = %(due)s
           where connection_id = %(id)s""",
        {"error": error, "due": due_at, "id": connection_id},
    )


async def list_watched(
    tx: Transaction, connection_id: ConnectionId, *, opened_before: datetime
) -> list[Watched]:
    """The tickets whose requests are pending, in the order of their requests."""
    return await tx.all(
        Watched,
        """select l.id as link_id, r.id as request_id, l.customer_id, l.ticket_id, l.observed, l.drift, l.drift_detail,
                  l.remark_seen, l.mended, r.customer_label, m.remote_id, m.remote_name, m.state as mapping
           from ticket_link l
           join elevation_request r on r.id = l.subject_id
           left join customer_mapping m on m.customer_id = l.customer_id
           where l.connection_id = %(connection)s and l.desired = 'open' and l.ticket_id is not null
             and l.subject_kind = 'elevation_request' and l.opened_at <= %(before)s
           order by r.id limit %(limit)s""",
        {"connection": connection_id, "before": opened_before, "limit": WATCHED_AT_MOST},
    )
