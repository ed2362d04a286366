"""What people do to tickets that others follow: moving one to another customer, merging one into another."""

from __future__ import annotations

import uuid
from dataclasses import replace

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import set_status
from stepladder_sandbox.halopsa.commits import log_updated
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.fields import Changes
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import World


def move_to_client(world: World, ticket: Ticket, changes: Changes) -> list[str]:
    """Give a ticket to another customer; site and user follow, unless the change names them. Says what changed."""
    client_id, names = changes.client_id or 0, ["client_id"]
    world.store.set_client(ticket, client_id)
    if changes.site_id is None:
        site = world.directory.first_site(client_id)
        ticket.site_id = site.id if site else 0
        names.append("site_id")
    if changes.user_id is None:
        user = world.directory.general_user(client_id)
        ticket.user_id, ticket.user_name = (user.id, user.name) if user else (0, "")
        names.append("user_id")
    return names


def merge_target(world: World, ticket: Ticket, element: Element) -> Ticket | None:
    """The ticket that this one is to be merged into, or nothing. Raises Refused."""
    target_id = element.integer("merged_into_id")
    if not target_id or target_id == ticket.merged_into_id:
        return None
    if world.switches.merge_needs_domerge and not element.flag("domerge"):
        return None
    return mergeable(world, ticket, target_id)


def mergeable(world: World, ticket: Ticket, target_id: int) -> Ticket:
    """The other ticket, if a merge is possible. Raises Refused."""
    target = world.store.get(target_id)
    if target is None or target is ticket:
        raise invalid("The Ticket to merge into does not exist.")
    if ticket.merged_into_id or target.merged_into_id:
        raise invalid("A merged Ticket cannot be merged again.")
    return target


def merge_ticket(world: World, ticket: Ticket, target: Ticket, caller: Caller) -> None:
    """Copy what was done on a ticket to another one, and leave it closed or deleted, as the switch says (U)."""
    for action in ticket.actions:
        if not action.is_system:
            copied = replace(action, id=len(target.actions) + 1, ticket_id=target.id, guid=str(uuid.uuid4()))
            target.actions.append(copied)
            target.timetaken = round(target.timetaken + copied.timetaken, 6)
    ticket.merged_into_id = target.id
    now = world.now()
    world.store.touch(target, now)
    closed = next((each.id for each in world.config.statuses if each.closed), ticket.status_id)
    closed_now = set_status(world, ticket, closed, caller)
    world.store.touch(ticket, now)
    log_updated(world, ticket, caller, names=["merged_into_id", "status_id"], closed_now=closed_now)
    if world.switches.merge_leaves == "deleted":
        world.store.delete(ticket, now)
        world.committed("ticket.deleted", ticket, reason=f"Merged into {target.id}", by=caller.agent.name)
