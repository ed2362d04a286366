"""The lease by itself: what is checked with it stays so until the commit; an instance that fails rests longer each time."""

from __future__ import annotations

import asyncio

import pytest
from tests.support.memory.connector import Mishap
from tests.support.web import until_held_up
from tests.tickets.staged import PACE, Stage, instance_of

from stepladder.connectors.base import NeedsAttention
from stepladder.kit.db import Transaction
from stepladder.reconcile import instances
from stepladder.reconcile.lease import Lease, LeaseLost


async def take(stage: Stage) -> Lease:
    services, actor = stage.services, stage.tenant.operator
    async with services.db.transaction(actor, holding=instances.taking(stage.connection_id)) as tx:
        return Lease(services.db, actor, instances.Instance(**tx.held), services.clock)


async def test_a_lease_taken_while_another_writes_waits_for_its_commit(stage: Stage) -> None:
    """TEST-18: between the check of the fence and the commit nobody else can become the holder."""
    first = await take(stage)

    async def write(tx: Transaction) -> None:
        assert await tx.run("update ticket_sweep set error = 'written by the first'")

    async with first.writing() as tx:
        other = asyncio.create_task(take(stage))
        await until_held_up(stage.tenant, other)
        assert not other.done()
        await write(tx)
    second = await other
    with pytest.raises(LeaseLost):
        async with first.writing() as tx:
            await write(tx)
    async with second.writing() as tx:
        await write(tx)


async def test_an_instance_that_goes_on_failing_rests_longer_each_time_and_is_asked_once_in_between(
    stage: Stage,
) -> None:
    """TEST-17."""
    await stage.tenant.submit()
    error = NeedsAttention("No.", code="x", whole_instance=True)
    for failures in range(1, 7):
        stage.remote.mishaps.append(Mishap(error))
        await stage.run()
        assert not stage.remote.mishaps, "it was asked, and once"
        instance = await instance_of(stage.services, stage.tenant)
        assert instance
        assert instance.paused_until
        assert instance.failures == failures
        rest = (instance.paused_until - stage.clock.now()).total_seconds()
        due = min(PACE.attention_cap, PACE.base * 2**failures)
        assert due / 2 <= rest <= due
        stage.clock.move(instance.paused_until - stage.clock.now())
