"""A sandbox HaloPSA on a real port, a client for its API, a clock to move, and a stand-in for Stepladder itself."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.support.loopback import NO_TLS

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.demo import (
    CLIENT_ID,
    CLIENT_SECRET,
    SETUP_CLIENT_ID,
    SETUP_CLIENT_SECRET,
    demo_config,
)
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox, served

SCOPES = "read:tickets edit:tickets read:customers read:assets"


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 9, 30, 15, 421438, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class SleptSeconds:
    """Waits that return at once and are remembered."""

    seconds: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@dataclass
class Received:
    """A call as the stand-in for Stepladder got it."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class StepladderStub:
    """Takes the calls of the buttons and answers as a test wishes."""

    url: str = ""
    calls: list[Received] = field(default_factory=list)
    status: int = 200
    body: str = '{"verdict": "APPROVED"}'
    media_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    fails_first: int = 0

    async def answer(self, request: Request) -> Response:
        self.calls.append(Received(request.url.path, dict(request.headers), await request.body()))
        if len(self.calls) <= self.fails_first:
            return Response(status_code=503)
        return Response(self.body, self.status, self.headers, self.media_type)


class Api:
    """A client of the API that knows how a valid call looks, so that a test says only what matters to it."""

    def __init__(self, http: httpx2.AsyncClient) -> None:
        self.http = http

    async def ask_token(self, query: str = "", **form: str) -> httpx2.Response:
        """A token request; a field set to an empty string is left out."""
        fields = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scope": SCOPES,
        } | form
        sent = {name: value for name, value in fields.items() if value}
        return await self.http.post(f"/auth/token{query}", data=sent)

    async def sign_in(self, **form: str) -> str:
        """Use a new token from now on."""
        answer = await self.ask_token(**form)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        return token

    async def sign_in_for_setup(self, scope: str = "all") -> None:
        """Use a token of the wider credential from now on."""
        await self.sign_in(client_id=SETUP_CLIENT_ID, client_secret=SETUP_CLIENT_SECRET, scope=scope)

    async def put(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Create or change a configuration object, and give it back as it is answered."""
        answer = await self.post(kind, [fields])
        assert answer.status_code == 201, answer.text
        written: dict[str, Any] = answer.json()
        return written

    async def whole(self, kind: str, number: Any) -> dict[str, Any]:
        """A configuration object with all its details."""
        answer = await self.get(f"{kind}/{number}", includedetails="true")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def get(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.get(f"/api/{path}", params=params)

    async def delete(self, path: str, **params: Any) -> httpx2.Response:
        return await self.http.delete(f"/api/{path}", params=params)

    async def post(self, path: str, body: Any, **params: Any) -> httpx2.Response:
        return await self.http.post(f"/api/{path}", json=body, params=params)

    async def try_create(self, **fields: Any) -> httpx2.Response:
        """A create that is valid but for what the test changes; a field set to None is left out."""
        whole = {
            "summary": "Elevation request",
            "details": "Amelia asks to run Setup.exe",
            "tickettype_id": 1,
            "client_id": 1,
            "category_1": "Business Applications",
        } | fields
        return await self.post(
            "Tickets", [{name: value for name, value in whole.items() if value is not None}]
        )

    async def create(self, **fields: Any) -> dict[str, Any]:
        answer = await self.try_create(**fields)
        assert answer.is_success, answer.text
        created: dict[str, Any] = answer.json()
        return created

    async def update(self, ticket_id: int, **fields: Any) -> httpx2.Response:
        return await self.post("Tickets", [{"id": ticket_id, **fields}])

    async def act(self, ticket_id: int, **fields: Any) -> httpx2.Response:
        return await self.post("Actions", [{"ticket_id": ticket_id, "outcome": "Internal Note", **fields}])

    async def read(self, ticket_id: int) -> dict[str, Any]:
        answer = await self.get(f"Tickets/{ticket_id}", includedetails="true")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def found(self, **filters: Any) -> list[int]:
        """Ids of the tickets that a list call shows."""
        answer = await self.get("Tickets", **filters)
        assert answer.status_code == 200, answer.text
        return [row["id"] for row in answer.json()["tickets"]]


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def slept() -> SleptSeconds:
    return SleptSeconds()


@asynccontextmanager
async def stub_served() -> AsyncIterator[StepladderStub]:
    """A stand-in for Stepladder."""
    stub = StepladderStub()
    app = Starlette(routes=[Route("/{path:path}", stub.answer, methods=["GET", "POST"])])
    async with served(app) as url:
        stub.url = url
        yield stub


@pytest.fixture
async def stepladder() -> AsyncIterator[StepladderStub]:
    async with stub_served() as stub:
        yield stub


@pytest.fixture
def key() -> str:
    """The key that the buttons send."""
    return "sl_in_7Qm2x9VtLw4Kd8Rz"


@pytest.fixture
def config(stepladder: StepladderStub, key: str) -> SandboxConfig:
    return demo_config(stepladder.url, key, device_name="AMELIA-PC")


@pytest.fixture
async def sandbox(
    config: SandboxConfig, clock: MovableClock, slept: SleptSeconds
) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(config, clock=clock, sleep=slept) as running:
        yield running


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Api]:
    """A client without a token."""
    async with httpx2.AsyncClient(base_url=url, verify=NO_TLS) as http:
        yield Api(http)


@pytest.fixture
def client_of() -> Callable[[str], AbstractAsyncContextManager[Api]]:
    """Makes a client of another sandbox than the usual one, without a token."""
    return client


@pytest.fixture
async def guest(sandbox: RunningSandbox) -> AsyncIterator[Api]:
    """A client without a token."""
    async with client(sandbox.url) as api:
        yield api


@pytest.fixture
async def api(guest: Api) -> Api:
    """A client with a token for the scopes of the integration guide."""
    await guest.sign_in()
    return guest


@pytest.fixture
async def admin(sandbox: RunningSandbox) -> AsyncIterator[Api]:
    """A client with a token of the credential that may set HaloPSA up."""
    async with client(sandbox.url) as api:
        await api.sign_in_for_setup()
        yield api
