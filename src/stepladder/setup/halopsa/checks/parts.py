"""What was set up: each part's line comes from the plan that set-up would carry out."""

from __future__ import annotations

from collections.abc import Mapping

from stepladder.connectors.base import ConnectorError
from stepladder.connectors.halopsa.matching import Row, get, same, text, whole
from stepladder.kit.findings import Finding, Result
from stepladder.remedies import Remedy
from stepladder.setup.engine.parts import Item, Made, Part, State
from stepladder.setup.engine.system import Refused, Sight
from stepladder.setup.halopsa.instance import Instance
from stepladder.setup.halopsa.parts import (
    ACTIONS,
    APPROVE_PATH,
    BY_KEY,
    DENY_PATH,
    OPTIONAL,
    PARTS,
    RUNBOOK_PARTS,
    TAB,
    Kind,
)
from stepladder.setup.halopsa.requirements import BUTTONS_STAY_INSIDE
from stepladder.setup.halopsa.self_test import APPROVE, DENY, Judged

from .names import list_some

_SENDS = {APPROVE_PATH: APPROVE, DENY_PATH: DENY}


def check_parts(items: Mapping[str, Item], made: Mapping[str, Made], stopped: str | None) -> list[Finding]:
    """A line for each part that was asked for or is there. What was not looked at cannot be known."""
    return [
        _finding(items[part.key], part, is_wanted=_is_wanted(part, made))
        if part.key in items
        else Finding(part.key, Result.CANNOT_KNOW, stopped or "")
        for part in PARTS
        if _is_wanted(part, made) or _is_there(items.get(part.key))
    ]


def _is_wanted(part: Part, made: Mapping[str, Made]) -> bool:
    """What the buttons need is always wanted; of the rest, what set-up was asked for and made."""
    return part.key not in OPTIONAL or part.key in made


def _is_there(item: Item | None) -> bool:
    return item is not None and item.state in (State.EXISTS, State.DIFFERS, State.DOUBLED)


def _finding(item: Item, part: Part, *, is_wanted: bool) -> Finding:
    """What only JIT accounts need is a warning where it is missing, or where others made it and it is wrong."""
    if item.state is State.EXISTS:
        return Finding(
            part.key, Result.PASS, " ".join((item.detail, "Made by Stepladder." * item.is_ours)).strip()
        )
    if item.is_missing:
        is_optional = part.key in OPTIONAL
        told = f"“{part.name}” is missing.{' It is needed for JIT accounts only.' * is_optional}"
        return Finding(
            part.key,
            Result.WARNING if is_optional else Result.FAIL,
            told,
            remedy=_REMEDIES.get(part.key, Remedy.SETUP_RUN),
        )
    if item.state in (State.DIFFERS, State.DOUBLED):
        told = f"“{part.name}”: {item.detail.removesuffix('; left as it is.')}"
        return Finding(part.key, Result.FAIL if is_wanted else Result.WARNING, told, _where(item))
    return Finding(part.key, Result.CANNOT_KNOW, item.detail, remedy=Remedy.SETUP_CHECK_WITH_CREDENTIAL)


_REMEDIES = {TAB.key: Remedy.SETUP_WITH_TAB} | dict.fromkeys(
    (part.key for part in RUNBOOK_PARTS), Remedy.SETUP_WITH_JIT
)


def _where(item: Item) -> str:
    """Where a person makes it right."""
    where = next((each.partition(":")[0] for each in item.clicks if each.startswith("Configuration")), "")
    hint = f" {BUTTONS_STAY_INSIDE}" if "Allow users" in item.detail else ""
    return f"Correct it at {where}.{hint}" if where else ""


def check_references(items: Mapping[str, Item], made: Mapping[str, Made]) -> list[Finding]:
    """Whether the custom tab, where there is one, finds every linked customer."""
    name = "customers.references"
    if not _is_wanted(TAB, made) and not _is_there(items.get(TAB.key)):
        return []
    references = [each for each in items.values() if each.kind == Kind.REFERENCE]
    wrong = [each.name for each in references if each.state is not State.EXISTS]
    if not references:
        return [Finding(name, Result.CANNOT_KNOW, "No customer is linked.")]
    if not wrong:
        return [Finding(name, Result.PASS)]
    told = f"The custom tab finds no customer for: {list_some(wrong)}."
    advice = "Only empty references are set."
    return [Finding(name, Result.WARNING, told, advice, Remedy.SETUP_FILL_REFERENCES)]


async def check_wiring(
    instance: Instance,
    action: Part,
    sight: Sight | None,
    item: Item | None,
    judged: Judged | None,
    *,
    sees_methods: bool,
) -> Finding:
    """Whether a button sends its own decision: the published guide wires Deny to the approve method."""
    button = action.key.partition(".")[2]
    name, title, method = f"wiring.{button}", button.capitalize(), BY_KEY[action.needs[0]].name
    advice = f"Configuration > Tickets > Actions > {action.name} > Method: {method}"
    if sight is None or sight.row is None:
        if item is not None and item.is_missing:
            return Finding(name, Result.FAIL, f"There is no {title} button.", remedy=Remedy.SETUP_RUN)
        return Finding(name, Result.CANNOT_KNOW, "It cannot be seen.", remedy=Remedy.SETUP_RUN)
    if sends := await _sends(instance, action, sight.row, sees_methods=sees_methods):
        result = Result.PASS if sends == button else Result.FAIL
        return Finding(name, result, f"{title} sends {sends}.", advice if result is Result.FAIL else "")
    if judged and judged.result is Result.PASS:
        return Finding(name, Result.PASS, f"Shown by the self-test: {judged.detail}")
    if sees_methods:
        return Finding(name, Result.FAIL, f"{title} calls no method that sends a decision here.", advice)
    told, advice = "What the method sends cannot be seen.", "A self-test or a stronger credential shows it."
    return Finding(name, Result.CANNOT_KNOW, told, advice, Remedy.SETUP_CHECK_WITH_CREDENTIAL)


async def _sends(instance: Instance, action: Part, row: Row, *, sees_methods: bool) -> str:
    """What an action's method sends, by its path; by its name only where that is plainly wrong. Empty if unseen."""
    number, name = whole(get(row, "integration_method_id")), text(row, "integration_method_name")
    if not number or not sees_methods:
        wrong = (each for each in ACTIONS if each != action and same(name, BY_KEY[each.needs[0]].name))
        return next((each.key.partition(".")[2] for each in wrong), "")
    try:
        path = text(await instance.whole(Kind.METHOD, str(number)), "path").rstrip("/")
    except (Refused, ConnectorError):
        return ""
    return next((sent for way, sent in _SENDS.items() if path and way.endswith(path)), "")
