"""Resident memory of a `serve` process: idle and ready, and what each waiting agent adds."""

from __future__ import annotations

import asyncio

import psutil

from .progress import Teller
from .report import Line, Relation, Target
from .sizes import Sizes
from .stage import set_stage
from .tenant import new_tenant
from .waiting import agents_come_and_go, agents_wait

_MEGA, _KILO = 1_000_000, 1_000


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """Idle, then with agents that wait."""
    teller.step("memory: setting up")
    async with set_stage() as stage, stage.services() as services:
        tenant = await new_tenant(services, stage.url)
        desktops = await tenant.desktops(sizes.agents_before + sizes.agents_held)
        requests = await tenant.pending(desktops, with_tickets=False)
        askers = list(zip(desktops, requests, strict=True))
        process = psutil.Process((await stage.serve()).pid)
        teller.step("memory: idle")
        await asyncio.sleep(sizes.idle_seconds)
        idle = process.memory_info().rss
        teller.step(f"memory: {sizes.agents_held} agents waiting")
        await agents_come_and_go(stage, tenant, askers[: sizes.agents_before])
        without = process.memory_info().rss
        await agents_wait(stage, tenant, askers[sizes.agents_before :])
        waiting = process.memory_info().rss
    return [
        Line("memory.idle", "Memory of an idle `serve`", idle / _MEGA, "MB", Target(Relation.BELOW, 150)),
        Line(
            "memory.per_agent",
            "Memory per waiting agent",
            (waiting - without) / sizes.agents_held / _KILO,
            "kB",
            Target(Relation.AT_MOST, 17),
            facts={
                "agents": sizes.agents_held,
                "without_mb": without / _MEGA,
                "with_mb": waiting / _MEGA,
            },
        ),
    ]
