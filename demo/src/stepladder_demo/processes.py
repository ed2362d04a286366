"""The demo's child processes: started, waited for, and ended by their own ids."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import httpx2

_READY_WITHIN_SECONDS = 60.0
_END_WITHIN_SECONDS = 15.0


class DidNotStart(Exception):
    """A process ended, or did not answer in time; the message names its log."""


def inherited() -> dict[str, str]:
    """The environment without our settings: those of the person who runs the demo are about another Stepladder."""
    return {name: value for name, value in os.environ.items() if not name.startswith("STEPLADDER_")}


class Children:
    """The processes of one demo."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, arguments: list[str], environment: Mapping[str, str], *, answers_at: str
    ) -> None:
        """Start `python -m stepladder …` and wait until it answers. Raises DidNotStart."""
        log = self._directory / f"{name}.log"
        with log.open("ab") as output:
            child = subprocess.Popen(
                [sys.executable, "-m", "stepladder", *arguments],
                env={**inherited(), **environment},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._running[name] = child
        until = time.monotonic() + _READY_WITHIN_SECONDS
        while time.monotonic() < until:
            if child.poll() is not None:
                raise DidNotStart(f"{name} ended with status {child.returncode}. Its log: {log}")
            try:
                httpx2.get(answers_at, timeout=2, trust_env=False)
            except httpx2.TransportError:
                time.sleep(0.05)
            else:
                return
        raise DidNotStart(f"{name} does not answer at {answers_at}. Its log: {log}")

    def kill(self, name: str) -> None:
        """Kill a process, as a power cut would."""
        child = self._running.pop(name)
        child.kill()
        child.wait()

    def first_to_end(self) -> str | None:
        """The name of a process that ended by itself, or None while all run."""
        return next((name for name, child in self._running.items() if child.poll() is not None), None)

    def end(self) -> None:
        """End every process, the newest first."""
        for child in reversed(list(self._running.values())):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            try:
                child.wait(_END_WITHIN_SECONDS)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._running.clear()
