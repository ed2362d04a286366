"""Messages of machines: what was signed, then what it says, and the answer."""

from __future__ import annotations

from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError

from stepladder.endpoints.service import SignedMessage
from stepladder.errors import Invalid
from stepladder.web import strict_json
from stepladder.web.media_types import is_media_type

Model = TypeVar("Model", bound=BaseModel)
JSON = "application/json"


def takes(model: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that a route reads itself, once its signature holds; `openapi` adds the schema."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {JSON: {"schema": schema}}}}


async def signed_message(request: Request) -> SignedMessage:
    """The message as it came, of which nothing is believed, and whose body nobody has looked into."""
    scope = request.scope
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    url = f"{scope['scheme']}://{request.headers.get('host', '')}{path}{query}"
    return SignedMessage(request.method, url, lines, await request.body())


def read_body(request: Request, body: bytes, model: type[Model]) -> Model:
    """What a signed body says. Raises Invalid, BodyRefused or RequestValidationError."""
    sent = request.headers.getlist("content-type")
    if len(sent) != 1 or not is_media_type(sent[0], JSON):
        raise Invalid(f"The Content-Type of this call is {JSON}.")
    # The signature covers the text; what is read from it has to be the only way to read it.
    value = strict_json.read(body)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors(include_url=False)]
        raise RequestValidationError(faults) from error


def answer(said: BaseModel, status: int = 200) -> Response:
    """An answer with its status."""
    return Response(said.model_dump_json(), status, media_type=JSON)
