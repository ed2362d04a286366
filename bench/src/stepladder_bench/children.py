"""The processes of one measurement: started, spoken to, and ended by their own ids.

Helpers (the floor, the clients) speak JSON, one value a line, over their standard input and output, and end when
their input does, so that none outlives a bench that was killed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_END_WITHIN_SECONDS = 20.0
_HEARD_WITHIN_SECONDS = 300.0
_LONGEST_LINE = 64 * 1024 * 1024
_SHOWN_OF_LOG = 1500


class CannotMeasure(Exception):
    """A measurement could not be made; the message says what failed."""


@dataclass(frozen=True)
class Child:
    """A process of ours."""

    name: str
    process: asyncio.subprocess.Process
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, value: Any) -> None:
        """Send a helper one value."""
        if self.process.stdin is None:
            raise CannotMeasure(f"{self.name} is not a helper")
        self.process.stdin.write(json.dumps(value).encode() + b"\n")

    async def hear(self) -> Any:
        """The next value a helper sends. Raises CannotMeasure when it ended or says nothing."""
        if self.process.stdout is None:
            raise CannotMeasure(f"{self.name} is not a helper")
        try:
            line = await asyncio.wait_for(self.process.stdout.readline(), _HEARD_WITHIN_SECONDS)
        except TimeoutError as error:
            raise CannotMeasure(f"{self.name} says nothing. {self.last_words()}") from error
        if not line:
            raise CannotMeasure(f"{self.name} ended. {self.last_words()}")
        value = json.loads(line)
        if isinstance(value, dict) and "failed" in value:
            raise CannotMeasure(f"{self.name}: {value['failed']}")
        return value

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-_SHOWN_OF_LOG:].strip()


class Children:
    """Starts processes and ends them all. Nothing of the caller's Stepladder settings reaches them."""

    def __init__(self, directory: Path, environment: Mapping[str, str]) -> None:
        self._directory = directory
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("STEPLADDER_")}
        self._environment = {**inherited, **environment}
        self._running: list[Child] = []
        self._count = 0

    async def start(self, name: str, *arguments: str) -> Child:
        """Start `python -m stepladder …`."""
        return await self._start(name, ("stepladder", *arguments), talks=False)

    async def start_helper(self, name: str, module: str) -> Child:
        """Start a helper of this package."""
        return await self._start(name, (f"{__package__}.{module}",), talks=True)

    async def _start(self, name: str, arguments: tuple[str, ...], *, talks: bool) -> Child:
        self._count += 1
        log = self._directory / f"{self._count}-{name}.log"
        with log.open("wb") as output:
            child = Child(name, await self._spawn(arguments, output, talks=talks), log)
        self._running.append(child)
        return child

    async def _spawn(
        self, arguments: tuple[str, ...], output: IO[bytes], *, talks: bool
    ) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            *arguments,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE if talks else asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE if talks else output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches the bench, which ends its children in order
            limit=_LONGEST_LINE,
        )

    async def end_one(self, child: Child) -> None:
        """End a process and wait until it is gone."""
        self._running.remove(child)
        await _end(child.process)

    async def end(self) -> None:
        """End every process, the newest first."""
        for child in reversed(self._running):
            await _end(child.process)
        self._running.clear()


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.stdin:
        process.stdin.close()
    if process.returncode is None:
        process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _END_WITHIN_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


async def heard() -> AsyncIterator[Any]:
    """In a helper: the values that come in, until the bench ends or goes away."""
    reader = asyncio.StreamReader(limit=_LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    while line := await reader.readline():
        yield json.loads(line)


def say(value: Any) -> None:
    """In a helper: send one value."""
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()
