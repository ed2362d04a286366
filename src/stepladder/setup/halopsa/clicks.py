"""The same set-up by hand: where to click, with the values to copy, for what HaloPSA does not let its API do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stepladder.setup.engine.parts import Part

from .elements import base_of, tab_url
from .facts import Facts
from .parts import (
    BY_KEY,
    DECISIONS,
    DISABLE_METHOD,
    DISABLE_RUNBOOK,
    KEY_HEADER,
    LABELS,
    METHODS,
    TICKET_CLOSED,
    Kind,
)

BUTTONS_STAY_INSIDE = (
    "Leave “Allow users to use this action” OFF (the published guide switches it on): it can show the button to your "
    "customers' own users on the portal, and whoever asked for the elevation could then approve it."
)


def clicks(part: Part, facts: Facts) -> tuple[str, ...]:
    """How a person makes a part."""
    return _HOW[part.kind](part, facts)


def _field(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Custom objects > Custom fields > New",
        f"Field Name: {part.name}",
        f"Field Label: {LABELS[part.key]}",
        "Keep the rest as it is. Save.",
    )


def _place(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Tickets > Workflows > the workflow of your elevation tickets > Edit",
        f"Allow the action at every step (or at the steps you choose): {part.name}",
        "Save.",
    )


def _tab(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Custom objects > Custom tabs > New",
        f"Name: {part.name}",
        f"URL: {tab_url(facts)}",
        "Save.",
    )


def _reference(part: Part, facts: Facts) -> tuple[str, ...]:
    return ("Customers > the customer > Edit", f"Client reference: {part.name}", "Save.")


def _runbook(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Integrations > Custom integrations > Integration runbooks > New",
        f"Name: {part.name}",
        f"One step that calls the method: {DISABLE_METHOD.name}",
        "From it one way to a success end and one to a failed end. Switch it on. Save.",
    )


def _trigger(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Integrations > Custom integrations > Integration runbooks",
        f"Open the runbook {DISABLE_RUNBOOK.name}",
        f"Start it on the ticket event: {TICKET_CLOSED}",
        "Save.",
    )


def _integration(part: Part, facts: Facts) -> tuple[str, ...]:
    actions = "--action approve --action deny" if part == DECISIONS else "--action disable_jit"
    return (
        f'First make its key, which is shown once: stepladder key create "{part.name}" {actions}',
        "Configuration > Integrations > Custom integrations > New",
        f"Name: {part.name}",
        f"Base resource URL: {base_of(part, facts)}",
        "Authorization: API key",
        f"Key: {KEY_HEADER}",
        "Value: the key that was shown",
        "Add to: Header",
        "Save.",
    )


def _method(part: Part, facts: Facts) -> tuple[str, ...]:
    called = METHODS[part.key]
    return (
        "Configuration > Integrations > Custom integrations > Methods > New",
        f"Name: {part.name}",
        f"Integration: {BY_KEY[part.needs[0]].name}",
        "Method: POST",
        f"Method URL: {called.path}",
        "Authorization: Inherit from integration settings",
        f"Header Content-Type: {called.media_type}",
        f"JSON Body: {called.body}",
        "Save.",
    )


def _action(part: Part, facts: Facts) -> tuple[str, ...]:
    return (
        "Configuration > Tickets > Actions > New",
        f"Name: {part.name}",
        "Action type: Generic action",
        "System use: Execute an Integration Method",
        f"Method: {BY_KEY[part.needs[0]].name}",
        BUTTONS_STAY_INSIDE,
        "Is a quick action: on",
        f"Status afterwards: {facts.closed_name}",
        "Save.",
    )


_HOW: Mapping[str, Callable[[Part, Facts], tuple[str, ...]]] = {
    Kind.FIELD: _field,
    Kind.INTEGRATION: _integration,
    Kind.METHOD: _method,
    Kind.ACTION: _action,
    Kind.PLACE: _place,
    Kind.TAB: _tab,
    Kind.REFERENCE: _reference,
    Kind.RUNBOOK: _runbook,
    Kind.TRIGGER: _trigger,
}
