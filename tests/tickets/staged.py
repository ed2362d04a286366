"""A tenant whose tickets live in memory, its own time, and a drain that can be made to die on any line."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, cast

from tests.support.clock import ManualClock
from tests.support.memory.connector import MemoryConnector, MemoryTicket, MemoryTickets
from tests.support.memory.kind import memory_kind
from tests.support.tenants import Tenant

from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder.connections.kinds import Kinds
from stepladder.connections.queries import find_ticket_system
from stepladder.connections.service import Wiring
from stepladder.connectors.ticket_system import RemoteCustomer, TicketConnector
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.secret import Secret
from stepladder.mapping.service import Customers
from stepladder.reconcile import instances
from stepladder.reconcile.instances import Instance
from stepladder.reconcile.loop import Drains
from stepladder.reconcile.policy import Pace
from stepladder.tickets.drift import Reach
from stepladder.tickets.subjects import LOADERS
from stepladder.tickets.subscriber import ForMapping
from stepladder.tickets.work import WORK, TicketWorks

SEARCH_LAG = 60.0
PACE = Pace(0.5, 2.0, 4.0)
WRITES = ("open_ticket", "add_closing_note", "close_ticket", "mend_fields", "add_remark")


class Died(BaseException):
    """The process ended here. Nothing that runs afterwards in it counts."""


class Lines:
    """The lines on which a process could die, numbered as they are passed."""

    def __init__(self) -> None:
        self.passed = 0
        self.die_at: int | None = None
        self.interrupt_at: int | None = None
        self.interrupt: Callable[[], Awaitable[None]] = nothing

    async def reached(self, *, holding_locks: bool = False) -> None:
        number, self.passed = self.passed, self.passed + 1
        if number == self.die_at:
            raise Died
        # An interruption would wait for the locks of a transaction, and it for them.
        if self.interrupt_at is not None and number >= self.interrupt_at and not holding_locks:
            interrupt, self.interrupt_at = self.interrupt, None
            await interrupt()


async def nothing() -> None:
    """Interrupts nobody."""


class FragileDatabase:
    """The database as seen by a process that may die before a transaction, before its commit, and after."""

    def __init__(self, db: Database, lines: Lines) -> None:
        self._db, self._lines = db, lines

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, holding: str | None = None) -> AsyncIterator[Transaction]:
        await self._lines.reached()
        async with self._db.transaction(actor, holding=holding) as tx:
            yield tx
            await self._lines.reached(holding_locks=True)
        await self._lines.reached()


class FragileConnector:
    """A connector whose process may die before a call is sent and after it was answered."""

    def __init__(self, connector: TicketConnector, lines: Lines) -> None:
        self._connector, self._lines = connector, lines

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connector, name)
        if name == "aclose" or not callable(method):
            return method

        async def call(*arguments: Any, **named: Any) -> Any:
            await self._lines.reached()
            result = await method(*arguments, **named)
            await self._lines.reached()
            return result

        return call


class InMemory:
    """The kind of connection whose connectors lead to one `MemoryTickets`, each as `wrap` makes it."""

    def __init__(self, remote: MemoryTickets, lines: Lines) -> None:
        self._remote = remote
        self.wrap: Callable[[Any], Any] = lambda connector: FragileConnector(connector, lines)
        self.kind = memory_kind(self.build)

    def build(self, settings: Any, secret: Secret, *, lookups: Any, before_call: Any) -> Any:
        lag = timedelta(seconds=settings["search_lag_seconds"])
        return self.wrap(MemoryConnector(self._remote, before_call=before_call, search_lag=lag))


def drains_of(services: Services, wiring: Wiring, reach: Reach | None = None) -> Drains:
    """The drains of ticket systems, as `app` wires them, on another database and other kinds."""
    drains = Drains(wiring.db, services.clock, PACE, random.Random(1))
    customers = Customers(wiring, [ForMapping(lambda *_: None)])
    drains.register(WORK, TicketWorks(wiring, customers, LOADERS, reach=reach or Reach()))
    return drains


@dataclasses.dataclass
class Stage:
    """Everything of one tenant, with tickets in memory."""

    services: Services
    tenant: Tenant
    clock: ManualClock
    remote: MemoryTickets
    lines: Lines
    drain: Drains
    memory: InMemory
    connection_id: Any
    wiring: Wiring

    async def run(self) -> None:
        """One run of the drain, as a job would do it."""
        while await self.drain.run(self.tenant.msp.id, self.connection_id):
            pass

    async def run_until_it_dies(self, line: int | None) -> bool:
        """The same in a process that dies on that line. False when it never got there."""
        self.lines.passed, self.lines.die_at = 0, line
        try:
            await self.run()
        except Died:
            return True
        finally:
            self.lines.die_at = None
        return False

    async def run_interrupted(self, line: int, interrupt: Callable[[], Awaitable[None]]) -> None:
        """The same, with something else happening when it reaches that line. It happens afterwards at the latest."""
        self.lines.passed, self.lines.interrupt_at, self.lines.interrupt = 0, line, interrupt
        await self.run()
        if self.lines.interrupt_at is not None:
            self.lines.interrupt_at = None
            await interrupt()

    def reach_only(self, few: int, at_once: int) -> None:
        """Have drift sweeps look at no more than so many tickets at a time."""
        self.drain = drains_of(self.services, self.wiring, Reach(few, at_once))

    async def settle(self) -> None:
        """Let time pass and drains run until nothing is due any more."""
        for _ in range(30):
            self.clock.move(timedelta(seconds=SEARCH_LAG + 1))
            await self.run()
            if not await self.due():
                return
        raise AssertionError("it never settles")

    async def due(self) -> int:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            return int(await tx.scalar("select count(*) from ticket_link where next_try_at is not null"))

    async def link(self, request_id: str) -> dict[str, Any]:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            (row,) = await tx.dicts("select * from ticket_link where subject_id = %(id)s", {"id": request_id})
        return row

    async def ticket(self, request_id: str) -> MemoryTicket:
        """The one ticket of a request. Fails when there are more, or none."""
        reference = (await self.link(request_id))["reference"]
        (ticket,) = self.remote.with_reference(reference)
        return ticket


async def staged(services: Services, tenant: Tenant, clock: ManualClock, **settings: Any) -> Stage:
    """Connect the tenant to tickets in memory."""
    remote = MemoryTickets(
        clock, [RemoteCustomer("1", "Northwind Traders", is_active=True)], search_lag_seconds=SEARCH_LAG / 2
    )
    lines = Lines()
    memory = InMemory(remote, lines)
    wiring = dataclasses.replace(
        services.connections,
        db=cast("Database", FragileDatabase(services.db, lines)),
        kinds=Kinds([memory.kind]),
    )
    connection_id, _ = await connections.add(
        wiring,
        tenant.operator,
        kind="memory",
        settings={"search_lag_seconds": SEARCH_LAG, "press_wait_seconds": 0, **settings},
        secret=Secret("not used"),
        call_budget=1_000_000,
    )
    drain = drains_of(services, wiring)
    return Stage(services, tenant, clock, remote, lines, drain, memory, connection_id, wiring)


def restaged(stage: Stage, services: Services) -> Stage:
    """The same stage on other services: another database, the same remote."""
    db = cast("Database", FragileDatabase(services.db, stage.lines))
    wiring = dataclasses.replace(services.connections, db=db, kinds=Kinds([stage.memory.kind]))
    tenant = dataclasses.replace(stage.tenant, services=services)
    drain = drains_of(services, wiring)
    return dataclasses.replace(stage, services=services, tenant=tenant, drain=drain, wiring=wiring)


async def instance_of(services: Services, tenant: Tenant) -> Instance | None:
    """How the tenant's ticket system fares."""
    async with services.db.transaction(tenant.operator) as tx:
        found = await find_ticket_system(tx)
        return await instances.find(tx, found.id) if found else None
