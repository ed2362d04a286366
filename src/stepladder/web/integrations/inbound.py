"""What every call of an integration is read by: its key, its media type, its query. None of it is believed yet."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from stepladder.access_keys.gate import ShownKey, Trace
from stepladder.access_keys.service import KeyRefused
from stepladder.audit.tags import Tag
from stepladder.errors import Invalid
from stepladder.web.media_types import is_media_type
from stepladder.web.problems import WrongMediaType
from stepladder.web.strict_json import Model, first_fault

from .shapes import Answer, Body

PREFIX = "/api/integrations"
KEY_HEADER = "x-idemeum-api-key"


class QueryRefused(Invalid):
    """The address has a parameter twice, one that the call does not know, or one of the wrong form."""

    code = "query_refused"


def key_of(request: Request) -> ShownKey:
    """The key of a call that could be genuine; the gate checks it with the database. Raises KeyRefused."""
    keys = request.headers.getlist(KEY_HEADER)
    if len(keys) != 1:
        raise KeyRefused
    # Behind a trusted proxy the address is what that says; it is empty where nobody says.
    address = request.client.host if request.client else ""
    # Blanks around a field's value are no part of it (RFC 9110 section 5.5); the server leaves those behind it.
    return ShownKey.read(request.state.msp.id, keys[0].strip(" \t"), address)


def refused_call(request: Request, name: str) -> Trace:
    """What a call leaves in the trail when its key does not allow it. What it named is not repeated."""
    return Trace(Tag.CALL_REFUSED, {"method": request.method, "call": name})


async def body_for(request: Request, model: type[Body]) -> bytes:
    """The body of a call that takes `model`, unread. Raises WrongMediaType."""
    sent = request.headers.getlist("content-type")
    if len(sent) != 1 or not is_media_type(sent[0], model.media_type):
        raise WrongMediaType(f"The Content-Type of this call is {model.media_type}.")
    return await request.body()


def query_of(request: Request, known: Collection[str] = ()) -> dict[str, str]:
    """The parameters of the address, each once and none but these. Raises QueryRefused."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise QueryRefused(f"This call does not know the parameter {name[:60]!r}.")
        if name in found:
            raise QueryRefused(f"The parameter {name!r} appears twice in the address.")
        if not value.isprintable():
            raise QueryRefused(f"The parameter {name!r} has a character that no name has.")
        found[name] = value
    return found


def read_query(found: dict[str, str], model: type[Model]) -> Model:
    """The parameters as the call takes them. Raises QueryRefused."""
    try:
        return model.model_validate(found)
    except ValidationError as error:
        raise QueryRefused(first_fault(error)) from error


def respond(request: Request, answer: Answer | None, status: int = 200) -> Response:
    """The answer in its own media type, or in another of its own that the caller accepts by exactly its name."""
    if answer is None:
        return Response(status_code=status)
    media_type = answer.media_type
    if answer.or_media_type:
        accepted = {part.split(";")[0].strip() for part in request.headers.get("accept", "").split(",")}
        media_type = answer.or_media_type if answer.or_media_type in accepted else media_type
    return Response(answer.as_json(), status, {"content-type": media_type})
