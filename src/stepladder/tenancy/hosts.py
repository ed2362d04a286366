"""Which MSP a host name belongs to. Asked at every request, so kept in memory for a moment."""

from __future__ import annotations

import asyncio

from stepladder.errors import NotFound
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database

from .service import Msp, list_msps

_FRESH_FOR_SECONDS = 30.0
_UNKNOWN_FRESH_FOR_SECONDS = 1.0


class HostUnknown(NotFound):
    """No MSP is reached by that host name."""

    code = "host_unknown"
    sentence = "No MSP is reached by this host name."


class Hosts:
    """MSPs by host. A new MSP is seen within a second, a changed one within half a minute."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._by_host: dict[str, Msp] = {}
        self._read_at: float | None = None
        self._reading: asyncio.Task[None] | None = None

    async def msp_for(self, host_header: str) -> Msp:
        """The MSP of a `Host` header. Raises HostUnknown, or Unavailable where none could be read."""
        host = _without_port(host_header)
        if host not in self._by_host:
            # A read under way may be the very first: nobody is unknown before it is done.
            if self._reading or self._older_than(_UNKNOWN_FRESH_FOR_SECONDS):
                await self._read()
        elif not self._reading and self._older_than(_FRESH_FOR_SECONDS):
            # Not while another request reads: this one uses what is known.
            await self._read()
        found = self._by_host.get(host)
        if found is None:
            raise HostUnknown
        return found

    def _older_than(self, seconds: float) -> bool:
        return self._read_at is None or self._clock.monotonic() - self._read_at > seconds

    async def _read(self) -> None:
        """Read once for all who ask meanwhile. A caller that goes away does not stop it for the others."""
        if self._reading is None:
            self._reading = asyncio.create_task(self._read_now())
            self._reading.add_done_callback(self._done)
        await asyncio.shield(self._reading)

    async def _read_now(self) -> None:
        began = self._clock.monotonic()
        self._by_host = {msp.host: msp for msp in await list_msps(self._db)}
        self._read_at = began

    def _done(self, task: asyncio.Task[None]) -> None:
        self._reading = None
        if not task.cancelled():
            task.exception()  # Callers that still wait are told; without any, nobody needs to know.


def _without_port(host_header: str) -> str:
    host = host_header.strip().lower()
    name, _, port = host.rpartition(":")
    return name if name and port.isdigit() else host
