"""The database goes away under running processes: they say so soon, come back with it, and end when they are told to."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import pytest
from tests.support.processes import Process, free_port

from stepladder import migrations
from stepladder.kit import postgres
from stepladder.server import LAST_SECONDS

# A second or two; far from both on a busy machine. Without the change it is ten.
SOON_SECONDS = 5.0
GONE_SECONDS = 15


@dataclass
class OwnServer:
    """A PostgreSQL of the operator's own: no process of ours starts it again."""

    embedded: postgres.EmbeddedPostgres
    data: Path

    def stop(self) -> None:
        self.embedded.shut_down()

    def start(self) -> None:
        self.embedded.revive()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """All of it stands still: connections stay open, and nothing is answered."""
        pid = int((self.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])
        postmaster = psutil.Process(pid)
        everything = [postmaster, *postmaster.children(recursive=True)]
        for process in everything:
            process.suspend()
        try:
            yield
        finally:
            for process in everything:
                process.resume()


@pytest.fixture
def server() -> Iterator[OwnServer]:
    # Short, because a Unix socket's path lies inside.
    directory = Path(tempfile.mkdtemp(prefix="slo-"))
    embedded = postgres.start(directory)
    migrations.upgrade(embedded.owner_url, service_role=postgres.SERVICE)
    own = OwnServer(embedded, directory / "postgres")
    yield own
    own.stop()
    shutil.rmtree(directory, ignore_errors=True)


@asynccontextmanager
async def running(directory: Path, server: OwnServer, *arguments: str) -> AsyncIterator[tuple[Process, str]]:
    """A process of ours on that server, ready, and where it serves."""
    port = free_port()
    environment = {
        "STEPLADDER_DATA_DIR": str(directory),
        "STEPLADDER_DATABASE_URL": server.embedded.service_url,
        "STEPLADDER_PORT": str(port),
    }
    process = Process(directory, arguments[0], *arguments, environment=environment)
    process.start()
    try:
        await process.ready()
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.end()


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(120):
        while not seen():  # noqa: ASYNC110  # another process tells nobody
            await asyncio.sleep(0.05)


async def test_health_says_soon_that_the_database_is_away_and_that_it_is_back(
    server: OwnServer, tmp_path: Path
) -> None:
    """OPS-16: each answer, not only the first; a button waits ten seconds at most."""
    async with (
        running(tmp_path, server, "serve", "--web-only") as (_, url),
        httpx2.AsyncClient(base_url=url, timeout=60, trust_env=False) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        server.stop()
        for path in ("/healthz", "/healthz", "/api/endpoint/v1/endpoint", "/healthz"):
            began = time.monotonic()
            assert (await client.get(path)).status_code == 503
            assert time.monotonic() - began < SOON_SECONDS
        server.start()
        async with asyncio.timeout(60):
            while (await client.get("/healthz")).status_code != 200:
                pass  # each answer takes its time


@pytest.mark.parametrize(
    ("arguments", "sign"),
    [
        (["serve"], ""),  # at once: the engine has not seen it, and its end fails
        (["serve"], "engine_restarts"),
        (["serve", "--web-only"], "listen_lost"),
        (["worker"], "engine_restarts"),
    ],
)
async def test_a_process_ends_in_time_without_its_database(
    server: OwnServer, tmp_path: Path, arguments: list[str], sign: str
) -> None:
    """OPS-26: on the first signal, and by itself: one that is not gone after `LAST_SECONDS` ends with 1."""
    assert LAST_SECONDS < GONE_SECONDS
    async with running(tmp_path, server, *arguments) as (process, _):
        server.stop()
        await until(lambda: sign in process.said())
        os.kill(process.pid, signal.SIGTERM)
        await until(lambda: not process.is_alive)
        assert process.status == 0, process.said()[-4000:]


@pytest.mark.parametrize("arguments", [["serve"], ["worker"]])
async def test_a_process_ends_in_time_while_its_database_hangs(
    server: OwnServer, tmp_path: Path, arguments: list[str]
) -> None:
    """OPS-26: whatever the database does. It is ended as a power cut would, which every part bears."""
    async with running(tmp_path, server, *arguments) as (process, _):
        with server.hanging():
            os.kill(process.pid, signal.SIGTERM)
            await until(lambda: not process.is_alive)
            assert process.status == 0 or "ended_unfinished" in process.said()
