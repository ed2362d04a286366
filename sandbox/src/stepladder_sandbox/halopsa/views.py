"""Tickets and actions as HaloPSA writes them: seven decimals, 1900 for "no date", no nulls (HaloPSA fact 10)."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from typing import Any

from stepladder_sandbox.halopsa.tickets import Action, Ticket
from stepladder_sandbox.halopsa.world import World

NO_DATE = "1900-01-01T00:00:00"


def moment(world: World, value: datetime | None) -> str:
    """A date-time in UTC as .NET prints it, or the date that stands for none."""
    if value is None:
        return NO_DATE
    naive = value.astimezone(UTC).replace(tzinfo=None)
    if world.switches.plain_dates:
        return naive.isoformat(timespec="seconds")
    return f"{naive.isoformat(timespec='microseconds')}7Z"


def as_html(text: str) -> str:
    """Plain text the way HaloPSA gives it back: escaped, new lines as `<br>`."""
    return html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>")


def ticket_row(world: World, ticket: Ticket) -> dict[str, Any]:
    """A thin list row: no custom fields, no assets, no closure text (HaloPSA fact 12)."""
    directory = world.directory
    status = directory.status(ticket.status_id)
    kind = directory.ticket_type(ticket.tickettype_id)
    site = directory.sites.get(ticket.site_id)
    priority = directory.priority(ticket.priority_id)
    user = directory.users.get(ticket.user_id)
    row: dict[str, Any] = {
        "id": ticket.id,
        "dateoccurred": moment(world, ticket.dateoccurred),
        "summary": ticket.summary,
        "details": as_html(ticket.details),
        "status_id": ticket.status_id,
        "tickettype_id": ticket.tickettype_id,
        "tickettype_name": kind.name,
        "sla_id": priority.slaid if priority else 0,
        "priority_id": ticket.priority_id,
        "client_id": ticket.client_id,
        "client_name": directory.client_name(ticket.client_id),
        "site_id": ticket.site_id,
        "site_name": site.name if site else "",
        "user_id": ticket.user_id,
        "user_name": ticket.user_name,
        "team": ticket.team,
        "agent_id": ticket.agent_id,
        "category_1": ticket.categories[0],
        "categoryid_1": directory.category_id(ticket.categories[0]),
        "category_2": ticket.categories[1],
        "category_3": ticket.categories[2],
        "category_4": ticket.categories[3],
        "urgency": ticket.urgency,
        "impact": ticket.impact,
        "source": ticket.source,
        "timetaken": ticket.timetaken,
        "respondbydate": NO_DATE,
        "fixbydate": NO_DATE,
        "lastactiondate": moment(world, ticket.actions[-1].made_at if ticket.actions else None),
        "last_update": moment(world, ticket.last_update),
        "dateclosed": moment(world, ticket.dateclosed),
        "date_fully_closed": moment(world, ticket.dateclosed),
        "hasbeenclosed": ticket.is_closed,
        "isbeingclosed": False,
        "closure_agent_id": ticket.closure_agent_id,
        "reportedby": ticket.reportedby,
        "user_email": user.emailaddress if user else "",
        "attachment_count": 0,
        "child_count": 0,
        "onhold": False,
        "read": True,
        "flagged": False,
        "inactive": False,
        "is_vip": False,
        "use": "ticket",
        "third_party_id": ticket.third_party_id,
        "statusseq": 0,
        "statuscolor": status.colour,
    }
    if ticket.parent_id:
        row["parent_id"] = ticket.parent_id
    if ticket.merged_into_id:
        row["merged_into_id"] = ticket.merged_into_id
    if ticket.is_deleted:
        row["deleted"] = True
    if ticket.third_party_id_string and world.switches.rows_carry_reference:
        row["third_party_id_string"] = ticket.third_party_id_string
    return row


def ticket_object(world: World, ticket: Ticket, *, with_details: bool = True) -> dict[str, Any]:
    """The ticket itself; custom fields, assets and closure text only `with_details` (HaloPSA fact 11)."""
    found = ticket_row(world, ticket)
    found["key"] = ticket.guid
    found["reference"] = f"{'IN' if ticket.tickettype_id == 1 else 'SR'}-{ticket.id:07}"
    found["itil_requesttype_id"] = ticket.tickettype_id
    if ticket.third_party_id_string:
        found["third_party_id_string"] = ticket.third_party_id_string
    if with_details:
        found |= _details(world, ticket)
    return found


def _details(world: World, ticket: Ticket) -> dict[str, Any]:
    directory = world.directory
    priority = directory.priority(ticket.priority_id)
    workflow = directory.workflows.get(ticket.workflow_id)
    details: dict[str, Any] = {
        "details_html": ticket.details_html or as_html(ticket.details),
        "customfields": [_custom_field(world, field.id, ticket) for field in world.config.custom_fields],
        "assets": [_asset_of_ticket(world, asset_id) for asset_id in ticket.asset_ids],
        "tickettype": {
            "id": ticket.tickettype_id,
            "name": directory.ticket_type(ticket.tickettype_id).name,
            "use": "ticket",
        },
        "user": {
            "id": ticket.user_id,
            "name": ticket.user_name,
            "site_id": float(ticket.site_id),
            "use": "user",
        },
        "closure_time": ticket.closure_time,
        "workflow_id": ticket.workflow_id,
        "workflow_step": ticket.workflow_step,
    }
    if workflow:
        details["workflow_name"] = workflow.name
    if priority:
        details["priority"] = {
            "id": priority.guid,
            "priorityid": priority.priorityid,
            "slaid": priority.slaid,
            "name": priority.name,
            "fixtime": priority.fixtime,
        }
    if ticket.closure_note or ticket.closure_note_html:
        details["closure_note"] = ticket.closure_note
        details["closure_note_html"] = ticket.closure_note_html or as_html(ticket.closure_note)
    return details


def _custom_field(world: World, field_id: int, ticket: Ticket) -> dict[str, Any]:
    configured = world.directory.custom_fields[field_id]
    value = ticket.custom.get(field_id)
    found: dict[str, Any] = {
        "id": field_id,
        "name": configured.name,
        "label": configured.label,
        "type": configured.type,
        "characterlimit": 0,
        "searchable": True,
        "usage": configured.usage,
    }
    if value is not None:
        found |= {"value": value, "display": str(value)}
    return found


def _asset_of_ticket(world: World, asset_id: int) -> dict[str, Any]:
    asset = world.directory.assets.get(asset_id)
    if not asset:
        return {"id": asset_id}
    return {
        "id": asset.id,
        "inventory_number": asset.inventory_number,
        "key_field": asset.key_field,
        "client_id": asset.client_id,
        "assettype_name": asset.assettype_name,
    }


def action_object(world: World, action: Action, *, with_html: bool = True) -> dict[str, Any]:
    """An action as it is listed and as it is answered after a write."""
    found: dict[str, Any] = {
        "ticket_id": action.ticket_id,
        "id": action.id,
        "outcome": action.outcome,
        "outcome_id": action.outcome_id,
        "who": action.who,
        "who_type": 1,
        "who_agentid": action.who_agentid,
        "actionby_agent_id": action.who_agentid,
        "datetime": moment(world, action.made_at),
        "last_updated": moment(world, action.made_at),
        "note": action.note,
        "timetaken": action.timetaken,
        "hiddenfromuser": action.hidden,
        "guid": action.guid,
        "old_status": action.old_status,
        "new_status": action.new_status,
        "customfields": [],
    }
    if action.application_id:
        found["actionby_application_id"] = action.application_id
    if with_html:
        found["note_html"] = action.note_html or as_html(action.note)
    return found
