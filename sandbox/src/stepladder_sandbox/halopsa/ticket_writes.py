"""Creating, changing, deleting and recovering tickets (HaloPSA facts 7, 9, 16). Nothing here waits."""

from __future__ import annotations

import uuid
from datetime import timedelta

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import check_may_edit, check_status, set_status
from stepladder_sandbox.halopsa.commits import log_created, log_updated
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.fields import Changes, opening_moment
from stepladder_sandbox.halopsa.moving import merge_target, merge_ticket, move_to_client
from stepladder_sandbox.halopsa.plaintext import text_of_html
from stepladder_sandbox.halopsa.records import User
from stepladder_sandbox.halopsa.refusals import Refused, forbidden, invalid, not_found
from stepladder_sandbox.halopsa.tickets import UNASSIGNED, Action, Ticket
from stepladder_sandbox.halopsa.workflow import enter_workflow
from stepladder_sandbox.halopsa.world import NEW_TICKET, World


def write_ticket(world: World, element: Element, caller: Caller) -> Ticket:
    """Create or update, as HaloPSA decides it: an element without `id` is a new ticket. Raises Refused."""
    ticket_id = element.integer("id")
    if not ticket_id:
        return create_ticket(world, element, caller)
    ticket = world.store.get(ticket_id)
    if ticket is None and element.flag("_recover"):
        return _recover(world, ticket_id, caller)
    if ticket is None and world.switches.unknown_id_on_update == "create":
        return create_ticket(world, element, caller)
    if ticket is None:
        raise not_found("Ticket")
    return update_ticket(world, ticket, element, caller)


def create_ticket(world: World, element: Element, caller: Caller) -> Ticket:
    """A new ticket, with its details as first action. Raises Refused."""
    if not caller.rights.add_tickets:
        raise forbidden()
    if world.switches.concurrent_creates_fail and world.writes_under_way > 1:
        raise Refused(500)
    changes = Changes(world, element)
    tickettype_id = changes.tickettype_id or world.config.ticket_types[0].id
    _check_mandatory(world, element, tickettype_id)
    client_id, site_id = _place(world, changes)
    user = _end_user(world, changes, client_id)
    now = world.now()
    ticket = Ticket(
        id=world.store.next_id(),
        guid=str(uuid.uuid4()),
        summary="",
        details="",
        details_html="",
        tickettype_id=tickettype_id,
        client_id=client_id,
        site_id=site_id,
        user_id=user.id if user else 0,
        user_name=element.text("users_name") or (user.name if user else ""),
        status_id=world.config.statuses[0].id,
        priority_id=world.config.priorities[-1].priorityid if world.config.priorities else 0,
        team=world.config.teams[0].name if world.config.teams else "",
        dateoccurred=opening_moment(world, element),
        last_update=now,
        application_id=caller.application_id,
        third_party_id_string=changes.reference or "",
    )
    changes.apply(ticket, [])
    ticket.details = ticket.details or text_of_html(ticket.details_html)
    _apply_rules(world, ticket)
    enter_workflow(world, ticket)
    if world.switches.status_on_create and changes.status_id:
        set_status(world, ticket, changes.status_id, caller)
    ticket.actions.append(_first_action(world, ticket, caller))
    if world.switches.search_lag_s > 0:
        ticket.searchable_at = now + timedelta(seconds=world.switches.search_lag_s)
    world.store.add(ticket)
    log_created(world, ticket, by=caller.agent.name)
    world.happened(NEW_TICKET, ticket)
    return ticket


def _check_mandatory(world: World, element: Element, tickettype_id: int) -> None:
    if element.flag("_novalidate"):
        return
    missing = [
        name for name in world.directory.ticket_type(tickettype_id).mandatory if not _has(element, name)
    ]
    if missing:
        labels = " and ".join(_LABELS.get(name, name) for name in missing)
        raise invalid(f"{labels} {'were' if len(missing) > 1 else 'was'} required")


_LABELS = {"summary": "Summary", "details": "Details", "category_1": "Category"}


def _has(element: Element, name: str) -> bool:
    if name.lower().startswith("cf"):
        fields = element.objects("customfields") or []
        return any((each.text("name") or "").lower() == name.lower() and each.raw("value") for each in fields)
    return bool(element.raw(name)) or (name == "details" and bool(element.raw("details_html")))


def _place(world: World, changes: Changes) -> tuple[int, int]:
    """Customer and site of a new ticket; each may follow from the other."""
    directory = world.directory
    if changes.site_id:
        site = directory.sites[changes.site_id]
        if changes.client_id and changes.client_id != site.client_id:
            raise invalid("The Site does not belong to the Client.")
        return site.client_id, site.id
    if changes.user_id and world.switches.site_required_with_user:
        raise invalid("A Site is required when a User is set.")
    client_id = changes.client_id or next((each.id for each in world.config.clients), 0)
    if not client_id:
        raise invalid("A Client is required.")
    first = directory.first_site(client_id)
    return client_id, first.id if first else 0


def _end_user(world: World, changes: Changes, client_id: int) -> User | None:
    """The user named, else the customer's General User (also for `userlookup` with id -1)."""
    if not changes.user_id:
        return world.directory.general_user(client_id)
    user = world.directory.users[changes.user_id]
    if user.client_id != client_id:
        raise invalid("The User does not belong to the Client.")
    return user


def _apply_rules(world: World, ticket: Ticket) -> None:
    """Ticket rules run right after a create and may change anything (HaloPSA fact 17)."""
    if world.switches.rule_changes_type_to:
        ticket.tickettype_id = world.switches.rule_changes_type_to
    if world.switches.rule_clears_reference:
        ticket.third_party_id_string = ""


def _first_action(world: World, ticket: Ticket, caller: Caller) -> Action:
    return Action(
        id=1,
        ticket_id=ticket.id,
        guid=str(uuid.uuid4()),
        outcome="Logged",
        outcome_id=0,
        note=ticket.details,
        note_html=ticket.details_html,
        who=caller.agent.name,
        who_agentid=caller.agent.id,
        made_at=ticket.dateoccurred,
        is_system=True,
        application_id=caller.application_id,
    )


def update_ticket(world: World, ticket: Ticket, element: Element, caller: Caller) -> Ticket:
    """Change the fields that are given, and only those. Raises Refused."""
    check_may_edit(ticket, caller)
    changes = Changes(world, element)
    if changes.agent_id and changes.agent_id != ticket.agent_id and not caller.rights.reassign:
        raise forbidden()
    if changes.status_id:
        check_status(world, ticket, changes.status_id)
    target = merge_target(world, ticket, element)
    names: list[str] = []
    changes.apply(ticket, names)
    _move(world, ticket, changes, names)
    _set_closure(world, ticket, element, names)
    closed_now = bool(changes.status_id) and set_status(world, ticket, changes.status_id or 0, caller)
    world.store.touch(ticket, world.now())
    if names or not target:
        log_updated(world, ticket, caller, names=names, closed_now=closed_now)
    if target:
        merge_ticket(world, ticket, target, caller)
    return ticket


def _move(world: World, ticket: Ticket, changes: Changes, names: list[str]) -> None:
    if changes.client_id and changes.client_id != ticket.client_id:
        names.extend(move_to_client(world, ticket, changes))
    if changes.tickettype_id:
        has_changed = changes.tickettype_id != ticket.tickettype_id
        ticket.tickettype_id = changes.tickettype_id
        names.append("tickettype_id")
        if has_changed:
            enter_workflow(world, ticket)
    if changes.reference is not None:
        world.store.set_reference(ticket, changes.reference)
        names.append("third_party_id_string")
    if changes.status_id:
        names.append("status_id")


def _set_closure(world: World, ticket: Ticket, element: Element, names: list[str]) -> None:
    """Closure text and time. The unit of `closure_time` is unknown: it is kept as given (HaloPSA fact 19)."""
    if world.switches.ticket_closure_note:
        for name in ("closure_note", "closure_note_html"):
            if (text := element.text(name)) is not None:
                setattr(ticket, name, text)
                names.append(name)
    if (time := element.number("closure_time")) is not None:
        ticket.closure_time = time
        names.append("closure_time")


def delete_ticket(world: World, ticket_id: int, reason: str, caller: Caller) -> Ticket:
    """Soft-delete. Without the right for it HaloPSA answers 401 (HaloPSA fact 5). Raises Refused."""
    ticket = world.store.get(ticket_id)
    if ticket is None:
        raise not_found("Ticket")
    if not caller.rights.delete_tickets:
        raise Refused(401)
    world.store.delete(ticket, world.now())
    world.committed("ticket.deleted", ticket, reason=reason, by=caller.agent.name)
    return ticket


def _recover(world: World, ticket_id: int, caller: Caller) -> Ticket:
    ticket = world.store.get_deleted(ticket_id)
    if ticket is None:
        raise not_found("Ticket")
    world.store.recover(ticket)
    world.store.touch(ticket, world.now())
    world.committed("ticket.recovered", ticket, by=caller.agent.name)
    return ticket


def seed_tickets(world: World) -> None:
    """Put in the tickets that are there from the start."""
    for start in world.config.tickets:
        occurred = world.now() - timedelta(hours=start.hours_ago)
        user = world.directory.users.get(start.user_id) or world.directory.general_user(start.client_id)
        site = world.directory.first_site(start.client_id)
        status = world.directory.status(start.status_id or world.config.statuses[0].id)
        ticket = Ticket(
            id=world.store.next_id(),
            guid=str(uuid.uuid4()),
            summary=start.summary,
            details=start.details,
            details_html="",
            tickettype_id=world.config.ticket_types[0].id,
            client_id=start.client_id,
            site_id=site.id if site else 0,
            user_id=user.id if user else 0,
            user_name=user.name if user else "",
            status_id=status.id,
            agent_id=start.agent_id or UNASSIGNED,
            dateoccurred=occurred,
            last_update=occurred,
            is_closed=status.closed,
            dateclosed=occurred if status.closed else None,
            third_party_id_string=start.third_party_id_string,
        )
        enter_workflow(world, ticket)
        world.store.add(ticket)
        log_created(world, ticket, by="seed", seeded=True)
