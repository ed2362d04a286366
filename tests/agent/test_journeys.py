"""The agent as people start it: a process of its own, judged by its exit status and what it leaves behind."""

from __future__ import annotations

import json
import os
import pty
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from stepladder_protocol.messages import RequestState

from .conftest import ended, files_in, make_program
from .fake_server import Cut, FakeServer, Hold

APPROVED, DENIED = RequestState.APPROVED, RequestState.DENIED


@pytest.fixture
def ask(
    start: Callable[..., subprocess.Popen[str]], enrolled: str, program: Path
) -> Callable[..., Popen[str]]:
    return lambda *options: start("request", "--json", *options, "--", str(program), "--quiet")


def wait_until_asked(server: Any) -> Any:
    server.wait_for(lambda: server.requests and server.only_request()[1].polls)
    return server.only_request()[0]


def test_from_enrolment_to_a_verified_grant(
    server: FakeServer, start: Callable[..., subprocess.Popen[str]], program: Path
) -> None:
    assert ended(start("enrol", "--server", server.url)).code == 0
    process = start("request", "--json", "--reason", "printer driver", "--", str(program), "--quiet")
    request_id = wait_until_asked(server)
    server.decide(request_id, APPROVED)

    result = ended(process)

    assert result.code == 0, result.err
    assert result.facts["verified"] is True
    assert result.facts["request_id"] == request_id
    assert result.facts["decided_by"] == "Tess"
    assert server.only_request()[1].body.reason == "printer driver"
    assert ended(start("status")).code == 0


@pytest.mark.parametrize(
    ("state", "code"), [(DENIED, 10), (RequestState.EXPIRED, 11), (RequestState.CANCELLED, 12)]
)
def test_other_endings_have_their_exit_status(
    server: FakeServer, ask: Callable[..., Popen[str]], state: RequestState, code: int
) -> None:
    process = ask()
    server.decide(wait_until_asked(server), state)

    assert ended(process).code == code


def test_a_program_swapped_while_people_decide_does_not_pass(
    server: FakeServer, ask: Callable[..., Popen[str]], program: Path
) -> None:
    process = ask()
    request_id = wait_until_asked(server)
    make_program(program, b"#!/bin/sh\necho other\n")
    server.decide(request_id, APPROVED)

    result = ended(process)

    assert result.code == 20
    assert "no longer the file that was approved" in result.facts["detail"]


@pytest.mark.parametrize("after_work", [False, True])
def test_killed_between_intent_and_answer_the_same_command_has_the_same_request(
    server: FakeServer, ask: Callable[..., Popen[str]], state_dir: Path, after_work: bool
) -> None:
    server.next_time("submit", Hold(after_work=after_work))
    process = ask()
    server.wait_for(lambda: any(route.startswith("held") for route, _ in server.calls))
    [intent] = files_in(state_dir / "intents")
    written = json.loads(intent.read_text())["idempotency_key"]
    process.send_signal(signal.SIGKILL)
    process.wait()

    server.decision_on_poll = APPROVED
    result = ended(ask())

    assert result.code == 0, result.err
    assert "Rejoined" in result.err
    assert server.only_request()[1].body.idempotency_key == written


def test_killed_while_waiting_the_same_command_gets_the_decision_made_meanwhile(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    process = ask()
    request_id = wait_until_asked(server)
    process.send_signal(signal.SIGKILL)
    process.wait()
    server.decide(request_id, APPROVED)

    result = ended(ask())

    assert result.code == 0, result.err
    assert result.facts["request_id"] == request_id
    assert len(server.requests) == 1


def test_killed_after_accepting_the_grant_it_is_not_accepted_a_second_time(
    server: FakeServer, ask: Callable[..., Popen[str]], state_dir: Path
) -> None:
    """The nonce is journalled before the decision is told; a crash in between costs the grant, not the promise."""
    process = ask("--wait", "0")
    request_id = ended(process).facts["request_id"]
    [intent] = files_in(state_dir / "intents")
    kept = intent.read_bytes()
    server.decide(request_id, APPROVED)
    assert ended(ask()).code == 0
    intent.write_bytes(kept)
    intent.chmod(0o600)

    assert ended(ask()).code == 20


def test_the_same_command_in_two_windows_asks_once(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    first = ask()
    request_id = wait_until_asked(server)

    second = ended(ask())
    server.decide(request_id, APPROVED)

    assert second.code == 2
    assert second.facts["code"] == "already_waiting"
    assert ended(first).code == 0
    assert len(server.requests) == 1


@pytest.fixture
def two_windows(server: FakeServer, ask: Callable[..., Popen[str]]) -> tuple[str, Popen[str], Popen[str]]:
    """The same program asked for twice, with two reasons: two processes that wait for one request."""
    first = ask("--reason", "printer")
    request_id = wait_until_asked(server)
    polls = server.only_request()[1].polls
    second = ask("--reason", "printer driver")
    server.wait_for(lambda: server.only_request()[1].polls > polls)
    return request_id, first, second


def test_one_approval_is_good_for_one_of_two_windows(
    server: FakeServer, two_windows: tuple[str, Popen[str], Popen[str]], state_dir: Path
) -> None:
    request_id, *processes = two_windows
    server.decide(request_id, APPROVED)
    results = [ended(process) for process in processes]

    assert sorted(result.code for result in results) == [0, 20]
    assert {result.facts["request_id"] for result in results} == {request_id}
    [refused] = [result for result in results if result.code == 20]
    assert "accepted before, perhaps in another window" in refused.facts["detail"]
    assert len(files_in(state_dir / "grants")) == 1
    assert files_in(state_dir / "intents") == []


def test_cancelling_in_one_window_cancels_in_both(two_windows: tuple[str, Popen[str], Popen[str]]) -> None:
    _, first, second = two_windows
    second.send_signal(signal.SIGINT)

    assert (ended(second).code, ended(first).code) == (12, 12)


def test_ctrl_c_cancels_the_request_at_the_server(
    server: FakeServer, ask: Callable[..., Popen[str]], state_dir: Path
) -> None:
    process = ask()
    request_id = wait_until_asked(server)
    process.send_signal(signal.SIGINT)

    result = ended(process)

    assert result.code == 12, result.err
    assert result.facts["outcome"] == "cancelled"
    assert "The request was cancelled" in result.err
    assert server.requests[request_id].status.state is RequestState.CANCELLED
    assert files_in(state_dir / "intents") == []


def test_ctrl_c_before_the_first_answer_cancels_what_was_asked_all_the_same(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    server.next_time("submit", Hold(after_work=True))
    process = ask()
    server.wait_for(lambda: server.requests)
    process.send_signal(signal.SIGINT)

    assert ended(process).code == 12
    assert server.only_request()[1].status.state is RequestState.CANCELLED


def test_ctrl_c_survives_a_lost_answer_to_the_cancelling(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    process = ask()
    wait_until_asked(server)
    server.next_time("cancel", Cut())
    process.send_signal(signal.SIGINT)

    assert ended(process).code == 12


@pytest.mark.parametrize(("state", "code", "outcome"), [(APPROVED, 12, "stopped"), (DENIED, 10, "denied")])
def test_ctrl_c_that_comes_too_late_is_told_what_was_decided(
    server: FakeServer,
    ask: Callable[..., Popen[str]],
    state_dir: Path,
    state: RequestState,
    code: int,
    outcome: str,
) -> None:
    server.next_time("poll", Hold(after_work=False))
    process = ask()
    server.wait_for(lambda: ("held before", 0) in server.calls)
    server.decide(server.only_request()[0], state)
    process.send_signal(signal.SIGINT)

    result = ended(process)

    assert result.code == code
    assert result.facts["outcome"] == outcome
    assert result.facts["decided_by"] == "Tess"
    assert server.count("grant") == 0
    assert files_in(state_dir / "grants") == []


def test_an_approval_that_ctrl_c_left_lying_can_still_be_taken_up(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    server.next_time("poll", Hold(after_work=False))
    process = ask()
    server.wait_for(lambda: ("held before", 0) in server.calls)
    server.decide(server.only_request()[0], APPROVED)
    process.send_signal(signal.SIGINT)
    assert ended(process).code == 12

    assert ended(ask()).code == 0
    assert len(server.requests) == 1


def test_ctrl_c_twice_leaves_at_once_and_the_request_stays_open(
    server: FakeServer, ask: Callable[..., Popen[str]]
) -> None:
    process = ask()
    request_id = wait_until_asked(server)
    server.next_time("cancel", Hold(after_work=False))
    process.send_signal(signal.SIGINT)
    server.wait_for(lambda: ("held before", 0) in server.calls)
    process.send_signal(signal.SIGINT)

    result = ended(process)

    assert result.code == 130
    assert "stays pending" in result.err
    assert server.requests[request_id].status.state is RequestState.PENDING


class Outage:
    """A server that goes away and comes back at the same address, remembering everything."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.server.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def up(self) -> Any:
        return self.server.serving(self.listener)


@pytest.fixture
def outage() -> Iterator[Outage]:
    outage = Outage()
    with outage.listener:
        yield outage
    assert outage.server.own_faults == []


def test_a_server_that_goes_away_while_we_wait_and_comes_back_is_waited_for(
    outage: Outage, start: Callable[..., subprocess.Popen[str]], program: Path
) -> None:
    server = outage.server
    with outage.up():
        assert ended(start("enrol", "--server", server.url)).code == 0
        process = start("request", "--json", str(program))
        wait_until_asked(server)
    server.decision_on_poll = APPROVED
    with outage.up():
        result = ended(process)

    assert result.code == 0, result.err
    assert "Still trying" in result.err
    assert "answers again" in result.err
    assert len(server.requests) == 1


def test_ctrl_c_without_a_server_says_that_the_request_may_be_open(
    server: FakeServer, ask: Callable[..., Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    process = ask()
    request_id = wait_until_asked(server)
    server.next_time("cancel", *[Cut()] * 50)
    server.decide = lambda *decision: None  # type: ignore[method-assign]  # a technician who is away
    process.send_signal(signal.SIGINT)

    result = ended(process)

    assert result.code == 4
    assert "may still be pending" in result.err
    assert server.requests[request_id].status.state is RequestState.PENDING


def test_on_a_terminal_the_time_left_is_shown_and_goes_away_at_the_end(
    server: FakeServer, start: Callable[..., subprocess.Popen[str]], enrolled: str, program: Path
) -> None:
    server.lifetime = timedelta(minutes=40)
    ours, theirs = pty.openpty()
    process = start(
        "request", "--", str(program), stderr=theirs, env={**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    )
    os.close(theirs)
    shown = b""
    request_id = wait_until_asked(server)
    while shown.count(b"expires in 39:5") < 4:
        shown += os.read(ours, 4096)
    server.decide(request_id, APPROVED)
    out, _ = process.communicate(timeout=60)
    os.close(ours)

    assert process.returncode == 0
    assert "The grant is verified." in out
    assert "expires" not in out
