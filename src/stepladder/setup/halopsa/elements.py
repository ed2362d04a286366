"""The wire shapes: what is written to HaloPSA to create each part. Only values; nothing here calls anything.

Field names are HaloPSA's own (the sandbox's README, "Configuration objects").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from stepladder.setup.engine.parts import Ids, Part

from .facts import Facts
from .parts import (
    APPROVE_ACTION,
    DECISIONS,
    DENY_ACTION,
    DISABLE_METHOD,
    DISABLE_RUNBOOK,
    JIT_BASE_PATH,
    KEY_HEADER,
    LABELS,
    METHODS,
    Kind,
)

Element = dict[str, Any]

# HaloPSA's numbers, as its API description and the sandbox's README have them.
TEXT, TICKET_USAGE = 0, 1
AUTH_API_KEY, AUTH_INHERIT = 1, -1
IN_HEADER = 0
POST = 1
JSON_TEXT = 1
RUNBOOK = 1
EXECUTE_METHOD, FAILED_END = 6, 1

_LOOKS: Mapping[str, Element] = MappingProxyType(
    {
        APPROVE_ACTION.key: {"buttonname": "Approve elevation", "icon": "fas fa-check", "colour": "#1d7a3e"},
        DENY_ACTION.key: {"buttonname": "Deny elevation", "icon": "fas fa-ban", "colour": "#b3261e"},
    }
)


def base_of(part: Part, facts: Facts) -> str:
    """The base URL of an integration."""
    base = facts.base_url.rstrip("/")
    return base if part.key == DECISIONS.key else base + JIT_BASE_PATH


def tab_url(facts: Facts) -> str:
    """The URL of the custom tab, with HaloPSA's variable in it."""
    return f"{facts.base_url.rstrip('/')}?customerDisplayName=$CLIENT_REFERENCE"


def element(part: Part, facts: Facts, ids: Ids, *, key: str = "") -> Element:
    """What is written to create a part. `key` is the inbound key of an integration."""
    return _ELEMENTS[part.kind](part, facts, ids) | (key_fields(key) if key else {})


def key_fields(key: str) -> Element:
    """An integration's key. Which of the two pairs HaloPSA reads is not documented, so both are sent."""
    return {
        "headername": KEY_HEADER,
        "new_client_secret": key,
        "username": KEY_HEADER,
        "new_password": key,
    }


def _field(part: Part, _facts: Facts, _ids: Ids) -> Element:
    return {
        "name": part.name,
        "label": LABELS[part.key],
        "type": TEXT,
        "inputtype": 0,
        "usage": TICKET_USAGE,
        "custom": 1,
    }


def _integration(part: Part, facts: Facts, _ids: Ids) -> Element:
    return {
        "name": part.name,
        "resourcebaseurl": base_of(part, facts),
        "authorizationtype": AUTH_API_KEY,
        "bearerlocation": IN_HEADER,
    }


def _method(part: Part, _facts: Facts, ids: Ids) -> Element:
    called = METHODS[part.key]
    return {
        "name": part.name,
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
        # and whoever asked could approve.
        "show_to_user": False,
        "newstatus": facts.closed_id,
        "tickettypes": [{"value": str(facts.type_id)}] if facts.type_id else [],
        "respondtype": 0,
    }
    return made | ({"systemid": facts.system_use} if facts.system_use else {})


def _tab(part: Part, facts: Facts, _ids: Ids) -> Element:
    return {"name": part.name, "url": tab_url(facts), "icon": "fas fa-user-shield"}


def _runbook(part: Part, _facts: Facts, ids: Ids) -> Element:
    way = {"action_type": 17, "action_id": -17, "start_step": 1}
    worked = {"action_name": "Successful Response (200 - 299)", "end_step": 2, "seq": 1, "approval_result": 1}
    failed = {"action_name": "Unsuccessful Response", "end_step": 3, "seq": 2, "approval_result": 0}
    call = {
        "step_id": 1,
        "name": "Disable JIT accounts",
        "steptype": 2,
        "auto_action": EXECUTE_METHOD,
        "auto_action_type": int(ids[DISABLE_METHOD.key]),
        "isstart": True,
        "actions": [way | worked, way | failed],
    }
    end = {"steptype": 3, "isend": True, "actions": []}
    ends = [
        {"step_id": 2, "name": "Success", **end},
        {"step_id": 3, "name": "Failed", "auto_action": FAILED_END, **end},
    ]
    return {
        "name": part.name,
        "type": RUNBOOK,
        "active": True,
        "runbook_start_type": 0,
        "steps": [call, *ends],
    }


def _trigger(part: Part, facts: Facts, ids: Ids) -> Element:
    return {
        "eventno": facts.event_number,
        "name": part.name,
        "type": -2,
        "delivery_method": 6,
        "agent_id": 0,
        "webhook_id": ids[DISABLE_RUNBOOK.key],
    }


_ELEMENTS: Mapping[str, Callable[[Part, Facts, Ids], Element]] = MappingProxyType(
    {
        Kind.FIELD: _field,
        Kind.INTEGRATION: _integration,
        Kind.METHOD: _method,
        Kind.ACTION: _action,
        Kind.TAB: _tab,
        Kind.RUNBOOK: _runbook,
        Kind.TRIGGER: _trigger,
    }
)
