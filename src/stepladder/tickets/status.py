"""How tickets fare: what is pending, failing, stuck or changed by people, in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from stepladder.connections.queries import find_ticket_system
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId, CustomerId
from stepladder.kit.paging import Part
from stepladder.mapping import queries as mappings, run
from stepladder.mapping.service import Customers
from stepladder.reconcile import instances
from stepladder.remedies import OF_CODE
from stepladder.tenancy.customers import list_part as customers_by_name, list_served
from stepladder.tenancy.names import name_customers

from . import sweeps
from .drift_policy import REMEDIES, describe

COUNTED_AT_MOST = 10_000


async def read_status(tx: Transaction, *, limit: int = 50) -> dict[str, Any]:
    """What is pending, failing or stuck."""
    return {
        "connector": await _connector(tx),
        "tickets": await _counts(tx),
        "waiting": await _pending(tx, limit),
        "waiting_for_mapping": await _pending_for_mapping(tx, limit),
        "changed": await list_changed(tx, limit),
    }


@dataclass
class Written:
    """What the ticket system was seen to let us do, at a test too."""

    opened: bool
    closed: bool


async def find_written(tx: Transaction, connection_id: ConnectionId) -> Written:
    """Whether a ticket of ours was ever opened there, and whether one was ever closed."""
    found = await tx.maybe(
        Written,
        """select exists (select from ticket_link where connection_id = %(id)s and ticket_id is not null) as opened,
                  exists (select from ticket_link where connection_id = %(id)s and observed = 'closed') as closed""",
        {"id": connection_id},
    )
    return found or Written(opened=False, closed=False)


async def list_changed(tx: Transaction, limit: int) -> list[dict[str, Any]]:
    """Tickets of pending requests that people changed in the remote, with what that means."""
    rows = await tx.dicts(
        """select subject_id as request_id, customer_id as customer, ticket_id, drift, drift_detail,
                  drift_since as since
           from ticket_sweep join ticket_link using (connection_id)
           where desired = 'open' and ticket_id is not null and drift is not null
           order by created_at limit %(limit)s""",
        {"limit": limit},
    )
    return [
        {
            **row,
            "what": describe(row["drift"], row["drift_detail"]),
            "remedy": REMEDIES.get(row["drift"]),
        }
        for row in await _with_names(tx, rows)
    ]


async def list_part(tx: Transaction, *, after: str | None, limit: int) -> Part[dict[str, Any]]:
    """The same for customers by display name, behind the one with the id `after`. Raises NotFound."""
    part = await customers_by_name(tx, None, after=after, limit=limit)
    return Part(await list_customers(tx, [customer.id for customer in part.rows]), part.left)


async def list_customers(tx: Transaction, only: list[CustomerId] | None = None) -> list[dict[str, Any]]:
    """Every customer with how its mapping stands, and how many of its tickets are pending for it."""
    rows = await tx.dicts(
        """select customer_id, count(*) as waiting from ticket_sweep join ticket_link using (connection_id)
           where ticket_id is null and next_try_at is not null and subject_kind <> 'test' group by customer_id"""
    )
    pending = {row["customer_id"]: row["waiting"] for row in rows}
    return [
        {**row, "waiting": 0 if row["state"] == "mapped" else pending.get(row["id"], 0)}
        for row in await mappings.list_all(tx, only)
    ]


async def map_customers(
    db: Database, customers: Customers, actor: Actor, *, again: Collection[str], is_dry: bool
) -> list[dict[str, Any]]:
    """Map every customer, or only show it; each with what changed. Raises NoConnector, NotFound or ConnectorError."""
    outcomes = await customers.map_all(actor, again=again, is_dry=is_dry)
    async with db.transaction(actor) as tx:
        return run.rows(outcomes, await list_customers(tx), is_dry=is_dry)


async def _connector(tx: Transaction) -> dict[str, Any] | None:
    found = await find_ticket_system(tx)
    instance = await instances.find(tx, found.id) if found else None
    if found is None or instance is None:
        return None
    sweep = await sweeps.find(tx, found.id)
    return {
        "kind": found.kind,
        "paused_until": instance.paused_until,
        "failures": instance.failures,
        "needs_attention": instance.needs_attention,
        "error": instance.error,
        "failing_since": instance.failing_since,
        "drift_error": sweep.error if sweep else None,
    }


async def _counts(tx: Transaction) -> dict[str, Any]:
    """What is pending is counted to the last; what is open or over, as far as `COUNTED_AT_MOST`."""
    (counts,) = await tx.dicts(
        """with mine as (select connection_id from ticket_sweep),
           pending as (select needs_attention, created_at from mine join ticket_link using (connection_id)
                       where next_try_at is not null and subject_kind <> 'test')
           select (select count(*) from pending) as pending,
                  (select count(*) from pending where needs_attention) as needs_attention,
                  (select count(*) from (select from ticket_link where msp_id = %(msp)s and observed = 'open'
                       and subject_kind <> 'test' limit %(most)s) x) as open,
                  (select count(*) from (select from ticket_link where msp_id = %(msp)s and observed = 'closed'
                       and subject_kind <> 'test' limit %(most)s) x) as closed,
                  (select count(*) from (select from ticket_link where msp_id = %(msp)s and observed = 'gone'
                       and subject_kind <> 'test' limit %(most)s) x) as gone,
                  (select count(*) from mine join ticket_link using (connection_id)
                   where desired = 'open' and ticket_id is not null and drift is not null
                     and subject_kind <> 'test') as changed_by_people,
                  (select min(created_at) from pending) as oldest_pending""",
        {"msp": tx.msp_id, "most": COUNTED_AT_MOST},
    )
    return counts


async def _pending(tx: Transaction, limit: int) -> list[dict[str, Any]]:
    rows = await tx.dicts(
        """select subject_id as request_id, customer_id as customer, desired, observed, ticket_id, attempts,
                  next_try_at, needs_attention, error_code, ticket_link.error, created_at
           from ticket_sweep join ticket_link using (connection_id)
           where next_try_at is not null and subject_kind <> 'test'
           order by needs_attention desc, created_at limit %(limit)s""",
        {"limit": limit},
    )
    return [{**row, "remedy": OF_CODE.get(row["error_code"])} for row in await _with_names(tx, rows)]


async def _pending_for_mapping(tx: Transaction, limit: int) -> list[dict[str, Any]]:
    rows = await tx.dicts(
        """select customer_id, count(*) as requests from ticket_sweep join ticket_link using (connection_id)
           where next_try_at is not null and ticket_id is null and subject_kind <> 'test' group by customer_id"""
    )
    requests = {row["customer_id"]: row["requests"] for row in rows}
    known = await mappings.list_kept(tx, requests)
    waiting = [
        {
            "customer": customer.display_name,
            "state": kept.state if kept else "unmapped",
            "detail": kept and kept.detail,
            "requests": requests[customer.id],
        }
        for customer in await list_served(tx, list(requests))
        for kept in [known.get(customer.id)]
        if kept is None or kept.state != "mapped"
    ]
    return sorted(waiting, key=lambda row: -row["requests"])[:limit]


async def _with_names(tx: Transaction, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with what their customer is called, in place of its id."""
    names = await name_customers(tx, [row["customer"] for row in rows])
    return [{**row, "customer": names[row["customer"]]} for row in rows]
