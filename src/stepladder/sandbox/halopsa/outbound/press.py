"""A quick action is pressed: the method is called for real, an action is noted, the status moves."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import httpx2

from stepladder.sandbox.halopsa.action_writes import append_action
from stepladder.sandbox.halopsa.callers import Caller
from stepladder.sandbox.halopsa.closing import set_status
from stepladder.sandbox.halopsa.outbound.variables import Variables
from stepladder.sandbox.halopsa.records import Agent, Method, Outcome
from stepladder.sandbox.halopsa.ticket_writes import log_updated
from stepladder.sandbox.halopsa.tickets import Action, Ticket
from stepladder.sandbox.halopsa.world import World

BODY_LIMIT = 2048
"""How much of a body is kept. HaloPSA shows it to its administrators (API.md 6.1, `WebhookEvent`)."""


class CannotPress(ValueError):
    """There is no such ticket, button or agent, or they do not go together; the text says which."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MethodCall:
    """One call of a custom method and what became of it."""

    button: str
    method: str
    agent: str
    url: str
    at: datetime
    status: int
    """0 where no answer came; then `error` says why."""
    error: str
    ms: int
    request_body: str
    response_body: str
    media_type: str

    @property
    def is_success(self) -> bool:
        """200 to 299 is success, anything else is not (API.md 6.1)."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class _Prepared:
    method: Method
    url: str
    headers: dict[str, str]
    body: str


class Outbound:
    """Calls Stepladder for the agents who press buttons. Close it when the sandbox ends."""

    def __init__(self, world: World, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._world = world
        # No connection is kept, because the other side is killed and restarted at will.
        limits = httpx2.Limits(max_keepalive_connections=0)
        self._http = httpx2.AsyncClient(limits=limits, transport=transport, trust_env=False)
        self._history: dict[int, dict[int, list[MethodCall]]] = defaultdict(dict)

    async def aclose(self) -> None:
        """Let go of the network."""
        await self._http.aclose()

    def history(self, ticket_id: int) -> Mapping[int, list[MethodCall]]:
        """The calls made from a ticket, by the action that made them."""
        return self._history.get(ticket_id, {})

    async def press(self, ticket_id: int, button_id: int, agent_id: int) -> list[MethodCall]:
        """Press a quick action as an agent. Raises CannotPress, but not for a call that fails."""
        world = self._world
        ticket, button, agent = self._checked(ticket_id, button_id, agent_id)
        prepared = self._prepare(ticket, button, agent)
        calls = [
            await self._call(ticket, button, agent, prepared, attempt)
            for attempt in range(1, 3 if world.switches.repeat_call else 2)
        ]
        moves = calls[-1].is_success or world.switches.close_even_if_call_failed
        if not ticket.is_deleted:
            action = self._note(ticket, button, agent, moves=moves)
            self._history[ticket.id][action.id] = calls
        return calls

    def _checked(self, ticket_id: int, button_id: int, agent_id: int) -> tuple[Ticket, Outcome, Agent]:
        directory = self._world.directory
        ticket = self._world.store.get(ticket_id)
        if ticket is None:
            raise CannotPress(f"There is no ticket {ticket_id}.")
        button = next(
            (each for each in directory.buttons(ticket.tickettype_id) if each.id == button_id), None
        )
        if button is None:
            raise CannotPress("This ticket has no such button.")
        agent = next((each for each in directory.people() if each.id == agent_id), None)
        if agent is None:
            raise CannotPress("Choose an agent who can sign in.")
        return ticket, button, agent

    def _prepare(self, ticket: Ticket, button: Outcome, agent: Agent) -> _Prepared:
        method = self._world.directory.methods.get(button.method_id)
        integration = self._world.config.integration
        if method is None or integration is None:
            raise CannotPress("No custom integration is configured for this button.")
        variables = Variables(self._world, ticket, agent)
        headers = {name: variables.in_header(value) for name, value in method.headers.items()}
        if not any(name.lower() == "content-type" for name in headers):
            headers["Content-Type"] = "application/json"
        headers[integration.header_name] = integration.header_value
        return _Prepared(method, integration.base_url + method.path, headers, variables.in_body(method.body))

    async def _call(
        self, ticket: Ticket, button: Outcome, agent: Agent, prepared: _Prepared, attempt: int
    ) -> MethodCall:
        world = self._world
        world.log.write(
            "method.sent",
            ticket_id=ticket.id,
            method=prepared.method.name,
            url=prepared.url,
            agent=agent.name,
            attempt=attempt,
            request_body=prepared.body[:BODY_LIMIT],
        )
        at, started = world.now(), time.perf_counter()
        status, error, body, media_type = await self._exchange(prepared)
        call = MethodCall(
            button=button.outcome,
            method=prepared.method.name,
            agent=agent.name,
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
            ticket_id=ticket.id,
            third_party_id_string=ticket.third_party_id_string,
            method=call.method,
            url=call.url,
            agent=call.agent,
            agent_id=agent.id,
            attempt=attempt,
            status=call.status,
            error=call.error or None,
            ms=call.ms,
            response_body=call.response_body,
        )
        return call

    async def _exchange(self, prepared: _Prepared) -> tuple[int, str, str, str]:
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

    def _note(self, ticket: Ticket, button: Outcome, agent: Agent, *, moves: bool) -> Action:
        """Put the action on the ticket in the agent's name, and let its status follow."""
        world, caller = self._world, Caller.at_screen(agent)
        old_status, new_status = ticket.status_id, button.new_status_id if moves else 0
        action = Action(
            id=len(ticket.actions) + 1,
            ticket_id=ticket.id,
            guid=str(uuid.uuid4()),
            outcome=button.outcome,
            outcome_id=button.id,
            note="",
            note_html="",
            who=agent.name,
            who_agentid=agent.id,
            made_at=world.now(),
            old_status=old_status,
            new_status=new_status or old_status,
        )
        append_action(world, ticket, action)
        if new_status:
            closed_now = set_status(world, ticket, new_status, caller)
            log_updated(world, ticket, caller, names=["status_id"], closed_now=closed_now)
        return action
