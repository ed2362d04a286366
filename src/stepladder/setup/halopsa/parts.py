"""What is set up in HaloPSA, part by part, in the order in which it is made. Only values; nothing here calls anything.

Names, paths, media types and bodies are the documented ones, to the letter: an instance that was set up by hand, as
the guide says, has the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from stepladder.setup.engine.parts import KeyRights, Part

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


CUSTOMER_FIELD = Part("field.customer_name", Kind.FIELD, "idemeumCustomerName")
REQUEST_FIELD = Part("field.request_id", Kind.FIELD, "idemeumElevationRequestId")
DECISIONS = Part(
    "integration.decisions",
    Kind.INTEGRATION,
    "Idemeum API integration",
    key_rights=KeyRights(("approve", "deny"), ("USER",)),
)
APPROVE_METHOD = Part("method.approve", Kind.METHOD, "idemeum - approve elevation request", (DECISIONS.key,))
DENY_METHOD = Part("method.deny", Kind.METHOD, "idemeum - deny elevation request", (DECISIONS.key,))
APPROVE_ACTION = Part(
    "action.approve", Kind.ACTION, "Idemeum - approve elevation request", (APPROVE_METHOD.key,)
)
DENY_ACTION = Part("action.deny", Kind.ACTION, "Idemeum - deny elevation request", (DENY_METHOD.key,))
APPROVE_PLACE = Part("workflow.approve", Kind.PLACE, APPROVE_ACTION.name, (APPROVE_ACTION.key,))
DENY_PLACE = Part("workflow.deny", Kind.PLACE, DENY_ACTION.name, (DENY_ACTION.key,))
TAB = Part("tab.portal", Kind.TAB, "idemeum")
JIT = Part(
    "integration.jit",
    Kind.INTEGRATION,
    "Idemeum JIT account integration",
    key_rights=KeyRights(("disable_jit",)),
)
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
class MethodCall:
    """What a method calls."""

    path: str
    media_type: str
    body: str


METHODS: Mapping[str, MethodCall] = MappingProxyType(
    {
        APPROVE_METHOD.key: MethodCall(APPROVE_PATH, DECISION_TYPE, APPROVE_BODY),
        DENY_METHOD.key: MethodCall(DENY_PATH, DECISION_TYPE, DENY_BODY),
        DISABLE_METHOD.key: MethodCall(DISABLE_PATH, DISABLE_TYPE, DISABLE_BODY),
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {CUSTOMER_FIELD.key: "idemeum_customer_name", REQUEST_FIELD.key: "idemeum_elevation_request_id"}
)


def reference_part(remote_id: str, display_name: str) -> Part:
    """The reference of one customer as a part."""
    return Part(f"client_reference.{remote_id}", Kind.REFERENCE, display_name)
