"""Pure ASGI middleware: the MSP of the host, headers on every answer, and what nobody expected.

`BaseHTTPMiddleware` would double the memory of every waiting agent, so each is a plain callable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Collection
from email.utils import format_datetime

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepladder.errors import StepladderError
from stepladder.kit.clock import Clock
from stepladder.tenancy.hosts import Hosts, HostUnknown

from .problems import from_error, unexpected

OPEN_PATHS = frozenset({"/healthz"})

HEADERS: tuple[tuple[bytes, bytes], ...] = (
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
                    *(header for header in HEADERS if header[0] not in present),
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


class FoldedSlashes:
    """In these paths, doubled slashes count as one, and those at the end as none.

    How an integration joins its base URL and a method's path is not known: a base URL with a slash behind it must not
    make its buttons lead nowhere. Other paths hold names: an empty one must not make of a path another's.
    """

    def __init__(self, app: ASGIApp, paths: Collection[str]) -> None:
        self._app, self._paths = app, frozenset(paths)

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        # No coroutine of its own: each waiting agent would hold its frame.
        if scope["type"] == "http" and ("//" in scope["path"] or scope["path"].endswith("/")):
            folded = "/" + "/".join(part for part in scope["path"].split("/") if part)
            if folded in self._paths:
                scope = {**scope, "path": folded, "raw_path": folded.encode()}
        return self._app(scope, receive, send)
