"""A quiet stretch: what a thousand lifecycles cost in calls of HaloPSA when nothing goes wrong, channel by channel."""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx2
import msgspec
import pytest

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.elevation.policy import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import RequestId
from stepladder.settings import Settings
from stepladder_sandbox.halopsa.records import User
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox
from tests.campaigns import checker
from tests.campaigns.clients import API, CLI
from tests.campaigns.lifecycles import press
from tests.campaigns.virtual import Days
from tests.campaigns.world import Fleet, fleet, quiet_config, say
from tests.support.clock import ManualClock
from tests.support.web import running_web

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("calm")]

EACH = 200
CHANNELS = ("cli", "integration_api", "button", "cancelled", "expired")
AT_MOST = 3.0


async def test_a_thousand_lifecycles_cost_three_calls_each(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """One request a minute and MSP, each with a HaloPSA of its own: the dearest case, for nothing is shared.

    The machines and their user are known to HaloPSA, as an MSP's are. What is not is looked for again every half an hour.
    """
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
            asked = {channel: await ask(ours, number) for channel, ours in fleets.items()}
            await days.until(clock.now() + timedelta(seconds=10), step=timedelta(seconds=10))
            for channel, ours in fleets.items():
                await settle(ours, channel, asked[channel], rng, own_urls)
            await days.until(clock.now() + timedelta(seconds=50), step=timedelta(seconds=25))
        await days.rest(step=timedelta(seconds=1), at_most=timedelta(hours=1))
        wrong = [
            line for ours in fleets.values() for line in await ours.judge(own_urls, retry_after_seconds=0)
        ]
        calls = {channel: checker.calls(ours.halo.log)[before[channel] :] for channel, ours in fleets.items()}
    mean = sum(map(len, calls.values())) / EACH / len(calls)
    # What a channel itself costs: the looks at open tickets go by time, however many requests wait.
    cost = {
        channel: len([call for call in made if not is_look(call)]) / EACH for channel, made in calls.items()
    }
    tokens = sum(call["path"] == "/auth/token" for made in calls.values() for call in made)
    told = f"calls of HaloPSA per lifecycle: {cost}; {mean:.2f} on average, {tokens} of them for tokens"
    say(told)
    assert not wrong, f"{told}\n" + "\n".join(wrong[:40])
    assert mean <= AT_MOST, told
    # A button's press names nobody, so its ticket is read for who pressed; that is one call more.
    assert all(
        each <= AT_MOST + (0.3 if channel in ("integration_api", "button") else 0)
        for channel, each in cost.items()
    ), told


def is_look(call: checker.Event) -> bool:
    """Whether a call is a drift sweep's."""
    return "ticketids" in (call.get("query") or {})


async def calm_fleet(
    services: Services, halo: RunningSandbox, http: httpx2.AsyncClient, web_url: str, clock: ManualClock
) -> Fleet:
    ours = await fleet(
        services, halo, http, rng=random.Random(1), urls=[web_url], call_budget=600, search_lag_seconds=60
    )
    ours.clients._now = clock.now
    assets = halo.state.config.assets
    client_ids = {client.name: client.id for client in halo.state.config.clients}
    halo.reconfigure(
        assets=tuple(
            msgspec.structs.replace(
                assets[0],
                id=1000 + number,
                inventory_number=desktop.endpoint.name,
                client_id=client_ids[ours.clients.customer_of(desktop)],
            )
            for number, desktop in enumerate(ours.clients.desktops)
        ),
        users=(
            *halo.state.config.users,
            *(
                User(
                    id=700 + client_id,
                    name="Ada Lovelace",
                    emailaddress="ada@customer.example",
                    client_id=client_id,
                    site_id=10 + client_id,
                )
                for client_id in client_ids.values()
            ),
        ),
    )
    return ours


async def ask(ours: Fleet, number: int) -> str:
    clients = ours.clients
    desktop = clients.desktops[number % len(clients.desktops)]
    request_id = (await ours.tenant.submit(desktop)).request_id
    clients.history.accepted[request_id] = request_id
    clients._desktop_of[request_id] = desktop
    return request_id


async def settle(ours: Fleet, channel: str, request_id: str, rng: random.Random, urls: DatabaseUrls) -> None:
    clients, verdict = ours.clients, rng.choice(list(Verdict))
    match channel:
        case "cli" | "integration_api":
            await clients.decide(request_id, verdict, CLI if channel == "cli" else API)
        case "button":
            await press(ours, request_id, verdict, rng)
        case "cancelled":
            clients.trying(request_id)
            desktop = clients._desktop_of[request_id].endpoint
            actor = endpoints.actor_for(ours.tenant.msp.id, desktop.id)
            done = await ours.tenant.services.elevation.cancel(actor, desktop.id, RequestId(UUID(request_id)))
            clients.history.told.append((request_id, "endpoint", str(done.state)))
        case "expired":
            await clients.age(request_id, urls.owner)
            clients.history.told.append((request_id, "endpoint", "expired"))
