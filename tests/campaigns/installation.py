"""A whole installation out of real processes: web processes, workers, a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from stepladder.app import DatabaseUrls
from stepladder.settings import Settings
from tests.support.processes import Process, free_port

HEARTBEAT_SECONDS, STALLED_AFTER_SECONDS = 0.3, 2.0


class Installation:
    """Its processes, and the settings that a process of the test's own needs to be one more of them."""

    def __init__(
        self, directory: Path, urls: DatabaseUrls, halo_urls: Sequence[str], *, webs: int, workers: int
    ) -> None:
        values = {
            "DATA_DIR": str(directory),
            "DATABASE_URL": urls.service,
            "OUTBOUND_ALLOW": ",".join(halo_urls),
            "HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
            "STALLED_AFTER_SECONDS": str(STALLED_AFTER_SECONDS),
            "SWEEP_SECONDS": "0.2",
            "RETRY_BASE_SECONDS": "0.05",
            "RETRY_CAP_SECONDS": "0.4",
            "ATTENTION_CAP_SECONDS": "0.8",
            "HTTP_TIMEOUT_SECONDS": "5",
            "DATABASE_POOL": "6",
        }
        environment = {f"STEPLADDER_{name}": value for name, value in values.items()}
        parsed: dict[str, Any] = {name.lower(): value for name, value in values.items()}
        self.settings = Settings(**parsed)
        ports = [free_port() for _ in range(webs)]
        self.urls = [f"http://127.0.0.1:{port}" for port in ports]
        self.webs = [
            Process(
                directory, f"web{number}", "serve", "--web-only", "--port", str(port), environment=environment
            )
            for number, port in enumerate(ports)
        ]
        self.workers = [
            Process(directory, f"worker{number}", "worker", environment=environment)
            for number in range(workers)
        ]

    @property
    def processes(self) -> list[Process]:
        return [*self.webs, *self.workers]

    async def start(self) -> None:
        """Start what does not run, and wait until all of it is ready."""
        for process in self.processes:
            if not process.is_alive:
                process.start()
        for process in self.processes:
            await process.ready()


@asynccontextmanager
async def installation(
    directory: Path, urls: DatabaseUrls, halo_urls: Sequence[str], *, webs: int = 0, workers: int = 0
) -> AsyncIterator[Installation]:
    """An installation that is not started yet, and of which nothing is left behind."""
    installed = Installation(directory, urls, halo_urls, webs=webs, workers=workers)
    try:
        yield installed
    finally:
        for process in installed.processes:
            process.end()
