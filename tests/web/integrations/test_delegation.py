"""Delegation: a technician's role at one customer lets them decide there, and nowhere else."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.integrations import NAME, call, denial_rule, everything, key_with, save, staff
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, assert_problem, audit_events, count

from stepladder.access_keys.service import KeyAction
from stepladder.elevation.approvers import ByTechnician
from stepladder.elevation.policy import Ask, Channel, Decided, NotAnApprover, SelfApproval, Verdict
from stepladder.tenancy.service import Customer
from stepladder.tenancy.technicians import Role, set_technician
from stepladder_protocol.messages import Requester

RITA = "rita@nikpot.example"


async def delegate(
    web: RunningWeb, tenant: Tenant, role: str = "TECHNICIAN", customer: str = "northwind"
) -> None:
    answer = await call(
        web, tenant, "POST", f"/customers/{customer}/delegation", {"userEmail": RITA, "role": role}
    )
    assert answer.status_code == 200, answer.text


async def undelegate(web: RunningWeb, tenant: Tenant, customer: str = "northwind") -> None:
    answer = await call(web, tenant, "POST", f"/customers/{customer}/undelegation", {"userEmail": RITA})
    assert answer.status_code == 200, answer.text


async def rita_decides(tenant: Tenant, request_id: str, verdict: Verdict = Verdict.APPROVED) -> Decided:
    """As the command line decides, and later the portal."""
    by = ByTechnician(tenant.services.db, tenant.operator, RITA)
    return await tenant.services.elevation.decide(Ask(request_id, verdict, Channel.CLI), by)


async def at_other(tenant: Tenant) -> tuple[Customer, str]:
    """Another customer with a waiting request."""
    other = await tenant.customer_called("other", "Other Ltd")
    return other, (await tenant.submit(await tenant.desktop_of(other))).request_id


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("role", ["TECHNICIAN", "ADMIN"])
async def test_who_may_only_read_decides_where_delegated_and_nowhere_else(
    web: RunningWeb, tenant: Tenant, role: str, verdict: Verdict
) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    asked, (_, elsewhere) = await tenant.submit(), await at_other(tenant)
    with pytest.raises(NotAnApprover):
        await rita_decides(tenant, asked.request_id, verdict)
    await delegate(web, tenant, role)
    assert (await rita_decides(tenant, asked.request_id, verdict)).state == verdict.state
    with pytest.raises(NotAnApprover):
        await rita_decides(tenant, elsewhere, verdict)
    decided = [
        event for event in await audit_events(tenant, asked.request_id) if verdict.value in event["tag"]
    ]
    assert [event["actor_kind"] for event in decided] == ["technician"]


async def test_by_a_button_too_the_named_technician_needs_the_delegation(
    web: RunningWeb, tenant: Tenant
) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    asked, (other, elsewhere) = await tenant.submit(), await at_other(tenant)
    answer = await web.approve(tenant, asked.request_id, NAME, technician=RITA)
    assert_problem(answer, 403, "not_an_approver")
    await delegate(web, tenant)
    assert_problem(
        await web.approve(tenant, elsewhere, other.display_name, technician=RITA), 403, "not_an_approver"
    )
    assert (await web.approve(tenant, asked.request_id, NAME, technician=RITA)).json()["status"] == "APPROVED"
    assert (
        await count(
            tenant,
            "select t.email from decision d join technician t on t.id = d.technician_id where request_id = %(id)s",
            id=asked.request_id,
        )
        == RITA
    )


async def test_a_delegation_does_not_widen_a_key(web: RunningWeb, tenant: Tenant) -> None:
    """What the key serves and may do stays the bound."""
    await staff(tenant, RITA, Role.READ_ONLY)
    await delegate(web, tenant)
    other, _ = await at_other(tenant)
    asked = await tenant.submit()
    scoped = await key_with(tenant, KeyAction.APPROVE, customers=[other.id])
    assert_problem(await web.approve(tenant, asked.request_id, NAME, technician=RITA, key=scoped), 404)
    admin = await web.approve(tenant, asked.request_id, NAME, mode="ADMIN", technician=RITA)
    assert_problem(admin, 403, "kind_not_allowed")


async def test_to_be_delegated_to_read_is_not_to_decide(web: RunningWeb, tenant: Tenant) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    asked = await tenant.submit()
    await delegate(web, tenant, "READ_ONLY")
    with pytest.raises(NotAnApprover):
        await rita_decides(tenant, asked.request_id)
    assert_problem(await web.deny(tenant, asked.request_id, NAME, technician=RITA), 403, "not_an_approver")


async def test_a_delegation_takes_nothing_from_a_role_that_holds_everywhere(
    web: RunningWeb, tenant: Tenant
) -> None:
    await staff(tenant, RITA, Role.TECHNICIAN)
    asked, (_, elsewhere) = await tenant.submit(), await at_other(tenant)
    await delegate(web, tenant, "READ_ONLY")
    for request_id in (asked.request_id, elsewhere):
        assert (await rita_decides(tenant, request_id)).is_new


async def test_undelegation_acts_on_the_next_decision(web: RunningWeb, tenant: Tenant) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    first, second = await tenant.submit(), await tenant.submit()
    await delegate(web, tenant)
    assert (await rita_decides(tenant, first.request_id)).is_new
    await undelegate(web, tenant)
    with pytest.raises(NotAnApprover):
        await rita_decides(tenant, second.request_id)
    assert_problem(
        await web.approve(tenant, second.request_id, NAME, technician=RITA), 403, "not_an_approver"
    )


async def test_who_is_locked_out_decides_nothing_by_delegation(web: RunningWeb, tenant: Tenant) -> None:
    rita = await staff(tenant, RITA, Role.READ_ONLY)
    await delegate(web, tenant)
    asked = await tenant.submit()
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await set_technician(tx, rita, role=None, is_active=False)
    with pytest.raises(NotAnApprover):
        await rita_decides(tenant, asked.request_id)
    assert_problem(await web.approve(tenant, asked.request_id, NAME, technician=RITA), 403, "not_an_approver")


async def test_nobody_decides_their_own_request_by_delegation(web: RunningWeb, tenant: Tenant) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    await delegate(web, tenant)
    asked = await tenant.submit(requester=Requester(user="rita", email=RITA.upper()))
    with pytest.raises(SelfApproval):
        await rita_decides(tenant, asked.request_id)


async def test_the_same_call_again_answers_the_same_and_is_recorded_once(
    web: RunningWeb, tenant: Tenant
) -> None:
    rita = await staff(tenant, RITA, Role.READ_ONLY)
    path, body = "/customers/northwind/delegation", {"userEmail": f" {RITA.upper()} ", "role": "ADMIN"}
    answers = [await call(web, tenant, "POST", path, body) for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == {"userEmail": RITA, "role": "ADMIN"}
    (given,) = [event for event in await audit_events(tenant) if event["tag"] == "delegation.given"]
    assert (given["subject"], given["facts"]) == (
        str(tenant.customer.id),
        {"technician_id": str(rita.id), "role": "admin"},
    )
    info = (await call(web, tenant, "GET", "/customers/northwind")).json()
    assert info["delegations"] == [{"userEmail": RITA, "role": "ADMIN"}]
    answers = [
        await call(web, tenant, "POST", "/customers/northwind/undelegation", {"userEmail": RITA})
        for _ in range(3)
    ]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json() == {"userEmail": RITA}
    (removed,) = [event for event in await audit_events(tenant) if event["tag"] == "delegation.removed"]
    assert removed["facts"] == {"technician_id": str(rita.id)}
    assert (await call(web, tenant, "GET", "/customers/northwind")).json()["delegations"] == []


async def test_a_second_role_takes_the_place_of_the_first(web: RunningWeb, tenant: Tenant) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    for role in ("ADMIN", "READ_ONLY", "TECHNICIAN"):
        await delegate(web, tenant, role)
    info = (await call(web, tenant, "GET", "/customers/northwind")).json()
    assert info["delegations"] == [{"userEmail": RITA, "role": "TECHNICIAN"}]
    await asyncio.gather(*(delegate(web, tenant, role) for role in ("ADMIN", "READ_ONLY", "TECHNICIAN") * 4))
    assert await count(tenant, "select count(*) from delegation") == 1


@pytest.mark.parametrize(
    "role", ["GLOBAL_ADMIN", "admin", "Technician", "OWNER", "", " ADMIN", None, 1, ["ADMIN"], True]
)
async def test_a_role_that_there_is_not_at_one_customer_is_refused(
    web: RunningWeb, tenant: Tenant, role: Any
) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    before = await everything(tenant)
    answer = await call(
        web, tenant, "POST", "/customers/northwind/delegation", {"userEmail": RITA, "role": role}
    )
    assert_problem(answer, 400, "body_refused")
    assert await everything(tenant) == before


async def test_unknown_foreign_and_nearly_known_technicians_answer_alike(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    await staff(other_msp, "eve@southwind.example", Role.TECHNICIAN)
    answers = set()
    for email in (
        "nobody@nikpot.example",
        "eve@southwind.example",
        "rita@nikpot.exampl",
        "%",
        "rita",
        f"{RITA}\n.",
    ):
        for verb, body in (
            ("delegation", {"userEmail": email, "role": "ADMIN"}),
            ("undelegation", {"userEmail": email}),
        ):
            answer = await call(web, tenant, "POST", f"/customers/northwind/{verb}", body)
            assert_problem(answer, 404, "not_found")
            answers.add(answer.content)
    # The same words as for a customer that there is not.
    nobody = await call(web, tenant, "POST", "/customers/nobody/undelegation", {"userEmail": RITA})
    assert len(answers | {nobody.content}) == 1
    assert await count(tenant, "select count(*) from delegation") == 0


async def test_row_security_keeps_delegations_and_rules_apart(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await staff(tenant, RITA, Role.READ_ONLY)
    await delegate(web, tenant)
    await save(web, tenant, denial_rule(tenant))
    for counting, changing in (
        ("select count(*) from delegation", "update delegation set role = 'admin'"),
        ("select count(*) from rule", "update rule set note = 'theirs'"),
    ):
        assert await count(tenant, counting) == 1
        assert await count(other_msp, counting) == 0
        async with other_msp.services.db.transaction(other_msp.operator) as tx:
            assert await tx.run(changing) == 0
