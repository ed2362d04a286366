"""A request that a standing rule decides has its ticket like any other: opened, noted, closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.halo import drain
from tests.support.integrations import HASH, confirm, staff
from tests.support.tenants import Tenant

from stepladder.app import Services
from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.policy import Draft, Match
from stepladder.elevation.rules.service import Scope
from stepladder.tenancy.technicians import Role
from stepladder_protocol.messages import ElevationKind
from stepladder_sandbox.halopsa.testing import RunningSandbox


@pytest.mark.parametrize("of_customer", [True, False])
@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.usefixtures("connected")
async def test_the_ticket_of_a_request_decided_by_rule_is_opened_noted_and_closed(
    services: Services, tenant: Tenant, halo: RunningSandbox, verdict: Verdict, of_customer: bool
) -> None:
    now = services.clock.now()
    draft = Draft(
        verdict,
        Match(HASH),
        now + timedelta(days=1),
        ElevationKind.USER,
        ("--quiet",) if verdict is Verdict.APPROVED else (),
        "known program",
    )
    async with services.db.transaction(tenant.operator) as tx:
        scope = Scope(tenant.customer.id) if of_customer else Scope()
        (rule,) = await standing.save(tx, scope, [draft], list(ElevationKind))
    if verdict is Verdict.APPROVED:
        await staff(tenant, "grace@nikpot.example", Role.ADMIN)
        await confirm(tenant, str(rule.id))
    asked = await tenant.submit()
    assert asked.state == verdict.state
    async with services.db.transaction(tenant.operator) as tx:
        wish = await tx.dicts("select desired, observed from ticket_link")
    assert wish == [{"desired": "closed", "observed": "absent"}]
    await drain(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        (link,) = await tx.dicts("select observed, ticket_id, note_seen from ticket_link")
    assert (link["observed"], link["note_seen"]) == ("closed", True)
    ticket = halo.ticket(int(link["ticket_id"]))
    assert ticket.is_closed
    (note,) = [action.note for action in ticket.actions if "standing rule" in action.note]
    whose, reach = (
        ("Northwind Traders", "For every user of Northwind Traders; here Ada")
        if of_customer
        else ("the MSP", "For every user of every customer; here Ada")
    )
    assert note.startswith(f"{str(verdict).title()} by a standing rule of {whose} (rule {rule.id}), ")
    assert reach in note
    # USE-08: no technician did anything for it.
    assert ticket.timetaken == 0
    assert "Reason: “known program”." in note
