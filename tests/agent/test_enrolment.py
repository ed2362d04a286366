"""Enrolling: the key is on disk first, what is pinned stays pinned, and nothing working is thrown away."""

from __future__ import annotations

import json
import os
import pty
import signal
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.agent.conftest import Ended
from tests.agent.fake_server import FakeServer

from stepladder_agent import commands, enrolment
from stepladder_agent.client import server_origin
from stepladder_agent.errors import BadInput, RefusedByServer
from stepladder_agent.files import StateDirectory
from stepladder_protocol import keys
from stepladder_protocol.messages import EnrolAnswer, GrantKey

from .conftest import ended
from .fake_server import ISSUER, TOKEN, Cut, Hold, Status


def stored(state_dir: Any) -> Any:
    return json.loads((state_dir / "enrolment.json").read_text())


def test_enrolling_keeps_a_private_key_and_pins_issuer_and_grant_keys(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    result = enrol()

    assert result.code == 0
    assert result.facts["state"] == "active"
    assert result.facts["customer"] == "Contoso"
    kept = stored(state_dir)
    assert kept["issuer"] == ISSUER
    assert kept["grant_keys"] == [{"kid": server.kid, "public_key": keys.public_key_text(server.grant_key)}]
    assert stat.S_IMODE((state_dir / "enrolment.json").stat().st_mode) == 0o600
    assert [path.name for path in state_dir.glob("*.json")] == ["enrolment.json"]


def test_the_server_knows_the_public_half_of_the_key_that_is_kept(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    endpoint_id = enrol().facts["endpoint_id"]

    ours = enrolment.load(StateDirectory(state_dir)).key()
    assert keys.public_key_text(ours) == keys.public_key_text(server.endpoints[endpoint_id][0])


@pytest.mark.parametrize(
    "address",
    [
        "http://msp.example",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example",
        "http://10.0.0.1",
        "ftp://msp.example",
        "msp.example",
        "https://",
        "https://user:secret@msp.example",
        "https://msp.example/path",
        "https://msp.example?x=1",
        "https://msp.example#x",
        "https://msp.example:port",
        "",
    ],
)
def test_an_address_that_is_not_plainly_https_is_refused_and_never_repeated(
    address: str, agent: Callable[..., Ended]
) -> None:
    result = agent("enrol", "--server", address)

    assert result.code == 2
    assert "secret" not in result.err


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://msp.example", "https://msp.example"),
        ("https://MSP.example:443/", "https://msp.example"),
        ("https://msp.example:8443", "https://msp.example:8443"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://127.9.9.9", "http://127.9.9.9"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_https_and_plain_http_to_this_machine_are_taken(address: str, origin: str) -> None:
    assert server_origin(address) == origin


def test_an_enrolment_is_not_overwritten_by_accident(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    enrol()
    before = stored(state_dir)
    server.tokens.add(TOKEN)

    result = enrol()

    assert result.code == 2
    assert result.facts["code"] == "already_enrolled"
    assert stored(state_dir) == before
    assert server.count("enrol") == 1


def test_replace_enrols_anew_with_another_key(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    enrol()
    before = stored(state_dir)
    server.tokens.add(TOKEN)

    assert enrol("--replace").code == 0

    assert stored(state_dir)["endpoint_id"] != before["endpoint_id"]
    assert stored(state_dir)["private_key"] != before["private_key"]


def test_a_replacement_that_is_refused_leaves_the_old_enrolment_working(
    enrol: Callable[..., Ended], agent: Callable[..., Ended], state_dir: Path
) -> None:
    enrol()
    before = stored(state_dir)

    result = enrol("--replace")

    assert result.code == 3
    assert "token_refused" in result.err
    assert stored(state_dir) == before
    assert agent("status").code == 0


def test_a_spent_candidate_key_is_not_used_again(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    """Killed between writing the enrolment and removing the candidate."""
    enrol()
    candidate = {"private_key": stored(state_dir)["private_key"], "server": server.url}
    StateDirectory(state_dir).write("candidate.json", json.dumps(candidate).encode())
    server.tokens.add(TOKEN)

    assert enrol("--replace").code == 0
    assert stored(state_dir)["private_key"] != candidate["private_key"]


@pytest.mark.parametrize("after_work", [False, True])
def test_killed_before_the_answer_the_same_command_goes_on_with_the_same_key(
    server: FakeServer, start: Callable[..., subprocess.Popen[str]], state_dir: Path, after_work: bool
) -> None:
    server.next_time("enrol", Hold(after_work=after_work))
    command = ("enrol", "--server", server.url)
    process = start(*command)
    server.wait_for(lambda: any(route.startswith("held") for route, _ in server.calls))
    candidate = json.loads((state_dir / "candidate.json").read_text())

    process.send_signal(signal.SIGKILL)
    process.wait()
    result = ended(start(*command))

    assert result.code == 0, result.err
    assert len(server.endpoints) == 1
    assert stored(state_dir)["private_key"] == candidate["private_key"]


def test_a_candidate_for_another_server_is_not_shown_to_this_one(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    state = StateDirectory(state_dir)
    other = enrolment._candidate(state, "https://other.example")

    enrol()

    assert stored(state_dir)["private_key"] != other.private_key


def test_a_lost_answer_is_asked_for_again(enrol: Callable[..., Ended], server: FakeServer) -> None:
    server.next_time("enrol", Cut())

    result = enrol()

    assert result.code == 0
    assert len(server.endpoints) == 1
    assert "Still trying" in result.err
    assert "answers again" in result.err


def test_a_server_that_stays_away_is_given_up(
    enrol: Callable[..., Ended], server: FakeServer, state_dir: Path
) -> None:
    server.next_time("enrol", Status(503))

    result = enrol("--give-up", "0")

    assert result.code == 4
    assert result.facts["code"] == "server_unreachable"
    assert not (state_dir / "enrolment.json").exists()


def test_a_held_machine_is_told_who_acts_next(
    enrol: Callable[..., Ended], agent: Callable[..., Ended], server: FakeServer, program: Path
) -> None:
    server.hold_new = True

    result = enrol()
    assert result.code == 0
    assert result.facts["state"] == "held"
    # USE-18: who lets it in is called the same in every place.
    assert "An administrator must activate this one before it can ask." in result.err

    refused = agent("request", "--json", str(program))
    assert refused.code == 3
    assert refused.facts["code"] == "refused_by_server"


def test_the_token_is_read_from_the_environment(
    agent: Callable[..., Ended], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STEPLADDER_ENROLMENT_TOKEN", TOKEN)

    assert agent("enrol", "--server", server.url).code == 0


def test_the_token_is_asked_for_on_a_terminal_and_not_shown(
    server: FakeServer, start: Callable[..., subprocess.Popen[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEPLADDER_ENROLMENT_TOKEN")
    ours, theirs = pty.openpty()
    process = start(
        "enrol", "--server", server.url, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown = b""
    while b"not shown" not in shown:
        shown += os.read(ours, 1024)
    os.write(ours, TOKEN.encode() + b"\n")
    assert process.wait(timeout=60) == 0
    while chunk := _read_until_closed(ours):
        shown += chunk
    os.close(ours)

    assert b"Enrolled as" in shown
    assert TOKEN.encode() not in shown


def test_there_is_no_option_that_shows_the_token_to_others(
    agent: Callable[..., Ended], server: FakeServer
) -> None:
    """USE-21: every user of a machine can read a command line."""
    result = agent("enrol", "--server", server.url, "--token", TOKEN)

    assert result.code == 2
    assert server.calls == []


@pytest.mark.parametrize("source", ["file", "-"])
def test_the_token_can_come_from_a_file(
    server: FakeServer,
    start: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    source: str,
) -> None:
    """USE-21: for scripts."""
    monkeypatch.delenv("STEPLADDER_ENROLMENT_TOKEN")
    kept = tmp_path / "token"
    kept.write_text(f"{TOKEN}\n")
    with kept.open() as readable:
        name = str(kept) if source == "file" else "-"
        result = ended(start("enrol", "--server", server.url, "--token-file", name, stdin=readable))

    assert result.code == 0, result.err
    assert len(server.endpoints) == 1


def test_a_token_file_that_cannot_be_read_is_named(agent: Callable[..., Ended], server: FakeServer) -> None:
    result = agent("enrol", "--server", server.url, "--token-file", "/nowhere/token")

    assert (result.code, server.calls) == (2, [])
    assert "“/nowhere/token” cannot be read." in result.err


def test_enrolling_gives_up_within_half_a_minute() -> None:
    """USE-14: nobody waits for a server that is not there, unless they say so."""
    assert commands.ENROL_GIVE_UP <= 30


def _read_until_closed(handle: Any) -> Any:
    try:
        return os.read(handle, 1024)
    except OSError:
        return b""


def test_without_a_token_or_a_terminal_to_ask_on_there_is_no_enrolling(
    start: Callable[..., subprocess.Popen[str]], server: FakeServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("STEPLADDER_ENROLMENT_TOKEN")
    result = ended(start("enrol", "--server", server.url))

    assert result.code == 2
    assert "STEPLADDER_ENROLMENT_TOKEN" in result.err
    assert server.calls == []


@pytest.mark.parametrize(
    "grant_keys",
    [
        [],
        [GrantKey(kid="k", public_key="-" * 43)],
        [GrantKey(kid="k", public_key="A" * 43), GrantKey(kid="k", public_key="A" * 43)],
    ],
    ids=["none", "no key", "one name twice"],
)
def test_an_answer_without_usable_grant_keys_enrols_nothing(
    state_dir: Path, grant_keys: list[GrantKey]
) -> None:
    def ask(key: Any, body: Any) -> EnrolAnswer:
        return EnrolAnswer(
            endpoint_id="ep-1", state="active", customer="Contoso", issuer=ISSUER, grant_keys=grant_keys
        )

    state = StateDirectory(state_dir)
    with pytest.raises(RefusedByServer, match="no usable grant keys"):
        enrolment.enrol(state, server="https://a", token=TOKEN, name="D", replace=False, ask=ask)

    assert state.read("enrolment.json") is None


@pytest.mark.parametrize(("token", "name"), [("short", "DESK-1"), (TOKEN, "n" * 257)])
def test_a_token_or_name_of_the_wrong_form_is_refused_before_anything_is_sent(
    state_dir: Path, token: str, name: str
) -> None:
    def ask(key: Any, body: Any) -> Any:
        raise AssertionError("nothing may be sent")

    with pytest.raises(BadInput) as refused:
        enrolment.enrol(
            StateDirectory(state_dir), server="https://a", token=token, name=name, replace=False, ask=ask
        )

    assert token not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{}", b"canary", b'{"private_key": "canary"}'])
def test_a_damaged_enrolment_says_what_to_do_and_is_never_quoted(
    agent: Callable[..., Ended], state_dir: Path, content: bytes
) -> None:
    StateDirectory(state_dir).write("enrolment.json", content)

    result = agent("status", "--json")

    assert result.code == 3
    assert result.facts["code"] == "state_unusable"
    assert "--replace" in result.err
    assert "canary" not in result.err + result.out


def test_an_enrolment_that_others_can_read_is_not_used(
    agent: Callable[..., Ended], enrolled: str, state_dir: Path, program: Path
) -> None:
    (state_dir / "enrolment.json").chmod(0o644)

    result = agent("request", str(program))

    assert result.code == 3
    assert "Others can reach" in result.err
