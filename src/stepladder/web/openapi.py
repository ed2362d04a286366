"""The OpenAPI document, made of what there is: FastAPI's routes for agents, and the integration API's operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import CoreSchema, core_schema

from stepladder import __version__

from .agents.routes import TAKEN
from .integrations.table import Operation

Schema = dict[str, Any]
_Use = tuple[type[BaseModel], JsonSchemaMode]
_SCHEMAS = "#/components/schemas/"
_PROBLEM = {
    "description": "A refusal (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
}
# Every refusal that a call may answer with; those without a body have no 413 and no 415.
_REFUSALS, _REFUSALS_OF_A_BODY = ("400", "401", "403", "404", "409", "429", "503"), ("413", "415")
_IN_PATH = {"name": "The customer's name, display name or id.", "id": "The customer's id."}


class _AsWritten(GenerateJsonSchema):
    """Schemas without titles that repeat names, and without null where a member is left out instead."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        inner: CoreSchema = schema["schema"]
        if self.mode == "serialization" and inner["type"] == "nullable":
            return self.generate_inner(inner["schema"])
        return {name: told for name, told in super().default_schema(schema).items() if told is not None}


def describe(app: FastAPI, operations: Sequence[Operation]) -> Schema:
    """The whole document: the routes that FastAPI has in `app`, and `operations`."""
    document = get_openapi(title="Stepladder", version=__version__, routes=app.routes)
    taken: list[_Use] = [(model, "validation") for model in TAKEN]
    document["components"]["schemas"] |= models_json_schema(taken, ref_template=f"{_SCHEMAS}{{model}}")[1][
        "$defs"
    ]
    _say_what_is_answered(document)
    references, schemas = _schemas(operations)
    document["components"]["schemas"] |= schemas
    for operation in operations:
        path = document["paths"].setdefault(operation.path, {})
        path[operation.method.lower()] = _described(operation, references)
    key = {"type": "apiKey", "in": "header", "name": "X-Idemeum-Api-Key"}
    document["components"].setdefault("securitySchemes", {})["inboundKey"] = key
    return document


def _say_what_is_answered(document: Schema) -> None:
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


def _schemas(operations: Sequence[Operation]) -> tuple[dict[_Use, Schema], Schema]:
    """The reference to each model as it is used, and the schemas that they lead to."""
    uses: list[_Use] = [(each.takes, "validation") for each in operations if each.takes]
    uses += [(each.gives, "serialization") for each in operations if each.gives]
    found, schemas = models_json_schema(
        uses, ref_template=f"{_SCHEMAS}{{model}}", schema_generator=_AsWritten
    )
    return {use: found[use] for use in uses}, schemas["$defs"]


def _described(operation: Operation, references: dict[_Use, Schema]) -> Schema:
    takes, gives = operation.takes, operation.gives
    refusals = (*_REFUSALS, *_REFUSALS_OF_A_BODY) if takes else _REFUSALS
    done: Schema = {"description": "Done."}
    if gives:
        answer = {"schema": references[gives, "serialization"]}
        media_types = filter(None, (gives.media_type, gives.or_media_type))
        done["content"] = {media_type: answer for media_type in media_types}  # noqa: C420  # one schema for both
    described: Schema = {
        "tags": ["integration"],
        "summary": operation.summary,
        "security": [{"inboundKey": []}],
        "responses": {str(operation.status): done, **dict.fromkeys(refusals, _PROBLEM)},
    }
    if takes:
        content = {takes.media_type: {"schema": references[takes, "validation"]}}
        described["requestBody"] = {"required": True, "content": content}
    parameters = [*_in_path(operation.path), *_in_query(operation.asks)]
    return {**described, "parameters": parameters} if parameters else described


def _in_path(path: str) -> list[Schema]:
    schema = {"type": "string", "minLength": 1, "maxLength": 256}
    return [
        {"name": name, "in": "path", "required": True, "description": told, "schema": schema}
        for name, told in _IN_PATH.items()
        if f"{{{name}}}" in path
    ]


def _in_query(asks: type[BaseModel] | None) -> list[Schema]:
    members = asks.model_json_schema(schema_generator=_AsWritten)["properties"] if asks else {}
    return [
        {"name": name, "in": "query", "required": False, "schema": schema} for name, schema in members.items()
    ]
