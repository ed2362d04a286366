"""The machines of one customer, as an integration sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, EndpointId

from .service import EndpointState


@dataclass(frozen=True)
class ListedEndpoint:
    """An enrolled machine with what it says of itself."""

    id: EndpointId
    name: str
    state: EndpointState
    operating_system: str
    agent_version: str
    enrolled_at: datetime
    last_seen_at: datetime


async def of_customer(tx: Transaction, customer_id: CustomerId) -> list[ListedEndpoint]:
    """The customer's machines by name, revoked ones too."""
    return await tx.all(
        ListedEndpoint,
        """select id, name, state, operating_system, agent_version, enrolled_at, last_seen_at
           from endpoint where customer_id = %(customer)s order by lower(name), enrolled_at limit 50000""",
        {"customer": customer_id},
    )


@dataclass(frozen=True)
class _Named:
    customer_id: CustomerId
    name: str


async def active_names(tx: Transaction, *, limit: int = 2000) -> dict[CustomerId, list[str]]:
    """The names of active machines, by customer; of the first so many."""
    rows = await tx.all(
        _Named,
        """select customer_id, name from endpoint where msp_id = %(msp)s and state = 'active'
           order by customer_id, lower(name) limit %(limit)s""",
        {"msp": tx.msp_id, "limit": limit},
    )
    found: dict[CustomerId, list[str]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row.name)
    return found
