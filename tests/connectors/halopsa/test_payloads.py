"""What is written to HaloPSA, field by field, and that no name in it can act or disguise itself (threat T13)."""

from __future__ import annotations

import dataclasses
import json
import unicodedata
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given, settings as hypothesis_settings, strategies as st
from tests.connectors.halopsa.sandboxed import NORTHWIND, Reply, closing_of, connected, draft_for, scripted

from stepladder.connectors.halopsa import payloads
from stepladder.connectors.halopsa.matching import note_mark
from stepladder.connectors.ticket_system import Closing, Person, RemoteCustomer
from stepladder.kit.visible import UNSEEN
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox

# --- The fields ----------------------------------------------------------------------------------------------------


async def created_by(draft: Any, **config: Any) -> dict[str, Any]:
    """The ticket as it goes over the wire."""
    answer = Reply(201, {"id": 7, "client_id": 1, "third_party_id_string": draft.reference})
    lists: dict[str, Any] = {
        "tickettype": [{"id": 1, "name": "Incident"}],
        "category": [{"id": 60, "value": "Business Applications"}],
        "lookup": [{"id": 2, "name": "Medium"}, {"id": 3, "name": "Single User Affected"}],
        "users": {"record_count": 0, "users": []},
        "asset": {"record_count": 1, "assets": [{"id": 300.0, "inventory_number": "DESK-1", "client_id": 1}]},
    }
    # In the order in which the connector asks: type, category, urgency, impact, asset, user, ticket.
    asked = ["tickettype", "category", "lookup", "lookup", "asset", "users"]
    replies = [Reply(body=lists[name]) for name in asked[: None if draft.requester_email else -1]]
    async with scripted(*replies, answer) as script, connected(script.url, **config) as found:
        await found.connector.open_ticket(draft)
    (element,) = json.loads(script.asked[-1][2])
    sent: dict[str, Any] = element
    return sent


async def test_a_ticket_carries_everything_that_the_guide_asks_for() -> None:
    draft = draft_for(NORTHWIND)
    ticket = await created_by(draft)
    assert ticket == {
        "summary": f"Elevation request: Ada wants to run setup.exe on DESK-1 [{draft.reference}]",
        "details": payloads.write_details(draft),
        "details_html": payloads.write_details_html(draft),
        "tickettype_id": 1,
        "client_id": 1,
        "third_party_id_string": draft.reference,
        "dateoccurred": "2026-03-01T12:00:00Z",
        "customfields": [
            {"name": "CFidemeumCustomerName", "value": "Northwind Traders"},
            {"name": "CFidemeumElevationRequestId", "value": draft.request_id},
        ],
        "reportedby": "ada@customer.example",
        "category_1": "Business Applications",
        "urgency": 2,
        "impact": 3,
        "assets": [{"id": 300}],
    }


@pytest.mark.parametrize("remote_id", ["1", "1.0", " 1 "])
async def test_the_customer_is_a_json_integer_whatever_we_remember(remote_id: str) -> None:
    """HaloPSA refuses 95.0, and takes a missing customer for another one."""
    ticket = await created_by(draft_for(RemoteCustomer(remote_id, "Northwind Traders", True)))
    assert type(ticket["client_id"]) is int


async def test_what_is_not_known_is_left_out_and_not_sent_as_null() -> None:
    draft = draft_for(NORTHWIND, requester_email=None, endpoint_name="")
    ticket = payloads.build_ticket(draft, type_id=1, category=None, urgency=None, impact=None, asset_id=None)
    assert None not in ticket.values()
    optional = {"reportedby", "category_1", "urgency", "impact", "assets", "team", "source"}
    assert not optional & ticket.keys()


async def test_the_source_is_a_json_integer_however_it_was_given() -> None:
    for given_as in ("5", " 05 ", 5):
        assert (await created_by(draft_for(NORTHWIND), source=given_as))["source"] == 5


async def test_what_an_administrator_set_to_nothing_is_not_looked_up(halo: RunningSandbox) -> None:
    async with connected(halo, category="", urgency="", impact="") as found:
        await found.connector.check()
        assert not {"/api/category", "/api/lookup"} & {event["path"] for event in halo.events("api.call")}


async def test_the_sandbox_keeps_all_of_it(halo: RunningSandbox) -> None:
    draft = draft_for(NORTHWIND, endpoint_name="nw-lap-022")
    async with connected(halo) as found:
        opened = await found.connector.open_ticket(draft)
    ticket = halo.ticket(int(opened.id))
    assert (ticket.tickettype_id, ticket.categories[0], ticket.urgency, ticket.impact) == (
        1,
        "Business Applications",
        2,
        3,
    )
    assert (ticket.client_id, ticket.asset_ids, ticket.reportedby) == (1, [301], "ada@customer.example")
    assert ticket.custom == {181: "Northwind Traders", 182: draft.request_id}
    assert ticket.third_party_id_string == draft.reference
    assert ticket.summary.endswith(f"[{draft.reference}]")
    assert ticket.dateoccurred == draft.opened_at


async def test_a_category_of_two_levels_is_written_by_its_value(halo: RunningSandbox) -> None:
    async with connected(halo, category="hardware>LAPTOP") as found:
        opened = await found.connector.open_ticket(draft_for(NORTHWIND))
    assert halo.ticket(int(opened.id)).categories[0].lower() == "hardware>laptop"


def test_a_closing_says_note_time_status_and_approver() -> None:
    closing = Closing("SL-X", "Approved by Dana.", 5, Person("4", "Dana", None))
    assert payloads.build_closing_action("7", closing, outcome_id=12, status_id=9) == {
        "ticket_id": 7,
        "outcome_id": 12,
        "note": "Approved by Dana. [SL-X]",
        "note_html": "Approved by Dana. [SL-X]",
        "timetaken": 0.0833,
        "new_status": 9,
        "new_agent": 4,
        "closure_note": "Approved by Dana. [SL-X]",
        "sendemail": False,
        "_includeticketinresponse": True,
    }
    assert payloads.build_closed_ticket("7", closing, status_id=9, is_assigned=True) == {
        "id": 7,
        "status_id": 9,
        "closure_note": "Approved by Dana. [SL-X]",
        "agent_id": 4,
        "_forcereassign": True,
    }
    assert "agent_id" not in payloads.build_closed_ticket("7", closing, status_id=9, is_assigned=False)


@pytest.mark.parametrize("ticket_id", ["", "x", "0", "-7", "7;8"])
def test_an_update_that_lost_its_id_is_not_sent(ticket_id: str) -> None:
    """HaloPSA would create a ticket of it."""
    with pytest.raises(ValueError, match="would create a ticket"):
        payloads.build_closed_ticket(
            ticket_id, closing_of(draft_for(NORTHWIND)), status_id=9, is_assigned=True
        )


# --- Names that want to be more than names -------------------------------------------------------------------------


class _Tree(HTMLParser):
    """The elements of a page with their attributes and the places of text, and the text apart."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.shape: list[Any] = []
        self.texts: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: Any, attrs: Any) -> None:
        self.shape.append(("start", tag, tuple(attrs)))

    def handle_startendtag(self, tag: Any, attrs: Any) -> None:
        self.shape.append(("empty", tag, tuple(attrs)))

    def handle_endtag(self, tag: Any) -> None:
        self.shape.append(("end", tag))

    def handle_data(self, data: Any) -> None:
        if self.shape and self.shape[-1] == "text":
            self.texts[-1] += data
        else:
            self.shape.append("text")
            self.texts.append(data)

    def handle_comment(self, data: Any) -> None:
        self.shape.append(("comment", data))

    def handle_decl(self, decl: Any) -> None:
        self.shape.append(("declaration", decl))

    def handle_pi(self, data: Any) -> None:
        self.shape.append(("instruction", data))

    def unknown_decl(self, data: Any) -> None:
        self.shape.append(("unknown", data))


def draft_naming(name: str) -> Any:
    """A draft in which everything that a desktop can choose is this name."""
    labels = ("Program", "Publisher", "Path", "Arguments", "User", "Device", "Reason")
    return draft_for(
        NORTHWIND,
        reference="SL-AAAAAAAAAAAAAAAA",
        summary=f"Elevation request: {name} wants to run {name} on {name}",
        intro=f"{name} asks to run {name} with administrator rights on {name}.",
        lines=tuple((label, name) for label in labels),
        endpoint_name=name,
        requester_email=name,
    )


PIECES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "</td></tr></table>",
    "</p><p>",
    "<a href='javascript:alert(1)'>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?php",
    "<style>",
    "<plaintext>",
    "&lt;b&gt;",
    "&#x3c;b&#62;",
    "&amp;lt;",
    "&NewLine;",
    '"',
    "'",
    "`",
    "\\",
    "\0",
    "\r\n",
    "\t",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\u2028",
    "\u202e",
    "\u202d",
    "\u2066",
    "\u2069",
    "\u200b",
    "\u200f",
    "\u061c",
    "\ufeff",
    "\u00ad",
    "\u3164",
    "\ufe0f",
    "\U000e0041",
    "\u0301" * 40,
    "gpj.exe",
    "<<CFidemeumCustomerName>>",
    "$CLIENT_NAME",
    "{{7*7}}",
    "[SL-BBBBBBBBBBBBBBBB]",
    "Closing note [SL-AAAAAAAAAAAAAAAA]",
    "ü",
    "漢字",
    "שלום",
    "😀",
    " ",
    "=cmd|'/c calc'!A1",
]
NAMES = (
    st.lists(st.sampled_from(PIECES) | st.text(st.characters(), max_size=8), max_size=12).map("".join)
    | st.text(st.characters(), max_size=300)
    | st.tuples(st.sampled_from(PIECES), st.integers(1, 3000)).map(lambda pair: pair[0] * pair[1])
)
THOUSAND = hypothesis_settings(max_examples=1200)


def is_plain(text: str) -> bool:
    """Whether every character can be seen and stays in its place."""
    return not any(
        unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
        or unicodedata.bidirectional(c) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")
        for c in text
    )


@given(NAMES)
@example("\ud800")
@example("x" * 100_000)
@THOUSAND
def test_no_name_changes_the_page_that_shows_it(name: str) -> None:
    plain, tree = (
        _Tree(payloads.write_details_html(draft_naming("x"))),
        _Tree(payloads.write_details_html(draft_naming(name))),
    )
    if not name:
        # An empty cell has no text; everything else about it is the same.
        plain.shape, tree.shape = ([each for each in t.shape if each != "text"] for t in (plain, tree))
    assert tree.shape == plain.shape
    assert all(is_plain(text) for text in tree.texts)


@given(NAMES)
@THOUSAND
def test_every_name_is_shown_in_full_with_its_disguises_as_escapes(name: str) -> None:
    shown = payloads.show_hidden(name)
    assert is_plain(shown)
    if is_plain(name) and len(name) <= 6000 and not set(name) & UNSEEN and name.isprintable():
        assert shown == name
    if name and len(shown) < 6000:
        texts = _Tree(payloads.write_details_html(draft_naming(name))).texts
        assert texts.count(shown) >= 7
        assert payloads.write_details(draft_naming(name)).count(shown) >= 7


@given(NAMES)
@THOUSAND
def test_the_summary_is_one_short_line_that_ends_with_the_reference(name: str) -> None:
    line = payloads.write_summary(draft_naming(name))
    assert len(line) <= 240
    assert line.endswith(" [SL-AAAAAAAAAAAAAAAA]")
    assert is_plain(line)
    assert "\n" not in line


@given(NAMES)
@THOUSAND
def test_no_name_changes_the_closing_note_or_hides_its_mark(name: str) -> None:
    closing = Closing("SL-AAAAAAAAAAAAAAAA", f"Approved by {name}. {name} on {name}.", 5, None)
    action = payloads.build_closing_action("7", closing, outcome_id=1, status_id=9)
    assert _Tree(action["note_html"]).shape == ["text"]
    assert action["note"].endswith(note_mark(closing.reference))
    assert is_plain(action["note"])


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("cod\u202egpj.exe", "cod\\u202egpj.exe"),
        ("a\0b", "a\\x00b"),
        ("a\r\nb", "a\\r\\nb"),
        ("pay\u200bpal", "pay\\u200bpal"),
        ("\u3164", "\\u3164"),
        ("setup\u00a0.exe", "setup\\xa0.exe"),
        ("\U000e0041", "\\U000e0041"),
        ("v\ufe0f", "v\\ufe0f"),
        ("Müller & Söhne <GmbH>", "Müller & Söhne <GmbH>"),
        ("日本語 שלום 😀", "日本語 שלום 😀"),
    ],
)
def test_a_disguise_is_shown_and_an_honest_name_is_left_alone(name: str, shown: str) -> None:
    assert payloads.show_hidden(name) == shown


def test_a_value_of_any_length_is_cut_visibly() -> None:
    assert payloads.show_hidden("x" * 50_000).endswith("x… (cut)")
    assert len(payloads.write_details_html(draft_naming("\0" * 50_000))) < 200_000


async def test_hostile_names_reach_the_sandbox_as_text(halo: RunningSandbox) -> None:
    name = "".join(PIECES)[:400]
    draft = dataclasses.replace(
        draft_naming(name), reference=draft_for(NORTHWIND).reference, endpoint_name="x"
    )
    async with connected(halo) as found:
        opened = await found.connector.open_ticket(draft)
        assert await found.connector.find_ticket(draft) == opened
        closing = Closing(draft.reference, f"Denied by {name}.", 5, None)
        assert not await found.connector.has_closing_note(opened.id, closing)
        await found.connector.add_closing_note(opened.id, closing)
        assert await found.connector.has_closing_note(opened.id, closing)
    ticket = halo.ticket(int(opened.id))
    assert payloads.show_hidden(name) in _Tree(ticket.details_html).texts
    assert ticket.status_id == demo.CLOSED


@pytest.mark.parametrize("link", ["https://msp.example/x?a=1&b=2", 'https://msp.example/"><script>'])
def test_the_link_stays_inside_its_attribute(link: str) -> None:
    tree = _Tree(payloads.write_details_html(draft_for(NORTHWIND, link=link)))
    assert [each[2] for each in tree.shape if each[:2] == ("start", "a")] == [(("href", link),)]
