"""What a drain asks of the database for one ticket, counted on its only connection."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest
from tests.support.clock import ManualClock
from tests.support.halo import connect
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant
from tests.tickets.staged import drains_of

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connections.queries import find_ticket_system
from stepladder.kit.db import Database
from stepladder.reconcile.loop import Drains
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox

STATEMENTS, TRANSACTIONS = 20, 6


@dataclass
class Said:
    """Everything that was sent to the database, one entry for each round trip."""

    statements: list[str] = field(default_factory=list)

    @property
    def transactions(self) -> int:
        return sum(each.startswith("begin") for each in self.statements)

    def listening(self) -> type[psycopg.AsyncCursor[Any]]:
        """A cursor that writes down what it sends."""
        said = self.statements

        class Listening(psycopg.AsyncCursor[Any]):
            async def execute(self, query: Any, *arguments: Any, **more: Any) -> Any:
                said.append(query.decode() if isinstance(query, bytes) else str(query))
                return await super().execute(query, *arguments, **more)

        return Listening


@dataclass
class Place:
    """A tenant with its HaloPSA, and a drain on a database connection that is listened to."""

    services: Services
    tenant: Tenant
    halo: RunningSandbox
    drains: Drains
    said: Said

    async def drain(self) -> Said:
        """What one run of the drain says."""
        async with self.services.db.transaction(self.tenant.operator) as tx:
            connection = await find_ticket_system(tx)
        assert connection is not None
        self.said.statements.clear()
        assert not await self.drains.run(self.tenant.msp.id, connection.id)
        return self.said


@pytest.fixture
async def place(tmp_path: Path, own_urls: DatabaseUrls) -> AsyncIterator[Place]:
    clock = ManualClock()
    config = msgspec.structs.replace(demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())
    async with running_sandbox(config, clock=clock.now) as halo:
        settings = settings_in(tmp_path, outbound_allow=(halo.url,))
        async with open_services(settings, own_urls, clock=clock) as services:
            tenant, said = await new_tenant(services), Said()
            await connect(services, tenant, halo)
            db = Database(own_urls.service, clock, pool_size=1)
            await db.open()
            async with db.pool.connection() as only:
                only.cursor_factory = said.listening()
            drains = drains_of(services, replace(services.connections, db=db))
            yield Place(services, tenant, halo, drains, said)
            await db.close()


def check_few(said: Said) -> None:
    """No more round trips and transactions than promised."""
    told = "\n".join(said.statements)
    assert len(said.statements) <= STATEMENTS, told
    assert said.transactions <= TRANSACTIONS, told


async def test_one_ticket_is_opened_and_closed_in_few_statements(place: Place) -> None:
    """Once customers are mapped, names are looked up and the sweep has been."""
    first = await place.tenant.submit()
    await place.drain()
    await place.tenant.decide(first.request_id)
    await place.drain()
    asked = await place.tenant.submit()
    check_few(await place.drain())
    assert len(place.halo.events("ticket.created")) == 2
    await place.tenant.decide(asked.request_id)
    check_few(await place.drain())
    assert [place.halo.ticket(each).is_closed for each in (2001, 2002)] == [True, True]
