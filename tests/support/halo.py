"""Connecting a tenant to a sandbox HaloPSA, and draining it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder.connections.queries import find_ticket_system
from stepladder.kit.secret import Secret
from stepladder.reconcile import instances
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
    await connections.add(
        services.connections,
        tenant.operator,
        kind="halopsa",
        settings=values,
        secret=Secret(application.client_secret),
        call_budget=call_budget,
    )


async def connector_row(services: Services, tenant: Tenant) -> Any:
    """Everything that is stored of the tenant's connector: its connection, and how its drain fares."""
    async with services.db.transaction(tenant.operator) as tx:
        found = await find_ticket_system(tx)
        instance = await instances.find(tx, found.id) if found else None
    return SimpleNamespace(**{**vars(instance), **vars(found)}) if found and instance else None


async def retry(services: Services, tenant: Tenant) -> int:
    """Try everything again now; returns how much is due."""
    return (await connections.retry(services.connections, tenant.operator))[1]


async def drain(services: Services, tenant: Tenant) -> None:
    """Run the tenant's drain until nothing is due."""
    async with services.db.transaction(tenant.operator) as tx:
        row = await find_ticket_system(tx)
    assert row is not None
    while await services.drains.run(tenant.msp.id, row.id):
        pass
