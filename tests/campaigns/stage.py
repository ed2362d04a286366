"""One MSP in its own time, with a drain that can die, or be held up, at any of its steps.

A step is a call of HaloPSA or a commit; nothing else that a drain does can be seen from outside. The calls are real
HTTP to a sandbox; only time is not.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import psycopg

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connections.kinds import Kind, Kinds
from stepladder.connections.queries import find_ticket_system
from stepladder.connectors.base import Connector
from stepladder.connectors.halopsa import tokens
from stepladder.elevation.policy import Verdict
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId
from stepladder.mapping.service import Customers
from stepladder.reconcile.loop import Drains
from stepladder.reconcile.policy import Pace
from stepladder.tickets.subjects import LOADERS
from stepladder.tickets.subscriber import ForMapping
from stepladder.tickets.work import WORK, TicketWorks
from stepladder_sandbox.halopsa.testing import running_sandbox
from tests.campaigns.world import Fleet, fleet, quiet_config
from tests.support.clock import ManualClock
from tests.support.installations import settings_in

SEARCH_LAG_SECONDS = 60.0
Onward = Callable[[httpx2.Request], Awaitable[httpx2.Response]]
Meddle = Callable[[httpx2.Request, Onward], Awaitable[httpx2.Response]]


class Died(BaseException):
    """The process is gone. Nothing catches this: it is no Exception."""


@dataclass
class Fuse:
    """Burns down by one at every step, and ends the process when it is burnt, or at a step that has been named.

    A step is named by what it is and by how often there was one like it: how many others come first may change.
    """

    steps: int = 0
    at: tuple[str, int] | None = None
    passed: list[str] = field(default_factory=list)

    def step(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) == self.steps or (name, self.passed.count(name)) == self.at:
            raise Died(name)

    def named(self) -> list[tuple[str, int]]:
        """The steps that were passed."""
        return [(name, self.passed[: number + 1].count(name)) for number, name in enumerate(self.passed)]


class MortalDatabase(Database):
    """Commits, unless the process died before. A test may have something happen after one of the commits."""

    fuse: Fuse
    commits_until_interrupted = 0
    interrupt: Callable[[], Awaitable[object]]

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, holding: str | None = None) -> AsyncIterator[Transaction]:
        async with super().transaction(actor, holding=holding) as tx:
            yield tx
            self.fuse.step("before a commit")
        self.fuse.step("after a commit")
        self.commits_until_interrupted -= 1
        if self.commits_until_interrupted == 0:
            await self.interrupt()


class MortalTransport(httpx2.AsyncBaseTransport):
    """Carries calls, unless the process died before; it may also die before it reads the answer.

    A test may meddle with them on their way.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport, fuse: Fuse, meddle: Meddle) -> None:
        self._inner, self._fuse, self._meddle = inner, fuse, meddle

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        name = f"{request.method} {request.url.path}"
        self._fuse.step(f"before {name}")
        response = await self._meddle(request, self._inner.handle_async_request)
        try:
            self._fuse.step(f"after {name}")
        except Died:
            await response.aclose()
            raise
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _let_pass(request: httpx2.Request, onward: Onward) -> httpx2.Response:
    return await onward(request)


class MortalFactory:
    """Builds connectors as ever, and puts the fuse on their way out."""

    def __init__(self, inner: Kind) -> None:
        self._inner, self.fuse, self.meddle = inner, Fuse(), _let_pass
        self.kind = replace(inner, build=self.build)

    def build(self, *args: Any, **kwargs: Any) -> Connector:
        connector: Any = self._inner.build(*args, **kwargs)
        http = connector._client._http
        http._transport = MortalTransport(http._transport, self.fuse, self.meddle)
        built: Connector = connector
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
    drain: Drains

    async def run(self, fuse: Fuse) -> bool:
        """Drain; whether the drain lived through it."""
        self.db.fuse = self.factory.fuse = fuse
        try:
            while await self.drain.run(self.ours.tenant.msp.id, await self.connection_id()):
                pass
        except Died:
            return False
        return True

    async def interrupted(self, commit: int, happens: Callable[[], Awaitable[object]]) -> list[str]:
        """Drain, and have something happen right after that commit of the drain; gives the steps it took."""
        self.db.interrupt, self.db.commits_until_interrupted = happens, commit
        fuse = Fuse()
        await self.run(fuse)
        self.db.commits_until_interrupted = 0
        return fuse.passed

    async def ask(self) -> str:
        """A desktop asks; gives the request's id."""
        clients = self.ours.clients
        asked = len(clients.history.accepted)
        status = await self.ours.tenant.submit(clients.desktops[asked % len(clients.desktops)])
        clients.history.accepted[str(asked)] = status.request_id
        return status.request_id

    async def decide(self, request_id: str, verdict: Verdict = Verdict.APPROVED) -> None:
        """A technician decides."""
        clients = self.ours.clients
        clients.trying(request_id)
        decided = await self.ours.tenant.decide(request_id, verdict)
        clients.history.told.append((request_id, "cli", str(decided.state)))

    async def judged(self, *, retry_after_seconds: float = 0) -> list[str]:
        """Everything that is wrong."""
        return await self.ours.judge(self.urls, retry_after_seconds=retry_after_seconds)

    async def connection_id(self) -> ConnectionId:
        async with self.services.db.transaction(self.ours.tenant.operator) as tx:
            row = await find_ticket_system(tx)
        assert row is not None
        return row.id

    async def next_due(self) -> datetime | None:
        async with self.services.db.transaction(self.ours.tenant.operator) as tx:
            due: datetime | None = await tx.scalar(
                """select greatest(min(l.next_try_at), (select paused_until from drain)) from ticket_link l
                   where l.next_try_at is not null"""
            )
        return due

    async def heal(self, deaths: list[Fuse]) -> None:
        """New drains, each when something is due, until nothing is. The first ones may die, too."""
        for _ in range(40):
            due = await self.next_due()
            if due is None:
                return
            self.clock.move(max(due - self.clock.now(), timedelta(0)))
            await self.run(deaths.pop(0) if deaths else Fuse())
        raise AssertionError("it does not heal")

    async def forget(self) -> None:
        """Let the next drain find everything again, as on its first day: token, look-ups, customers."""
        tokens.of_this_loop().__init__()  # type: ignore[misc]  # emptied in place
        async with await psycopg.AsyncConnection.connect(self.urls.owner, autocommit=True) as connection:
            await connection.execute("delete from connection_lookup")
            await connection.execute("delete from customer_mapping")

    async def live(self, number: int, fuse: Fuse, later_deaths: list[Fuse], *, has_ticket: bool) -> bool:
        """One request's life, with a drain that dies when the fuse is burnt; whether it never did.

        It is decided when it has its ticket, or before.
        """
        request_id, lived = await self.ask(), True
        if has_ticket:
            lived = await self.run(fuse)
            if not lived:
                await self.heal(later_deaths)
        await self.decide(request_id, Verdict.APPROVED if number % 2 else Verdict.DENIED)
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
        settings = settings_in(tmp_path, outbound_allow=(halo.url,))
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
        db = MortalDatabase(urls.service, clock)
        db.fuse = Fuse()
        await db.open()
        stack.push_async_callback(db.close)
        factory = MortalFactory(services.connections.kinds.get("halopsa"))
        wiring = replace(services.connections, db=db, kinds=Kinds([factory.kind]))
        drain = Drains(db, clock, Pace(), random.Random(1))
        customers = Customers(wiring, [ForMapping(lambda *_: None)])
        drain.register(WORK, TicketWorks(wiring, customers, LOADERS))
        # The people's own moments are told by the same clock.
        ours.clients._now = clock.now
        ours.halo.switches.rate_limit = 1_000_000
        yield Stage(ours, services, clock, urls, db, factory, drain)
