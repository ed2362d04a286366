"""The test ticket: it goes the daily way, tells each step, and leaves nothing behind, wherever its process dies."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.support.memory.connector import MemoryTicket, Mishap
from tests.support.web import audit_events
from tests.tickets.staged import Died, Stage, staged

from stepladder.connections.service import NoConnector, remove as remove_connector
from stepladder.connectors.base import NeedsAttention, Rejected, TryLater
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import NotFound
from stepladder.kit.db import Actor
from stepladder.kit.ids import ConnectionId
from stepladder.tickets.status import read_status
from stepladder.tickets.trial import NoLinkedCustomer, Outcome, Step, Until, try_ticket

WORDS = ["open", "find again", "note", "close"]


async def linked(stage: Stage, *, name: str = "Northwind Traders") -> None:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        remotes = [RemoteCustomer("1", name, is_active=True)]
        await stage.services.customers.map_automatically(tx, stage.connection_id, remotes)


async def tried(stage: Stage, **how: Any) -> Outcome:
    async def drive(actor: Actor, connection_id: ConnectionId, until: Until) -> None:
        """As where no worker is alive: the command drains by itself."""
        while await stage.drain.run(actor.msp_id, connection_id) and not await until():
            pass

    return await try_ticket(stage.wiring, drive, stage.tenant.operator, **how)


def made(stage: Stage) -> list[MemoryTicket]:
    return list(stage.remote.tickets.values())


async def events(stage: Stage) -> list[tuple[str, str | None]]:
    found = await audit_events(stage.tenant, str(stage.connection_id))
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


async def test_what_the_search_does_not_show_yet_is_told_and_no_failure(stage: Stage) -> None:
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
    "not now": (Mishap(LATER), "tried again automatically"),
    "refused": (Mishap(Rejected("A field is missing.", code="memory_rejected")), "Do what it says"),
    "lost": (
        Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True),
        "tried again automatically",
    ),
    "rights": (Mishap(NeedsAttention("No.", code="x", whole_instance=True)), "tried again automatically"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_a_refused_opening_is_told_with_what_to_do_and_is_done_later_by_itself(
    stage: Stage, name: str
) -> None:
    await linked(stage)
    mishap, todo = FAILURES[name]
    stage.remote.mishaps.append(mishap)
    outcome = await tried(stage)
    assert (outcome.ok, [step.name for step in outcome.steps]) == (False, ["open"])
    assert mishap.error is not None
    assert outcome.steps[0].detail == mishap.error.message
    assert todo in (outcome.todo or "")
    await stage.settle()
    (ticket,) = made(stage)
    assert (ticket.is_closed, len(ticket.notes)) == (True, 1)
    again = await tried(stage)
    assert (again.ok, [step.name for step in again.steps]) == (True, WORDS)


async def test_wherever_the_process_dies_its_ticket_is_closed_by_the_next_drain(stage: Stage) -> None:
    await linked(stage)
    line = 0
    while True:
        before = len(made(stage))
        stage.lines.passed, stage.lines.die_at = 0, line
        try:
            await tried(stage)
        except Died:
            pass
        else:
            break
        finally:
            stage.lines.die_at = None
        await stage.settle()
        for ticket in made(stage)[before:]:
            assert (ticket.is_closed, len(ticket.notes)) == (True, 1), line
        assert len(made(stage)) - before <= 1, line
        line += 1
    assert line > 10


async def test_a_test_ticket_is_nobodys_request_and_nobodys_drift(stage: Stage) -> None:
    """It is neither counted among the tickets nor swept, and a kept one does not bind the MSP to this instance."""
    await linked(stage)
    await tried(stage, keep_open=True)
    stage.clock.move(timedelta(minutes=5))
    await stage.run()
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        assert (await read_status(tx))["tickets"]["open"] == 0
    assert "listed 1" not in stage.remote.asked


async def test_a_removed_connector_takes_its_tests_along(stage: Stage) -> None:
    await linked(stage)
    stage.remote.mishaps.append(Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True))
    await tried(stage)
    await remove_connector(stage.wiring, stage.tenant.operator)
    again = await staged(stage.services, stage.tenant, stage.clock)
    await linked(again)
    assert [step.name for step in (await tried(again)).steps] == WORDS
    assert len(made(again)) == 1


async def test_a_test_of_a_customer_that_is_deleted_meanwhile_holds_up_no_other(stage: Stage) -> None:
    other = await stage.tenant.customer_called("other", "Other Ltd")
    await linked(stage, name="Other Ltd")
    stage.remote.mishaps.append(Mishap(LATER))
    await tried(stage, customer="other")
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await stage.services.deletion.delete(tx, other)
    request_id = (await stage.tenant.submit()).request_id
    stage.clock.move(timedelta(hours=1))
    await stage.run()
    assert (await stage.link(request_id))["observed"] == "open"


async def test_a_test_ticket_deleted_before_its_number_was_known_is_over(stage: Stage) -> None:
    await linked(stage)
    stage.remote.mishaps.append(Mishap(TryLater("No answer.", code="x", may_have_happened=True), landed=True))
    await tried(stage)
    made(stage)[0].is_deleted = True
    await stage.settle()
    assert len(made(stage)) == 1
