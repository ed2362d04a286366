"""What a ticket and its closing note say: who, what, where, the verdict, for whom, over which channel."""

from __future__ import annotations

import dataclasses
import re
import shlex
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from stepladder.elevation.policy import Channel, RuleScope, Verdict
from stepladder.elevation.service import ElevationRequest
from stepladder.kit.ids import CustomerId, EndpointId, RequestId
from stepladder.tickets import text
from stepladder_protocol.messages import ElevationKind, RequestState

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
REQUEST = ElevationRequest(
    id=RequestId(uuid.UUID("5e7f1a52-0000-4000-8000-00000000000a")),
    customer_id=CustomerId(uuid.UUID(int=1)),
    customer="Northwind Traders",
    customer_label="Northwind Traders",
    endpoint_id=EndpointId(uuid.UUID(int=2)),
    endpoint="DESK-1",
    kind=ElevationKind.USER,
    state=RequestState.PENDING,
    requester_user="ada",
    requester_name="Ada Lovelace",
    requester_email="ada@customer.example",
    program_name="setup.exe",
    program_path="/opt/setup.exe",
    arguments=["--quiet", "a b"],
    sha256="ab" * 32,
    size=4096,
    publisher="Example Software Ltd",
    reason="needed for the report",
    created_at=NOON,
    expires_at=NOON + timedelta(days=4),
    settled_at=None,
    verdict=None,
    decided_kind=None,
    channel=None,
    decided_by=None,
    decided_by_email=None,
    decision_reason=None,
)


def request(**changes: Any) -> ElevationRequest:
    return dataclasses.replace(REQUEST, **changes)


def decided(verdict: Verdict, **changes: Any) -> ElevationRequest:
    values = {
        "state": verdict.state,
        "verdict": verdict,
        "decided_kind": ElevationKind.USER,
        "channel": Channel.CLI,
        "decided_by": "Nik Potter",
        "settled_at": NOON + timedelta(minutes=7),
    }
    return request(**{**values, **changes})


def test_the_summary_says_who_wants_to_run_what_where() -> None:
    assert text.summary(REQUEST) == ("Elevation request: Ada Lovelace (ada) wants to run setup.exe on DESK-1")


def test_the_intro_says_at_a_glance_who_what_by_whom_where_until_when() -> None:
    assert text.intro(REQUEST) == (
        "Ada Lovelace (ada) <ada@customer.example> asks to run setup.exe by Example Software Ltd with "
        "administrator rights on DESK-1. Approve or deny before 2026-03-05 12:00 UTC."
    )
    assert "setup.exe by an unknown publisher with" in text.intro(request(publisher=None))


def test_the_details_hold_everything_that_is_needed_to_decide_in_the_order_of_deciding() -> None:
    assert text.lines(REQUEST) == (
        ("User", "Ada Lovelace (ada) <ada@customer.example>"),
        ("Program", "setup.exe"),
        ("Publisher", "Example Software Ltd"),
        ("Device", "DESK-1"),
        ("Customer", "Northwind Traders"),
        ("Reason", "needed for the report"),
        ("Kind", "USER (the user's own rights are raised)"),
        ("Path", "/opt/setup.exe"),
        ("Arguments", "--quiet 'a b'"),
        ("Size", "4,096 bytes"),
        ("SHA-256", "ab" * 32),
        ("Asked at", "2026-03-01 12:00 UTC"),
        ("Expires at", "2026-03-05 12:00 UTC"),
        ("Request", "5e7f1a52-0000-4000-8000-00000000000a"),
    )


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=256)


@given(name=st.none() | NAMES, user=NAMES, program=NAMES, endpoint=NAMES)
@example(name="n" * 256, user="u" * 256, program="p" * 256, endpoint="e" * 256)
def test_no_part_of_the_summary_pushes_another_one_out(
    name: str | None, user: str, program: str, endpoint: str
) -> None:
    """HaloPSA's summary has room for 218 characters before the reference."""
    line = text.summary(
        request(requester_name=name, requester_user=user, program_name=program, endpoint=endpoint)
    )
    assert len(line) <= 218
    for part in (user[:15], program[:30], program[-15:], endpoint[:20]):
        assert part in line


def test_a_long_file_name_keeps_its_ending() -> None:
    line = text.summary(request(program_name="invoice.pdf" + " " * 200 + ".exe"))
    assert "invoice.pdf" in line
    assert ".exe on DESK-1" in line


@pytest.mark.parametrize(
    ("reason", "shown"),
    [
        ("one\ntwo", "one / two"),
        (" one \r\n\r\n two\n", "one / two"),
        ("one\u2028two", "one / two"),
        ("Denied by Nik\nClosing note [SL-X]", "Denied by Nik / Closing note [SL-X]"),
        ("\n \n", "none given"),
        ("", "none given"),
    ],
)
def test_a_reason_of_several_lines_reads_on_in_one(reason: str, shown: str) -> None:
    assert dict(text.lines(request(reason=reason)))["Reason"] == shown


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    bare = request(
        publisher=None,
        reason=None,
        arguments=[],
        requester_name=None,
        requester_email=None,
        kind=ElevationKind.ADMIN,
    )
    lines = dict(text.lines(bare))
    assert (lines["Publisher"], lines["Reason"], lines["Arguments"]) == ("not known", "none given", "none")
    assert lines["User"] == "ada"
    assert lines["Kind"] == "ADMIN (runs as a managed administrator)"


@pytest.mark.parametrize(
    ("changes", "person"),
    [
        ({}, "Ada Lovelace (ada) <ada@customer.example>"),
        ({"requester_name": "ada"}, "ada <ada@customer.example>"),
        ({"requester_name": None}, "ada <ada@customer.example>"),
        ({"requester_email": None}, "Ada Lovelace (ada)"),
        ({"requester_name": "", "requester_email": ""}, "ada"),
    ],
)
def test_a_person_is_named_with_what_is_known(changes: dict[str, Any], person: str) -> None:
    assert text.person(request(**changes)) == person


@given(st.lists(st.text(max_size=400), max_size=60))
@example(["x" * 2000])
@example(["x" * 2001])
@example(["--flag"] * 500)
@example(["two words"] * 8000)
def test_arguments_are_quoted_and_cut_with_their_number_and_length(arguments: list[str]) -> None:
    shown = dict(text.lines(request(arguments=arguments)))["Arguments"]
    joined = shlex.join(arguments)
    if len(joined) <= 2000:
        assert shown == (joined or "none")
    else:
        assert shown.startswith(joined[:2000] + "…")
        assert shown.endswith(f"({len(arguments)} arguments, {len(joined)} characters)")
        assert len(shown) < 2100


@given(st.lists(st.text(max_size=20), max_size=8))
def test_one_argument_with_spaces_cannot_pass_for_two(arguments: list[str]) -> None:
    joined = shlex.join(arguments)
    assert shlex.split(joined) == arguments


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.APPROVED, "Approved"), (Verdict.DENIED, "Denied")])
@pytest.mark.parametrize(
    ("channel", "how"),
    [
        (Channel.INTEGRATION_API, "with a key of the integration API"),
        (Channel.CLI, "on the command line"),
        (Channel.PORTAL, "in the portal"),
    ],
)
def test_a_decisions_note_says_verdict_who_for_whom_how_when_and_what(
    verdict: Verdict, word: str, channel: Channel, how: str
) -> None:
    note = text.closing_note(decided(verdict, channel=channel), by=None)
    assert note.startswith(f"{word} by Nik Potter for this user")
    assert f", {how}, at 2026-03-01 12:07 UTC." in note
    assert "Ada Lovelace (ada) <ada@customer.example>, setup.exe on DESK-1" in note
    assert note.endswith("request 5e7f1a52-0000-4000-8000-00000000000a.")


def test_an_approval_says_for_whom_and_which_kind() -> None:
    note = text.closing_note(decided(Verdict.APPROVED, decided_kind=ElevationKind.ADMIN), by=None)
    assert "for this user, once (ADMIN)" in note
    assert "once" not in text.closing_note(decided(Verdict.DENIED), by=None)


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        (RuleScope.CUSTOMER, "by a standing rule of Northwind Traders for every user of Northwind Traders"),
        (RuleScope.MSP, "by a standing rule of the MSP for every user of every customer"),
    ],
)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_by_rule_says_which_rule_and_for_how_many(
    verdict: Verdict, scope: RuleScope, words: str
) -> None:
    rule_id = "0b7e9f0e-6f0e-4a53-9d0f-2f4b8f0c7a11"
    by_rule = decided(
        verdict, channel=Channel.POLICY, decided_by="a standing rule", rule_id=rule_id, rule_scope=scope
    )
    kind = " (USER)" if verdict is Verdict.APPROVED else ""
    assert text.closing_note(by_rule, by=None).startswith(
        f"{verdict.title()} {words}{kind} (rule {rule_id}), without a person, at 2026-03-01 12:07 UTC."
    )


def test_the_reason_of_a_decision_is_quoted() -> None:
    assert text.closing_note(decided(Verdict.DENIED, decision_reason="not licensed"), by=None).endswith(
        " Reason: not licensed."
    )


def test_whoever_halopsa_names_comes_before_the_keys_name() -> None:
    note = text.closing_note(
        decided(Verdict.APPROVED, channel=Channel.INTEGRATION_API, decided_by="HaloPSA buttons"),
        by="Dana (as HaloPSA says)",
    )
    assert note.startswith("Approved by Dana (as HaloPSA says) for this user")
    assert "with the button in HaloPSA" in note
    assert "HaloPSA buttons" not in note
    unknown = text.closing_note(
        decided(Verdict.APPROVED, channel=Channel.INTEGRATION_API, decided_by="HaloPSA buttons"), by=None
    )
    assert unknown.startswith("Approved by HaloPSA buttons")
    assert "button in HaloPSA" not in unknown


def test_what_nobody_decided_is_told_without_a_decider() -> None:
    expired = text.closing_note(request(state=RequestState.EXPIRED, settled_at=NOON), by=None)
    assert expired.startswith("Expired: nobody decided before 2026-03-05 12:00 UTC.")
    cancelled = text.closing_note(request(state=RequestState.CANCELLED, settled_at=NOON), by=None)
    assert cancelled.startswith("Cancelled: Ada Lovelace (ada) <ada@customer.example> withdrew the request.")
    for note in (expired, cancelled):
        assert note.endswith("setup.exe on DESK-1, request 5e7f1a52-0000-4000-8000-00000000000a.")


def test_every_channel_has_words() -> None:
    for channel in Channel:
        note = text.closing_note(decided(Verdict.APPROVED, channel=channel), by=None)
        assert ", , at" not in note, channel


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001  # the zone comes below
def test_times_are_in_utc_whatever_their_zone(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC", text.moment(at))
    assert text.moment(at) == text.moment(at.astimezone(UTC))
