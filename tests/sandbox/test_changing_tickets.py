"""Updates, soft-delete and recovery (HaloPSA fact 16), and closing by a ticket update (fact 19)."""

from __future__ import annotations

import msgspec
import pytest

from stepladder_sandbox.halopsa.demo import API_AGENT, CLOSED, IN_PROGRESS, NEW, NIK
from stepladder_sandbox.halopsa.records import Rights


def with_rights(sandbox, **rights):
    return tuple(
        msgspec.structs.replace(agent, rights=Rights(**rights)) if agent.id == API_AGENT else agent
        for agent in sandbox.state.config.agents
    )


async def test_only_the_given_fields_change(api):
    before = await api.create(summary="a", reportedby="amelia@northwind.example")
    after = (await api.update(before["id"], summary="b")).json()
    assert (after["summary"], after["reportedby"], after["details"]) == (
        "b",
        before["reportedby"],
        before["details"],
    )


async def test_arrays_replace(api):
    ticket = await api.create(assets=[{"id": 300}, {"id": 301}])
    changed = (await api.update(ticket["id"], assets=[{"id": 302}])).json()
    assert [asset["id"] for asset in changed["assets"]] == [302]


async def test_new_details_replace_the_old_ones(api):
    ticket = await api.create(details="old", details_html="<p>old</p>")
    changed = (await api.update(ticket["id"], details="new")).json()
    assert (changed["details"], changed["details_html"]) == ("new", "new")


async def test_a_changed_reference_is_found_and_the_old_one_is_not(api):
    ticket = await api.create(third_party_id_string="SL-1")
    await api.update(ticket["id"], third_party_id_string="SL-2")
    assert await api.found(third_party_id_string="SL-1") == []
    assert await api.found(third_party_id_string="SL-2") == [ticket["id"]]


async def test_a_moved_ticket_is_found_at_its_new_customer(api):
    ticket = await api.create(client_id=8)
    await api.update(ticket["id"], client_id=9, tickettype_id=3)
    assert await api.found(client_id=8) == []
    assert await api.found(client_id=9, requesttype_id=3) == [ticket["id"]]


async def test_an_element_that_lost_its_id_becomes_a_new_ticket(api):
    ticket = await api.create()
    other = await api.create(id=0)
    assert other["id"] != ticket["id"]


@pytest.mark.parametrize("position", ["404", "create"])
async def test_an_update_of_an_unknown_id_is_404_or_creates(api, sandbox, position):
    sandbox.switches.unknown_id_on_update = position
    answer = await api.try_create(id=999999)
    assert answer.status_code == (404 if position == "404" else 201)
    assert position == "404" or answer.json()["id"] != 999999


async def test_closing_by_update_shows_in_all_fields_of_a_closed_ticket(api, clock):
    ticket = await api.create()
    clock.advance(60)
    answer = await api.update(
        ticket["id"], status_id=CLOSED, agent_id=NIK, closure_note="Approved", closure_time=0.0833
    )
    assert answer.is_success
    closed = await api.read(ticket["id"])
    assert closed["hasbeenclosed"] is True
    assert closed["isbeingclosed"] is False
    assert closed["dateclosed"].startswith("2026-11-24T09:31:15")
    assert closed["date_fully_closed"] == closed["dateclosed"]
    assert (closed["closure_agent_id"], closed["agent_id"]) == (API_AGENT, NIK)
    assert (closed["closure_note"], closed["closure_time"]) == ("Approved", 0.0833)


@pytest.mark.parametrize("kept", [True, False])
async def test_the_closure_note_of_an_update_is_stored_or_not(api, sandbox, kept):
    sandbox.switches.ticket_closure_note = kept
    ticket = await api.create()
    await api.update(ticket["id"], closure_note="Approved")
    assert ("closure_note" in await api.read(ticket["id"])) is kept


async def test_closing_again_changes_nothing_about_the_closing(api, sandbox, clock):
    ticket = await api.create()
    await api.update(ticket["id"], status_id=CLOSED)
    first = await api.read(ticket["id"])
    clock.advance(60)
    await api.update(ticket["id"], status_id=CLOSED)
    assert (await api.read(ticket["id"]))["dateclosed"] == first["dateclosed"]
    assert [event["closed_now"] for event in sandbox.events("ticket.updated")] == [True, False]


async def test_an_open_status_reopens(api):
    ticket = await api.create()
    await api.update(ticket["id"], status_id=CLOSED)
    reopened = (await api.update(ticket["id"], status_id=IN_PROGRESS)).json()
    assert reopened["hasbeenclosed"] is False
    assert reopened["dateclosed"] == "1900-01-01T00:00:00"


@pytest.mark.parametrize("blocks", [False, True])
async def test_open_children_may_block_closing(api, sandbox, blocks):
    sandbox.switches.open_children_block_closing = blocks
    parent = await api.create()
    child = await api.create(parent_id=parent["id"])
    assert (await api.update(parent["id"], status_id=CLOSED)).status_code == (400 if blocks else 201)
    await api.update(child["id"], status_id=CLOSED)
    assert (await api.update(parent["id"], status_id=CLOSED)).status_code == 201


async def test_a_refused_update_changes_nothing(api):
    ticket = await api.create(summary="before")
    answer = await api.update(ticket["id"], summary="after", status_id=CLOSED, agent_id=API_AGENT)
    assert answer.status_code == 400
    unchanged = await api.read(ticket["id"])
    assert (unchanged["summary"], unchanged["status_id"]) == ("before", NEW)


async def test_without_the_right_a_closed_ticket_cannot_be_edited(guest, sandbox):
    sandbox.reconfigure(agents=with_rights(sandbox, edit_closed=False))
    await guest.sign_in()
    ticket = await guest.create()
    assert (await guest.update(ticket["id"], status_id=CLOSED)).is_success
    assert (await guest.update(ticket["id"], summary="late")).status_code == 403
    assert (await guest.act(ticket["id"], note="late")).status_code == 403


async def test_without_the_right_nobody_is_assigned(guest, sandbox):
    sandbox.reconfigure(agents=with_rights(sandbox, reassign=False))
    await guest.sign_in()
    ticket = await guest.create()
    assert (await guest.update(ticket["id"], agent_id=NIK)).status_code == 403
    assert (await guest.act(ticket["id"], new_agent=NIK)).status_code == 403


async def test_deleting_needs_a_right_that_the_guide_does_not_give(api):
    assert (await api.delete("Tickets/2001")).status_code == 401
    assert (await api.get("Tickets/2001")).status_code == 200


async def test_a_deleted_ticket_is_hidden_until_it_is_recovered(guest, sandbox):
    sandbox.reconfigure(agents=with_rights(sandbox, delete_tickets=True))
    await guest.sign_in()
    ticket = await guest.create(third_party_id_string="SL-1")
    answer = await guest.delete(f"Tickets/{ticket['id']}", reason="Duplicate")
    assert (answer.status_code, answer.json()) == (200, {"id": ticket["id"]})
    assert (await guest.get(f"Tickets/{ticket['id']}")).status_code == 404
    assert await guest.found(third_party_id_string="SL-1") == []
    assert await guest.found(third_party_id_string="SL-1", deleted="true") == [ticket["id"]]
    assert (await guest.update(ticket["id"], summary="x")).status_code == 404
    assert (await guest.update(ticket["id"], _recover=True, _validate_updates=True)).is_success
    assert await guest.found(third_party_id_string="SL-1") == [ticket["id"]]


@pytest.mark.parametrize("which", ["999999", "nonsense"])
async def test_deleting_what_is_not_there_is_404(api, which):
    assert (await api.delete(f"Tickets/{which}")).status_code == 404


async def test_recovering_what_was_never_deleted_is_404(api):
    assert (await api.update(999999, _recover=True)).status_code == 404
