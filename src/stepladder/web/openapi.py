"""The OpenAPI document: FastAPI's part for agents, ours for the integration API's plain routes."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from stepladder import __version__

from .integrations import openapi as openapi_wide
from .integrations.buttons import DECISION_TYPE, DISABLE_TYPE, PREFIX

_REQUEST_ID = {"oneOf": [{"type": "string", "maxLength": 128}, {"type": "integer"}]}
_NAME = {"type": "string", "minLength": 1, "maxLength": 512}
_PROBLEM = {
    "description": "A refusal (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole document."""
    document = get_openapi(title="Stepladder", version=__version__, routes=app.routes)
    _say_what_is_answered(document)
    decision = {"idemeumElevationRequestId": _REQUEST_ID, "idemeumCustomerName": _NAME}
    approval = {**decision, "userElevationMode": {"type": "string", "enum": ["USER", "ADMIN"]}}
    disable = {"customerDisplayName": _NAME, "technicianEmailAddress": _NAME}
    document["paths"] |= {
        f"{PREFIX}/elevation/request/approve": _call("Approve an elevation request", DECISION_TYPE, approval),
        f"{PREFIX}/elevation/request/deny": _call("Deny an elevation request", DECISION_TYPE, decision),
        f"{PREFIX}/entrajitaccounts": _call("End a technician's JIT accounts", DISABLE_TYPE, disable),
        **openapi_wide.paths(),
    }
    document["components"].setdefault("securitySchemes", {})["inboundKey"] = {
        "type": "apiKey",
        "in": "header",
        "name": "X-Idemeum-Api-Key",
    }
    return document


def _say_what_is_answered(document: dict[str, Any]) -> None:
    """FastAPI describes its own refusals; ours have one shape and one media type, and none of them is a 422."""
    for operation in (each for path in document["paths"].values() for each in path.values()):
        answers = operation["responses"]
        answers.pop("422", None)
        for status in (each for each in answers if each >= "400"):
            answers[status] = _PROBLEM
        if "requestBody" in operation and "201" in answers:
            # Sent before: the same request, or the same machine.
            answers["200"] = {**answers["201"], "description": "It was there already."}
    for unused in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(unused, None)


def _call(summary: str, media_type: str, members: dict[str, Any]) -> dict[str, Any]:
    schema = {
        "type": "object",
        "additionalProperties": False,
        "required": list(members),
        "properties": members,
    }
    answers = {str(status): _PROBLEM for status in (400, 401, 403, 404, 409, 413, 415, 503)}
    return {
        "post": {
            "tags": ["integration"],
            "summary": summary,
            "security": [{"inboundKey": []}],
            "requestBody": {"required": True, "content": {media_type: {"schema": schema}}},
            "responses": {
                "200": {
                    "description": "Done.",
                    "content": {"application/json": {"schema": {"type": "object"}}},
                },
                **answers,
            },
        }
    }
