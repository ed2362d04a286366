"""Really calls a custom method, for a button, the portal or a runbook."""

from __future__ import annotations

import ssl
import time
import uuid
from dataclasses import dataclass
from functools import cache
from urllib.parse import quote

import httpx2
import msgspec

from stepladder_sandbox.halopsa.history import MethodCall, OutgoingCall
from stepladder_sandbox.halopsa.outbound.variables import Variables
from stepladder_sandbox.halopsa.records import Agent, Integration, Method, User
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import World

BODY_LIMIT = 2048
"""How much of a body is saved. HaloPSA shows it to its administrators (HaloPSA fact 26, `WebhookEvent`)."""

API_KEY = 1
"""`authorizationtype` of an integration whose calls carry a key."""


class CannotCall(ValueError):
    """There is nothing to call; the text says what is missing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Occasion:
    """Why a method is called: what did it, for whom, and on which ticket."""

    title: str
    trigger: str
    ticket: Ticket | None = None
    agent: Agent | None = None
    user: User | None = None
    run_id: int = 0

    @property
    def who(self) -> str:
        """The name of the person who acts; empty if there is none."""
        person = self.agent or self.user
        return person.name if person else ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A call that is ready to be made, and made again: its variables are filled in."""

    method: Method
    url: str
    headers: dict[str, str]
    body: str


@cache
def _tls_context() -> ssl.SSLContext:
    """One for the process: reading the authorities takes 30 ms, and every test starts a sandbox."""
    return httpx2.create_ssl_context(trust_env=False)


class Methods:
    """Makes the calls. Close it when the sandbox ends."""

    def __init__(self, world: World, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._world = world
        # No connection is kept, because the other side is killed and restarted at will.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = httpx2.AsyncClient(
            verify=_tls_context(), limits=limits, transport=transport, trust_env=False
        )

    async def aclose(self) -> None:
        """Let go of the network."""
        await self._http.aclose()

    def prepare(self, method_id: int, occasion: Occasion) -> Prepared:
        """Fill in the method's variables. Raises CannotCall."""
        method = self._world.directory.methods.get(method_id)
        integration = self._world.directory.integrations.get(method.integration_id) if method else None
        if method is None or integration is None:
            raise CannotCall("No custom integration is configured for this button.")
        variables = Variables(self._world, occasion.ticket, occasion.agent)
        headers = {name: variables.in_header(value) for name, value in method.headers.items()}
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        parameters = {name: variables.in_header(value) for name, value in method.uri_params.items()}
        if key := _key_of(integration, method):
            (parameters if integration.key_in_query else headers).update(key)
        body = "" if method.verb == "GET" else variables.in_body(method.body)
        return Prepared(method, _with_query(integration.base_url + method.path, parameters), headers, body)

    async def call(self, prepared: Prepared, occasion: Occasion, attempt: int = 1) -> MethodCall:
        """Make one call and remember it."""
        world, ticket = self._world, occasion.ticket
        about = {
            "ticket_id": ticket.id if ticket else None,
            "trigger": occasion.trigger,
            "title": occasion.title,
            "run": occasion.run_id or None,
            "method": prepared.method.name,
            "verb": prepared.method.verb,
            "url": prepared.url,
            "agent": occasion.who,
            "agent_id": occasion.agent.id if occasion.agent else None,
            "user_id": occasion.user.id if occasion.user else None,
            "attempt": attempt,
        }
        world.log.write("method.sent", **about, request_body=prepared.body[:BODY_LIMIT])
        at, started = world.now(), time.perf_counter()
        status, error, body, media_type = await self._exchange(prepared)
        call = MethodCall(
            button=occasion.title,
            trigger=occasion.trigger,
            method=prepared.method.name,
            agent=occasion.who,
            url=prepared.url,
            at=at,
            status=status,
            error=error,
            ms=round((time.perf_counter() - started) * 1000),
            request_body=prepared.body[:BODY_LIMIT],
            response_body=body[:BODY_LIMIT],
            media_type=media_type,
        )
        world.log.write(
            "method.called",
            **about,
            third_party_id_string=ticket.third_party_id_string if ticket else None,
            status=call.status,
            error=call.error or None,
            ms=call.ms,
            response_body=call.response_body,
        )
        self._remember(prepared, occasion, call)
        return call

    def _remember(self, prepared: Prepared, occasion: Occasion, call: MethodCall) -> None:
        self._world.outgoing.append(
            OutgoingCall(
                id=str(uuid.uuid4()),
                method_id=prepared.method.id,
                method_name=call.method,
                ticket_id=occasion.ticket.id if occasion.ticket else 0,
                run_id=occasion.run_id,
                at=call.at,
                ms=call.ms,
                status=call.status,
                request_headers=msgspec.json.encode(prepared.headers).decode(),
                request_body=call.request_body,
                response_body=call.response_body or call.error,
            )
        )

    async def _exchange(self, prepared: Prepared) -> tuple[int, str, str, str]:
        """Status, error, body and media type. An error has status 0."""
        switches = self._world.switches
        try:
            answer = await self._http.request(
                prepared.method.verb,
                prepared.url,
                content=prepared.body.encode(),
                headers=[(name.encode(), value.encode()) for name, value in prepared.headers.items()],
                timeout=switches.call_timeout_s,
                follow_redirects=switches.follow_redirects,
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as wrong:
            return 0, f"{type(wrong).__name__}: {wrong}", "", ""
        return answer.status_code, "", answer.text, answer.headers.get("content-type", "")


def _key_of(integration: Integration, method: Method) -> dict[str, str]:
    """The key that a call carries: that of the integration, unless the method has an authorisation of its own."""
    inherits = method.authorizationtype == -1 and integration.authorizationtype == API_KEY
    if not inherits or not integration.header_name:
        return {}
    return {integration.header_name: integration.header_value}


def _with_query(url: str, parameters: dict[str, str]) -> str:
    if not parameters:
        return url
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters.items())
    return f"{url}{'&' if '?' in url else '?'}{query}"
