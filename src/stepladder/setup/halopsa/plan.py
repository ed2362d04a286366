"""Judging what is in HaloPSA against what should be: pure, row by row, and never "the first that looks right"."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from stepladder.connectors.halopsa.matching import Row, get, same, text, truth, whole

from . import objects
from .objects import Context, Kind, Part

# What HaloPSA may change by itself, or shows of other things: no person's change to the thing.
_NOT_ITS_OWN = frozenset(
    {
        *("intent", "events", "methods", "last_status", "lastcreated", "nextcreationdate", "in_use"),
        *("authorized", "token_expiry_mins", "integration_name", "integration_baseurl", "full_name"),
        *("integration_method_name", "lastupdated", "last_update", "last_modified"),
    }
)


class State(StrEnum):
    """How a part stands, in the words that are printed."""

    EXISTS = "exists"
    WOULD_MAKE = "would be made"
    MADE = "made"
    DIFFERS = "differs"
    DOUBLED = "more than one"
    BY_HAND = "by hand"
    WOULD_REMOVE = "would be removed"
    REMOVED = "removed"
    LEFT = "left"
    GONE = "gone already"


@dataclass(frozen=True)
class Item:
    """One line of a plan or of its result."""

    key: str
    kind: Kind
    name: str
    state: State
    detail: str = ""
    remote_id: str | None = None
    clicks: tuple[str, ...] = ()
    is_missing: bool = False
    """Looked for and not there, whether or not it can be made."""

    def told(self, state: State, detail: str = "", clicks: Sequence[str] = ()) -> Item:
        """The same part in another state."""
        return replace(self, state=state, detail=detail, clicks=tuple(clicks))


def item(part: Part, state: State, detail: str = "", **more: Any) -> Item:
    """A line about a part."""
    return Item(part.key, part.kind, part.name, state, detail, **more)


def named(part: Part, rows: Sequence[Row], context: Context) -> list[Row]:
    """The rows that are meant by a part: exactly its name, without regard to case; a trigger by what it binds."""
    if part.kind is Kind.TRIGGER:
        return [row for row in rows if _binds(row, context)]
    names = {part.name, f"CF{part.name}"} if part.kind is Kind.FIELD else {part.name}
    field = objects.RESOURCES[part.kind].name_field
    return [row for row in rows if any(same(text(row, field), name) for name in names)]


def _binds(row: Row, context: Context) -> bool:
    runbook, event = context.ids.get(objects.DISABLE_RUNBOOK.key), context.event_number
    return (
        runbook is not None
        and event is not None
        and same(text(row, "webhook_id"), runbook)
        and whole(get(row, "eventno")) == event
    )


def differences(part: Part, row: Row, context: Context) -> list[str]:
    """What of a part is otherwise than it should be, a sentence each; empty when it is right."""
    found, wanted = _facts(part, row, context), _wanted(part, context)
    return [
        f"{label} is {_shown(found.get(label, ''))}, not {_shown(value)}"
        for label, value in wanted.items()
        if found.get(label, "") != value
    ]


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
        if isinstance(step, dict) and whole(get(step, "auto_action")) == objects.EXECUTE_METHOD
        if (method := whole(get(step, "auto_action_type")))
    }


def places_of(workflow: Row) -> set[int]:
    """The actions that a workflow offers, at every step or at some."""
    always = get(workflow, "always_allow_actions") or []
    found = {whole(get(each, "id")) for each in always if isinstance(each, dict)}
    for step in get(workflow, "steps") or []:
        edges = (get(step, "actions") if isinstance(step, dict) else None) or []
        found |= {whole(get(edge, "action_id")) for edge in edges if isinstance(edge, dict)}
    return {each for each in found if each}


def headers_of(method: Row) -> dict[str, str]:
    """A method's headers, by their names in lower case."""
    rows = get(method, "headers") or []
    return {text(each, "key").lower(): text(each, "value") for each in rows if isinstance(each, dict)}


def _wanted(part: Part, context: Context) -> dict[str, str]:
    """What should be, in words, by the label that HaloPSA's screens have for it."""
    need = objects.BY_KEY[part.needs[0]].name if part.needs else ""
    wanted: dict[Kind, Callable[[], dict[str, str]]] = {
        Kind.FIELD: lambda: {"Field Label": objects.LABELS[part.key].casefold(), "Type": "text"},
        Kind.INTEGRATION: lambda: {
            "Base resource URL": objects.base_of(part, context).casefold(),
            "Authorization": "API key",
            "Key": objects.KEY_HEADER.casefold(),
            "Add to": "header",
        },
        Kind.METHOD: lambda: {
            "Integration": need,
            "HTTP method": "POST",
            "Path": objects.METHODS[part.key].path,
            "Authorization": "inherit from integration settings",
            "Header Content-Type": objects.METHODS[part.key].media_type,
            "Body": _packed(objects.METHODS[part.key].body),
        },
        Kind.ACTION: lambda: {
            "Method": need,
            "Allow users to use this action": "off",
            "Is a quick action": "on",
            "Status afterwards": context.closed_name,
            "Ticket type": context.type_name,
        },
        Kind.TAB: lambda: {"URL": objects.tab_url(context)},
        Kind.RUNBOOK: lambda: {"Active": "on", "Calls": objects.DISABLE_METHOD.name},
    }
    return wanted[part.kind]() if part.kind in wanted else {}


def _facts(part: Part, row: Row, context: Context) -> dict[str, str]:
    """What is, in the same words."""
    facts: dict[Kind, Callable[[], dict[str, str]]] = {
        Kind.FIELD: lambda: _field_facts(row),
        Kind.INTEGRATION: lambda: _integration_facts(row),
        Kind.METHOD: lambda: _method_facts(part, row, context),
        Kind.ACTION: lambda: _action_facts(part, row, context),
        Kind.TAB: lambda: {"URL": text(row, "url")},
        Kind.RUNBOOK: lambda: _runbook_facts(row, context),
    }
    return facts[part.kind]() if part.kind in facts else {}


def _field_facts(row: Row) -> dict[str, str]:
    is_text = int_of(row, "type") == objects.TEXT and int_of(row, "inputtype") == 0
    return {"Field Label": text(row, "label").casefold(), "Type": "text" if is_text else "another"}


def _runbook_facts(row: Row, context: Context) -> dict[str, str]:
    is_right = whole(context.ids.get(objects.DISABLE_METHOD.key)) in calls_of(row)
    return {
        "Active": _switch(get(row, "active")),
        "Calls": objects.DISABLE_METHOD.name if is_right else "another method, or none",
    }


def _integration_facts(row: Row) -> dict[str, str]:
    keys = {text(row, name).casefold() for name in ("headername", "username")}
    wanted = objects.KEY_HEADER.casefold()
    kinds = {0: "none", objects.AUTH_API_KEY: "API key"}
    return {
        "Base resource URL": text(row, "resourcebaseurl").rstrip("/").casefold(),
        "Authorization": kinds.get(int_of(row, "authorizationtype"), "another"),
        "Key": wanted if wanted in keys else " ".join(sorted(keys - {""})),
        "Add to": "header" if int_of(row, "bearerlocation") == objects.IN_HEADER else "query",
    }


def _method_facts(part: Part, row: Row, context: Context) -> dict[str, str]:
    integration = objects.BY_KEY[part.needs[0]]
    is_inside = whole(get(row, "integration_id")) == whole(context.ids.get(integration.key))
    verbs = dict(enumerate(("GET", "POST", "PUT", "DELETE", "PATCH")))
    inherits = int_of(row, "authorizationtype") == objects.AUTH_INHERIT
    return {
        "Integration": integration.name if is_inside else text(row, "integration_name") or "another",
        "HTTP method": verbs.get(int_of(row, "method"), "another"),
        "Path": text(row, "path").rstrip("/"),
        "Authorization": "inherit from integration settings" if inherits else "its own",
        "Header Content-Type": headers_of(row).get("content-type", ""),
        "Body": _packed(text(row, "requestbody")),
    }


def _action_facts(part: Part, row: Row, context: Context) -> dict[str, str]:
    status = whole(get(row, "newstatus"))
    types = {whole(get(each, "value")) or whole(get(each, "id")) for each in get(row, "tickettypes") or []}
    return {
        "Method": method_of(part, row, context) or "none",
        "Allow users to use this action": _switch(get(row, "show_to_user")),
        "Is a quick action": _switch(get(row, "dontshowscreen")),
        "Status afterwards": context.closed_name
        if status and status == context.closed_id
        else f"number {status or 0}",
        "Ticket type": context.type_name if not types or context.type_id in types else "others",
    }


def method_of(action: Part, row: Row, context: Context) -> str:
    """The name of the method that an action calls; empty where that cannot be seen.

    Where the method that it should call is known, its number counts, because names can be there twice.
    """
    wanted = objects.BY_KEY[action.needs[0]]
    called, known = whole(get(row, "integration_method_id")), context.ids.get(wanted.key)
    name = text(row, "integration_method_name")
    if known is None:
        return wanted.name if same(name, wanted.name) else name
    if called == whole(known):
        return wanted.name
    return f"number {called or 0}" if not name or same(name, wanted.name) else name


def int_of(row: Row, name: str) -> int:
    """A number of a row that may be negative or absent, which is 0."""
    try:
        return int(float(text(row, name) or 0))
    except ValueError:
        return -999


def _switch(value: Any) -> str:
    return "on" if truth(value) else "off"


def _packed(body: str) -> str:
    """A body without the spaces that mean nothing in it."""
    return "".join(body.split())


def _shown(value: str) -> str:
    return f"“{value}”" if value else "empty"
