"""Connecting a tenant to a sandbox HaloPSA, and draining it."""

from __future__ import annotations

from typing import Any

from stepladder.app import Services
from stepladder.kit.secret import Secret
from stepladder.tickets import queries, service as tickets
from stepladder_sandbox.halopsa.testing import RunningSandbox
from tests.support.tenants import Tenant


async def connect(
    services: Services, tenant: Tenant, halo: RunningSandbox, *, call_budget: int = 1_000_000, **settings: Any
) -> None:
    """Add the connector, with waits short enough for a test."""
    application = halo.state.config.applications[0]
    values = {
        "url": halo.url,
        "client_id": application.client_id,
        "search_lag_seconds": 0.2,
        "press_wait_seconds": 0.05,
        **settings,
    }
    await tickets.add_connector(
        services.tickets,
        tenant.operator,
        kind="halopsa",
        settings=values,
        secret=Secret(application.client_secret),
        call_budget=call_budget,
    )


async def drain(services: Services, tenant: Tenant) -> None:
    """Run the tenant's drain until nothing is due."""
    async with services.db.transaction(tenant.operator) as tx:
        row = await queries.connector(tx)
    assert row is not None
    while await services.drain.run(tenant.msp.id, row.id):
        pass
