"""A request that is asked in the very instant in which a ticket system is connected or removed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from tests.support.memory.connector import MemoryTickets
from tests.support.tenants import Tenant, body
from tests.tickets.staged import InMemory, Lines, Stage

from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder.connections.kinds import Kinds
from stepladder.connections.service import Wiring
from stepladder.elevation.service import Elevation
from stepladder.endpoints import service as endpoints
from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, EndpointId, RequestId
from stepladder.kit.secret import Secret
from stepladder.tenancy.service import lock_msp
from stepladder.tickets.subscriber import ForRequests


class Held:
    """A feature that takes its time: the submit has asked every other feature, and has not committed."""

    def __init__(self) -> None:
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()

    async def submitted(
        self, tx: Transaction, request_id: RequestId, customer_id: CustomerId, endpoint_id: EndpointId
    ) -> None:
        self.reached.set()
        await self.may_go_on.wait()

    async def withdrawn(self, tx: Transaction, request_id: RequestId) -> None:
        pass

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        pass


async def add(wiring: Wiring, tenant: Tenant) -> None:
    await connections.add(
        wiring, tenant.operator, kind="memory", settings={}, secret=Secret("not used"), check=False
    )


async def without_link(tenant: Tenant) -> int:
    """Waiting requests that no ticket is wanted for by the connector there is."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return int(
            await tx.scalar(
                """select count(*) from elevation_request r where r.state = 'pending' and not exists (
                       select from ticket_link l join connection c on c.id = l.connection_id
                       where l.subject_id = r.id)"""
            )
        )


@pytest.fixture
def wiring(services: Services) -> Wiring:
    remote = MemoryTickets(services.clock)
    kinds = Kinds([InMemory(remote, Lines()).kind])
    return replace(services.connections, kinds=kinds)


async def submitting(tenant: Tenant, held: Held) -> asyncio.Task[object]:
    """A submit that has looked for a connector and has not committed."""
    services, endpoint = tenant.services, tenant.desktop.endpoint
    subscribers: list[Any] = [ForRequests(lambda *_: None), held]
    elevation = Elevation(services.db, subscribers=subscribers)
    actor = endpoints.actor_for(tenant.msp.id, endpoint.id)
    task = asyncio.create_task(elevation.submit(actor, endpoint, body()))
    await held.reached.wait()
    return task


@pytest.mark.parametrize("was_connected", [False, True])
async def test_a_request_under_way_gets_its_ticket_from_the_connector_that_is_added(
    wiring: Wiring, tenant: Tenant, was_connected: bool
) -> None:
    """Where there was another one before, the request even saw it."""
    if was_connected:
        await add(wiring, tenant)
    held = Held()
    asking = await submitting(tenant, held)

    async def connect_anew() -> None:
        if was_connected:
            await connections.remove(wiring, tenant.operator)
        await add(wiring, tenant)

    connecting = asyncio.create_task(connect_anew())
    await asyncio.sleep(0.3)
    assert not connecting.done()
    held.may_go_on.set()
    await asyncio.gather(asking, connecting)
    assert await without_link(tenant) == 0


async def test_however_asking_connecting_and_removing_meet_every_request_has_its_link(
    wiring: Wiring, tenant: Tenant
) -> None:
    for _ in range(6):
        adding = asyncio.create_task(add(wiring, tenant))
        await asyncio.gather(adding, *(tenant.submit() for _ in range(2)))
        assert await without_link(tenant) == 0
        removing = asyncio.create_task(connections.remove(wiring, tenant.operator))
        await asyncio.gather(removing, *(tenant.submit() for _ in range(2)))


async def test_other_msps_do_not_wait_for_somebody_who_connects(
    services: Services, tenant: Tenant, stage: Stage
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        await lock_msp(tx)
        async with asyncio.timeout(5):
            await stage.tenant.submit()
