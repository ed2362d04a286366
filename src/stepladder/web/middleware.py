"""Pure ASGI middleware: the MSP of the host, the size of bodies, headers on every answer.

`BaseHTTPMiddleware` would double the memory of every waiting agent, so each is a plain callable.
"""

from __future__ import annotations

from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepladder.errors import StepladderError
from stepladder.kit.clock import Clock
from stepladder.tenancy.hosts import Hosts, HostUnknown

from .problems import BodyTooLarge, from_error, unexpected

LARGEST_BODY = 512 * 1024
OPEN_PATHS = frozenset({"/healthz"})

_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"strict-transport-security", b"max-age=31536000; includeSubDomains"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)


class SecurityHeaders:
    """Adds the headers to every answer, errors included.

    `Date` is the time of the answer. The web server would take the time at which the question came, which after a long
    wait is far off, and agents tell the time by it.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app, self._clock = app, clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                date = format_datetime(self._clock.now(), usegmt=True).encode("ascii")
                message["headers"] = [
                    *message["headers"],
                    (b"date", date),
                    *(header for header in _HEADERS if header[0] not in present),
                ]
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Unexpected:
    """Turns an unexpected error into an answer with the headers of all others, and the process runs on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if started or scope["type"] != "http":
                raise
            await unexpected(scope["path"], error)(scope, receive, send)


class TenantOfHost:
    """Finds the MSP by the Host header, and nothing else, before any route runs."""

    def __init__(self, app: ASGIApp, hosts: Hosts) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
            return
        sent = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        try:
            if len(sent) != 1:
                raise HostUnknown
            scope.setdefault("state", {})["msp"] = await self._hosts.msp_for(sent[0])
        except StepladderError as error:
            await from_error(error)(scope, receive, send)
            return
        await self._app(scope, receive, send)


class _TooLarge(Exception):
    pass


class BodyLimit:
    """Refuses bodies above the bound, whether they announce their length or not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > LARGEST_BODY:
            await from_error(BodyTooLarge())(scope, receive, send)
            return
        received, started = 0, False

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise _TooLarge
            return message

        async def noted(message: Message) -> None:
            nonlocal started
            if received > LARGEST_BODY and not started:
                raise _TooLarge  # Instead of the answer that a framework made of the interrupted reading.
            started = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLarge:
            if not started:
                await from_error(BodyTooLarge())(scope, receive, send)
