"""A thousand lifecycles under every fault of HaloPSA fact 30, in one process with the real worker."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from stepladder.app import DatabaseUrls, open_services
from stepladder_sandbox.halopsa.faultplan import FaultKind
from stepladder_sandbox.halopsa.testing import running_sandbox
from tests.campaigns import checker
from tests.campaigns.lifecycles import live
from tests.campaigns.world import Fleet, drained, figures, fleet, quiet_config, say, seed, working
from tests.support.installations import settings_in
from tests.support.web import running_web

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("storm")]

LIFECYCLES = int(os.environ.get("STEPLADDER_CAMPAIGN_LIFECYCLES", "1000"))
MSPS, AT_ONCE = 5, 80
SECONDS = 0.6  # how long slow answers and the search's lag take; `Retry-After` is this, rounded to 1
SEARCH_LAG_SECONDS = 1.5  # what the connector is told to wait out; the sandbox's is a little shorter
STORM: dict[FaultKind, float] = {
    "drop_after_commit": 0.025,
    "reset_after_commit": 0.02,
    "504_after_commit": 0.025,
    "cut_json_after_commit": 0.02,
    "504_before_commit": 0.02,
    "reset_before": 0.02,
    "500": 0.02,
    "502_html": 0.01,
    "429_retry_after": 0.006,
    "429_plain": 0.015,
    "429_json": 0.01,
    "expired_token": 0.02,
    "html_login_page": 0.01,
    "slow": 0.01,
    "slow_before_commit": 0.01,
    "empty_list": 0.05,  # befalls lists only, so rarely
    "ids_as_strings": 0.02,
    "wrong_ticket_in_answer": 0.02,
    "search_lag": 0.03,  # befalls creates only
    "refused": 0.02,  # befalls writes only
}


async def test_a_thousand_lifecycles_in_a_storm(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    say(f"seed {number}")
    rng, started = random.Random(number), time.monotonic()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=30, trust_env=False))
        halos = [await stack.enter_async_context(running_sandbox(quiet_config())) for _ in range(MSPS)]
        settings = settings_in(
            tmp_path,
            retry_base_seconds=0.05,
            retry_cap_seconds=0.3,
            attention_cap_seconds=0.8,
            sweep_seconds=0.1,
            http_timeout_seconds=3,
            database_pool=20,
            outbound_allow=tuple(halo.url for halo in halos),
        )
        services = await stack.enter_async_context(open_services(settings, own_urls))
        web = await stack.enter_async_context(running_web(services))
        fleets = [
            await fleet(services, halo, http, rng=rng, urls=[web.url], search_lag_seconds=SEARCH_LAG_SECONDS)
            for halo in halos
        ]
        async with working(services):
            for position, each in enumerate(fleets):
                each.halo.switches.rate_limit = each.call_budget
                each.halo.fail_by_chance(number + position, STORM, seconds=SECONDS)
            async with weather(fleets, rng):
                await live(fleets, rng, own_urls, lifecycles=LIFECYCLES, at_once=AT_ONCE)
            for each in fleets:
                each.halo.stop_failing()
            await drained(own_urls.owner)
        told = figures(fleets, time.monotonic() - started)
        say(told)
        wrong = [
            line for each in fleets for line in await each.judge(own_urls, retry_after_seconds=round(SECONDS))
        ]
    assert not wrong, f"seed {number}; {told}\n" + "\n".join(wrong[:40])
    fired = sum((checker.fired(each.halo.log) for each in fleets), start=checker.fired(()))
    assert all(fired[kind] >= LIFECYCLES / 50 for kind in STORM), f"a storm without wind: {fired}"


@asynccontextmanager
async def weather(fleets: list[Fleet], rng: random.Random) -> AsyncIterator[None]:
    """Switches that lie between old and new HaloPSA, and whole outages, by turns."""

    async def changing() -> None:
        while True:
            switches = rng.choice(fleets).halo.switches
            switches.third_party_filter = rng.random() < 0.6
            switches.rows_carry_reference = rng.random() < 0.7
            switches.null_when_empty = rng.random() < 0.5
            switches.action_includes_ticket = rng.random() < 0.7
            switches.action_new_status = rng.random() < 0.7
            switches.action_closure_note = rng.random() < 0.7
            switches.search_lag_s = rng.choice((0, 0, SEARCH_LAG_SECONDS - 0.2))
            switches.create_status = rng.choice((200, 201))
            switches.outage = rng.choice(("off",) * 18 + ("reset", "503"))
            await asyncio.sleep(0.3)

    task = asyncio.create_task(changing())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
