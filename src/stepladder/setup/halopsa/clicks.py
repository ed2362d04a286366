"""The same set-up by hand: where to click, with the values to copy, for what HaloPSA does not let its API do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from . import objects
from .objects import Context, Kind, Part

T2 = (
    "Leave “Allow users to use this action” OFF (the published guide switches it on): it can show the button to your "
    "customers' own users on the portal, and whoever asked for the elevation could then approve it."
)


def clicks(part: Part, context: Context) -> tuple[str, ...]:
    """How a person makes a part."""
    return _HOW[part.kind](part, context)


def _field(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Custom objects > Custom fields > New",
        f"Field Name: {part.name}",
        f"Field Label: {objects.LABELS[part.key]}",
        "Keep the rest as it is. Save.",
    )


def _place(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Tickets > Workflows > the workflow of your elevation tickets > Edit",
        f"Allow the action at every step (or at the steps you choose): {part.name}",
        "Save.",
    )


def _tab(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Custom objects > Custom tabs > New",
        f"Name: {part.name}",
        f"URL: {objects.tab_url(context)}",
        "Save.",
    )


def _reference(part: Part, context: Context) -> tuple[str, ...]:
    return ("Customers > the customer > Edit", f"Client reference: {part.name}", "Save.")


def _runbook(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Integrations > Custom integrations > Integration runbooks > New",
        f"Name: {part.name}",
        f"One step that calls the method: {objects.DISABLE_METHOD.name}",
        "From it one way to a success end and one to a failed end. Switch it on. Save.",
    )


def _trigger(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Integrations > Custom integrations > Integration runbooks",
        f"Open the runbook {objects.DISABLE_RUNBOOK.name}",
        f"Start it on the ticket event: {objects.TICKET_CLOSED}",
        "Save.",
    )


def _integration(part: Part, context: Context) -> tuple[str, ...]:
    actions = "--action approve --action deny" if part == objects.DECISIONS else "--action disable_jit"
    return (
        f'First make its key, which is shown once: stepladder key create "{part.name}" {actions}',
        "Configuration > Integrations > Custom integrations > New",
        f"Name: {part.name}",
        f"Base resource URL: {objects.base_of(part, context)}",
        "Authorization: API key",
        f"Key: {objects.KEY_HEADER}",
        "Value: the key that was shown",
        "Add to: Header",
        "Save.",
    )


def _method(part: Part, context: Context) -> tuple[str, ...]:
    called = objects.METHODS[part.key]
    return (
        "Configuration > Integrations > Custom integrations > Methods > New",
        f"Name: {part.name}",
        f"Integration: {objects.BY_KEY[part.needs[0]].name}",
        "Method: POST",
        f"Method URL: {called.path}",
        "Authorization: Inherit from integration settings",
        f"Header Content-Type: {called.media_type}",
        f"JSON Body: {called.body}",
        "Save.",
    )


def _action(part: Part, context: Context) -> tuple[str, ...]:
    return (
        "Configuration > Tickets > Actions > New",
        f"Name: {part.name}",
        "Action type: Generic action",
        "System use: Execute an Integration Method",
        f"Method: {objects.BY_KEY[part.needs[0]].name}",
        T2,
        "Is a quick action: on",
        f"Status afterwards: {context.closed_name}",
        "Save.",
    )


_HOW: Mapping[Kind, Callable[[Part, Context], tuple[str, ...]]] = {
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
