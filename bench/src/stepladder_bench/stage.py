"""What a measurement happens on: a database of its own, a sample MSP, and the real processes.

Everything lies in one short temporary directory that is removed at the end. The embedded PostgreSQL runs as in
production: nothing about its durability is changed.
"""

from __future__ import annotations

import asyncio
import atexit
import shutil
import signal
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from stepladder import app
from stepladder.app import DatabaseUrls, Services
from stepladder.kit import postgres
from stepladder.kit.clock import Clock
from stepladder.kit.postgres import EmbeddedPostgres
from stepladder.settings import Settings

from .children import CannotMeasure, Child, Children
from .wire import asked, first_answer, request

HOST = "127.0.0.1"
_READY_WITHIN_SECONDS = 60.0
_STOPPED_WITHIN_SECONDS = 20.0
_made: list[Path] = []
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass(frozen=True)
class Stage:
    """Where everything is."""

    directory: Path
    port: int
    floor_port: int
    halopsa_port: int
    database: EmbeddedPostgres
    children: Children

    @property
    def urls(self) -> DatabaseUrls:
        return DatabaseUrls(self.database.service_url, self.database.owner_url, postgres.SERVICE)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def halopsa_url(self) -> str:
        return f"http://{HOST}:{self.halopsa_port}"

    @property
    def halopsa_log(self) -> Path:
        """Where the sandbox writes what arrived and what it committed."""
        return self.directory / "halopsa.jsonl"

    @asynccontextmanager
    async def services(
        self, *, halopsa_url: str | None = None, clock: Clock | None = None
    ) -> AsyncIterator[Services]:
        """The product in this process, on the stage's database."""
        allowed = (halopsa_url or self.halopsa_url,)
        # Constructed, not read: the environment of the person who runs the bench names another Stepladder, and a proxy.
        settings = Settings.model_construct(
            data_dir=self.directory,
            outbound_allow=allowed,
            outbound_ca_file=None,
            outbound_proxy=None,
            outbound_no_proxy=(),
            port=self.port,
        )
        async with app.open_services(settings, self.urls, clock=clock) as services:
            yield services

    async def serve(self, *options: str) -> Child:
        """`stepladder serve`, ready."""
        child, _ = await self.started(*options)
        return child

    async def started(self, *options: str) -> tuple[Child, float]:
        """`stepladder serve`, and the moment of its first 200."""
        child = await self.children.start("serve", "serve", *options)
        return child, await self._ready(child, self.port, "/healthz")

    async def sandbox(self) -> Child:
        """`stepladder sandbox halopsa`, ready, with its limit lifted: latency is measured on many tickets."""
        child = await self.children.start(
            "sandbox",
            "sandbox",
            "halopsa",
            "--port",
            str(self.halopsa_port),
            "--log-file",
            str(self.halopsa_log),
            "--stepladder-url",
            self.url,
        )
        await self._ready(child, self.halopsa_port, "/sandbox/state")
        headers = {"Host": f"{HOST}:{self.halopsa_port}", "Content-Type": "application/json"}
        await asked(
            self.halopsa_port, request("PATCH", "/sandbox/switches", headers, b'{"rate_limit": 10000000}')
        )
        return child

    async def settle_database(self) -> None:
        """Fresh statistics and a clean start, so that no vacuum falls into a measurement by chance."""
        async with await psycopg.AsyncConnection.connect(self.urls.owner, autocommit=True) as connection:
            await connection.execute("vacuum (analyze)")
        await self.checkpoint()

    async def checkpoint(self) -> None:
        """Write everything out, so that each round starts from the same place in the log."""
        url = self.database.superuser_url
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            await connection.execute("checkpoint")

    async def database_facts(self) -> dict[str, Any]:
        """The version, and that what is committed is on disk. Raises CannotMeasure where it is not."""
        async with await psycopg.AsyncConnection.connect(self.urls.service, autocommit=True) as connection:
            shown = {name: await _shown(connection, name) for name in ("server_version", *_DURABLE)}
        if any(shown[name] != "on" for name in _DURABLE):
            raise CannotMeasure("The database is not durable, so figures would say nothing.")
        return {"postgresql": shown["server_version"].split()[0], "durable": True}

    async def _ready(self, child: Child, port: int, path: str) -> float:
        """Wait for the first 200. Raises CannotMeasure when the process ends or takes too long."""
        answering = asyncio.create_task(first_answer(port, path))
        ending = asyncio.create_task(child.process.wait())
        done, _ = await asyncio.wait(
            (answering, ending), timeout=_READY_WITHIN_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        ending.cancel()
        if answering not in done:
            answering.cancel()
            raise CannotMeasure(f"{child.name} does not answer. {child.last_words()}")
        return answering.result()


@asynccontextmanager
async def set_stage() -> AsyncIterator[Stage]:
    """A stage with a running, migrated, empty, durable database. Everything is gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="sl-bench-"))  # short: a Unix socket's path lies inside
    if not _made:
        atexit.register(_remove_what_was_made)
    _made.append(directory)
    try:
        database = await asyncio.to_thread(postgres.start, directory)
        try:
            port, floor_port, halopsa_port = free_ports(3)
            environment = {
                "STEPLADDER_DATA_DIR": str(directory),
                "STEPLADDER_PORT": str(port),
                "STEPLADDER_OUTBOUND_ALLOW": f"http://{HOST}:{halopsa_port}",
                # What is measured is not how soon a machine is told to wait.
                "STEPLADDER_ENDPOINT_MESSAGES_PER_MINUTE": "1000000",
                "STEPLADDER_ENDPOINT_REQUESTS_PER_MINUTE": "1000000",
            }
            children = Children(directory, environment)
            stage = Stage(directory, port, floor_port, halopsa_port, database, children)
            await asyncio.to_thread(app.migrate, stage.urls)
            await stage.database_facts()
            try:
                yield stage
            finally:
                await children.end()
        finally:
            await asyncio.to_thread(_stop, database)
    finally:
        await asyncio.to_thread(shutil.rmtree, directory, ignore_errors=True)


def _remove_what_was_made() -> None:
    """Remove every stage's directory at the end of the process, once more.

    The database's wheel tidies up when the process ends, and makes its lock file again for that. This is registered
    before it, so it runs after it.
    """
    for directory in _made:
        shutil.rmtree(directory, ignore_errors=True)


def _stop(database: EmbeddedPostgres) -> None:
    """Stop the server, also where a process that was ended by a signal is still counted as its user."""
    process = psutil.Process(database.server.get_pid())
    database.stop()
    with suppress(psutil.NoSuchProcess):
        process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        process.wait(_STOPPED_WITHIN_SECONDS)


def free_ports(count: int) -> list[int]:
    """Ports that no process listens on now."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


async def _shown(connection: psycopg.AsyncConnection[Any], name: str) -> str:
    cursor = await connection.execute("select current_setting(%s)", (name,))
    row = await cursor.fetchone()
    return str(row[0]) if row else ""
