"""Judging what is in HaloPSA against what should be: pure, row by row, as the engine asks it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepladder.connectors.halopsa.matching import Row, get, same, text, truth, whole
from stepladder.setup.engine.parts import Ids, Part

from . import elements, requirements
from .parts import BY_KEY, DISABLE_METHOD, DISABLE_RUNBOOK, KEY_HEADER, TICKET_CLOSED, Kind
from .requirements import Facts

# What HaloPSA may change by itself, or shows of other things: no person's change to the thing.
_NOT_ITS_OWN = frozenset(
    {
        *("intent", "events", "methods", "last_status", "lastcreated", "nextcreationdate", "in_use"),
        *("authorized", "token_expiry_mins", "integration_name", "integration_baseurl", "full_name"),
        *("integration_method_name", "lastupdated", "last_update", "last_modified"),
    }
)
_CASELESS = ("Field Label", "Base resource URL", "Key")
_VERBS = dict(enumerate(("GET", "POST", "PUT", "DELETE", "PATCH")))
_AUTHORIZATIONS = {0: "none", elements.AUTH_API_KEY: "API key"}
_SYSTEM_USE_UNKNOWN = (
    "HaloPSA does not document the number of its system use “Execute an Integration Method”. Try the button in a "
    "self-test. If nothing arrives, choose the system use there by hand."
)


@dataclass(frozen=True)
class HaloBlueprint:
    """What the parts should be like in one instance."""

    facts: Facts

    def differences(self, part: Part, row: Row, ids: Ids) -> list[str]:
        """What of a part is not as it should be, a sentence each; empty when it is right."""
        if part.kind == Kind.PLACE:
            return []
        if part.kind == Kind.REFERENCE:
            reference = text(row, "ref")
            return [] if same(reference, part.name) else [f"The reference is “{reference}”"]
        found = _found(part, row, self.facts, ids)
        wrong = [
            f"{label} is {_shown(found[label])}, not {_shown(value)}"
            for label, value in self._wrong(part, row, ids).items()
        ]
        is_renamed = not named(part, [row], self.facts, ids)
        return ([f"it is called “{name_of(part.kind, row)}” now"] if is_renamed else []) + wrong

    def _wrong(self, part: Part, row: Row, ids: Ids) -> dict[str, str]:
        """What should be otherwise, by its label: as it should be."""
        found = _found(part, row, self.facts, ids)
        return {
            label: value
            for label, value in requirements.wanted(part, self.facts).items()
            if _compared(label, found[label]) != _compared(label, value)
        }

    def obstacle(self, part: Part) -> str:
        """What is missing of the instance's own that a part refers to."""
        if part.kind == Kind.ACTION and self.facts.closed_id is None:
            return f"HaloPSA has no ticket status called “{self.facts.closed_name}”, or more than one."
        if part.kind == Kind.TRIGGER and self.facts.event_number is None:
            return f"HaloPSA does not show the number of the event “{TICKET_CLOSED}”."
        return ""

    def note(self, part: Part) -> str:
        """What is to be said when a part is made."""
        if part.kind == Kind.INTEGRATION:
            return "With a new key, which only HaloPSA knows."
        if part.kind == Kind.PLACE:
            return f"In the workflow “{text(self.facts.workflow or {}, 'name')}”, at every step."
        return _SYSTEM_USE_UNKNOWN if part.kind == Kind.ACTION and not self.facts.system_use else ""

    def steps(self, part: Part) -> tuple[str, ...]:
        """How a person makes it."""
        return requirements.steps(part, self.facts)

    def corrections(self, part: Part, row: Row | None, ids: Ids) -> tuple[str, ...]:
        """How a person corrects it. A reference may have a meaning of its own, so no step overwrites it."""
        if part.kind == Kind.REFERENCE:
            return ()
        if part.kind in (Kind.PLACE, Kind.TRIGGER):
            return self.steps(part)
        if row is None:
            return requirements.comparisons(part, self.facts)
        is_renamed = not named(part, [row], self.facts, ids)
        return requirements.corrections(
            part, self._wrong(part, row, ids), called=name_of(part.kind, row) if is_renamed else ""
        )

    def key_steps(self, part: Part) -> tuple[str, ...]:
        """How a person gives it another key."""
        return requirements.key_steps(part)

    def fingerprint(self, row: Row) -> bytes:
        """What tells whether a thing is as we left it: everything of it that is its own."""
        own = {
            name.lower(): value
            for name, value in row.items()
            if not name.startswith("_") and name.lower() not in _NOT_ITS_OWN and value is not None
        }
        return hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode()).digest()


def name_of(kind: str, row: Row) -> str:
    """What a thing of a kind is called there."""
    return text(row, "outcome" if kind == Kind.ACTION else "name")


def named(part: Part, rows: Sequence[Row], facts: Facts, ids: Ids) -> list[Row]:
    """The rows that are meant by a part: exactly its name, without regard to case; a trigger by what it binds."""
    if part.kind == Kind.TRIGGER:
        return [row for row in rows if _binds(row, facts, ids)]
    names = {part.name, f"CF{part.name}"} if part.kind == Kind.FIELD else {part.name}
    return [row for row in rows if any(same(name_of(part.kind, row), name) for name in names)]


def _binds(row: Row, facts: Facts, ids: Ids) -> bool:
    runbook, event = ids.get(DISABLE_RUNBOOK.key), facts.event_number
    if runbook is None or event is None:
        return False
    return same(text(row, "webhook_id"), runbook) and whole(get(row, "eventno")) == event


def calls_of(runbook: Row) -> set[int]:
    """The methods that a runbook calls."""
    steps = [step for step in get(runbook, "steps") or [] if isinstance(step, dict)]
    calling = [step for step in steps if whole(get(step, "auto_action")) == elements.EXECUTE_METHOD]
    return {method for step in calling if (method := whole(get(step, "auto_action_type")))}


def int_of(row: Row, name: str) -> int:
    """A number of a row that may be negative or absent, which is 0."""
    try:
        return int(float(text(row, name) or 0))
    except ValueError:
        return -999


def _found(part: Part, row: Row, facts: Facts, ids: Ids) -> dict[str, str]:
    """What a part is like, by the labels of its screen."""
    found: dict[str, str] = {}
    match part.kind:
        case Kind.FIELD:
            is_text = int_of(row, "type") == elements.TEXT and int_of(row, "inputtype") == 0
            found = {"Field Label": text(row, "label"), "Type": "text" if is_text else "another"}
        case Kind.INTEGRATION:
            found = _integration(row)
        case Kind.METHOD:
            found = _method(part, row, ids)
        case Kind.ACTION:
            found = _action(part, row, facts, ids)
        case Kind.TAB:
            found = {"URL": text(row, "url")}
        case Kind.RUNBOOK:
            is_right = whole(ids.get(DISABLE_METHOD.key)) in calls_of(row)
            calls = DISABLE_METHOD.name if is_right else "another method, or none"
            found = {"Active": _switch(get(row, "active")), "Calls": calls}
    return found


def _integration(row: Row) -> dict[str, str]:
    keys = [key for name in ("headername", "username") if (key := text(row, name))]
    is_in_header = int_of(row, "bearerlocation") == elements.IN_HEADER
    return {
        "Base resource URL": text(row, "resourcebaseurl").rstrip("/"),
        "Authorization": _AUTHORIZATIONS.get(int_of(row, "authorizationtype"), "another"),
        "Key": KEY_HEADER if any(same(key, KEY_HEADER) for key in keys) else " ".join(keys),
        "Add to": "header" if is_in_header else "query",
    }


def _method(part: Part, row: Row, ids: Ids) -> dict[str, str]:
    headers = {
        text(each, "key").lower(): text(each, "value")
        for each in get(row, "headers") or []
        if isinstance(each, dict)
    }
    inherits = int_of(row, "authorizationtype") == elements.AUTH_INHERIT
    return {
        "Integration": _bound_to(row, "integration", part, ids) or "another",
        "Method": _VERBS.get(int_of(row, "method"), "another"),
        "Method URL": text(row, "path").rstrip("/"),
        "Authorization": "inherit from integration settings" if inherits else "its own",
        "Header Content-Type": headers.get("content-type", ""),
        "JSON Body": text(row, "requestbody"),
    }


def _action(part: Part, row: Row, facts: Facts, ids: Ids) -> dict[str, str]:
    status = whole(get(row, "newstatus"))
    types = {whole(get(each, "value")) or whole(get(each, "id")) for each in get(row, "tickettypes") or []}
    closes = status is not None and status == facts.closed_id
    return {
        "Method": _bound_to(row, "integration_method", part, ids) or "none",
        "Allow users to use this action": _switch(get(row, "show_to_user")),
        "Is a quick action": _switch(get(row, "dontshowscreen")),
        "Status afterwards": facts.closed_name if closes else f"number {status or 0}",
        "Ticket type": facts.type_name if not types or facts.type_id in types else "others",
    }


def _bound_to(row: Row, field: str, part: Part, ids: Ids) -> str:
    """The name of what a thing is bound to; empty where that cannot be seen.

    Where the number of what it should be bound to is known, the number counts: names can be there twice.
    """
    wanted = BY_KEY[part.needs[0]]
    known, number, name = ids.get(wanted.key), whole(get(row, f"{field}_id")), text(row, f"{field}_name")
    if known is None:
        return wanted.name if same(name, wanted.name) else name
    if number and number == whole(known):
        return wanted.name
    return f"number {number or 0}" if not name or same(name, wanted.name) else name


def _switch(value: Any) -> str:
    return "on" if truth(value) else "off"


def _compared(label: str, value: str) -> str:
    """A value without the spaces, and where they mean nothing the capitals, that make no difference."""
    packed = "".join(value.split())
    return packed.casefold() if label in _CASELESS else packed


def _shown(value: str) -> str:
    return f"“{' '.join(value.split())}”" if value else "empty"
