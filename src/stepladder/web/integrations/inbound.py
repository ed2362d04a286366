"""What every call of an integration is read by: its key, its media type, its query. None of it is believed yet."""

from __future__ import annotations

from collections.abc import Collection

from starlette.requests import Request

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.gate import ShownKey, Trace
from stepladder.access_keys.service import KeyRefused
from stepladder.audit.tags import Tag
from stepladder.errors import Invalid
from stepladder.web.problems import WrongMediaType

KEY_HEADER = "x-idemeum-api-key"


class QueryRefused(Invalid):
    """The address has a parameter twice, one that the call does not know, or one of the wrong form."""

    code = "query_refused"


def key_of(request: Request) -> ShownKey:
    """The key of a call that could be genuine; the gate checks it with the database. Raises KeyRefused."""
    keys = request.headers.getlist(KEY_HEADER)
    if len(keys) != 1:
        raise KeyRefused
    inbound_keys.claimed_key_id(keys[0])
    # Behind a trusted proxy the address is what that says; it is empty where nobody says.
    address = request.client.host if request.client else ""
    return ShownKey(request.state.msp.id, keys[0], address)


def refused_call(request: Request, name: str) -> Trace:
    """What a call leaves in the trail when its key may not make it. What it named is not repeated."""
    return Trace(Tag.CALL_REFUSED, {"method": request.method, "call": name})


def check_media_type(request: Request, media_type: str) -> None:
    """Raises WrongMediaType."""
    sent = [value.split(";")[0].strip().lower() for value in request.headers.getlist("content-type")]
    if sent != [media_type]:
        raise WrongMediaType(f"The Content-Type of this call is {media_type}.")


def query_of(request: Request, known: Collection[str] = ()) -> dict[str, str]:
    """The parameters of the address, each once and none but these. Raises QueryRefused."""
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name not in known:
            raise QueryRefused(f"This call does not know the parameter {name[:60]!r}.")
        if name in found:
            raise QueryRefused(f"The parameter {name!r} stands twice in the address.")
        if not value.isprintable():
            raise QueryRefused(f"The parameter {name!r} has a character that no name has.")
        found[name] = value
    return found


def whole_number(text: str, name: str) -> int:
    """A parameter as a number. Raises QueryRefused."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise QueryRefused(f"The parameter {name!r} is a whole number.")
    return int(text)
