"""Adding actions to tickets, with the changes of the ticket that may ride on them (HaloPSA fact 18)."""

from __future__ import annotations

import uuid

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import check_may_edit, check_status, set_status
from stepladder_sandbox.halopsa.commits import log_updated
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.fields import assignable
from stepladder_sandbox.halopsa.records import Outcome
from stepladder_sandbox.halopsa.refusals import forbidden, invalid, not_found, plain
from stepladder_sandbox.halopsa.tickets import Action, Ticket
from stepladder_sandbox.halopsa.workflow import follow_workflow
from stepladder_sandbox.halopsa.world import World


def write_action(world: World, element: Element, caller: Caller) -> Action:
    """Add an action, or change one if its `id` within the ticket is given. Raises Refused."""
    ticket = _ticket_of(world, element)
    check_may_edit(ticket, caller)
    action_id = element.integer("id")
    if action_id:
        return _change(world, ticket, action_id, element, caller)
    outcome = _outcome_of(world, ticket, element)
    status_id, agent_id = _riders(world, ticket, element, caller)
    author = _author(world, element, caller)
    old_status = ticket.status_id
    action = Action(
        id=len(ticket.actions) + 1,
        ticket_id=ticket.id,
        guid=str(uuid.uuid4()),
        outcome=outcome.outcome,
        outcome_id=outcome.id,
        note=element.text("note") or "",
        note_html=element.text("note_html") or "",
        who=author.agent.name,
        who_agentid=author.agent.id,
        made_at=world.now(),
        timetaken=element.number("timetaken") or 0.0,
        hidden=element.flag("hiddenfromuser"),
        application_id=caller.application_id,
        old_status=old_status,
        new_status=status_id or old_status,
    )
    append_action(world, ticket, action)
    _ride(world, ticket, element, caller, status_id=status_id, agent_id=agent_id)
    return action


def append_action(world: World, ticket: Ticket, action: Action) -> None:
    """Put a finished action on its ticket; the ticket's own time is the sum of its actions'."""
    ticket.actions.append(action)
    follow_workflow(world, ticket, action.outcome_id)
    ticket.timetaken = round(ticket.timetaken + action.timetaken, 6)
    world.store.touch(ticket, action.made_at)
    _log(world, "action.created", ticket, action)


def _log(world: World, kind: str, ticket: Ticket, action: Action) -> None:
    world.committed(
        kind,
        ticket,
        action_id=action.id,
        outcome=action.outcome,
        outcome_id=action.outcome_id,
        note=action.note,
        timetaken=action.timetaken,
        hidden=action.hidden,
        who=action.who,
        who_agentid=action.who_agentid,
        application_id=action.application_id or None,
    )


def _ticket_of(world: World, element: Element) -> Ticket:
    ticket_id = element.integer("ticket_id")
    if not ticket_id:
        raise invalid("A Ticket ID must be provided for this Action")
    ticket = world.store.get(ticket_id)
    if ticket is None:
        raise not_found("Ticket")
    return ticket


def _outcome_of(world: World, ticket: Ticket, element: Element) -> Outcome:
    outcome_id, name = element.integer("outcome_id"), element.text("outcome")
    if not outcome_id and not name:
        raise invalid("An Outcome must be entered for this Action")
    found = world.directory.outcome(outcome_id, name, ticket.tickettype_id)
    if found is None and name and not outcome_id and world.switches.unknown_outcome == "accepted":
        return Outcome(id=0, outcome=name)
    if found is None:
        raise invalid("An Outcome must be entered for this Action")
    withheld = world.switches.workflow_limits_api and not world.directory.allows(found, ticket)
    if withheld or found.outcome in world.switches.outcomes_not_permitted:
        raise plain(400, "You do not have access to this Action (at the moment)")
    return found


def _riders(world: World, ticket: Ticket, element: Element, caller: Caller) -> tuple[int | None, int | None]:
    """Status and agent that ride on the action, checked before anything is changed."""
    status_id = element.integer("new_status") if world.switches.action_new_status else None
    agent_id = assignable(world, element, "new_agent") if world.switches.action_new_agent else None
    if status_id:
        if status_id not in world.directory.statuses:
            raise invalid(f"The value {status_id} for new_status does not exist.")
        check_status(world, ticket, status_id)
    if agent_id and agent_id != ticket.agent_id and not caller.rights.reassign:
        raise forbidden()
    return status_id, agent_id


def _author(world: World, element: Element, caller: Caller) -> Caller:
    """The author shown. Who may set it is unknown (HaloPSA fact 18), so by default it is the caller."""
    agent = world.directory.agents.get(element.integer("who_agentid") or 0)
    if agent and world.switches.action_author_honoured:
        return Caller.at_screen(agent)
    return caller


def _ride(
    world: World,
    ticket: Ticket,
    element: Element,
    caller: Caller,
    *,
    status_id: int | None,
    agent_id: int | None,
) -> None:
    """Carry out what rides on the action, and log the ticket's change if there is any."""
    names: list[str] = []
    if agent_id:
        ticket.agent_id = agent_id
        names.append("agent_id")
    if world.switches.action_closure_note and (note := element.text("closure_note")) is not None:
        ticket.closure_note = note
        names.append("closure_note")
    closed_now = False
    if status_id:
        names.append("status_id")
        closed_now = set_status(world, ticket, status_id, caller)
    if names:
        log_updated(world, ticket, caller, names=names, closed_now=closed_now)


def _change(world: World, ticket: Ticket, action_id: int, element: Element, caller: Caller) -> Action:
    """Change note and time of an existing action."""
    if not 1 <= action_id <= len(ticket.actions):
        raise not_found("Action")
    action = ticket.actions[action_id - 1]
    action.note = element.text("note") or action.note
    action.note_html = element.text("note_html") or action.note_html
    if (taken := element.number("timetaken")) is not None:
        ticket.timetaken = round(ticket.timetaken + taken - action.timetaken, 6)
        action.timetaken = taken
    world.store.touch(ticket, world.now())
    _log(world, "action.updated", ticket, action)
    return action
