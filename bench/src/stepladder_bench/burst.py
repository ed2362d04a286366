"""How long one customer's burst of requests holds up another customer's ticket, in the real processes.

The connector has its default budget, so most of the burst waits for calls. Every request of the other customer comes
from a machine and a person that HaloPSA has not been asked about yet: the dear case, three calls.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import datetime

from stepladder.connections.service import DEFAULT_CALL_BUDGET

from .children import CannotMeasure
from .latency import submit, tickets_in
from .progress import Teller
from .report import Line, Relation, Target, distribution
from .sizes import Sizes
from .stage import Stage, set_stage
from .tenant import Desktop, Tenant, add_customer, new_tenant
from .wire import connect

OTHER = ("contoso", "Contoso Dental")
_BETWEEN = (3.0, 9.0)
_SEEN_WITHIN_SECONDS = 60.0
_TARGET = Target(Relation.AT_MOST, 2)


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """The other customer's waits while the burst is worked on, and before there is one."""
    teller.step("burst: setting up")
    async with set_stage() as stage:
        await stage.sandbox()
        async with stage.services() as services:
            tenant = await new_tenant(services, stage.url)
            other = await add_customer(tenant, *OTHER)
            await tenant.connect(stage.halopsa_url)
            bursting = await tenant.desktops(sizes.burst)
            asking = await other.desktops(2 * sizes.burst_askers)
            await stage.serve()
            calm = await _waits(stage, asking[: sizes.burst_askers], teller, "before it")
            await tenant.pending(bursting, with_tickets=True)
            waits = await _waits(stage, asking[sizes.burst_askers :], teller, "during it")
            left = await _left(tenant)
    if not left:
        raise CannotMeasure("The burst was over before it was measured.")
    facts = {"burst": sizes.burst, "left_at_the_end": left, "call_budget": DEFAULT_CALL_BUDGET}
    return [
        Line(
            "burst.other_customer",
            f"Longest wait of another customer's ticket during a burst of {sizes.burst}",
            max(waits),
            "s",
            _TARGET,
            {**facts, **distribution(waits)},
        ),
        Line("burst.before", "… before the burst", max(calm), "s", facts=distribution(calm)),
    ]


async def _left(tenant: Tenant) -> int:
    """How much of the burst has no ticket yet."""
    return await tenant.count("select count(*) from ticket_link where observed = 'absent'")


async def _waits(stage: Stage, desktops: Sequence[Desktop], teller: Teller, when: str) -> list[float]:
    """Seconds from each request to its ticket; one request of each desktop, one after another."""
    teller.step(f"burst: another customer's requests {when}", total=len(desktops))
    found = []
    for desktop in desktops:
        await asyncio.sleep(random.uniform(*_BETWEEN))  # noqa: S311  # when a user asks, not a secret
        connection = await connect(stage.port)
        status = await submit(stage, connection, desktop, email=f"{desktop.endpoint.name}@contoso.example")
        connection.close()
        opened_at = await _opened_at(stage, status["request_id"])
        found.append((opened_at - datetime.fromisoformat(status["created_at"])).total_seconds())
        teller.advance()
    return found


async def _opened_at(stage: Stage, request_id: str) -> datetime:
    until = asyncio.get_running_loop().time() + _SEEN_WITHIN_SECONDS
    while asyncio.get_running_loop().time() < until:
        seen = dict(tickets_in(stage))
        if request_id in seen:
            return seen[request_id]
        await asyncio.sleep(0.1)
    raise CannotMeasure("Another customer's request has no ticket after a minute.")
