"""Lives of elevation requests: each is asked, may get a ticket first, is settled over some channel, and is used."""

from __future__ import annotations

import asyncio
import random

from stepladder.app import DatabaseUrls
from stepladder.elevation.policy import Verdict
from stepladder_sandbox.halopsa.demo import DANA, NIK
from tests.campaigns.clients import API, CLI
from tests.campaigns.world import Fleet, until

WAYS = {"api": 34, "cli": 22, "button": 12, "both": 12, "cancel": 8, "expire": 8, "nobody": 4}
"""How requests are settled, and how often each."""


async def live(
    fleets: list[Fleet], rng: random.Random, urls: DatabaseUrls, *, lifecycles: int, at_once: int
) -> None:
    """Live that many lives, some of them at the same time."""
    numbers = iter(range(lifecycles))

    async def one_after_another() -> None:
        for _ in numbers:
            await lifecycle(rng.choice(fleets), rng, urls)

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(one_after_another())


async def lifecycle(on: Fleet, rng: random.Random, urls: DatabaseUrls) -> None:
    """One request from its asking to its grant; what happens in between is up to chance."""
    clients = on.clients
    request_id = await clients.ask()
    await asyncio.sleep(rng.choice((0, 0, 0.1, 0.5)))
    verdict = rng.choice(list(Verdict))
    match rng.choices(list(WAYS), list(WAYS.values()))[0]:
        case "api":
            await clients.decide(request_id, verdict, API)
        case "cli":
            await clients.decide(request_id, verdict, CLI)
        case "button":
            await press(on, request_id, verdict, rng)
        case "both":
            async with asyncio.TaskGroup() as group:
                for channel in (API, CLI):
                    group.create_task(clients.decide(request_id, rng.choice(list(Verdict)), channel))
        case "cancel":
            await clients.cancel(request_id)
        case "expire":
            await clients.let_expire(request_id, urls.owner)
    if await clients.look(request_id) == "approved":
        await clients.fetch_grant(request_id)


async def press(on: Fleet, request_id: str, verdict: Verdict, rng: random.Random) -> None:
    """A person presses the button in the ticket, once there is one.

    HaloPSA closes the ticket even where the call met a dead server; the person then decides in another way.
    """
    await until(lambda: on.ticket_of(request_id) is not None, f"{request_id} has a ticket", seconds=900)
    button = "approve" if verdict is Verdict.APPROVED else "deny"
    on.clients.trying(request_id)
    calls = await on.halo.press(on.ticket_of(request_id) or 0, button, rng.choice((NIK, DANA)))
    for call in calls:
        on.clients.pressed(request_id, call.status, call.response_body)
    if not any(call.is_success for call in calls):
        await on.clients.decide(request_id, verdict, API)
