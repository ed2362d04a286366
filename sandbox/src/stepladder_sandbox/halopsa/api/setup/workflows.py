"""`/api/Workflow`, and what of `/api/TicketType` is set up: which workflow and tabs the tickets of a type have."""

from __future__ import annotations

from typing import Any

import msgspec

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.fieldinfo import field_info
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, guid_of, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.flows import read_steps
from stepladder_sandbox.halopsa.records import TicketType, Workflow
from stepladder_sandbox.halopsa.refusals import invalid, unreadable
from stepladder_sandbox.halopsa.world import World

_OF_WORKFLOW = frozenset({"id", "guid", "name", "active", "note", "steps", "always_allow_actions", "in_use"})


def checked_steps(element: Element, old: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    """The steps as they were given, or the old ones. Raises Refused where they cannot be read."""
    given = element.documents("steps")
    if given is None:
        return old
    try:
        read_steps(given)
    except msgspec.ValidationError as wrong:
        raise unreadable("[0].steps", str(wrong)) from wrong
    return given


def _merged(world: World, element: Element, old: Workflow | None) -> Workflow:
    name = text_or(element, "name", old.name if old else "").strip()
    if not name:
        raise invalid("Please enter a Name")
    always = element.objects("always_allow_actions")
    return Workflow(
        id=old.id if old else world.next_id("workflows"),
        name=name,
        active=flag_or(element, "active", old.active if old else False),
        note=text_or(element, "note", old.note if old else ""),
        steps=checked_steps(element, old.steps if old else ()),
        always_allowed=(old.always_allowed if old else ())
        if always is None
        else tuple(each.integer("id") or 0 for each in always),
        other=(old.other if old else {}) | element.besides(_OF_WORKFLOW),
    )


def _row(world: World, workflow: Workflow) -> dict[str, Any]:
    return {
        "id": workflow.id,
        "guid": guid_of(0xA005, workflow.id),
        "name": workflow.name,
        "active": workflow.active,
        "note": workflow.note,
    }


def _whole(world: World, workflow: Workflow, query: Query) -> dict[str, Any]:
    found = workflow.other | _row(world, workflow)
    if not query.flag("includedetails"):
        return found
    outcomes = world.directory.outcomes
    always = (outcomes.get(each) for each in workflow.always_allowed)
    return found | {
        "steps": [_with_names(world, step) for step in workflow.steps],
        "always_allow_actions": [{"id": each.id, "outcome": each.outcome} for each in always if each],
        "in_use": any(each.workflow_id == workflow.id for each in world.config.ticket_types),
    }


def _with_names(world: World, step: dict[str, Any]) -> dict[str, Any]:
    """A step whose actions bear the names of what they stand for."""
    actions = []
    for each in step.get("actions") or []:
        outcome = world.directory.outcomes.get(each.get("action_id") or 0)
        name = outcome.outcome if outcome else each.get("action_name", "")
        actions.append(each | {"action_name": name, "action_outcome": name})
    return step | {"actions": actions}


def _chosen(world: World, query: Query, workflow: Workflow) -> bool:
    return workflow.active or query.flag("includeinactive")


WORKFLOW = Kind(
    name="Workflow",
    part="workflows",
    rows_name="workflows",
    switch="workflow_writable",
    merged=_merged,
    row=_row,
    whole=_whole,
    chosen=_chosen,
)


def _merged_type(world: World, element: Element, old: TicketType | None) -> TicketType:
    """A ticket type with another workflow or other tabs."""
    if old is None:
        raise invalid("Ticket Types are made at the screen of this sandbox, not by its API.")
    workflow_id = number_or(element, "workflow_id", old.workflow_id)
    if workflow_id > 0 and workflow_id not in world.directory.workflows:
        raise invalid("Please choose a Workflow")
    tabs = element.objects("allowed_iframe_customtabs")
    return msgspec.structs.replace(
        old,
        workflow_id=max(workflow_id, 0),
        all_tabs=flag_or(element, "allowall_iframe_customtabs", old.all_tabs),
        tab_ids=old.tab_ids if tabs is None else tuple(each.integer("iframetab_id") or 0 for each in tabs),
    )


def _type_row(world: World, kind: TicketType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name,
        "guid": guid_of(0x9000, kind.id),
        "use": kind.use,
        "default_sla": 1,
        "default_priority": 0,
        "cancreate": True,
        "agentscanselect": True,
    }


def _whole_type(world: World, kind: TicketType, query: Query) -> dict[str, Any]:
    """A type with its workflow, its tabs and the fields it asks for."""
    workflow = world.directory.workflows.get(kind.workflow_id)
    tabs = (world.directory.tabs.get(each) for each in kind.tab_ids)
    fields = [
        {"fieldid": each.id, "fieldinfo": field_info(world, each)} for each in world.config.custom_fields
    ]
    return _type_row(world, kind) | {
        "workflow_id": kind.workflow_id,
        "workflow_name": workflow.name if workflow else "",
        "allowall_iframe_customtabs": kind.all_tabs,
        "allowed_iframe_customtabs": [
            {"id": each.id, "tickettype_id": kind.id, "iframetab_id": each.id, "iframetab_name": each.name}
            for each in tabs
            if each
        ],
        "fields": [{"id": 1, "group": {"id": 1, "name": "Custom fields", "fields": fields}}],
    }


TICKET_TYPE = Kind(
    name="TicketType",
    part="ticket_types",
    rows_name="tickettypes",
    switch="workflow_writable",
    merged=_merged_type,
    row=_type_row,
    whole=_whole_type,
    is_open=True,
)
