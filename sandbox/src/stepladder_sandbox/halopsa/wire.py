"""Breaking connections the way networks do, beneath what ASGI offers."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from starlette.types import Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_EXTENSION = "stepladder_sandbox.transport"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class SandboxProtocol(HttpToolsProtocol):
    """uvicorn's own protocol, which in addition hands the connection's transport to the application."""

    def on_message_begin(self) -> None:
        """Start a request; its scope then names the transport it came over."""
        super().on_message_begin()
        self.scope["extensions"] = {_EXTENSION: {"transport": self.transport}}


class ConnectionBroken(ConnectionResetError):
    """Raised instead of breaking a connection where there is none, as below an in-process ASGI transport."""


def _transport(scope: Scope) -> asyncio.Transport:
    found = scope.get("extensions", {}).get(_EXTENSION)
    if found is None:
        raise ConnectionBroken
    transport: asyncio.Transport = found["transport"]
    return transport


async def _gone(receive: Receive) -> None:
    """Wait until the server has noticed that the connection is over; otherwise it would answer for us."""
    message: Message = {"type": "http.request"}
    while message["type"] != "http.disconnect":
        message = await receive()


async def drop(scope: Scope, receive: Receive) -> None:
    """Close the connection without a byte of an answer."""
    _transport(scope).abort()
    await _gone(receive)


async def reset(scope: Scope, receive: Receive) -> None:
    """Close the connection with a TCP reset."""
    transport = _transport(scope)
    connection: Any = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    transport.abort()
    await _gone(receive)


async def cut(scope: Scope, receive: Receive, send: Send, start: Message, body: bytes) -> None:
    """Promise the whole body, send half of it, close."""
    transport = _transport(scope)
    await send(start)
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport.close()
    await _gone(receive)
