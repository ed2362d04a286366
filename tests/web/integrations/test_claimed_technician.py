"""Threat T2: the requester presses the button. The person behind a key is a claim, and some claims are refused."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.support.tenants import Tenant
from tests.support.web import (
    APPROVE,
    DECISION_TYPE,
    DENY,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    denial,
    snapshot,
)

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.tenancy import technicians
from stepladder.tenancy.technicians import Role
from stepladder_protocol.messages import ElevationKind, Requester

NAME = "Northwind Traders"


async def strict_key(tenant: Tenant) -> str:
    """A key that wants to know who pressed."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        _, text = await inbound_keys.create_key(
            tx,
            name="strict",
            actions=list(KeyAction),
            modes=[ElevationKind.USER],
            requires_technician=True,
        )
    return text


async def technician(
    tenant: Tenant, email: str, role: Role = Role.TECHNICIAN, *, is_active: bool = True
) -> technicians.Technician:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        made = await technicians.create_technician(tx, email=email, name="Somebody", role=role)
        return await technicians.set_technician(tx, made, role=role, is_active=is_active)


async def press(
    web: RunningWeb, tenant: Tenant, path: str, request_id: str, **how: object
) -> httpx2.Response:
    members = approval(request_id, NAME) if path == APPROVE else denial(request_id, NAME)
    return await web.press(tenant, path, members, **how)  # type: ignore[arg-type]


async def assert_refused(
    web: RunningWeb,
    tenant: Tenant,
    path: str,
    code: str,
    *,
    requester: Requester | None = None,
    **how: object,
) -> None:
    changes: dict[str, Any] = {"requester": requester} if requester else {}
    asked = await tenant.submit(**changes)
    before = await snapshot(tenant)
    assert_problem(await press(web, tenant, path, asked.request_id, **how), 403, code)
    assert await snapshot(tenant) == before
    (noted,) = (await audit_events(tenant, asked.request_id))[1:]
    assert (noted["tag"], noted["facts"]["code"]) == ("decision.refused", code)


paths = pytest.mark.parametrize("path", [APPROVE, DENY])


@paths
@pytest.mark.parametrize("spelled", ["nik@nikpot.example", "NIK@NIKPOT.EXAMPLE"])
@pytest.mark.parametrize("asked_as", ["nik@nikpot.example", "Nik@Nikpot.Example"])
async def test_the_requester_never_decides_however_the_address_is_spelled(
    web: RunningWeb, tenant: Tenant, path: str, spelled: str, asked_as: str
) -> None:
    requester = Requester(user="nik", email=asked_as)
    await assert_refused(web, tenant, path, "self_approval", requester=requester, technician=spelled)


@paths
async def test_an_unknown_inactive_or_reading_technician_does_not_decide(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, path: str
) -> None:
    await technician(tenant, "gone@nikpot.example", is_active=False)
    await technician(tenant, "reader@nikpot.example", Role.READ_ONLY)
    await technician(other_msp, "eve@southwind.example", Role.GLOBAL_ADMIN)
    asked = await tenant.submit()
    before, answers = await snapshot(tenant), set()
    for email in (
        "nobody@nikpot.example",
        "gone@nikpot.example",
        "reader@nikpot.example",
        "eve@southwind.example",
        "<<ticket^agent^email>>",
        "nik@nikpot.example, nik@nikpot.example",
        "%",
        "nik@nikpot.exampl\xe9",
        "x" * 4000,
    ):
        answer = await press(web, tenant, path, asked.request_id, technician=email)
        assert_problem(answer, 403, "not_an_approver")
        answers.add(answer.content)
    assert len(answers) == 1  # who is unknown, and who may only read, cannot be told apart
    assert await snapshot(tenant) == before
    refused = [
        event for event in await audit_events(tenant, asked.request_id) if event["tag"] == "decision.refused"
    ]
    assert len(refused) == 9


@paths
async def test_a_request_that_cannot_be_read_is_not_found_whoever_is_named(
    web: RunningWeb, tenant: Tenant, path: str
) -> None:
    for who in ("nobody@nikpot.example", None):
        answer = await press(web, tenant, path, "not-an-id", technician=who, key=await strict_key(tenant))
        assert_problem(answer, 404, "request_not_found")


@paths
async def test_a_technician_who_is_named_is_recorded_with_the_decision(
    web: RunningWeb, tenant: Tenant, path: str
) -> None:
    asked = await tenant.submit()
    assert (
        await press(web, tenant, path, asked.request_id, technician="NIK@nikpot.example")
    ).status_code == 200
    decided = (await audit_events(tenant, asked.request_id))[-1]
    assert decided["facts"]["technician_id"] == str(tenant.technician.id)
    assert decided["actor_kind"] == "inbound_key"  # the claim stays apart from what was proven


@paths
@pytest.mark.parametrize("header", [None, ""])
async def test_a_key_that_wants_a_technician_does_nothing_without_one(
    web: RunningWeb, tenant: Tenant, path: str, header: str | None
) -> None:
    key = await strict_key(tenant)
    await assert_refused(web, tenant, path, "technician_required", key=key, technician=header)
    asked = await tenant.submit()
    named = await press(web, tenant, path, asked.request_id, key=key, technician=tenant.technician.email)
    assert named.status_code == 200


@paths
async def test_two_claims_are_no_claim(web: RunningWeb, tenant: Tenant, path: str) -> None:
    """A proxy may keep the first line and the product the last: a call with two is refused."""
    other = await technician(tenant, "pat@nikpot.example")
    asked = await tenant.submit(requester=Requester(user="pat", email=other.email))
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    before = await snapshot(tenant)
    for first, second in ((tenant.technician.email, other.email), (other.email, tenant.technician.email)):
        answer = await web.client.post(
            path,
            json=members,
            headers=[
                ("Host", tenant.msp.host),
                ("X-Idemeum-Api-Key", tenant.key),
                ("Content-Type", DECISION_TYPE),
                ("X-Stepladder-Technician-Email", first),
                ("X-Stepladder-Technician-Email", second),
            ],
        )
        assert_problem(answer, 403, "not_an_approver")
    assert await snapshot(tenant) == before


@paths
async def test_a_technician_locked_out_is_refused_at_the_next_press(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, path: str
) -> None:
    asked = [await tenant.submit() for _ in range(2)]
    named = await press(web, tenant, path, asked[0].request_id, technician=tenant.technician.email)
    assert named.status_code == 200
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await technicians.set_technician(tx, tenant.technician, role=None, is_active=False)
    for process in (web, other_process):
        answer = await press(process, tenant, path, asked[1].request_id, technician=tenant.technician.email)
        assert_problem(answer, 403, "not_an_approver")


@paths
async def test_another_technician_who_comes_second_is_told_who_won(
    web: RunningWeb, tenant: Tenant, path: str
) -> None:
    """Through the same key: whose decision it was must stay true."""
    second = await technician(tenant, "pat@nikpot.example")
    asked = await tenant.submit()
    first = await press(web, tenant, path, asked.request_id, technician=tenant.technician.email)
    again = await press(web, tenant, path, asked.request_id, technician=tenant.technician.email.upper())
    assert (again.status_code, again.content) == (first.status_code, first.content) == (200, first.content)
    for email in (second.email, None):
        answer = await press(web, tenant, path, asked.request_id, technician=email)
        assert_problem(answer, 409, "already_decided")
    decided = (await audit_events(tenant, asked.request_id))[-1]
    assert decided["facts"]["technician_id"] == str(tenant.technician.id)
