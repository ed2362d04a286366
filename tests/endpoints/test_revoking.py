"""Revoking a machine ends what hangs on it, and every side is told the truth."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Tenant
from tests.support.web import (
    Machine,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
    until,
)

from stepladder.elevation.policy import AlreadyDecided, Verdict
from stepladder.endpoints.service import EndpointRevoked
from stepladder_protocol import ENDPOINT_API

OWN = f"{ENDPOINT_API}/endpoint"


async def revoke(tenant: Tenant, endpoint_id: str) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, endpoint_id)


async def state_of(tenant: Tenant, request_id: str) -> tuple[str, str | None]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        found = await tenant.services.elevation.find(tx, request_id)
    return found.state, found.withdrawn_because


async def test_what_a_revoked_machine_has_pending_is_withdrawn(tenant: Tenant) -> None:
    """USE-09: all of it, of this machine only, and the trail says why."""
    other = await tenant.desktop_of(tenant.customer, "DESK-2")
    mine = [await tenant.submit() for _ in range(3)]
    theirs = await tenant.submit(other)
    done = await tenant.submit()
    await tenant.decide(done.request_id)
    await revoke(tenant, tenant.desktop.id)
    assert {await state_of(tenant, asked.request_id) for asked in mine} == {("cancelled", "endpoint_revoked")}
    assert await state_of(tenant, theirs.request_id) == ("pending", None)
    assert await state_of(tenant, done.request_id) == ("approved", None)
    (*_, event) = await audit_events(tenant, mine[0].request_id)
    assert (event["tag"], event["facts"]) == ("elevation_request.cancelled", {"because": "endpoint_revoked"})


async def test_revoking_twice_changes_nothing(tenant: Tenant) -> None:
    await revoke(tenant, tenant.desktop.id)
    before = await audit_events(tenant)
    await revoke(tenant, tenant.desktop.id)
    assert await audit_events(tenant) == before


async def test_nothing_of_a_revoked_machine_can_be_approved(tenant: Tenant) -> None:
    """USE-09: also what an earlier version left pending. Denying it is still possible."""
    asked = await tenant.submit()
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run("update endpoint set state = 'revoked'")
    with pytest.raises(EndpointRevoked):
        await tenant.decide(asked.request_id)
    assert await state_of(tenant, asked.request_id) == ("pending", None)
    await tenant.decide(asked.request_id, Verdict.DENIED)
    assert await state_of(tenant, asked.request_id) == ("denied", None)


async def test_a_button_on_what_was_withdrawn_says_that_it_is_over(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    await revoke(tenant, tenant.desktop.id)
    answer = await web.approve(tenant, asked.request_id, "Northwind Traders")
    assert assert_problem(answer, 409, "already_decided")["state"] == "cancelled"
    with pytest.raises(AlreadyDecided):
        await tenant.decide(asked.request_id)


async def test_the_machine_is_told_that_it_was_revoked_and_nothing_of_clocks(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """USE-09: on each of its calls, in words that help."""
    asked = await tenant.submit()
    await revoke(tenant, desk.id)
    for wire in (
        desk.signed("GET", OWN),
        desk.asking(),
        desk.looking(asked.request_id),
        desk.cancelling(asked.request_id),
        desk.fetching(asked.request_id),
    ):
        told = assert_problem(await wire.to(web), 403, "endpoint_revoked")["detail"]
        assert "was revoked" in told
        assert "clock" not in told


async def test_who_cannot_sign_as_the_machine_does_not_learn_that_it_was_revoked(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """USE-09: a refusal gives nothing away to others."""
    await revoke(tenant, desk.id)
    forged = desk.signed("GET", OWN, key=Ed25519PrivateKey.generate())
    assert_problem(await forged.to(web), 401, "signature_refused")


async def test_a_desktop_that_waits_is_woken_with_the_truth(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """USE-09: it does not wait on for an answer that nobody can give."""
    asked = await tenant.submit()
    waiting = asyncio.create_task(desk.looking(asked.request_id, 20).to(web))
    await until(lambda: tenant.services.waiters.count == 1)
    await revoke(tenant, desk.id)
    async with asyncio.timeout(10):
        told = (await waiting).json()
    assert (told["state"], told["decision_reason"]) == ("cancelled", "This machine was revoked.")


async def test_of_asking_and_revoking_at_once_nothing_stays_pending(web: RunningWeb, tenant: Tenant) -> None:
    """USE-09: a request comes before the revocation, and is withdrawn, or after it, and is refused."""
    for number in range(5):
        desktop = await tenant.desktop_of(tenant.customer, f"RACE-{number}")
        racing = machine(tenant, desktop)
        answers, _ = await asyncio.gather(
            asyncio.gather(*(racing.asking().to(web) for _ in range(4))), revoke(tenant, desktop.id)
        )
        assert {answer.status_code for answer in answers} <= {201, 403}
        pending = await count(
            tenant,
            "select count(*) from elevation_request where endpoint_id = %(id)s and state = 'pending'",
            id=desktop.endpoint.id,
        )
        assert pending == 0
