"""The description of the wider integration calls, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

from stepladder.audit.reading import LARGEST_PAGE
from stepladder.elevation.rules.policy import LONGEST_NOTE, MOST_AT_ONCE, RuleState

from . import shapes
from .buttons import PREFIX
from .calls import DEFAULT_RANGE, DEFAULT_SIZE

Schema = dict[str, Any]
# Every refusal that a call may answer with; those without a body have no 413 and no 415.
_REFUSALS, _REFUSALS_OF_A_BODY = (400, 401, 403, 404, 409, 503), (413, 415)
_PROBLEM = {
    "description": "A refusal (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "format": "uuid"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_LONG: Schema = {"type": "string", "minLength": 1, "maxLength": 256}
_NAME: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
_EMAIL: Schema = {"type": "string", "minLength": 1, "maxLength": 254}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": {**required, **(optional or {})},
    }


def _list(member: Schema) -> Schema:
    return _object({"items": {"type": "array", "items": member}})


_CUSTOMER = _object({"id": _ID, "name": _NAME, "displayName": _NAME})
_ROLE: Schema = {"type": "string", "enum": list(shapes.ROLES)}
_DELEGATION = _object({"userEmail": _EMAIL, "role": _ROLE})
_CUSTOMER_INFO = _object(
    {
        "id": _ID,
        "name": _NAME,
        "displayName": _NAME,
        "createdAt": _INSTANT,
        "requestLifetimeSeconds": {"type": "integer"},
        "delegations": {"type": "array", "items": _DELEGATION},
    }
)
_SETTINGS: Schema = {
    **_object(
        {},
        {
            "displayName": _NAME,
            "requestLifetimeSeconds": {"type": ["integer", "null"], "minimum": 60, "maximum": 90 * 24 * 3600},
        },
    ),
    "minProperties": 1,
}
_DEVICE = _object(
    {
        "id": _ID,
        "name": _TEXT,
        "state": {"type": "string", "enum": ["active", "held", "revoked"]},
        "operatingSystem": _TEXT,
        "agentVersion": _TEXT,
        "enrolledAt": _INSTANT,
        "lastSeenAt": _INSTANT,
    }
)
_GROUP = _object({"id": _TEXT, "name": _TEXT, "memberCount": {"type": "integer"}})
_RULE_ASKED = {
    "verdict": {"type": "string", "enum": list(shapes.VERDICTS)},
    "expiresAt": _INSTANT,
}
_RULE_OPTIONAL: dict[str, Schema] = {
    "id": _ID,
    "userElevationMode": {"type": "string", "enum": ["USER", "ADMIN"]},
    "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "publisher": _LONG,
    "programName": _LONG,
    "arguments": {"type": "array", "maxItems": 256, "items": {"type": "string", "maxLength": 8192}},
    "note": {"type": "string", "minLength": 1, "maxLength": LONGEST_NOTE},
}
_RULE_READ_ONLY: dict[str, Schema] = {
    "state": {"type": "string", "enum": [state.name for state in RuleState], "readOnly": True},
    "stateDetail": {**_TEXT, "readOnly": True},
    "createdAt": {**_INSTANT, "readOnly": True},
    "writtenBy": {**_TEXT, "readOnly": True},
    "confirmedBy": {**_TEXT, "readOnly": True},
    "confirmedUntil": {**_INSTANT, "readOnly": True},
}
_RULES_ASKED = _object(
    {
        "rules": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_AT_ONCE,
            "items": _object(_RULE_ASKED, _RULE_OPTIONAL),
        }
    }
)
_RULES = _object(
    {"rules": {"type": "array", "items": _object(_RULE_ASKED, {**_RULE_OPTIONAL, **_RULE_READ_ONLY})}}
)
_NULLABLE: Schema = {"type": ["string", "null"]}
_EVENTS = _object(
    {
        "items": {
            "type": "array",
            "items": _object(
                {
                    "sequence": {"type": ["integer", "null"]},
                    "at": _INSTANT,
                    "event": _TEXT,
                    "actorKind": _TEXT,
                    "actorId": _TEXT,
                    "actorName": _NULLABLE,
                    "subject": _TEXT,
                    "subjectName": _NULLABLE,
                    "facts": {"type": "object"},
                }
            ),
        },
        "page": {"type": "integer"},
        "size": {"type": "integer"},
        "hasMore": {"type": "boolean"},
    }
)


def paths() -> dict[str, Any]:
    """The paths with their calls."""
    one = f"{PREFIX}/customers/{{name}}"
    name, by_id = (
        [_in_path("name", "The customer's name, display name or id.")],
        [_in_path("id", "The customer's id.")],
    )
    rules_kept = _call(
        "Add or change rules", _answer(shapes.RULES, _RULES), body={shapes.RULES: _RULES_ASKED}
    )
    rules_read = _call("List rules", _answer(shapes.RULES, _RULES))
    info = _answer(shapes.CUSTOMER_INFO, _CUSTOMER_INFO)
    return {
        f"{PREFIX}/customers": {
            "get": _call("List customers", _answer(shapes.CUSTOMER_LIST, _list(_CUSTOMER))),
            "post": _call(
                "Create a customer",
                {
                    "201": {
                        "description": "Created.",
                        "content": {
                            shapes.CUSTOMER: {"schema": _CUSTOMER},
                            shapes.CUSTOMER_WITHOUT_SDK: {"schema": _CUSTOMER},
                        },
                    }
                },
                body={shapes.CUSTOMER_REQUEST: _object({"name": _NAME}, {"displayName": _NAME})},
            ),
        },
        f"{PREFIX}/customers/id/{{id}}": {"get": _call("Read a customer by id", info, parameters=by_id)},
        f"{PREFIX}/customers/{{id}}/devices": {
            "get": _call(
                "List a customer's devices", _answer(shapes.DEVICES, _list(_DEVICE)), parameters=by_id
            ),
        },
        one: {
            "get": _call("Read a customer by name", info, parameters=name),
            "delete": _call("Delete a customer", {"204": {"description": "Deleted."}}, parameters=name),
        },
        f"{one}/settings": {
            "patch": _call(
                "Change a customer's settings",
                info,
                body={shapes.CUSTOMER_INFO: _SETTINGS},
                parameters=name,
            ),
        },
        f"{one}/delegation": {
            "post": _call(
                "Give a technician a role at a customer",
                _answer(shapes.DELEGATE, _DELEGATION),
                body={shapes.DELEGATE: _DELEGATION},
                parameters=name,
            ),
        },
        f"{one}/undelegation": {
            "post": _call(
                "Take a technician's role at a customer away",
                _answer(shapes.UNDELEGATE, _object({"userEmail": _EMAIL})),
                body={shapes.UNDELEGATE: _object({"userEmail": _EMAIL})},
                parameters=name,
            ),
        },
        f"{one}/rules": {
            "get": {**rules_read, "parameters": name},
            "post": {**rules_kept, "parameters": name},
        },
        f"{PREFIX}/groups": {
            "get": _call("List groups of technicians", _answer(shapes.GROUP_LIST, _list(_GROUP)))
        },
        f"{PREFIX}/msp/rules": {"get": rules_read, "post": rules_kept},
        f"{PREFIX}/audit/events": {
            "get": _call(
                "Read the audit trail", _answer(shapes.PLAIN, _EVENTS), parameters=_EVENT_PARAMETERS
            ),
        },
    }


def _answer(media_type: str, schema: Schema) -> dict[str, Any]:
    return {"200": {"description": "Done.", "content": {media_type: {"schema": schema}}}}


def _call(
    summary: str,
    answers: dict[str, Any],
    *,
    body: dict[str, Schema] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    refusals = (*_REFUSALS, *_REFUSALS_OF_A_BODY) if body else _REFUSALS
    call: dict[str, Any] = {
        "tags": ["integration"],
        "summary": summary,
        "security": [{"inboundKey": []}],
        "responses": {**answers, **{str(status): _PROBLEM for status in refusals}},
    }
    if body:
        content = {media_type: {"schema": schema} for media_type, schema in body.items()}
        call["requestBody"] = {"required": True, "content": content}
    if parameters:
        call["parameters"] = parameters
    return call


def _in_path(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": _LONG}


def _in_query(name: str, schema: Schema) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "schema": schema}


_EVENT_PARAMETERS = [
    _in_query("page", {"type": "integer", "minimum": 1, "maximum": 5000, "default": 1}),
    _in_query("size", {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_SIZE}),
    _in_query("range", {"type": "string", "pattern": "^last_[1-9][0-9]{0,2}[hd]$", "default": DEFAULT_RANGE}),
    _in_query("name", _NAME),
]
