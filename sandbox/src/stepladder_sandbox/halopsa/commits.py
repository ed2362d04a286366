"""Stating in the log what has become of a ticket, in the step in which it happened."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.fields import custom_by_name
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import World


def log_created(world: World, ticket: Ticket, *, by: str, seeded: bool | None = None) -> None:
    """State that a ticket has come to be, with all that a checker needs to tell whose it is."""
    world.committed(
        "ticket.created",
        ticket,
        tickettype_id=ticket.tickettype_id,
        details=ticket.details,
        user_name=ticket.user_name,
        asset_ids=ticket.asset_ids,
        custom_fields=custom_by_name(world, ticket),
        by=by,
        application_id=ticket.application_id or None,
        seeded=seeded,
    )


def log_updated(world: World, ticket: Ticket, caller: Caller, *, names: list[str], closed_now: bool) -> None:
    """State that a ticket has changed. `closed_now` is true on exactly the change that closed it."""
    detail: dict[str, Any] = {}
    if any(name.startswith("customfields") for name in names):
        detail["custom_fields"] = custom_by_name(world, ticket)
    if "details" in names:
        detail["details"] = ticket.details
    if "merged_into_id" in names:
        detail["merged_into_id"] = ticket.merged_into_id
    world.committed(
        "ticket.updated",
        ticket,
        changed=names,
        closed_now=closed_now,
        closure_note=ticket.closure_note or None,
        by=caller.agent.name,
        by_agent_id=caller.agent.id,
        application_id=caller.application_id or None,
        **detail,
    )
