"""Turns within a customer: no machine buries the others, and what was withdrawn in time leaves nothing behind."""

from __future__ import annotations

from uuid import UUID

import pytest
from tests.support.tenants import Desktop
from tests.tickets.staged import Stage
from tests.tickets.test_fairness import Counted, opened_before, run

from stepladder.endpoints.service import actor_for
from stepladder.kit.ids import RequestId


async def withdraw(stage: Stage, request_id: str, desktop: Desktop | None = None) -> None:
    """The machine that asked takes it back."""
    endpoint = (desktop or stage.tenant.desktop).endpoint
    actor = actor_for(stage.tenant.msp.id, endpoint.id)
    await stage.services.elevation.cancel(actor, endpoint.id, RequestId(UUID(request_id)))


async def test_what_was_withdrawn_before_its_ticket_was_opened_gets_none(stage: Stage) -> None:
    """SEC-06: asking and withdrawing in a loop leaves no work, and no ticket, to anybody."""
    for _ in range(60):
        await withdraw(stage, (await stage.tenant.submit()).request_id)
    assert await stage.due() == 0
    kept = (await stage.tenant.submit()).request_id
    await run(stage)
    assert [each.draft.request_id for each in stage.remote.tickets.values()] == [kept]


async def test_what_is_withdrawn_while_its_ticket_is_opened_ends_with_one_closed_ticket_or_none(
    stage: Stage,
) -> None:
    """SEC-06: on whichever line of the drain the user takes it back."""
    first = await stage.tenant.submit()
    await stage.run()
    assert stage.lines.passed > 5
    ends = set()
    for line in range(stage.lines.passed):
        asked = await stage.tenant.submit()
        await stage.run_interrupted(line, lambda asked=asked: withdraw(stage, asked.request_id))  # type: ignore[misc]  # mypy infers no type for it
        await stage.settle()
        tickets = [
            each for each in stage.remote.tickets.values() if each.draft.request_id == asked.request_id
        ]
        assert all(each.is_closed and len(each.notes) == 1 for each in tickets)
        ends.add(len(tickets))
    assert ends == {0, 1}
    assert not (await stage.ticket(first.request_id)).is_closed


@pytest.mark.parametrize("when", [0, 7, 15])
async def test_a_machine_with_many_requests_does_not_stand_before_another_of_its_customer(
    stage: Stage, when: int
) -> None:
    """SEC-06: the first request of each machine goes before the second of any other, whenever it comes."""
    other = await stage.tenant.desktop_of(stage.tenant.customer, "DESK-9")
    for _ in range(20):
        await stage.tenant.submit()
    calls, asked = Counted(stage), list[str]()

    async def ask() -> None:
        asked.append((await stage.tenant.submit(other)).request_id)

    calls.at[when] = ask
    await run(stage)
    # The call under way when it asks, and what was chosen with it for this round: one of this customer.
    assert len(opened_before(stage, await stage.ticket(asked[0]))) <= when + 1
    assert len(stage.remote.tickets) == 21


async def test_machines_take_turns_whatever_each_has_waiting(stage: Stage) -> None:
    """SEC-06: three machines with seven requests each are served one after the other."""
    desktops = [
        stage.tenant.desktop,
        *[await stage.tenant.desktop_of(stage.tenant.customer, f"DESK-{number}") for number in (7, 8)],
    ]
    for desktop in desktops:
        for _ in range(7):
            await stage.tenant.submit(desktop)
    await run(stage)
    order = [each.draft.endpoint_name for each in stage.remote.tickets.values()]
    for start in range(0, 21, 3):
        assert sorted(order[start : start + 3]) == ["DESK-1", "DESK-7", "DESK-8"]


async def test_of_more_than_are_read_at_once_each_customer_still_has_its_turn(stage: Stage) -> None:
    """OPS-05: a backlog that is walked, and one that is read at once, are served alike."""
    from tests.tickets.test_fairness import burst

    await burst(stage, 230)
    other = await stage.tenant.customer_called("other", "Other")
    asked = await stage.tenant.submit(await stage.tenant.desktop_of(other, "DESK-2"))
    from stepladder.connectors.ticket_system import RemoteCustomer

    stage.remote.customers.append(RemoteCustomer("2", "Other", is_active=True))
    await run(stage)
    assert len(opened_before(stage, await stage.ticket(asked.request_id))) <= 1
    assert len(stage.remote.tickets) == 231
