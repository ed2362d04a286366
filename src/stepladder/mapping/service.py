"""Use cases of customer mapping: automatic, by hand, undone. By remote id once it is known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import Conflict, NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectorId, CustomerId
from stepladder.tenancy.service import Customer
from stepladder.tickets.queries import Mapping
from stepladder.tickets.service import NoConnector

from .plan import Change, Ours, Outcome, plan
from .policy import Found, How, MappingState, Named, Remotes, oddity


class AmbiguousName(Conflict):
    """Two remote customers have that name."""

    code = "ambiguous_name"
    sentence = "More than one active customer in HaloPSA has that name. Rename one of them first."


class RemoteCustomerTaken(Conflict):
    """One remote customer, one of ours."""

    code = "remote_customer_taken"
    sentence = "That HaloPSA customer is linked to another customer. Unlink it there first."


@dataclass(frozen=True)
class _Row:
    id: CustomerId
    name: str
    display_name: str
    directory_id: UUID | None
    state: str | None
    how: str | None
    remote_id: str | None
    remote_name: str | None
    detail: str | None


@dataclass(frozen=True)
class _Owner:
    customer_id: CustomerId
    customer: str


@dataclass(frozen=True)
class _Unlinked:
    remote: str | None


@dataclass(frozen=True)
class _Linked:
    remote_id: str


def remote_of(mapping: Mapping | None, customer: str) -> RemoteCustomer:
    """The remote customer. Raises NeedsAttention, with what to do, where there is none.

    A deleted customer holds none any more; what is left to do for its tickets is done where it was linked.
    """
    is_linked = mapping and (mapping.state == MappingState.MAPPED or mapping.is_deleted)
    if mapping and is_linked and mapping.remote_id:
        return RemoteCustomer(mapping.remote_id, mapping.remote_name or "", is_active=True)
    raise NeedsAttention(
        f"{customer} is not linked to a customer in HaloPSA ({mapping.state if mapping else 'unmapped'}). "
        "Link it with: stepladder customer link",
        code="customer_not_mapped",
    )


async def map_automatically(
    tx: Transaction,
    connector_id: ConnectorId,
    remotes: Collection[RemoteCustomer],
    *,
    gone: Collection[str] = (),
    again: Collection[CustomerId] = (),
) -> list[Outcome]:
    """Map every customer that is not mapped yet, and show those that are as their remote customers are now.

    `gone` are remote ids that were read and are not there; `again` customers that were unlinked by hand and are to be
    tried all the same. Raises NoConnector.
    """
    await _lock(tx, connector_id)
    outcomes = plan(await standing(tx), Remotes(remotes), gone=gone, again=again)
    for outcome in outcomes:
        await _apply(tx, connector_id, outcome)
    linked = [each.customer.id for each in outcomes if each.change is Change.LINKED]
    await _try_now(tx, connector_id, linked)
    await tx.run(
        """update customer_mapping set checked_at = %(now)s where connector_id = %(id)s and (
               state <> 'mapped' or remote_id = any(%(seen)s))""",
        {"now": tx.now, "id": connector_id, "seen": [each.id for each in remotes]},
    )
    await tx.run(
        "update psa_connector set mapped_at = %(now)s where id = %(id)s", {"now": tx.now, "id": connector_id}
    )
    return outcomes


async def link_by_name(
    tx: Transaction,
    connector_id: ConnectorId,
    customer: Customer,
    *,
    remote_name: str,
    remotes: Collection[RemoteCustomer],
) -> RemoteCustomer:
    """Link by hand. Raises NotFound, AmbiguousName, RemoteCustomerTaken or NoConnector."""
    await _lock(tx, connector_id)
    hits = [remote for remote in Remotes(remotes).called(remote_name) if remote.is_active]
    if not hits:
        raise NotFound(f"HaloPSA has no active customer called {remote_name!r}.")
    if len(hits) > 1:
        raise AmbiguousName
    owner = await tx.maybe(
        _Owner,
        """select m.customer_id, c.display_name as customer
           from customer_mapping m join customer c on c.id = m.customer_id
           where m.connector_id = %(connector)s and m.state = 'mapped' and m.remote_id = %(remote)s""",
        {"connector": connector_id, "remote": hits[0].id},
    )
    if owner and owner.customer_id != customer.id:
        raise RemoteCustomerTaken(
            f"That HaloPSA customer is linked to {owner.customer} already. Unlink it there first."
        )
    named = next(each.named for each in await standing(tx) if each.id == customer.id)
    found = Found(MappingState.MAPPED, How.MANUAL, hits[0], oddity(named, hits[0]))
    await _write(tx, connector_id, customer.id, found)
    await _record_link(tx, customer.id, found)
    await _try_now(tx, connector_id, [customer.id])
    return hits[0]


async def unlink(tx: Transaction, customer: Customer) -> None:
    """Take a customer's link away; no automatic run makes one again. Raises NotFound when there is none."""
    found = await tx.maybe(
        _Unlinked,
        """select coalesce(remote_name, remote_id) as remote from customer_mapping
           where customer_id = %(id)s and state in ('mapped', 'gone') for update""",
        {"id": customer.id},
    )
    if found is None:
        raise NotFound(f"{customer.display_name} is not linked.")
    detail = (
        f"Unlinked by hand from {found.remote!r}. No automatic run links it: link it by hand, or run "
        "stepladder customer map --again."
    )
    await tx.run(
        """update customer_mapping set state = 'unmapped', how = 'manual', remote_id = null, remote_name = null,
                  checked_at = %(now)s, detail = %(detail)s where customer_id = %(id)s""",
        {"id": customer.id, "now": tx.now, "detail": detail},
    )
    await record(tx, Tag.CUSTOMER_UNMAPPED, customer.id)


async def customer_called_remotely(tx: Transaction, name: str) -> Customer:
    """The one customer that is linked to a remote customer of exactly this name, in any case. Raises NotFound."""
    found = await tx.all(
        Customer,
        """select c.id, c.name, c.display_name from customer_mapping m join customer c on c.id = m.customer_id
           where m.connector_id = (select id from psa_connector where msp_id = %(msp)s) and m.state = 'mapped'
             and lower(m.remote_name) = lower(%(name)s) and c.deleted_at is null limit 2""",
        {"msp": tx.msp_id, "name": name},
    )
    if len(found) != 1:
        raise NotFound
    return found[0]


async def listing(tx: Transaction) -> list[dict[str, Any]]:
    """Every customer with how it stands, and how many of its requests wait for a link."""
    return await tx.dicts(
        """select c.display_name as customer, c.name, c.directory_id, coalesce(m.state, 'unmapped') as state, m.how,
                  m.remote_id, m.remote_name, m.detail, m.checked_at,
                  case when m.state = 'mapped' then 0 else coalesce(w.waiting, 0) end as waiting
           from customer c
           left join customer_mapping m on m.customer_id = c.id
           left join (select customer_id, count(*) as waiting from ticket_link
                      where ticket_id is null and next_try_at is not null group by customer_id) w
                  on w.customer_id = c.id
           where c.deleted_at is null order by lower(c.display_name) limit 5000"""
    )


async def standing(tx: Transaction) -> list[Ours]:
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
    rows = await tx.all(
        _Linked,
        """select remote_id from customer_mapping where state = 'mapped' and remote_id is not null
           order by checked_at limit 20000""",
    )
    return [row.remote_id for row in rows]


def _ours(row: _Row) -> Ours:
    named = Named(row.display_name, row.name, str(row.directory_id) if row.directory_id else None)
    remote = RemoteCustomer(row.remote_id, row.remote_name or "", is_active=True) if row.remote_id else None
    before = Found(
        MappingState(row.state or MappingState.UNMAPPED),
        How(row.how) if row.how else None,
        remote,
        row.detail,
    )
    return Ours(row.id, named, before)


async def _lock(tx: Transaction, connector_id: ConnectorId) -> None:
    """One at a time, so that everybody sees what the one before linked. Raises NoConnector.

    Customers that were deleted since give free what they were linked to.
    """
    lock = "select true from psa_connector where id = %(id)s for no key update"
    if not await tx.scalar(lock, {"id": connector_id}):
        raise NoConnector
    await tx.run(
        """update customer_mapping m set state = 'unmapped', detail = 'The customer was deleted.' from customer c
           where m.connector_id = %(id)s and m.state = 'mapped' and c.id = m.customer_id
             and c.deleted_at is not null""",
        {"id": connector_id},
    )


async def _apply(tx: Transaction, connector_id: ConnectorId, outcome: Outcome) -> None:
    customer_id, found, change = outcome.customer.id, outcome.found, outcome.change
    if change is None:
        return
    await _write(tx, connector_id, customer_id, found)
    if change is Change.LINKED:
        await _record_link(tx, customer_id, found)
    elif change is Change.GONE:
        await record(tx, Tag.CUSTOMER_REMOTE_GONE, customer_id, remote_id=found.remote_id)


async def _record_link(tx: Transaction, customer_id: CustomerId, found: Found) -> None:
    await record(tx, Tag.CUSTOMER_MAPPED, customer_id, how=found.how, remote_id=found.remote_id)


async def _try_now(tx: Transaction, connector_id: ConnectorId, customer_ids: list[CustomerId]) -> None:
    """What waited for a link is due."""
    await tx.run(
        """update ticket_link set next_try_at = %(now)s, needs_attention = false, attempts = 0
           where connector_id = %(connector)s and customer_id = any(%(customers)s) and next_try_at is not null""",
        {"now": tx.now, "connector": connector_id, "customers": customer_ids},
    )


async def _write(tx: Transaction, connector_id: ConnectorId, customer_id: CustomerId, found: Found) -> None:
    """Raises RemoteCustomerTaken: the database's own word, should the lock not have been."""
    try:
        await tx.run(
            """insert into customer_mapping (customer_id, msp_id, connector_id, state, how, remote_id, remote_name,
                                             detail, checked_at)
               values (%(customer)s, %(msp)s, %(connector)s, %(state)s, %(how)s, %(remote_id)s, %(remote_name)s,
                       %(detail)s, %(now)s)
               on conflict (customer_id) do update set
                   connector_id = excluded.connector_id, state = excluded.state, how = excluded.how,
                   remote_id = excluded.remote_id, remote_name = excluded.remote_name, detail = excluded.detail,
                   checked_at = excluded.checked_at""",
            {
                "customer": customer_id,
                "msp": tx.msp_id,
                "connector": connector_id,
                "state": str(found.state),
                "how": found.how,
                "remote_id": found.remote_id,
                "remote_name": found.remote_name,
                "detail": found.detail,
                "now": tx.now,
            },
        )
    except psycopg.errors.UniqueViolation as error:
        raise RemoteCustomerTaken from error
