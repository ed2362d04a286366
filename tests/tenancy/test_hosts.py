"""Which MSP a host is: known at once, remembered for a moment, never guessed, never a reason to ask too often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import MovedClock

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.errors import Unavailable
from stepladder.kit.clock import SystemClock
from stepladder.kit.db import Database
from stepladder.settings import Settings
from stepladder.tenancy.hosts import Hosts, HostUnknown


class CountingDatabase(Database):
    """A real database that counts how often it is asked across tenants, and can be told to hold the answer."""

    def __init__(self, url: str) -> None:
        super().__init__(url, SystemClock(), pool_size=4)
        self.asked = 0
        self.free = asyncio.Event()
        self.free.set()

    async def crossing(self, query: Any, params: Any = None) -> list[dict[str, Any]]:
        self.asked += 1
        await self.free.wait()
        return await super().crossing(query, params)


@pytest.fixture
async def db(urls: DatabaseUrls) -> AsyncIterator[CountingDatabase]:
    database = CountingDatabase(urls.service)
    await database.open()
    yield database
    await database.close()


async def unknown(hosts: Hosts, host: str) -> None:
    with pytest.raises(HostUnknown):
        await hosts.msp_for(host)


async def test_a_known_host_is_asked_for_once_in_half_a_minute(
    db: CountingDatabase, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    for _ in range(50):
        assert (await hosts.msp_for(tenant.msp.host)).id == tenant.msp.id
    assert db.asked == 1
    clock.move(timedelta(seconds=29))
    await hosts.msp_for(tenant.msp.host)
    assert db.asked == 1
    clock.move(timedelta(seconds=2))
    await hosts.msp_for(tenant.msp.host)
    assert db.asked == 2


async def test_unknown_hosts_cost_one_question_a_second_however_many_there_are(
    db: CountingDatabase, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    for number in range(50):
        await unknown(hosts, f"{number}.nobody.test")
    assert db.asked == 1
    clock.move(timedelta(seconds=1, milliseconds=100))
    await asyncio.gather(*(unknown(hosts, f"{number}.nobody.test") for number in range(50)))
    assert db.asked == 2
    assert (await hosts.msp_for(tenant.msp.host)).id == tenant.msp.id


async def test_a_new_msp_is_known_within_a_second(
    db: CountingDatabase, services: Services, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    await hosts.msp_for(tenant.msp.host)
    added = await new_tenant(services)
    clock.move(timedelta(seconds=1, milliseconds=100))
    assert (await hosts.msp_for(added.msp.host)).id == added.msp.id


async def test_during_the_first_reading_nobody_is_unknown(
    db: CountingDatabase, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    db.free.clear()
    asking = [asyncio.create_task(hosts.msp_for(tenant.msp.host)) for _ in range(20)]
    strangers = [asyncio.create_task(unknown(hosts, "nobody.test")) for _ in range(5)]
    await asyncio.sleep(0)
    db.free.set()
    assert {msp.id for msp in await asyncio.gather(*asking)} == {tenant.msp.id}
    await asyncio.gather(*strangers)
    assert db.asked == 1


async def test_a_slow_reading_holds_up_nobody_who_is_known(
    db: CountingDatabase, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    await hosts.msp_for(tenant.msp.host)
    clock.move(timedelta(minutes=1))
    db.free.clear()
    reading = asyncio.create_task(hosts.msp_for(tenant.msp.host))
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert (await hosts.msp_for(tenant.msp.host)).id == tenant.msp.id
    assert not reading.done()
    db.free.set()
    assert (await reading).id == tenant.msp.id
    assert db.asked == 2


async def test_who_gives_up_waiting_does_not_spoil_the_reading_for_others(
    db: CountingDatabase, tenant: Tenant, clock: MovedClock
) -> None:
    hosts = Hosts(db, clock)
    db.free.clear()
    first = asyncio.create_task(hosts.msp_for(tenant.msp.host))
    await asyncio.sleep(0)
    second = asyncio.create_task(hosts.msp_for(tenant.msp.host))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    db.free.set()
    assert (await second).id == tenant.msp.id


async def test_a_failed_first_reading_is_unavailable_and_tried_again_at_once(
    settings: Settings, urls: DatabaseUrls, clock: MovedClock
) -> None:
    """A host must never be unknown because the database was away."""
    async with open_services(settings, urls, clock=clock) as services:
        tenant = await new_tenant(services)
        closed = Database(urls.service, SystemClock())
        hosts = Hosts(closed, clock)
        for _ in range(3):
            with pytest.raises(Unavailable):
                await hosts.msp_for(tenant.msp.host)
        await closed.open()
        assert (await hosts.msp_for(tenant.msp.host)).id == tenant.msp.id
        await closed.close()


@pytest.mark.parametrize("port", ["", ":443", ":8700", ":1"])
async def test_a_host_is_known_by_its_name_without_case_and_port(
    services: Services, tenant: Tenant, port: str
) -> None:
    for spelled in (tenant.msp.host, tenant.msp.host.upper(), f" {tenant.msp.host}"):
        assert (await services.hosts.msp_for(spelled + port)).id == tenant.msp.id


@pytest.mark.parametrize(
    "spelled",
    [
        "",
        ":",
        ":443",
        ".",
        "{host}.",
        "x{host}",
        "{host}x",
        "{host}:x",
        "{host}:1:1",
        "[{host}]",
        "{host}/",
        "user@{host}",
        "{host}\x00",
        "%",
        "{host}%00",
    ],
)
async def test_nearly_a_host_is_nobodys(services: Services, tenant: Tenant, spelled: str) -> None:
    await unknown(services.hosts, spelled.format(host=tenant.msp.host))


async def test_two_msps_are_told_apart_by_host_alone(
    services: Services, tenant: Tenant, other_msp: Tenant
) -> None:
    assert (await services.hosts.msp_for(tenant.msp.host)).id == tenant.msp.id
    assert (await services.hosts.msp_for(other_msp.msp.host)).id == other_msp.msp.id
    await unknown(services.hosts, f"{uuid4().hex}.msp.test")
