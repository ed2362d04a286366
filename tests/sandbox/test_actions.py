"""`/api/Actions`, and what rides on an action (HaloPSA fact 18)."""

from __future__ import annotations

import pytest

from stepladder_sandbox.halopsa.demo import API_AGENT, CLIENT_ID, CLOSED, DANA, NEW, NIK


@pytest.fixture
async def ticket_id(api):
    return (await api.create())["id"]


async def test_an_action_is_answered_as_one_object_with_its_place_in_the_ticket(api, ticket_id):
    answer = await api.act(ticket_id, note="Approved by Nik", timetaken=0.0833, hiddenfromuser=True)
    assert answer.status_code == 201
    action = answer.json()
    assert (action["ticket_id"], action["id"], action["note"]) == (ticket_id, 2, "Approved by Nik")
    assert (action["timetaken"], action["hiddenfromuser"], action["outcome"]) == (
        0.0833,
        True,
        "Internal Note",
    )
    assert (action["who_agentid"], action["actionby_application_id"]) == (API_AGENT, CLIENT_ID)


async def test_action_ids_count_within_their_ticket(api, ticket_id):
    other = (await api.create())["id"]
    first, second = await api.act(ticket_id), await api.act(other)
    assert first.json()["id"] == second.json()["id"] == 2


async def test_an_action_needs_an_outcome(api, ticket_id):
    answer = await api.act(ticket_id, outcome=None, note="n")
    assert answer.status_code == 400
    assert answer.json()["Message"] == "An Outcome must be entered for this Action"


async def test_the_outcome_may_be_a_name_or_an_id(api, ticket_id):
    assert (await api.act(ticket_id, outcome="private NOTE")).json()["outcome_id"] == 8
    assert (await api.act(ticket_id, outcome=None, outcome_id="8")).json()["outcome"] == "Private Note"


async def test_an_outcome_of_another_type_is_none(api):
    ticket = await api.create(tickettype_id=4)
    assert (await api.act(ticket["id"], outcome="Resolved")).status_code == 400


@pytest.mark.parametrize("position", ["400", "accepted"])
async def test_an_unknown_outcome_is_refused_or_taken_as_text(api, sandbox, ticket_id, position):
    sandbox.switches.unknown_outcome = position
    answer = await api.act(ticket_id, outcome="Something else")
    assert answer.status_code == (400 if position == "400" else 201)


@pytest.mark.parametrize("refused", [(), ("Internal Note",)])
async def test_an_outcome_may_not_be_permitted(api, sandbox, ticket_id, refused):
    sandbox.switches.outcomes_not_permitted = refused
    answer = await api.act(ticket_id)
    assert answer.status_code == (400 if refused else 201)
    assert not refused or answer.text == "You do not have access to this Action (at the moment)"


async def test_an_action_without_a_ticket_is_400_and_for_an_unknown_one_404(api):
    assert (await api.post("Actions", [{"outcome": "Internal Note"}])).status_code == 400
    assert (await api.act(999999)).status_code == 404


@pytest.mark.parametrize("honoured", [True, False])
async def test_new_status_moves_the_ticket_or_is_ignored(api, sandbox, ticket_id, honoured):
    sandbox.switches.action_new_status = honoured
    await api.act(ticket_id, new_status=str(CLOSED))
    ticket = await api.read(ticket_id)
    assert (ticket["status_id"], ticket["hasbeenclosed"]) == ((CLOSED, True) if honoured else (NEW, False))


async def test_status_id_on_an_action_does_not_move_the_ticket(api, ticket_id):
    await api.act(ticket_id, status_id=CLOSED)
    assert (await api.read(ticket_id))["status_id"] == NEW


async def test_a_new_status_that_does_not_exist_is_refused_and_no_action_left(api, ticket_id):
    assert (await api.act(ticket_id, new_status=77)).status_code == 400
    assert (await api.get("Actions", ticket_id=ticket_id)).json()["record_count"] == 1


@pytest.mark.parametrize("honoured", [True, False])
async def test_new_agent_assigns_or_is_ignored(api, sandbox, ticket_id, honoured):
    sandbox.switches.action_new_agent = honoured
    await api.act(ticket_id, new_agent=DANA)
    assert (await api.read(ticket_id))["agent_id"] == (DANA if honoured else 1)


async def test_an_api_agent_cannot_be_assigned_by_an_action(api, ticket_id):
    answer = await api.act(ticket_id, new_agent=API_AGENT)
    assert answer.status_code == 400
    assert "API-only" in answer.json()["Message"]


@pytest.mark.parametrize("honoured", [True, False])
async def test_a_closure_note_on_an_action_is_stored_on_the_ticket_or_not(api, sandbox, ticket_id, honoured):
    sandbox.switches.action_closure_note = honoured
    await api.act(ticket_id, closure_note="Denied")
    assert (await api.read(ticket_id)).get("closure_note") == ("Denied" if honoured else None)


@pytest.mark.parametrize("honoured", [True, False])
async def test_the_ticket_may_come_along_when_asked_for(api, sandbox, ticket_id, honoured):
    sandbox.switches.action_includes_ticket = honoured
    answer = (await api.act(ticket_id, new_status=CLOSED, _includeticketinresponse=True)).json()
    assert ("ticket" in answer) is honoured
    assert not honoured or answer["ticket"]["hasbeenclosed"]
    assert "ticket" not in (await api.act(ticket_id)).json()


@pytest.mark.parametrize("honoured", [False, True])
async def test_the_author_is_the_caller_or_the_one_named(api, sandbox, ticket_id, honoured):
    sandbox.switches.action_author_honoured = honoured
    action = (await api.act(ticket_id, who_agentid=NIK, who="Nik Potnis")).json()
    assert action["who_agentid"] == (NIK if honoured else API_AGENT)


async def test_a_tickets_time_is_the_sum_of_its_actions(api, ticket_id):
    await api.act(ticket_id, timetaken=0.0833)
    await api.act(ticket_id, timetaken="0.25")
    assert (await api.read(ticket_id))["timetaken"] == pytest.approx(0.3333)


@pytest.mark.parametrize("value", ["soon", True, "NaN"])
async def test_a_time_that_is_no_number_is_refused(api, ticket_id, value):
    assert list((await api.act(ticket_id, timetaken=value)).json()) == ["[0].timetaken"]


async def test_an_action_with_its_id_is_changed_not_added(api, ticket_id):
    await api.act(ticket_id, note="first", timetaken=1)
    changed = await api.act(ticket_id, id=2, note="better", timetaken=0.5)
    assert (changed.json()["id"], changed.json()["note"]) == (2, "better")
    assert (await api.read(ticket_id))["timetaken"] == 0.5
    await api.act(ticket_id, id=2, note="best")
    assert (await api.read(ticket_id))["timetaken"] == 0.5
    assert (await api.act(ticket_id, id=9, note="x")).status_code == 404


async def test_the_list_is_newest_first_and_can_leave_out_system_and_private_ones(api, ticket_id):
    await api.act(ticket_id, note="seen")
    await api.act(ticket_id, note="hidden", hiddenfromuser=True)
    listed = (await api.get("Actions", ticket_id=ticket_id)).json()
    assert (listed["ticket_id"], listed["record_count"]) == (ticket_id, 3)
    assert [action["id"] for action in listed["actions"]] == [3, 2, 1]
    fewer = (await api.get("Actions", ticket_id=ticket_id, excludesys="true", excludeprivate="true")).json()
    assert [action["note"] for action in fewer["actions"]] == ["seen"]
    assert len((await api.get("Actions", ticket_id=ticket_id, count=1)).json()["actions"]) == 1


async def test_html_notes_come_when_asked_for(api, ticket_id):
    await api.act(ticket_id, note="a\nb")
    listed = (await api.get("Actions", ticket_id=ticket_id, includehtmlnote="true")).json()
    assert listed["actions"][0]["note_html"] == "a<br>b"
    assert "note_html" not in (await api.get("Actions", ticket_id=ticket_id)).json()["actions"][0]


async def test_one_action_is_read_by_its_id_and_its_ticket(api, ticket_id):
    await api.act(ticket_id, note="mine")
    assert (await api.get("Actions/2", ticket_id=ticket_id)).json()["note"] == "mine"
    assert (await api.get("Actions/7", ticket_id=ticket_id)).status_code == 404
    assert (await api.get("Actions/2")).status_code == 400
    assert (await api.get("Actions", ticket_id=999999)).status_code == 404
    assert (await api.post("Actions/2", [])).status_code == 404
