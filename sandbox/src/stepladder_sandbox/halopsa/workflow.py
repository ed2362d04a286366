"""A ticket's way through the workflow of its type: where it stands, and where an action leads it."""

from __future__ import annotations

from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import World


def enter_workflow(world: World, ticket: Ticket) -> None:
    """Put a ticket at the start of the workflow of its type, if there is an active one."""
    directory = world.directory
    workflow = directory.workflows.get(directory.ticket_type(ticket.tickettype_id).workflow_id)
    ticket.workflow_id = ticket.workflow_step = 0
    if workflow is None or not workflow.active:
        return
    start = directory.flows[workflow.id].start()
    if start:
        ticket.workflow_id, ticket.workflow_step = workflow.id, start.step_id


def follow_workflow(world: World, ticket: Ticket, outcome_id: int) -> None:
    """Go on to the step that an action leads to. An action that is always allowed leads nowhere."""
    flow = world.directory.flows.get(ticket.workflow_id)
    step = flow.step(ticket.workflow_step) if flow else None
    way = step.way(outcome_id) if step else None
    if flow and way and flow.step(way):
        ticket.workflow_step = way
