"""A second kind of remote instance, and a new duty, without a line of the product: lamps that are to be on or off.

What they need is a kind, an opener for their work, a table and a function that says what is due. All of it is here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from pydantic import BaseModel
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connections import changing, service as connections
from stepladder.connections.kinds import Family, Kind
from stepladder.connections.service import CheckFailed
from stepladder.connectors.base import BeforeCall, ConnectorError, NeedsAttention, Places, TryLater
from stepladder.errors import Invalid
from stepladder.kit.db import Actor, Transaction
from stepladder.kit.findings import Finding, Result
from stepladder.kit.ids import ConnectionId
from stepladder.kit.secret import Secret
from stepladder.reconcile import instances
from stepladder.reconcile.duties import Duty, see_to
from stepladder.reconcile.lease import Lease
from stepladder.reconcile.policy import Again

TABLE = """
create table lamp (
    id uuid primary key, msp_id uuid not null, connection_id uuid not null, customer_id uuid not null,
    wanted text not null, seen text not null, attempts int not null default 0, next_try_at timestamptz);
grant select, insert, update, delete on lamp to stepladder_service;
create function due_lamps(at timestamptz) returns table (msp_id uuid, subject uuid)
    language sql stable security definer set search_path = pg_catalog, public as
    $$ select distinct l.msp_id, l.connection_id from lamp l join drain d on d.id = l.connection_id
       where l.next_try_at <= at and (d.paused_until is null or d.paused_until <= at) $$;
grant execute on function due_lamps(timestamptz) to stepladder_service;
"""


class HouseConfig(BaseModel):
    """What there is to know of a house."""

    street: str


@dataclass
class House:
    """The remote side."""

    lamps: dict[UUID, str] = field(default_factory=dict)
    mishaps: list[ConnectorError] = field(default_factory=list)
    is_open: bool = True


class HouseConnector:
    """The connector to a house."""

    def __init__(self, house: House, before_call: BeforeCall) -> None:
        self._house, self._before_call = house, before_call

    async def check(self) -> list[Finding]:
        return [Finding("Door", Result.PASS if self._house.is_open else Result.FAIL, "It is locked.")]

    async def turn(self, lamp: UUID, wanted: str) -> None:
        await self._before_call()
        if self._house.mishaps:
            raise self._house.mishaps.pop(0)
        self._house.lamps[lamp] = wanted

    async def aclose(self) -> None:
        """Nothing is held."""


@dataclass(frozen=True)
class Lamp:
    """A row of what is due."""

    id: UUID
    customer_id: UUID
    wanted: str
    attempts: int
    has_more: bool


class LampWork:
    """What is to be done at a house."""

    def __init__(self, connector: HouseConnector, lease: Lease) -> None:
        self._connector, self._lease = connector, lease

    async def due(self, tx: Transaction, after: UUID | None) -> Sequence[Lamp]:
        return await tx.all(
            Lamp,
            """select id, customer_id, wanted, attempts, false as has_more from lamp
               where connection_id = %(id)s and next_try_at <= %(now)s order by id limit 20""",
            {"id": self._lease.id, "now": tx.now},
        )

    async def step(self, item: Any) -> bool:
        await self._connector.turn(item.id, item.wanted)
        async with self._lease.writing() as tx:
            await tx.run(
                "update lamp set seen = wanted, next_try_at = null, attempts = 0 where id = %(id)s",
                {"id": item.id},
            )
        return False

    async def note_failure(self, item: Any, error: ConnectorError, again: Again) -> None:
        async with self._lease.writing() as tx:
            await tx.run(
                """update lamp set attempts = attempts + 1, next_try_at = %(now)s + make_interval(secs => %(wait)s)
                   where id = %(id)s""",
                {"now": tx.now, "wait": again.seconds, "id": item.id},
            )

    def is_sweep_due(self, now: datetime, *, is_idle: bool) -> bool:
        return False

    async def sweep(self) -> None:
        """There is nothing to look at."""

    async def put_sweep_off(self, error: ConnectorError | None) -> None:
        """There is no sweep."""

    async def aclose(self) -> None:
        await self._connector.aclose()


@dataclass
class Street:
    """One MSP with a house."""

    services: Services
    tenant: Tenant
    clock: ManualClock
    house: House
    duties: list[Duty]
    connection_id: ConnectionId

    async def want(self, wanted: str) -> UUID:
        lamp = uuid4()
        async with self.services.db.transaction(self.tenant.operator) as tx:
            await tx.run(
                """insert into lamp (id, msp_id, connection_id, customer_id, wanted, seen, next_try_at)
                   values (%(id)s, %(msp)s, %(connection)s, %(customer)s, %(wanted)s, 'off', %(now)s)""",
                {
                    "id": lamp,
                    "msp": tx.msp_id,
                    "connection": self.connection_id,
                    "customer": self.tenant.customer.id,
                    "wanted": wanted,
                    "now": tx.now,
                },
            )
        return lamp

    async def sweep(self) -> None:
        await see_to(self.duties, self.services.db, self.clock)

    async def fares(self) -> instances.Instance:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            found = await instances.find(tx, self.connection_id)
        assert found is not None
        return found


def house_kind(house: House) -> Kind:
    return Kind(
        "house",
        Family.WORKSTATIONS,
        (HouseConfig,),
        lambda settings, secret, *, lookups, before_call: HouseConnector(house, before_call),
        lambda settings: Places((settings["street"],), (settings["street"],)),
        "lamps",
    )


@pytest.fixture
async def street(tmp_path: Path, own_urls: DatabaseUrls) -> AsyncIterator[Street]:
    with psycopg.connect(own_urls.owner, autocommit=True) as connection:
        connection.execute(TABLE.encode())
    clock, house = ManualClock(), House()
    kinds = [house_kind(house)]
    async with open_services(settings_in(tmp_path), own_urls, clock=clock, kinds=kinds) as services:
        tenant = await new_tenant(services)

        async def open_work(tx: Transaction, lease: Lease) -> LampWork | None:
            found = await connections.queries.find(tx, lease.id)
            if found is None:
                return None
            connector: Any = await connections.open_connector(
                services.connections, tx, found, lease.before_call
            )
            return LampWork(connector, lease)

        async def drain(actor: Actor, connection_id: UUID) -> None:
            await services.drains.run(actor.msp_id, ConnectionId(connection_id))

        services.drains.register("lamps", open_work)
        connection_id, _ = await connections.add(
            services.connections,
            tenant.operator,
            kind="house",
            settings={"street": "Elm"},
            secret=Secret("key under the mat"),
            call_budget=100,
        )
        duties = [replace(services.duties[1]), Duty("due_lamps", drain)]
        yield Street(services, tenant, clock, house, duties, connection_id)


async def test_what_is_wanted_is_done_and_costs_calls(street: Street) -> None:
    lamps = [await street.want("on") for _ in range(3)]
    await street.sweep()
    assert street.house.lamps == dict.fromkeys(lamps, "on")
    before = (await street.fares()).tokens
    await street.want("off")
    await street.sweep()
    assert (await street.fares()).tokens < before


async def test_a_failure_is_tried_again_and_an_instance_that_fails_rests(street: Street) -> None:
    lamp = await street.want("on")
    street.house.mishaps.append(TryLater("The fuse is out.", code="x"))
    await street.sweep()
    assert lamp not in street.house.lamps
    street.clock.move(timedelta(minutes=2))
    await street.sweep()
    assert street.house.lamps == {lamp: "on"}
    street.house.mishaps.append(NeedsAttention("The door is locked.", code="x", whole_instance=True))
    await street.want("off")
    await street.sweep()
    resting = await street.fares()
    assert (resting.needs_attention, resting.error) == (True, "The door is locked.")
    assert resting.paused_until is not None
    street.clock.move(timedelta(minutes=20))
    await street.sweep()
    assert (await street.fares()).error is None


async def test_it_is_checked_and_its_settings_are_its_own(street: Street) -> None:
    street.house.is_open = False
    add = {"kind": "house", "secret": Secret("x"), "call_budget": 100}
    with pytest.raises(CheckFailed, match="Door"):
        await connections.add(
            street.services.connections, street.tenant.operator, settings={"street": "Oak"}, **add
        )
    with pytest.raises(Invalid, match="There is no setting 'ticket_type'"):
        await connections.add(
            street.services.connections, street.tenant.operator, settings={"ticket_type": "x"}, **add
        )


async def test_it_is_no_ticket_system(street: Street) -> None:
    """Requests get no ticket from it, and what is about the ticket system does not find it."""
    await street.tenant.submit()
    async with street.services.db.transaction(street.tenant.operator) as tx:
        assert await tx.scalar("select count(*) from ticket_link") == 0
    with pytest.raises(connections.NoConnector):
        await changing.change(street.services.connections, street.tenant.operator, {"street": "Oak"})
