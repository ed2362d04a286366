"""The HaloPSA connector on a sandbox over HTTP, with its look-ups in memory and its calls counted."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.contracts.ticket_connector import closing_of, draft_for
from tests.support.clock import ManualClock

from stepladder.connectors.base import Lookup, LookupEntry
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import HaloConfig
from stepladder.connectors.halopsa.connector import HaloConnector
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit import outbound
from stepladder.kit.clock import Clock
from stepladder.kit.secret import Secret
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox, served

__all__ = [
    "NORTHWIND",
    "Connected",
    "Reply",
    "Scripted",
    "closing_of",
    "connected",
    "draft_for",
    "payload",
    "scripted",
]
NORTHWIND = RemoteCustomer("1", "Northwind Traders", is_active=True)


class MemoryLookups:
    """A look-up store without a database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.entries: dict[Lookup, LookupEntry] = {}

    async def get(self, wanted: Collection[Lookup]) -> dict[Lookup, LookupEntry]:
        return {each: self.entries[each] for each in wanted if each in self.entries}

    async def put(self, lookup: Lookup, remote_id: str | None) -> None:
        self.entries[lookup] = LookupEntry(remote_id, self._clock.now())

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        self.entries = {
            key: entry for key, entry in self.entries.items() if kinds is not None and key.kind not in kinds
        }


def lookup_of(kind: str, name: str) -> Lookup:
    """A look-up as it is written here: the scope, where there is one, before a slash."""
    scope, _, rest = name.rpartition("/")
    return Lookup(kind, rest, scope)


class Connected:
    """A connector with what a test looks at."""

    def __init__(
        self, url: str, clock: Clock | None = None, secret: str = demo.CLIENT_SECRET, **config: Any
    ) -> None:
        self.clock = clock or ManualClock()  # it stands still, so no load makes a call late
        self.config = HaloConfig(**{"url": url, "client_id": demo.CLIENT_ID, **config})
        self.lookups = MemoryLookups(self.clock)
        self.calls = 0
        origins = {outbound.origin_of(each) for each in (self.config.url, self.config.auth_url) if each}
        http = outbound.open_client(origins, timeout_seconds=60)
        self.client = HaloClient(http, self.config, Secret(secret), self.clock, before_call=self._before_call)
        self.connector = HaloConnector(self.client, self.config, self.lookups, self.clock)

    async def _before_call(self) -> None:
        self.calls += 1


@asynccontextmanager
async def connected(halo: RunningSandbox | str, **config: Any) -> AsyncIterator[Connected]:
    """The connector to a sandbox, or to any address; closed at the end."""
    found = Connected(halo if isinstance(halo, str) else halo.url, **config)
    try:
        yield found
    finally:
        await found.connector.aclose()


@dataclass
class Reply:
    """One answer of a scripted server."""

    status: int = 200
    body: bytes | dict[str, Any] | list[Any] = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Scripted:
    """A server that says what it was told to say, and remembers what it was asked."""

    url: str = ""
    api: list[Reply] = field(default_factory=list)
    """Answers to API calls in order; the last one stands for all that follow."""
    token: Reply = field(default_factory=lambda: Reply(body={"access_token": "token-1", "expires_in": 3600}))
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Method, address and body of every call, tokens apart."""
    tokens_asked: list[tuple[str, bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        if request.url.path.endswith("/token"):
            self.tokens_asked.append((str(request.url), body))
            return _response(self.token)
        self.asked.append((request.method, str(request.url), body))
        return _response(self.api.pop(0) if len(self.api) > 1 else self.api[0])


def _response(reply: Reply) -> Response:
    content = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body)
    return Response(content, reply.status, headers=reply.headers)


@asynccontextmanager
async def scripted(*api: Reply, token: Reply | None = None) -> AsyncIterator[Scripted]:
    """Run a scripted server."""
    script = Scripted(api=list(api))
    script.token = token or script.token
    app = Starlette(routes=[Route("/{path:path}", script.answer, methods=["GET", "POST"])])
    async with served(app) as url:
        script.url = url
        yield script


def payload(name: str) -> bytes:
    """The body of an answer from `payloads/`."""
    return (Path(__file__).parent / "payloads" / name).read_bytes()
