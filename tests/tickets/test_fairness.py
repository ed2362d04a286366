"""A burst of one customer never stands before another's newest request: at most one of its steps does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st
from tests.support.memory.connector import MemoryTicket
from tests.support.tenants import Desktop
from tests.tickets.staged import Stage

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.elevation.policy import Verdict
from stepladder.reconcile.budget import capacity, spare
from stepladder.reconcile.lease import LONGEST_WAIT_SECONDS
from stepladder.reconcile.loop import REST_SECONDS

BUDGET = 600


class Counted:
    """The calls of the drain that were made, in order, and something that happens before one of them."""

    def __init__(self, stage: Stage) -> None:
        self.names: list[str] = []
        self.at: dict[int, Any] = {}
        wrap, names, at = stage.memory.wrap, self.names, self.at
        stage.memory.wrap = lambda connector: _Counting(wrap(connector), names, at)


class _Counting:
    def __init__(self, connector: Any, names: list[str], at: dict[int, Any]) -> None:
        self._connector, self._names, self._at = connector, names, at

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._connector, name)
        if name == "aclose" or not callable(method):
            return method

        async def call(*arguments: Any) -> Any:
            if happens := self._at.pop(len(self._names), None):
                await happens()
            result = await method(*arguments)
            self._names.append(name)
            return result

        return call


@pytest.fixture
async def customers(stage: Stage) -> list[Desktop]:
    """Three more customers, linked, each with a desktop."""
    desktops = []
    for number in range(2, 5):
        customer = await stage.tenant.customer_called(f"customer-{number}", f"Customer {number}")
        stage.remote.customers.append(RemoteCustomer(str(number), f"Customer {number}", is_active=True))
        desktops.append(await stage.tenant.desktop_of(customer, f"DESK-{number}"))
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await stage.services.customers.map_automatically(tx, stage.connection_id, stage.remote.customers)
    return desktops


async def run(stage: Stage) -> None:
    """Drains, one slice after another, until nothing is due. A few minutes of its time are enough for all that is here."""
    for _ in range(10):
        if not await stage.drain.run(stage.tenant.msp.id, stage.connection_id):
            return
    raise AssertionError("it never gets further")


async def burst(stage: Stage, count: int) -> list[str]:
    """So many requests of one customer at once; their rows, for each machine may have only 25 waiting."""
    first = (await stage.tenant.submit()).request_id
    ids = [first]
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        for _ in range(count - 1):
            row = await tx.scalar(
                """with asked as (
                       insert into elevation_request
                       select (jsonb_populate_record(r, jsonb_build_object(
                           'id', gen_random_uuid(), 'idempotency_key', gen_random_uuid()::text))).*
                       from elevation_request r where r.id = %(id)s returning id)
                   insert into ticket_link
                   select (jsonb_populate_record(l, jsonb_build_object(
                       'id', asked.id, 'subject_id', asked.id, 'reference', 'SL-' || asked.id))).*
                   from ticket_link l, asked where l.subject_id = %(id)s returning subject_id::text""",
                {"id": first},
            )
            ids.append(row)
    return ids


def opened_before(stage: Stage, ticket: MemoryTicket) -> list[str]:
    """The customers of the tickets that were opened before this one, in order."""
    return [each.draft.customer.id for each in stage.remote.tickets.values() if int(each.id) < int(ticket.id)]


@pytest.mark.parametrize("when", [0, 7, 50])
async def test_a_newcomer_waits_for_one_step_of_a_burst_at_most(
    stage: Stage, customers: list[Desktop], when: int
) -> None:
    await burst(stage, 60)
    calls = Counted(stage)
    asked: list[str] = []

    async def ask() -> None:
        asked.append((await stage.tenant.submit(customers[0])).request_id)

    calls.at[when] = ask
    await run(stage)
    ticket = await stage.ticket(asked[0])
    # The call under way when the newcomer asks, and no other.
    assert len(opened_before(stage, ticket)) == when + 1
    assert len(stage.remote.tickets) == 61


async def test_customers_take_turns_whatever_each_has_waiting(stage: Stage, customers: list[Desktop]) -> None:
    await burst(stage, 12)
    for desktop in customers:
        for _ in range(3):
            await stage.tenant.submit(desktop)
    await run(stage)
    order = [each.draft.customer.id for each in stage.remote.tickets.values()]
    for start in range(0, 12, 4):
        assert sorted(order[start : start + 4]) == ["1", "2", "3", "4"]


# When the burst has used the budget up


async def spend(stage: Stage, tokens: float) -> None:
    """Leave so many calls in the bucket."""
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await tx.run(
            "update drain set call_budget = %(budget)s, tokens = %(tokens)s, tokens_at = %(now)s",
            {"budget": BUDGET, "tokens": tokens, "now": stage.clock.now()},
        )


async def left(stage: Stage) -> float:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        return float(await tx.scalar("select tokens from drain"))


async def test_a_burst_leaves_calls_for_others_and_does_not_keep_them_waiting(
    stage: Stage, customers: list[Desktop]
) -> None:
    await burst(stage, 30)
    await spend(stage, spare(BUDGET) + 5)
    calls, asked, at = Counted(stage), list[str](), []

    async def ask() -> None:
        at.append(stage.clock.now())
        asked.append((await stage.tenant.submit(customers[0])).request_id)

    calls.at[10] = ask
    await run(stage)
    ticket = await stage.ticket(asked[0])
    assert len(opened_before(stage, ticket)) <= 10 + 1
    waited = ticket.visible_at - stage.remote.search_lag - at[0]
    assert waited <= timedelta(seconds=REST_SECONDS + 0.01)
    # All are served in the end, and the spare was touched by the newcomer alone.
    assert len(stage.remote.tickets) == 31
    assert await left(stage) >= spare(BUDGET) - 2


async def test_the_last_of_a_backlog_is_no_backlog_and_may_use_what_was_spared(stage: Stage) -> None:
    await burst(stage, 2)
    await spend(stage, 1.0)
    before = stage.clock.now()
    await run(stage)
    assert len(stage.remote.tickets) == 2
    first, second = stage.remote.tickets.values()
    # The first of two waits until the spare is full again; the second is the only one then.
    assert first.visible_at - before - stage.remote.search_lag > timedelta(seconds=spare(BUDGET) - 1)
    assert second.visible_at == first.visible_at


async def test_a_newcomer_is_served_at_once_while_a_backlog_waits_for_the_spare_to_fill(
    stage: Stage, customers: list[Desktop]
) -> None:
    await burst(stage, 3)
    await spend(stage, 2.0)
    asked = await stage.tenant.submit(customers[0])
    before = stage.clock.now()
    await run(stage)
    ticket = await stage.ticket(asked.request_id)
    assert opened_before(stage, ticket) == []
    assert ticket.visible_at - stage.remote.search_lag - before <= timedelta(seconds=REST_SECONDS)
    assert len(stage.remote.tickets) == 4


async def test_a_step_that_has_begun_goes_on_with_what_was_spared(stage: Stage) -> None:
    """Stopped between two calls that are not remembered, it would make the first again and again."""
    asked = await burst(stage, 3)
    await run(stage)
    for request_id in asked:
        await stage.tenant.decide(request_id, Verdict.DENIED)
    await spend(stage, spare(BUDGET) + 1)
    calls = Counted(stage)
    await run(stage)
    assert await stage.due() == 0
    assert all(ticket.is_closed and len(ticket.notes) == 1 for ticket in stage.remote.tickets.values())
    # A person, a note and a close for each: nothing was begun in vain.
    assert len(calls.names) == 9


async def test_without_any_call_in_sight_the_instance_rests_and_the_links_are_due_at_once_then(
    stage: Stage, customers: list[Desktop]
) -> None:
    await burst(stage, 3)
    await spend(stage, 0.0)
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await tx.run("update drain set call_budget = 20")
    assert not await stage.drain.run(stage.tenant.msp.id, stage.connection_id)
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        paused = await tx.scalar("select paused_until from drain")
        due = await tx.scalar(
            "select count(*) from ticket_link where next_try_at <= %(now)s", {"now": stage.clock.now()}
        )
    assert paused - stage.clock.now() > timedelta(seconds=LONGEST_WAIT_SECONDS)
    assert due == 3, "what was certainly not sent need not wait for a search to catch up"
    assert stage.remote.tickets == {}


@given(st.integers(20, 3000))
@hypothesis_settings(max_examples=30)
def test_what_is_spared_is_a_small_part(budget: int) -> None:
    assert 0 < spare(budget) <= capacity(budget) * 0.1
