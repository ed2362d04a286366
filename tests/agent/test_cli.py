"""The command line: mistakes are quick and clear, output is one object, and no secret comes out of any of it."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from stepladder_agent import commands
from stepladder_agent.files import StateDirectory
from stepladder_protocol.messages import RequestState

from .conftest import ended
from .fake_server import TOKEN, Status

HEAVY = (
    "httpx2",
    "pydantic",
    "cryptography",
    "stepladder_protocol",
    "rich.live",
    "stepladder_agent.commands",
)


def test_help_loads_nothing_heavy_and_nothing_of_the_service():
    script = "import sys, stepladder_agent.cli; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not set(HEAVY) & set(loaded)


def test_even_a_request_loads_nothing_of_the_service():
    script = "import sys, stepladder_agent.commands; print('\\n'.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "stepladder_agent.commands" in loaded
    assert not [name for name in loaded if name.partition(".")[0] == "stepladder"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["request"],
        ["request", "--"],
        ["request", "--kind", "ROOT", "id"],
        ["request", "--wait", "-1", "id"],
        ["enrol"],
        ["run"],
        ["--no-such-option"],
    ],
)
def test_mistakes_end_in_2_with_words_on_standard_error(start, arguments):
    result = ended(start(*arguments))

    assert result.code == 2
    assert result.out == ""
    assert result.err


@pytest.mark.parametrize("command", ["enrol", "request", "status"])
def test_each_command_explains_itself(agent, command):
    result = agent(command, "--help")

    assert result.code == 0
    assert "--json" in result.out


def test_a_fault_tells_its_kind_and_place_and_not_its_text(agent, enrolled, monkeypatch):
    def faulty(**arguments):
        raise RuntimeError("canary")

    monkeypatch.setattr(commands, "run_status", faulty)

    result = agent("status", "--json")

    assert result.code == 1
    assert result.facts["code"] == "fault"
    assert "RuntimeError in test_cli.py line" in result.err
    assert "canary" not in result.out + result.err


def test_with_json_standard_output_is_one_object_and_words_go_to_standard_error(
    agent, enrolled, server, program
):
    for decision in (None, *RequestState):
        server.decision_on_submit = decision
        result = agent("request", "--json", "--wait", "0", str(program), str(decision))

        assert len(result.out.splitlines()) == 1
        assert isinstance(json.loads(result.out), dict)
        assert result.out.isascii()
        assert result.facts["detail"] in result.err


def test_without_json_the_decision_alone_is_on_standard_output(agent, enrolled, server, program):
    server.decision_on_submit = RequestState.DENIED

    result = agent("request", str(program))

    assert result.out.startswith("Denied by Tess")
    assert "Asked" not in result.out


def test_no_output_of_any_command_holds_the_token_or_the_device_key(enrol, agent, server, program, state_dir):
    """Threat T27: canaries through success, refusal, damage and fault."""
    results = [enrol("--give-up", "0")]
    key = json.loads((state_dir / "enrolment.json").read_text())["private_key"]
    results += [enrol(), agent("status"), agent("status", "--json")]
    server.decision_on_poll = RequestState.APPROVED
    results += [agent("request", str(program)), agent("request", "--json", str(program))]
    server.next_time("submit", Status(500))
    results += [agent("request", "--give-up", "0", str(program))]
    results += [agent("request", "/nowhere"), enrol("--replace")]
    StateDirectory(state_dir).write("enrolment.json", json.dumps({"private_key": key, "x": TOKEN}).encode())
    results += [agent("status"), agent("request", "--json", str(program))]

    assert {result.code for result in results} == {0, 2, 3, 4}
    for result in results:
        assert key not in result.out + result.err
        assert TOKEN not in result.out + result.err


def test_the_token_is_kept_nowhere(enrol, state_dir):
    enrol()

    kept = [path.read_text() for path in state_dir.rglob("*") if path.is_file()]
    assert kept
    assert not [text for text in kept if TOKEN in text]


def test_the_device_key_does_not_print(enrolled, state_dir):
    from stepladder_agent.enrolment import load

    enrolment = load(StateDirectory(state_dir))

    assert enrolment.private_key not in repr(enrolment) + str(enrolment)
