"""Having many agents wait, and knowing that they do: what the latency and the memory measurements share."""

from __future__ import annotations

import asyncio
import time

from .agents import ASKED, LEFT, order
from .children import CannotMeasure, Child
from .stage import HOST, Stage
from .tenant import Desktop, Tenant

_REGISTERED_WITHIN_SECONDS = 60.0
_AGENTS_A_SECOND = 150.0


async def agents_wait(
    stage: Stage, tenant: Tenant, askers: list[tuple[Desktop, str]], *, spread: bool = False
) -> Child:
    """Start agents that wait for these requests; returns when the service holds them all."""
    before = await _polls(tenant)
    helper = await stage.children.start_helper("agents", "agents")
    helper.tell(order(askers, host=_host(stage), port=stage.port, per_second=_AGENTS_A_SECOND, spread=spread))
    await _expect(helper, ASKED)
    until = time.monotonic() + _REGISTERED_WITHIN_SECONDS
    while await _polls(tenant) - before < len(askers):
        if time.monotonic() > until:
            raise CannotMeasure("Not every agent's poll was accepted.")
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)  # from the accepted signature to the waiting it is a read of one row
    return helper


async def agents_come_and_go(stage: Stage, tenant: Tenant, askers: list[tuple[Desktop, str]]) -> None:
    """Let agents wait for a second and leave, so that everything the first of them needs is loaded."""
    helper = await stage.children.start_helper("agents", "agents")
    helper.tell(order(askers, host=_host(stage), port=stage.port, per_second=_AGENTS_A_SECOND, once=1.0))
    await _expect(helper, ASKED)
    await _expect(helper, LEFT)
    await stage.children.end_one(helper)


def _host(stage: Stage) -> str:
    return f"{HOST}:{stage.port}"


async def _expect(helper: Child, event: str) -> None:
    said = await helper.hear()
    if said["event"] != event:
        raise CannotMeasure(f"{helper.name} said {said['event']} where {event} was expected.")


async def _polls(tenant: Tenant) -> int:
    """How many signed messages were accepted: each leaves its nonce."""
    return await tenant.count("select count(*) from endpoint_nonce")
