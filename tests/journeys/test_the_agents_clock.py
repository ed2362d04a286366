"""The agent's idea of the server's time, through a wait as long as people's decisions are."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from stepladder.app import DatabaseUrls, open_services
from stepladder_agent.client import Client
from stepladder_agent.clock import ServerClock
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant
from tests.support.web import MovedClock, running_web, until

WAIT = timedelta(seconds=50)


async def test_a_long_poll_is_no_jump_of_a_clock(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """USE-01: the service dates its answer when it answers. Both machines' clocks are moved, so 50 seconds pass at once."""
    clock, jumps = MovedClock(), list[timedelta]()
    async with (
        open_services(settings_in(tmp_path, long_poll_seconds=50), own_urls, clock=clock) as services,
        running_web(services) as web,
    ):
        tenant = await new_tenant(services, host="http://127.0.0.1")
        asked = await tenant.submit()
        agents_clock = ServerClock(jumps.append, local=clock.now, monotonic=clock.monotonic)
        desktop = tenant.desktop
        with Client(web.url, key=desktop.key, key_id=desktop.id, clock=agents_clock) as client:
            await asyncio.to_thread(client.endpoint)
            waiting = asyncio.create_task(asyncio.to_thread(client.status, asked.request_id, wait=45))
            await until(lambda: services.waiters.count == 1)
            clock.move(WAIT)
            await tenant.decide(asked.request_id)
            assert (await waiting).state == "approved"

    assert jumps == []
    told = agents_clock.now()
    assert told is not None
    assert abs(told - clock.now()) < timedelta(seconds=2)
