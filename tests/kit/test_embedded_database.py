"""The embedded PostgreSQL beside a service that runs: who starts it again when it dies alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import psutil
import psycopg
import pytest
from tests.support.processes import Process, free_port

from stepladder.kit import postgres

pytestmark = [pytest.mark.campaign, pytest.mark.xdist_group("embedded")]


@pytest.fixture
async def serving() -> AsyncIterator[tuple[Process, Path, str]]:
    """A service with a database of its own, its data directory and its URL."""
    directory, port = Path(tempfile.mkdtemp(prefix="sle-")), free_port()
    environment = {"STEPLADDER_DATA_DIR": str(directory), "STEPLADDER_PORT": str(port)}
    process = Process(directory, "web", "serve", environment=environment)
    process.start()
    await process.ready()
    yield process, directory, f"http://127.0.0.1:{port}/healthz"
    process.end()
    postgres.start(directory).shut_down()
    shutil.rmtree(directory, ignore_errors=True)


async def test_a_database_that_is_killed_alone_comes_back_by_itself(
    serving: tuple[Process, Path, str],
) -> None:
    """USE-34: no command and no restart is needed, as the documents say."""
    process, directory, url = serving
    async with httpx2.AsyncClient(trust_env=False, timeout=30) as client:
        assert (await client.get(url)).status_code == 200
        first = int((directory / "postgres/postmaster.pid").read_text().splitlines()[0])
        os.kill(first, signal.SIGKILL)
        await _until(client, url, 503)
        await _until(client, url, 200)
    assert process.is_alive


async def _until(client: httpx2.AsyncClient, url: str, status: int) -> None:
    ends = time.monotonic() + 120
    while (await client.get(url)).status_code != status:
        assert time.monotonic() < ends, f"{url} never answers {status}"
        await asyncio.sleep(0.02)


@pytest.fixture
def directory() -> Iterator[Path]:
    """A data directory of its own, short enough for a socket."""
    made = Path(tempfile.mkdtemp(prefix="sle-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_a_server_that_another_process_started_again_is_stopped_too(directory: Path) -> None:
    """OPS-18: the one that is known died; the one that runs now must not outlive its directory."""
    embedded = postgres.start(directory)
    pid_file = directory / "postgres/postmaster.pid"
    first = int(pid_file.read_text().splitlines()[0])
    killed = psutil.Process(first)
    killed.kill()
    killed.wait(60)
    revive = f"from pathlib import Path; from stepladder.kit import postgres; postgres.start(Path({str(directory)!r}))"
    subprocess.run([sys.executable, "-c", revive], check=True)
    second = int(pid_file.read_text().splitlines()[0])
    assert second != first
    embedded.shut_down()
    assert not pid_file.exists()


def test_what_is_ordinary_is_no_error_in_the_log_and_the_log_is_bounded(directory: Path) -> None:
    """OPS-21."""
    embedded = postgres.start(directory)
    log = directory / "postgres/log"
    with psycopg.connect(embedded.service_url, autocommit=True) as connection:
        for _ in range(3):
            with pytest.raises(psycopg.errors.DivisionByZero):
                connection.execute("select 1/0")
    assert "division by zero" not in log.read_text()
    with log.open("a") as file:
        file.writelines(f"line {number}\n" for number in range(700_000))
    assert log.stat().st_size > 5_000_000
    postgres.start(directory)
    assert log.stat().st_size < 600_000
    assert log.read_text().endswith("line 699999\n")
    embedded.shut_down()


def test_a_server_that_does_not_start_says_why_in_its_last_lines(directory: Path) -> None:
    """OPS-21: not the whole log, and no traceback."""
    postgres.start(directory).shut_down()
    postgres_directory = directory / "postgres"
    (postgres_directory / "log").write_text("an old line\n" * 50_000)
    (postgres_directory / "postgresql.conf").write_text("no_such_setting = 1\n")
    start = f"from pathlib import Path; from stepladder.kit import postgres; postgres.start(Path({str(directory)!r}))"
    done = subprocess.run([sys.executable, "-c", start], check=False, capture_output=True, text=True)
    assert "DatabaseDidNotStart" in done.stderr
    assert "no_such_setting" in done.stderr
    assert done.stderr.count("an old line") <= 20
