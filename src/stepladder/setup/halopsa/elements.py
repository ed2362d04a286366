"""The wire shapes: what is written to HaloPSA to create each part. Only values; nothing here calls anything.

Field names are HaloPSA's own (the sandbox's README, "Configuration objects").
"""

from __future__ import annotations

from typing import Any

from stepladder.setup.engine.parts import Ids, Part

from .parts import (
    APPROVE_ACTION,
    DENY_ACTION,
    DISABLE_METHOD,
    DISABLE_RUNBOOK,
    KEY_HEADER,
    LABELS,
    METHODS,
    Kind,
)
from .requirements import Facts, base_of, tab_url

Element = dict[str, Any]

# HaloPSA's numbers, as its API description and the sandbox's README have them.
TEXT, TICKET_USAGE = 0, 1
AUTH_API_KEY, AUTH_INHERIT = 1, -1
IN_HEADER = 0
POST = 1
JSON_TEXT = 1
RUNBOOK = 1
EXECUTE_METHOD, FAILED_END = 6, 1

_LOOKS: dict[str, Element] = {
    APPROVE_ACTION.key: {"buttonname": "Approve elevation", "icon": "fas fa-check", "colour": "#1d7a3e"},
    DENY_ACTION.key: {"buttonname": "Deny elevation", "icon": "fas fa-ban", "colour": "#b3261e"},
}


def element(part: Part, facts: Facts, ids: Ids, *, key: str = "") -> Element:
    """What is written to create a part. `key` is the inbound key of an integration."""
    made: Element = {"name": part.name}
    match part.kind:
        case Kind.FIELD:
            made |= {
                "label": LABELS[part.key],
                "type": TEXT,
                "inputtype": 0,
                "usage": TICKET_USAGE,
                "custom": 1,
            }
        case Kind.INTEGRATION:
            made |= {"resourcebaseurl": base_of(part, facts), "authorizationtype": AUTH_API_KEY}
            made |= {"bearerlocation": IN_HEADER} | key_fields(key)
        case Kind.METHOD:
            made |= _method(part, ids)
        case Kind.ACTION:
            made = _action(part, facts, ids)
        case Kind.TAB:
            made |= {"url": tab_url(facts), "icon": "fas fa-user-shield"}
        case Kind.RUNBOOK:
            made |= _runbook(ids)
        case Kind.TRIGGER:
            made |= {"eventno": facts.event_number, "webhook_id": ids[DISABLE_RUNBOOK.key]}
            made |= {"type": -2, "delivery_method": 6, "agent_id": 0}
    return made


def key_fields(key: str) -> Element:
    """An integration's key. Which of the two pairs HaloPSA reads is not documented, so both are sent."""
    return {"headername": KEY_HEADER, "new_client_secret": key, "username": KEY_HEADER, "new_password": key}


def _method(part: Part, ids: Ids) -> Element:
    called = METHODS[part.key]
    return {
        "integration_id": int(ids[part.needs[0]]),
        "path": called.path,
        "method": POST,
        "authorizationtype": AUTH_INHERIT,
        "requesttype": JSON_TEXT,
        "headers": [{"key": "Content-Type", "value": called.media_type}],
        "requestbody": called.body,
    }


def _action(part: Part, facts: Facts, ids: Ids) -> Element:
    made = {
        "outcome": part.name,
        "labellong": part.name,
        **_LOOKS[part.key],
        "integration_method_id": int(ids[part.needs[0]]),
        "dontshowscreen": True,
        # "Allow users to use this action" stays off: it would show the button to customers' own users on the portal,
        # and the person who asked could approve.
        "show_to_user": False,
        "newstatus": facts.closed_id,
        "tickettypes": [{"value": str(facts.type_id)}] if facts.type_id else [],
        "respondtype": 0,
    }
    return made | ({"systemid": facts.system_use} if facts.system_use else {})


def _runbook(ids: Ids) -> Element:
    way = {"action_type": 17, "action_id": -17, "start_step": 1}
    worked = {"action_name": "Successful Response (200 - 299)", "end_step": 2, "seq": 1, "approval_result": 1}
    failed = {"action_name": "Unsuccessful Response", "end_step": 3, "seq": 2, "approval_result": 0}
    calls = {"auto_action": EXECUTE_METHOD, "auto_action_type": int(ids[DISABLE_METHOD.key])}
    start = {"step_id": 1, "name": "Disable JIT accounts", "steptype": 2, "isstart": True, **calls}
    end = {"steptype": 3, "isend": True, "actions": []}
    steps = [
        start | {"actions": [way | worked, way | failed]},
        {"step_id": 2, "name": "Success", **end},
        {"step_id": 3, "name": "Failed", "auto_action": FAILED_END, **end},
    ]
    return {"type": RUNBOOK, "active": True, "runbook_start_type": 0, "steps": steps}
