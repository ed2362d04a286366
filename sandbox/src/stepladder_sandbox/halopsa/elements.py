"""Reading what a client wrote as ASP.NET binds it: "5" is a number, `5.0` no integer, names have no case."""

from __future__ import annotations

import math
from collections.abc import Container
from datetime import UTC, datetime
from typing import Any

import msgspec

from stepladder_sandbox.halopsa.refusals import Refused, unreadable


class Element:
    """One object of a write, with typed access to its fields. A field that is null counts as absent."""

    def __init__(self, values: dict[str, Any], place: str, *, any_case: bool) -> None:
        self._values = {key.lower(): value for key, value in values.items()} if any_case else values
        self._place = place

    def _refuse(self, name: str, wanted: str) -> Refused:
        place = f"{self._place}.{name}" if self._place else name
        value = self._values[name]
        return unreadable(
            place, f"Error converting value {value!r} to type '{wanted}'. Path '{place}', line 1."
        )

    def integer(self, name: str) -> int | None:
        """A JSON integer, or a string of digits as HaloPSA's own pages send (HaloPSA fact 7)."""
        value = self._values.get(name)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        if isinstance(value, str):
            if not value.strip():
                return None
            try:
                return int(value)
            except ValueError:
                pass
        raise self._refuse(name, "System.Nullable`1[System.Int32]")

    def number(self, name: str) -> float | None:
        """Any finite number, also as a string."""
        value = self._values.get(name)
        if value is None:
            return None
        try:
            found = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            found = math.nan
        if not math.isfinite(found):
            raise self._refuse(name, "System.Nullable`1[System.Double]")
        return found

    def text(self, name: str) -> str | None:
        """A string; numbers are taken as their digits."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (dict, list)):
            raise self._refuse(name, "System.String")
        return str(value)

    def flag(self, name: str) -> bool:
        """A boolean, also written as a word or a number (HaloPSA fact 20)."""
        value = self._values.get(name)
        return str(value).strip().lower() in ("true", "1")

    def choice(self, name: str) -> bool | None:
        """A boolean that may be absent, which is not the same as false."""
        return None if self._values.get(name) is None else self.flag(name)

    def documents(self, name: str) -> tuple[dict[str, Any], ...] | None:
        """An array of objects as they came, or nothing if it is absent."""
        return None if self.objects(name) is None else tuple(self._values[name])

    def besides(self, known: Container[str]) -> dict[str, Any]:
        """What was given besides these fields, without commands (`_…`) and without what is null."""
        return {
            name: value
            for name, value in self._values.items()
            if name not in known and not name.startswith("_") and value is not None
        }

    def moment(self, name: str) -> datetime | None:
        """A date-time; without a zone it is UTC."""
        value = self.text(name)
        if not value:
            return None
        found = parse_moment(value)
        if found is None:
            raise self._refuse(name, "System.Nullable`1[System.DateTime]")
        return found

    def objects(self, name: str) -> list[Element] | None:
        """An array of objects. One bare object is refused: `assets` must be an array (HaloPSA fact 9)."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
            raise self._refuse(name, "System.Collections.Generic.List")
        return [
            Element(each, f"{self._place}.{name}[{index}]", any_case=True) for index, each in enumerate(value)
        ]

    def raw(self, name: str) -> Any:
        """The value as it came, for fields that are untyped."""
        return self._values.get(name)


def parse_moment(value: str) -> datetime | None:
    """A date or date-time in ISO form, with up to seven decimals, or nothing."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def parse_elements(body: bytes, *, bare_accepted: bool, any_case: bool) -> list[Element]:
    """The elements of an array write. By the specification a bare object is wrong (HaloPSA fact 7)."""
    found = _decode(body)
    if isinstance(found, dict) and bare_accepted:
        found = [found]
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found) or not found:
        raise unreadable(
            "", "Cannot deserialize the current JSON object into type 'System.Collections.Generic.List'."
        )
    return [Element(each, f"[{index}]", any_case=any_case) for index, each in enumerate(found)]


def parse_object(body: bytes, *, any_case: bool) -> Element:
    """The one object of a write to an `/Object` address."""
    found = _decode(body)
    if not isinstance(found, dict):
        raise unreadable("", "Cannot deserialize the current JSON array into an object.")
    return Element(found, "", any_case=any_case)


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        raise unreadable("", f"Unexpected character encountered while parsing value. {wrong}") from wrong
