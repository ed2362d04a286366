"""uvicorn's protocol with bounds on what a connection may send, how slowly, how far ahead, and without listening.

httptools parses, uvicorn makes requests of it. What it reads is fed to the parser in pieces, so that nothing is read
further ahead than is answered (decision 0025).
"""

from __future__ import annotations

import asyncio
from enum import Enum, auto
from functools import partial
from typing import Any, cast

import httptools
from starlette.responses import Response
from uvicorn._types import ASGI3Application
from uvicorn.config import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from stepladder.kit.hangup import Call
from stepladder.web.middleware import HEADERS
from stepladder.web.problems import HeadTooLarge, from_error, unreadable

from .connections import Connections

_PIECE = 2048
_LINGER_SECONDS = 2.0


class _Stage(Enum):
    """What we wait for."""

    HEAD = auto()
    BODY = auto()
    ANSWER = auto()
    END = auto()


class _Flow(FlowControl):
    """Reads on only where everything that was read is answered."""

    def __init__(self, transport: asyncio.Transport, connection: DoorProtocol) -> None:
        super().__init__(transport)
        self._connection = connection

    def resume_reading(self) -> None:
        if not self._connection.is_behind:
            super().resume_reading()


class DoorProtocol(HttpToolsProtocol):
    """One connection."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        connections: Connections,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._others, self._limits = connections, connections.limits
        self._unfed: bytes | memoryview = b""
        self._is_held_back = False
        self._stage, self._since = _Stage.HEAD, self.loop.time()
        self._head_bytes, self._head_lines, self._fed_of_head = 0, 0, 0
        self._is_head_too_large = False
        self._full_since: float | None = None
        self._answering: RequestResponseCycle | None = None
        self._call: Call | None = None

    @property
    def is_behind(self) -> bool:
        """Whether it has sent more than is answered."""
        return bool(self._unfed or self.pipeline or self.flow.write_paused)

    @property
    def _is_answering(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    # The connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.flow = _Flow(transport, self)
        self._others.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._others.leave(self)
        self._unfed = b""
        self.pipeline.clear()
        if self._answering:
            self._answering.disconnected = True
        if self._call:
            self._call.drop()
        super().connection_lost(exc)

    def is_overdue(self, now: float) -> bool:
        """Whether it has kept us waiting for too long."""
        if self._full_since is not None and now - self._full_since > self._limits.answer_seconds:
            return True
        if self.pipeline or (self._stage is not _Stage.BODY and self._is_answering):
            return False  # it waits for us
        patience = {
            _Stage.HEAD: self._limits.head_seconds,
            _Stage.BODY: self._limits.body_seconds,
            _Stage.END: _LINGER_SECONDS,
        }.get(self._stage)
        return patience is not None and now - self._since > patience

    def cut(self) -> None:
        """End it at once."""
        self._others.leave(self)
        self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._full_since = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._full_since = None
        self._feed()

    # What it sends

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._stage is not _Stage.END:
            self._unfed = bytes(self._unfed) + data if self._unfed else memoryview(data)
            self._feed()

    def _feed(self) -> None:
        while self._unfed and len(self.pipeline) < self._limits.ahead and not self.flow.write_paused:
            piece, self._unfed = self._unfed[:_PIECE], self._unfed[_PIECE:]
            self._parse(piece)
        if self._unfed:
            self._is_held_back = True
            self.flow.pause_reading()
        elif self._is_held_back:
            self._is_held_back = False
            self.flow.resume_reading()

    def _parse(self, piece: bytes | memoryview) -> None:
        was_in_head = self._stage is _Stage.HEAD
        try:
            self.parser.feed_data(piece)
        except httptools.HttpParserUpgrade:
            self._hear_no_more()
        except httptools.HttpParserError:
            self._refuse(_HEAD_TOO_LARGE if self._is_head_too_large else _UNREADABLE)
        else:
            if was_in_head and self._stage is _Stage.HEAD:
                # A header without an end is not seen by any callback.
                self._fed_of_head += len(piece)
                if self._fed_of_head > self._limits.head_bytes:
                    self._refuse(_HEAD_TOO_LARGE)

    def _refuse(self, answer: bytes) -> None:
        """Answer and close; the client has time to read it. Between answers that are due nothing can be said."""
        if self._is_answering:
            self._drop_unread_message()
        if self._is_answering or self.transport.is_closing():
            self.cut()
            return
        self._hear_no_more()
        self.transport.write(answer)
        self.transport.write_eof()

    def _drop_unread_message(self) -> None:
        """Forget the call whose body turned out to be none: it still waits for it."""
        is_unread = self._stage is _Stage.BODY and self._answering is self.cycle
        if self._answering and self._call and is_unread and not self._answering.response_started:
            self._answering.disconnected = self._answering.response_complete = True
            self._call.drop()

    def _hear_no_more(self) -> None:
        self._stage, self._since, self._unfed = _Stage.END, self.loop.time(), b""
        if self._answering:
            self._answering.keep_alive = False

    # What the parser finds

    def on_message_begin(self) -> None:
        self._stage, self._head_bytes, self._head_lines = _Stage.HEAD, 0, 0
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        self._count(len(url), lines=0)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._count(len(name) + len(value) + 4, lines=1)

    def _count(self, more: int, *, lines: int) -> None:
        self._head_bytes += more
        self._head_lines += lines
        if self._head_bytes > self._limits.head_bytes or self._head_lines > self._limits.head_lines:
            self._is_head_too_large = True
            raise ValueError("the head is too large")  # the parser stops at it

    def on_headers_complete(self) -> None:
        self._stage, self._since, self._fed_of_head = _Stage.BODY, self.loop.time(), 0
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        if not self.cycle.response_complete:
            self._stage = _Stage.ANSWER
            self._others.has_sent(self)
        else:
            self._await_head()
        super().on_message_complete()

    # What is done with it

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        self._call = Call(self.loop, cycle.run_asgi(app))
        self.tasks.add(self._call.task)
        self._call.task.add_done_callback(self.tasks.discard)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            return
        if not self._is_answering:
            self._since = self.loop.time()
            if self._stage is _Stage.ANSWER:
                self._await_head()
        self._feed()
        self.flow.resume_reading()

    def _await_head(self) -> None:
        self._stage, self._since = _Stage.HEAD, self.loop.time()
        self._others.owes(self)


def protocol_of(connections: Connections) -> type[asyncio.Protocol]:
    """What uvicorn is to make for each connection."""
    return cast("type[asyncio.Protocol]", partial(DoorProtocol, connections=connections))


def _raw(answer: Response) -> bytes:
    """An answer that is given before there is a request."""
    lines = [*answer.raw_headers, *HEADERS, (b"connection", b"close")]
    head = b"".join(b"%s: %s\r\n" % line for line in lines)
    return STATUS_LINE[answer.status_code] + head + b"\r\n" + bytes(answer.body)


_HEAD_TOO_LARGE = _raw(from_error(HeadTooLarge()))
_UNREADABLE = _raw(unreadable())
