"""Use cases of customer mapping: automatic, by hand, undone. By remote id once it is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import NeedsAttention, RemoteCustomer
from stepladder.errors import Conflict, NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectorId, CustomerId
from stepladder.tenancy.service import Customer

from .mapping_rules import Found, MappingState, RemoteNames, find
from .queries import Mapping


class AmbiguousName(Conflict):
    """Two remote customers have that name."""

    code = "ambiguous_name"
    sentence = "More than one active customer in HaloPSA has that name. Rename one of them first."


class RemoteCustomerTaken(Conflict):
    """One remote customer, one of ours."""

    code = "remote_customer_taken"
    sentence = "That HaloPSA customer is linked to another customer. Unlink it there first."


@dataclass(frozen=True)
class _Unmapped:
    id: CustomerId
    name: str
    display_name: str


@dataclass(frozen=True)
class _Taken:
    remote_id: str
    customer: str


def remote_of(mapping: Mapping | None, customer: str) -> RemoteCustomer:
    """The remote customer. Raises NeedsAttention, with what to do, where there is none."""
    if mapping and mapping.state == MappingState.MAPPED and mapping.remote_id:
        return RemoteCustomer(mapping.remote_id, mapping.remote_name or "", is_active=True)
    raise NeedsAttention(
        f"{customer} is not linked to a customer in HaloPSA ({mapping.state if mapping else 'unmapped'}). "
        "Link it with: stepladder customer link",
        code="customer_not_mapped",
    )


async def map_automatically(
    tx: Transaction, connector_id: ConnectorId, remotes: list[RemoteCustomer], now: datetime
) -> dict[str, Found]:
    """Map every customer that is not mapped yet; gives the outcome by display name.

    Those that are mapped stay so and are shown under their remote customer's present name.
    """
    names, taken = RemoteNames(remotes), await _taken(tx, connector_id)
    await _refresh(tx, connector_id, remotes)
    outcome = {}
    # Whose display name it is comes first: another customer may be called so only in short.
    for customer in sorted(await _unmapped(tx), key=lambda each: not names.called(each.display_name)):
        found = find(customer.display_name, customer.name, names, taken)
        outcome[customer.display_name] = found
        await _write(tx, connector_id, customer.id, found, now)
        if found.remote:
            taken[found.remote.id] = customer.display_name
    await tx.run(
        "update psa_connector set mapped_at = %(now)s where id = %(id)s", {"now": now, "id": connector_id}
    )
    return outcome


async def link_by_name(
    tx: Transaction,
    connector_id: ConnectorId,
    customer: Customer,
    *,
    remote_name: str,
    remotes: list[RemoteCustomer],
    now: datetime,
) -> RemoteCustomer:
    """Link by hand. Raises NotFound, AmbiguousName or RemoteCustomerTaken."""
    hits = [remote for remote in RemoteNames(remotes).called(remote_name) if remote.is_active]
    if not hits:
        raise NotFound(f"HaloPSA has no active customer called {remote_name!r}.")
    if len(hits) > 1:
        raise AmbiguousName
    owner = (await _taken(tx, connector_id)).get(hits[0].id)
    if owner and owner != customer.display_name:
        raise RemoteCustomerTaken(
            f"That HaloPSA customer is linked to {owner} already. Unlink it there first."
        )
    await _write(tx, connector_id, customer.id, Found(MappingState.MAPPED, "manual", hits[0]), now)
    await tx.run(
        """update ticket_link set next_try_at = %(now)s, needs_attention = false, attempts = 0
           where connector_id = %(connector)s and customer_id = %(customer)s and next_try_at is not null""",
        {"now": now, "connector": connector_id, "customer": customer.id},
    )
    return hits[0]


async def unlink(tx: Transaction, customer: Customer, now: datetime) -> None:
    """Forget a customer's mapping. Raises NotFound when there is none."""
    if not await tx.run("delete from customer_mapping where customer_id = %(id)s", {"id": customer.id}):
        raise NotFound(f"{customer.display_name} is not linked.")
    await record(tx, Tag.CUSTOMER_UNMAPPED, customer.id, now)


async def listing(tx: Transaction) -> list[dict[str, Any]]:
    """Every customer with how it stands."""
    return await tx.dicts(
        """select c.display_name as customer, c.name, coalesce(m.state, 'unmapped') as state, m.how, m.remote_id,
                  m.remote_name, m.detail, m.checked_at
           from customer c left join customer_mapping m on m.customer_id = c.id
           where c.deleted_at is null order by lower(c.display_name) limit 5000"""
    )


async def _unmapped(tx: Transaction) -> list[_Unmapped]:
    return await tx.all(
        _Unmapped,
        """select c.id, c.name, c.display_name from customer c
           left join customer_mapping m on m.customer_id = c.id and m.state = 'mapped'
           where m.customer_id is null and c.deleted_at is null order by c.created_at limit 20000""",
    )


async def _taken(tx: Transaction, connector_id: ConnectorId) -> dict[str, str]:
    rows = await tx.all(
        _Taken,
        """select m.remote_id, c.display_name as customer from customer_mapping m
           join customer c on c.id = m.customer_id
           where m.connector_id = %(connector)s and m.state = 'mapped' and c.deleted_at is null limit 20000""",
        {"connector": connector_id},
    )
    return {row.remote_id: row.customer for row in rows}


async def _refresh(tx: Transaction, connector_id: ConnectorId, remotes: list[RemoteCustomer]) -> None:
    """Show links under the names and in the state that their remote customers have now."""
    await tx.run(
        """update customer_mapping m set remote_name = r.name,
                  detail = case when not r.is_active then 'The customer is inactive in HaloPSA.' end
           from unnest(%(ids)s::text[], %(names)s::text[], %(active)s::boolean[]) as r(id, name, is_active)
           where m.connector_id = %(connector)s and m.state = 'mapped' and m.remote_id = r.id
             and (m.remote_name is distinct from r.name or (m.detail is null) is distinct from r.is_active)""",
        {
            "connector": connector_id,
            "ids": [remote.id for remote in remotes],
            "names": [remote.name for remote in remotes],
            "active": [remote.is_active for remote in remotes],
        },
    )


async def _write(
    tx: Transaction, connector_id: ConnectorId, customer_id: CustomerId, found: Found, now: datetime
) -> None:
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
            "remote_id": found.remote.id if found.remote else None,
            "remote_name": found.remote.name if found.remote else None,
            "detail": found.detail,
            "now": now,
        },
    )
    if found.remote:
        await record(tx, Tag.CUSTOMER_MAPPED, customer_id, now, how=found.how, remote_id=found.remote.id)
