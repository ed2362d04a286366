"""Machines by name, in parts: those of one customer, or of the whole MSP."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from stepladder.errors import NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, EndpointId, parse_uuid
from stepladder.kit.paging import LEFT_AT_MOST, Part
from stepladder.remedies import Remedy
from stepladder.tenancy.names import name_customers
from stepladder.tenancy.service import find_customer

from .service import EndpointState

_BEHIND: LiteralString = "(folded_name, enrolled_at, id) > (%(folded_name)s, %(enrolled_at)s, %(id)s)"


@dataclass(frozen=True)
class ListedEndpoint:
    """An enrolled machine with what it says of itself."""

    id: EndpointId
    customer_id: CustomerId
    name: str
    folded_name: str
    state: EndpointState
    operating_system: str
    agent_version: str
    enrolled_at: datetime
    last_seen_at: datetime


async def list_part(
    tx: Transaction, customer_id: CustomerId | None, *, after: str | None, limit: int
) -> Part[ListedEndpoint]:
    """Machines by name, revoked ones too, behind the one with the id `after`. Raises NotFound where that is none."""
    # Two statements, because one that is about either has one plan for both.
    of: LiteralString = "msp_id = %(msp)s" if customer_id is None else "customer_id = %(customer)s"
    place: dict[str, Any] = {"msp": tx.msp_id, "customer": customer_id, **await _place_of(tx, after)}
    rows = await tx.all(
        ListedEndpoint,
        f"""select id, customer_id, name, folded_name, state, operating_system, agent_version, enrolled_at,
                   last_seen_at from endpoint where {of} and {_BEHIND}
            order by folded_name, enrolled_at, id limit %(limit)s""",  # noqa: S608  # of literals of this module
        {**place, "limit": limit},
    )
    if not rows:
        return Part([], 0)
    counted = f"select count(*) from (select from endpoint where {of} and {_BEHIND} limit {LEFT_AT_MOST}) x"  # noqa: S608  # the same
    return Part(rows, await tx.scalar(counted, {**place, **vars(rows[-1])}))


async def list_named(
    tx: Transaction, customer: str | None, *, after: str | None, limit: int
) -> Part[dict[str, Any]]:
    """The same for people: each with what its customer is called. Raises NotFound or CustomerAmbiguous."""
    of = (await find_customer(tx, customer)).id if customer else None
    found = await list_part(tx, of, after=after, limit=limit)
    names = await name_customers(tx, [row.customer_id for row in found.rows])
    return Part(
        [
            {
                "id": row.id,
                "name": row.name,
                "customer": names[row.customer_id],
                "state": row.state,
                "operating_system": row.operating_system,
                "agent_version": row.agent_version,
                "enrolled_at": row.enrolled_at,
                "last_seen_at": row.last_seen_at,
            }
            for row in found.rows
        ],
        found.left,
    )


async def _place_of(tx: Transaction, text: str | None) -> dict[str, Any]:
    if text is None:
        return {"folded_name": "", "enrolled_at": datetime.min.replace(tzinfo=UTC), "id": UUID(int=0)}
    rows = await tx.dicts(
        "select folded_name, enrolled_at, id from endpoint where id = %(id)s",
        {"id": parse_uuid(text.strip())},
    )
    if not rows:
        raise NotFound(f"No endpoint has the id {text!r}.", remedy=Remedy.ENDPOINT_LIST)
    return rows[0]


@dataclass(frozen=True)
class _Named:
    customer_id: CustomerId
    name: str


async def active_names(tx: Transaction, *, limit: int = 2000) -> dict[CustomerId, list[str]]:
    """The names of active machines, by customer; of the first so many."""
    rows = await tx.all(
        _Named,
        """select customer_id, name from endpoint where msp_id = %(msp)s and state = 'active'
           order by customer_id, folded_name limit %(limit)s""",
        {"msp": tx.msp_id, "limit": limit},
    )
    found: dict[CustomerId, list[str]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row.name)
    return found
