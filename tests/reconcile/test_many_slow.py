"""What one MSP's slow HaloPSA does to the others of the same worker: nothing that they notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.support.halo import connect, drain
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant

from stepladder import worker
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.reconcile import loop
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox

SLOW = 64
LATENCY = 8.0
ASKED = 4


@dataclass
class Street:
    """A worker's installation with many MSPs at a slow HaloPSA, and one at a healthy one."""

    services: Services
    slow: RunningSandbox
    healthy: RunningSandbox
    tenant: Tenant

    def opened(self) -> int:
        return len(self.healthy.events("ticket.created"))

    async def jobs(self) -> int:
        row = await self.services.jobs.app.connector.execute_query_one_async(
            "select count(*) as many from procrastinate_jobs"
        )
        return int(row["many"])


@asynccontextmanager
async def street(directory: Path, urls: DatabaseUrls, many: int) -> AsyncIterator[Street]:
    config = msgspec.structs.replace(demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())
    async with running_sandbox(config) as slow, running_sandbox(config) as healthy:
        slow.switches.rate_limit = 1_000_000  # many instances in one
        settings = settings_in(directory, outbound_allow=(slow.url, healthy.url), sweep_seconds=1)
        async with open_services(settings, urls) as services:
            tenant = await new_tenant(services)
            await connect(services, tenant, healthy)
            # Its customers are mapped and its names are known, as of any MSP that has been here for a while.
            await tenant.submit()
            await drain(services, tenant)
            for _ in range(many):
                other = await new_tenant(services)
                await connect(services, other, slow)
                await other.submit()
            slow.switches.latency_s = LATENCY
            yield Street(services, slow, healthy, tenant)


@asynccontextmanager
async def working(place: Street) -> AsyncIterator[None]:
    """A worker at work. At the end what is under way may end."""
    tasks = [
        asyncio.create_task(worker.run(place.services)),
        asyncio.create_task(place.services.jobs.run_nudges()),
    ]
    try:
        yield
    finally:
        place.slow.switches.latency_s = 0
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110 - a sandbox has no event for it
        await asyncio.sleep(0.01)


async def test_sixty_four_slow_instances_do_not_keep_a_healthy_one_waiting(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """OPS-12: its tickets come while every slow one still waits for its first answers."""
    async with street(tmp_path, own_urls, SLOW) as place, working(place):
        while await place.jobs() < SLOW:  # noqa: ASYNC110 - the job engine has no event for it
            await asyncio.sleep(0.01)
        before = len(place.healthy.events("api.call"))
        for number in range(ASKED):
            await place.tenant.submit()
            await until(lambda number=number: place.opened() > number + 1)  # type: ignore[misc]  # mypy infers no type for it
        assert place.slow.events("ticket.created") == []
        # One call each, and signing in for each run: it was not started over and over.
        assert len(place.healthy.events("api.call")) - before <= 4 * ASKED


async def test_while_every_place_is_taken_a_drain_makes_way(
    tmp_path: Path, own_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPS-12: with more slow instances than places none keeps its own for a whole slice."""
    monkeypatch.setattr(loop, "SLOTS", 1)
    monkeypatch.setattr(loop, "CROWDED_SLICE_SECONDS", 0.0)
    async with street(tmp_path, own_urls, 0) as place:
        for _ in range(3):
            await place.tenant.submit()
        async with place.services.db.transaction(place.tenant.operator) as tx:
            connection = await tx.scalar("select id from connection")
        runs = 1
        while await place.services.drains.run(place.tenant.msp.id, connection):
            runs += 1
        assert place.opened() == 4
        assert runs >= 3
