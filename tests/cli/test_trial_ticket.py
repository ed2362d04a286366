"""`stepladder halopsa test-ticket` against a HaloPSA that is a process: what is shown, what is left, what heals."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from tests.cli.conftest import Installation

pytestmark = pytest.mark.xdist_group("cli")
COMMAND = ("halopsa", "test-ticket")


class Sandbox:
    """What a technician at HaloPSA's screen sees and sets."""

    def __init__(self, url: str) -> None:
        self._base = f"{url}/sandbox"

    def made(self) -> list[dict[str, Any]]:
        """The tickets that were created through the API, in order."""
        return [each for each in self._log() if each["kind"] == "ticket.created" and not each.get("seeded")]

    def closed(self) -> set[int]:
        return {each["ticket_id"] for each in self._log() if each.get("closed_now")}

    def _log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = httpx2.get(f"{self._base}/log", trust_env=False).json()["events"]
        return found

    def set(self, **switches: Any) -> None:
        assert httpx2.patch(f"{self._base}/switches", json=switches, trust_env=False).status_code == 200


@pytest.fixture
def halo(installation: Installation) -> Iterator[Sandbox]:
    installation.json("customer", "map")
    sandbox = Sandbox(installation.halopsa_url)
    yield sandbox
    sandbox.set(outage="off", latency_s=0)


def test_each_step_is_shown_with_its_result_and_the_ticket_is_closed(
    installation: Installation, halo: Sandbox
) -> None:
    done = installation.run(*COMMAND)
    assert done.status == 0, done.out + done.err
    number = int(re.search(r"ticket (\d+) for", done.out)[1])
    (ticket,) = [each for each in halo.made() if each["ticket_id"] == number]
    steps = [line.split(":")[0] for line in done.out.splitlines()]
    assert steps == ["open", "find again", "note", "close", "Everything worked"]
    assert re.search(
        rf"Everything worked: ticket {ticket['ticket_id']} for Northwind Traders, \d+\.\d s", done.out
    )
    assert ticket["summary"].startswith("TEST")
    assert ticket["ticket_id"] in halo.closed()


def test_as_json_it_is_one_object_and_an_open_ticket_stays_open(
    installation: Installation, halo: Sandbox
) -> None:
    seen = len(halo.made())
    found = installation.json(*COMMAND, "--keep-open", "--customer", "northwind")
    numbers = [each["ticket_id"] for each in halo.made()[seen:]]
    assert (found["ok"], found["customer"], found["todo"]) == (True, "Northwind Traders", None)
    assert int(found["ticket_id"]) in numbers
    assert [(step["name"], step["ok"]) for step in found["steps"]] == [("open", True), ("find again", True)]
    assert int(found["ticket_id"]) not in halo.closed()


def test_a_customer_without_a_link_is_refused(installation: Installation, halo: Sandbox) -> None:
    installation.json("customer", "create", "unlinked", "--display-name", "Nobody There")
    done = installation.run(*COMMAND, "--customer", "unlinked", "--json")
    assert (done.status, done.json["error"]["code"]) == (1, "no_linked_customer")


def test_a_halopsa_that_is_down_is_a_failed_step_with_what_to_do(
    installation: Installation, halo: Sandbox
) -> None:
    halo.set(outage="503")
    done = installation.run(*COMMAND)
    assert done.status == 1
    assert "open: FAILED" in done.out
    assert "HaloPSA" in done.out
    assert "tried again automatically" in done.err
    assert installation.run(*COMMAND, "--json").json["ok"] is False


def test_a_run_that_was_killed_is_ended_by_the_next_drain(installation: Installation, halo: Sandbox) -> None:
    installation.json("connector", "set", "search_lag_seconds=2")
    installation.run(*COMMAND)
    seen = len(halo.made())
    halo.set(latency_s=0.7)
    process = subprocess.Popen(
        [sys.executable, "-m", "stepladder", *COMMAND],
        env=installation.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while not halo.made()[seen:]:
        assert time.monotonic() < until
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    halo.set(latency_s=0)
    left = halo.made()[-1]
    while left["ticket_id"] not in halo.closed():
        assert time.monotonic() < until
        # Each run drains what is due; the one whose answer was lost is, once the search has caught up.
        done = installation.run(*COMMAND)
        assert done.status == 0, done.out + done.err
    numbers = [each["ticket_id"] for each in halo.made()[seen:]]
    assert set(numbers) <= halo.closed()
