"""Use cases of customers as an integration sees them: only those it serves, found by exact names, never guessed.

`served` are the ids of the customers that may be seen; None means every customer of the MSP. A customer that is
missing, foreign, deleted or not served is not found, always in the same words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Invalid, NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, parse_uuid
from stepladder.kit.paging import LEFT_AT_MOST, Part

from . import delegation, naming, service
from .delegation import Delegation
from .service import Customer

Served = list[UUID] | None
MOST = 20_000
LARGEST_PART = 1000


@dataclass(frozen=True)
class CustomerInfo:
    """A customer with its settings and who is delegated to it."""

    id: CustomerId
    name: str
    display_name: str
    created_at: datetime
    request_lifetime_seconds: int
    delegations: tuple[Delegation, ...]


@dataclass(frozen=True)
class Lifetime:
    """A new lifetime of requests; None means that of the MSP."""

    seconds: int | None


@dataclass
class _InfoRow:
    created_at: datetime
    request_lifetime_seconds: int


async def list_served(tx: Transaction, served: Served) -> list[Customer]:
    """The customers that may be seen, by display name."""
    among = _among(served)
    return await tx.all(
        Customer,
        f"""select id, name, display_name from customer where msp_id = %(msp)s and deleted_at is null and {among}
            order by folded_display_name, id limit %(limit)s""",  # noqa: S608  # of literals of this module
        {"msp": tx.msp_id, "served": served, "limit": MOST},
    )


async def list_part(
    tx: Transaction, served: Served, *, after: str | None = None, limit: int = LARGEST_PART
) -> Part[Customer]:
    """The customers that may be seen, by display name, behind the one with the id `after`.

    Raises NotFound where that is none that may be seen.
    """
    place = {"msp": tx.msp_id, "served": served, **await _place_of(tx, after, served)}
    among = _among(served)
    rows = await tx.all(
        Customer,
        f"""select id, name, display_name from customer
            where msp_id = %(msp)s and deleted_at is null and {among} and {_BEHIND}
            order by folded_display_name, id limit %(limit)s""",  # noqa: S608  # of literals of this module
        {**place, "limit": limit},
    )
    if not rows:
        return Part([], 0)
    left = await tx.scalar(
        f"""select count(*) from (
                select from customer where msp_id = %(msp)s and deleted_at is null and {among} and {_BEHIND}
                limit {LEFT_AT_MOST}) x""",  # noqa: S608  # of literals of this module
        {**place, **rows[-1].folded, "id": rows[-1].id},
    )
    return Part(rows, left)


_BEHIND: LiteralString = "(folded_display_name, id) > (%(folded_display_name)s, %(id)s)"


def _among(served: Served) -> LiteralString:
    # Two statements, because one that is about either has one plan for both.
    return "true" if served is None else "id = any(%(served)s)"


async def _place_of(tx: Transaction, text: str | None, served: Served) -> dict[str, Any]:
    if text is None:
        return {"folded_display_name": "", "id": UUID(int=0)}
    # A deleted one has a place too: it may go while somebody reads on.
    rows = await tx.dicts(
        """select folded_display_name, id from customer
           where msp_id = %(msp)s and id = %(id)s and (%(served)s::uuid[] is null or id = any(%(served)s))""",
        {"msp": tx.msp_id, "id": parse_uuid(text.strip()), "served": served},
    )
    if not rows:
        raise NotFound
    return rows[0]


async def list_deleted(tx: Transaction) -> list[CustomerId]:
    """The customers that were deleted, the last of them first."""
    rows = await tx.dicts(
        """select id from customer where msp_id = %(msp)s and deleted_at is not null
           order by deleted_at desc limit %(limit)s""",
        {"msp": tx.msp_id, "limit": MOST},
    )
    return [row["id"] for row in rows]


async def find_by_id(tx: Transaction, text: str, served: Served) -> Customer:
    """By id and nothing else. Raises NotFound."""
    customer_id = parse_uuid(text)
    found = [row for row in await naming.called(tx, Customer, text, served=served) if row.id == customer_id]
    if not found:
        raise NotFound
    return found[0]


async def find_called(tx: Transaction, text: str, served: Served) -> Customer:
    """By name, display name or id, as names are folded. Raises NotFound or CustomerAmbiguous."""
    found = naming.only(await naming.called(tx, Customer, text, served=served))
    if found is None:
        raise NotFound
    return found


async def ever_called(tx: Transaction, text: str, served: Served) -> list[CustomerId]:
    """The ids of every customer of that name, deleted ones too: what the trail is read by. Raises NotFound."""
    found = await naming.called(tx, Customer, text, served=served, with_deleted=True)
    if not found:
        raise NotFound
    return [customer.id for customer in found]


async def info(tx: Transaction, customer: Customer) -> CustomerInfo:
    """The customer with everything that may be known of it."""
    row = await tx.maybe(
        _InfoRow,
        """select c.created_at, coalesce(c.request_lifetime_seconds, m.request_lifetime_seconds)
                  as request_lifetime_seconds
           from customer c join msp m on m.id = c.msp_id where c.id = %(id)s""",
        {"id": customer.id},
    )
    if row is None:
        raise NotFound
    delegations = tuple(await delegation.of_customer(tx, customer))
    return CustomerInfo(
        customer.id,
        customer.name,
        customer.display_name,
        row.created_at,
        row.request_lifetime_seconds,
        delegations,
    )


async def change_settings(
    tx: Transaction,
    customer: Customer,
    *,
    display_name: str | None = None,
    lifetime: Lifetime | None = None,
) -> Customer:
    """The customer with new settings; what is None stays. Raises Invalid or NameTaken."""
    if display_name is None and lifetime is None:
        raise Invalid("Name at least one setting.")
    if lifetime:
        if lifetime.seconds is not None:
            service.check_lifetime(lifetime.seconds)
        await tx.run(
            "update customer set request_lifetime_seconds = %(seconds)s where id = %(id)s",
            {"seconds": lifetime.seconds, "id": customer.id},
        )
        await record(tx, Tag.CUSTOMER_CHANGED, customer.id, request_lifetime_seconds=lifetime.seconds)
    if display_name is not None:
        customer = await service.rename_customer(tx, customer, name=None, display_name=display_name)
    return customer


async def hold(tx: Transaction, customer_id: CustomerId) -> bool:
    """Take turns at a customer until the transaction ends; false where it is deleted or not there."""
    lock = "select true from customer where id = %(id)s and deleted_at is null for no key update"
    return bool(await tx.scalar(lock, {"id": customer_id}))
