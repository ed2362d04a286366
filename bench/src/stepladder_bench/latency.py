"""How long until a ticket is there, and until a waiting agent is told, in the real processes.

Times are compared across processes of one machine, by its one clock. Both start before the commit they are about,
so the figures include it.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any

from stepladder.elevation.approvers import ByTechnician
from stepladder.elevation.policy import Ask, Channel, Verdict

from .agents import TOLD
from .children import CannotMeasure, Child
from .progress import Teller
from .report import Line, Relation, Target, distribution, percentile
from .sizes import Sizes
from .stage import HOST, Stage, set_stage
from .tenant import (
    APPROVE_PATH,
    EMAIL,
    REQUESTS_PATH,
    UNBOUNDED_BUDGET,
    Desktop,
    Tenant,
    encoded,
    new_tenant,
    press_headers,
    signed_headers,
    wanted,
)
from .waiting import agents_wait
from .wire import Connection, connect, request

_ASKING_DESKTOPS = 20
_REQUESTS_PER_DESKTOP = 20  # the product allows 25 that wait
_SEEN_WITHIN_SECONDS = 120.0
_ONE_BY_ONE = (0.5, 1.0)
_BUSY = (0.1, 0.3)
_BETWEEN_DECISIONS = (0.05, 0.15)
Decide = Callable[[str], Awaitable[None]]


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """Tickets first, then decisions."""
    teller.step("latency: setting up")
    async with set_stage() as stage:
        await stage.sandbox()
        async with stage.services() as services:
            tenant = await new_tenant(services, stage.url)
            await tenant.connect(stage.halopsa_url, call_budget=UNBOUNDED_BUDGET)
            bystanders, asking = await _waiting_desktops(tenant, sizes)
            await stage.serve()
            await _tickets_open(tenant, 1 + len(asking), teller)
            desktops = await tenant.desktops(
                max(_ASKING_DESKTOPS, sizes.tickets // _REQUESTS_PER_DESKTOP + 1)
            )
            paces = (("one by one", _ONE_BY_ONE), ("several a second", _BUSY))
            tickets = []
            for pace, between in paces:
                teller.step(f"latency: request to ticket, {pace}", total=sizes.tickets // len(paces))
                count = sizes.tickets // len(paces)
                tickets.append(await _ticket_times(stage, desktops, count, between, teller))
            teller.step(f"latency: {sizes.waiting} agents begin to wait")
            agents = await agents_wait(stage, tenant, bystanders + asking, spread=True)
            teller.step("latency: decision to agent", total=len(asking))
            ways = (await _over_the_api(stage, tenant), _in_another_process(tenant))
            told = await _told_times(agents, [request_id for _, request_id in asking], ways, teller)
    return [
        *_ticket_lines(*tickets),
        *_told_lines("here", "by the same process", told[0], sizes.waiting),
        *_told_lines("elsewhere", "by another process", told[1], sizes.waiting),
    ]


async def _waiting_desktops(
    tenant: Tenant, sizes: Sizes
) -> tuple[list[tuple[Desktop, str]], list[tuple[Desktop, str]]]:
    """Those who wait all the time, and those who are told: each a desktop with its request.

    Only the second have tickets, which are opened before anything is measured.
    """
    desktops = await tenant.desktops(sizes.waiting + 2 * sizes.decisions_told)
    waiting, told = desktops[: sizes.waiting], desktops[sizes.waiting :]
    await tenant.submit()
    left = await tenant.pending(waiting, with_tickets=False)
    decided = await tenant.pending(told, with_tickets=True)
    return list(zip(waiting, left, strict=True)), list(zip(told, decided, strict=True))


async def _tickets_open(tenant: Tenant, wanted_open: int, teller: Teller) -> None:
    teller.step("latency: opening tickets", total=wanted_open)
    done, loop = 0, asyncio.get_running_loop()
    until = loop.time() + _SEEN_WITHIN_SECONDS + wanted_open
    while done < wanted_open:
        if loop.time() > until:
            raise CannotMeasure(f"Only {done} of {wanted_open} tickets were opened.")
        await asyncio.sleep(0.2)
        now_open = await tenant.count("select count(*) from ticket_link where observed = 'open'")
        teller.advance(now_open - done)
        done = now_open


async def _ticket_times(
    stage: Stage, desktops: Sequence[Desktop], count: int, between: tuple[float, float], teller: Teller
) -> list[float]:
    """Milliseconds from each request's own time, just before its commit, to its ticket's in the sandbox's log."""
    connection = await connect(stage.port)
    asked: dict[str, datetime] = {}
    for number in range(count):
        await _pause(between)
        status = await submit(stage, connection, desktops[number % len(desktops)])
        asked[status["request_id"]] = datetime.fromisoformat(status["created_at"])
        teller.advance()
    connection.close()
    until = asyncio.get_running_loop().time() + _SEEN_WITHIN_SECONDS
    while True:
        seen = {found: at for found, at in tickets_in(stage) if found in asked}
        if len(seen) == len(asked):
            return [(seen[found] - at).total_seconds() * 1000 for found, at in asked.items()]
        if asyncio.get_running_loop().time() > until:
            raise CannotMeasure(f"Only {len(seen)} of {len(asked)} requests have a ticket.")
        await asyncio.sleep(0.2)


async def submit(
    stage: Stage, connection: Connection, desktop: Desktop, *, email: str = EMAIL
) -> dict[str, Any]:
    """Ask for elevation as a desktop does it; gives the request's status."""
    body, host = wanted(email).model_dump_json().encode(), f"{HOST}:{stage.port}"
    headers = signed_headers(desktop.key, desktop.id, method="POST", host=host, path=REQUESTS_PATH, body=body)
    answer = await connection.ask(request("POST", REQUESTS_PATH, headers, body))
    if answer.status != 201:
        raise CannotMeasure(f"A request was answered {answer.status}: {answer.body.decode()}")
    status: dict[str, Any] = json.loads(answer.body)
    return status


def tickets_in(stage: Stage) -> list[tuple[str, datetime]]:
    """Which request got its ticket when, as the sandbox wrote it down in the step that made the ticket visible."""
    found = []
    for line in stage.halopsa_log.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)
        if event["kind"] == "ticket.created":
            at = datetime.fromisoformat(event["at"])
            found += [(str(value), at) for value in event["custom_fields"].values()]
    return found


async def _over_the_api(stage: Stage, tenant: Tenant) -> Decide:
    """As a button does it, over a connection that is kept."""
    connection = await connect(stage.port)
    headers = press_headers(tenant.key, f"{HOST}:{stage.port}")

    async def decide(request_id: str) -> None:
        press = request("POST", APPROVE_PATH, headers, encoded(tenant.approval(request_id)))
        answer = await connection.ask(press)
        if answer.status != 200:
            raise CannotMeasure(f"A decision was answered {answer.status}: {answer.body.decode()}")

    return decide


def _in_another_process(tenant: Tenant) -> Decide:
    """As the command line does it: decide in this process's services, then tell the agents that wait elsewhere."""
    services = tenant.services

    async def decide(request_id: str) -> None:
        by = ByTechnician(services.db, tenant.operator, tenant.email)
        await services.elevation.decide(Ask(request_id, Verdict.APPROVED, Channel.CLI), by)
        await services.waiters.flush()
        await services.jobs.flush()

    return decide


async def _told_times(
    agents: Child, requests: Sequence[str], ways: Sequence[Decide], teller: Teller
) -> list[list[float]]:
    """Milliseconds from each decision's own time, just before its commit, to the last byte at its agent, by way."""
    listening = asyncio.create_task(_listen(agents, len(requests)))
    decided_by: dict[str, int] = {}
    for number, request_id in enumerate(requests):
        await _pause(_BETWEEN_DECISIONS)
        decided_by[request_id] = number % len(ways)
        await ways[number % len(ways)](request_id)
        teller.advance()
    told = await asyncio.wait_for(listening, _SEEN_WITHIN_SECONDS)
    times: list[list[float]] = [[] for _ in ways]
    for request_id, milliseconds in told.items():
        times[decided_by[request_id]].append(milliseconds)
    return times


async def _listen(agents: Child, count: int) -> dict[str, float]:
    told: dict[str, float] = {}
    while len(told) < count:
        said = await agents.hear()
        if said["event"] == TOLD:
            status = said["status"]
            decided_at = datetime.fromisoformat(status["decided_at"]).timestamp()
            told[status["request_id"]] = (said["at"] - decided_at) * 1000
    return told


async def _pause(between: tuple[float, float]) -> None:
    await asyncio.sleep(random.uniform(*between))  # noqa: S311  # so that nothing beats in step with a sweep


def _ticket_lines(one_by_one: list[float], busy: list[float]) -> list[Line]:
    facts, crowded = distribution(one_by_one), distribution(busy)
    target = Target(Relation.AT_MOST, 250)
    return [
        Line("latency.ticket_median", "Request to ticket, median", facts["p50"], "ms", target, facts),
        Line("latency.ticket_p95", "… 95 %", facts["p95"], "ms"),
        Line("latency.ticket_p99", "… 99 %", facts["p99"], "ms"),
        Line("latency.ticket_busy_median", "… several a second, median", crowded["p50"], "ms", facts=crowded),
        Line("latency.ticket_busy_p99", "… several a second, 99 %", crowded["p99"], "ms"),
    ]


def _told_lines(name: str, how: str, milliseconds: list[float], waiting: int) -> list[Line]:
    facts = {**distribution(milliseconds), "agents_waiting": waiting}
    target = Target(Relation.AT_MOST, 100)
    title = f"Decision {how} to agent told"
    return [
        Line(
            f"latency.told_{name}_median",
            f"{title}, median",
            percentile(milliseconds, 0.5),
            "ms",
            None,
            facts,
        ),
        Line(f"latency.told_{name}_p99", "… 99 %", percentile(milliseconds, 0.99), "ms", target),
    ]
