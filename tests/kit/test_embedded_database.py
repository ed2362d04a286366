"""The embedded PostgreSQL beside a service that runs: who starts it again when it dies alone."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
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
