"""Real processes of ours, as an operator starts them, to be killed, stopped and started again by a test."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

READY = {"serve": '"event": "serving"', "worker": '"event": "working"'}


class Process:
    """One `stepladder serve` or `stepladder worker`. It is started again as often as a test wants."""

    def __init__(self, directory: Path, name: str, *arguments: str, environment: Mapping[str, str]) -> None:
        self.name, self._arguments = name, arguments
        self._environment = _clean(environment)
        self._log = directory / f"{name}.log"
        self._log.touch()
        self._starts_at = 0
        self._running: subprocess.Popen[bytes] | None = None
        self.kills = 0

    @property
    def pid(self) -> int:
        assert self._running is not None
        return self._running.pid

    @property
    def is_alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    @property
    def status(self) -> int | None:
        """What it ended with."""
        return self._running.poll() if self._running else None

    def start(self) -> None:
        assert not self.is_alive
        self._starts_at = self._log.stat().st_size
        with self._log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "stepladder", *self._arguments],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def said(self) -> str:
        """What it has logged since it was started last."""
        with self._log.open("rb") as log:
            log.seek(self._starts_at)
            return log.read().decode(errors="replace")

    def is_ready(self) -> bool:
        return READY[self._arguments[0]] in self.said()

    async def ready(self, *, seconds: float = 60) -> None:
        """Wait until it serves or works."""
        ends = time.monotonic() + seconds
        while not self.is_ready():
            assert self.is_alive, f"{self.name} ended:\n{self.said()[-4000:]}"
            assert time.monotonic() < ends, f"{self.name} is not ready:\n{self.said()[-4000:]}"
            await asyncio.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL: it has no chance to tidy up."""
        assert self._running is not None
        self._running.kill()
        self._running.wait()
        self.kills += 1

    def stop(self) -> None:
        """SIGSTOP: it stands still and does not know it."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def end(self) -> None:
        """In any state, it is gone after this."""
        if self.is_alive:
            self.kill()


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """A service manager's environment: what the test run has set for itself stays out."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("STEPLADDER_", "PYTEST_"))
    }
    return {**kept, **environment}
