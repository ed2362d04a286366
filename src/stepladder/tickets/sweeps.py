"""The row of a ticket sweep, and the tickets that it watches. Statements only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from stepladder.elevation.queries import list_labels
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId
from stepladder.mapping.queries import list_kept

from .drift_policy import Drift, Watched
from .steps import Observed

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
        """insert into ticket_sweep (connection_id, msp_id, unlinked_after) values (%(id)s, %(msp)s, %(first)s)""",
        {"id": connection_id, "msp": tx.msp_id, "first": UUID(int=0)},
    )


async def hold_unlinked(tx: Transaction, connection_id: ConnectionId) -> UUID | None:
    """Behind which request links may be missing, held until the transaction ends; None where none is."""
    found: UUID | None = await tx.scalar(
        "select unlinked_after from ticket_sweep where connection_id = %(id)s for no key update",
        {"id": connection_id},
    )
    return found


async def note_linked(tx: Transaction, connection_id: ConnectionId, after: UUID | None) -> None:
    """Requests up to this one have their links; all of them if None."""
    await tx.run(
        "update ticket_sweep set unlinked_after = %(after)s where connection_id = %(id)s",
        {"after": after, "id": connection_id},
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
    rows = await tx.dicts(
        """select id as link_id, subject_id as request_id, customer_id, ticket_id, observed, drift, drift_detail,
                  remark_seen, mended
           from ticket_link
           where connection_id = %(connection)s and desired = 'open' and ticket_id is not null
             and subject_kind = 'elevation_request' and opened_at <= %(before)s
           order by subject_id limit %(limit)s""",
        {"connection": connection_id, "before": opened_before, "limit": WATCHED_AT_MOST},
    )
    labels = await list_labels(tx, [row["request_id"] for row in rows])
    known = await list_kept(tx, [row["customer_id"] for row in rows])
    return [
        Watched(
            **{**row, "observed": Observed(row["observed"]), "drift": row["drift"] and Drift(row["drift"])},
            customer_label=labels[row["request_id"]],
            remote_id=kept.remote_id if kept else None,
            remote_name=kept.remote_name if kept else None,
            mapping=kept.state if kept else None,
        )
        for row in rows
        if row["request_id"] in labels
        for kept in [known.get(row["customer_id"])]
    ]
