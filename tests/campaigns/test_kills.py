"""Sudden death is ordinary: lifecycles in a storm while web processes and workers are killed at random moments."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Collection
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import httpx2
import psycopg
import pytest

from stepladder.app import DatabaseUrls, open_services
from stepladder_sandbox.halopsa.faultplan import FaultKind
from stepladder_sandbox.halopsa.testing import running_sandbox
from tests.campaigns import checker
from tests.campaigns.installation import STALLED_AFTER_SECONDS, Installation, installation
from tests.campaigns.lifecycles import live
from tests.campaigns.world import Fleet, drained, figures, fleet, quiet_config, say, seed, until
from tests.support.processes import Process

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("kills")]

LIFECYCLES = int(os.environ.get("STEPLADDER_CAMPAIGN_LIFECYCLES", "300"))
MSPS, AT_ONCE = 2, 16
SECONDS = 0.6
STORM: dict[FaultKind, float] = {
    "drop_after_commit": 0.02,
    "504_after_commit": 0.02,
    "cut_json_after_commit": 0.01,
    "504_before_commit": 0.01,
    "reset_before": 0.01,
    "500": 0.01,
    "429_plain": 0.01,
    "expired_token": 0.01,
    "slow": 0.03,
    "slow_before_commit": 0.02,
    "empty_list": 0.02,
    "wrong_ticket_in_answer": 0.01,
    "search_lag": 0.02,
}


async def test_lifecycles_while_processes_are_killed(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    say(f"seed {number}, {LIFECYCLES} lifecycles (STEPLADDER_CAMPAIGN_LIFECYCLES sets another number)")
    rng, started = random.Random(number), time.monotonic()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=10, trust_env=False))
        halos = [await stack.enter_async_context(running_sandbox(quiet_config())) for _ in range(MSPS)]
        installed = await stack.enter_async_context(
            installation(tmp_path, own_urls, [halo.url for halo in halos], webs=2, workers=2)
        )
        services = await stack.enter_async_context(open_services(installed.settings, own_urls))
        fleets = [
            await fleet(services, halo, http, rng=rng, urls=installed.urls, search_lag_seconds=1.0)
            for halo in halos
        ]
        await installed.start()
        for position, each in enumerate(fleets):
            each.halo.switches.rate_limit = each.call_budget
            each.halo.switches.latency_s = 0.005
            each.halo.fail_by_chance(number + position, STORM, seconds=SECONDS)
        death = asyncio.create_task(kill_now_and_then(installed, rng))
        await live(fleets, rng, own_urls, lifecycles=LIFECYCLES, at_once=AT_ONCE)
        death.cancel()
        with suppress(asyncio.CancelledError):
            await death
        for each in fleets:
            each.halo.stop_failing()
        await installed.start()
        await drained(own_urls.owner)
        kills = {process.name: process.kills for process in installed.processes}
        told = f"seed {number}; {figures(fleets, time.monotonic() - started)}; kills {kills}"
        say(told)
        wrong = [line for each in fleets for line in await each.judge(own_urls, retry_after_seconds=0)]
    assert not wrong, f"{told}\n" + "\n".join(wrong[:40])
    assert sum(kills.values()) >= 8, f"hardly anybody died: {told}"
    assert sum((each.clients.history.unknown for each in fleets), start=checker.fired(())).total() > 0, told


async def kill_now_and_then(installed: Installation, rng: random.Random) -> None:
    """Kill one process after another, each once it has been at work for a moment; start it again a little later."""
    while True:
        process = rng.choice(installed.processes)
        await process.ready()
        await asyncio.sleep(rng.uniform(0.05, 1.0))
        process.kill()
        await asyncio.sleep(rng.choice((0, 0, 0.3)))
        process.start()


# --- Directed: one worker at a bad moment ----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["killed", "stopped"])
async def test_another_worker_takes_over_and_the_first_comes_too_late(
    how: str, tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """A worker has just created a ticket, and dies or stands still before it learns so."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(timeout=10, trust_env=False))
        halo = await stack.enter_async_context(running_sandbox(quiet_config()))
        installed = await stack.enter_async_context(installation(tmp_path, own_urls, [halo.url], workers=2))
        services = await stack.enter_async_context(open_services(installed.settings, own_urls))
        ours = await fleet(
            services, halo, http, rng=random.Random(1), urls=["http://127.0.0.1:9"], search_lag_seconds=1.0
        )
        workers: dict[int, Process] = {}
        for worker in installed.workers:
            worker.start()
            workers[await registered(own_urls, known=workers.keys())] = worker
        halo.fail_next("slow", method="POST", path="/api/tickets", skip=4, seconds=4)
        for number in range(30):
            await ask(ours, f"early {number}")
        await until(lambda: len(halo.events("ticket.created")) == 5, "the fifth ticket is created")
        busy = workers[await at_work(own_urls)]
        busy.kill() if how == "killed" else busy.stop()
        moment = time.monotonic()
        await until(lambda: len(halo.events("ticket.created")) > 5, "the other worker goes on")
        took_over = time.monotonic() - moment
        await drained(own_urls.owner)
        if how == "stopped":
            busy.go_on()
            await until(lambda: "lease_lost" in busy.said(), "the fence refuses the one that comes too late")
            await ask(ours, "later")
            await drained(own_urls.owner)
        wrong = await ours.judge(own_urls, retry_after_seconds=0)
    say(f"{how}: another worker went on after {took_over:.1f} s")
    assert not wrong, "\n".join(wrong)
    assert took_over < STALLED_AFTER_SECONDS + 20


async def ask(ours: Fleet, key: str) -> None:
    status = await ours.tenant.submit(random.choice(ours.clients.desktops))
    ours.clients.history.accepted[key] = status.request_id


async def registered(urls: DatabaseUrls, *, known: Collection[int]) -> int:
    """The number under which the job engine knows the worker that was started last."""
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
        found: list[int] = []

        async def is_there() -> bool:
            rows = await (await connection.execute("select id from procrastinate_workers")).fetchall()
            found[:] = [row[0] for row in rows if row[0] not in known]
            return bool(found)

        await until(is_there, "the worker is registered")
        return found[0]


async def at_work(urls: DatabaseUrls) -> int:
    """The number of the worker that drains."""
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
        rows = await (
            await connection.execute("select worker_id from procrastinate_jobs where status = 'doing'")
        ).fetchall()
    (number,) = (row[0] for row in rows)
    return int(number)
