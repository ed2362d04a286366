"""Strict reading of JSON bodies, above all of those that others made from templates (threat T4).

A doubled key, an unknown key or a wrong type is refused: text that broke out of its place in a template must not
change what is asked for.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, NoReturn

from stepladder.errors import Invalid


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
            raise BodyRefused(f"The member {error.name!r} stands twice in the body.") from error
        if isinstance(error, _NoText):
            raise BodyRefused(
                "The body holds text with a character that no text has (NUL or half of a pair)."
            ) from error
        raise BodyRefused("The body is not JSON. Check the custom variables in the method's body.") from error
    return value


def read_object(body: bytes, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """The JSON object in `body`, with exactly these members. Raises BodyRefused."""
    return members(read(body), required=required, optional=optional)


def members(value: Any, *, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Any]:
    """`value`, where it is an object with exactly these members. Raises BodyRefused."""
    if not isinstance(value, dict):
        raise BodyRefused("The body is not a JSON object.")
    unknown = [name for name in value if name not in required and name not in optional]
    if unknown:
        raise BodyRefused(f"The body has a member that this call does not know: {unknown[0][:60]!r}.")
    missing = [name for name in required if name not in value]
    if missing:
        raise BodyRefused(f"The body lacks {missing[0]!r}.")
    return value


def text(value: dict[str, Any], name: str, *, longest: int = 512) -> str:
    """A member as non-empty text without outer spaces. Raises BodyRefused."""
    found = value[name]
    if not isinstance(found, str) or not found.strip():
        raise BodyRefused(f"{name!r} has to be text that is not empty.")
    if len(found) > longest:
        raise BodyRefused(f"{name!r} is too long.")
    return found.strip()


def identifier(value: dict[str, Any], name: str) -> str:
    """A member that may come as text or as a whole number, as text. Raises BodyRefused."""
    found = value[name]
    if isinstance(found, int) and not isinstance(found, bool):
        return str(found) if abs(found) < 10**20 else "out of range"
    return text(value, name, longest=128)


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
