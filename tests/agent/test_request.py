"""Asking: one request, also after failures on the way; waited for to its end; reported truthfully."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.agent.conftest import Ended
from tests.agent.fake_server import FakeServer

from stepladder_agent import request as request_module
from stepladder_protocol.messages import ElevationKind, RequestState

from .conftest import files_in, make_program
from .fake_server import Cut, Html, Status

APPROVED, DENIED = RequestState.APPROVED, RequestState.DENIED


@pytest.fixture
def ask(agent: Callable[..., Ended], enrolled: str, program: Path) -> Callable[..., Ended]:
    return lambda *options: agent("request", "--json", *options, "--", str(program), "--quiet")


def test_what_is_asked_are_the_facts_of_this_machine(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path, tmp_path: Path
) -> None:
    (tmp_path / "link").symlink_to(program)
    server.decision_on_poll = APPROVED

    result = agent(
        "request", "--json", "--kind", "ADMIN", "--reason", "driver", "--email", "ada@contoso.example",
        "--", str(tmp_path / "link"), "-v", "", "two words",
    )  # fmt: skip

    body = server.only_request()[1].body
    assert result.code == 0, result.err
    assert body.kind is ElevationKind.ADMIN
    assert (body.program.path, body.program.name) == (str(program), "tool")
    assert body.program.arguments == ["-v", "", "two words"]
    assert body.program.size == program.stat().st_size
    assert body.program.publisher is None
    assert body.requester.email == "ada@contoso.example"
    assert body.reason == "driver"


def test_without_an_address_given_none_is_sent_and_the_environment_can_give_one(
    ask: Callable[..., Ended], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.decision_on_poll = DENIED
    ask()
    monkeypatch.setenv("STEPLADDER_REQUESTER_EMAIL", "ada@contoso.example")
    ask()

    assert [asked.body.requester.email for asked in server.requests.values()] == [None, "ada@contoso.example"]


def test_options_after_the_program_belong_to_the_program(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path
) -> None:
    server.decision_on_poll = DENIED

    agent("request", str(program), "--json", "--wait", "-x")

    assert server.only_request()[1].body.program.arguments == ["--json", "--wait", "-x"]


@pytest.mark.parametrize(
    ("state", "code", "outcome"),
    [
        (APPROVED, 0, "approved"),
        (DENIED, 10, "denied"),
        (RequestState.EXPIRED, 11, "expired"),
        (RequestState.CANCELLED, 12, "cancelled"),
    ],
)
@pytest.mark.parametrize("when", ["decision_on_submit", "decision_on_poll"])
def test_each_verdict_has_its_exit_status(
    ask: Callable[..., Ended], server: FakeServer, state: RequestState, code: int, outcome: str, when: str
) -> None:
    setattr(server, when, state)

    result = ask()

    assert result.code == code, result.err
    assert result.facts["outcome"] == outcome
    assert result.facts["exit_status"] == code
    assert result.facts["state"] == state
    assert result.facts["verified"] is (code == 0)
    assert "nonce" not in result.out


def test_a_verdict_tells_who_and_why(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path
) -> None:
    server.decision_on_poll, server.reason = DENIED, "Not on this machine."
    server.lifetime = timedelta(days=4, seconds=-30)

    result = agent("request", str(program))

    assert result.code == 10
    assert result.out.startswith("Denied by Tess at 20")
    assert "Reason: Not on this machine." in result.out
    assert "A technician decides next; the request expires in 4 days (" in result.err


def test_an_approval_says_what_it_is_good_for_and_nothing_untrue(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path
) -> None:
    server.decision_on_poll = APPROVED

    result = agent("request", str(program))

    assert "The grant is verified." in result.out
    assert str(program) in result.out
    assert "does not start programs" in result.out


def test_not_yet_decided_within_the_wait(ask: Callable[..., Ended], server: FakeServer) -> None:
    result = ask("--wait", "0")

    assert result.code == 13
    assert result.facts["outcome"] == "undecided"
    assert server.only_request()[1].status.state is RequestState.PENDING


def test_a_wait_ends_when_it_is_over_and_polls_no_longer_than_that(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    result = ask("--wait", "0.2")

    assert result.code == 13
    assert server.count("poll") == 1


def test_an_undecided_request_is_joined_again_by_the_same_command(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    first = ask("--wait", "0")
    server.decision_on_poll = APPROVED
    second = ask()

    assert second.code == 0
    assert second.facts["request_id"] == first.facts["request_id"]
    assert "Rejoined" in second.err


def test_a_verdict_given_while_nobody_listened_is_taken_up(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    request_id = ask("--wait", "0").facts["request_id"]
    server.decide(request_id, APPROVED)

    result = ask()

    assert result.code == 0
    assert result.facts["request_id"] == request_id


@pytest.mark.parametrize("state", [RequestState.EXPIRED, RequestState.CANCELLED])
def test_a_request_that_ended_without_a_verdict_is_asked_anew(
    ask: Callable[..., Ended], server: FakeServer, state: RequestState
) -> None:
    request_id = ask("--wait", "0").facts["request_id"]
    server.decide(request_id, state)
    server.decision_on_poll = DENIED

    result = ask()

    assert result.code == 10
    assert result.facts["request_id"] != request_id
    assert "asking again" in result.err


def test_once_the_verdict_was_told_the_same_command_asks_anew(
    ask: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    server.decision_on_poll = DENIED

    assert ask().facts["request_id"] != ask().facts["request_id"]
    assert files_in(state_dir / "intents") == []


def asks(server: Any) -> list[str]:
    """The idempotency keys that were accepted: of requests, and of repeats that joined one."""
    return [key for asked in server.requests.values() for key in (asked.body.idempotency_key, *asked.repeats)]


def test_another_question_is_another_ask(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path
) -> None:
    for command in ([], ["--reason", "x"], ["--kind", "ADMIN"]):
        agent("request", "--wait", "0", *command, str(program))
    agent("request", "--wait", "0", str(program), "argument")
    make_program(program, b"#!/bin/sh\nexit 3\n")
    agent("request", "--wait", "0", str(program))

    assert len(asks(server)) == 5
    # With only another reason, the server answers with the request that waits.
    assert len(server.requests) == 4


def test_another_publisher_or_full_name_is_no_other_question(
    ask: Callable[..., Ended], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("--wait", "0")
    monkeypatch.setattr("stepladder_agent.packages.publisher_of", lambda path: "Debian package tool 2")

    assert ask("--wait", "0").code == 13
    assert len(server.requests) == 1


def test_the_intent_is_on_disk_before_anything_is_sent(
    ask: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    """The server is away the whole time; the next run sends the very key that was written."""
    server.next_time("submit", Status(503))
    assert ask("--give-up", "0").code == 4
    [intent] = files_in(state_dir / "intents")
    written = json.loads(intent.read_text())["idempotency_key"]

    ask("--wait", "0")

    assert server.only_request()[1].body.idempotency_key == written


@pytest.mark.parametrize("fault", [Cut(), Html(), Status(503), Status(429, {"retry-after": "0"})])
@pytest.mark.parametrize("route", ["submit", "poll", "grant"])
def test_a_failing_answer_is_tried_again_and_the_request_stays_one(
    ask: Callable[..., Ended], server: FakeServer, route: str, fault: Cut | Html | Status
) -> None:
    server.decision_on_poll = APPROVED
    server.next_time(route, fault)

    result = ask()

    assert result.code == 0, result.err
    assert len(server.requests) == 1
    assert "Still trying" in result.err
    assert "answers again" in result.err


def test_retry_after_is_obeyed(ask: Callable[..., Ended], server: FakeServer) -> None:
    server.next_time("submit", Status(503, {"retry-after": "60"}))

    result = ask("--give-up", "30")

    assert result.code == 4
    assert server.count("submit") == 1


def test_a_server_that_is_away_is_given_up_after_the_time_allowed(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path, state_dir: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    kept = state_dir / "enrolment.json"
    kept.write_text(kept.read_text().replace(server.url, f"http://127.0.0.1:{port}"))

    result = agent("request", "--json", "--give-up", "0.3", str(program))

    assert result.code == 4
    assert result.facts["code"] == "server_unreachable"
    assert f"Nothing answers at 127.0.0.1:{port}." in result.err


def test_a_wait_that_ends_while_the_server_is_away_is_unreachable_not_undecided(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    server.next_time("poll", *[Status(503)] * 20)

    assert ask("--wait", "0.4").code == 4


def test_a_server_that_answers_pending_at_once_is_not_asked_in_a_hot_loop(
    ask: Callable[..., Ended], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_module, "SHORTEST_POLL", 0.2)
    status = json.dumps(
        {
            "request_id": "er-1",
            "state": "pending",
            "created_at": "2026-11-24T09:00:00Z",
            "expires_at": "2099-11-24T09:00:00Z",
        }
    )
    server.next_time("poll", *[Status(200, body=status)] * 100)

    assert ask("--wait", "1").code == 13
    assert server.count("poll") <= 6


def test_a_refusal_is_told_and_not_tried_again(ask: Callable[..., Ended], server: FakeServer) -> None:
    problem = {"title": "t", "status": 403, "code": "endpoint_removed", "detail": "This machine was removed."}
    server.next_time("submit", Status(403, body=json.dumps(problem)))

    result = ask()

    assert result.code == 3
    assert "This machine was removed." in result.facts["detail"]
    assert server.count("submit") == 1


@pytest.mark.parametrize("status", [302, 400, 403, 404, 407])
def test_a_refusal_without_a_reason_quotes_nothing_of_it(
    ask: Callable[..., Ended], server: FakeServer, status: int
) -> None:
    server.next_time("submit", Status(status, {"location": "https://evil.example"}, "<b>canary</b>"))

    result = ask()

    assert result.code == 3
    assert str(status) in result.err
    assert "canary" not in result.err + result.out


def test_a_key_that_the_server_has_for_something_else_is_dropped(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    ask("--wait", "0")
    server.refuse_idempotency_key = True
    assert ask().code == 3

    server.refuse_idempotency_key = False
    server.decision_on_poll = DENIED
    assert ask().code == 10
    assert len(asks(server)) == 2


def test_an_approval_nobody_took_up_in_time_is_told(ask: Callable[..., Ended], server: FakeServer) -> None:
    server.decision_on_poll = APPROVED
    server.grant_is_gone = True

    result = ask()

    assert result.code == 11
    assert "not used in time" in result.facts["detail"]


def test_a_clock_that_is_off_is_named_as_the_cause(ask: Callable[..., Ended], server: FakeServer) -> None:
    server.clock_ahead = timedelta(seconds=200)

    result = ask()

    assert result.code == 3
    assert "clock is 3 min" in result.facts["detail"]
    assert "behind the server's" in result.facts["detail"]


def test_a_machine_that_is_not_enrolled_cannot_ask(agent: Callable[..., Ended], program: Path) -> None:
    result = agent("request", "--json", str(program))

    assert result.code == 3
    assert result.facts["code"] == "not_enrolled"


def test_a_grant_that_the_server_refuses_is_told_as_it_is(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    problem = {"title": "t", "status": 403, "code": "endpoint_held", "detail": "This machine is held."}
    server.decision_on_poll = APPROVED
    server.next_time("grant", Status(403, body=json.dumps(problem)))

    assert ask().code == 3


def test_a_clock_that_jumps_while_people_decide_is_told(
    ask: Callable[..., Ended], server: FakeServer
) -> None:
    assert ask("--wait", "0").code == 13
    server.decision_on_poll = DENIED
    true_now = server.now
    server.now = lambda: true_now() + timedelta(seconds=90 if server.count("poll") else 0)  # type: ignore[method-assign]  # the fake's own clock

    assert "jumped by 1 min" in ask().err


def test_joining_what_is_pending_is_told_with_its_time(
    agent: Callable[..., Ended], ask: Callable[..., Ended], server: FakeServer, program: Path
) -> None:
    """USE-17: a second ask with a better reason is no new request, and the person learns that its reason is not used."""
    assert ask("--wait", "0").code == 13
    request_id, asked = server.only_request()

    joined = agent("request", "--json", "--wait", "0", "--reason", "a better one", str(program), "--quiet")

    assert joined.facts["request_id"] == request_id
    assert joined.facts["joined"] is True
    asked_at = asked.status.created_at.astimezone()
    assert f"Joined your request from {asked_at:%H:%M}; its reason stays." in joined.err
    assert "Asked:" not in joined.err


def interrupt(*arguments: Any) -> None:
    raise KeyboardInterrupt


def test_stopped_before_anything_was_asked_nothing_was_asked(
    ask: Callable[..., Ended], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepladder_agent.intents.Intents.begin", interrupt)

    result = ask()

    assert result.code == 130
    assert result.facts["code"] == "interrupted"
    assert server.requests == {}


@pytest.mark.parametrize(
    ("problem_code", "status", "code"),
    [("request_expired", 410, 11), ("request_expired", 409, 11), ("not_found", 404, 3)],
)
def test_a_cancelling_that_the_server_refuses_is_told_as_it_is(
    ask: Callable[..., Ended],
    server: FakeServer,
    monkeypatch: pytest.MonkeyPatch,
    problem_code: str,
    status: int,
    code: int,
) -> None:
    problem = {"title": "t", "status": status, "code": problem_code, "detail": "No."}
    server.next_time("cancel", Status(status, body=json.dumps(problem)))
    monkeypatch.setattr(request_module.Asking, "_poll", interrupt)

    assert ask().code == code


def test_an_old_intent_is_forgotten(ask: Callable[..., Ended], server: FakeServer, state_dir: Path) -> None:
    ask("--wait", "0")
    [intent] = files_in(state_dir / "intents")
    os.utime(intent, (0, 0))

    ask("--wait", "0")

    assert len(asks(server)) == 2


def test_a_damaged_intent_does_not_stand_in_the_way(
    ask: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    ask("--wait", "0")
    [intent] = files_in(state_dir / "intents")
    intent.write_text("{")

    assert ask("--wait", "0").code == 13


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["--reason", "canary" * 200, "PROGRAM"], "The reason is longer than 1000 characters."),
        (["PROGRAM", "x", "canary" * 2000], "Argument 2 is longer than 8192 characters."),
        (["PROGRAM", *["canary"] * 257], "There are more than 256 arguments."),
    ],
)
def test_what_is_too_long_or_wrong_is_named_and_never_repeated(
    agent: Callable[..., Ended],
    enrolled: str,
    server: FakeServer,
    program: Path,
    state_dir: Path,
    command: list[str],
    told: str,
) -> None:
    """USE-15: in plain words, with arguments counted from 1, and without any of a validator."""
    result = agent("request", "--json", *[str(program) if word == "PROGRAM" else word for word in command])

    assert result.code == 2
    assert result.facts["detail"] == told
    assert "canary" not in result.err + result.out
    assert files_in(state_dir / "intents") == []
    assert server.requests == {}


def test_what_is_no_e_mail_address_is_said_to_be_none(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, program: Path
) -> None:
    """USE-15: the one value that is repeated, because the person must see the slip in it."""
    result = agent("request", "--json", "--email", "nope", str(program))

    assert (result.code, result.facts["detail"]) == (2, "“nope” is not an e-mail address.")
    assert server.requests == {}


def test_an_argument_that_is_no_text_is_refused(
    agent: Callable[..., Ended], enrolled: str, program: Path
) -> None:
    assert agent("request", "--json", str(program), "caf\udce9").code == 2


@pytest.mark.parametrize("missing", ["/nowhere/tool", "no-such-program-anywhere"])
def test_a_program_that_is_not_there_is_refused(
    agent: Callable[..., Ended], enrolled: str, missing: str
) -> None:
    assert agent("request", "--json", missing).code == 2


def test_names_from_file_system_and_server_cannot_steer_the_terminal(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, tmp_path: Path
) -> None:
    path = make_program(tmp_path / "tool\u202egpj.\x1b[31msh")
    server.decision_on_poll = DENIED
    server.technician, server.reason = "Tess\x1b]0;x\x07", "a\u2066b\rc"

    plain = agent("request", str(path))
    as_json = agent("request", "--json", str(path))

    for text in (plain.out, plain.err, as_json.out, as_json.err):
        assert all(line.isprintable() for line in text.splitlines())
    assert "tool\\u202egpj.\\x1b[31msh" in plain.err
    assert as_json.facts["decided_by"] == "Tess\x1b]0;x\x07"
    assert [asked.body.program.path for asked in server.requests.values()] == [str(path)] * 2
