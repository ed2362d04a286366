"""What each part has to be like, in the words of HaloPSA's screens: what a look is compared with, and steps by hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from stepladder.setup.engine.parts import Part, Row

from .parts import (
    BY_KEY,
    DECISIONS,
    DISABLE_METHOD,
    DISABLE_RUNBOOK,
    JIT_BASE_PATH,
    KEY_HEADER,
    LABELS,
    METHODS,
    TICKET_CLOSED,
    Kind,
)

BUTTONS_STAY_INSIDE = (
    "Leave “Allow users to use this action” OFF (the published guide switches it on): it can show the button to your "
    "customers' own users on the portal, and the person who asked for the elevation could then approve it."
)


@dataclass(frozen=True)
class Facts:
    """What parts refer to and set-up never makes. A number is None where HaloPSA does not tell it."""

    base_url: str
    """Where HaloPSA reaches us."""
    type_name: str = ""
    closed_name: str = "Closed"
    type_id: int | None = None
    closed_id: int | None = None
    system_use: int | None = None
    """HaloPSA's number of "Execute an Integration Method"."""
    event_number: int | None = None
    """HaloPSA's number of the event that a ticket is closed."""
    workflow: Row | None = None
    """The workflow of the elevation tickets; None where every action is allowed."""
    workflow_problem: str = ""


def base_of(part: Part, facts: Facts) -> str:
    """The base URL of an integration."""
    base = facts.base_url.rstrip("/")
    return base if part.key == DECISIONS.key else base + JIT_BASE_PATH


def tab_url(facts: Facts) -> str:
    """The URL of the custom tab, with HaloPSA's variable in it."""
    return f"{facts.base_url.rstrip('/')}?customerDisplayName=$CLIENT_REFERENCE"


def wanted(part: Part, facts: Facts) -> dict[str, str]:
    """What a part has to be like, by the labels of its screen; empty where its name is all there is to it."""
    found: dict[str, str] = {}
    match part.kind:
        case Kind.FIELD:
            found = {"Field Label": LABELS[part.key], "Type": "text"}
        case Kind.INTEGRATION:
            found = {"Base resource URL": base_of(part, facts), "Authorization": "API key"}
            found |= {"Key": KEY_HEADER, "Add to": "header"}
        case Kind.METHOD:
            call = METHODS[part.key]
            found = {
                "Integration": BY_KEY[part.needs[0]].name,
                "Method": "POST",
                "Method URL": call.path,
                "Authorization": "inherit from integration settings",
                "Header Content-Type": call.media_type,
                "JSON Body": call.body,
            }
        case Kind.ACTION:
            found = {
                "Method": BY_KEY[part.needs[0]].name,
                "Allow users to use this action": "off",
                "Is a quick action": "on",
                "Status afterwards": facts.closed_name,
                "Ticket type": facts.type_name,
            }
        case Kind.TAB:
            found = {"URL": tab_url(facts)}
        case Kind.RUNBOOK:
            found = {"Active": "on", "Calls": DISABLE_METHOD.name}
    return found


_INTEGRATIONS = "Configuration > Integrations > Custom integrations"
_SCREENS: Mapping[str, str] = MappingProxyType(
    {
        Kind.FIELD: "Configuration > Custom objects > Custom fields",
        Kind.INTEGRATION: _INTEGRATIONS,
        Kind.METHOD: f"{_INTEGRATIONS} > Methods",
        Kind.ACTION: "Configuration > Tickets > Actions",
        Kind.TAB: "Configuration > Custom objects > Custom tabs",
        Kind.RUNBOOK: f"{_INTEGRATIONS} > Integration runbooks",
    }
)
# A field's type stays what it was made with.
_FIXED = "HaloPSA cannot change its type: if nothing uses the field, delete it and run the set-up again"
_MORE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        Kind.INTEGRATION: ("Value: the key that was shown",),
        Kind.ACTION: (
            "Action type: Generic action",
            "System use: Execute an Integration Method",
            BUTTONS_STAY_INSIDE,
        ),
        Kind.RUNBOOK: (
            "One step calls the method; from it one way goes to a success end, one to a failed end",
        ),
    }
)
"""What is set by hand, too, and never compared."""


def steps(part: Part, facts: Facts) -> tuple[str, ...]:
    """How a person makes a part, with the values to copy."""
    match part.kind:
        case Kind.PLACE:
            return (
                "Configuration > Tickets > Workflows > the workflow of your elevation tickets > Edit",
                f"Allow the action at every step (or at the steps you choose): {part.name}",
                "Save.",
            )
        case Kind.REFERENCE:
            return ("Customers > the customer > Edit", f"Client reference: {part.name}", "Save.")
        case Kind.TRIGGER:
            return (
                f"{_INTEGRATIONS} > Integration runbooks",
                f"Open the runbook {DISABLE_RUNBOOK.name}",
                f"Start it on the ticket event: {TICKET_CLOSED}",
                "Save.",
            )
    values = [f"{label}: {value}" for label, value in wanted(part, facts).items()]
    return (f"{_SCREENS[part.kind]} > New", _name(part), *values, *_MORE.get(part.kind, ()), "Save.")


def corrections(part: Part, wrong: Mapping[str, str], *, called: str) -> tuple[str, ...]:
    """How a person corrects a part that is there, and now `called` something else if not empty."""
    name = (f"Change the {_name(part)}",) if called else ()
    changes = [f"Change {label} to: {value}" for label, value in wrong.items() if not _is_fixed(part, label)]
    fixed = [_FIXED] * any(_is_fixed(part, label) for label in wrong)
    return (_existing(part, called or part.name), *name, *changes, *fixed, "Save.")


def comparisons(part: Part, facts: Facts) -> tuple[str, ...]:
    """What a person looks for in a part that is there and cannot be seen from here."""
    values = [f"See that {label} is: {value}" for label, value in wanted(part, facts).items()]
    return (_existing(part, part.name), *values, "Change what is otherwise, and save.")


def key_steps(part: Part) -> tuple[str, ...]:
    """How a person replaces the key in an integration that is there."""
    return (_existing(part, part.name), *_MORE[part.kind], "Save.")


def _existing(part: Part, name: str) -> str:
    return f"{_SCREENS[part.kind]}: open the existing “{name}”. Do not make a second one."


def _name(part: Part) -> str:
    return f"{'Field Name' if part.kind == Kind.FIELD else 'Name'}: {part.name}"


def _is_fixed(part: Part, label: str) -> bool:
    return part.kind == Kind.FIELD and label == "Type"
