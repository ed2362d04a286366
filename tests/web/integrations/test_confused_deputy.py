"""Threat T1: a person who edits the two fields of a ticket approves only what the ticket was about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import httpx2
import pytest
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import (
    APPROVE,
    DENY,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    denial,
    other_id,
    snapshot,
)

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.app import Services
from stepladder_protocol.messages import ElevationKind


@dataclass
class Case:
    """A customer with one request that waits."""

    tenant: Tenant
    customer: str
    request_id: str


@dataclass
class Installation:
    """Two MSPs with three customers each; one customer name exists in both."""

    ours: Tenant
    theirs: Tenant
    cases: list[Case]

    def of(self, tenant: Tenant) -> list[Case]:
        return [case for case in self.cases if case.tenant is tenant]


async def with_customers(tenant: Tenant, names: list[str]) -> list[Case]:
    cases = []
    for number, name in enumerate(names):
        customer = await tenant.customer_called(f"c{number}", name)
        desktop = await tenant.desktop_of(customer, f"DESK-{number}")
        cases.append(Case(tenant, name, (await tenant.submit(desktop)).request_id))
    return cases


@pytest.fixture
async def installation(services: Services) -> Installation:
    ours, theirs = await new_tenant(services, name="Ours"), await new_tenant(services, name="Theirs")
    cases = await with_customers(ours, ["Alpha", "Beta", "Gamma"])
    cases += await with_customers(theirs, ["Alpha", "Delta", "Epsilon"])
    return Installation(ours, theirs, cases)


def shown(answer: httpx2.Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Everything of an answer that its reader could tell apart."""
    headers = [(name, value) for name, value in answer.headers.multi_items() if name != "date"]
    return answer.status_code, answer.content, headers


Press = Callable[[str, str], Awaitable[httpx2.Response]]


def presser(web: RunningWeb, tenant: Tenant, path: str, key: str | None = None) -> Press:
    async def press(request_id: str, name: str) -> httpx2.Response:
        members = approval(request_id, name) if path == APPROVE else denial(request_id, name)
        return await web.press(tenant, path, members, key=key)

    return press


@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_only_the_matching_pair_of_id_and_name_acts(
    web: RunningWeb, installation: Installation, path: str
) -> None:
    ours, theirs = installation.ours, installation.theirs
    press = presser(web, ours, path)
    pairs = {(case.request_id, case.customer) for case in installation.of(ours)}
    ids = [*(case.request_id for case in installation.cases), other_id(), "4711", "x' or '1'='1"]
    names = [
        *sorted({case.customer for case in installation.cases}),
        "Zeta",
        ours.msp.name,
        "Northwind Traders",
    ]
    before = await snapshot(ours), await snapshot(theirs)
    foreign_events = await audit_events(theirs)
    refusals = []
    for request_id in ids:
        for name in names:
            if (request_id, name) in pairs:
                continue
            events = await audit_events(ours)
            answer = await press(request_id, name)
            refusals.append(shown(answer))
            (noted,) = (await audit_events(ours))[len(events) :]
            assert noted["tag"] == "decision.refused"
            assert noted["actor_id"] == ours.key_id
            readable = request_id not in ("4711", "x' or '1'='1")
            assert noted["subject"] == (request_id if readable else "unreadable")
            assert noted["facts"] == {
                "code": "request_not_found",
                "channel": "integration_api",
                "verdict": "approved" if path == APPROVE else "denied",
            }
    assert len(refusals) == len(ids) * len(names) - len(pairs)
    assert refusals == [refusals[0]] * len(refusals)  # one refusal for each cause
    assert refusals[0][0] == 404
    assert (await snapshot(ours), await snapshot(theirs)) == before
    assert await audit_events(theirs) == foreign_events

    for request_id, name in sorted(pairs):
        assert (await press(request_id, name)).status_code == 200
    states = {row["row"]["id"]: row["row"]["state"] for row in (await snapshot(ours))["elevation_request"]}
    verdict = "approved" if path == APPROVE else "denied"
    assert states == {request_id: verdict for request_id, _ in pairs}
    assert await snapshot(theirs) == before[1]


async def test_a_pair_of_another_msp_is_refused_like_one_that_does_not_exist(
    web: RunningWeb, installation: Installation
) -> None:
    """Even the equal name: both MSPs have a customer Alpha with a request that waits."""
    press = presser(web, installation.ours, APPROVE)
    foreign = next(case for case in installation.of(installation.theirs) if case.customer == "Alpha")
    assert shown(await press(foreign.request_id, "Alpha")) == shown(await press(other_id(), "Alpha"))


async def test_a_key_for_some_customers_acts_for_those_alone(
    web: RunningWeb, installation: Installation
) -> None:
    ours = installation.ours
    async with ours.services.db.transaction(ours.operator) as tx:
        beta = await tx.scalar("select id from customer where display_name = 'Beta'")
        _, key = await inbound_keys.create_key(
            tx,
            name="Beta only",
            actions=list(KeyAction),
            modes=[ElevationKind.USER],
            customer_ids=[beta],
        )
    press = presser(web, ours, APPROVE, key)
    missing = shown(await press(other_id(), "Alpha"))
    before = await snapshot(ours)
    for case in installation.of(ours):
        if case.customer != "Beta":
            assert shown(await press(case.request_id, case.customer)) == missing
    assert await snapshot(ours) == before
    (allowed,) = [case for case in installation.of(ours) if case.customer == "Beta"]
    assert (await press(allowed.request_id, "Beta")).status_code == 200


async def test_a_settled_foreign_request_looks_like_a_missing_one(
    web: RunningWeb, installation: Installation
) -> None:
    ours, theirs = installation.ours, installation.theirs
    foreign = installation.of(theirs)[0]
    answer = await web.approve(theirs, foreign.request_id, foreign.customer)
    assert answer.status_code == 200
    press = presser(web, ours, DENY)
    assert shown(await press(foreign.request_id, foreign.customer)) == shown(await press(other_id(), "Alpha"))


async def test_a_settled_request_under_the_wrong_name_looks_like_a_missing_one(
    web: RunningWeb, installation: Installation
) -> None:
    """Who does not know the customer's name does not learn that the request exists, or what became of it."""
    alpha, beta, _ = installation.of(installation.ours)
    press = presser(web, installation.ours, APPROVE)
    assert (await press(alpha.request_id, alpha.customer)).status_code == 200
    for path in (APPROVE, DENY):
        again = presser(web, installation.ours, path)
        assert shown(await again(alpha.request_id, beta.customer)) == shown(await again(other_id(), "Alpha"))


async def test_a_refused_press_is_recorded_even_where_the_decision_was_under_way(
    web: RunningWeb, tenant: Tenant
) -> None:
    """The refusal undoes the transaction it was raised in; the event must not be undone with it."""
    asked = await tenant.submit()
    assert_problem(await web.approve(tenant, asked.request_id, "Beta"), 404)
    tags = [event["tag"] for event in await audit_events(tenant, asked.request_id)]
    assert tags == ["elevation_request.submitted", "decision.refused"]
