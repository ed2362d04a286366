"""What is set up in HaloPSA, part by part, in the order in which it is made. Only values; nothing here calls anything.

Names, paths, media types and bodies are the documented ones, to the letter: an instance that was set up by hand, as
the guide says, has the same. Field names are HaloPSA's own (the sandbox's README, "Configuration objects").
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

KEY_HEADER = "X-Idemeum-Api-Key"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
DISABLE_TYPE = "application/vnd.dvmi.entra.app.user.disable+json"
APPROVE_PATH = "/api/integrations/elevation/request/approve"
DENY_PATH = "/api/integrations/elevation/request/deny"
JIT_BASE_PATH, DISABLE_PATH = "/api/integrations", "/entrajitaccounts"
APPROVE_BODY = """{
    "idemeumElevationRequestId": <<CFidemeumElevationRequestId>>,
    "idemeumCustomerName": <<CFidemeumCustomerName>>,
    "userElevationMode": "USER"
}"""
DENY_BODY = """{
    "idemeumElevationRequestId": <<CFidemeumElevationRequestId>>,
    "idemeumCustomerName": <<CFidemeumCustomerName>>
}"""
DISABLE_BODY = """{
    "customerDisplayName": <<ticket^client_name>>,
    "technicianEmailAddress": <<ticket^agent^email>>
}"""
TICKET_CLOSED = "Ticket Closed"
EVENT_LOOKUP = 64  # the events that a notification can be about

# HaloPSA's numbers ("P": README of the sandbox).
TEXT, TICKET_USAGE = 0, 1
AUTH_API_KEY, AUTH_INHERIT = 1, -1
IN_HEADER = 0
POST = 1
JSON_TEXT = 1
RUNBOOK = 1
EXECUTE_METHOD, FAILED_END = 6, 1


class Kind(StrEnum):
    """Kinds of parts, as they are called in output and in the table."""

    FIELD = "custom_field"
    INTEGRATION = "integration"
    METHOD = "method"
    ACTION = "action"
    PLACE = "workflow_place"
    TAB = "tab"
    REFERENCE = "client_reference"
    RUNBOOK = "runbook"
    TRIGGER = "runbook_trigger"


@dataclass(frozen=True)
class Resource:
    """Where things of a kind are in the API."""

    path: str
    rows: str
    """What the list is called where lists are wrapped."""
    name_field: str
    listed_with: Mapping[str, Any] = field(default_factory=dict)
    read_with: Mapping[str, Any] = field(default_factory=dict)


_DETAILS = MappingProxyType({"includedetails": True})
RESOURCES: Mapping[Kind, Resource] = MappingProxyType(
    {
        Kind.FIELD: Resource("FieldInfo", "fields", "name"),
        Kind.INTEGRATION: Resource("CustomIntegration", "integrations", "name", read_with=_DETAILS),
        Kind.METHOD: Resource("CustomIntegrationMethod", "methods", "name", read_with=_DETAILS),
        Kind.ACTION: Resource("Outcome", "outcomes", "outcome", {"showhidden": True}, _DETAILS),
        Kind.PLACE: Resource("Workflow", "workflows", "name", {"includeinactive": True}, _DETAILS),
        Kind.TAB: Resource("Tabs", "tabs", "name"),
        Kind.REFERENCE: Resource("Client", "clients", "name"),
        Kind.RUNBOOK: Resource("Webhook", "webhooks", "name", {"type": RUNBOOK}, _DETAILS),
        Kind.TRIGGER: Resource("Notification", "notifications", "name", {"showall": True}),
    }
)


@dataclass(frozen=True)
class Part:
    """One thing to be there. `needs` are the keys of the parts that it is built upon."""

    key: str
    kind: Kind
    name: str
    needs: tuple[str, ...] = ()


CUSTOMER_FIELD = Part("field.customer_name", Kind.FIELD, "idemeumCustomerName")
REQUEST_FIELD = Part("field.request_id", Kind.FIELD, "idemeumElevationRequestId")
DECISIONS = Part("integration.decisions", Kind.INTEGRATION, "Idemeum API integration")
APPROVE_METHOD = Part("method.approve", Kind.METHOD, "idemeum - approve elevation request", (DECISIONS.key,))
DENY_METHOD = Part("method.deny", Kind.METHOD, "idemeum - deny elevation request", (DECISIONS.key,))
APPROVE_ACTION = Part(
    "action.approve", Kind.ACTION, "Idemeum - approve elevation request", (APPROVE_METHOD.key,)
)
DENY_ACTION = Part("action.deny", Kind.ACTION, "Idemeum - deny elevation request", (DENY_METHOD.key,))
APPROVE_PLACE = Part("workflow.approve", Kind.PLACE, APPROVE_ACTION.name, (APPROVE_ACTION.key,))
DENY_PLACE = Part("workflow.deny", Kind.PLACE, DENY_ACTION.name, (DENY_ACTION.key,))
TAB = Part("tab.portal", Kind.TAB, "idemeum")
JIT = Part("integration.jit", Kind.INTEGRATION, "Idemeum JIT account integration")
DISABLE_METHOD = Part("method.disable_jit", Kind.METHOD, "idemeum - disable JIT accounts", (JIT.key,))
DISABLE_RUNBOOK = Part(
    "runbook.disable_jit", Kind.RUNBOOK, "Idemeum - disable JIT accounts", (DISABLE_METHOD.key,)
)
CLOSED_TRIGGER = Part("runbook.trigger", Kind.TRIGGER, TICKET_CLOSED, (DISABLE_RUNBOOK.key,))

FIELDS = (CUSTOMER_FIELD, REQUEST_FIELD)
ACTIONS = (APPROVE_ACTION, DENY_ACTION)
PLACES = (APPROVE_PLACE, DENY_PLACE)
BUTTONS = (*FIELDS, DECISIONS, APPROVE_METHOD, DENY_METHOD, *ACTIONS, *PLACES)
RUNBOOK_PARTS = (JIT, DISABLE_METHOD, DISABLE_RUNBOOK, CLOSED_TRIGGER)
PARTS = (*BUTTONS, TAB, *RUNBOOK_PARTS)
OPTIONAL = frozenset(part.key for part in (TAB, *RUNBOOK_PARTS))
"""What only the use cases around JIT accounts need. Without them elevation works."""
BY_KEY: Mapping[str, Part] = MappingProxyType({part.key: part for part in PARTS})


@dataclass(frozen=True)
class Endpoint:
    """What a method calls."""

    path: str
    media_type: str
    body: str


METHODS: Mapping[str, Endpoint] = MappingProxyType(
    {
        APPROVE_METHOD.key: Endpoint(APPROVE_PATH, DECISION_TYPE, APPROVE_BODY),
        DENY_METHOD.key: Endpoint(DENY_PATH, DECISION_TYPE, DENY_BODY),
        DISABLE_METHOD.key: Endpoint(DISABLE_PATH, DISABLE_TYPE, DISABLE_BODY),
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {CUSTOMER_FIELD.key: "idemeum_customer_name", REQUEST_FIELD.key: "idemeum_elevation_request_id"}
)
_LOOKS: Mapping[str, dict[str, Any]] = MappingProxyType(
    {
        APPROVE_ACTION.key: {"buttonname": "Approve elevation", "icon": "fas fa-check", "colour": "#1d7a3e"},
        DENY_ACTION.key: {"buttonname": "Deny elevation", "icon": "fas fa-ban", "colour": "#b3261e"},
    }
)


@dataclass
class Context:
    """What is known of the instance while it is set up. `ids` grows with every part that is there."""

    base_url: str
    ids: dict[str, str] = field(default_factory=dict)
    type_id: int | None = None
    type_name: str = ""
    closed_id: int | None = None
    closed_name: str = "Closed"
    system_use: int | None = None
    event_number: int | None = None

    def id_of(self, part: Part) -> int:
        """The number of a part that is there. Raises KeyError."""
        return int(self.ids[part.key])


def base_of(part: Part, context: Context) -> str:
    """The base URL of an integration."""
    base = context.base_url.rstrip("/")
    return base if part.key == DECISIONS.key else base + JIT_BASE_PATH


def tab_url(context: Context) -> str:
    """The address of the custom tab, with HaloPSA's variable in it."""
    return f"{context.base_url.rstrip('/')}?customerDisplayName=$CLIENT_REFERENCE"


def element(part: Part, context: Context, *, key: str = "") -> dict[str, Any]:
    """What is written to create a part. `key` is the inbound key of an integration."""
    if part.kind is Kind.INTEGRATION:
        return _integration(part, context) | key_fields(key)
    return _ELEMENTS[part.kind](part, context)


def _field(part: Part, context: Context) -> dict[str, Any]:
    return {
        "name": part.name,
        "label": LABELS[part.key],
        "type": TEXT,
        "inputtype": 0,
        "usage": TICKET_USAGE,
        "custom": 1,
    }


def _integration(part: Part, context: Context) -> dict[str, Any]:
    return {
        "name": part.name,
        "resourcebaseurl": base_of(part, context),
        "authorizationtype": AUTH_API_KEY,
        "bearerlocation": IN_HEADER,
    }


def _tab(part: Part, context: Context) -> dict[str, Any]:
    return {"name": part.name, "url": tab_url(context), "icon": "fas fa-user-shield"}


def _trigger(part: Part, context: Context) -> dict[str, Any]:
    return {
        "eventno": context.event_number,
        "name": part.name,
        "type": -2,
        "delivery_method": 6,
        "agent_id": 0,
        "webhook_id": context.ids[DISABLE_RUNBOOK.key],
    }


def key_fields(key: str) -> dict[str, Any]:
    """An integration's key. Which of the two pairs HaloPSA reads is not documented, so both are sent."""
    return {
        "headername": KEY_HEADER,
        "new_client_secret": key,
        "username": KEY_HEADER,
        "new_password": key,
    }


def _method(part: Part, context: Context) -> dict[str, Any]:
    called = METHODS[part.key]
    return {
        "name": part.name,
        "integration_id": int(context.ids[part.needs[0]]),
        "path": called.path,
        "method": POST,
        "authorizationtype": AUTH_INHERIT,
        "requesttype": JSON_TEXT,
        "headers": [{"key": "Content-Type", "value": called.media_type}],
        "requestbody": called.body,
    }


def _action(part: Part, context: Context) -> dict[str, Any]:
    made = {
        "outcome": part.name,
        "labellong": part.name,
        **_LOOKS[part.key],
        "integration_method_id": int(context.ids[part.needs[0]]),
        "dontshowscreen": True,
        # "Allow users to use this action" stays off: it would show the button to customers' own users (T2).
        "show_to_user": False,
        "newstatus": context.closed_id,
        "tickettypes": [{"value": str(context.type_id)}] if context.type_id else [],
        "respondtype": 0,
    }
    return made | ({"systemid": context.system_use} if context.system_use else {})


def _runbook(part: Part, context: Context) -> dict[str, Any]:
    way = {"action_type": 17, "action_id": -17, "start_step": 1}
    ways = [
        way
        | {"action_name": "Successful Response (200 - 299)", "end_step": 2, "seq": 1, "approval_result": 1},
        way | {"action_name": "Unsuccessful Response", "end_step": 3, "seq": 2, "approval_result": 0},
    ]
    end = {"steptype": 3, "isend": True, "actions": []}
    return {
        "name": part.name,
        "type": RUNBOOK,
        "active": True,
        "runbook_start_type": 0,
        "steps": [
            {
                "step_id": 1,
                "name": "Disable JIT accounts",
                "steptype": 2,
                "auto_action": EXECUTE_METHOD,
                "auto_action_type": context.id_of(DISABLE_METHOD),
                "isstart": True,
                "actions": ways,
            },
            {"step_id": 2, "name": "Success", **end},
            {"step_id": 3, "name": "Failed", "auto_action": FAILED_END, **end},
        ],
    }


_ELEMENTS: Mapping[Kind, Callable[[Part, Context], dict[str, Any]]] = MappingProxyType(
    {
        Kind.FIELD: _field,
        Kind.METHOD: _method,
        Kind.ACTION: _action,
        Kind.TAB: _tab,
        Kind.RUNBOOK: _runbook,
        Kind.TRIGGER: _trigger,
    }
)
