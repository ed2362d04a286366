"""A ticket that HaloPSA does not let us touch waits by itself; nobody else's does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.halo import drain
from tests.support.installations import settings_in
from tests.support.tenants import Tenant

from stepladder.app import Services
from stepladder.settings import Settings
from stepladder.tickets.status import read_status as status
from stepladder_sandbox.halopsa.testing import RunningSandbox


@pytest.fixture
def settings(tmp_path: Path, halo: RunningSandbox) -> Settings:
    """The usual waits: what was refused is not tried again before it is looked at, however busy the machine."""
    return settings_in(tmp_path, outbound_allow=(halo.url,), retry_base_seconds=60)


async def test_a_ticket_that_the_agent_may_not_write_to_stops_no_other(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    second = next(each.name for each in halo.state.config.clients if each.id == 2)
    other = await tenant.desktop_of(await tenant.customer_called("second", second))
    asked = [await tenant.submit(), await tenant.submit(other)]
    await drain(services, tenant)
    # Refused for the sign-in at hand and for a fresh one: that is the first ticket's fault, not the token's.
    halo.fail_next("refused", method="POST", path="/api/actions", status=403, times=2)
    for each in asked:
        await tenant.decide(each.request_id)
    await drain(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        found = await status(tx)
    assert found["connector"]["paused_until"] is None
    assert (found["tickets"]["closed"], found["tickets"]["needs_attention"]) == (1, 1)
    (waiting,) = found["waiting"]
    assert waiting["error_code"] == "halopsa_forbidden"
    assert "edit:tickets" in waiting["error"]
