"""`GET /api/Tickets` and `GET /api/Tickets/{id}` (HaloPSA facts 11 to 15)."""

from __future__ import annotations

import pytest

from stepladder_sandbox.halopsa.demo import CLOSED, NIK

STARTING = 4
"""Tickets that the demo begins with, one of them closed."""


async def test_the_envelope_counts_and_lists_newest_first(api):
    created = await api.create()
    listed = (await api.get("Tickets")).json()
    assert listed["record_count"] == STARTING + 1
    assert listed["tickets"][0]["id"] == created["id"]
    assert "page_no" not in listed


async def test_a_row_is_thin(api):
    await api.create(customfields=[{"id": 181, "value": "Northwind"}], assets=[{"id": 300}])
    row = (await api.get("Tickets")).json()["tickets"][0]
    assert not row.keys() & {"customfields", "assets", "closure_note", "details_html"}


async def test_custom_fields_come_when_asked_for_by_id(api):
    await api.create(customfields=[{"id": 181, "value": "Northwind"}])
    row = (await api.get("Tickets", include_custom_fields="181")).json()["tickets"][0]
    assert [(field["id"], field["value"]) for field in row["customfields"]] == [(181, "Northwind")]


async def test_the_detail_has_custom_fields_only_with_includedetails(api):
    ticket = await api.create()
    bare = (await api.get(f"Tickets/{ticket['id']}")).json()
    assert "customfields" not in bare
    assert "customfields" in await api.read(ticket["id"])
    assert (await api.get(f"Tickets/{ticket['id']}", ticketidonly="true")).json() == {"id": ticket["id"]}


@pytest.mark.parametrize("which", ["999999", "nonsense", "-1"])
async def test_a_missing_ticket_is_404(api, which):
    assert (await api.get(f"Tickets/{which}")).status_code == 404


async def test_the_reference_finds_exactly_its_ticket(api):
    mine = await api.create(third_party_id_string="SL-1", third_party_id=71)
    await api.create(third_party_id_string="SL-10")
    flags = {"open_only": "false", "closed_only": "false", "deleted": "false", "pageinate": "true"}
    assert await api.found(third_party_id_string="SL-1", **flags) == [mine["id"]]
    assert await api.found(third_party_id=71) == [mine["id"]]
    assert await api.found(third_party_id_string="SL") == []


@pytest.mark.parametrize("honoured", [True, False])
async def test_an_old_server_ignores_the_reference_and_shows_other_peoples_tickets(api, sandbox, honoured):
    sandbox.switches.third_party_filter = honoured
    found = await api.found(third_party_id_string="SL-nobody", third_party_id=5, deleted="true")
    assert len(found) == (0 if honoured else STARTING)


@pytest.mark.parametrize("name", ["ticketids", "lastupdatefromdate", "open_only"])
async def test_a_filter_that_the_server_does_not_know_is_passed_over(api, sandbox, name):
    value = {"ticketids": "1,2", "lastupdatefromdate": "2999-01-01T00:00:00Z", "open_only": "true"}[name]
    known = await api.found(**{name: value})
    sandbox.switches.ignored_filters = (name,)
    passed_over = await api.found(**{name: value})
    assert len(passed_over) == STARTING
    assert len(known) < STARTING or name == "open_only"


@pytest.mark.parametrize("carried", [True, False])
async def test_rows_may_lack_the_reference_but_the_detail_has_it(api, sandbox, carried):
    sandbox.switches.rows_carry_reference = carried
    ticket = await api.create(third_party_id_string="SL-1")
    row = (await api.get("Tickets", third_party_id_string="SL-1")).json()["tickets"][0]
    assert ("third_party_id_string" in row) is carried
    assert (await api.read(ticket["id"]))["third_party_id_string"] == "SL-1"


async def test_unknown_parameters_are_silently_ignored(api):
    assert len(await api.found(third_party_id_strnig="SL-1", paginate="true", page_size=1)) == STARTING


@pytest.mark.parametrize("value", ["1,2", "one", "", "1.0"])
async def test_a_bad_customer_filter_is_ignored_and_all_rows_return(api, value):
    assert len(await api.found(client_id=value)) == STARTING


@pytest.mark.parametrize(
    ("filters", "count"),
    [
        ({"client_id": 1}, 1),
        ({"client_ids": "1,2"}, 2),
        ({"agent_id": NIK}, 1),
        ({"status_id": CLOSED}, 1),
        ({"status": f"1,{CLOSED}"}, 2),
        ({"requesttype_id": 1}, 4),
        ({"site_id": 16}, 1),
        ({"user_id": 500}, 1),
        ({"ticketids": "2001,2003,nonsense"}, 2),
        ({"open_only": "true"}, 3),
        ({"open_only": "True"}, 3),
        ({"open_only": "1"}, 3),
        ({"closed_only": "true"}, 1),
        ({"open_only": "true", "client_id": 2}, 0),
        ({"search": "vpn"}, 1),
        ({"search": "TONER"}, 1),
        ({"search_summary": "laptop"}, 1),
        ({"search_details": "laptop"}, 1),
        ({"search_user_name": "hart"}, 1),
        ({"search_reportedby": "nobody"}, 0),
        ({"search_id": "200"}, 4),
        ({"search_inventory_number": "NW-LAP"}, 0),
        ({"asset_id": 300}, 0),
        ({"parent_id": 77}, 0),
        ({"datesearch": "dateoccured", "startdate": "2026-11-24T00:00:00"}, 2),
        ({"datesearch": "dateoccurred", "startdate": "2026-11-24T00:00:00"}, 4),
        ({"datesearch": "dateoccured", "enddate": "2026-11-22T12:00:00Z"}, 1),
        ({"datesearch": "datecleared", "startdate": "2026-11-01"}, 1),
        ({"lastupdatefromdate": "2026-11-24T00:00:00Z"}, 2),
        ({"lastupdatefromdate": "nonsense"}, 4),
        ({"count": 2}, 2),
    ],
)
async def test_filters_narrow_and_are_anded(api, filters, count):
    assert len(await api.found(**filters)) == count


async def test_a_search_reaches_into_actions_only_when_asked(api):
    ticket = await api.create()
    await api.act(ticket["id"], note="zebra")
    assert await api.found(search="zebra") == []
    assert await api.found(search="zebra", searchactions="true") == [ticket["id"]]


async def test_assets_can_be_searched_by_id_and_by_part_of_the_tag(api):
    ticket = await api.create(assets=[{"id": 300}])
    assert await api.found(asset_id=300) == [ticket["id"]]
    assert await api.found(search_inventory_number="lap-014") == [ticket["id"]]


async def test_changes_since_a_moment_are_found_without_the_rest(api, clock):
    clock.advance(60)
    since = clock.now.isoformat()
    await api.update(2002, summary="changed")
    assert await api.found(lastupdatefromdate=since) == [2002]


@pytest.mark.parametrize(
    ("order", "ids"),
    [
        ({}, [2004, 2003, 2002, 2001]),
        ({"order": "id"}, [2001, 2002, 2003, 2004]),
        ({"order": "id", "orderdesc": "true"}, [2004, 2003, 2002, 2001]),
        ({"order": "summary"}, [2002, 2004, 2001, 2003]),
        ({"order": "dateoccurred", "orderdesc": "true"}, [2004, 2003, 2002, 2001]),
        ({"order": "id", "ticketids": "2004,2001"}, [2001, 2004]),
    ],
)
async def test_rows_are_ordered_as_asked(api, order, ids):
    assert await api.found(**order) == ids


@pytest.mark.parametrize("position", [False, True])
async def test_no_rows_are_an_empty_array_or_null(api, sandbox, position):
    sandbox.switches.null_when_empty = position
    listed = (await api.get("Tickets", search="nothing like it")).json()
    assert listed == {"record_count": 0, "tickets": None if position else []}


async def test_fifty_rows_come_unless_more_are_asked_for(api, sandbox):
    for _ in range(120 - STARTING):
        await api.create()
    assert len(await api.found()) == 50
    assert len(await api.found(count=110)) == 110


async def test_pages_hold_at_most_a_hundred_and_reach_every_row(api):
    for _ in range(120 - STARTING):
        await api.create()
    first = (await api.get("Tickets", pageinate="true", page_size=500, page_no=1)).json()
    assert (first["page_no"], first["page_size"], first["record_count"]) == (1, 100, 120)
    second = await api.found(pageinate="true", page_size=500, page_no=2)
    assert len(first["tickets"]) == 100
    assert len({row["id"] for row in first["tickets"]} | set(second)) == 120
    assert await api.found(pageinate="true", page_size=100, page_no=3) == []


@pytest.mark.parametrize("lag", [0.0, 20.0])
async def test_a_new_ticket_may_stay_invisible_to_lists_but_not_by_id(api, sandbox, clock, lag):
    sandbox.switches.search_lag_s = lag
    ticket = await api.create(summary="Setup [SL-1]", third_party_id_string="SL-1")
    visible = [] if lag else [ticket["id"]]
    assert await api.found(third_party_id_string="SL-1") == visible
    assert await api.found(search_summary="SL-1") == visible
    assert (await api.read(ticket["id"]))["id"] == ticket["id"]
    clock.advance(20)
    assert await api.found(third_party_id_string="SL-1") == [ticket["id"]]


async def test_rows_can_be_trimmed_to_ids(api):
    assert (await api.get("Tickets", ticketidonly="true", count=1)).json()["tickets"] == [{"id": 2004}]


async def test_an_asset_that_is_gone_leaves_its_id(api, sandbox):
    ticket = await api.create(assets=[{"id": 300}])
    sandbox.reconfigure(assets=())
    assert (await api.read(ticket["id"]))["assets"] == [{"id": 300}]
