"""Agents that wait for a decision: woken in this process at once, in all others by LISTEN/NOTIFY.

A notification is only a hint. Waiters are registered before the state is read, and a safety check asks the
database for all of them at once, so a lost notification costs seconds, never the verdict.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

import psycopg

from stepladder.errors import TooMany, Unavailable
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database
from stepladder.kit.ids import EndpointId, RequestId, parse_uuid
from stepladder.kit.log import get_logger

CHANNEL = "stepladder_settled"
SAFETY_CHECK_SECONDS = 3.0
_IDS_PER_NOTIFY = 200
_IDS_PER_CHECK = 5000
_POLLS_OF_A_REQUEST = 10
_POLLS_OF_AN_ENDPOINT = 64
_log = get_logger("waiting")


class TooManyWaiting(Unavailable):
    """The process holds as many waiting agents as it may."""

    code = "too_many_waiting"
    sentence = "The service has as many waiting agents as it can hold. Ask again in a few seconds."


class TooManyPolls(TooMany):
    """One machine, or one request, must not take the places of all."""

    code = "too_many_polls"
    sentence = "This machine already has as many open questions as it may have. Wait for their answers."


class Waiter:
    """One place of an agent that waits for a request to be settled."""

    __slots__ = ("_waiters", "endpoint_id", "future", "request_id")

    def __init__(
        self, waiters: Waiters, endpoint_id: EndpointId, request_id: RequestId, future: asyncio.Future[bool]
    ) -> None:
        self._waiters, self.future = waiters, future
        self.endpoint_id, self.request_id = endpoint_id, request_id

    async def has_news(self, seconds: float) -> bool:
        """Wait until the request may have been settled; False when `seconds` pass before."""
        timer = self.future.get_loop().call_later(seconds, self._end)
        try:
            return await self.future
        finally:
            timer.cancel()

    def tell(self) -> None:
        """There may be news."""
        if not self.future.done():
            self.future.set_result(True)

    def leave(self) -> None:
        """Give the place back; a second time changes nothing."""
        self._waiters.leave(self)

    def _end(self) -> None:
        if not self.future.done():
            self.future.set_result(False)


class Waiters:
    """The waiting agents of this process."""

    def __init__(self, db: Database, clock: Clock, *, limit: int) -> None:
        self._db, self._clock, self._limit = db, clock, limit
        self._by_request: dict[UUID, list[Waiter]] = {}
        self._by_endpoint: Counter[UUID] = Counter()
        self._count = 0
        self._to_tell: list[RequestId] = []
        self._has_news = asyncio.Event()
        self._closing = False

    @property
    def count(self) -> int:
        return self._count

    def enter(self, endpoint_id: EndpointId, request_id: RequestId) -> Waiter:
        """A place, to be left again. Raises TooManyWaiting or TooManyPolls.

        Enter before the state is read, so that nothing can happen unseen in between.
        """
        if self._count >= self._limit:
            raise TooManyWaiting
        of_endpoint = max(_POLLS_OF_A_REQUEST, min(_POLLS_OF_AN_ENDPOINT, self._limit // 4))
        here = self._by_request.get(request_id, [])
        if len(here) >= _POLLS_OF_A_REQUEST or self._by_endpoint[endpoint_id] >= of_endpoint:
            raise TooManyPolls
        waiter = Waiter(self, endpoint_id, request_id, asyncio.get_running_loop().create_future())
        if self._closing:
            waiter.tell()
        self._by_request.setdefault(request_id, []).append(waiter)
        self._by_endpoint[endpoint_id] += 1
        self._count += 1
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """Forget a waiter; a second time changes nothing."""
        here = self._by_request.get(waiter.request_id, [])
        if waiter not in here:
            return
        here.remove(waiter)
        self._count -= 1
        if not here:
            del self._by_request[waiter.request_id]
        self._by_endpoint[waiter.endpoint_id] -= 1
        if not self._by_endpoint[waiter.endpoint_id]:
            del self._by_endpoint[waiter.endpoint_id]

    def settled(self, request_ids: Sequence[RequestId]) -> None:
        """Wake those who wait here, now; tell the other processes, coalesced."""
        self._wake(request_ids)
        self._to_tell.extend(request_ids)
        self._has_news.set()

    def close(self) -> None:
        """Let every waiter answer what it knows, so that the process can stop."""
        self._closing = True
        self._wake(list(self._by_request))

    async def run(self) -> None:
        """Tell, listen and check until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._tell())
            group.create_task(self._listen())
            group.create_task(self._check())

    def _wake(self, ids: Iterable[UUID]) -> None:
        for request_id in ids:
            for waiter in self._by_request.get(request_id, ()):
                waiter.tell()

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
        waiting = list(self._by_request)
        for start in range(0, len(waiting), _IDS_PER_CHECK):
            rows = await self._db.crossing(
                "select id from settled_among(%(ids)s)", {"ids": waiting[start : start + _IDS_PER_CHECK]}
            )
            self._wake(row["id"] for row in rows)
