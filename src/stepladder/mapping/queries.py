"""Rows of mappings. Statements only; no rule, no HTTP."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import Conflict
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId, CustomerId
from stepladder.tenancy.service import Customer

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
class _Row:
    id: CustomerId
    name: str
    display_name: str
    directory_id: UUID | None
    state: MappingState | None
    how: How | None
    remote_id: str | None
    remote_name: str | None
    detail: str | None


async def find(tx: Transaction, customer_id: CustomerId) -> Mapping | None:
    """One customer's mapping."""
    return await tx.maybe(
        Mapping,
        """select c.id as customer_id, coalesce(m.state, 'unmapped') as state, m.how, m.remote_id, m.remote_name,
                  m.checked_at, c.deleted_at is not null as is_deleted
           from customer c left join customer_mapping m on m.customer_id = c.id where c.id = %(id)s""",
        {"id": customer_id},
    )


async def list_all(tx: Transaction) -> list[dict[str, Any]]:
    """Every customer with how it stands."""
    rows = await tx.dicts(
        """select c.id, c.display_name as customer, c.name, c.directory_id, coalesce(m.state, 'unmapped') as state,
                  m.how, m.remote_id, m.remote_name, m.detail, m.checked_at
           from customer c left join customer_mapping m on m.customer_id = c.id
           where c.deleted_at is null order by lower(c.display_name) limit 5000"""
    )
    return [{**row, "remedy": find_remedy(row["state"], row["how"])} for row in rows]


async def linked(tx: Transaction, customer_id: CustomerId | None = None) -> list[Linked]:
    """Customers that are linked, by display name; or that one, if it is."""
    return await tx.all(
        Linked,
        """select c.id as customer_id, c.display_name, m.remote_id, coalesce(m.remote_name, '') as remote_name
           from customer_mapping m join customer c on c.id = m.customer_id
           where m.state = 'mapped' and m.remote_id is not null and c.deleted_at is null
             and (%(id)s::uuid is null or c.id = %(id)s)
           order by lower(c.display_name) limit 20000""",
        {"id": customer_id},
    )


async def all_ours(tx: Transaction) -> list[Ours]:
    """Every customer of ours that is not deleted, and how it stands."""
    rows = await tx.all(
        _Row,
        """select c.id, c.name, c.display_name, c.directory_id, m.state, m.how, m.remote_id, m.remote_name, m.detail
           from customer c left join customer_mapping m on m.customer_id = c.id
           where c.deleted_at is null order by c.created_at limit 20000""",
    )
    return [_ours(row) for row in rows]


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


async def owner_of(tx: Transaction, connection_id: ConnectionId, remote_id: str) -> Linked | None:
    """Which of our customers is linked to a remote customer."""
    return await tx.maybe(
        Linked,
        """select m.customer_id, c.display_name, m.remote_id, coalesce(m.remote_name, '') as remote_name
           from customer_mapping m join customer c on c.id = m.customer_id
           where m.connection_id = %(connection)s and m.state = 'mapped' and m.remote_id = %(remote)s""",
        {"connection": connection_id, "remote": remote_id},
    )


async def called_remotely(tx: Transaction, name: str) -> list[Customer]:
    """Customers that are linked to a remote customer of exactly this name, in any case; two of them at most."""
    return await tx.all(
        Customer,
        """select c.id, c.name, c.display_name from customer_mapping m join customer c on c.id = m.customer_id
           where m.msp_id = %(msp)s and m.state = 'mapped' and lower(m.remote_name) = lower(%(name)s)
             and c.deleted_at is null limit 2""",
        {"msp": tx.msp_id, "name": name},
    )


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
    """Customers that were deleted since give free what they were linked to."""
    await tx.run(
        """update customer_mapping m set state = 'unmapped', detail = 'The customer was deleted.' from customer c
           where m.connection_id = %(id)s and m.state = 'mapped' and c.id = m.customer_id
             and c.deleted_at is not null""",
        {"id": connection_id},
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
                  checked_at = %(now)s, detail = %(detail)s where customer_id = %(id)s""",
        {"id": customer_id, "now": tx.now, "detail": detail},
    )
    return was


async def write(tx: Transaction, connection_id: ConnectionId, customer_id: CustomerId, found: Found) -> None:
    """Raises RemoteCustomerTaken: the database's own word, should the lock not have been."""
    try:
        await tx.run(
            """insert into customer_mapping (customer_id, msp_id, connection_id, state, how, remote_id, remote_name,
                                             detail, checked_at)
               values (%(customer)s, %(msp)s, %(connection)s, %(state)s, %(how)s, %(remote_id)s, %(remote_name)s,
                       %(detail)s, %(now)s)
               on conflict (customer_id) do update set
                   connection_id = excluded.connection_id, state = excluded.state, how = excluded.how,
                   remote_id = excluded.remote_id, remote_name = excluded.remote_name, detail = excluded.detail,
                   checked_at = excluded.checked_at""",
            {
                "customer": customer_id,
                "msp": tx.msp_id,
                "connection": connection_id,
                "state": found.state,
                "how": found.how,
                "remote_id": found.remote_id,
                "remote_name": found.remote_name,
                "detail": found.detail,
                "now": tx.now,
            },
        )
    except psycopg.errors.UniqueViolation as error:
        raise RemoteCustomerTaken from error


async def states_of(
    tx: Transaction, customer_ids: Iterable[CustomerId]
) -> dict[CustomerId, tuple[str, str | None]]:
    """How it stands with these customers, and why; one that was never looked at is unmapped."""
    ids = list(customer_ids)
    rows = await tx.dicts(
        "select customer_id, state, detail from customer_mapping where customer_id = any(%(ids)s)",
        {"ids": ids},
    )
    known = {row["customer_id"]: (row["state"], row["detail"]) for row in rows}
    return {each: known.get(each, (str(MappingState.UNMAPPED), None)) for each in ids}


def _ours(row: _Row) -> Ours:
    named = Named(row.display_name, row.name, str(row.directory_id) if row.directory_id else None)
    remote = RemoteCustomer(row.remote_id, row.remote_name or "", is_active=True) if row.remote_id else None
    before = Found(row.state or MappingState.UNMAPPED, row.how, remote, row.detail)
    return Ours(row.id, named, before)
