"""A process that is told to stop lets waiting agents answer first, and makes no one wait for its end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from pathlib import Path

import httpx2
import pytest
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, machine

from stepladder.app import DatabaseUrls, Services
from stepladder.server import GRACEFUL_SECONDS
from stepladder.settings import Settings

SCRIPT = """
import asyncio, json, sys
from stepladder import server
from stepladder.app import DatabaseUrls, open_services
from stepladder.settings import Settings

async def main():
    told = json.loads(sys.argv[1])
    settings = Settings(data_dir=told["data_dir"], port=told["port"], long_poll_seconds=50)
    async with open_services(settings, DatabaseUrls(**told["urls"])) as services:
        async def tell():
            while True:
                print(services.waiters.count, flush=True)
                await asyncio.sleep(0.02)
        telling = asyncio.create_task(tell())
        await server.serve(services, server.listen(settings), with_worker=False)
        telling.cancel()

asyncio.run(main())
"""


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_waiting_agents_are_answered_before_the_process_ends(
    services: Services, settings: Settings, urls: DatabaseUrls, tenant: Tenant, number: int
) -> None:
    """The tenant is of this process; the one that serves and ends is another, on the same database."""
    port = free_port()
    told = {"data_dir": str(settings.data_dir), "port": port, "urls": vars(urls)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT,
        json.dumps(told),
        stdout=asyncio.subprocess.PIPE,
        cwd=Path.cwd(),
        env=os.environ,
    )
    assert process.stdout
    asked = [await tenant.submit() for _ in range(5)]
    try:
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False
        ) as client:
            await _up(client)
            there = RunningWeb(services, str(client.base_url), port, client)
            looks = [
                asyncio.create_task(machine(tenant).looking(each.request_id, 50).to(there)) for each in asked
            ]
            await _waiting(process.stdout, len(asked))
            process.send_signal(number)
            began = time.monotonic()
            async with asyncio.timeout(GRACEFUL_SECONDS / 2):
                answers = [await look for look in looks]
            assert [(answer.status_code, answer.json()["state"]) for answer in answers] == [
                (200, "pending")
            ] * 5
        async with asyncio.timeout(GRACEFUL_SECONDS):
            await process.wait()
        assert time.monotonic() - began < GRACEFUL_SECONDS
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        process._transport.close()  # type: ignore[attr-defined]


async def _up(client: httpx2.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await client.get("/healthz")).status_code == 200:
                    return
            except httpx2.ConnectError:
                pass
            await asyncio.sleep(0.02)


async def _waiting(stdout: asyncio.StreamReader, wanted: int) -> None:
    async with asyncio.timeout(30):
        while int(await stdout.readline()) != wanted:
            pass
