"""Moving a ticket to another status, and what it means that this status is a closed one (HaloPSA fact 19)."""

from __future__ import annotations

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.refusals import forbidden, invalid
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import TICKET_CLOSED, World


def check_may_edit(ticket: Ticket, caller: Caller) -> None:
    """Raises Refused where the ticket is closed and the agent lacks "Can edit closed Tickets"."""
    if ticket.is_closed and not caller.rights.edit_closed:
        raise forbidden()


def check_status(world: World, ticket: Ticket, status_id: int) -> None:
    """Raises Refused where the ticket cannot be moved to this status now."""
    closes = world.directory.status(status_id).closed and not ticket.is_closed
    if closes and world.switches.open_children_block_closing and world.store.open_children(ticket.id):
        raise invalid("This Ticket cannot be closed as it has open child Tickets.")


def set_status(world: World, ticket: Ticket, status_id: int, caller: Caller) -> bool:
    """Move the ticket, and close or reopen it as the status says. True if this closed it."""
    ticket.status_id = status_id
    closes = world.directory.status(status_id).closed
    if closes == ticket.is_closed:
        return False
    ticket.is_closed = closes
    ticket.dateclosed = world.now() if closes else None
    ticket.closure_agent_id = caller.agent.id if closes else 0
    if closes:
        world.happened(TICKET_CLOSED, ticket)
    return closes
