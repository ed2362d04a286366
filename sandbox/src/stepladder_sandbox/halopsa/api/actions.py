"""`/api/Actions` (HaloPSA fact 18). Actions have no scopes of their own: they go with tickets."""

from __future__ import annotations

from stepladder_sandbox.halopsa.action_writes import write_action
from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, require
from stepladder_sandbox.halopsa.api.paging import DEFAULT_COUNT
from stepladder_sandbox.halopsa.elements import Element, parse_elements
from stepladder_sandbox.halopsa.refusals import invalid, not_found
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.views import action_object, ticket_object
from stepladder_sandbox.halopsa.world import World


def get(world: World, call: ApiCall, rest: str) -> Answer:
    """The actions of one ticket, newest first, or one of them by its id within the ticket."""
    require(call, "read", "tickets")
    ticket = _ticket(world, call)
    if rest:
        return _one(world, ticket, rest)
    actions = [
        action
        for action in reversed(ticket.actions)
        if not (action.is_system and call.query.flag("excludesys"))
    ]
    if call.query.flag("excludeprivate"):
        actions = [action for action in actions if not action.hidden]
    shown = actions[: call.query.integer("count") or DEFAULT_COUNT]
    with_html = call.query.flag("includehtmlnote")
    return Answer(
        data={
            "ticket_id": ticket.id,
            "record_count": len(actions),
            "actions": [action_object(world, action, with_html=with_html) for action in shown],
        }
    )


def _ticket(world: World, call: ApiCall) -> Ticket:
    ticket_id = call.query.integer("ticket_id")
    if not ticket_id:
        raise invalid("A Ticket ID must be provided")
    ticket = world.store.get(ticket_id)
    if ticket is None:
        raise not_found("Ticket")
    return ticket


def _one(world: World, ticket: Ticket, rest: str) -> Answer:
    if not rest.isdecimal() or not 1 <= int(rest) <= len(ticket.actions):
        raise not_found("Action")
    return Answer(data=action_object(world, ticket.actions[int(rest) - 1]))


def post(world: World, call: ApiCall, rest: str) -> Answer:
    """Add actions; the answer is the last one, with its ticket inside if that was asked for."""
    require(call, "edit", "tickets")
    if rest:
        raise not_found("Resource")
    switches = world.switches
    bare_accepted = switches.bare_object == "accepted"
    elements = parse_elements(
        call.body, bare_accepted=bare_accepted, any_case=switches.case_insensitive_fields
    )
    written = [write_action(world, element, call.caller) for element in elements]
    data = action_object(world, written[-1])
    ticket = world.store.get(written[-1].ticket_id)
    if ticket and _wants_ticket(elements[-1]) and switches.action_includes_ticket:
        data["ticket"] = ticket_object(world, ticket)
    return Answer(status=201, data=data)


def _wants_ticket(element: Element) -> bool:
    return element.flag("_includeticketinresponse")
