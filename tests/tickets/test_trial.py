"""The test ticket: it goes the daily way, tells each step, and leaves nothing behind, wherever its process dies."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.support.memory.connector import MemoryTicket, Mishap
from tests.support.tenants import new_tenant
from tests.support.web import audit_events
from tests.tickets.staged import SEARCH_LAG, Died, Stage, staged

from stepladder.connectors.base import NeedsAttention, Rejected, TryLater
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import NotFound
from stepladder.mapping import service as mapping
from stepladder.tickets.service import NoConnector, remove_connector
from stepladder.tickets.trial import NoLinkedCustomer, Outcome, Step, try_ticket

WORDS = ["open", "find again", "note", "close"]


async def linked(stage: Stage, *, name: str = "Northwind Traders") -> None:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        remotes = [RemoteCustomer("1", name, is_active=True)]
        await mapping.map_automatically(tx, stage.connector_id, remotes)


async def tried(stage: Stage, **how: Any) -> Outcome:
    return await try_ticket(stage.wiring, stage.tenant.operator, **how)


def made(stage: Stage) -> list[MemoryTicket]:
    return list(stage.remote.tickets.values())


async def events(stage: Stage) -> list[tuple[str, str | None]]:
    found = await audit_events(stage.tenant, str(stage.connector_id))
    return [(each["tag"], each["facts"].get("outcome")) for each in found if each["tag"].startswith("test_")]


async def test_a_marked_ticket_is_opened_found_noted_and_closed(stage: Stage) -> None:
    await linked(stage)
    stage.remote.search_lag = timedelta(0)
    told: list[Step] = []
    outcome = await tried(stage, told=told.append)
    assert outcome.ok
    assert outcome.steps == told
    assert [step.name for step in told] == WORDS
    (ticket,) = made(stage)
    assert (ticket.id, ticket.is_closed, len(ticket.notes)) == (outcome.ticket_id, True, 1)
    assert ticket.draft.summary.startswith("TEST")
    assert "Nobody asked for anything" in ticket.draft.intro
    assert (ticket.draft.link, ticket.notes[0].minutes, ticket.notes[0].approver) == ("", 0, None)
    assert await events(stage) == [("test_ticket.opened", None), ("test_ticket.ended", "closed")]
    assert await stage.due() == 0


async def test_what_the_search_does_not_show_yet_is_read_by_its_number(stage: Stage) -> None:
    await linked(stage)
    outcome = await tried(stage)
    assert outcome.ok
    assert "search does not show it yet" in outcome.steps[1].detail


async def test_it_stays_open_where_that_is_wanted_and_later_runs_leave_it(stage: Stage) -> None:
    await linked(stage)
    assert (await tried(stage, keep_open=True)).ok
    assert [step.name for step in (await tried(stage)).steps] == WORDS
    kept, closed = made(stage)
    assert (kept.is_closed, kept.notes, closed.is_closed) == (False, [], True)
    assert "stays open" in kept.draft.intro


async def test_it_needs_a_connector_and_a_customer_that_is_linked(stage: Stage) -> None:
    with pytest.raises(NoLinkedCustomer):
        await tried(stage)
    with pytest.raises(NotFound):
        await tried(stage, customer="nobody")
    await linked(stage)
    other = await stage.tenant.customer_called("other")
    with pytest.raises(NoLinkedCustomer):
        await tried(stage, customer=other.name)
    assert (await tried(stage, customer="northwind")).customer == "Northwind Traders"
    await remove_connector(stage.wiring, stage.tenant.operator)
    with pytest.raises(NoConnector):
        await tried(stage)


LATER = TryLater("Not now.", code="memory_down")
FAILURES = {
    "not now": (Mishap(LATER), "in a minute", 0),
    "refused": (Mishap(Rejected("A field is missing.", code="memory_rejected")), "Do what it says", 0),
    "lost": (Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True), "in a minute", 1),
    "rights": (Mishap(NeedsAttention("No.", code="x", whole_instance=True)), "connector check", 0),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_refused_opening_is_told_with_what_to_do_and_the_next_run_is_clean(
    stage: Stage, name: str
) -> None:
    await linked(stage)
    mishap, todo, left = FAILURES[name]
    stage.remote.mishaps.append(mishap)
    outcome = await tried(stage)
    assert (outcome.ok, [step.name for step in outcome.steps]) == (False, ["open"])
    assert outcome.steps[0].detail == mishap.error.message
    assert todo in (outcome.todo or "")
    stage.clock.move(timedelta(seconds=SEARCH_LAG + 1))
    again = await tried(stage)
    assert again.ok
    assert [step.name for step in again.steps] == ["end an earlier test"] * left + WORDS
    assert [ticket.is_closed for ticket in made(stage)] == [True] * (left + 1)


@contextlib.contextmanager
def dying(stage: Stage, line: int) -> Iterator[None]:
    stage.lines.passed, stage.lines.die_at = 0, line
    try:
        yield
    finally:
        stage.lines.die_at = None


async def test_wherever_the_process_dies_the_next_runs_close_its_ticket(stage: Stage) -> None:
    await linked(stage)
    line = 0
    while True:
        before = len(made(stage))
        with dying(stage, line):
            try:
                await tried(stage)
            except Died:
                pass
            else:
                break
        # At once the search may not show it; what is not seen then is seen by the run after.
        await tried(stage, keep_open=True)
        stage.clock.move(timedelta(seconds=SEARCH_LAG + 1))
        await tried(stage, keep_open=True)
        for ticket in made(stage)[before:]:
            is_kept = "stays open" in ticket.draft.intro
            assert (ticket.is_closed, len(ticket.notes)) == ((False, 0) if is_kept else (True, 1)), line
        line += 1
    assert line > 20
    opened = [each for each in await events(stage) if each[0] == "test_ticket.opened"]
    ended = [each for each in await events(stage) if each[0] == "test_ticket.ended"]
    assert len(opened) == len(ended)


@pytest.mark.parametrize("how", ["deleted", "held open", "doubled"])
async def test_what_became_of_an_interrupted_test_does_not_stop_the_next(stage: Stage, how: str) -> None:
    await linked(stage)
    stage.remote.mishaps.append(Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True))
    await tried(stage)
    (left,) = made(stage)
    stage.clock.move(timedelta(seconds=SEARCH_LAG + 1))
    if how == "deleted":
        left.is_deleted = True
    elif how == "held open":
        left.is_held_open = True
    else:
        stage.remote.add(left.draft)
        stage.clock.move(timedelta(seconds=SEARCH_LAG + 1))
    outcome = await tried(stage)
    assert [step.name for step in outcome.steps] == ["end an earlier test", *WORDS]
    assert [step.ok for step in outcome.steps[1:]] == [True] * 4
    assert outcome.ok is (how == "deleted")
    # Once a person has seen to it, it is over; what is over is not looked for again.
    left.is_held_open = False
    for ticket in made(stage):
        if ticket is not left and ticket.draft.reference == left.draft.reference:
            ticket.is_deleted = True
    await tried(stage)
    assert [step.name for step in (await tried(stage)).steps] == WORDS
    assert left.is_deleted or (left.is_closed and len(left.notes) == 1)


async def test_an_instance_that_is_down_ends_the_run_at_the_earlier_test(stage: Stage) -> None:
    await linked(stage)
    stage.remote.mishaps.append(Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True))
    await tried(stage)
    stage.remote.mishaps.append(Mishap(LATER))
    outcome = await tried(stage)
    assert (outcome.ok, [step.name for step in outcome.steps]) == (False, ["end an earlier test"])
    assert len(made(stage)) == 1


async def test_a_test_is_ended_by_the_connector_that_began_it_alone(stage: Stage) -> None:
    await linked(stage)
    stage.remote.mishaps.append(Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True))
    await tried(stage)
    others = await staged(stage.services, await new_tenant(stage.services), stage.clock)
    await remove_connector(stage.wiring, stage.tenant.operator)
    anew = await staged(stage.services, stage.tenant, stage.clock)
    for other in (others, anew):
        await linked(other)
        assert [step.name for step in (await tried(other)).steps] == WORDS
