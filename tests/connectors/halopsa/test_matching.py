"""Matching, without HTTP: exact or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from tests.contracts.ticket_connector import draft_for

from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.halopsa import matching, payloads
from stepladder.connectors.ticket_system import Closing, RemoteCustomer
from stepladder.kit.ids import new_reference

NAMES = st.text(max_size=12)
CUSTOMER = RemoteCustomer("1", "Northwind Traders", is_active=True)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (20, 20),
        ("20", 20),
        (20.0, 20),
        ("20.0", 20),
        ("20.00", 20),
        (" 20 ", 20),
        (0, None),
        (-1, None),
        ("", None),
        (None, None),
        (True, None),
        (20.5, None),
        ("2e1", None),
        ("0x14", None),
        ("٢٠", None),
        ("20;drop", None),
        ([20], None),
        ({"id": 20}, None),
        ("9" * 40, None),
        (float("nan"), None),
        (float("inf"), None),
    ],
)
def test_an_id_is_a_whole_number_above_nothing_however_written(value: Any, number: int | None) -> None:
    assert matching.whole(value) == number


@given(st.integers(1, 10**18 - 1), st.sampled_from(["{}", " {} ", "{}.0", "{}.00"]))
def test_every_spelling_of_an_id_is_that_id(number: int, spelling: str) -> None:
    assert matching.whole(spelling.format(number)) == number


@given(st.lists(NAMES, max_size=8), NAMES)
def test_a_name_is_found_only_where_exactly_one_row_has_it(names: list[str], wanted: str) -> None:
    rows: list[dict[str, Any]] = [{"id": number, "name": name} for number, name in enumerate(names, 1)]
    hits = [row for row in rows if row["name"].strip().casefold() == wanted.strip().casefold()]
    found = matching.pick_named(rows, ("name",), wanted)
    assert found == (hits[0] if len(hits) == 1 and wanted.strip() else None)


@given(st.text(" \t\n\u00a0\u2003", max_size=5))
def test_an_empty_name_is_nobodys(padding: str) -> None:
    assert matching.pick_named([{"id": 1, "name": ""}], ("name", "other"), padding) is None
    assert matching.pick_assignable_agent([{"id": 4, "email": ""}], padding) is None
    assert matching.pick_asset([{"id": 1, "client_id": 1, "key_field": ""}], padding, "1") is None


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), max_size=6))
def test_an_agent_is_assignable_only_if_enabled_human_and_somebody(
    agents: list[tuple[bool, bool, int]],
) -> None:
    rows: list[dict[str, Any]] = [
        {"id": agent_id, "email": "Dana@x.example", "isdisabled": disabled, "isapiagent": api}
        for disabled, api, agent_id in agents
    ]
    good = [row for row in rows if not row["isdisabled"] and not row["isapiagent"] and row["id"] > 1]
    assert matching.pick_assignable_agent(rows, "dana@X.example") == (good[0] if len(good) == 1 else None)


REFERENCES = st.builds(new_reference)


@given(st.lists(REFERENCES | st.just("") | st.text(max_size=6), max_size=6), st.data())
def test_only_a_ticket_with_exactly_our_reference_is_ours(others: list[str], data: Any) -> None:
    draft = draft_for(CUSTOMER)
    rows = [
        {"id": number, "client_id": 1, "third_party_id_string": other, "summary": f"x [{other}]"}
        for number, other in enumerate(others, 10)
    ]
    mine = {"id": 7, "client_id": 1, "third_party_id_string": draft.reference, "summary": "changed"}
    assert matching.pick_ours(rows, draft) is None
    rows.insert(data.draw(st.integers(0, len(rows))), mine)
    assert matching.pick_ours(rows, draft) == mine


@pytest.mark.parametrize("field", ["third_party_id_string", "summary"])
@pytest.mark.parametrize("other", ["third_party_id_string", "summary"])
def test_two_that_carry_our_reference_either_way_are_for_a_person(field: str, other: str) -> None:
    draft = draft_for(CUSTOMER)
    values = {"third_party_id_string": draft.reference, "summary": f"x [{draft.reference}]"}
    rows = [{"id": 7, "client_id": 1, field: values[field]}, {"id": 8, "client_id": 1, other: values[other]}]
    with pytest.raises(NeedsAttention, match="Tickets 7, 8 both carry the reference"):
        matching.pick_ours(rows, draft)


@pytest.mark.parametrize(
    "summary",
    [
        "Elevation request: [{ours}].exe on DESK-1 [SL-BBBBBBBBBBBBBBBB]",
        "[{ours}] and more",
        "{ours}",
        "[{ours}X]",
    ],
)
def test_a_name_that_holds_our_mark_does_not_make_a_ticket_ours(summary: str) -> None:
    """A user may read the reference of one ticket and put it into the name of a program."""
    draft = draft_for(CUSTOMER)
    row = {"id": 7, "client_id": 1, "summary": summary.format(ours=draft.reference)}
    assert matching.pick_ours([row], draft) is None


def test_one_ticket_that_comes_twice_is_one_ticket() -> None:
    draft = draft_for(CUSTOMER)
    row = {"id": 7, "client_id": 1, "third_party_id_string": draft.reference}
    assert matching.pick_ours([row, dict(row)], draft) == row


@pytest.mark.parametrize("client_id", [1, "1", 1.0, None, ""])
def test_our_ticket_at_our_customer_is_recognised_in_every_spelling(client_id: str | float | None) -> None:
    draft = draft_for(CUSTOMER)
    row = {"id": 7, "client_id": client_id, "third_party_id_string": draft.reference}
    assert matching.pick_ours([row], draft) == row


@given(st.text(max_size=300))
@example("Admin rights: setup.exe on DESK-1 for J. Doe jr.")
@example("x" * 240 + ".")
def test_a_quoted_summary_is_no_closing_note(name: str) -> None:
    """USE-29: though the note ends with the reference alone, as the summary does."""
    draft = replace(draft_for(CUSTOMER), summary=name)
    quoted = f"RE: {payloads.write_summary(draft)}"
    assert not matching.has_note_mark(quoted, draft.reference) or "Closing note [" in quoted
    for note in ("Approved by Nik.", "Approved by Nik", f"Denied. Reason: “{name}”."):
        written = payloads.write_closing_note(Closing(draft.reference, note, 5))
        assert written.endswith(f". {matching.mark(draft.reference)}")
        assert matching.has_note_mark(written, draft.reference)


def test_a_note_of_an_earlier_version_is_known_again() -> None:
    """USE-29: the note's ending changed; one whose answer was lost before an upgrade must not be written twice."""
    reference = new_reference()
    assert matching.has_note_mark(f"Approved by Nik.\nClosing note [{reference}]", reference)
    assert not matching.has_note_mark(f"Closing note [{new_reference()}]", reference)


@pytest.mark.parametrize("client_id", [2, "2", 11, None, "", "1x"])
def test_an_asset_that_is_not_surely_this_customers_is_not_its_device(client_id: int | str | None) -> None:
    """HaloPSA passes over a filter that it does not understand, and then the assets of all customers come."""
    row = {"id": 7, "client_id": client_id, "inventory_number": "DESK-1"}
    assert matching.pick_asset([row], "DESK-1", "1") is None
    mine = {"id": 8, "client_id": 1.0, "key_field": "desk-1"}
    assert matching.pick_asset([row, mine], "DESK-1", "1") == mine


# --- Customers -----------------------------------------------------------------------------------------------------

DIRECTORY = "72f988bf-86f1-41af-91ab-2d7cd011db47"


@pytest.mark.parametrize(
    ("row", "directories"),
    [
        ({}, ()),
        ({"azure_tenant_id": DIRECTORY}, (DIRECTORY,)),
        ({"Azure_Tenant_Id": f" {DIRECTORY.upper()} "}, (DIRECTORY,)),
        ({"azure_tenants": [{"azure_tenant_id": DIRECTORY}], "azure_tenant_id": DIRECTORY}, (DIRECTORY,)),
        ({"azure_tenants": [{"azure_tenant_id": DIRECTORY}, {"azure_tenant_id": None}, {}]}, (DIRECTORY,)),
        (
            {"azure_tenants": [{"azure_tenant_id": "f" + DIRECTORY[1:]}], "azure_tenant_id": DIRECTORY},
            (DIRECTORY, "f" + DIRECTORY[1:]),
        ),
        ({"azure_tenants": None, "azure_tenant_id": None}, ()),
        ({"azure_tenants": "Umbra", "azure_tenant_id": ""}, ()),
        ({"azure_tenants": [DIRECTORY, 1, None, [DIRECTORY]]}, ()),
        ({"azure_tenant_id": "umbra.onmicrosoft.com"}, ()),
        ({"azure_tenant_id": DIRECTORY.replace("-", "")}, ()),
        ({"azure_tenant_id": DIRECTORY + "0"}, ()),
        ({"azure_tenant_id": "00000000-0000-0000-0000-000000000000"}, ()),
        ({"azure_tenant_id": 0}, ()),
    ],
)
def test_a_customers_directories_are_its_guids_from_either_field_and_nothing_else(
    row: dict[str, Any], directories: tuple[str, ...]
) -> None:
    found = matching.read_customer({"id": "7", "name": " Umbra ", **row})
    assert found == RemoteCustomer("7", "Umbra", True, directories)


def test_a_customer_without_an_id_is_none() -> None:
    for row in ({}, {"id": 0, "name": "Umbra"}, {"id": None}, {"id": "x"}):
        assert matching.read_customer(row) is None
