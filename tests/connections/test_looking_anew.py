"""A person who tries something looks at what is there now: nothing that was looked up before is believed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from tests.support.halo import drain, retry
from tests.support.tenants import Tenant
from tests.support.web import count

from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder_sandbox.halopsa.testing import RunningSandbox

Act = Callable[[Services, Tenant], Awaitable[Any]]
BY_HAND: dict[str, Act] = {
    "connector retry": retry,
    "connector check": lambda services, tenant: connections.check(services.connections, tenant.operator),
    "customer map": lambda services, tenant: services.customers.map_all(tenant.operator),
}


@pytest.mark.parametrize("act", BY_HAND.values(), ids=BY_HAND)
async def test_what_a_person_does_by_hand_forgets_what_was_looked_up(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None, act: Act
) -> None:
    """HALO-04: the remembered asset was replaced; the ticket behind the retry has the new one."""
    desktop = await tenant.desktop_of(tenant.customer, "NW-LAP-014")
    await tenant.submit(desktop)
    await drain(services, tenant)
    assert await count(tenant, "select count(*) from connection_lookup where kind = 'assets'") == 1
    assets = halo.state.config.assets
    new = tuple(msgspec.structs.replace(each, id=350) if each.id == 300 else each for each in assets)
    halo.reconfigure(assets=(*new, msgspec.structs.replace(assets[0], inventory_number="AST-9")))
    await act(services, tenant)
    assert await count(tenant, "select count(*) from connection_lookup") == 0
    asked = await tenant.submit(desktop)
    await drain(services, tenant)
    (ticket,) = [each for each in halo.state.store.newest_first() if asked.request_id in each.custom.values()]
    assert ticket.asset_ids == [350]
