"""What a ticket and its closing note say: who, what, where, the verdict, for whom, over which channel."""

from __future__ import annotations

import dataclasses
import re
import uuid
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given, strategies as st
from pydantic import ValidationError

from stepladder.elevation.arguments import quote_all
from stepladder.elevation.policy import Channel, RuleScope, Verdict, Withdrawal
from stepladder.elevation.service import ElevationRequest
from stepladder.kit.ids import CustomerId, EndpointId, RequestId
from stepladder.tickets import text
from stepladder.tickets.policy import TicketPolicy
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


def test_the_summary_says_what_is_to_run_where_for_whom() -> None:
    """USE-29: short enough not to wrap in every list."""
    assert text.summary(REQUEST) == "Admin rights: setup.exe on DESK-1 for Ada Lovelace (ada)"


def test_the_intro_says_at_a_glance_who_what_by_whom_where_until_when() -> None:
    """USE-29: the publisher is set apart, so that it reads as what it is."""
    assert text.intro(REQUEST) == (
        "Ada Lovelace (ada) <ada@customer.example> asks to run setup.exe (by Example Software Ltd) as administrator on "
        "DESK-1. Approve or deny before 5 Mar 2026 12:00 UTC."
    )
    assert "run setup.exe (publisher unknown) as" in text.intro(request(publisher=None))
    package = request(publisher="Debian package coreutils 9.1-1")
    assert "run setup.exe (from the Debian package coreutils 9.1-1) as" in text.intro(package)


def test_the_details_hold_everything_that_is_needed_to_decide_in_the_order_of_deciding() -> None:
    """USE-29, USE-30, USE-32: facts first; arguments, which may be long, and the user's own words come last."""
    assert text.lines(REQUEST) == (
        ("User", "Ada Lovelace <ada@customer.example>, asks as the account ada"),
        ("Program", "setup.exe"),
        ("Publisher", "Example Software Ltd"),
        ("Device", "DESK-1"),
        ("Customer", "Northwind Traders"),
        ("Runs as", "ada, with rights raised"),
        ("Path", "/opt/setup.exe"),
        ("Size", "4,096 bytes"),
        ("SHA-256", "ab" * 32),
        ("Asked at", "1 Mar 2026 12:00 UTC"),
        ("Expires at", "5 Mar 2026 12:00 UTC"),
        ("Request", "5e7f1a52-0000-4000-8000-00000000000a"),
        ("Arguments", "--quiet 'a b'"),
        ("Reason given by the user", "“needed for the report”"),
    )


@pytest.mark.parametrize(
    ("name", "path", "is_told"),
    [
        ("env", "/usr/bin/env", True),
        ("bash", "/usr/bin/bash", True),
        ("python3.11", "/usr/bin/python3.11", True),
        ("powershell.exe", "C:/Windows/powershell.exe", True),
        ("innocent", "/usr/bin/sh", True),
        ("setup.exe", "/opt/setup.exe", False),
        ("printer-driver", "/opt/printer-driver", False),
        ("odd: name", "/opt/odd: name", False),
    ],
)
def test_a_program_that_runs_others_is_said_to_be_one(name: str, path: str, is_told: bool) -> None:
    """USE-31: `env` or `bash -c …` does not look like a printer driver."""
    lines = text.lines(request(program_name=name, program_path=path))
    assert (("Note", text.RUNS_OTHERS) in lines) is is_told


def test_what_the_user_wrote_is_marked_as_theirs_and_cannot_end_the_quotation() -> None:
    """USE-30: no line of theirs stands above a fact, and none can pass for one of ours."""
    label, shown = text.lines(request(reason="x”\nApprove: https://evil.example/approve “"))[-1]
    assert label == "Reason given by the user"
    assert shown == '“x" / Approve: https://evil.example/approve "”'


def test_sixty_arguments_push_no_fact_out_of_sight() -> None:
    """USE-32: whatever is long comes behind size, hash and expiry."""
    labels = [label for label, _ in text.lines(request(arguments=["--flag=value"] * 60))]
    assert labels[-2:] == ["Arguments", "Reason given by the user"]


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
        ("one\ntwo", "“one / two”"),
        (" one \r\n\r\n two\n", "“one / two”"),
        ("one\u2028two", "“one / two”"),
        ("Denied by Nik\nRequest [SL-X]", "“Denied by Nik / Request [SL-X]”"),
        ("\n \n", "none"),
        ("", "none"),
    ],
)
def test_a_reason_of_several_lines_reads_on_in_one(reason: str, shown: str) -> None:
    assert dict(text.lines(request(reason=reason)))["Reason given by the user"] == shown


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
    told = (lines["Publisher"], lines["Reason given by the user"], lines["Arguments"])
    assert told == ("not known", "none", "none")
    assert lines["User"] == "asks as the account ada"
    assert lines["Runs as"] == "a managed administrator"


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


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=400), max_size=60))
@example(["x" * 2000])
@example(["x" * 2001])
@example(["--flag"] * 500)
@example(["two words"] * 8000)
def test_arguments_are_quoted_and_cut_with_their_number_and_length(arguments: list[str]) -> None:
    shown = dict(text.lines(request(arguments=arguments)))["Arguments"]
    joined = quote_all(arguments)
    if len(joined) <= 2000:
        assert shown == (joined or "none")
    else:
        assert shown.startswith(joined[:2000] + "…")
        assert shown.endswith(f"({len(arguments)} arguments, {len(joined)} characters)")
        assert len(shown) < 2100


@pytest.mark.parametrize(("verdict", "word"), [(Verdict.APPROVED, "Approved"), (Verdict.DENIED, "Denied")])
@pytest.mark.parametrize(
    ("channel", "how"),
    [(Channel.CLI, " on the command line"), (Channel.PORTAL, " in the portal")],
)
def test_a_decisions_note_says_verdict_who_how_when_for_whom_and_what(
    verdict: Verdict, word: str, channel: Channel, how: str
) -> None:
    """USE-29: in the order in which one reads it."""
    reach = "Once, for " if verdict is Verdict.APPROVED else "For "
    assert text.closing_note(decided(verdict, channel=channel), by=None) == (
        f"{word} by Nik Potter{how}, 1 Mar 2026 12:07 UTC. {reach}Ada Lovelace (ada) <ada@customer.example>, "
        "setup.exe on DESK-1. Request 5e7f1a52-0000-4000-8000-00000000000a."
    )


def test_an_approval_says_for_whom_and_as_whom_it_runs() -> None:
    note = text.closing_note(decided(Verdict.APPROVED, decided_kind=ElevationKind.ADMIN), by=None)
    assert "Once, as a managed administrator, for Ada" in note
    assert "nce" not in text.closing_note(decided(Verdict.DENIED), by=None).split(" Request ")[0]


@pytest.mark.parametrize(
    ("scope", "owner", "reach"),
    [
        (RuleScope.CUSTOMER, "Northwind Traders", "For every user of Northwind Traders; here Ada"),
        (RuleScope.MSP, "the MSP", "For every user of every customer; here Ada"),
    ],
)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_by_rule_says_which_rule_and_for_how_many(
    verdict: Verdict, scope: RuleScope, owner: str, reach: str
) -> None:
    rule_id = "0b7e9f0e-6f0e-4a53-9d0f-2f4b8f0c7a11"
    by_rule = decided(
        verdict, channel=Channel.POLICY, decided_by="a standing rule", rule_id=rule_id, rule_scope=scope
    )
    assert text.closing_note(by_rule, by=None).startswith(
        f"{verdict.title()} by a standing rule of {owner} (rule {rule_id}), 1 Mar 2026 12:07 UTC. {reach}"
    )


def test_the_reason_of_a_decision_is_quoted() -> None:
    assert text.closing_note(decided(Verdict.DENIED, decision_reason="not licensed"), by=None).endswith(
        " Reason: “not licensed”."
    )


def test_a_key_is_called_a_key_and_whoever_halopsa_names_is_named() -> None:
    """USE-07, HALO-01: the note names a person, or says that it was a key, never a key as a person."""
    pressed = decided(Verdict.APPROVED, channel=Channel.INTEGRATION_API, decided_by="HaloPSA buttons")
    assert text.closing_note(pressed, by="Dana").startswith("Approved by Dana in HaloPSA, 1 Mar")
    assert text.closing_note(pressed, by=None).startswith(
        "Approved with the integration API, by the key “HaloPSA buttons”, 1 Mar"
    )
    named = decided(
        Verdict.APPROVED, channel=Channel.INTEGRATION_API, decided_by="Nik", decided_by_email="nik@x.example"
    )
    assert text.closing_note(named, by=None).startswith("Approved by Nik with the integration API, 1 Mar")


def test_what_nobody_decided_is_told_without_a_decider() -> None:
    late = request(state=RequestState.EXPIRED, settled_at=NOON + timedelta(days=30))
    expired = text.closing_note(late, by=None)
    assert expired.startswith("Expired: nobody decided before 5 Mar 2026 12:00 UTC.")
    cancelled = text.closing_note(request(state=RequestState.CANCELLED, settled_at=NOON), by=None)
    assert cancelled.startswith("Cancelled: Ada Lovelace (ada) <ada@customer.example> withdrew the request.")
    for note in (expired, cancelled):
        assert note.endswith("setup.exe on DESK-1. Request 5e7f1a52-0000-4000-8000-00000000000a.")


def test_a_request_that_a_restore_ended_says_nothing_of_a_time_to_come() -> None:
    """OPS-01: whether a technician decided after the backup is not known."""
    early = request(state=RequestState.EXPIRED, settled_at=NOON)
    assert text.closing_note(early, by=None).startswith("Expired: Stepladder was restored from a backup")


def test_a_request_that_a_revocation_ended_is_said_to_be_ended_by_it() -> None:
    """USE-09: nobody withdrew it, and nobody decided."""
    ended = request(
        state=RequestState.CANCELLED, settled_at=NOON, withdrawn_because=Withdrawal.ENDPOINT_REVOKED
    )
    assert text.closing_note(ended, by=None).startswith("Cancelled: the machine DESK-1 was revoked. Ada")


def test_a_remark_says_how_to_decide_in_this_very_state() -> None:
    """USE-04: no link to a page that decides nothing, and no advice to press another request's buttons."""
    closed = text.remark(REQUEST, is_merged=False)
    assert (
        "Approve or deny it with the buttons of this ticket before 5 Mar 2026 12:00 UTC, or it expires."
        in closed
    )
    merged = text.remark(REQUEST, is_merged=True)
    assert "an administrator has to decide it on the Stepladder server before" in merged
    assert "http" not in closed + merged


def test_every_channel_has_words() -> None:
    for channel in Channel:
        note = text.closing_note(decided(Verdict.APPROVED, channel=channel), by=None)
        assert " ," not in note, channel


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001  # the zone comes below
def test_times_are_in_utc_whatever_their_zone(naive: datetime, hours: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(hours=hours)))
    assert re.fullmatch(r"\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2} UTC", text.moment(at))
    assert text.moment(at) == text.moment(at.astimezone(UTC))


def test_times_are_in_the_zone_of_the_msp() -> None:
    """USE-29: with its name, and with its summer."""
    zone = TicketPolicy(time_zone="Europe/Berlin").zone
    assert text.moment(NOON, zone) == "1 Mar 2026 13:00 CET"
    assert "before 5 Mar 2026 13:00 CET" in text.intro(REQUEST, zone)
    assert text.moment(NOON + timedelta(days=90), zone) == "30 May 2026 14:00 CEST"


@pytest.mark.parametrize("name", ["Europe/Nowhere", "", "../etc/passwd", "CEST summer"])
def test_a_zone_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="Give a time zone as in"):
        TicketPolicy(time_zone=name)
