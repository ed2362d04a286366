"""A whole installation for the command line: its own data directory, and a sandbox HaloPSA as a process."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET


@dataclass
class Done:
    """A command that ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Installation:
    """Runs `stepladder …` on one data directory."""

    directory: Path
    halopsa_url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        # A person's shell: what the test run has set for itself stays out.
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STEPLADDER_")}
        return {
            **kept,
            "STEPLADDER_DATA_DIR": str(self.directory),
            "STEPLADDER_OUTBOUND_ALLOW": self.halopsa_url,
            "STEPLADDER_HALOPSA_SECRET": CLIENT_SECRET,
            "NO_COLOR": "1",
        }

    def run(self, *arguments: str, stdin: str = "", **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "stepladder", *arguments],
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str, **environment: str) -> Any:
        done = self.run(*arguments, "--json", **environment)
        assert done.status == 0, done.err + done.out
        return done.json


@pytest.fixture(scope="module")
def bare() -> Iterator[Installation]:
    """A data directory in which nothing has been done."""
    directory = Path(tempfile.mkdtemp(prefix="slc-"))
    # One handle for the module keeps the database up between commands, as `stepladder serve` does.
    from stepladder.kit import postgres

    server = postgres.start(directory)
    yield Installation(directory)
    server.stop()
    shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture(scope="module")
def halopsa() -> Iterator[str]:
    """The sandbox as its own process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    child = subprocess.Popen(
        [sys.executable, "-m", "stepladder", "sandbox", "halopsa", "--port", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _until_it_answers(url)
        yield url
    finally:
        child.terminate()
        child.wait(20)


@pytest.fixture(scope="module")
def installation(bare: Installation, halopsa: str) -> Installation:
    """An MSP with customers, staff and a connected HaloPSA."""
    bare.halopsa_url = halopsa
    bare.json("msp", "create", "Northstar IT", "--url", "https://msp.test")
    bare.json("customer", "create", "northwind", "--display-name", "Northwind Traders")
    bare.json("technician", "create", "nik@nikpot.example", "--name", "Nik Potnis")
    bare.json("connector", "add", "halopsa", "--url", halopsa, "--client-id", CLIENT_ID)
    return bare


@pytest.fixture
def several() -> Iterator[Installation]:
    """An installation with two MSPs."""
    directory = Path(tempfile.mkdtemp(prefix="slm-"))
    installation = Installation(directory)
    installation.json("msp", "create", "First", "--url", "https://first.test")
    installation.json("msp", "create", "Second", "--url", "https://second.test", "--request-lifetime", "1d")
    yield installation
    shutil.rmtree(directory, ignore_errors=True)


def _until_it_answers(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            httpx2.get(url, timeout=5, trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"nothing answers at {url}")
