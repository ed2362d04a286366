"""Closing: however HaloPSA treats the parts of it, the ticket ends closed, with one note, five minutes, its approver."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import product
from typing import Any

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import NORTHWIND, Reply, connected, draft_for, scripted

from stepladder.connectors.base import Lookup, NeedsAttention, Rejected, TryLater
from stepladder.connectors.ticket_system import Closing, Person
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import set_status
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.faultplan import FaultKind
from stepladder_sandbox.halopsa.records import Outcome, Rights
from stepladder_sandbox.halopsa.testing import RunningSandbox
from stepladder_sandbox.halopsa.ticket_writes import create_ticket

DANA = Person(str(demo.DANA), "Dana Whitfield", "dana@nikpot.example")
API_AGENT = Person(str(demo.API_AGENT), "Stepladder API", None)
FORMER = Person(str(demo.FORMER), "Robin Vale", "robin@nikpot.example")


async def opened_ticket(halo: RunningSandbox, found: Any) -> Any:
    """A ticket, and the closing of it by Dana."""
    draft = draft_for(NORTHWIND)
    seen = await found.connector.open_ticket(draft)
    return halo.ticket(int(seen.id)), Closing(draft.reference, "Approved by Dana for this user.", 5, DANA)


async def close(connector: Any, ticket: Any, closing: Any) -> None:
    """What the reconciler does."""
    if not await connector.add_closing_note(str(ticket.id), closing):
        await connector.close_ticket(str(ticket.id), closing)


def notes(ticket: Any) -> list[Any]:
    return [action for action in ticket.actions if not action.is_system]


def assert_closed(ticket: Any, closing: Any, *, agent_id: int = demo.DANA) -> None:
    assert ticket.is_closed
    assert ticket.status_id == demo.CLOSED
    (note,) = notes(ticket)
    assert note.note == f"Approved by Dana for this user. [{closing.reference}]"
    assert note.timetaken == 0.0833
    assert ticket.timetaken == 0.0833
    assert ticket.agent_id == agent_id


@pytest.mark.parametrize(
    ("status", "agent", "closure_note", "ticket_in_answer", "ticket_closure_note"),
    list(product((True, False), repeat=5)),
)
async def test_whatever_rides_on_an_action_or_does_not_the_ticket_ends_closed(
    halo: RunningSandbox,
    status: bool,
    agent: bool,
    closure_note: bool,
    ticket_in_answer: bool,
    ticket_closure_note: bool,
) -> None:
    halo.switches.action_new_status = status
    halo.switches.action_new_agent = agent
    halo.switches.action_closure_note = closure_note
    halo.switches.action_includes_ticket = ticket_in_answer
    halo.switches.ticket_closure_note = ticket_closure_note
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        before = found.calls
        await close(found.connector, ticket, closing)
        calls = found.calls - before - 2  # status and outcome are looked up once a day
    assert_closed(ticket, closing)
    if closure_note or ticket_closure_note:
        assert ticket.closure_note.endswith(f"[{closing.reference}]")
    assert calls <= 2
    if all((status, agent, closure_note, ticket_in_answer)):
        assert calls == 1


# --- Not closing ---------------------------------------------------------------------------------------------------


async def test_a_note_that_does_not_close_leaves_everything_else_as_it_is(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        before = (ticket.status_id, ticket.agent_id, ticket.closure_note)
        closing = replace(closing, closes=False, minutes=0)
        assert not await found.connector.add_closing_note(str(ticket.id), closing)
        assert await found.connector.has_closing_note(str(ticket.id), closing)
    assert (ticket.status_id, ticket.agent_id, ticket.closure_note) == before
    assert not ticket.is_closed
    (note,) = notes(ticket)
    assert (note.outcome, note.timetaken, ticket.timetaken) == ("Internal Note", 0.0, 0.0)


async def test_a_note_that_does_not_close_takes_another_outcome_where_one_is_not_permitted(
    halo: RunningSandbox,
) -> None:
    halo.switches.outcomes_not_permitted = ("Internal Note",)
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await found.connector.add_closing_note(str(ticket.id), replace(closing, closes=False))
        await close(found.connector, *await opened_ticket(halo, found))
    (note,) = notes(ticket)
    assert note.outcome == "Private Note"


async def test_another_tickets_answer_to_such_a_note_is_not_believed() -> None:
    outcomes, answer = Reply(body=[{"id": 7, "outcome": "Note"}]), Reply(201, {"ticket_id": 99, "id": 2})
    async with scripted(outcomes, answer) as script, connected(script.url) as found:
        with pytest.raises(TryLater) as failed:
            await found.connector.add_closing_note("7", Closing("SL-1", "Denied.", 0, closes=False))
    assert failed.value.may_have_happened


# --- Agents --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rides", [True, False])
async def test_a_busy_approver_is_assigned_all_the_same(halo: RunningSandbox, rides: bool) -> None:
    halo.switches.busy_agents = (demo.DANA,)
    halo.switches.action_new_agent = rides
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
    assert_closed(ticket, closing)


@pytest.mark.parametrize("rides", [True, False])
@pytest.mark.parametrize(
    "who", [API_AGENT, FORMER, Person("987", "Nobody", None)], ids=["API-only", "disabled", "deleted"]
)
async def test_an_approver_who_cannot_be_assigned_does_not_keep_the_ticket_open(
    halo: RunningSandbox, who: Person, rides: bool
) -> None:
    halo.switches.action_new_agent = rides
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, replace(closing, approver=who))
    assert_closed(ticket, closing, agent_id=1)


async def test_without_an_approver_nobody_is_assigned(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, replace(closing, approver=None))
    assert_closed(ticket, closing, agent_id=1)


# --- Outcomes ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("not_permitted", "used"),
    [
        ((), "Resolved"),
        (("Resolved",), "Internal Note"),
        (("Resolved", "Internal Note"), "Private Note"),
    ],
)
async def test_an_outcome_that_is_not_permitted_gives_way_to_the_next(
    halo: RunningSandbox, not_permitted: tuple[str, ...], used: str
) -> None:
    halo.switches.outcomes_not_permitted = not_permitted
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
        assert_closed(ticket, closing)
        assert notes(ticket)[0].outcome == used
        before = found.calls
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
        assert found.calls - before == 2, "the outcome that worked is used first from then on"
    assert_closed(ticket, closing)


async def test_where_no_outcome_is_permitted_nothing_is_written_and_halopsa_is_quoted(
    halo: RunningSandbox,
) -> None:
    halo.switches.outcomes_not_permitted = ("Resolved", "Internal Note", "Private Note")
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        with pytest.raises(Rejected, match="You do not have access to this Action") as refused:
            await found.connector.add_closing_note(str(ticket.id), closing)
        assert notes(ticket) == []
        assert not ticket.is_closed
        halo.switches.outcomes_not_permitted = ()
        await close(found.connector, ticket, closing)
    assert_closed(ticket, closing)
    assert not hasattr(refused.value, "whole_instance")


async def test_a_chosen_outcome_is_the_only_one_that_is_used(halo: RunningSandbox) -> None:
    async with connected(halo, closing_outcome="private note") as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
        assert notes(ticket)[0].outcome == "Private Note"
        halo.switches.outcomes_not_permitted = ("Private Note",)
        ticket, closing = await opened_ticket(halo, found)
        with pytest.raises(Rejected):
            await found.connector.add_closing_note(str(ticket.id), closing)
    assert notes(ticket) == []


async def test_an_outcome_that_was_made_anew_is_looked_up_again(halo: RunningSandbox) -> None:
    """Its id is remembered for a day; the first refusal makes us ask again."""
    async with connected(halo, closing_outcome="Done here") as found:
        halo.reconfigure(outcomes=(Outcome(id=50, outcome="Done here"),))
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
        halo.reconfigure(outcomes=(Outcome(id=51, outcome="Done here"),))
        ticket, closing = await opened_ticket(halo, found)
        with pytest.raises(Rejected):
            await found.connector.add_closing_note(str(ticket.id), closing)
        await close(found.connector, ticket, closing)
    assert notes(ticket)[0].outcome_id == 51


async def test_a_closed_status_that_was_made_anew_is_looked_up_again(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        halo.switches.action_new_status = False
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, closing)
        statuses = [
            msgspec.structs.replace(each, id=19) if each.closed else each
            for each in halo.state.config.statuses
        ]
        halo.reconfigure(statuses=tuple(statuses))
        ticket, closing = await opened_ticket(halo, found)
        assert not await found.connector.add_closing_note(str(ticket.id), closing)
        with pytest.raises(Rejected):
            await found.connector.close_ticket(str(ticket.id), closing)
        await found.connector.close_ticket(str(ticket.id), closing)
    assert ticket.status_id == 19
    assert len(notes(ticket)) == 1


# --- Held open -----------------------------------------------------------------------------------------------------


def add_child(halo: RunningSandbox, ticket: Any) -> Any:
    wanted = {
        "summary": "A child",
        "details": "x",
        "category_1": "Network",
        "client_id": 1,
        "parent_id": ticket.id,
    }
    caller = Caller.at_screen(halo.state.directory.agents[demo.NIK])
    return create_ticket(halo.state, Element(wanted, "[0]", any_case=True), caller)


@pytest.mark.parametrize("rides", [True, False])
async def test_an_open_child_ticket_holds_the_closing_and_not_the_note(
    halo: RunningSandbox, rides: bool
) -> None:
    halo.switches.open_children_block_closing = True
    halo.switches.action_new_status = rides
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        child = add_child(halo, ticket)
        assert not await found.connector.add_closing_note(str(ticket.id), closing)
        for _ in range(2):
            with pytest.raises(Rejected, match="open child Tickets"):
                await found.connector.close_ticket(str(ticket.id), closing)
        assert len(notes(ticket)) == 1
        assert not ticket.is_closed
        set_status(halo.state, child, demo.CLOSED, Caller.at_screen(halo.state.directory.agents[demo.NIK]))
        await found.connector.close_ticket(str(ticket.id), closing)
    assert_closed(ticket, closing)


@pytest.mark.parametrize("children", [True, False])
async def test_open_child_tickets_that_block_nothing_do_not_matter(
    halo: RunningSandbox, children: bool
) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        if children:
            add_child(halo, ticket)
        await close(found.connector, ticket, closing)
    assert_closed(ticket, closing)


async def test_a_ticket_that_says_yes_and_stays_open_is_for_a_person() -> None:
    """A to-do or a ticket rule can keep it open without a word."""
    row = {"id": 7, "status_id": 2, "hasbeenclosed": False}
    async with scripted(Reply(201, row), Reply(200, row)) as script, connected(script.url) as found:
        await found.lookups.put(Lookup("status", "Closed"), "9")
        with pytest.raises(NeedsAttention, match="the ticket is not closed") as refused:
            await found.connector.close_ticket("7", Closing("SL-X", "x", 5))
    assert not refused.value.whole_instance
    assert [method for method, _, _ in script.asked] == ["POST", "GET"]


@pytest.mark.parametrize("answer", [{}, [], None, {"id": 8, "status_id": 9}, {"id": 7}, "x"])
async def test_closed_is_proven_by_reading_where_the_answer_does_not_prove_it(
    answer: dict[str, int] | list[Any] | str | None,
) -> None:
    row = {"id": 7, "status_id": 9}
    replies = Reply(201, json.dumps(answer).encode()), Reply(200, row)
    async with scripted(*replies) as script, connected(script.url) as found:
        await found.lookups.put(Lookup("status", "Closed"), "9")
        await found.connector.close_ticket("7", Closing("SL-X", "x", 5))
    assert len(script.asked) == 2


# --- The button was there first ------------------------------------------------------------------------------------


async def test_a_ticket_that_a_button_closed_gets_its_note_and_time_once(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        set_status(halo.state, ticket, demo.CLOSED, Caller.at_screen(halo.state.directory.agents[demo.NIK]))
        seen = await found.connector.read_ticket(str(ticket.id))
        assert seen.closed_by == str(demo.NIK)
        nik = await found.connector.find_person_by_id(seen.closed_by)
        assert nik is not None
        await close(found.connector, ticket, replace(closing, approver=nik))
    assert_closed(ticket, closing, agent_id=demo.NIK)
    assert ticket.closure_agent_id == demo.NIK


async def test_without_the_right_to_edit_closed_tickets_the_refusal_says_what_is_needed(
    halo: RunningSandbox,
) -> None:
    agents = [
        msgspec.structs.replace(each, rights=Rights(edit_closed=False)) if each.isapiagent else each
        for each in halo.state.config.agents
    ]
    halo.reconfigure(agents=tuple(agents))
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        set_status(halo.state, ticket, demo.CLOSED, Caller.at_screen(halo.state.directory.agents[demo.NIK]))
        with pytest.raises(NeedsAttention, match="its agent the rights"):
            await found.connector.add_closing_note(str(ticket.id), closing)
    assert notes(ticket) == []


# --- The note is found again ---------------------------------------------------------------------------------------


def write_action(ticket: Any, note: str) -> None:
    first = ticket.actions[0]
    ticket.actions.append(
        replace(first, id=len(ticket.actions) + 1, note=note, note_html="", is_system=False)
    )


async def test_the_note_is_found_behind_many_other_actions(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await found.connector.add_closing_note(str(ticket.id), closing)
        ticket.closure_note = ""
        for number in range(120):
            write_action(ticket, f"Another note {number}")
        assert await found.connector.has_closing_note(str(ticket.id), closing)


@pytest.mark.parametrize(
    "note",
    [
        "RE: Elevation request: Ada wants to run setup.exe on DESK-1 [{reference}]",
        "Please see [{reference}], thank you",
        "Closing note [SL-ANOTHERONE]",
        "Approved. [SL-ANOTHERONE]",
        "{reference}",
    ],
)
async def test_an_answer_that_quotes_the_summary_is_not_the_closing_note(
    halo: RunningSandbox, note: str
) -> None:
    """Mail about a ticket carries its summary, and so our reference, into the ticket's actions."""
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        write_action(ticket, note.format(reference=closing.reference))
        assert not await found.connector.has_closing_note(str(ticket.id), closing)


@pytest.mark.parametrize("where", ["note", "note_html", "closure_note"])
async def test_the_note_is_found_wherever_halopsa_keeps_it(halo: RunningSandbox, where: str) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await found.connector.add_closing_note(str(ticket.id), closing)
        (note,) = notes(ticket)
        if where != "note":
            note.note = ""
        if where != "note_html":
            note.note_html = "-"
        if where != "closure_note":
            ticket.closure_note = ""
        assert await found.connector.has_closing_note(str(ticket.id), closing)


async def test_one_empty_list_of_actions_does_not_hide_the_note(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await found.connector.add_closing_note(str(ticket.id), closing)
        halo.fail_next("empty_list", path="/api/actions")
        assert await found.connector.has_closing_note(str(ticket.id), closing)


async def test_no_actions_at_all_on_a_ticket_that_has_some_is_no_answer(halo: RunningSandbox) -> None:
    """Where HaloPSA keeps no closure note, an empty list would look like a note that was never written."""
    halo.switches.action_closure_note = False
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await found.connector.add_closing_note(str(ticket.id), closing)
        halo.fail_next("empty_list", path="/api/actions")
        with pytest.raises(TryLater, match="without any of its actions"):
            await found.connector.has_closing_note(str(ticket.id), closing)
        assert await found.connector.has_closing_note(str(ticket.id), closing)


@pytest.mark.parametrize(
    "fault", ["drop_after_commit", "reset_after_commit", "504_after_commit", "cut_json_after_commit"]
)
async def test_a_note_whose_answer_was_lost_may_be_there_and_is_found(
    halo: RunningSandbox, fault: FaultKind
) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        halo.fail_next(fault, method="POST", path="/api/actions")
        with pytest.raises(TryLater) as failed:
            await found.connector.add_closing_note(str(ticket.id), closing)
        assert failed.value.may_have_happened
        assert await found.connector.has_closing_note(str(ticket.id), closing)
        await found.connector.close_ticket(str(ticket.id), closing)
    assert_closed(ticket, closing)


@pytest.mark.parametrize(
    ("minutes", "hours"), [(5, 0.0833), (0.5, 0.0083), (0, 0.0), (60, 1.0), (7.25, 0.1208), (1440, 24.0)]
)
async def test_the_time_is_written_in_hours(halo: RunningSandbox, minutes: float, hours: float) -> None:
    async with connected(halo) as found:
        ticket, closing = await opened_ticket(halo, found)
        await close(found.connector, ticket, replace(closing, minutes=minutes))
    assert notes(ticket)[0].timetaken == hours


@pytest.mark.parametrize(
    "answer",
    [{"ticket_id": 8, "id": 3}, {}, [], "created", 7, None, [{"id": 1}, {"id": 2}], {"outcome": "Note"}],
)
async def test_the_answer_about_another_tickets_action_or_none_is_ambiguous(answer: Any) -> None:
    """Taken for the note, it would leave the ticket closed without one."""
    body = json.dumps(answer).encode()
    async with scripted(Reply(201, body)) as script, connected(script.url) as found:
        await found.lookups.put(Lookup("status", "Closed"), "9")
        await found.lookups.put(
            Lookup("outcome", "Resolved | Close | Closed | Internal Note | Private Note | Note"), "12"
        )
        with pytest.raises(TryLater, match="another ticket's action") as failed:
            await found.connector.add_closing_note("7", Closing("SL-X", "x", 5))
    assert failed.value.may_have_happened


async def test_ids_as_doubles_do_not_make_an_answer_another_tickets() -> None:
    row = {"id": 7.0, "status_id": 9.0, "agent_id": 4.0, "closure_note": "x. [SL-X]"}
    async with (
        scripted(Reply(201, {"ticket_id": 7.0, "ticket": row})) as script,
        connected(script.url) as found,
    ):
        await found.lookups.put(Lookup("status", "Closed"), "9")
        await found.lookups.put(
            Lookup("outcome", "Resolved | Close | Closed | Internal Note | Private Note | Note"), "12"
        )
        assert await found.connector.add_closing_note("7", Closing("SL-X", "x", 5, DANA))
