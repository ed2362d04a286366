"""What drains make of mappings as time passes, with tickets in memory: gone customers are noticed, a person's word stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.memory.connector import MemoryConnector, Mishap

from stepladder.connections import service as connections
from stepladder.connectors.base import NeedsAttention, TryLater
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.mapping import run as mapping_run, service as mapping
from stepladder.tickets.status import list_customers

LATER = timedelta(minutes=10, seconds=1)


async def row_of(stage) -> dict:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        (row,) = await list_customers(tx)
    return row


async def test_a_customer_that_is_deleted_there_is_noticed_by_the_refusal_of_its_ticket(stage):
    first = await stage.tenant.submit()
    await stage.run()
    assert await stage.ticket(first.request_id)
    stage.remote.customers.clear()
    stage.remote.customers.append(RemoteCustomer("2", "Umbra", is_active=True))
    request = await stage.tenant.submit()
    await stage.run()
    # It may be a passing refusal, so the link stands for a while, and the request waits in sight.
    assert (await row_of(stage))["state"] == "mapped"
    assert (await stage.link(request.request_id))["error_code"] == "memory_rejected"
    stage.clock.move(LATER)
    await stage.run()
    row = await row_of(stage)
    assert (row["state"], row["remote_id"], row["waiting"]) == ("gone", "1", 1)
    assert (await stage.link(request.request_id))["error_code"] == "customer_not_mapped"
    stage.remote.customers.append(RemoteCustomer("3", "northwind TRADERS", is_active=True))
    stage.clock.move(LATER)
    await stage.run()
    assert (await row_of(stage))["remote_id"] == "3"
    assert (await stage.ticket(request.request_id)).draft.customer.id == "3"


async def test_one_that_comes_back_is_linked_again_by_its_id(stage):
    await stage.tenant.submit()
    await stage.run()
    (customer,) = stage.remote.customers
    stage.remote.customers[:] = [RemoteCustomer("2", "Umbra", is_active=True)]
    request = await stage.tenant.submit()
    for _ in range(2):
        await stage.run()
        stage.clock.move(LATER)
    assert (await row_of(stage))["state"] == "gone"
    stage.remote.customers.append(RemoteCustomer(customer.id, "Renamed meanwhile", is_active=True))
    await stage.run()
    row = await row_of(stage)
    assert (row["state"], row["remote_id"], row["remote_name"]) == ("mapped", "1", "Renamed meanwhile")
    assert (await stage.ticket(request.request_id)).draft.customer.id == "1"


async def test_one_that_is_on_no_list_and_can_be_read_is_not_gone(stage):
    await stage.tenant.submit()
    await stage.run()
    stage.remote.unlisted.add("1")
    stage.remote.customers.append(RemoteCustomer("2", "Umbra", is_active=True))
    connector = MemoryConnector(stage.remote, before_call=connections.unbounded)
    found = await mapping_run.survey(connector, ["1", "99"])
    assert found.gone == {"99"}
    assert {remote.id for remote in found.remotes} == {"1", "2"}
    assert (await row_of(stage))["state"] == "mapped"


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TryLater("Not now.", code="memory_down", after=30), 2),
        (TryLater("Not now.", code="memory_down"), 1 + mapping_run.VERIFIED_AT_ONCE),
        (NeedsAttention("Not for you.", code="memory_forbidden"), 1 + mapping_run.VERIFIED_AT_ONCE),
    ],
)
async def test_what_cannot_be_read_is_not_gone_and_who_is_told_to_wait_does_not_ask_on(
    stage, error, expected
):
    calls = 0

    async def count() -> None:
        nonlocal calls
        calls += 1

    known = [RemoteCustomer(str(number), "Lost", is_active=True) for number in range(100, 115)]
    stage.remote.customers += known
    stage.remote.unlisted |= {each.id for each in known}
    # A mishap of which only the answer is lost does nothing to a list.
    stage.remote.mishaps.extend([Mishap(error, landed=True), *(Mishap(error) for _ in known)])
    connector = MemoryConnector(stage.remote, before_call=count)
    found = await mapping_run.survey(connector, [each.id for each in known])
    assert (found.gone, calls) == (frozenset(), expected)


async def test_a_drain_leaves_alone_what_a_person_unlinked_and_asks_nobody_about_it(stage):
    first = await stage.tenant.submit()
    await stage.run()
    await stage.tenant.decide(first.request_id)
    await stage.settle()
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await mapping.unlink(tx, stage.tenant.customer)
    request = await stage.tenant.submit()
    stage.remote.mishaps.append(Mishap(TryLater("Any call would meet this.", code="memory_down")))
    for _ in range(5):
        stage.clock.move(LATER)
        await stage.run()
    assert len(stage.remote.mishaps) == 1
    assert (await row_of(stage))["state"] == "unmapped"
    assert (await stage.link(request.request_id))["error_code"] == "customer_not_mapped"
