"""Rows of mappings. Statements only; no rule, no HTTP."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import Conflict
from stepladder.kit.db import Transaction
from stepladder.kit.folding import fold
from stepladder.kit.ids import ConnectionId, CustomerId
from stepladder.tenancy.customers import MOST, list_deleted, list_served
from stepladder.tenancy.service import Customer, list_customers

from .plan import Ours
from .policy import Found, How, MappingState, Named, find_remedy


class RemoteCustomerTaken(Conflict):
    """One remote customer, one of ours."""

    code = "remote_customer_taken"
    sentence = "That HaloPSA customer is linked to another customer. Unlink it there first."


@dataclass(frozen=True)
class Mapping:
    """A customer's mapping, also of one that has none yet, or is deleted."""

    customer_id: CustomerId
    state: MappingState
    how: How | None
    remote_id: str | None
    remote_name: str | None
    checked_at: datetime | None
    is_deleted: bool


@dataclass(frozen=True)
class MappingRun:
    """When all customers of an instance were last mapped, and when that was last tried."""

    mapped_at: datetime | None
    tried_at: datetime | None


@dataclass(frozen=True)
class Linked:
    """A customer of ours with the remote customer that it is."""

    customer_id: CustomerId
    display_name: str
    remote_id: str
    remote_name: str


@dataclass(frozen=True)
class Kept:
    """A customer's mapping as its row has it."""

    customer_id: CustomerId
    state: MappingState
    how: How | None
    remote_id: str | None
    remote_name: str | None
    detail: str | None
    checked_at: datetime | None


async def find(tx: Transaction, customer_id: CustomerId) -> Mapping | None:
    """One customer's mapping."""
    return await tx.maybe(
        Mapping,
        """select c.id as customer_id, coalesce(m.state, 'unmapped') as state, m.how, m.remote_id, m.remote_name,
                  m.checked_at, c.deleted_at is not null as is_deleted
           from customer c left join customer_mapping m on m.customer_id = c.id where c.id = %(id)s""",
        {"id": customer_id},
    )


async def list_kept(tx: Transaction, customer_ids: Collection[CustomerId]) -> dict[CustomerId, Kept]:
    """The mappings of these customers; one that was never looked at has none."""
    rows = await tx.all(
        Kept,
        """select customer_id, state, how, remote_id, remote_name, detail, checked_at from customer_mapping
           where customer_id = any(%(ids)s)""",
        {"ids": list(set(customer_ids))},
    )
    return {row.customer_id: row for row in rows}


async def list_all(tx: Transaction, only: list[CustomerId] | None = None) -> list[dict[str, Any]]:
    """Every customer with how it stands; `only` these, if not None."""
    customers = await list_customers(tx, limit=MOST, only=only)
    known = await list_kept(tx, [row["id"] for row in customers])
    return [
        {
            "id": row["id"],
            "customer": row["display_name"],
            "name": row["name"],
            "directory_id": row["directory_id"],
            **_shown(known.get(row["id"])),
        }
        for row in customers
    ]


async def linked(tx: Transaction, customer_id: CustomerId | None = None) -> list[Linked]:
    """Customers that are linked, by display name; or that one, if it is."""
    customers = await list_served(tx, None if customer_id is None else [customer_id])
    known = await list_kept(tx, [customer.id for customer in customers])
    return [
        Linked(customer.id, customer.display_name, kept.remote_id, kept.remote_name or "")
        for customer in customers
        if (kept := known.get(customer.id))
        and kept.state is MappingState.MAPPED
        and kept.remote_id is not None
    ]


async def all_ours(tx: Transaction) -> list[Ours]:
    """Every customer of ours that is not deleted, and how it stands, the oldest first."""
    customers = await list_customers(tx, limit=MOST)
    known = await list_kept(tx, [row["id"] for row in customers])
    return [
        Ours(
            row["id"],
            Named(
                row["display_name"], row["name"], str(row["directory_id"]) if row["directory_id"] else None
            ),
            _found(known.get(row["id"])),
        )
        for row in sorted(customers, key=lambda row: row["created_at"])
    ]


async def linked_ids(tx: Transaction) -> list[str]:
    """The remote ids that customers are linked to, those first that were not seen for the longest time."""
    rows = await tx.dicts(
        """select remote_id from customer_mapping where state = 'mapped' and remote_id is not null
           order by checked_at limit 20000"""
    )
    return [row["remote_id"] for row in rows]


async def linked_names(tx: Transaction, connection_id: ConnectionId) -> dict[str, str]:
    """The remote names of linked customers by remote id."""
    rows = await tx.dicts(
        """select remote_id, coalesce(remote_name, '') as remote_name from customer_mapping
           where connection_id = %(id)s and state = 'mapped' limit 20000""",
        {"id": connection_id},
    )
    return {row["remote_id"]: row["remote_name"] for row in rows}


async def owner_of(tx: Transaction, connection_id: ConnectionId, remote_id: str) -> CustomerId | None:
    """Which of our customers is linked to a remote customer."""
    found: CustomerId | None = await tx.scalar(
        """select customer_id from customer_mapping
           where connection_id = %(connection)s and state = 'mapped' and remote_id = %(remote)s""",
        {"connection": connection_id, "remote": remote_id},
    )
    return found


async def called_remotely(tx: Transaction, name: str) -> list[Customer]:
    """Customers that are linked to a remote customer of this name, as names are folded."""
    rows = await tx.dicts(
        """select customer_id from customer_mapping
           where msp_id = %(msp)s and state = 'mapped' and folded_remote_name = %(name)s limit 100""",
        {"msp": tx.msp_id, "name": fold(name)},
    )
    return await list_served(tx, [row["customer_id"] for row in rows])


async def create_run(tx: Transaction, connection_id: ConnectionId) -> None:
    """The row that says when customers of this instance were mapped."""
    await tx.run(
        "insert into mapping_run (connection_id, msp_id) values (%(id)s, %(msp)s)",
        {"id": connection_id, "msp": tx.msp_id},
    )


async def find_run(tx: Transaction, connection_id: ConnectionId) -> MappingRun | None:
    """When customers of this instance were mapped, and when that was tried."""
    return await tx.maybe(
        MappingRun,
        "select mapped_at, tried_at from mapping_run where connection_id = %(id)s",
        {"id": connection_id},
    )


async def note_try(tx: Transaction, connection_id: ConnectionId) -> None:
    """Customers are being mapped: a try that fails is not repeated at once."""
    await tx.run(
        "update mapping_run set tried_at = %(now)s where connection_id = %(id)s",
        {"now": tx.now, "id": connection_id},
    )


async def lock_run(tx: Transaction, connection_id: ConnectionId) -> bool:
    """Take turns, so that each sees what the one before linked; false where nothing is connected (any more)."""
    lock = "select true from mapping_run where connection_id = %(id)s for no key update"
    return bool(await tx.scalar(lock, {"id": connection_id}))


async def free_deleted(tx: Transaction, connection_id: ConnectionId) -> None:
    """Customers that were deleted since free the remote customer that they were mapped to."""
    await tx.run(
        """update customer_mapping set state = 'unmapped', detail = 'The customer was deleted.'
           where connection_id = %(id)s and state = 'mapped' and customer_id = any(%(deleted)s)""",
        {"id": connection_id, "deleted": await list_deleted(tx)},
    )


async def note_seen(tx: Transaction, connection_id: ConnectionId, seen: Collection[str]) -> None:
    """All customers were looked at; of linked ones, those whose remote customer was `seen`."""
    await tx.run(
        """update customer_mapping set checked_at = %(now)s where connection_id = %(id)s and (
               state <> 'mapped' or remote_id = any(%(seen)s))""",
        {"now": tx.now, "id": connection_id, "seen": list(seen)},
    )
    await tx.run(
        "update mapping_run set mapped_at = %(now)s where connection_id = %(id)s",
        {"now": tx.now, "id": connection_id},
    )


async def unlink(tx: Transaction, customer_id: CustomerId) -> str | None:
    """Take the link of a customer away; what it was linked to, or None where it was not."""
    was: str | None = await tx.scalar(
        """select coalesce(remote_name, remote_id) from customer_mapping
           where customer_id = %(id)s and state in ('mapped', 'gone') for update""",
        {"id": customer_id},
    )
    if was is None:
        return None
    detail = f"Unlinked by hand from {was!r}. No automatic run links it again."
    await tx.run(
        """update customer_mapping set state = 'unmapped', how = 'manual', remote_id = null, remote_name = null,
                  folded_remote_name = null, checked_at = %(now)s, detail = %(detail)s where customer_id = %(id)s""",
        {"id": customer_id, "now": tx.now, "detail": detail},
    )
    return was


async def write(
    tx: Transaction, connection_id: ConnectionId, found: Sequence[tuple[CustomerId, Found]]
) -> None:
    """How it stands with these customers, in one statement.

    Raises RemoteCustomerTaken: the database's own word, should the lock not have been.
    """
    try:
        await tx.run(
            """insert into customer_mapping (customer_id, msp_id, connection_id, state, how, remote_id, remote_name,
                                             folded_remote_name, detail, checked_at)
               select w.customer_id, %(msp)s, %(connection)s, w.state, w.how, w.remote_id, w.remote_name, w.folded,
                      w.detail, %(now)s
               from unnest(%(customers)s::uuid[], %(states)s::text[], %(hows)s::text[], %(remote_ids)s::text[],
                           %(remote_names)s::text[], %(folded)s::text[], %(details)s::text[])
                    as w(customer_id, state, how, remote_id, remote_name, folded, detail)
               on conflict (customer_id) do update set
                   connection_id = excluded.connection_id, state = excluded.state, how = excluded.how,
                   remote_id = excluded.remote_id, remote_name = excluded.remote_name,
                   folded_remote_name = excluded.folded_remote_name, detail = excluded.detail,
                   checked_at = excluded.checked_at""",
            {
                "customers": [customer for customer, _ in found],
                "msp": tx.msp_id,
                "connection": connection_id,
                "states": [str(each.state) for _, each in found],
                "hows": [each.how and str(each.how) for _, each in found],
                "remote_ids": [each.remote_id for _, each in found],
                "remote_names": [each.remote_name for _, each in found],
                "folded": [each.remote_name and fold(each.remote_name) for _, each in found],
                "details": [each.detail for _, each in found],
                "now": tx.now,
            },
        )
    except psycopg.errors.UniqueViolation as error:
        raise RemoteCustomerTaken from error


def _found(kept: Kept | None) -> Found:
    if kept is None:
        return Found(MappingState.UNMAPPED)
    remote = (
        RemoteCustomer(kept.remote_id, kept.remote_name or "", is_active=True) if kept.remote_id else None
    )
    return Found(kept.state, kept.how, remote, kept.detail)


def _shown(kept: Kept | None) -> dict[str, Any]:
    return {
        "state": kept.state if kept else MappingState.UNMAPPED,
        "how": kept and kept.how,
        "remote_id": kept and kept.remote_id,
        "remote_name": kept and kept.remote_name,
        "detail": kept and kept.detail,
        "remedy": kept and find_remedy(kept.state, kept.how),
        "checked_at": kept and kept.checked_at,
    }
