"""Strict reading of JSON bodies, above all of those that HaloPSA made from templates (threat T4).

A doubled key, an unknown key or a wrong type is refused: text that broke out of its place in a template must not
change what is asked for.
"""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from stepladder.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)
# By pydantic's types of errors; what a validator of ours refuses is of the type "form" and says the rest.
_SENTENCES = {
    "missing": "The member {name} is missing.",
    "extra_forbidden": "This call does not know the member {name}.",
    "model_type": "This is not a JSON object.",
    "string_type": "{name} must be text.",
    "string_too_short": "{name} must not be empty.",
    "string_too_long": "{name} is too long.",
    "int_type": "{name} must be a whole number.",
    "list_type": "{name} must be a list.",
    "too_long": "{name} is too long.",
    "enum": "{name} must be {expected}.",
    "literal_error": "{name} must be {expected}.",
    "form": "{name} must {msg}.",
}


class BodyRefused(Invalid):
    """The body is not exactly what this call takes."""

    code = "body_refused"


def read(body: bytes) -> Any:
    """The JSON in `body`, with nothing in it that two readers could take differently. Raises BodyRefused."""
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_no_doubles, parse_constant=_no_constant)
        if b"\\u" in body:
            _refuse_no_text(value)
    except (ValueError, RecursionError) as error:
        if isinstance(error, _Doubled):
            raise BodyRefused(f"The member {error.name!r} appears twice in the body.") from error
        if isinstance(error, _NoText):
            raise BodyRefused(
                "The body holds text with a character that no text has (NUL or half of a pair)."
            ) from error
        raise BodyRefused("The body is not JSON. Check the custom variables in the method's body.") from error
    return value


def read_as(body: bytes, model: type[Model]) -> Model:
    """The JSON in `body` as a strict model: exactly its members, each of exactly its type. Raises BodyRefused."""
    # A parser may pass over the mark that some senders put first (RFC 8259 section 8.1).
    value = read(body.removeprefix(BOM_UTF8))
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise BodyRefused(first_fault(error)) from error


def first_fault(error: ValidationError) -> str:
    """What is wrong first, for a person; what was sent is not repeated."""
    first = error.errors(include_url=False, include_input=False)[0]
    told, where = _SENTENCES.get(first["type"], "{name}: {msg}."), first["loc"]
    list_name, place = where[:2] if len(where) > 1 and isinstance(where[1], int) else ("", None)
    prefix = "" if place is None else f"{str(list_name)[:-1].capitalize()} {int(place) + 1} of the list: "
    name = repr(next((part[:60] for part in reversed(where) if isinstance(part, str)), ""))
    if where and isinstance(where[-1], int):
        name = f"Item {where[-1] + 1} of {name}"
    return prefix + told.format(name=name, msg=first["msg"], **first.get("ctx", {}))


class _Doubled(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name[:60]


class _NoText(ValueError):
    pass


def _refuse_no_text(value: Any) -> None:
    """PostgreSQL stores no NUL and UTF-8 has no half of a surrogate pair; only an escape can bring them in."""
    if isinstance(value, str):
        if "\0" in value or any("\ud800" <= character <= "\udfff" for character in value):
            raise _NoText
    elif isinstance(value, dict):
        for name, member in value.items():
            _refuse_no_text(name)
            _refuse_no_text(member)
    elif isinstance(value, list):
        for member in value:
            _refuse_no_text(member)


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Doubled(name)
        found[name] = value
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
