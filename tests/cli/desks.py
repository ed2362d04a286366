"""Machines and requests of an installation, made in its database: commands alone have no desktop that asks."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.cli.conftest import Installation
from tests.support.tenants import body, enrolled

from stepladder import app
from stepladder.endpoints.service import actor_for
from stepladder.kit.db import Actor, ActorKind
from stepladder.settings import Settings
from stepladder.tenancy.service import find_customer, list_msps


def ask(
    installation: Installation, *, customer: str = "northwind", name: str = "DESK-1", **changes: Any
) -> str:
    """A request of a machine of its own, as an agent makes it. Returns its id."""

    async def work() -> str:
        settings = Settings(data_dir=installation.directory)
        async with app.open_services(settings, app.locate_database(settings)) as services:
            (msp,) = await list_msps(services.db)
            operator = Actor(msp.id, ActorKind.OPERATOR, "test")
            async with services.db.transaction(operator) as tx:
                found = await find_customer(tx, customer)
            desktop = await enrolled(services, msp, operator, found, name)
            actor = actor_for(msp.id, desktop.endpoint.id)
            status, _ = await services.elevation.submit(actor, desktop.endpoint, body(**changes))
            return status.request_id

    return asyncio.run(work())
