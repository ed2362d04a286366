"""The main job in one process: asked, ticket, decided, closed."""

from __future__ import annotations

from stepladder.app import Services
from stepladder.elevation.policy import Verdict
from stepladder_sandbox.halopsa.demo import CLOSED
from stepladder_sandbox.halopsa.testing import RunningSandbox
from tests.support.halo import drain
from tests.support.tenants import Tenant


async def test_a_request_becomes_a_ticket_and_its_decision_closes_it(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    status = await tenant.submit()
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    ticket = halo.ticket(created["ticket_id"])
    assert "Ada Lovelace (ada)" in ticket.summary
    await tenant.decide(status.request_id, Verdict.APPROVED)
    await drain(services, tenant)
    assert ticket.status_id == CLOSED
