"""Fifty deciders at once over two channels, two hundred times: one decision each, one event, one closing.

Half of them press over the integration API, through the real web application; half decide as technicians do on the
command line. Every loser is told what the winner decided.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from contextlib import AsyncExitStack
from pathlib import Path

import httpx2
import pytest

from stepladder.app import DatabaseUrls, open_services
from stepladder.elevation.policy import Verdict
from stepladder.settings import Settings
from stepladder_sandbox.halopsa.testing import running_sandbox
from tests.campaigns.clients import API, CLI
from tests.campaigns.world import Fleet, drained, fleet, quiet_config, say, seed, working
from tests.support.web import running_web

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("races")]

ROUNDS = int(os.environ.get("STEPLADDER_RACE_ROUNDS", "200"))
DECIDERS = 50


async def test_fifty_deciders_at_once_make_one_decision(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    rng, started = random.Random(number), time.monotonic()
    async with AsyncExitStack() as stack:
        limits = httpx2.Limits(max_connections=DECIDERS, max_keepalive_connections=DECIDERS)
        http = await stack.enter_async_context(httpx2.AsyncClient(limits=limits, timeout=60, trust_env=False))
        halo = await stack.enter_async_context(running_sandbox(quiet_config()))
        settings = Settings(
            data_dir=tmp_path, outbound_allow=(halo.url,), database_pool=20, sweep_seconds=0.5
        )
        services = await stack.enter_async_context(open_services(settings, own_urls))
        web = await stack.enter_async_context(running_web(services))
        ours = await fleet(services, halo, http, rng=rng, urls=[web.url])
        halo.switches.rate_limit = ours.call_budget
        async with working(services):
            for _ in range(ROUNDS):
                await race(ours, rng)
            await drained(own_urls.owner)
        wrong = await ours.judge(own_urls, retry_after_seconds=0)
    told = f"seed {number}; {ROUNDS} rounds of {DECIDERS} deciders in {time.monotonic() - started:.0f} s"
    say(told)
    assert not wrong, f"{told}\n" + "\n".join(wrong[:40])
    assert not ours.clients.history.unknown, (
        f"{told}; somebody learned nothing: {ours.clients.history.unknown}"
    )


async def race(ours: Fleet, rng: random.Random) -> None:
    """All decide at the same moment, each as they like."""
    clients = ours.clients
    request_id = await clients.ask()
    asked = [(rng.choice(list(Verdict)), API if number % 2 else CLI) for number in range(DECIDERS)]
    told = await asyncio.gather(*(clients.decide(request_id, verdict, channel) for verdict, channel in asked))
    assert len(set(told)) == 1, told
    assert told[0] in {verdict.value for verdict, _ in asked}
