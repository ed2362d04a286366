"""Every shape in which HaloPSA says no becomes one plain sentence: nothing is passed on whole, and no secret ever."""

from __future__ import annotations

import json
import time
import traceback
import tracemalloc
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs
from tests.connectors.halopsa.sandboxed import (
    NORTHWIND,
    Reply,
    closing_of,
    connected,
    draft_for,
    payload,
    scripted,
)

from stepladder.connectors.base import ConnectorError, Lookup, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.halopsa import failures
from stepladder.connectors.halopsa.failures import Call
from stepladder.connectors.halopsa.matching import read_seen
from stepladder_sandbox.halopsa.faultplan import FaultKind
from stepladder_sandbox.halopsa.testing import RunningSandbox

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
READ = Call("GET", "Tickets")
ONE = Call("GET", "Tickets/7", is_about_one=True)
WRITE = Call("POST", "Tickets")


def failure(call: Call, status: int, body: bytes = b"", **headers: str) -> ConnectorError:
    return failures.from_answer(call, status, httpx2.Headers(headers), body, now=NOW)


FORBIDDEN = (
    "HaloPSA refuses the call. The application needs the permission read:tickets, and its agent the rights that "
    "go with it."
)
WRONG_TYPE = (
    "[0].client_id: Error converting value 95.0 to type 'System.Nullable`1[System.Int32]'. "
    "Path '[0].client_id', line 1, position 20."
)
SHAPES = [
    (
        "400_outcome_missing.json",
        Rejected,
        "HaloPSA refuses it. It says: An Outcome must be entered for this Action",
    ),
    ("400_fields_required.json", Rejected, "HaloPSA refuses it. It says: Details and Category were required"),
    ("400_result_code.json", Rejected, "HaloPSA refuses it. It says: The report could not be run"),
    (
        "400_wrong_type_in_element.json",
        Rejected,
        f"HaloPSA refuses it. It says: {WRONG_TYPE}",
    ),
    ("400_wrong_type_in_id.json", Rejected, "HaloPSA refuses it. It says: id: The value 'abc' is not valid."),
    (
        "400_cab_members.txt",
        Rejected,
        "HaloPSA refuses it. It says: CODE:APP03/2 Please select the CAB members to approve",
    ),
    (
        "400_no_access_to_action.txt",
        Rejected,
        "HaloPSA refuses it. It says: You do not have access to this Action (at the moment)",
    ),
    ("400_json_string.json", Rejected, "HaloPSA refuses it. It says: Something with markup & entities"),
    (
        "401_page.html",
        NeedsAttention,
        FORBIDDEN,
    ),
    (
        "403_empty.txt",
        NeedsAttention,
        FORBIDDEN,
    ),
    ("404_no_such_ticket.json", RemoteGone, "HaloPSA does not know it (any more). It says: Ticket not found"),
    ("429_limit.txt", TryLater, "HaloPSA's call limit is reached."),
    ("429_limit.json", TryLater, "HaloPSA's call limit is reached."),
    ("500_empty.txt", TryLater, "HaloPSA answers with an error (500)."),
    ("502_bad_gateway.html", TryLater, "HaloPSA answers with an error (502)."),
    ("504_gateway_timeout.html", TryLater, "HaloPSA answers with an error (504)."),
    (
        "301_to_sign_in.html",
        NeedsAttention,
        "HaloPSA redirects instead of answering. Check the instance's address.",
    ),
]


@pytest.mark.parametrize(("body", "kind", "sentence"), SHAPES, ids=[shape[0] for shape in SHAPES])
async def test_every_shape_of_refusal_becomes_one_plain_sentence(
    body: str, kind: type[ConnectorError], sentence: str
) -> None:
    async with scripted(Reply(int(body[:3]), payload(body))) as script, connected(script.url) as found:
        await found.lookups.put(Lookup("status", "Closed"), "9")
        with pytest.raises(kind) as refused:
            await found.connector.read_ticket("7")
    assert refused.value.message == sentence


def test_every_captured_refusal_is_tested() -> None:
    files = {path.name for path in (Path(__file__).parent / "payloads").iterdir()}
    others = {name for name in files if name.startswith(("token_", "200_", "README", "created_"))}
    assert files - others == {shape[0] for shape in SHAPES}


def test_the_message_of_a_long_answer_is_found_although_it_is_read_in_part() -> None:
    body = payload("400_outcome_missing.json").replace(b"at NetHelpDesk", b"at NetHelpDesk " * 2000)
    assert failures.sentence(body) == "An Outcome must be entered for this Action"
    late = json.dumps({"ClassName": "x" * 5000, "Message": "too late"}).encode()
    assert failures.sentence(late) == ""


@pytest.mark.parametrize(
    "body",
    [
        b'{"unknown": {"nested": "secret thing"}}',
        b'["a", "b"]',
        b'{"id": 7',
        b"[" * 4000,
        b'{"a":' * 900,
        b"null",
        b"7",
    ],
)
def test_data_without_a_message_is_not_shown(body: bytes) -> None:
    assert "secret" not in failures.sentence(body)
    assert failures.sentence(body) in ("", "null", "7")


@given(st.binary(max_size=6000) | st.text(max_size=3000).map(str.encode))
def test_whatever_the_body_the_sentence_is_short_printable_and_without_markup(body: bytes) -> None:
    said = failures.sentence(body)
    assert len(said) <= 300
    assert said.isprintable()
    assert "<script" not in said.lower()


@given(
    st.integers(100, 599).filter(lambda status: not 200 <= status < 300),
    st.binary(max_size=200),
    st.sampled_from([READ, ONE, WRITE]),
)
def test_whatever_the_status_it_is_one_of_the_four_kinds(status: int, body: bytes, call: Call) -> None:
    error = failure(call, status, body)
    assert type(error) in (TryLater, NeedsAttention, RemoteGone, Rejected)
    assert not isinstance(error, TryLater) or error.may_have_happened is call.is_write


# --- How long to wait ----------------------------------------------------------------------------------------------


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
NAMED = ("Message", "message", "errorMessage", "error_description", "error", "load_error")


@given(JSON)
def test_an_answer_that_says_nothing_is_no_error_inside_a_success(
    answer: list[str | dict[str, Any] | list[bool | None] | None] | dict[str, Any] | None,
) -> None:
    if not (isinstance(answer, dict) and any(name in answer for name in NAMED)):
        assert failures.error_inside(answer) is None


@given(
    st.sampled_from(NAMED),
    st.text(min_size=1, max_size=400),
    st.sampled_from([{}, {"id": 7}, {"ticket_id": "7"}, {"ID": 7.0}]),
)
def test_an_error_inside_a_success_may_have_happened_and_is_told_without_secrets(
    name: str, said: str, thing: dict[str, Any]
) -> None:
    """What was written has an id; an answer with one is that thing, with anything else in it."""
    found = failures.error_inside({**thing, name: f"{said} tok-secret"}, ["tok-secret"])
    if thing:
        assert found is None
        return
    assert found is not None
    assert (found.code, found.may_have_happened) == ("halopsa_error_inside", True)
    assert "tok-secret" not in found.message
    assert found.message.isprintable()
    assert len(found.message) < 400


WRITES = [
    (Call("POST", "Tickets"), "the new ticket"),
    (Call("POST", "tickets", is_about_one=True), "the change of the ticket"),
    (Call("POST", "Actions", is_about_one=True), "the note"),
    (Call("POST", "Outcome"), "it"),
    (Call("GET", "Tickets/7", is_about_one=True), "it"),
]


@pytest.mark.parametrize(("call", "what"), WRITES)
@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_refusal_names_what_was_refused_and_where_it_says_nothing_the_usual_cause(
    call: Call, what: str, status: int
) -> None:
    told = failure(call, status, b'{"Message":"No."}')
    assert (type(told), told.message) == (Rejected, f"HaloPSA refuses {what}. It says: No.")
    silent = failure(call, status).message
    assert silent.startswith(f"HaloPSA refuses {what}.")
    assert ("It does not say why; often " in silent) is (what != "it")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("17", 17),
        (" 17 ", 17),
        ("0", 0),
        ("999999", 3600),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=1), usegmt=True), 0),
        ("Sun, 01 Mar 2026 12:00:30", 30),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("٣", None),
        ("Sun, 99 Mar 2026 12:00:30 GMT", None),
    ],
)
def test_a_wait_may_be_given_in_seconds_or_as_a_date(value: str, seconds: int | None) -> None:
    headers = httpx2.Headers([(b"retry-after", value.encode())])
    assert failures.retry_after(headers, NOW) == seconds


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "UTC"])
def test_a_wait_without_a_zone_is_in_utc_wherever_the_machine_is(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """TEST-22: the machine's own zone is no part of what HaloPSA says, nor of a ticket's time of closing."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        headers = httpx2.Headers([(b"retry-after", b"Sun, 01 Mar 2026 12:00:30")])
        assert failures.retry_after(headers, NOW) == 30
        row = {"id": 7, "status_id": 9, "dateclosed": "2026-03-01T12:00:00"}
        assert read_seen(row, "9").closed_at == NOW
    finally:
        monkeypatch.undo()
        time.tzset()


BRACKETS = b'{"id": 77, "x": [' + b",".join([b"[]"] * 1_300_000) + b"]}"


async def test_what_parsing_makes_of_an_answer_is_bounded() -> None:
    """SEC-11: one object holds no million values, however small they are; a long list has its bound, too."""
    for body, call in (
        (BRACKETS, Call("POST", "Tickets")),
        (BRACKETS, Call("GET", "Tickets")),
        (
            b'{"id": 77, "x": "' + bytes(failures.ONE.bytes).replace(b"\0", b"x") + b'"}',
            Call("GET", "Tickets/77", True),
        ),
    ):
        async with scripted(Reply(200, body)) as script, connected(script.url) as found:
            sent = found.client.post(call.path, {"x": 1}) if call.is_write else found.client.get(call.path)
            with pytest.raises(TryLater) as refused:
                await sent
        assert refused.value.code in ("halopsa_not_json", "halopsa_too_large")
        assert refused.value.may_have_happened is call.is_write


def test_the_largest_answers_that_are_read_take_bounded_memory() -> None:
    """SEC-11: 31 MB of empty lists took 800 MB."""
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="too many"):
            failures.loaded(BRACKETS, failures.LIST)
        failures.loaded(b"[" + b",".join([b"{}"] * 400_000) + b"]", failures.LIST)
        assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    finally:
        tracemalloc.stop()


def test_a_page_of_a_hundred_large_tickets_is_read() -> None:
    """SEC-11: the bounds are far above what HaloPSA sends."""
    ticket = {f"field_{number}": "some, text, with, commas" for number in range(600)}
    assert len(failures.loaded(json.dumps([ticket] * 100).encode(), failures.LIST)) == 100
    assert failures.loaded(json.dumps(ticket).encode()) == ticket


@given(
    st.text(max_size=40)
    | st.from_regex(
        r"[A-Z][a-z]{2}, \d{1,6} [A-Z][a-z]{2} \d{1,9} \d{1,4}:\d{1,4}:\d{1,4} [-+]?\d{1,9}", fullmatch=True
    )
)
def test_no_retry_after_is_so_odd_that_it_breaks_anything(value: str) -> None:
    found = failures.retry_after(httpx2.Headers([(b"retry-after", value.encode())]), NOW)
    assert found is None or 0 <= found <= 3600


@pytest.mark.parametrize("fault", ["429_retry_after", "429_plain", "429_json"])
async def test_the_call_limit_is_told_with_its_wait_where_there_is_one(
    halo: RunningSandbox, fault: FaultKind
) -> None:
    async with connected(halo) as found:
        await found.connector.list_customers()
        halo.fail_next(fault, seconds=42)
        with pytest.raises(TryLater, match="call limit") as failed:
            await found.connector.list_customers()
    assert failed.value.after == (42 if fault == "429_retry_after" else None)


@pytest.mark.parametrize("body", ["text", "json"])
@pytest.mark.parametrize("retry_after", [True, False])
async def test_a_window_filled_by_others_is_met_the_same_way(
    halo: RunningSandbox, body: Literal["text", "json"], retry_after: bool
) -> None:
    halo.switches.rate_limit_body, halo.switches.retry_after = body, retry_after
    async with connected(halo) as found:
        await found.connector.list_customers()
        halo.state.rate.spend(halo.state.now(), 700)
        with pytest.raises(TryLater, match="call limit") as failed:
            await found.connector.open_ticket(draft_for(NORTHWIND))
    assert (failed.value.after is not None) is retry_after
    assert not failed.value.may_have_happened


# --- Secrets -------------------------------------------------------------------------------------------------------

SECRET = "c4n4ry5e-c2e7-4000-8000-000000000001-c4n4ry5e-c2e7-4000-8000-000000000002"
TOKEN = "c4n4ry.t0ken.eyJhbGciOiJSU0EtT0FFUCJ9"


def shown(error: BaseException) -> str:
    """Everything that printing or logging an exception could bring to light."""
    chain = "".join(traceback.format_exception(error))
    return f"{chain}{error!r}{error!s}{vars(error)!r}"


ECHOES = [
    Reply(400, {"Message": f"Cannot use {TOKEN} with {SECRET}"}),
    Reply(400, f"CODE:1 Bearer {TOKEN} {SECRET}".encode()),
    Reply(400, {"errorMessage": SECRET}),
    Reply(400, {SECRET: [TOKEN]}),
    Reply(401, {"error": SECRET, "error_description": TOKEN}),
    Reply(403, f"<html><body>{SECRET} {TOKEN}</body></html>".encode()),
    Reply(404, {"Message": f"{TOKEN} {SECRET}"}),
    Reply(500, f"{SECRET} {TOKEN}".encode()),
    Reply(429, {"Message": f"{SECRET} {TOKEN}"}, {"retry-after": TOKEN}),
    Reply(302, SECRET.encode(), {"location": f"http://127.0.0.1:9/?x={TOKEN}&y={SECRET}"}),
    Reply(200, f"not json {SECRET} {TOKEN}".encode()),
    Reply(200, {"tickets": f"{SECRET} {TOKEN}", "id": SECRET}),
    Reply(400, b'{"Message":"' + f"{TOKEN} {SECRET}".encode() + b'","x":"' + b"y" * 9000),
]


@pytest.mark.parametrize("echo", ECHOES, ids=range(len(ECHOES)))
@pytest.mark.parametrize("to", ["api", "token"])
async def test_no_secret_reaches_an_error_or_a_log_even_when_halopsa_echoes_it(
    echo: Reply, to: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Threat T27. The server hands back our own secret and token in every place it has."""
    good = Reply(body={"access_token": TOKEN, "expires_in": 3600})
    token, api = (echo, Reply(200, [])) if to == "token" else (good, echo)
    outputs: list[str] = []
    with capture_logs() as logs:
        async with scripted(api, token=token) as script, connected(script.url, secret=SECRET) as found:
            draft = draft_for(NORTHWIND)
            for call in (
                found.connector.check,
                found.connector.list_customers,
                lambda: found.connector.open_ticket(draft),
                lambda: found.connector.find_ticket(draft),
                lambda: found.connector.read_ticket("7"),
                lambda: found.connector.find_person("dana@nikpot.example"),
                lambda: found.connector.find_person_by_id("4"),
                lambda: found.connector.add_closing_note("7", closing_of(draft)),
                lambda: found.connector.has_closing_note("7", closing_of(draft)),
                lambda: found.connector.close_ticket("7", closing_of(draft)),
            ):
                try:
                    outputs.append(repr(await call()))
                except ConnectorError as error:
                    outputs.append(shown(error))
            outputs.append(repr(vars(found.connector)) + repr(vars(found.client)) + repr(found.config))
            outputs.append(repr(found.lookups.entries))
    everything = "\n".join([*outputs, repr(logs), caplog.text])
    assert len(outputs) == 12
    assert SECRET not in everything
    assert TOKEN not in everything


async def test_no_secret_reaches_an_error_when_the_connection_breaks(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        halo.fail_next("reset_before")
        with pytest.raises(TryLater) as failed:
            await found.connector.list_customers()
        halo.fail_next("cut_json_after_commit", path="/auth/token")
        with pytest.raises(TryLater) as cut:
            await found.connector.list_customers()
    secret = halo.state.config.applications[0].client_secret
    assert secret not in shown(failed.value) + shown(cut.value)
    assert halo.state.tokens.common_part not in shown(failed.value) + shown(cut.value)


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepladder.kit.outbound.LARGEST_ANSWER", 10_000)
    async with scripted(Reply(200, b"[" + b"1," * 10_000)) as script, connected(script.url) as found:
        with pytest.raises(TryLater) as failed:
            await found.connector.list_customers()
    assert not failed.value.may_have_happened
