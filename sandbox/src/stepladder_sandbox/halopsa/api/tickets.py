"""`/api/Tickets` (HaloPSA facts 7 to 17)."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, Query, require
from stepladder_sandbox.halopsa.api.filters import select
from stepladder_sandbox.halopsa.api.paging import TICKET_PAGE_CAP, cut
from stepladder_sandbox.halopsa.elements import Element, parse_elements, parse_object
from stepladder_sandbox.halopsa.refusals import not_found
from stepladder_sandbox.halopsa.ticket_writes import delete_ticket, write_ticket
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.views import ticket_object, ticket_row
from stepladder_sandbox.halopsa.world import World


def get(world: World, call: ApiCall, rest: str) -> Answer:
    """A list, or one ticket by id."""
    require(call, "read", "tickets")
    return _one(world, call.query, rest) if rest else _list(world, call.query)


def _list(world: World, query: Query) -> Answer:
    rows, envelope = cut(select(world, query), query, cap=TICKET_PAGE_CAP)
    fields = query.integers("include_custom_fields")
    shown = [_row(world, ticket, query, fields) for ticket in rows]
    envelope["tickets"] = shown if shown or not world.switches.null_when_empty else None
    return Answer(data=envelope)


def _row(world: World, ticket: Ticket, query: Query, fields: set[int] | None) -> dict[str, Any]:
    if query.flag("ticketidonly"):
        return {"id": ticket.id}
    row = ticket_row(world, ticket)
    if fields:
        known = ticket_object(world, ticket)["customfields"]
        row["customfields"] = [each for each in known if each["id"] in fields]
    return row


def _one(world: World, query: Query, rest: str) -> Answer:
    ticket = world.store.get(int(rest)) if rest.isdecimal() else None
    if ticket is None:
        raise not_found("Ticket")
    if query.flag("ticketidonly"):
        return Answer(data={"id": ticket.id})
    return Answer(data=ticket_object(world, ticket, with_details=query.flag("includedetails")))


def post(world: World, call: ApiCall, rest: str) -> Answer:
    """Create or update. One element in, one object out; several in, the last one out (HaloPSA fact 7)."""
    require(call, "edit", "tickets")
    elements = _elements(world, call, rest)
    is_create = not elements[-1].integer("id")
    written = [write_ticket(world, element, call.caller) for element in elements]
    status = world.switches.create_status if is_create else 201
    if call.query.flag("returnall"):
        return Answer(status=status, data=[ticket_object(world, ticket) for ticket in written])
    return Answer(status=status, data=ticket_object(world, written[-1]))


def _elements(world: World, call: ApiCall, rest: str) -> list[Element]:
    any_case = world.switches.case_insensitive_fields
    if rest == "object":
        return [parse_object(call.body, any_case=any_case)]
    if rest:
        raise not_found("Resource")
    return parse_elements(
        call.body, bare_accepted=world.switches.bare_object == "accepted", any_case=any_case
    )


def delete(world: World, call: ApiCall, rest: str) -> Answer:
    """Soft-delete one ticket."""
    require(call, "edit", "tickets")
    if not rest.isdecimal():
        raise not_found("Ticket")
    ticket = delete_ticket(world, int(rest), call.query.text("reason"), call.caller)
    return Answer(data={"id": ticket.id})
