"""Ids are found by name, remembered, asked for again when they may be stale, and never guessed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import NORTHWIND, closing_of, connected, draft_for
from tests.support.clock import ManualClock

from stepladder.connectors.base import NeedsAttention, TryLater
from stepladder.connectors.ticket_system import Person
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa.records import Category, Lookup as Listed, Outcome, Team, TicketType
from stepladder_sandbox.halopsa.testing import RunningSandbox


async def open_and_close(connector: Any) -> None:
    draft = draft_for(NORTHWIND)
    opened = await connector.open_ticket(draft)
    if not await connector.add_closing_note(opened.id, closing_of(draft)):
        await connector.close_ticket(opened.id, closing_of(draft))


async def test_once_names_are_known_a_ticket_costs_one_call_and_its_closing_one(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        await open_and_close(found.connector)
        before = found.calls
        await open_and_close(found.connector)
        assert found.calls - before == 2


async def test_names_are_asked_for_again_after_a_day(halo: RunningSandbox) -> None:
    clock = ManualClock()
    async with connected(halo, clock=clock) as found:
        await open_and_close(found.connector)
        first = found.calls
        clock.move(timedelta(hours=23))
        await open_and_close(found.connector)
        clock.move(timedelta(hours=2))
        before = found.calls
        await open_and_close(found.connector)
        assert found.calls - before >= first - 1


async def test_what_is_missing_is_asked_for_again_after_a_minute(halo: RunningSandbox) -> None:
    clock = ManualClock()
    categories = halo.state.config.categories
    halo.reconfigure(categories=categories[1:], ticket_types=(TicketType(id=1, name="Incident"),))
    async with connected(halo, clock=clock) as found:
        for _ in range(3):
            await open_and_close(found.connector)
        assert [event["path"] for event in halo.events("api.call")].count("/api/category") == 1
        halo.reconfigure(categories=categories)
        clock.move(timedelta(minutes=2))
        await open_and_close(found.connector)
    assert halo.ticket(2004).categories[0] == "Business Applications"


NEEDED = [
    ({"ticket_type": "Change"}, "has no ticket type called 'Change'", "halopsa_no_ticket_type"),
    ({"closed_status": "Shut"}, "has no status called 'Shut'", "halopsa_no_status"),
    ({"closing_outcome": "Done"}, "has no outcome called 'Done'", "halopsa_no_outcome"),
]


@pytest.mark.parametrize(("config", "sentence", "code"), NEEDED)
async def test_a_name_that_is_needed_and_missing_says_what_to_do(
    halo: RunningSandbox, config: dict[str, str], sentence: str, code: str
) -> None:
    async with connected(halo, **config) as found:
        with pytest.raises(NeedsAttention, match=sentence) as refused:
            await open_and_close(found.connector)
        assert (refused.value.code, refused.value.whole_instance) == (code, True)
        assert [finding.result for finding in await found.connector.check()].count(Result.FAIL) == 1


async def test_a_name_that_is_created_is_found_at_once(halo: RunningSandbox) -> None:
    """A technician reads the sentence, creates it, and presses retry: a minute of memory would be in the way."""
    async with connected(halo, ticket_type="Elevation") as found:
        with pytest.raises(NeedsAttention):
            await found.connector.open_ticket(draft_for(NORTHWIND))
        halo.reconfigure(ticket_types=(*halo.state.config.ticket_types, TicketType(id=9, name="ELEVATION")))
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
    assert halo.ticket(int(opened.id)).tickettype_id == 9


@pytest.mark.parametrize("name", ["Incident ", "incident", "INCIDENT"])
async def test_names_are_compared_without_regard_to_case_and_outer_space(
    halo: RunningSandbox, name: str
) -> None:
    async with connected(halo, ticket_type=name) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND))


@pytest.mark.parametrize("name", ["Inciden", "Incidents", "Incident Management", "%"])
async def test_a_part_of_a_name_is_not_the_name(halo: RunningSandbox, name: str) -> None:
    async with connected(halo, ticket_type=name) as found:
        with pytest.raises(NeedsAttention):
            await found.connector.open_ticket(draft_for(NORTHWIND))


async def test_a_name_that_is_there_twice_is_nobodys(halo: RunningSandbox) -> None:
    halo.reconfigure(ticket_types=(*halo.state.config.ticket_types, TicketType(id=8, name="incident")))
    async with connected(halo) as found:
        with pytest.raises(NeedsAttention, match="or more than one"):
            await found.connector.open_ticket(draft_for(NORTHWIND))


@pytest.mark.parametrize("path", ["tickettype", "status", "outcome", "client"])
async def test_an_empty_answer_to_what_cannot_be_empty_is_not_believed(
    halo: RunningSandbox, path: str
) -> None:
    async with connected(halo) as found:
        halo.fail_next("empty_list", path=f"/api/{path}")
        call = found.connector.list_customers() if path == "client" else open_and_close(found.connector)
        with pytest.raises(TryLater):
            await call
        await found.connector.list_customers()
        await open_and_close(found.connector)


async def test_a_tenant_without_categories_and_lookups_gets_plain_tickets(halo: RunningSandbox) -> None:
    halo.reconfigure(categories=(), lookups=(), ticket_types=(TicketType(id=1, name="Incident"),))
    async with connected(halo) as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
        findings = {finding.name: finding for finding in await found.connector.check()}
    ticket = halo.ticket(int(opened.id))
    assert (ticket.categories[0], ticket.urgency, ticket.impact) == ("", 0, 0)
    for name in ("Category", "Urgency", "Impact"):
        assert findings[name].result is Result.WARNING
        assert findings[name].detail == "Not found by that name; tickets are created without it."


async def test_a_ticket_goes_to_the_team_in_halopsas_own_spelling(halo: RunningSandbox) -> None:
    async with connected(halo, team=" INFRAStructure ", source="12") as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
        await found.connector.open_ticket(draft_for(NORTHWIND))
        findings = {finding.name: finding for finding in await found.connector.check()}
    ticket = halo.ticket(int(opened.id))
    assert (ticket.team, ticket.source) == ("Infrastructure", 12)
    assert findings["Team"].result is Result.PASS
    assert (findings["Source"].result, findings["Source"].detail) == (
        Result.CANNOT_KNOW,
        "Shown by the first ticket.",
    )


@pytest.mark.parametrize(
    "teams", [(), ("Infra",), ("Infrastructure", "infrastructure"), ("The Infrastructure",)]
)
async def test_without_that_team_tickets_go_without_it_and_the_check_says_so(
    halo: RunningSandbox, teams: tuple[str, ...]
) -> None:
    halo.reconfigure(teams=tuple(Team(id=number, name=name) for number, name in enumerate(teams, 1)))
    async with connected(halo, team="Infrastructure") as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
        findings = {finding.name: finding for finding in await found.connector.check()}
    assert halo.ticket(int(opened.id)).team == (teams[0] if teams else "")
    assert findings["Team"].result is Result.WARNING
    assert findings["Team"].detail == "Not found by that name; tickets are created without it."


async def test_what_is_set_to_none_is_neither_looked_up_nor_sent_nor_complained_of(
    halo: RunningSandbox,
) -> None:
    halo.reconfigure(ticket_types=(TicketType(id=1, name="Incident"),))
    unset = dict.fromkeys(("category", "urgency", "impact", "team", "source"), "None")
    async with connected(halo, **unset) as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
        names = {finding.name for finding in await found.connector.check()}
    ticket = halo.ticket(int(opened.id))
    assert (ticket.categories[0], ticket.urgency, ticket.impact, ticket.source) == ("", 0, 0, 0)
    assert not names & {"Category", "Urgency", "Impact", "Team", "Source"}
    paths = {event["path"] for event in halo.events("api.call")}
    assert not paths & {"/api/category", "/api/lookup", "/api/team"}


async def test_urgency_and_impact_of_the_same_name_are_kept_apart(halo: RunningSandbox) -> None:
    lookups = (
        Listed(id=1, lookupid=12, name="Medium"),
        Listed(id=2, lookupid=27, name="Medium"),
        Listed(id=3, lookupid=12, name="Low"),
    )
    halo.reconfigure(lookups=lookups)
    async with connected(halo, urgency="Medium", impact="medium") as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
    assert (halo.ticket(int(opened.id)).urgency, halo.ticket(int(opened.id)).impact) == (2, 1)


async def test_a_new_mandatory_field_is_told_in_halopsas_words_and_names_are_looked_up_anew(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        await open_and_close(found.connector)
        types = halo.state.config.ticket_types
        halo.reconfigure(
            ticket_types=(msgspec.structs.replace(types[0], mandatory=("summary", "category_2")), *types[1:])
        )
        with pytest.raises(Exception, match="category_2 was required"):
            await found.connector.open_ticket(draft_for(NORTHWIND))
        assert not [key for key in found.lookups.entries if key.kind in ("ticket_type", "category")]


async def test_a_ticket_type_that_was_made_anew_is_found_by_the_ticket_it_was_refused_to(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        await open_and_close(found.connector)
        halo.reconfigure(ticket_types=(TicketType(id=77, name="Incident"),))
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
    assert halo.ticket(int(opened.id)).tickettype_id == 77


async def test_lists_longer_than_a_page_are_read_to_the_end(halo: RunningSandbox) -> None:
    more = tuple(Category(id=1000 + number, value=f"Category {number}") for number in range(140))
    outcomes = tuple(Outcome(id=1000 + number, outcome=f"Outcome {number}") for number in range(140))
    halo.reconfigure(
        categories=more + halo.state.config.categories, outcomes=outcomes + halo.state.config.outcomes
    )
    async with connected(halo) as found:
        await open_and_close(found.connector)
    assert halo.ticket(2001).categories[0] == "Business Applications"


async def test_a_dead_sign_in_during_a_look_up_is_not_remembered_as_a_missing_asset(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND, endpoint_name="NW-LAP-014")
        await open_and_close(found.connector)
        applications = halo.state.config.applications
        halo.reconfigure(applications=())
        halo.state.tokens.revoke_all()
        with pytest.raises(NeedsAttention, match="client id and secret"):
            await found.connector.open_ticket(draft)
        halo.reconfigure(applications=applications)
        opened = await found.connector.open_ticket(draft)
    assert halo.ticket(int(opened.id)).asset_ids == [300]


@pytest.mark.parametrize("look_up", ["person", "find_person_by_id"])
async def test_a_dead_sign_in_during_a_look_up_of_people_is_not_remembered_as_nobody(
    halo: RunningSandbox, look_up: str
) -> None:
    async with connected(halo) as found:
        call: Callable[[], Awaitable[Person | None]] = (
            (lambda: found.connector.find_person("dana@nikpot.example"))
            if look_up == "person"
            else (lambda: found.connector.find_person_by_id("4"))
        )
        applications = halo.state.config.applications
        halo.reconfigure(applications=())
        with pytest.raises(NeedsAttention):
            await call()
        halo.reconfigure(applications=applications)
        person = await call()
    assert person is not None
    assert person.id == "4"
