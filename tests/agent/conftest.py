"""An agent and a fake server for it; the agent runs in this process, or as the program that people start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stepladder_agent import cli

from .fake_server import TOKEN, FakeServer

AGENT = Path(sys.executable).with_name("stepladder-agent")


@dataclass(frozen=True)
class Ended:
    """How a run of the agent ended."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> dict[str, Any]:
        """The one JSON object on standard output."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def server() -> Iterator[FakeServer]:
    with FakeServer().running() as fake:
        yield fake
    assert fake.own_faults == []


@pytest.fixture(autouse=True)
def state_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test has a state directory of its own, never this machine's; it does not exist yet."""
    path = tmp_path / "state"
    monkeypatch.setenv("STEPLADDER_AGENT_DIR", str(path))
    monkeypatch.delenv("STEPLADDER_REQUESTER_EMAIL", raising=False)
    monkeypatch.setenv("STEPLADDER_ENROLMENT_TOKEN", TOKEN)
    return path


@pytest.fixture
def agent(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Run the agent's command line in this process."""

    def run(*arguments: str) -> Ended:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main(list(arguments))
        return Ended(int(ended.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture
def enrol(agent: Callable[..., Ended], server: FakeServer) -> Callable[..., Ended]:
    """Enrol this machine with the fake server."""

    def run(*more: str) -> Ended:
        return agent("enrol", "--server", server.url, "--name", "DESK-1", "--json", *more)

    return run


@pytest.fixture
def enrolled(enrol: Callable[..., Ended]) -> str:
    """The id under which this machine is enrolled with the fake server."""
    done = enrol()
    assert done.code == 0, done
    return str(done.facts["endpoint_id"])


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A small program that nobody else uses."""
    return make_program(tmp_path / "tool")


def make_program(path: Path, content: bytes = b"#!/bin/sh\nexit 0\n") -> Path:
    path.write_bytes(content)
    path.chmod(0o755)
    return path


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the agent as its own process; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **more: Any) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [AGENT, *arguments],
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                "env": dict(os.environ),
                **more,
            },
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the process to end."""
    out, err = process.communicate(timeout=60)
    return Ended(process.returncode, out, err)


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that may not exist."""
    return sorted(folder.iterdir()) if folder.exists() else []
