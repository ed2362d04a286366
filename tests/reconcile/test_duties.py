"""Duties: what fails for one tenant holds up no other, and a full round of a drain is not taken for the last."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant
from tests.support.web import until_held_up
from tests.tickets.staged import Stage, staged

from stepladder import worker
from stepladder.app import DatabaseUrls, open_services
from stepladder.connections.service import remove as remove_connector
from stepladder.errors import Unavailable
from stepladder.kit.db import Actor
from stepladder.reconcile import instances
from stepladder.reconcile.duties import Duty, see_to
from stepladder.reconcile.lease import Lease
from stepladder.reconcile.loop import DUE_AT_ONCE


class Broken(Exception):
    """Something that nobody foresaw."""


async def test_a_duty_that_fails_for_one_tenant_is_done_for_the_others(stage: Stage) -> None:
    services = stage.services
    done: list[UUID] = []

    async def fail(actor: Actor, subject: UUID) -> None:
        raise Broken

    async def do(actor: Actor, subject: UUID) -> None:
        done.append(subject)

    await stage.tenant.submit()
    with pytest.raises(Broken):
        await see_to([Duty("due_seals", fail), Duty("due_seals", do)], services.db, services.clock)
    assert stage.tenant.msp.id in done


async def test_without_the_database_no_duty_is_tried_after_the_first(stage: Stage) -> None:
    asked: list[UUID] = []

    async def fail(actor: Actor, subject: UUID) -> None:
        asked.append(subject)
        raise Unavailable

    await stage.tenant.submit()
    duties = [Duty("due_seals", fail), Duty("due_seals", fail)]
    with pytest.raises(Unavailable):
        await see_to(duties, stage.services.db, stage.services.clock)
    assert len(asked) == 1


async def test_one_run_serves_more_customers_than_a_round_has_places(stage: Stage) -> None:
    asked = []
    for number in range(DUE_AT_ONCE + 3):
        customer = await stage.tenant.customer_called(f"c{number}")
        stage.remote.customers.append(
            stage.remote.customers[0].__class__(f"r{number}", f"c{number}", is_active=True)
        )
        desktop = await stage.tenant.desktop_of(customer, f"DESK-{number}")
        asked.append((await stage.tenant.submit(desktop)).request_id)
    assert not await stage.drain.run(stage.tenant.msp.id, stage.connection_id)
    assert [(await stage.link(each))["observed"] for each in asked] == ["open"] * len(asked)


async def test_a_removal_waits_for_what_a_drain_is_writing(stage: Stage) -> None:
    """Both take the drain's row first, so neither can hold what the other waits for."""
    services, tenant = stage.services, stage.tenant
    request_id = (await tenant.submit()).request_id
    actor = tenant.operator
    async with services.db.transaction(actor, holding=instances.taking(stage.connection_id)) as tx:
        lease = Lease(services.db, actor, instances.Instance(**tx.held), services.clock)
    async with lease.writing() as tx:
        removal = asyncio.create_task(remove_connector(stage.wiring, actor))
        await until_held_up(tenant, removal)
        changed = await tx.run(
            "update ticket_link set attempts = 1 where subject_id = %(id)s", {"id": request_id}
        )
    await removal
    assert changed == 1


async def test_the_workers_own_sweep_sees_to_every_duty(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """TEST-16: campaigns may look at a part of it; here it is the sweep that runs in production."""
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as services:
        stage = await staged(services, await new_tenant(services), clock)
        await see_that_a_sweep_does_everything(stage)


async def see_that_a_sweep_does_everything(stage: Stage) -> None:
    services, tenant = stage.services, stage.tenant
    request_id = (await tenant.submit()).request_id
    async with services.db.transaction(tenant.operator) as tx:
        await tx.run(
            """insert into endpoint_nonce (endpoint_id, nonce, msp_id, seen_at)
               values (%(endpoint)s, 'used', %(msp)s, %(now)s)""",
            {"endpoint": tenant.desktop.endpoint.id, "msp": tenant.msp.id, "now": tx.now},
        )
    stage.clock.move(timedelta(days=30))
    await worker.sweep(services)
    async with services.db.transaction(tenant.operator) as tx:
        state = await tx.scalar("select state from elevation_request where id = %(id)s", {"id": request_id})
        nonces = await tx.scalar("select count(*) from endpoint_nonce")
        unsealed = await tx.scalar("select count(*) from audit_event where sequence is null")
        announced = await tx.scalar("select sequence from audit_head")
        drains = await tx.scalar(
            "select count(*) from procrastinate_jobs where args ->> 'instance_id' = %(id)s",
            {"id": str(stage.connection_id)},
        )
    assert (state, nonces, unsealed) == ("expired", 0, 0)
    assert announced
    assert drains == 1
    assert [duty.due for duty in services.duties] == [
        "due_links",
        "due_tickets",
        "due_expiries",
        "due_seals",
        "due_heads",
        "due_nonces",
    ], "a new duty is to be looked at here, too"
