"""Threat T5: where a leaked key may be used from, how often, and that a network it was never seen in is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from hypothesis import given, strategies as st
from tests.support.integrations import WIDE_ROUTES
from tests.support.tenants import Tenant
from tests.support.web import (
    APPROVE,
    DENY,
    DISABLE,
    MovedClock,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    denial,
    running_web,
    snapshot,
)

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.networks import is_within, network_of, parsed_networks
from stepladder.access_keys.service import InboundKey, KeyAction, Limits
from stepladder.app import Services
from stepladder.errors import Invalid
from stepladder_protocol.messages import ElevationKind

NAME = "Northwind Traders"
HOME, ABROAD = "203.0.113.9", "198.51.100.7"


@pytest.fixture
async def proxied(services: Services) -> AsyncIterator[RunningWeb]:
    """The application behind a front end that says where calls come from."""
    async with running_web(services, behind_proxy=True) as running:
        yield running


async def new_key(tenant: Tenant, **limits: Any) -> tuple[InboundKey, str]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await inbound_keys.create_key(
            tx,
            name="a key",
            actions=list(KeyAction),
            modes=list(ElevationKind),
            **limits,
        )


def came_from(address: str) -> list[tuple[str, str]]:
    return [("X-Forwarded-For", address)]


async def deny(web: RunningWeb, tenant: Tenant, key: str, address: str = HOME) -> httpx2.Response:
    asked = await tenant.submit()
    return await web.deny(tenant, asked.request_id, NAME, key=key, headers=came_from(address))


async def tags(tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    return [
        (event["tag"], event["facts"])
        for event in await audit_events(tenant)
        if event["tag"].startswith("inbound_key.") and event["tag"] != "inbound_key.created"
    ]


# --- Networks ---------------------------------------------------------------------------------------------------


async def test_a_key_works_in_its_networks_and_nowhere_else(proxied: RunningWeb, tenant: Tenant) -> None:
    _, key = await new_key(tenant, networks=parsed_networks(["203.0.113.0/24", "2001:db8::/32"]))
    for address in (HOME, "203.0.113.255", "2001:db8:7::1", "::ffff:203.0.113.9"):
        assert (await deny(proxied, tenant, key, address)).status_code == 200, address
    for address in (ABROAD, "203.0.114.1", "2001:db9::1", "::ffff:198.51.100.7"):
        assert_problem(await deny(proxied, tenant, key, address), 401, "key_refused")


async def test_from_elsewhere_every_call_is_refused_as_an_unknown_key_is_and_leaves_an_event(
    proxied: RunningWeb, tenant: Tenant
) -> None:
    _, text = await new_key(tenant, networks=["203.0.113.0/24"])
    asked = await tenant.submit()
    bodies = {
        APPROVE: approval(asked.request_id, NAME),
        DENY: denial(asked.request_id, NAME),
        DISABLE: {"customerDisplayName": NAME, "technicianEmailAddress": tenant.technician.email},
    }
    before = await snapshot(tenant)
    for path, members in bodies.items():
        elsewhere = await proxied.press(tenant, path, members, key=text, headers=came_from(ABROAD))
        unknown = await proxied.press(
            tenant, path, members, key=text[:-4] + "0000", headers=came_from(ABROAD)
        )
        assert (elsewhere.status_code, elsewhere.content) == (unknown.status_code, unknown.content)
    reads = [path for method, path in WIDE_ROUTES if method == "GET" and "{" not in path]
    assert len(reads) >= 3
    for path in reads:
        headers = [("Host", tenant.msp.host), ("X-Idemeum-Api-Key", text), *came_from(ABROAD)]
        assert_problem(await proxied.client.get(path, headers=headers), 401, "key_refused")
    assert await snapshot(tenant) == before
    noted = [facts for tag, facts in await tags(tenant) if tag == "inbound_key.elsewhere"]
    assert noted == [{"network": "198.51.100.0/24"}] * (len(bodies) + len(reads))


async def test_without_a_trusted_front_end_nobody_can_say_where_they_come_from(
    web: RunningWeb, tenant: Tenant
) -> None:
    _, key = await new_key(tenant, networks=["203.0.113.0/24"])
    assert_problem(await deny(web, tenant, key, HOME), 401, "key_refused")


async def test_limits_change_from_the_next_call_on(proxied: RunningWeb, tenant: Tenant) -> None:
    key, text = await new_key(tenant)
    assert (await deny(proxied, tenant, text, ABROAD)).status_code == 200
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await inbound_keys.limit_key(
            tx, key.key_id, lambda before: Limits(["203.0.113.0/24"], before.calls_per_minute)
        )
    assert_problem(await deny(proxied, tenant, text, ABROAD), 401, "key_refused")
    assert ("inbound_key.limited", {"networks": ["203.0.113.0/24"], "calls_per_minute": 300}) in await tags(
        tenant
    )


async def test_a_network_that_a_used_key_was_never_seen_in_is_told_once(
    proxied: RunningWeb, tenant: Tenant
) -> None:
    _, key = await new_key(tenant)
    for address in (HOME, "203.0.113.77", ABROAD, HOME, ABROAD, "2001:db8::1", "2001:db8::2"):
        assert (await deny(proxied, tenant, key, address)).status_code == 200
    assert await tags(tenant) == [
        ("inbound_key.new_network", {"network": "198.51.100.0/24"}),
        ("inbound_key.new_network", {"network": "2001:db8::/48"}),
    ]


# --- Rates ------------------------------------------------------------------------------------------------------


async def test_a_key_that_calls_too_often_waits_and_no_other_does(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    _, busy = await new_key(tenant, calls_per_minute=4)
    _, other = await new_key(tenant, calls_per_minute=4)
    statuses = [
        (await web.client.get(READ, headers=read_headers(tenant, busy))).status_code for _ in range(12)
    ]
    assert statuses == [200] * 10 + [429] * 2
    refused = await web.client.get(READ, headers=read_headers(tenant, busy))
    assert_problem(refused, 429, "too_many_calls")
    wait = int(refused.headers["retry-after"])
    assert 1 <= wait <= 30
    assert (await web.client.get(READ, headers=read_headers(tenant, other))).status_code == 200
    clock.move(timedelta(seconds=wait))
    assert (await web.client.get(READ, headers=read_headers(tenant, busy))).status_code == 200


async def test_elsewhere_a_key_uses_up_no_calls_of_those_here_and_is_never_told_from_a_wrong_one(
    proxied: RunningWeb, tenant: Tenant
) -> None:
    _, key = await new_key(tenant, networks=["203.0.113.0/24"], calls_per_minute=1)
    abroad = [*read_headers(tenant, key), *came_from(ABROAD)]
    answers = [await proxied.client.get(READ, headers=abroad) for _ in range(10)]
    wrong = await proxied.client.get(
        READ, headers=[*read_headers(tenant, key[:-4] + "0000"), *came_from(ABROAD)]
    )
    assert {(each.status_code, each.content) for each in answers} == {(wrong.status_code, wrong.content)}
    assert 1 <= len(await tags(tenant)) <= 3, "events are bounded, too"
    home = [*read_headers(tenant, key), *came_from(HOME)]
    assert (await proxied.client.get(READ, headers=home)).status_code == 200


async def test_guessing_at_a_key_uses_up_none_of_its_calls(web: RunningWeb, tenant: Tenant) -> None:
    _, key = await new_key(tenant, calls_per_minute=1)
    for _ in range(20):
        answer = await web.client.get(READ, headers=read_headers(tenant, key[:-4] + "0000"))
        assert_problem(answer, 401, "key_refused")
    assert (await web.client.get(READ, headers=read_headers(tenant, key))).status_code == 200


async def test_a_refused_decision_by_too_many_calls_changes_nothing(web: RunningWeb, tenant: Tenant) -> None:
    _, key = await new_key(tenant, calls_per_minute=1)
    asked = await tenant.submit()
    for _ in range(3):
        await web.client.get(READ, headers=read_headers(tenant, key))
    before = await snapshot(tenant)
    assert_problem(await web.approve(tenant, asked.request_id, NAME, key=key), 429, "too_many_calls")
    assert await snapshot(tenant) == before


READ = "/api/integrations/customers"


def read_headers(tenant: Tenant, key: str) -> list[tuple[str, str]]:
    return [("Host", tenant.msp.host), ("X-Idemeum-Api-Key", key)]


# --- Rules ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "x", "203.0.113.9/24", "203.0.113.0/33", "203.0.113", "::1/129", "0/0"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="not a network"):
        parsed_networks([text])


@pytest.mark.parametrize("rate", [0, -1, 1_000_001])
async def test_a_rate_that_makes_no_sense_is_refused(tenant: Tenant, rate: int) -> None:
    with pytest.raises(Invalid, match="calls a minute"):
        await new_key(tenant, calls_per_minute=rate)


@given(st.ip_addresses())
def test_an_address_is_within_the_network_it_is_remembered_as(address) -> None:
    network = network_of(str(address))
    assert network is not None
    assert is_within(str(address), [network])
    assert is_within(str(address), None)
    assert not is_within(str(address), [])


@given(st.text(max_size=20).filter(lambda text: not text.replace(".", "").replace(":", "").isalnum()))
def test_what_is_no_address_is_within_nothing(text) -> None:
    assert network_of(text) is None
    assert not is_within(text, ["0.0.0.0/0", "::/0"])
    assert is_within(text, None)
