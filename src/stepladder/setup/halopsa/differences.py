"""Judging what is in HaloPSA against what should be: pure, row by row, in the words that HaloPSA's screens have."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from stepladder.connectors.halopsa.matching import Row, get, same, text, truth, whole
from stepladder.setup.engine.parts import Ids, Part

from . import elements
from .elements import base_of, tab_url
from .facts import Facts
from .parts import BY_KEY, DISABLE_METHOD, DISABLE_RUNBOOK, KEY_HEADER, LABELS, METHODS, Kind

# What HaloPSA may change by itself, or shows of other things: no person's change to the thing.
_NOT_ITS_OWN = frozenset(
    {
        *("intent", "events", "methods", "last_status", "lastcreated", "nextcreationdate", "in_use"),
        *("authorized", "token_expiry_mins", "integration_name", "integration_baseurl", "full_name"),
        *("integration_method_name", "lastupdated", "last_update", "last_modified"),
    }
)
_VERBS = dict(enumerate(("GET", "POST", "PUT", "DELETE", "PATCH")))
_AUTHORIZATIONS = {0: "none", elements.AUTH_API_KEY: "API key"}
Labelled = dict[str, str]
"""Values by the label that HaloPSA's screens have for them."""


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


def differences(part: Part, row: Row, facts: Facts, ids: Ids) -> list[str]:
    """What of a part is not as it should be, a sentence each; empty when it is right."""
    if part.kind == Kind.REFERENCE:
        is_right = same(text(row, "ref"), part.name)
        return [] if is_right else [f"The reference is “{text(row, 'ref')}”"]
    wanted, found = _SHAPES.get(part.kind, _nothing_more)(part, row, facts, ids)
    wrong = [
        f"{label} is {_shown(found.get(label, ''))}, not {_shown(value)}"
        for label, value in wanted.items()
        if found.get(label, "") != value
    ]
    is_renamed = part.kind != Kind.PLACE and not named(part, [row], facts, ids)
    return ([f"it is called “{name_of(part.kind, row)}” now"] if is_renamed else []) + wrong


def fingerprint(row: Row) -> bytes:
    """What tells whether a thing is as we left it: everything of it that is its own."""
    own = {
        name.lower(): value
        for name, value in row.items()
        if not name.startswith("_") and name.lower() not in _NOT_ITS_OWN and value is not None
    }
    return hashlib.sha256(json.dumps(own, sort_keys=True, default=str).encode()).digest()


def calls_of(runbook: Row) -> set[int]:
    """The methods that a runbook calls."""
    steps = get(runbook, "steps") or []
    return {
        method
        for step in steps
        if isinstance(step, dict) and whole(get(step, "auto_action")) == elements.EXECUTE_METHOD
        if (method := whole(get(step, "auto_action_type")))
    }


def headers_of(method: Row) -> Labelled:
    """A method's headers, by their names in lower case."""
    rows = get(method, "headers") or []
    return {text(each, "key").lower(): text(each, "value") for each in rows if isinstance(each, dict)}


def called(number: int | None, name: str, wanted: Part, ids: Ids) -> str:
    """The name of what a thing is bound to; empty where that cannot be seen.

    Where the number of what it should be bound to is known, the number counts: names can be there twice.
    """
    known = ids.get(wanted.key)
    if known is None:
        return wanted.name if same(name, wanted.name) else name
    if number and number == whole(known):
        return wanted.name
    return f"number {number or 0}" if not name or same(name, wanted.name) else name


def int_of(row: Row, name: str) -> int:
    """A number of a row that may be negative or absent, which is 0."""
    try:
        return int(float(text(row, name) or 0))
    except ValueError:
        return -999


# --- What should be, and what is, kind by kind -------------------------------------------------------------------


def _field(part: Part, row: Row, _facts: Facts, _ids: Ids) -> tuple[Labelled, Labelled]:
    is_text = int_of(row, "type") == elements.TEXT and int_of(row, "inputtype") == 0
    return (
        {"Field Label": LABELS[part.key].casefold(), "Type": "text"},
        {"Field Label": text(row, "label").casefold(), "Type": "text" if is_text else "another"},
    )


def _integration(part: Part, row: Row, facts: Facts, _ids: Ids) -> tuple[Labelled, Labelled]:
    keys = {text(row, name).casefold() for name in ("headername", "username")}
    header = KEY_HEADER.casefold()
    wanted = {
        "Base resource URL": base_of(part, facts).casefold(),
        "Authorization": "API key",
        "Key": header,
        "Add to": "header",
    }
    found = {
        "Base resource URL": text(row, "resourcebaseurl").rstrip("/").casefold(),
        "Authorization": _AUTHORIZATIONS.get(int_of(row, "authorizationtype"), "another"),
        "Key": header if header in keys else " ".join(sorted(keys - {""})),
        "Add to": "header" if int_of(row, "bearerlocation") == elements.IN_HEADER else "query",
    }
    return wanted, found


def _method(part: Part, row: Row, _facts: Facts, ids: Ids) -> tuple[Labelled, Labelled]:
    call, integration = METHODS[part.key], BY_KEY[part.needs[0]]
    inherits = int_of(row, "authorizationtype") == elements.AUTH_INHERIT
    inside = called(whole(get(row, "integration_id")), text(row, "integration_name"), integration, ids)
    wanted = {
        "Integration": integration.name,
        "HTTP method": "POST",
        "Path": call.path,
        "Authorization": "inherit from integration settings",
        "Header Content-Type": call.media_type,
        "Body": _packed(call.body),
    }
    found = {
        "Integration": inside or "another",
        "HTTP method": _VERBS.get(int_of(row, "method"), "another"),
        "Path": text(row, "path").rstrip("/"),
        "Authorization": "inherit from integration settings" if inherits else "its own",
        "Header Content-Type": headers_of(row).get("content-type", ""),
        "Body": _packed(text(row, "requestbody")),
    }
    return wanted, found


def _action(part: Part, row: Row, facts: Facts, ids: Ids) -> tuple[Labelled, Labelled]:
    method, status = BY_KEY[part.needs[0]], whole(get(row, "newstatus"))
    number, name = whole(get(row, "integration_method_id")), text(row, "integration_method_name")
    types = {whole(get(each, "value")) or whole(get(each, "id")) for each in get(row, "tickettypes") or []}
    is_closed = bool(status) and status == facts.closed_id
    wanted = {
        "Method": method.name,
        "Allow users to use this action": "off",
        "Is a quick action": "on",
        "Status afterwards": facts.closed_name,
        "Ticket type": facts.type_name,
    }
    found = {
        "Method": called(number, name, method, ids) or "none",
        "Allow users to use this action": _switch(get(row, "show_to_user")),
        "Is a quick action": _switch(get(row, "dontshowscreen")),
        "Status afterwards": facts.closed_name if is_closed else f"number {status or 0}",
        "Ticket type": facts.type_name if not types or facts.type_id in types else "others",
    }
    return wanted, found


def _tab(_part: Part, row: Row, facts: Facts, _ids: Ids) -> tuple[Labelled, Labelled]:
    return {"URL": tab_url(facts)}, {"URL": text(row, "url")}


def _runbook(_part: Part, row: Row, _facts: Facts, ids: Ids) -> tuple[Labelled, Labelled]:
    is_right = whole(ids.get(DISABLE_METHOD.key)) in calls_of(row)
    calls = DISABLE_METHOD.name if is_right else "another method, or none"
    return (
        {"Active": "on", "Calls": DISABLE_METHOD.name},
        {"Active": _switch(get(row, "active")), "Calls": calls},
    )


def _nothing_more(_part: Part, _row: Row, _facts: Facts, _ids: Ids) -> tuple[Labelled, Labelled]:
    """Its name is all there is to it."""
    return {}, {}


_SHAPES: Mapping[str, Callable[[Part, Row, Facts, Ids], tuple[Labelled, Labelled]]] = MappingProxyType(
    {
        Kind.FIELD: _field,
        Kind.INTEGRATION: _integration,
        Kind.METHOD: _method,
        Kind.ACTION: _action,
        Kind.TAB: _tab,
        Kind.RUNBOOK: _runbook,
    }
)


def _switch(value: Any) -> str:
    return "on" if truth(value) else "off"


def _packed(body: str) -> str:
    """A body without the spaces that mean nothing in it."""
    return "".join(body.split())


def _shown(value: str) -> str:
    return f"“{value}”" if value else "empty"
