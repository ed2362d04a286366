"""HaloPSA calls per lifecycle in calm weather, and the most in any five minutes, counted in the sandbox's log.

Both worlds run in this process on one clock that the bench moves, over real HTTP: a working day then takes a
minute, and five minutes are five minutes in the log. Counts do not depend on how fast anything is.
"""

from __future__ import annotations

import statistics
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from stepladder import server
from stepladder.app import Services
from stepladder.elevation.approvers import ByTechnician
from stepladder.elevation.policy import Ask, Channel, Verdict
from stepladder.kit.ids import ConnectionId
from stepladder_sandbox.halopsa.demo import NIK, demo_config
from stepladder_sandbox.halopsa.records import Asset
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox, served

from .children import CannotMeasure
from .progress import Teller
from .report import Line, Relation, Target
from .sizes import Sizes
from .stage import HOST, free_ports, set_stage
from .tenant import Desktop, Tenant, new_tenant

BUTTON, TECHNICIAN = "button", "technician"
WINDOW_SECONDS = 300.0
LIMIT = 700
_WORKING_DAY = timedelta(hours=8)
_THINKING = timedelta(seconds=20)
_LONGEST_SETTLING = timedelta(days=2)
_CALLS = Target(Relation.AT_MOST, 3)


class DayClock:
    """The product's clock and the sandbox's: it stands still unless moved, and a sleeper moves it."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def move(self, ahead: timedelta) -> None:
        self._now += ahead

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        self.move(timedelta(seconds=seconds))


@dataclass(frozen=True)
class World:
    """The product and the sandbox, connected."""

    tenant: Tenant
    clock: DayClock
    halo: RunningSandbox
    connection_id: ConnectionId

    @property
    def services(self) -> Services:
        return self.tenant.services

    async def settle(self) -> None:
        """Work as the worker does, a sweep at a time, until nothing is left to do."""
        until = self.clock.now() + _LONGEST_SETTLING
        while self.clock.now() < until:
            while await self.services.drains.run(self.tenant.msp.id, self.connection_id):
                pass
            due_at = await self._next_due()
            if due_at is None:
                return
            self.clock.move(max(due_at - self.clock.now(), timedelta(0)))
        raise CannotMeasure("The tickets do not settle.")

    async def _next_due(self) -> datetime | None:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            found: datetime | None = await tx.scalar(
                """select greatest(min(l.next_try_at), max(d.paused_until))
                   from ticket_link l join drain d on d.id = l.connection_id"""
            )
        return found

    async def ticket_of(self, request_id: str) -> int:
        """The ticket that was opened for a request."""
        async with self.services.db.transaction(self.tenant.operator) as tx:
            query = "select ticket_id from ticket_link where subject_id = %(id)s and ticket_id is not null"
            found = await tx.scalar(query, {"id": UUID(request_id)})
        if found is None:
            raise CannotMeasure("A request got no ticket.")
        return int(found)

    async def decide(self, request_id: str, channel: str) -> None:
        """Approve, by pressing the ticket's button or as a technician."""
        if channel == BUTTON:
            (call,) = await self.halo.press(await self.ticket_of(request_id), "approve", NIK)
            if call.status != 200:
                raise CannotMeasure(
                    f"The button was answered {call.status}: {call.response_body or call.error}"
                )
            return
        by = ByTechnician(self.services.db, self.tenant.operator, self.tenant.email)
        await self.services.elevation.decide(Ask(request_id, Verdict.APPROVED, Channel.CLI), by)


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """A calm day, then a backlog."""
    teller.step("calls: setting up")
    async with opened_world(sizes.desktops) as (world, desktops):
        teller.step("calls: a calm working day", total=sizes.lifecycles)
        day = await _calm_day(world, desktops, sizes.lifecycles, teller.advance)
    teller.step("calls: setting up")
    async with opened_world(sizes.desktops) as (world, desktops):
        teller.step("calls: a backlog", total=None)
        backlog = await _backlog(world, desktops, sizes.backlog)
    return [*_per_lifecycle(day), *_rolling(day, backlog)]


@asynccontextmanager
async def opened_world(desktops: int) -> AsyncIterator[tuple[World, list[Desktop]]]:
    """A fresh world, connected, with its desktops known to HaloPSA as assets."""
    async with set_stage() as stage:
        clock = DayClock()
        (port,) = free_ports(1)
        stage_url = f"http://{HOST}:{port}"
        names = [f"DESK-{number}" for number in range(1, desktops + 1)]
        async with (
            running_sandbox(_sandbox_config(names), stage.halopsa_log, clock=clock.now) as halo,
            stage.services(halopsa_url=halo.url, clock=clock) as services,
            served(server.application(services)) as url,
        ):
            tenant = await new_tenant(services, stage_url)
            halo.point_at(url, tenant.key)
            connection_id = await tenant.connect(halo.url)
            yield World(tenant, clock, halo, connection_id), await tenant.desktops(desktops)


def _sandbox_config(names: Sequence[str]) -> Any:
    config = demo_config(f"http://{HOST}:9", "not-set-yet")
    northwind, site = 1, 11
    assets = tuple(
        Asset(id=1000 + number, inventory_number=name, client_id=northwind, site_id=site)
        for number, name in enumerate(names)
    )
    return msgspec.structs.replace(config, tickets=(), assets=config.assets + assets)


@dataclass(frozen=True)
class _Lifecycle:
    channel: str
    calls: list[dict[str, Any]]


async def _calm_day(
    world: World, desktops: Sequence[Desktop], count: int, done: Callable[[], None]
) -> list[_Lifecycle]:
    """Requests evenly over a working day, each decided before the next, by button and technician in turn."""
    lifecycles = []
    for number in range(count):
        world.clock.move(_WORKING_DAY / count)
        seen = world.halo.state.log.last
        request_id = await world.tenant.submit(desktops[number % len(desktops)])
        await world.settle()
        world.clock.move(_THINKING)
        channel = (BUTTON, TECHNICIAN)[number % 2]
        await world.decide(request_id, channel)
        await world.settle()
        lifecycles.append(_Lifecycle(channel, _calls(world.halo.state.log.after(seen))))
        done()
    await _check(world, count)
    return lifecycles


async def _backlog(world: World, desktops: Sequence[Desktop], count: int) -> list[dict[str, Any]]:
    """All ask at once; technicians decide while tickets are still being opened. Returns all calls."""
    seen = world.halo.state.log.last
    requests = [await world.tenant.submit(desktops[number % len(desktops)]) for number in range(count)]
    await world.services.drains.run(world.tenant.msp.id, world.connection_id)
    for request_id in requests:
        await world.decide(request_id, TECHNICIAN)
    await world.settle()
    await _check(world, count)
    return _calls(world.halo.state.log.after(seen, limit=1_000_000))


async def _check(world: World, count: int) -> None:
    """Every ticket was opened once and closed; a count of calls that left work undone would be worth nothing."""
    closed = await world.tenant.count("select count(*) from ticket_link where observed = 'closed'")
    opened = len(world.halo.events("ticket.created"))
    if (closed, opened) != (count, count):
        raise CannotMeasure(f"{count} lifecycles opened {opened} tickets and closed {closed}.")
    if world.halo.events("rate.limited"):
        raise CannotMeasure("HaloPSA refused calls above its limit.")


def _calls(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["kind"] == "api.call"]


def _per_lifecycle(day: Sequence[_Lifecycle]) -> list[Line]:
    lines = [_calls_line("calls.total", "HaloPSA calls per lifecycle", day)]
    for channel in (BUTTON, TECHNICIAN):
        chosen = [each for each in day if each.channel == channel]
        lines.append(_calls_line(f"calls.{channel}", f"… decided by {channel}", chosen))
    return lines


def _calls_line(name: str, title: str, lifecycles: Sequence[_Lifecycle]) -> Line:
    kinds = Counter(_kind(call) for each in lifecycles for call in each.calls)
    facts = {
        "lifecycles": len(lifecycles),
        "calls": sum(kinds.values()),
        "kinds": dict(kinds.most_common()),
        "most_in_one": max(len(each.calls) for each in lifecycles),
    }
    return Line(name, title, statistics.mean(len(each.calls) for each in lifecycles), "calls", _CALLS, facts)


def _kind(call: dict[str, Any]) -> str:
    """What a call was for, such as `POST tickets` or `GET asset`."""
    first = call["path"].removeprefix("/api/").removeprefix("/auth/").split("/")[0]
    return f"{call['method']} {first}"


def _rolling(day: Sequence[_Lifecycle], backlog: Sequence[dict[str, Any]]) -> list[Line]:
    target = Target(Relation.AT_MOST, LIMIT)
    calm = [call for each in day for call in each.calls]
    return [
        Line(
            "calls.rolling",
            "Most HaloPSA calls in any five minutes, with a backlog",
            most_in_window(backlog),
            "calls",
            target,
            {"calls": len(backlog), "lasted_minutes": _minutes(backlog)},
        ),
        Line(
            "calls.rolling_calm",
            "… on the calm day",
            most_in_window(calm),
            "calls",
            target,
            {"calls": len(calm)},
        ),
    ]


def most_in_window(calls: Sequence[dict[str, Any]]) -> int:
    """The largest count in any rolling window, from the times in the log."""
    window, most = deque[float](), 0
    for call in calls:
        at = datetime.fromisoformat(call["at"]).timestamp()
        window.append(at)
        while window[0] <= at - WINDOW_SECONDS:
            window.popleft()
        most = max(most, len(window))
    return most


def _minutes(calls: Sequence[dict[str, Any]]) -> float:
    first, last = (datetime.fromisoformat(calls[index]["at"]) for index in (0, -1))
    return (last - first).total_seconds() / 60
