"""Which kinds of remote instance there are: their settings, where these lead, how their connector is built.

A kind is registered where the process is wired; nothing here or in a feature knows one by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from stepladder.connectors.base import BeforeCall, Connector, LookupStore, Places
from stepladder.errors import Invalid
from stepladder.kit.faults import in_words
from stepladder.kit.secret import Secret
from stepladder.remedies import Remedy


class Family(StrEnum):
    """What a remote instance is to us."""

    TICKET_SYSTEM = "ticket_system"
    DIRECTORY = "directory"
    WORKSTATIONS = "workstations"
    CHAT = "chat"


class UnknownSetting(Invalid):
    """A misspelt name must not pass for a setting that is saved."""

    code = "unknown_setting"
    sentence = "There is no setting with that name."
    remedy = Remedy.CONNECTION_SHOW


@dataclass(frozen=True)
class Setting:
    """One setting of a connection, with the value it has where nobody sets it."""

    name: str
    value: Any
    is_default: bool


class Build(Protocol):
    """Builds a connector from settings that were checked."""

    def __call__(
        self, settings: Mapping[str, Any], secret: Secret, *, lookups: LookupStore, before_call: BeforeCall
    ) -> Connector:
        """A connector that is ready to call."""
        ...


class FindPlaces(Protocol):
    """Finds where settings lead."""

    def __call__(self, settings: Mapping[str, Any]) -> Places:
        """Where settings that were checked lead."""
        ...


@dataclass(frozen=True)
class Kind:
    """One kind. `models` check its settings: its own first, then what its family wants to know of every kind.

    `work` names what its drain does; None where there is nothing to drain.
    """

    name: str
    family: Family
    models: tuple[type[BaseModel], ...]
    build: Build
    places: FindPlaces
    work: str | None = None

    def parse(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings, checked and with their defaults, as plain JSON. Raises Invalid or UnknownSetting."""
        known = [name for model in self.models for name in model.model_fields]
        for name in settings:
            if name not in known:
                raise UnknownSetting(f"There is no setting {name!r}. There are: {', '.join(known)}.")
        parsed: dict[str, Any] = {}
        for model in self.models:
            parsed |= _checked(model, settings)
        return parsed

    def describe(self, settings: Mapping[str, Any]) -> list[Setting]:
        """Every setting that there is. Raises Invalid."""
        defaults = {
            name: field.default for model in self.models for name, field in model.model_fields.items()
        }
        return [
            Setting(name, value, is_default=value == defaults[name])
            for name, value in self.parse(settings).items()
        ]


class Kinds:
    """The kinds that this process knows."""

    def __init__(self, kinds: Iterable[Kind] = ()) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def get(self, name: str) -> Kind:
        """The kind of that name. Raises Invalid."""
        found = self._kinds.get(name)
        if found is None:
            raise Invalid(f"{name!r} is not a kind of connector. There is: {', '.join(sorted(self._kinds))}.")
        return found


def _checked(model: type[BaseModel], settings: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in settings.items() if name in model.model_fields}
    try:
        return model.model_validate(own).model_dump(mode="json")
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "settings"
        raise Invalid(f"{where}: {in_words(first)}.") from error
