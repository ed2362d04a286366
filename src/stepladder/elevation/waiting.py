"""Agents that wait for a decision: woken in this process at once, in all others by LISTEN/NOTIFY.

A notification is only a hint. Waiters are registered before the state is read, and a safety check asks the
database for all of them at once, so a lost notification costs seconds, never the verdict.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from uuid import UUID

import psycopg

from stepladder.errors import Unavailable
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database
from stepladder.kit.ids import RequestId, parse_uuid
from stepladder.kit.log import get_logger

CHANNEL = "stepladder_settled"
SAFETY_CHECK_SECONDS = 3.0
_IDS_PER_NOTIFY = 200
_IDS_PER_CHECK = 5000
_log = get_logger("waiting")


class TooManyWaiting(Unavailable):
    """The process holds as many waiting agents as it may."""

    code = "too_many_waiting"
    sentence = "The service has as many waiting agents as it can hold. Ask again in a few seconds."


class Waiters:
    """The waiting agents of this process."""

    def __init__(self, db: Database, clock: Clock, *, limit: int) -> None:
        self._db, self._clock, self._limit = db, clock, limit
        self._events: dict[UUID, list[asyncio.Event]] = {}
        self._count = 0
        self._to_tell: list[RequestId] = []
        self._has_news = asyncio.Event()
        self._closing = False

    @property
    def count(self) -> int:
        return self._count

    @asynccontextmanager
    async def registered(self, request_id: RequestId) -> AsyncIterator[asyncio.Event]:
        """An event that is set when the request may have been settled. Raises TooManyWaiting."""
        if self._count >= self._limit:
            raise TooManyWaiting
        event = asyncio.Event()
        if self._closing:
            event.set()
        self._count += 1
        self._events.setdefault(request_id, []).append(event)
        try:
            yield event
        finally:
            self._count -= 1
            waiting = self._events[request_id]
            waiting.remove(event)
            if not waiting:
                del self._events[request_id]

    def settled(self, request_ids: Sequence[RequestId]) -> None:
        """Wake those who wait here, now; tell the other processes, coalesced."""
        self._wake(request_ids)
        self._to_tell.extend(request_ids)
        self._has_news.set()

    def close(self) -> None:
        """Let every waiter answer what it knows, so that the process can stop."""
        self._closing = True
        self._wake(list(self._events))

    async def run(self) -> None:
        """Tell, listen and check until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            group.create_task(self._listen())
            group.create_task(self._check())

    def _wake(self, ids: Iterable[UUID]) -> None:
        for request_id in ids:
            for event in self._events.get(request_id, ()):
                event.set()

    async def _tell(self) -> None:
        while True:
            await self._has_news.wait()
            self._has_news.clear()
            await self.flush()

    async def flush(self) -> None:
        """Send what has not been told yet. What cannot be sent is found by the others' safety check."""
        while self._to_tell:
            batch, self._to_tell = self._to_tell[:_IDS_PER_NOTIFY], self._to_tell[_IDS_PER_NOTIFY:]
            try:
                await self._db.notify(CHANNEL, ",".join(str(request_id) for request_id in batch))
            except Unavailable:
                _log.warning("notify_failed", count=len(batch))

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.OperationalError):
                await self._listen_once()
            _log.warning("listen_lost")
            await self._clock.sleep(1)

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(self._db.url, autocommit=True)
        async with connection:
            await connection.execute(f"listen {CHANNEL}".encode())
            async for notification in connection.notifies():
                ids = (parse_uuid(text) for text in notification.payload.split(","))
                self._wake(found for found in ids if found)

    async def _check(self) -> None:
        while True:
            await self._clock.sleep(SAFETY_CHECK_SECONDS)
            try:
                await self._check_once()
            except Unavailable:
                _log.warning("safety_check_failed")

    async def _check_once(self) -> None:
        waiting = list(self._events)
        for start in range(0, len(waiting), _IDS_PER_CHECK):
            rows = await self._db.crossing(
                "select id from settled_among(%(ids)s)", {"ids": waiting[start : start + _IDS_PER_CHECK]}
            )
            self._wake(row["id"] for row in rows)
