"""`/api/Outcome`: what HaloPSA's screens call ticket actions, the buttons among them."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, guid_of, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Outcome
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World

_KNOWN = frozenset(
    {
        *("id", "guid", "outcome", "buttonname", "labellong", "icon", "colour", "sequence", "hidden"),
        *("systemid", "newstatus", "integration_method_id", "integration_method_name"),
        *("dontshowscreen", "show_to_user", "tickettypes"),
    }
)


def _merged(world: World, element: Element, old: Outcome | None) -> Outcome:
    name = text_or(element, "outcome", old.outcome if old else "").strip()
    if not name:
        raise invalid("Please enter an Action Name")
    return Outcome(
        id=old.id if old else world.next_id("outcomes"),
        outcome=name,
        buttonname=text_or(element, "buttonname", old.buttonname if old else ""),
        labellong=text_or(element, "labellong", old.labellong if old else ""),
        icon=text_or(element, "icon", old.icon if old else ""),
        colour=text_or(element, "colour", old.colour if old else ""),
        sequence=number_or(element, "sequence", old.sequence if old else 0),
        hidden=flag_or(element, "hidden", old.hidden if old else False),
        systemid=number_or(element, "systemid", old.systemid if old else 0),
        tickettype_ids=_tickettypes(element, old),
        new_status_id=_new_status(world, element, old),
        method_id=_method(world, element, old),
        is_quick=flag_or(element, "dontshowscreen", old.is_quick if old else False),
        for_users=flag_or(element, "show_to_user", old.for_users if old else False),
        tone=old.tone if old else "neutral",
        other=(old.other if old else {}) | element.besides(_KNOWN),
    )


def _tickettypes(element: Element, old: Outcome | None) -> tuple[int, ...]:
    """Types as pairs of value and label, the value being a string of digits (`KeyPair2`)."""
    pairs = element.objects("tickettypes")
    if pairs is None:
        return old.tickettype_ids if old else ()
    return tuple(each.integer("value") or each.integer("id") or 0 for each in pairs)


def _new_status(world: World, element: Element, old: Outcome | None) -> int:
    wanted = number_or(element, "newstatus", old.new_status_id if old else 0)
    if wanted > 0 and wanted not in world.directory.statuses:
        raise invalid(f"The value {wanted} for newstatus does not exist.")
    return max(wanted, 0)


def _method(world: World, element: Element, old: Outcome | None) -> int:
    wanted = number_or(element, "integration_method_id", old.method_id if old else 0)
    if wanted and wanted not in world.directory.methods and (old is None or wanted != old.method_id):
        raise invalid("Please choose a Method")
    return wanted


def _row(world: World, outcome: Outcome) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "guid": guid_of(0xA004, outcome.id),
        "outcome": outcome.outcome,
        "buttonname": outcome.buttonname or outcome.outcome,
        "labellong": outcome.labellong or outcome.outcome,
        "icon": outcome.icon,
        "colour": outcome.colour,
        "sequence": outcome.sequence,
        "hidden": outcome.hidden,
        "newstatus": outcome.new_status_id or -1,
    }


def _whole(world: World, outcome: Outcome, query: Query) -> dict[str, Any]:
    method = world.directory.methods.get(outcome.method_id)
    directory = world.directory
    return (
        {"respondtype": 0, "sendemail": 0, "hidefromuser": False}
        | outcome.other
        | _row(world, outcome)
        | {
            "systemid": outcome.systemid,
            "integration_method_id": outcome.method_id,
            "integration_method_name": method.name if method else "",
            "dontshowscreen": outcome.is_quick,
            "show_to_user": outcome.for_users,
            "tickettypes": [
                {"value": str(each), "label": directory.ticket_type(each).name}
                for each in outcome.tickettype_ids
            ],
        }
    )


def _chosen(world: World, query: Query, outcome: Outcome) -> bool:
    type_id = query.integer("tickettype_id")
    fits = not type_id or not outcome.tickettype_ids or type_id in outcome.tickettype_ids
    seen = not outcome.hidden or query.flag("showhidden")
    return fits and seen and (outcome.is_quick or not query.flag("quick_only"))


OUTCOME = Kind(
    name="Outcome",
    part="outcomes",
    rows_name="outcomes",
    switch="outcomes_writable",
    merged=_merged,
    row=_row,
    whole=_whole,
    chosen=_chosen,
    is_open=True,
)
