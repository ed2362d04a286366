"""`status` tells how things are now, with an exit status that says whether one can ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.agent.conftest import Ended
from tests.agent.fake_server import FakeServer

from stepladder_agent import agent_version

from .fake_server import Html, Status


def test_an_enrolled_machine_whose_server_answers(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer
) -> None:
    result = agent("status", "--json")

    assert result.code == 0
    assert result.facts["endpoint_id"] == enrolled
    assert result.facts["server"] == server.url
    assert result.facts["state"] == "active"
    assert result.facts["answers"] is True
    assert result.facts["grant_keys_match"] is True
    assert abs(result.facts["server_clock_ahead_seconds"]) < 3
    assert result.facts["agent_version"] == agent_version()


def test_for_a_person_it_is_lines_on_standard_output(agent: Callable[..., Ended], enrolled: str) -> None:
    result = agent("status")

    assert result.err == ""
    assert f"Endpoint  {enrolled} (DESK-1), for Contoso" in result.out
    assert "Clock     in step with the server" in result.out
    assert f"Agent     {agent_version()}" in result.out


def test_a_machine_that_is_not_enrolled(agent: Callable[..., Ended]) -> None:
    result = agent("status", "--json")

    assert result.code == 3
    assert result.facts["enrolled"] is False
    assert result.facts["agent_version"] == agent_version()


@pytest.mark.parametrize("fault", [Status(503), Html()])
def test_a_server_that_does_not_answer_is_told_at_once(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, fault: Status | Html
) -> None:
    server.next_time("endpoint", fault)

    result = agent("status", "--json")

    assert result.code == 4
    assert result.facts["answers"] is False
    assert server.count("endpoint") == 1


@pytest.mark.parametrize(("ahead", "side"), [(303, "behind"), (-303, "ahead of")])
def test_a_clock_that_is_off_is_told_with_its_side(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer, ahead: int, side: str
) -> None:
    server.clock_ahead = timedelta(seconds=ahead)

    result = agent("status")

    assert result.code == 3
    assert re.search(f"This machine's clock is 5 min [2-4] s {side} the server's", result.out)


def test_a_server_that_signs_with_other_keys_than_the_pinned_ones_is_told(
    agent: Callable[..., Ended], enrolled: str, server: FakeServer
) -> None:
    server.grant_key = Ed25519PrivateKey.generate()

    result = agent("status")

    assert "keys this machine does not trust" in result.out
