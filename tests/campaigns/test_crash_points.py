"""Death on every line: a drain dies before and after each of its calls and commits in turn; the next one heals it.

One request's life is played again and again. Each time the drain dies one step later, until it lives through it all.
A step is a call of HaloPSA or a commit; nothing else that the drain does can be seen from outside.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import psycopg
import pytest

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connectors.base import TicketConnector
from stepladder.connectors.halopsa import tokens
from stepladder.elevation.rules import Verdict
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.sandbox.halopsa.testing import running_sandbox
from stepladder.settings import Settings
from stepladder.tickets import queries
from stepladder.tickets.drain import Drain, Pace
from tests.campaigns.world import Fleet, fleet, quiet_config, say, seed
from tests.support.clock import ManualClock

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("crash_points")]

SEARCH_LAG_SECONDS = 60.0
SECOND_DEATHS = 60


class Died(BaseException):
    """The process is gone. Nothing catches this: it is no Exception."""


@dataclass
class Fuse:
    """Burns down by one at every step, and ends the process when it is burnt."""

    steps: int
    passed: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.steps:
            raise Died(name)


class MortalDatabase(Database):
    """Commits, unless the process died before."""

    fuse: Fuse

    @asynccontextmanager
    async def transaction(self, actor: Actor) -> AsyncIterator[Transaction]:
        async with super().transaction(actor) as tx:
            yield tx
            self.fuse.step("before a commit")
        self.fuse.step("after a commit")


class MortalTransport(httpx2.AsyncBaseTransport):
    """Carries calls, unless the process died before; it may also die before it reads the answer."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, fuse: Fuse) -> None:
        self._inner, self._fuse = inner, fuse

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = f"{request.method} {request.url.path}"
        self._fuse.step(f"before {name}")
        response = await self._inner.handle_async_request(request)
        try:
            self._fuse.step(f"after {name}")
        except Died:
            await response.aclose()
            raise
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class MortalFactory:
    """Builds connectors as ever, and puts the fuse on their way out."""

    def __init__(self, inner: Any) -> None:
        self._inner, self.fuse = inner, Fuse(0)

    def parse(self, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        parsed: dict[str, Any] = self._inner.parse(kind, settings)
        return parsed

    def build(self, *args: Any, **kwargs: Any) -> TicketConnector:
        connector = self._inner.build(*args, **kwargs)
        http = connector._client._http
        http._transport = MortalTransport(http._transport, self.fuse)
        built: TicketConnector = connector
        return built


@dataclass
class Stage:
    """One MSP in its own time, and a drain that can die."""

    ours: Fleet
    services: Services
    clock: ManualClock
    urls: DatabaseUrls
    db: MortalDatabase
    factory: MortalFactory
    drain: Drain

    async def run(self, fuse: Fuse) -> bool:
        """Drain; whether the drain lived through it."""
        self.db.fuse = self.factory.fuse = fuse
        async with self.services.db.transaction(self.ours.tenant.operator) as tx:
            row = await queries.connector(tx)
        assert row is not None
        try:
            while await self.drain.run(self.ours.tenant.msp.id, row.id):
                pass
        except Died:
            return False
        return True

    async def next_due(self) -> datetime | None:
        async with self.services.db.transaction(self.ours.tenant.operator) as tx:
            due: datetime | None = await tx.scalar(
                """select greatest(min(l.next_try_at), (select paused_until from psa_connector)) from ticket_link l
                   where l.next_try_at is not null"""
            )
        return due

    async def heal(self, deaths: list[Fuse]) -> None:
        """New drains, each when something is due, until nothing is. The first ones may die, too."""
        for _ in range(40):
            due = await self.next_due()
            if due is None:
                return
            self.clock.move(max(due - self.clock.now(), due - due))
            await self.run(deaths.pop(0) if deaths else Fuse(0))
        raise AssertionError("it does not heal")

    async def forget(self) -> None:
        """Let the next drain find everything anew, as on its first day: token, look-ups, customers."""
        tokens.of_this_loop().__init__()  # type: ignore[misc]  # emptied in place
        async with await psycopg.AsyncConnection.connect(self.urls.owner, autocommit=True) as connection:
            await connection.execute("delete from connector_lookup")
            await connection.execute("delete from customer_mapping")

    async def live(self, number: int, fuse: Fuse, later_deaths: list[Fuse], *, has_ticket: bool) -> bool:
        """One request's life, with a drain that dies when the fuse is burnt; whether it never did.

        It is decided when it has its ticket, or before.
        """
        clients, tenant = self.ours.clients, self.ours.tenant
        status = await tenant.submit(clients.desktops[number % len(clients.desktops)])
        clients.history.accepted[f"{number}-{len(clients.history.accepted)}"] = request_id = status.request_id
        lived = True
        if has_ticket:
            lived = await self.run(fuse)
            if not lived:
                await self.heal(later_deaths)
        verdict = Verdict.APPROVED if number % 2 else Verdict.DENIED
        clients.trying(request_id)
        decided = await tenant.decide(request_id, verdict)
        clients.history.told.append((request_id, "cli", str(decided.state)))
        if lived:
            lived = await self.run(fuse)
        await self.heal(later_deaths)
        return lived


@asynccontextmanager
async def stage(tmp_path: Path, urls: DatabaseUrls) -> AsyncIterator[Stage]:
    clock = ManualClock()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient())
        halo = await stack.enter_async_context(running_sandbox(quiet_config(), clock=clock.now))
        settings = Settings(data_dir=tmp_path, outbound_allow=(halo.url,))
        services = await stack.enter_async_context(open_services(settings, urls, clock=clock))
        ours = await fleet(
            services,
            halo,
            http,
            rng=random.Random(1),
            urls=["http://127.0.0.1:9"],
            search_lag_seconds=SEARCH_LAG_SECONDS,
        )
        ours.clients.history.tried.clear()
        db = MortalDatabase(urls.service)
        db.fuse = Fuse(0)
        await db.open()
        stack.push_async_callback(db.close)
        factory = MortalFactory(services.tickets.factory)
        wiring = replace(services.tickets, db=db, factory=factory)
        drain = Drain(wiring, services.elevation, Pace(), random.Random(1))
        # The people's own moments are told by the same clock.
        ours.clients._now = clock.now
        ours.halo.switches.rate_limit = 1_000_000
        yield Stage(ours, services, clock, urls, db, factory, drain)


@pytest.mark.parametrize(("has_ticket", "knows_nothing", "at_least"), [(True, True, 100), (False, False, 40)])
async def test_a_drain_may_die_at_any_step(
    has_ticket: bool, knows_nothing: bool, at_least: int, tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    async with stage(tmp_path, own_urls) as on:
        deaths: list[str] = []
        await on.live(0, Fuse(0), [], has_ticket=True)
        while True:
            if knows_nothing:
                await on.forget()
            fuse = Fuse(len(deaths) + 1)
            if await on.live(len(deaths), fuse, [], has_ticket=has_ticket):
                break
            deaths.append(fuse.passed[-1])
        wrong = await on.ours.judge(own_urls, retry_after_seconds=0)
    say(f"died at {len(deaths)} steps of {len(set(deaths))} kinds")
    assert not wrong, "\n".join(wrong[:40])
    assert len(deaths) >= at_least
    assert {
        f"{when} POST /api/{what}" for when in ("before", "after") for what in ("Tickets", "Actions")
    } <= set(deaths)


async def test_whoever_heals_may_die_as_well(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    rng = random.Random(number)
    async with stage(tmp_path, own_urls) as on:
        on.ours.halo.switches.action_new_status = False
        for life in range(SECOND_DEATHS):
            # Look-ups are known by now, so that the deaths befall the writes and what is around them.
            deaths = [Fuse(rng.randint(1, 25)) for _ in range(rng.randint(1, 3))]
            await on.live(life, Fuse(rng.randint(1, 40)), deaths, has_ticket=bool(life % 3))
        wrong = await on.ours.judge(own_urls, retry_after_seconds=0)
    assert not wrong, f"seed {number}\n" + "\n".join(wrong[:40])
