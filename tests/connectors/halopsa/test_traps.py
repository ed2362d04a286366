"""Traps (HaloPSA facts 10 to 25): rows beyond the first page, ids of all sorts, ignored filters, dates that are none."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import (
    NORTHWIND,
    Reply,
    closing_of,
    connected,
    draft_for,
    lookup_of,
    payload,
    scripted,
)

from stepladder.connectors.base import NeedsAttention, TryLater
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.records import Agent, Asset, Client, StartingTicket, Status
from stepladder_sandbox.halopsa.testing import RunningSandbox
from stepladder_sandbox.halopsa.ticket_writes import seed_tickets


def more_clients(halo: RunningSandbox, names: Any) -> None:
    more = tuple(Client(id=1000 + number, name=name) for number, name in enumerate(names))
    halo.reconfigure(clients=(*halo.state.config.clients, *more))


@pytest.mark.parametrize("count", [40, 41, 90, 91, 140, 190, 191, 300])
async def test_every_customer_is_listed_however_many_pages_there_are(
    halo: RunningSandbox, count: int
) -> None:
    """With the demo's ten that is on both sides of 50, 100 and 200."""
    more_clients(halo, [f"Customer {number:03}" for number in range(count)])
    async with connected(halo) as found:
        listed = await found.connector.list_customers()
    assert len(listed) == len({customer.id for customer in listed}) == count + 10


async def test_a_server_with_smaller_pages_than_asked_for_is_read_to_the_end() -> None:
    def page(number: int) -> Reply:
        rows = [{"id": 30 * number + row, "name": f"Customer {30 * number + row}"} for row in range(1, 31)]
        return Reply(body={"record_count": 75, "clients": rows[: 15 if number == 2 else 30]})

    async with scripted(page(0), page(1), page(2)) as script, connected(script.url) as found:
        assert len(await found.connector.list_customers()) == 75
    assert [url.partition("page_no=")[2][0] for _, url, _ in script.asked] == ["1", "2", "3"]


async def test_a_server_that_ignores_paging_is_asked_twice_at_most() -> None:
    rows = [{"id": number, "name": f"Customer {number}"} for number in range(1, 101)]
    async with scripted(Reply(body=rows)) as script, connected(script.url) as found:
        assert len(await found.connector.list_customers()) == 100
    assert len(script.asked) == 2
    async with (
        scripted(Reply(body=[*rows, {"id": 101, "name": "One more"}])) as script,
        connected(script.url) as found,
    ):
        assert len(await found.connector.list_customers()) == 101
    assert len(script.asked) == 1


async def test_a_bare_array_that_does_page_is_read_to_the_end() -> None:
    first = [{"id": number, "name": f"Customer {number}"} for number in range(1, 101)]
    rest = [{"id": number, "name": f"Customer {number}"} for number in range(101, 131)]
    async with scripted(Reply(body=first), Reply(body=rest)) as script, connected(script.url) as found:
        assert len(await found.connector.list_customers()) == 130


@pytest.mark.parametrize(
    "second",
    [
        {"record_count": 0, "clients": []},
        {"record_count": 130, "clients": []},
        {"record_count": 129, "clients": [{"id": 500, "name": "x"}]},
        {"record_count": 130, "clients": None},
        {"clients": [{"id": 500, "name": "x"}]},
    ],
)
async def test_a_list_of_customers_that_is_not_whole_is_no_answer(second: dict[str, Any]) -> None:
    """Half a list can hide the second customer of a name, and then a ticket goes to the wrong one."""
    rows = [{"id": number, "name": f"Customer {number}"} for number in range(1, 101)]
    first = Reply(body={"record_count": 130, "clients": rows})
    async with scripted(first, Reply(body=second)) as script, connected(script.url) as found:
        with pytest.raises(TryLater, match="changed while it was read"):
            await found.connector.list_customers()


@pytest.mark.parametrize("body", [[], {"record_count": 0, "clients": []}, {"clients": None}, None])
async def test_no_customers_at_all_is_no_answer(body: list[Any] | dict[str, Any] | None) -> None:
    async with (
        scripted(Reply(body=b"null" if body is None else body)) as script,
        connected(script.url) as found,
    ):
        with pytest.raises(TryLater, match="shows no customers"):
            await found.connector.list_customers()


@pytest.mark.parametrize("body", [{}, {"clients": "none"}, {"clients": {"id": 1}}, "text", 7, True])
async def test_what_is_no_list_is_not_taken_for_one(body: dict[str, Any] | str | int | bool) -> None:
    async with scripted(Reply(body=json.dumps(body).encode())) as script, connected(script.url) as found:
        with pytest.raises(TryLater, match="not data"):
            await found.connector.list_customers()


async def test_rows_that_are_no_rows_and_ids_that_are_no_ids_are_passed_over() -> None:
    rows = [
        None,
        7,
        "x",
        {},
        {"id": 0, "name": "a"},
        {"id": -1, "name": "b"},
        {"id": "x", "name": "c"},
        {"id": True, "name": "d"},
    ]
    good = [
        {"id": "21", "name": "Text"},
        {"id": 22.0, "name": "Double"},
        {"ID": 23, "Name": "Upper"},
        {"id": 24, "name": None},
    ]
    async with (
        scripted(Reply(body={"Record_Count": 9, "Clients": rows + good})) as script,
        connected(script.url) as found,
    ):
        listed = await found.connector.list_customers()
    assert [(each.id, each.name) for each in listed] == [
        ("21", "Text"),
        ("22", "Double"),
        ("23", "Upper"),
        ("24", ""),
    ]


async def test_a_customer_that_comes_on_two_pages_is_one_customer() -> None:
    """The list moved by one between two pages. Counting it twice would make its name ambiguous."""
    first = [{"id": number, "name": f"Customer {number}"} for number in range(1, 101)]
    second = [{"id": 100, "name": "Customer 100"}, {"id": 101, "name": "Customer 101"}]
    pages = [Reply(body={"record_count": 102, "clients": rows}) for rows in (first, second)]
    async with scripted(*pages) as script, connected(script.url) as found:
        assert len(await found.connector.list_customers()) == 101


@pytest.mark.parametrize("spelling", [True, "true", "True", 1, "1"])
async def test_inactive_is_understood_in_every_spelling(spelling: bool | str | int) -> None:
    rows = [
        {"id": 1, "name": "a", "inactive": spelling},
        {"id": 2, "name": "b", "inactive": False},
        {"id": 3, "name": "c"},
    ]
    async with (
        scripted(Reply(body={"record_count": 3, "clients": rows})) as script,
        connected(script.url) as found,
    ):
        assert [each.is_active for each in await found.connector.list_customers()] == [False, True, True]


# --- Ids, wrapped lists, null arrays, dates ------------------------------------------------------------------------


OTHER_DIALECT = {
    "ids_as_strings": True,
    "agents_wrapped": True,
    "null_when_empty": True,
    "plain_dates": True,
    "create_status": 200,
    "user_site_as_double": False,
    "site_required_with_user": False,
    "case_insensitive_fields": False,
    "unknown_custom_field": "400",
    "status_on_create": True,
    "bare_object": "accepted",
    "unknown_id_on_update": "create",
    "list_member": "results",
    "agent_search": "names",
}


@pytest.mark.parametrize(
    "dialect",
    [{}, OTHER_DIALECT, *({name: value} for name, value in OTHER_DIALECT.items())],
    ids=["as best known", "all the other way", *OTHER_DIALECT],
)
async def test_the_daily_path_is_the_same_in_every_dialect(
    halo: RunningSandbox, dialect: dict[str, Any]
) -> None:
    halo.switches.change(dialect)
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND, endpoint_name="nw-desk-003")
        assert await found.connector.find_ticket(draft) is None
        opened = await found.connector.open_ticket(draft)
        assert opened.id.isdecimal()
        assert not opened.is_closed
        assert await found.connector.find_ticket(draft) == opened
        dana = await found.connector.find_person("dana@nikpot.example")
        assert dana is not None
        assert dana.id == str(demo.DANA)
        assert await found.connector.find_person_by_id(dana.id) == dana
    assert halo.ticket(int(opened.id)).asset_ids == [302]


async def test_the_answer_to_a_create_as_it_looked_in_2022_is_ours() -> None:
    draft = draft_for(NORTHWIND)
    body = payload("created_ticket_of_2022.json").replace(b"[[REFERENCE]]", draft.reference.encode())
    async with scripted(Reply(201, body)) as script, connected(script.url) as found:
        await known(found)
        opened = await found.connector.open_ticket(draft)
    assert (opened.id, opened.is_closed) == ("2818", False)


async def known(found: Any) -> None:
    """Look-ups answered already, so that the next call is the one under test."""
    for kind, name, remote_id in (
        ("ticket_type", "Incident", "1"),
        ("status", "Closed", "9"),
        ("category", "Business Applications", None),
        ("urgency", "Medium", None),
        ("impact", "Single User Affected", None),
        ("asset", "1/desk-1", None),
        ("user", "1/ada@customer.example", None),
    ):
        await found.lookups.put(lookup_of(kind, name), remote_id)


@pytest.mark.parametrize(
    ("fields", "is_closed"),
    [
        ({"status_id": 1}, False),
        (
            {"status_id": 1, "dateclosed": "1900-01-01T00:00:00", "date_fully_closed": "0001-01-01T00:00:00"},
            False,
        ),
        ({"status_id": 1, "dateclosed": "0001-01-01T00:00:00Z", "hasbeenclosed": False}, False),
        ({"status_id": 1, "hasbeenclosed": "False", "dateclosed": None}, False),
        ({"status_id": 9}, True),
        ({"status_id": "9"}, True),
        ({"status_id": 9.0}, True),
        ({"status_id": 99}, False),
        ({"status_id": 1, "hasbeenclosed": True}, True),
        ({"status_id": 1, "HasBeenClosed": "True"}, True),
        ({"status_id": 1, "dateclosed": "2026-03-01T12:00:00.1234567Z"}, True),
    ],
)
async def test_closed_is_read_from_whatever_says_so_and_no_date_is_none(
    fields: dict[str, Any], is_closed: bool
) -> None:
    async with scripted(Reply(body={"id": 7, **fields})) as script, connected(script.url) as found:
        await known(found)
        assert (await found.connector.read_ticket("7")).is_closed is is_closed


@pytest.mark.parametrize(
    ("closer", "seen"), [(3, "3"), ("3", "3"), (3.0, "3"), (1, None), (0, None), (-1, None), (None, None)]
)
async def test_who_closed_is_known_unless_it_was_nobody(closer: str | float | None, seen: str | None) -> None:
    body = {"id": 7, "status_id": 9, "closure_agent_id": closer}
    async with scripted(Reply(body=body)) as script, connected(script.url) as found:
        await known(found)
        assert (await found.connector.read_ticket("7")).closed_by == seen


async def test_a_reopened_ticket_names_no_closer() -> None:
    """TEST-11: HaloPSA may go on showing who closed it last, and when."""
    body = {"id": 7, "status_id": 1, "closure_agent_id": 3, "dateclosed": "1900-01-01T00:00:00"}
    async with scripted(Reply(body=body)) as script, connected(script.url) as found:
        await known(found)
        seen = await found.connector.read_ticket("7")
    assert (seen.is_closed, seen.closed_by, seen.closed_at) == (False, None, None)


@pytest.mark.parametrize(
    ("date", "closed_at"),
    [
        ("2026-03-01T12:00:00.1234567Z", datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T12:00:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("2026-03-01T13:00:00+01:00", datetime(2026, 3, 1, 12, tzinfo=UTC)),
        ("1900-01-01T00:00:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("", None),
        ("yesterday", None),
        (None, None),
    ],
)
async def test_when_a_ticket_was_closed_is_read_in_every_form_and_never_guessed(
    date: str | None, closed_at: datetime | None
) -> None:
    """HALO-01: the time of closing proves who pressed, so what is no time is none."""
    body = {"id": 7, "status_id": 9, "closure_agent_id": 3, "dateclosed": date}
    async with scripted(Reply(body=body)) as script, connected(script.url) as found:
        await known(found)
        assert (await found.connector.read_ticket("7")).closed_at == closed_at


async def test_the_answer_about_another_ticket_is_no_answer() -> None:
    async with scripted(Reply(body={"id": 8, "status_id": 9})) as script, connected(script.url) as found:
        await known(found)
        with pytest.raises(TryLater, match="another ticket"):
            await found.connector.read_ticket("7")


# --- Ignored filters and near names --------------------------------------------------------------------------------


async def test_a_closed_status_with_any_id_is_found_by_its_name(halo: RunningSandbox) -> None:
    statuses = (
        *halo.state.config.statuses[:-1],
        Status(id=27, name="  cLoSeD ", closed=True),
        Status(id=9, name="Closed Order"),
    )
    halo.reconfigure(statuses=statuses)
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        await found.connector.close_ticket(opened.id, closing_of(draft))
    assert halo.ticket(int(opened.id)).status_id == 27


@pytest.mark.parametrize(
    ("tag", "key", "is_it"),
    [
        ("DESK-1", "", True),
        ("desk-1 ", "", True),
        ("AST-1", "Desk-1", True),
        ("DESK-10", "", False),
        ("MY-DESK-1", "", False),
        ("DESK-1.northwind.example", "", True),
        ("DESK_1", "", False),
        ("", "", False),
    ],
)
async def test_only_the_asset_of_the_devices_name_is_attached(
    halo: RunningSandbox, tag: str, key: str, is_it: bool
) -> None:
    halo.reconfigure(assets=(Asset(id=700, inventory_number=tag, key_field=key, client_id=1, site_id=11),))
    async with connected(halo) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND, endpoint_name="DESK-1"))
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == ([700] if is_it else [])


@pytest.mark.parametrize(
    "assets",
    [
        [Asset(id=700, inventory_number="DESK-1", client_id=4, site_id=14)],
        [Asset(id=700, inventory_number="DESK-1", client_id=1, site_id=11, inactive=True)],
        [Asset(id=number, inventory_number="DESK-1", client_id=1, site_id=11) for number in (700, 701)],
        [
            Asset(id=700, inventory_number="DESK-1", client_id=1, site_id=11),
            Asset(id=701, inventory_number="X", key_field2="desk-1", client_id=1, site_id=11),
        ],
    ],
    ids=["another customer's", "inactive", "two of them", "two by different fields"],
)
async def test_an_asset_that_may_be_another_is_not_attached(
    halo: RunningSandbox, assets: list[Asset]
) -> None:
    halo.reconfigure(assets=tuple(assets))
    async with connected(halo) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND, endpoint_name="DESK-1"))
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == []


async def test_the_asset_is_found_behind_a_hundred_near_names(halo: RunningSandbox) -> None:
    near = tuple(
        Asset(id=1000 + n, inventory_number=f"DESK-1{n:03}", client_id=1, site_id=11) for n in range(130)
    )
    halo.reconfigure(assets=(*near, Asset(id=700, inventory_number="DESK-1", client_id=1, site_id=11)))
    async with connected(halo) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND, endpoint_name="DESK-1"))
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == [700]


@pytest.mark.parametrize("name", ["", " ", "\t"])
async def test_a_device_without_a_name_has_no_asset(halo: RunningSandbox, name: str) -> None:
    """Every asset has an empty field somewhere, so an empty name must not be compared at all."""
    halo.reconfigure(assets=(Asset(id=700, inventory_number="X", client_id=1, site_id=11),))
    async with connected(halo) as found:
        await found.connector.open_ticket(draft_for(NORTHWIND, endpoint_name=name))
    (created,) = halo.events("ticket.created")
    assert created["asset_ids"] == []


async def test_a_person_is_found_behind_sixty_others_where_the_search_is_ignored() -> None:
    rows = [{"id": 100 + number, "name": "x", "email": f"a{number}@nikpot.example"} for number in range(130)]
    rows.append({"id": 4, "name": "Dana", "email": "Dana@NikPot.example"})
    async with scripted(Reply(body=rows)) as script, connected(script.url) as found:
        person = await found.connector.find_person("dana@nikpot.example")
    assert person is not None
    assert person.id == "4"


async def test_two_agents_with_one_email_are_nobody(halo: RunningSandbox) -> None:
    halo.reconfigure(
        agents=(*halo.state.config.agents, Agent(id=20, name="Dana again", email="DANA@nikpot.example"))
    )
    async with connected(halo) as found:
        assert await found.connector.find_person("dana@nikpot.example") is None


async def test_an_email_with_a_letter_that_only_looks_the_same_is_another(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        assert await found.connector.find_person("d\u0430na@nikpot.example") is None  # a Cyrillic a
        assert await found.connector.find_person("dana@nikpot.example\u200b") is None


@pytest.mark.parametrize("agent_id", [demo.API_AGENT, 1])
async def test_what_is_no_person_is_not_given_for_one_by_its_id(halo: RunningSandbox, agent_id: int) -> None:
    async with connected(halo) as found:
        assert await found.connector.find_person_by_id(str(agent_id)) is None


# --- Finding a ticket ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("third_party_filter", [True, False])
@pytest.mark.parametrize("rows_carry_reference", [True, False])
@pytest.mark.parametrize("rule_clears_reference", [True, False])
async def test_our_ticket_is_found_and_no_other_whatever_the_list_filters(
    halo: RunningSandbox, third_party_filter: bool, rows_carry_reference: bool, rule_clears_reference: bool
) -> None:
    halo.switches.third_party_filter = third_party_filter
    halo.switches.rows_carry_reference = rows_carry_reference
    halo.switches.rule_clears_reference = rule_clears_reference
    async with connected(halo) as found:
        drafts = [draft_for(NORTHWIND) for _ in range(2)]
        opened = [await found.connector.open_ticket(draft) for draft in drafts]
        assert [await found.connector.find_ticket(draft) for draft in drafts] == opened
        assert await found.connector.find_ticket(draft_for(NORTHWIND)) is None


async def test_on_an_old_server_our_ticket_is_found_behind_hundreds_of_newer_ones(
    halo: RunningSandbox,
) -> None:
    halo.switches.third_party_filter = False
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        others = tuple(StartingTicket(summary=f"Another {n}", client_id=1) for n in range(350))
        halo.reconfigure(tickets=others)
        seed_tickets(halo.state)
        assert await found.connector.find_ticket(draft) == opened


@pytest.mark.parametrize(
    "third_party_id_string",
    ["", "SL-AAAAAAAAAAAAAAAA", "{reference}X", "x{reference}", "{lower}"],
)
async def test_a_ticket_that_only_resembles_ours_is_not_ours(third_party_id_string: str) -> None:
    draft = draft_for(NORTHWIND)
    named = third_party_id_string.format(reference=draft.reference, lower=draft.reference.lower())
    row = {"id": 7, "client_id": 1, "third_party_id_string": named, "summary": f"about {draft.reference}"}
    async with (
        scripted(Reply(body={"record_count": 1, "tickets": [row]})) as script,
        connected(script.url) as found,
    ):
        await known(found)
        assert await found.connector.find_ticket(draft) is None


async def test_a_reference_field_that_names_another_outweighs_our_mark_in_the_summary() -> None:
    draft = draft_for(NORTHWIND)
    row = {"id": 7, "client_id": 1, "third_party_id_string": "SL-OTHER", "summary": f"x [{draft.reference}]"}
    async with (
        scripted(Reply(body={"record_count": 1, "tickets": [row]})) as script,
        connected(script.url) as found,
    ):
        await known(found)
        assert await found.connector.find_ticket(draft) is None


async def test_our_ticket_at_another_customer_is_for_a_person(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        halo.state.store.set_client(halo.ticket(int(opened.id)), 2)
        with pytest.raises(NeedsAttention, match=r"is at another customer \(Contoso Dental\)") as refused:
            await found.connector.find_ticket(draft)
    assert not refused.value.whole_instance


async def test_a_search_that_lags_finds_nothing_yet_and_the_ticket_later(halo: RunningSandbox) -> None:
    halo.switches.search_lag_s = 3600
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        assert await found.connector.find_ticket(draft) is None
        halo.state.store.lagging.clear()
        assert await found.connector.find_ticket(draft) == opened


async def test_a_ticket_that_turns_up_late_on_an_old_server_is_not_taken_for_deleted() -> None:
    """An old server passes over `deleted=true`, so what it shows then may as well be alive."""
    draft = draft_for(NORTHWIND)
    row = {"id": 7, "client_id": 1, "third_party_id_string": draft.reference, "status_id": 1}
    none = Reply(body={"record_count": 0, "tickets": None})
    late = Reply(body={"record_count": 1, "tickets": [row]})
    async with scripted(none, none, late, Reply(body=row)) as script, connected(script.url) as found:
        await known(found)
        opened = await found.connector.find_ticket(draft)
    assert opened is not None
    assert opened.id == "7"


@pytest.mark.parametrize("way", ["deleted", "two"])
async def test_what_is_for_a_person_names_the_tickets(halo: RunningSandbox, way: str) -> None:
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        if way == "two":
            other = await found.connector.open_ticket(draft)
            with pytest.raises(
                NeedsAttention, match=f"Tickets {opened.id}, {other.id} both carry the reference"
            ):
                await found.connector.find_ticket(draft)
        else:
            halo.state.store.delete(halo.ticket(int(opened.id)))
            with pytest.raises(NeedsAttention, match=f"Ticket {opened.id} was deleted in HaloPSA"):
                await found.connector.find_ticket(draft)


# --- The answer to a create ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"third_party_id_string": "SL-OTHER"},
        {"third_party_id_string": None, "summary": "something else"},
        {"client_id": 2},
        {"id": None},
        {"id": 0},
    ],
)
async def test_a_create_that_answers_oddly_may_have_happened_and_is_looked_for(
    changes: dict[str, Any],
) -> None:
    """If this were taken for "nothing happened", the next attempt would create a second ticket."""
    draft = draft_for(NORTHWIND)
    answer = {"id": 7, "client_id": 1, "third_party_id_string": draft.reference, **changes}
    async with scripted(Reply(201, answer)) as script, connected(script.url) as found:
        await known(found)
        with pytest.raises(TryLater) as failed:
            await found.connector.open_ticket(draft)
    assert failed.value.may_have_happened


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b"7", b'"created"', b"{}", b"<html>", b'[{"id":1},{"id":2}]']
)
async def test_a_create_that_answers_with_no_ticket_may_have_happened(body: bytes) -> None:
    async with scripted(Reply(201, body)) as script, connected(script.url) as found:
        await known(found)
        with pytest.raises(TryLater) as failed:
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert failed.value.may_have_happened


async def test_a_create_that_answers_with_an_array_of_one_is_understood() -> None:
    draft = draft_for(NORTHWIND)
    answer = [{"id": 7, "client_id": 1, "third_party_id_string": draft.reference}]
    async with scripted(Reply(200, answer)) as script, connected(script.url) as found:
        await known(found)
        assert (await found.connector.open_ticket(draft)).id == "7"


async def test_a_ticket_rule_that_changes_the_type_does_not_matter(halo: RunningSandbox) -> None:
    halo.switches.rule_changes_type_to = 3
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        opened = await found.connector.open_ticket(draft)
        assert await found.connector.find_ticket(draft) == opened


async def test_creates_that_collide_are_ambiguous_and_not_repeated(halo: RunningSandbox) -> None:
    halo.switches.concurrent_creates_fail = True
    halo.state.writes_under_way = 1  # another integration is writing
    async with connected(halo) as found:
        with pytest.raises(TryLater) as failed:
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert failed.value.may_have_happened
    posts = [event for event in halo.events("api.call") if event["path"] == "/api/tickets"]
    assert len(posts) == 1


def test_the_demo_has_what_these_tests_count_on(halo: RunningSandbox) -> None:
    assert len(halo.state.config.clients) == 10
    assert msgspec.structs.asdict(halo.state.config.assets[2])["key_field"] == "NW-DESK-003"


async def test_another_customers_answer_is_not_taken_for_the_one_that_was_asked_for() -> None:
    for body in ({"id": 8, "name": "Umbra"}, {"name": "Umbra"}, [{"id": 7, "name": "Umbra"}]):
        async with scripted(Reply(body=body)) as script, connected(script.url) as found:
            with pytest.raises(TryLater, match="another customer"):
                await found.connector.read_customer("7")


async def test_what_is_taken_for_our_undeleted_ticket_is_never_another_one(halo: RunningSandbox) -> None:
    """Two empty lists, a server that passes over the question for deleted ones, and then another ticket."""
    async with connected(halo) as found:
        draft = draft_for(NORTHWIND)
        stranger = await found.connector.open_ticket(draft_for(NORTHWIND))
        ours = await found.connector.open_ticket(draft)
        halo.switches.third_party_filter = False
        halo.fail_next("empty_list", method="GET", path="/api/tickets", times=2)
        halo.fail_next("wrong_ticket_in_answer", method="GET", path=f"/api/tickets/{ours.id}")
        with pytest.raises(TryLater) as failed:
            await found.connector.find_ticket(draft)
        assert failed.value.code == "halopsa_wrong_ticket"
        seen = await found.connector.find_ticket(draft)
        assert seen is not None
        assert (seen.id, stranger.id != ours.id) == (ours.id, True)
