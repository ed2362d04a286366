"""A quick action is pressed: its method is called for real, an action is noted, the status moves."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from collections.abc import Mapping

import httpx2

from stepladder_sandbox.halopsa.action_writes import append_action
from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import set_status
from stepladder_sandbox.halopsa.commits import log_updated
from stepladder_sandbox.halopsa.history import MethodCall
from stepladder_sandbox.halopsa.outbound.calling import BODY_LIMIT, CannotCall, Methods, Occasion
from stepladder_sandbox.halopsa.outbound.runbooks import Runbooks, Sleep
from stepladder_sandbox.halopsa.records import Outcome
from stepladder_sandbox.halopsa.tickets import Action, Ticket
from stepladder_sandbox.halopsa.world import World

__all__ = ["BODY_LIMIT", "CannotPress", "MethodCall", "Outbound"]


class CannotPress(ValueError):
    """There is no such ticket, button or person, or they do not go together; the text says which."""


class Outbound:
    """Calls Stepladder for those who press buttons, and for runbooks. Close it when the sandbox ends."""

    def __init__(
        self,
        world: World,
        transport: httpx2.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._world = world
        self._methods = Methods(world, transport)
        self.runbooks = Runbooks(world, self._methods, sleep)
        self._history: dict[int, dict[int, list[MethodCall]]] = defaultdict(dict)

    async def aclose(self) -> None:
        """End what is under way and let go of the network."""
        await self.runbooks.aclose()
        await self._methods.aclose()

    def history(self, ticket_id: int) -> Mapping[int, list[MethodCall]]:
        """The calls made from a ticket, by the action that made them."""
        return self._history.get(ticket_id, {})

    async def press(self, ticket_id: int, button_id: int, agent_id: int) -> list[MethodCall]:
        """Press a quick action as an agent. Raises CannotPress, but not for a call that fails."""
        ticket = self._ticket(ticket_id)
        button = _button(self._world.directory.buttons(ticket), button_id)
        agent = next((each for each in self._world.directory.people() if each.id == agent_id), None)
        if agent is None:
            raise CannotPress("Choose an agent who can sign in.")
        occasion = Occasion(title=button.outcome, trigger="button", ticket=ticket, agent=agent)
        return await self._carry_out(ticket, button, occasion, Caller.at_screen(agent))

    async def press_on_portal(self, ticket_id: int, button_id: int, user_id: int) -> list[MethodCall]:
        """Press a quick action as a customer's own user (threat T2). Raises CannotPress."""
        ticket = self._ticket(ticket_id)
        button = _button(self._world.directory.user_buttons(ticket), button_id)
        user = self._world.directory.users.get(user_id)
        if user is None or user.inactive or user.client_id != ticket.client_id:
            raise CannotPress("Choose a user of this ticket's customer.")
        occasion = Occasion(title=button.outcome, trigger="portal", ticket=ticket, user=user)
        return await self._carry_out(ticket, button, occasion, Caller.on_portal(user))

    def _ticket(self, ticket_id: int) -> Ticket:
        ticket = self._world.store.get(ticket_id)
        if ticket is None:
            raise CannotPress(f"There is no ticket {ticket_id}.")
        return ticket

    async def _carry_out(
        self, ticket: Ticket, button: Outcome, occasion: Occasion, caller: Caller
    ) -> list[MethodCall]:
        switches = self._world.switches
        needed = switches.method_needs_systemid
        if needed and button.systemid != needed:
            raise CannotPress("Its system use is not to execute an integration method.")
        try:
            prepared = self._methods.prepare(button.method_id, occasion)
        except CannotCall as wrong:
            raise CannotPress(str(wrong)) from wrong
        calls = [
            await self._methods.call(prepared, occasion, attempt)
            for attempt in range(1, 3 if switches.repeat_call else 2)
        ]
        moves = calls[-1].is_success or switches.close_even_if_call_failed
        if not ticket.is_deleted:
            action = self._note(ticket, button, caller, moves=moves)
            self._history[ticket.id][action.id] = calls
        return calls

    def _note(self, ticket: Ticket, button: Outcome, caller: Caller, *, moves: bool) -> Action:
        """Put the action on the ticket in the name of who pressed, and let its status follow."""
        world = self._world
        old_status, new_status = ticket.status_id, button.new_status_id if moves else 0
        action = Action(
            id=len(ticket.actions) + 1,
            ticket_id=ticket.id,
            guid=str(uuid.uuid4()),
            outcome=button.outcome,
            outcome_id=button.id,
            note="",
            note_html="",
            who=caller.agent.name,
            who_agentid=caller.agent.id,
            made_at=world.now(),
            old_status=old_status,
            new_status=new_status or old_status,
        )
        append_action(world, ticket, action)
        if new_status:
            closed_now = set_status(world, ticket, new_status, caller)
            log_updated(world, ticket, caller, names=["status_id"], closed_now=closed_now)
        return action


def _button(buttons: list[Outcome], button_id: int) -> Outcome:
    button = next((each for each in buttons if each.id == button_id), None)
    if button is None:
        raise CannotPress("This ticket has no such button.")
    return button
