"""Waiting for a decision: told at once, in each process, also when messages are lost, and at no other's cost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx2
import psycopg
import pytest
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import (
    Machine,
    MovedClock,
    RunningWeb,
    Wire,
    assert_problem,
    machine,
    other_id,
    running_web,
    until,
)

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.elevation.policy import Verdict
from stepladder.elevation.service import Elevation
from stepladder.kit import postgres
from stepladder.settings import Settings
from stepladder_protocol.messages import RequestStatus

LONG = 20.0  # how long an agent would wait; every test is over in a small part of it
SOON = 5.0
NAME = "Northwind Traders"


@pytest.fixture
def unhurried() -> MovedClock:
    """A clock on which no safety check comes during a test: only a notification can have done it."""
    return MovedClock(haste=0.001)


@asynccontextmanager
async def waiting(web: RunningWeb, *wires: Wire) -> AsyncIterator[list[asyncio.Task[httpx2.Response]]]:
    """Agents that wait; the block runs once the server holds all of them."""
    before = web.services.waiters.count
    tasks = [asyncio.create_task(wire.to(web)) for wire in wires]
    await until(
        lambda: web.services.waiters.count == before + len(wires) or any(task.done() for task in tasks)
    )
    assert not any(task.done() for task in tasks)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()


async def soon(tasks: list[asyncio.Task[httpx2.Response]]) -> list[str]:
    """The states that the waiting agents are told, without anyone waiting to the end."""
    async with asyncio.timeout(SOON):
        return [(await task).json()["state"] for task in tasks]


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_a_decision_in_the_same_process_is_told_at_once_without_any_notification(
    services: Services, tenant: Tenant, desk: Machine, verdict: Verdict
) -> None:
    async with running_web(services, waiting=False) as web:
        asked = await tenant.submit()
        async with waiting(web, desk.looking(asked.request_id, LONG)) as tasks:
            press = web.approve if verdict is Verdict.APPROVED else web.deny
            assert (await press(tenant, asked.request_id, NAME)).status_code == 200
            assert await soon(tasks) == [str(verdict)]


async def test_an_answer_is_dated_when_it_is_given(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    """USE-01: `Date` is the time of the answer, not of the question, once, and by the clock that judges signatures."""
    asked = await tenant.submit()
    async with waiting(web, desk.looking(asked.request_id, LONG)) as tasks:
        clock.move(timedelta(seconds=50))
        await tenant.decide(asked.request_id)
        async with asyncio.timeout(SOON):
            answer = await tasks[0]
    [date] = answer.headers.get_list("date")
    assert timedelta(0) <= clock.now() - parsedate_to_datetime(date) < timedelta(seconds=SOON)


async def test_every_way_of_settling_wakes_who_waits(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    cancelled, expired = await tenant.submit(), await tenant.submit()
    looks = [desk.looking(asked.request_id, LONG) for asked in (cancelled, expired)]
    async with waiting(web, *looks) as tasks:
        assert (await desk.cancelling(cancelled.request_id).to(web)).status_code == 200
        assert await soon(tasks[:1]) == ["cancelled"]
        assert not tasks[1].done()
        clock.move(expired.expires_at - clock.now())
        await tenant.services.elevation.expire_due(tenant.operator)
        assert await soon(tasks[1:]) == ["expired"]


async def test_a_decision_in_another_process_is_told_by_its_notification(
    settings: Settings, urls: DatabaseUrls, unhurried: MovedClock
) -> None:
    async with (
        open_services(settings, urls, clock=unhurried) as here,
        open_services(settings, urls, clock=unhurried) as there,
        running_web(here) as web,
        running_web(there) as other,
    ):
        tenant = await new_tenant(here)
        desk = machine(tenant)
        await until(lambda: listeners(urls) >= 2)
        for verdict in Verdict:
            asked = await tenant.submit()
            async with waiting(web, desk.looking(asked.request_id, LONG)) as tasks:
                press = other.approve if verdict is Verdict.APPROVED else other.deny
                assert (await press(tenant, asked.request_id, NAME)).status_code == 200
                assert await soon(tasks) == [str(verdict)]


async def test_a_lost_notification_costs_seconds_and_not_the_verdict(
    services: Services,
    settings: Settings,
    urls: DatabaseUrls,
    tenant: Tenant,
    desk: Machine,
    clock: MovedClock,
) -> None:
    """The deciding process dies before it tells: here it never runs what tells."""
    async with (
        open_services(settings, urls, clock=clock) as there,
        running_web(services) as web,
        running_web(there, waiting=False) as mute,
    ):
        asked, second = await tenant.submit(), await tenant.submit()
        looks = [desk.looking(each.request_id, LONG) for each in (asked, second)]
        async with waiting(web, *looks) as tasks:
            assert (await mute.approve(tenant, asked.request_id, NAME)).status_code == 200
            assert await soon(tasks[:1]) == ["approved"]
            assert not tasks[1].done()  # and nobody else is woken by it


async def test_a_lost_listening_connection_is_made_again(
    settings: Settings,
    urls: DatabaseUrls,
    postgres_server: postgres.EmbeddedPostgres,
    clock: MovedClock,
) -> None:
    async with open_services(settings, urls, clock=clock) as here, running_web(here) as web:
        tenant = await new_tenant(here)
        asked = await tenant.submit()
        await until(lambda: listeners(urls) >= 1)
        before = end_listeners(postgres_server, urls)
        await until(lambda: listeners(urls) >= 1 and not before & listening(urls))
        async with waiting(web, machine(tenant).looking(asked.request_id, LONG)) as tasks:
            await tenant.decide(asked.request_id)
            assert await soon(tasks) == ["approved"]


def listening(urls: DatabaseUrls) -> set[int]:
    """The connections of this database that listen for verdicts."""
    with psycopg.connect(urls.service) as connection:
        found = connection.execute(
            """select pid from pg_stat_activity
               where query like 'listen stepladder%' and datname = current_database()"""
        )
        return {row[0] for row in found.fetchall()}


def listeners(urls: DatabaseUrls) -> int:
    return len(listening(urls))


def end_listeners(server: postgres.EmbeddedPostgres, urls: DatabaseUrls) -> set[int]:
    found = listening(urls)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        for pid in found:
            connection.execute("select pg_terminate_backend(%s)", (pid,))
    return found


async def test_a_verdict_that_falls_before_the_question_is_told_at_once(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    await tenant.decide(asked.request_id, Verdict.DENIED)
    async with asyncio.timeout(SOON):
        answer = await desk.looking(asked.request_id, LONG).to(web)
    assert answer.json()["state"] == "denied"


async def test_a_verdict_that_falls_between_two_questions_is_not_lost(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    assert (await desk.looking(asked.request_id, 0.05).to(web)).json()["state"] == "pending"
    assert (await other_process.approve(tenant, asked.request_id, NAME)).status_code == 200
    async with asyncio.timeout(SOON):
        assert (await desk.looking(asked.request_id, LONG).to(web)).json()["state"] == "approved"


async def test_after_a_fruitless_wait_the_agent_waits_again(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    for _ in range(2):
        answer = await desk.looking(asked.request_id, 0.05).to(web)
        assert (answer.status_code, answer.json()["state"]) == (200, "pending")
        assert web.services.waiters.count == 0
    async with waiting(web, desk.looking(asked.request_id, LONG)) as tasks:
        await tenant.decide(asked.request_id)
        assert await soon(tasks) == ["approved"]


async def test_without_a_wait_the_answer_comes_at_once(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    for wait in (None, 0):
        async with asyncio.timeout(SOON):
            answer = await desk.looking(asked.request_id, wait).to(web)
        assert answer.json()["state"] == "pending"


@pytest.mark.parametrize(
    "wait", ["-1", "-0.001", "55.1", "1e9", "inf", "-inf", "nan", "NaN", "x", "", "1,2", "null"]
)
async def test_a_wait_that_cannot_be_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, wait: str
) -> None:
    asked = await tenant.submit()
    async with asyncio.timeout(SOON):
        answer = await desk.signed(
            "GET", f"/api/endpoint/v1/elevation-requests/{asked.request_id}?wait={wait}"
        ).to(web)
    assert_problem(answer, 400, "invalid")


async def test_waiting_for_another_machines_request_is_refused_at_once(
    web: RunningWeb, tenant: Tenant, desk: Machine, other_msp: Tenant
) -> None:
    asked = await other_msp.submit()
    for request_id in (asked.request_id, other_id()):
        async with asyncio.timeout(SOON):
            assert_problem(await desk.looking(request_id, LONG).to(web), 404, "request_not_found")
    assert web.services.waiters.count == 0


async def test_many_agents_wait_for_one_request_and_all_are_told(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    async with waiting(web, *(desk.looking(asked.request_id, LONG) for _ in range(10))) as tasks:
        await tenant.decide(asked.request_id)
        assert set(await soon(tasks)) == {"approved"}
    assert web.services.waiters.count == 0


async def test_waiting_agents_hold_no_database_connection(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> None:
    """Sixty agents wait on a pool of two, and asking and deciding go on."""
    small = settings.model_copy(update={"database_pool": 2})
    async with open_services(small, urls, clock=clock) as services, running_web(services) as web:
        tenant = await new_tenant(services)
        desk = machine(tenant)
        asked = [await tenant.submit() for _ in range(20)]
        looks = [desk.looking(each.request_id, LONG) for each in asked for _ in range(3)]
        async with waiting(web, *looks) as tasks:
            await until(lambda: services.db.pool.get_stats()["pool_available"] == 2)
            async with asyncio.timeout(SOON):
                assert (await desk.asking().to(web)).status_code == 201
                for each in asked:
                    assert (await web.approve(tenant, each.request_id, NAME)).status_code == 200
            assert set(await soon(tasks)) == {"approved"}


async def test_a_process_holds_only_so_many_and_says_so(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> None:
    small = settings.model_copy(update={"max_waiting": 3})
    async with open_services(small, urls, clock=clock) as services, running_web(services) as web:
        tenant = await new_tenant(services)
        desk = machine(tenant)
        asked = await tenant.submit()
        async with waiting(web, *(desk.looking(asked.request_id, LONG) for _ in range(3))) as tasks:
            refused = await desk.looking(asked.request_id, LONG).to(web)
            assert_problem(refused, 503, "too_many_waiting")
            assert refused.headers["retry-after"].isdigit()
            await tenant.decide(asked.request_id)
            assert set(await soon(tasks)) == {"approved"}
        assert (await desk.looking(asked.request_id, LONG).to(web)).json()["state"] == "approved"


async def test_closing_lets_every_waiting_agent_answer_what_it_knows(
    services: Services, tenant: Tenant, desk: Machine
) -> None:
    async with running_web(services) as web:
        asked = await tenant.submit()
        async with waiting(web, desk.looking(asked.request_id, LONG)) as tasks:
            services.waiters.close()
            assert await soon(tasks) == ["pending"]
        # A question while the process ends is not held either.
        async with asyncio.timeout(SOON):
            assert (await desk.looking(asked.request_id, LONG).to(web)).json()["state"] == "pending"


class DecidedInBetween:
    """Elevation whose request is decided right after its state was read, before the caller goes on."""

    def __init__(self, tenant: Tenant) -> None:
        self._tenant, self._decided = tenant, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tenant.services.elevation, name)

    async def status_in(self, *where: Any) -> RequestStatus:
        status = await self._tenant.services.elevation.status_in(*where)
        if not self._decided:
            self._decided = True
            await self._tenant.decide(status.request_id)
        return status


async def test_a_decision_between_reading_and_waiting_is_told_at_once(
    services: Services, tenant: Tenant
) -> None:
    """TEST-21: no safety check runs here, so one who waits from too late on would wait to the end."""
    asked = await tenant.submit()
    between = replace(services, elevation=cast("Elevation", DecidedInBetween(tenant)))
    async with running_web(between, waiting=False) as web:
        answer = await machine(tenant).looking(asked.request_id, SOON).to(web)
    assert answer.json()["state"] == "approved"


async def test_one_machine_takes_only_so_many_places(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> None:
    """SEC-07: neither by one request nor by many; and a question that does not wait needs no place."""
    small = settings.model_copy(update={"max_waiting": 40})
    async with open_services(small, urls, clock=clock) as services, running_web(services) as web:
        greedy, other = await new_tenant(services), await new_tenant(services, name="Another MSP")
        desk = machine(greedy)
        asked, second = await greedy.submit(), await greedy.submit()
        theirs = await other.submit()
        async with waiting(web, *(desk.looking(asked.request_id, LONG) for _ in range(10))):
            for request_id in (asked.request_id, second.request_id):
                assert_problem(await desk.looking(request_id, LONG).to(web), 429, "too_many_polls")
                assert (await desk.looking(request_id).to(web)).json()["state"] == "pending"
            async with waiting(web, machine(other).looking(theirs.request_id, LONG)) as tasks:
                await other.decide(theirs.request_id)
                assert await soon(tasks) == ["approved"]


async def test_a_question_without_a_wait_needs_no_place(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> None:
    """SEC-07: also where every place is taken."""
    small = settings.model_copy(update={"max_waiting": 1})
    async with open_services(small, urls, clock=clock) as services, running_web(services) as web:
        tenant = await new_tenant(services)
        desk, asked = machine(tenant), await tenant.submit()
        async with waiting(web, desk.looking(asked.request_id, LONG)):
            for wait in (None, 0):
                assert (await desk.looking(asked.request_id, wait).to(web)).status_code == 200
