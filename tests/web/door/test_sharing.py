"""What all share is used up by nobody: places at work, the pool, waiting places; each with its own refusal."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.clock import ManualClock
from tests.support.tenants import Tenant, body, new_tenant
from tests.support.web import (
    REQUESTS,
    Machine,
    Wire,
    assert_problem,
    count,
    machine,
    running_web,
    sign,
    until,
)

from stepladder.access_keys.format import INBOUND_KEY
from stepladder.access_keys.strangers import REFUSALS_PER_MINUTE
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.settings import Settings
from stepladder.web.door.limits import Limits
from stepladder_protocol import ENDPOINT_API

NAME = "Northwind Traders"
REFUSALS_AT_ONCE = REFUSALS_PER_MINUTE * 5 // 2


@pytest.fixture
def clock_at_rest() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def still(
    settings: Settings, urls: DatabaseUrls, clock_at_rest: ManualClock
) -> AsyncIterator[Services]:
    """The product on a clock that stands still unless it is moved, so that no bucket fills by itself."""
    changes = {"endpoint_messages_per_minute": 4, "endpoint_requests_per_minute": 2}
    async with open_services(settings.model_copy(update=changes), urls, clock=clock_at_rest) as opened:
        yield opened


def unknown(tenant: Tenant) -> Wire:
    """A well-formed message of a machine that nobody knows."""
    key = Ed25519PrivateKey.generate()
    return sign(key, str(uuid4()), "GET", f"{ENDPOINT_API}/endpoint", b"", host=tenant.msp.host)


def own(desk: Machine) -> Wire:
    return desk.signed("GET", f"{ENDPOINT_API}/endpoint")


async def test_above_what_can_be_worked_on_a_call_is_refused_at_once(
    services: Services, tenant: Tenant
) -> None:
    """SEC-05: 503 with Retry-After, instead of a place in a queue; and below it again, an answer."""
    async with running_web(services, limits=Limits(at_work=8)) as web:
        pool = services.db.pool
        taken = [await pool.getconn() for _ in range(pool.max_size)]
        asking = [asyncio.create_task(web.client.get("/healthz")) for _ in range(4)]
        await until(lambda: web.calls.total() == 4)
        for _ in range(3):
            refused = await web.client.get("/healthz")
            assert_problem(refused, 503, "busy")
            assert refused.headers["retry-after"] == "1"
        for connection in taken:
            await pool.putconn(connection)
        assert {(await each).status_code for each in asking} == {200}
        assert (await web.client.get("/healthz")).status_code == 200


async def test_one_address_leaves_places_to_the_others(services: Services, tenant: Tenant) -> None:
    """SEC-05: behind a trusted front end the address is the one that it forwards."""
    async with running_web(services, limits=Limits(at_work=8), behind_proxy=True) as web:
        pool = services.db.pool
        taken = [await pool.getconn() for _ in range(pool.max_size)]

        def ask(address: str) -> asyncio.Task[httpx2.Response]:
            return asyncio.create_task(web.client.get("/healthz", headers={"X-Forwarded-For": address}))

        flood = [ask("203.0.113.9") for _ in range(12)]
        await asyncio.wait(flood, return_when=asyncio.FIRST_COMPLETED)
        other = ask("2001:db8::1")
        await until(lambda: web.calls["2001:db8::/64"] == 1)
        for connection in taken:
            await pool.putconn(connection)
        assert (await other).status_code == 200
        assert Counter([(await each).status_code for each in flood]) == {200: 4, 503: 8}


async def test_an_address_may_have_only_so_many_keys_refused(
    still: Services, clock_at_rest: ManualClock
) -> None:
    """SEC-05: then nobody looks for them any more, for a while; a genuine key is no stranger."""
    async with running_web(still, waiting=False) as web:
        tenant = await new_tenant(still)
        asked = await tenant.submit()

        async def try_one() -> httpx2.Response:
            return await web.deny(tenant, asked.request_id, NAME, key=INBOUND_KEY.new())

        assert (await web.deny(tenant, asked.request_id, NAME)).status_code == 200
        for _ in range(REFUSALS_AT_ONCE):
            assert_problem(await try_one(), 401, "key_refused")
        refused = await try_one()
        assert_problem(refused, 429, "too_many_refusals")
        assert (await web.deny(tenant, asked.request_id, NAME)).status_code == 200
        clock_at_rest.move(timedelta(seconds=int(refused.headers["retry-after"])))
        assert_problem(await try_one(), 401, "key_refused")
        assert_problem(await try_one(), 429, "too_many_refusals")


async def test_an_address_may_have_only_so_many_signatures_refused(still: Services) -> None:
    """SEC-05: a machine that is known here is verified before, and heard."""
    async with running_web(still, waiting=False) as web:
        tenant = await new_tenant(still)
        desk = machine(tenant)
        assert (await own(desk).to(web)).status_code == 200
        statuses = Counter([(await unknown(tenant).to(web)).status_code for _ in range(REFUSALS_AT_ONCE + 5)])
        assert statuses == {401: REFUSALS_AT_ONCE, 429: 5}
        assert (await own(desk).to(web)).status_code == 200


async def test_a_machine_may_speak_only_so_often(still: Services, clock_at_rest: ManualClock) -> None:
    """SEC-19: 429 with Retry-After, and no row for what is refused; another machine is answered."""
    async with running_web(still, waiting=False) as web:
        tenant, other = await new_tenant(still), await new_tenant(still)
        desk = machine(tenant)
        statuses = [(await own(desk).to(web)).status_code for _ in range(14)]
        assert statuses == [200] * 10 + [429] * 4
        assert await count(tenant, "select count(*) from endpoint_nonce") == 10
        refused = await own(desk).to(web)
        assert_problem(refused, 429, "too_many_messages")
        assert (await own(machine(other)).to(web)).status_code == 200
        clock_at_rest.move(timedelta(seconds=int(refused.headers["retry-after"])))
        assert (await own(desk).to(web)).status_code == 200


async def test_a_machine_may_ask_only_so_often(still: Services) -> None:
    """SEC-06: a rate beside the bound of 25 that are pending, for who asks and withdraws in a loop."""
    async with running_web(still, waiting=False) as web:
        desk = machine(await new_tenant(still))
        statuses = [(await desk.asking().to(web)).status_code for _ in range(6)]
        assert statuses == [201] * 5 + [429]
        known = desk.sent[0].content
        assert (
            await desk.signed("POST", REQUESTS, known).to(web)
        ).status_code == 200  # a repeat is no new one
        refused = await desk.asking().to(web)
        assert_problem(refused, 429, "too_many_asked")
        assert refused.headers["retry-after"].isdigit()


async def test_calls_of_one_machine_leave_the_pool_to_others(
    services: Services, tenant: Tenant, urls: DatabaseUrls
) -> None:
    """SEC-19: sixty submits of one key at once, each waiting for the one before it, hold a few connections only."""
    async with running_web(services) as web:
        desk, other = machine(tenant), machine(await new_tenant(services, name="Another MSP"))
        await own(desk).to(web)
        actor = tenant.operator
        async with services.db.transaction(actor) as tx:
            await tx.run(
                "select from endpoint where id = %(id)s for update", {"id": desk.desktop.endpoint.id}
            )
            submit = body()
            asking = [asyncio.create_task(desk.asking(submit).to(web)) for _ in range(25)]
            await until(lambda: web.calls.total() == 25)
            for _ in range(5):
                assert (await own(other).to(web)).status_code == 200
            assert not any(each.done() for each in asking)
        answers = [await each for each in asking]
        assert len({answer.json()["request_id"] for answer in answers}) == 1


def test_the_default_of_waiting_agents_is_what_a_process_serves() -> None:
    """OPS-13: the sum is in settings.md."""
    assert 5000 <= Settings.model_fields["max_waiting"].default <= 8000
