"""Nobody is named for a decision unless something proves that it was theirs, and the note says how they are known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from tests.support.integrations import key_with
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, audit_events, running_web
from tests.tickets.test_closed_to_the_letter import NOBODY, Case, closed_by_hand

from stepladder.access_keys.service import KeyAction
from stepladder.app import DatabaseUrls, Services
from stepladder.tenancy import technicians
from stepladder.tickets.steps import is_closed_by_press
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox

NOON = datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
BY_KEY = "Approved with the integration API, by the key “a script”"


@pytest.fixture
async def case(services: Services, tenant: Tenant, halo: RunningSandbox, connected: None) -> Case:
    async with services.db.transaction(tenant.operator) as tx:
        decider = await technicians.create_technician(tx, email="dana@nikpot.example", name="Dana Whitfield")
    return Case(services, tenant, halo, decider)


@asynccontextmanager
async def pressable(case: Case) -> AsyncIterator[RunningWeb]:
    """The application, with HaloPSA's buttons pointed at it."""
    async with running_web(case.services) as web:
        case.halo.point_at(web.url, case.tenant.key)
        methods = case.halo.state.config.methods
        host = {"Host": case.tenant.msp.host}
        case.halo.reconfigure(
            methods=tuple(msgspec.structs.replace(each, headers={**each.headers, **host}) for each in methods)
        )
        yield web


async def approved_by_a_script(case: Case, web: RunningWeb) -> None:
    """A key that is no button's approves, and says nobody's name."""
    key = await key_with(case.tenant, KeyAction.APPROVE)
    answer = await web.approve(case.tenant, case.request_id, "Northwind Traders", key=key)
    assert answer.status_code == 200, answer.text
    await case.services.clock.sleep(0.1)
    await case.drain()


async def remote_person(case: Case) -> Any:
    (event,) = [
        each for each in await audit_events(case.tenant, case.request_id) if each["tag"] == "ticket.closed"
    ]
    return event["facts"].get("remote_person_id")


async def test_who_closed_the_ticket_before_a_key_approved_is_not_named(case: Case) -> None:
    """HALO-01: Nik closes by hand, then a script approves: its key is named, and nobody is assigned."""
    await case.ask()
    await closed_by_hand(case)
    async with running_web(case.services) as web:
        await approved_by_a_script(case, web)
    case.assert_closed(BY_KEY, agent_id=NOBODY)
    assert await remote_person(case) is None


async def test_who_pressed_a_button_whose_call_was_refused_is_not_named_for_a_later_approval(
    case: Case,
) -> None:
    """HALO-01: Nik presses Deny with a key that is no longer good; HaloPSA closes the ticket all the same."""
    await case.ask()
    async with pressable(case) as web:
        case.halo.point_at(web.url, "pak_00000000_0000000000000000000000000000000000000000000")
        calls = await case.halo.press(case.ticket.id, "deny", demo.NIK)
        assert [call.status for call in calls] == [401]
        assert case.ticket.closure_agent_id == demo.NIK
        await approved_by_a_script(case, web)
    case.assert_closed(BY_KEY, agent_id=NOBODY)
    assert await remote_person(case) is None


@pytest.mark.parametrize("drift", ["closed_by_hand", "merged"])
async def test_a_ticket_that_was_known_to_be_done_names_no_closer_whatever_its_date_says(
    case: Case, urls: DatabaseUrls, drift: str
) -> None:
    """HALO-01: the sweep saw it closed; a HaloPSA that moves the date of closing makes no presser of its closer."""
    await case.ask()
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
        await connection.execute(
            "update ticket_link set drift = %s, drift_since = now() where subject_id = %s",
            (drift, case.request_id),
        )
    async with pressable(case):
        calls = await case.halo.press(case.ticket.id, "approve", demo.NIK)
    assert [call.status for call in calls] == [200]
    await case.services.clock.sleep(0.1)
    await case.drain()
    case.assert_closed(
        "Approved with the integration API, by the key “HaloPSA buttons”",
        agent_id=NOBODY,
    )


async def test_a_key_that_names_its_technician_says_nothing_of_a_button(case: Case) -> None:
    """HALO-01: the technician of the header decided; no button was seen to be pressed."""
    await case.ask()
    async with running_web(case.services) as web:
        answer = await web.approve(
            case.tenant, case.request_id, "Northwind Traders", technician="dana@nikpot.example"
        )
        assert answer.status_code == 200, answer.text
    await case.services.clock.sleep(0.1)
    await case.drain()
    case.assert_closed(
        "Approved by Dana Whitfield with the integration API",
        agent_id=demo.DANA,
    )


async def test_a_button_reaches_us_where_the_base_url_ends_with_a_slash(case: Case) -> None:
    """HALO-11: HaloPSA may join base URL and path as they are, which makes two slashes."""
    await case.ask()
    async with pressable(case) as web:
        case.halo.point_at(f"{web.url}/", case.tenant.key)
        (called,) = await case.halo.press(case.ticket.id, "approve", demo.DANA)
    assert (called.status, "//api/" in called.url) == (200, True)
    await case.services.clock.sleep(0.1)
    await case.drain()
    case.assert_closed("Approved by Dana", agent_id=demo.DANA)


@pytest.mark.parametrize(
    ("closed_at", "is_press"),
    [
        (None, False),
        (NOON - timedelta(microseconds=1), False),
        (NOON, True),
        (NOON.replace(microsecond=0), True),  # told in whole seconds
        (NOON.replace(microsecond=0) - timedelta(seconds=1), False),
        (NOON + timedelta(seconds=60), True),
        (NOON + timedelta(seconds=61), False),
        (NOON - timedelta(days=1), False),
    ],
)
def test_a_press_closes_the_ticket_right_behind_its_decision(
    closed_at: datetime | None, is_press: bool
) -> None:
    """HALO-01: earlier, much later, or at a time that nobody tells, it was somebody else's doing."""
    assert is_closed_by_press(closed_at, NOON) is is_press
