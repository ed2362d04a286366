"""The plan of a set-up: what is to be there, what was seen, what we remember; out come items and actions. Pure.

What a person made or changed never gets an action, and nothing is made that depends on a part that is not right.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from stepladder.remedies import Remedy

from .parts import Ids, Item, Made, Part, Row, State
from .system import Blueprint, Held, Shown, Sight, User

NOT_YET = "new"
"""Stands for the id of a part that the plan makes: what is there already cannot depend on it."""
_BEARS = (State.EXISTS, State.WOULD_MAKE, State.MADE)


class Action(StrEnum):
    """What is to be done about a part."""

    CREATE = "create"
    ADOPT = "adopt"
    """A create of a run that died did land: remember it."""
    REPLACE_KEY = "replace key"
    REMOVE = "remove"
    FORGET = "forget"


@dataclass(frozen=True)
class Planned:
    """A part, how it stands, and what is to be done about it."""

    part: Part
    item: Item
    actions: tuple[Action, ...] = ()
    row: Row | None = None


@dataclass(frozen=True)
class Known:
    """What a plan goes by, besides what was seen."""

    blueprint: Blueprint
    made: Mapping[str, Made]
    replaces_keys: bool = False


def plan(known: Known, parts: Sequence[Part], sights: Mapping[str, Sight]) -> tuple[Planned, ...]:
    """Every part that was looked at, in order."""
    ids = {key: sight.ids[0] for key, sight in sights.items() if len(sight.ids) == 1}
    items: dict[str, Item] = {}
    planned = []
    for part in parts:
        if part.key in sights:
            found = judge(known, part, sights[part.key], ids, items)
            planned.append(found)
            items[part.key] = found.item
            if Action.CREATE in found.actions:
                ids[part.key] = NOT_YET
    return tuple(planned)


def judge(known: Known, part: Part, sight: Sight, ids: Ids, items: Mapping[str, Item]) -> Planned:
    """One part. `items` say how those stand that it depends on."""
    match sight.shown:
        case Shown.ABSENT:
            return _absent(known, part, items)
        case Shown.ONE:
            return _there(known, part, sight, ids)
        case Shown.SEVERAL:
            told = f"There are {len(sight.ids)} called {part.name} (numbers {', '.join(sight.ids)})."
            advice = "Delete or rename those that are not needed; left as it is."
            return Planned(part, part.item(State.DOUBLED, f"{told} {advice}"))
        case Shown.HIDDEN:
            return Planned(part, _hidden(known, part, sight, ids))
        case Shown.NEEDLESS:
            return Planned(part, part.item(State.EXISTS, sight.note))
        case Shown.IMPOSSIBLE:
            return Planned(part, part.item(State.NOT_POSSIBLE, sight.note))


def _absent(known: Known, part: Part, items: Mapping[str, Item]) -> Planned:
    obstacle = missing_need(part, items) or known.blueprint.obstacle(part)
    if obstacle:
        return Planned(part, replace(by_hand(known, part, obstacle), is_missing=True))
    item = part.item(State.WOULD_MAKE, known.blueprint.note(part), is_missing=True)
    return Planned(part, item, (Action.CREATE,))


def _there(known: Known, part: Part, sight: Sight, ids: Ids) -> Planned:
    row, remote_id, remembered = sight.row or {}, sight.ids[0], known.made.get(part.key)
    is_ours = remembered is not None and remembered.is_ours and remembered.remote_id == remote_id
    wants_key = part.key_rights is not None and known.replaces_keys
    item = part.item(State.EXISTS, sight.note, remote_id=remote_id, is_ours=is_ours)
    if wrong := known.blueprint.differences(part, row, ids):
        hint = " Its key is not replaced while it differs." if wants_key else ""
        told = f"{'; '.join(wrong)}; left as it is.{hint}"
        steps = known.blueprint.corrections(part, row, ids)
        return Planned(part, replace(item, state=State.DIFFERS, detail=told, clicks=steps, key_rights=None))
    has_landed = remembered is not None and remembered.remote_id is None
    actions = (Action.ADOPT,) * has_landed + (Action.REPLACE_KEY,) * wants_key
    return Planned(
        part, replace(item, detail="Its key would be replaced.") if wants_key else item, actions, row
    )


def _hidden(known: Known, part: Part, sight: Sight, ids: Ids) -> Item:
    """One that cannot be seen, or cannot be compared: of what is there no second one is to be made."""
    if not sight.ids:
        return by_hand(known, part, sight.note)
    steps = known.blueprint.corrections(part, None, ids)
    item = part.item(State.BY_HAND, sight.note, clicks=steps, remote_id=sight.ids[0])
    return replace(item, key_rights=None)  # it has its key


def missing_need(part: Part, items: Mapping[str, Item]) -> str:
    """What a part depends on and is not right, in words; empty when all of it is."""
    wrong = next((items[need] for need in part.needs if items[need].state not in _BEARS), None)
    return f"It depends on “{wrong.name}”, which has to be right first." if wrong else ""


def by_hand(known: Known, part: Part, why: str) -> Item:
    """What a person has to do, as the system's API does not do it."""
    steps = known.blueprint.steps(part)
    return part.item(State.BY_HAND if steps else State.NOT_POSSIBLE, why, clicks=steps)


def with_landed(known: Known, planned: Sequence[Planned]) -> Known:
    """With what creates that were sent and never answered have made: only what is exactly as it should be."""
    landed = {
        each.part.key: replace(
            known.made[each.part.key],
            remote_id=each.item.remote_id,
            fingerprint=known.blueprint.fingerprint(each.row or {}),
        )
        for each in planned
        if Action.ADOPT in each.actions
    }
    return replace(known, made={**known.made, **landed})


def plan_removal(known: Known, held: Sequence[Held]) -> tuple[Planned, ...]:
    """What of the things that we made goes. `held` has what depends on others before them."""
    going: set[tuple[str, str | None]] = set()
    planned = []
    for each in held:
        found = judge_removal(known, each, going)
        planned.append(found)
        if found.item.state in (State.GONE, State.WOULD_REMOVE):
            going.add((each.made.kind, each.made.remote_id))
    return tuple(planned)


def judge_removal(known: Known, held: Held, going: Collection[tuple[str, str | None]]) -> Planned:
    """One of the things that we made. `going` are those that are gone, or go before it."""
    made, sight, part = held.made, held.sight, held.made.part
    if made.remote_id is None:
        if sight.shown in (Shown.ONE, Shown.SEVERAL, Shown.HIDDEN):
            why = sight.note if sight.shown is Shown.HIDDEN else "It may be ours, and is not as we make it."
            return Planned(part, part.item(State.LEFT, f"{why} Delete it by hand."))
        return Planned(part, part.item(State.GONE, "It was never made."), (Action.FORGET,))
    if not made.is_ours:
        told = "It was there before; only its key is ours."
        return Planned(part, part.item(State.LEFT, told, remedy=Remedy.KEY_LIST))
    item = part.item(State.WOULD_REMOVE, sight.note, remote_id=made.remote_id)
    if sight.shown is Shown.ABSENT:
        return Planned(part, replace(item, state=State.GONE), (Action.FORGET,))
    staying = [user for user in held.users if (user.kind, user.remote_id) not in going]
    if reason := _why_left(known, part, sight, staying):
        return Planned(part, replace(item, state=State.LEFT, detail=reason))
    return Planned(part, item, (Action.REMOVE,))


def _why_left(known: Known, part: Part, sight: Sight, staying: Sequence[User]) -> str:
    """Why a thing that we made is left, with those that use it and stay; empty where it may go."""
    if sight.shown is Shown.HIDDEN:
        return f"{sight.note} Delete it by hand."
    if known.blueprint.fingerprint(sight.row or {}) != known.made[part.key].fingerprint:
        return "It was changed since it was made; left as it is."
    if staying:
        return f"It is still used by the {staying[0].kind.replace('_', ' ')} “{staying[0].name}”."
    return ""
