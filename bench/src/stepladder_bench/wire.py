"""One keep-alive HTTP connection, as bare as it gets, so that the measuring side costs little.

Requests are bytes that were made beforehand; an answer is its status and body. One call at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import httptools


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and the moment its last byte was there (seconds of the Unix clock)."""

    status: int
    body: bytes
    at: float


class Connection(asyncio.Protocol):
    """Open one with `connect`; close it when done."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._body = b""
        self._waiting: asyncio.Future[Answer] | None = None

    async def ask(self, request: bytes) -> Answer:
        """Send `request` and wait for its answer. Raises ConnectionError when the other side is gone."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError("the connection is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting

    def close(self) -> None:
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own does not derive from it

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError("the server closed the connection"))

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        answer = Answer(self._parser.get_status_code(), self._body, time.time())
        self._body = b""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(answer)


async def connect(port: int) -> Connection:
    """A connection to a port of this machine. Raises OSError."""
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """The bytes of a request. `headers` must name the host."""
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def asked(port: int, wanted: bytes) -> Answer:
    """The answer to one request on a connection of its own."""
    connection = await connect(port)
    try:
        return await connection.ask(wanted)
    finally:
        connection.close()


async def first_answer(port: int, path: str, *, every_seconds: float = 0.005) -> float:
    """Ask until the answer is 200; gives the moment it came. Bound it with a timeout."""
    wanted = request("GET", path, {"Host": f"127.0.0.1:{port}"})
    while True:
        with contextlib.suppress(OSError):
            answer = await asked(port, wanted)
            if answer.status == 200:
                return answer.at
        await asyncio.sleep(every_seconds)
