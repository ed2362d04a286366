"""A quiet stretch: what a thousand lifecycles cost in calls of HaloPSA when nothing goes wrong, channel by channel."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import pytest

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.elevation.rules import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import RequestId
from stepladder.sandbox.halopsa.demo import DANA, NIK
from stepladder.sandbox.halopsa.testing import RunningSandbox, running_sandbox
from stepladder.settings import Settings
from tests.campaigns import checker
from tests.campaigns.clients import API, CLI
from tests.campaigns.virtual import Days
from tests.campaigns.world import Fleet, fleet, quiet_config, say
from tests.support.clock import ManualClock
from tests.support.web import running_web

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(300), pytest.mark.xdist_group("calm")]

EACH = 200
CHANNELS = ("cli", "integration_api", "button", "cancelled", "expired")
AT_MOST = 3.0


async def test_a_thousand_lifecycles_cost_three_calls_each(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """One request a minute and MSP, each with a HaloPSA of its own: the dearest case, because nothing is shared."""
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(trust_env=False, timeout=30))
        halos = [
            await stack.enter_async_context(
                running_sandbox(quiet_config(), clock=clock.now, sleep=clock.sleep)
            )
            for _ in CHANNELS
        ]
        settings = Settings(data_dir=tmp_path, outbound_allow=tuple(halo.url for halo in halos))
        services = await stack.enter_async_context(open_services(settings, own_urls, clock=clock))
        web = await stack.enter_async_context(running_web(services, waiting=False))
        fleets = {
            channel: await calm_fleet(services, halo, http, web.url, clock)
            for channel, halo in zip(CHANNELS, halos, strict=True)
        }
        days, rng = Days(services, clock), random.Random(1)
        before = {channel: len(checker.calls(ours.halo.log)) for channel, ours in fleets.items()}
        for number in range(EACH):
            for channel, ours in fleets.items():
                await one_life(ours, channel, days, clock, rng, own_urls, desktop=number)
        await days.rest(step=timedelta(seconds=1), at_most=timedelta(hours=1))
        wrong = [
            line for ours in fleets.values() for line in await ours.judge(own_urls, retry_after_seconds=0)
        ]
        calls = {channel: checker.calls(ours.halo.log)[before[channel] :] for channel, ours in fleets.items()}
    cost = {channel: len(made) / EACH for channel, made in calls.items()}
    mean = sum(cost.values()) / len(cost)
    tokens = sum(call["path"] == "/auth/token" for made in calls.values() for call in made)
    told = f"calls of HaloPSA per lifecycle: {cost}; {mean:.2f} on average, {tokens} of them for tokens"
    say(told)
    assert not wrong, f"{told}\n" + "\n".join(wrong[:40])
    assert mean <= AT_MOST, told
    # A button's press names nobody, so its ticket is read for who pressed; that is one call more.
    assert all(
        each <= AT_MOST + (0.25 if channel in ("integration_api", "button") else 0)
        for channel, each in cost.items()
    ), told


async def calm_fleet(
    services: Services, halo: RunningSandbox, http: httpx2.AsyncClient, web_url: str, clock: ManualClock
) -> Fleet:
    ours = await fleet(
        services, halo, http, rng=random.Random(1), urls=[web_url], call_budget=600, search_lag_seconds=60
    )
    ours.clients._now = clock.now
    return ours


async def one_life(
    ours: Fleet,
    channel: str,
    days: Days,
    clock: ManualClock,
    rng: random.Random,
    urls: DatabaseUrls,
    *,
    desktop: int,
) -> None:
    clients, tenant = ours.clients, ours.tenant
    asking = clients.desktops[desktop % len(clients.desktops)]
    request_id = (await tenant.submit(asking)).request_id
    clients.history.accepted[request_id] = request_id
    clients._desktop_of[request_id] = asking
    await days.until(clock.now() + timedelta(seconds=6), step=timedelta(seconds=2))
    verdict = rng.choice(list(Verdict))
    match channel:
        case "cli" | "integration_api":
            await clients.decide(request_id, verdict, CLI if channel == "cli" else API)
        case "button":
            clients.trying(request_id)
            for call in await ours.halo.press(
                ours.ticket_of(request_id) or 0,
                "approve" if verdict is Verdict.APPROVED else "deny",
                rng.choice((NIK, DANA)),
            ):
                clients.pressed(request_id, call.status, call.response_body)
        case "cancelled":
            clients.trying(request_id)
            actor = endpoints.actor_for(tenant.msp.id, asking.endpoint.id)
            done = await tenant.services.elevation.cancel(
                actor, asking.endpoint.id, RequestId(UUID(request_id))
            )
            clients.history.told.append((request_id, "endpoint", str(done.state)))
        case "expired":
            await clients.age(request_id, urls.owner)
            clients.history.told.append((request_id, "endpoint", "expired"))
    await days.until(clock.now() + timedelta(seconds=6), step=timedelta(seconds=2))
