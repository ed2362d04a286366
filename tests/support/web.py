"""The real web application on a loopback socket, and callers that speak to it as integrations and agents do."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder import server
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.settings import Settings
from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.messages import EnrolBody, SubmitBody
from stepladder_sandbox.halopsa.server import loopback_socket
from tests.support.loopback import NO_TLS
from tests.support.tenants import Desktop, Tenant, body, new_tenant

# The wiring as it stands in HaloPSA instances that we cannot change: letters, and not the product's own constants.
KEY_HEADER = "X-Idemeum-Api-Key"
TECHNICIAN_HEADER = "X-Stepladder-Technician-Email"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
DISABLE_TYPE = "application/vnd.dvmi.entra.app.user.disable+json"
APPROVE = "/api/integrations/elevation/request/approve"
DENY = "/api/integrations/elevation/request/deny"
DISABLE = "/api/integrations/entrajitaccounts"
REQUESTS = f"{ENDPOINT_API}/elevation-requests"
PROBLEM = "application/problem+json"


class MovedClock:
    """The machine's clock, moved ahead by a test; sleeping is hurried, so that a safety check comes soon."""

    def __init__(self, *, haste: float = 20.0) -> None:
        self._ahead = timedelta(0)
        self._haste = haste

    def move(self, ahead: timedelta) -> None:
        """Let `ahead` pass at once."""
        self._ahead += ahead

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead.total_seconds()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._haste)


@dataclass
class RunningWeb:
    """An application that is up. The MSP is chosen by the Host header, as behind a real front end."""

    services: Services
    url: str
    port: int
    client: httpx2.AsyncClient

    async def press(
        self,
        tenant: Tenant,
        path: str,
        members: dict[str, Any] | bytes | str,
        *,
        key: str | None = None,
        media_type: str | None = None,
        host: str | None = None,
        technician: str | None = None,
        headers: list[tuple[str, str]] | None = None,
    ) -> httpx2.Response:
        """Call the integration API as HaloPSA's custom method does."""
        if isinstance(members, dict):
            content = json.dumps(members).encode()
        else:
            content = members.encode() if isinstance(members, str) else members
        lines: list[Any] = [
            ("Host", tenant.msp.host if host is None else host),
            ("Content-Type", media_type or media_type_of(path)),
        ]
        if key != "":
            lines.append((KEY_HEADER, key or tenant.key))
        if technician is not None:
            lines.append((TECHNICIAN_HEADER, technician.encode("latin-1")))
        return await self.client.post(path, content=content, headers=[*lines, *(headers or [])])

    async def approve(
        self, tenant: Tenant, request_id: str | int, customer: str, *, mode: str = "USER", **how: Any
    ) -> httpx2.Response:
        """Press Approve."""
        return await self.press(tenant, APPROVE, approval(request_id, customer, mode), **how)

    async def deny(self, tenant: Tenant, request_id: str | int, customer: str, **how: Any) -> httpx2.Response:
        """Press Deny."""
        return await self.press(tenant, DENY, denial(request_id, customer), **how)


def media_type_of(path: str) -> str:
    """The documented media type of an integration call."""
    return DISABLE_TYPE if path == DISABLE else DECISION_TYPE


def approval(request_id: str | int, customer: str, mode: str = "USER") -> dict[str, Any]:
    """The documented body of Approve."""
    return {**denial(request_id, customer), "userElevationMode": mode}


def denial(request_id: str | int, customer: str) -> dict[str, Any]:
    """The documented body of Deny."""
    return {"idemeumElevationRequestId": request_id, "idemeumCustomerName": customer}


@asynccontextmanager
async def running_web(
    services: Services, *, waiting: bool = True, behind_proxy: bool = False
) -> AsyncIterator[RunningWeb]:
    """Serve the application of `services` in this event loop; `waiting` runs what wakes waiting agents too.

    Behind a proxy, the caller says in X-Forwarded-For where they come from.
    """
    settings = services.settings.model_copy(update={"behind_tls_proxy": behind_proxy})
    config = server.web_config(replace(services, settings=settings))
    config.load()
    running = uvicorn.Server(config)
    running.lifespan = config.lifespan_class(config)
    bound = loopback_socket("127.0.0.1", 0)
    port = bound.getsockname()[1]
    await running.startup(sockets=[bound])
    telling = asyncio.create_task(services.waiters.run()) if waiting else None
    limits = httpx2.Limits(max_connections=None, max_keepalive_connections=None)
    try:
        async with httpx2.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, limits=limits, verify=NO_TLS
        ) as client:
            yield RunningWeb(services, f"http://127.0.0.1:{port}", port, client)
    finally:
        services.waiters.close()
        if telling:
            telling.cancel()
            await asyncio.wait([telling])
        for listening in running.servers:
            listening.close()
        for connection in list(running.server_state.connections):
            connection.shutdown()
        if running.server_state.tasks:
            await asyncio.wait(list(running.server_state.tasks), timeout=5)
        for connection in list(running.server_state.connections):
            connection.transport.abort()
        # What still runs waits for a body that nobody sends; a failing test must not wait with it.
        for task in list(running.server_state.tasks):
            task.cancel()
            await asyncio.wait([task], timeout=5)


@dataclass
class ThreadedWeb:
    """An application that is up in a thread of its own, for callers that block."""

    web: RunningWeb
    tenant: Tenant
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the application's own loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@contextmanager
def threaded_web(settings: Settings, urls: DatabaseUrls) -> Iterator[ThreadedWeb]:
    """Serve an application with a tenant in another thread."""
    ready: concurrent.futures.Future[ThreadedWeb] = concurrent.futures.Future()
    done = threading.Event()

    async def serve() -> None:
        async with open_services(settings, urls) as services, running_web(services) as running:
            tenant = await new_tenant(services)
            ready.set_result(ThreadedWeb(running, tenant, asyncio.get_running_loop()))
            await asyncio.to_thread(done.wait)

    def main() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=main, name="threaded-web")
    thread.start()
    try:
        yield ready.result(60)
    finally:
        done.set()
        thread.join(60)


@dataclass(frozen=True)
class Wire:
    """One signed message, as bytes that can be captured, altered and sent again."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    content: bytes = b""

    async def to(self, web: RunningWeb) -> httpx2.Response:
        """Send exactly this."""
        return await web.client.request(
            self.method, self.path, headers=list(self.headers), content=self.content or None
        )

    def altered(self, **changes: Any) -> Wire:
        """The same message with something changed and the old signature."""
        return replace(self, **changes)

    def with_header(self, name: str, value: str) -> Wire:
        """The same message with one header replaced."""
        kept = tuple(line for line in self.headers if line[0].lower() != name.lower())
        return replace(self, headers=(*kept, (name, value)))


@dataclass
class Machine:
    """An enrolled desktop that speaks the endpoint API over HTTP."""

    tenant: Tenant
    desktop: Desktop
    sent: list[Wire] = field(default_factory=list)

    @property
    def id(self) -> str:
        return self.desktop.id

    def signed(
        self,
        method: str,
        path: str,
        content: bytes = b"",
        *,
        now: datetime | None = None,
        nonce: str | None = None,
        host: str | None = None,
        key_id: str | None = None,
        key: Ed25519PrivateKey | None = None,
    ) -> Wire:
        """A message of this machine; what is given differs from an honest one."""
        named = host or self.tenant.msp.host
        wire = sign(
            key or self.desktop.key,
            key_id or self.id,
            method,
            path,
            content,
            host=named,
            now=now or self.tenant.services.clock.now(),
            nonce=nonce,
        )
        self.sent.append(wire)
        return wire

    def asking(self, submit: SubmitBody | None = None, **changes: Any) -> Wire:
        """A signed request for elevation."""
        wanted = submit or body(**changes)
        return self.signed("POST", REQUESTS, wanted.model_dump_json().encode())

    def looking(self, request_id: str, wait: float | None = None) -> Wire:
        """A signed question for the verdict."""
        query = "" if wait is None else f"?wait={wait}"
        return self.signed("GET", f"{REQUESTS}/{request_id}{query}")

    def cancelling(self, request_id: str) -> Wire:
        return self.signed("POST", f"{REQUESTS}/{request_id}/cancel")

    def fetching(self, request_id: str) -> Wire:
        return self.signed("GET", f"{REQUESTS}/{request_id}/grant")


def machine(tenant: Tenant, desktop: Desktop | None = None) -> Machine:
    """A desktop of the tenant, ready to speak."""
    return Machine(tenant, desktop or tenant.desktop)


def sign(
    key: Ed25519PrivateKey,
    key_id: str,
    method: str,
    path: str,
    content: bytes,
    *,
    host: str,
    now: datetime | None = None,
    nonce: str | None = None,
) -> Wire:
    """A message signed with any key."""
    headers = signing.sign(
        method=method, url=f"http://{host}{path}", body=content, key=key, key_id=key_id, now=now, nonce=nonce
    )
    lines = [("Host", host), *headers.items()]
    if content:
        lines.append(("Content-Type", "application/json"))
    return Wire(method, path, tuple(lines), content)


def enrolment(
    tenant: Tenant,
    token: str,
    key: Ed25519PrivateKey,
    *,
    name: str = "DESK-9",
    host: str | None = None,
    signed_by: Ed25519PrivateKey | None = None,
    **changes: Any,
) -> Wire:
    """An enrolment message."""
    values = {
        "token": token,
        "public_key": keys.public_key_text(key),
        "endpoint_name": name,
        "operating_system": "Debian 12",
        "agent_version": "0.1.0",
    }
    content = EnrolBody(**{**values, **changes}).model_dump_json().encode()
    return sign(
        signed_by or key,
        keys.key_id(key.public_key()),
        "POST",
        f"{ENDPOINT_API}/enrol",
        content,
        host=host or tenant.msp.host,
        now=tenant.services.clock.now(),
    )


def assert_problem(response: httpx2.Response, status: int, code: str | None = None) -> dict[str, Any]:
    """The answer is an RFC 9457 problem of the one shape; gives its members."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    found: dict[str, Any] = response.json()
    assert {"type", "title", "status", "code", "detail"} <= found.keys()
    assert all(isinstance(found[name], str) and found[name] for name in ("type", "title", "code", "detail"))
    assert found["status"] == status
    if code:
        assert found["code"] == code
    return found


async def count(tenant: Tenant, query: Any, **params: Any) -> Any:
    """The first column of the first row that the tenant itself sees."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await tx.scalar(query, params)


async def audit_events(tenant: Tenant, subject: str | None = None) -> list[dict[str, Any]]:
    """The tenant's audit events in order of writing."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await tx.dicts(
            """select tag, actor_kind, actor_id, subject, facts from audit_event
               where %(subject)s::text is null or subject = %(subject)s order by id""",
            {"subject": subject},
        )


async def snapshot(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Everything that a decision or a request could change, except the audit trail."""
    found = {}
    async with tenant.services.db.transaction(tenant.operator) as tx:
        for table in (
            "elevation_request",
            "joined_request",
            "decision",
            "elevation_grant",
            "ticket_link",
            "endpoint",
        ):
            found[table] = await tx.dicts(f"select to_jsonb(t) as row from {table} t order by 1")  # noqa: S608 - names of our own
    return found


async def until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    """Let other tasks run until the condition holds; fails when it never does."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event, because the product needs none
            await asyncio.sleep(0.002)


def other_id() -> str:
    """An id that nobody has."""
    return str(uuid.uuid4())
