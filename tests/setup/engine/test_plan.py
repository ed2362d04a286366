"""The plan, pure: for all that was seen and remembered, it touches nothing of a person's and builds on what is right."""

from __future__ import annotations

import asyncio
import copy
from dataclasses import asdict

from hypothesis import given, strategies as st
from tests.setup.engine.shelves import (
    BOX,
    LABEL,
    LID,
    LOCK,
    PARTS,
    RIGHT,
    Blueprint,
    ShelfSystem,
    Shelves,
)

from stepladder.setup.engine.look import Seen, look
from stepladder.setup.engine.parts import Made, State
from stepladder.setup.engine.plan import Action, Known, Planned, plan, plan_removal, with_landed
from stepladder.setup.engine.system import Held, Shown, Sight, User

STANDS = (State.EXISTS, State.WOULD_MAKE)
HOW = ("absent", "absent", "right", "right", "wrong", "renamed", "elsewhere", "twice")


@st.composite
def shelves(draw: st.DrawFn) -> Shelves:
    """Each part absent, right, changed, renamed, on something else, there twice, or behind a curtain."""
    found = Shelves()
    for part in PARTS:
        how = draw(st.sampled_from(HOW))
        under = [each for need in PARTS if need.key in part.needs for each in found.named(need)]
        on = "" if not part.needs or how == "elsewhere" else under[0].id if under else "99"
        for _ in range({"absent": 0, "twice": 2}.get(how, 1)):
            name = "Other" if how == "renamed" else ""
            found.put(part, value="wrong" if how == "wrong" else RIGHT, name=name, on=on)
    found.hidden = draw(st.sets(st.sampled_from(["box", "lid", "lock", "label"]), max_size=1))
    return found


@st.composite
def memories(draw: st.DrawFn, found: Shelves) -> dict[str, Made]:
    """Of each part nothing, an intent, what we made as it is or as it was, or only a key that we gave it."""
    made = {}
    for part in PARTS:
        thing = next((each for each in found.things if each.kind == part.kind), None)
        remote_id, mark = (thing.id, Blueprint().fingerprint(asdict(thing))) if thing else ("98", b"gone")
        remembered = {
            "intent": Made(part.key, part.kind, part.name, None, None, []),
            "as it is": Made(part.key, part.kind, part.name, remote_id, mark, []),
            "as it was": Made(part.key, part.kind, part.name, remote_id, b"as it was", []),
            "only a key": Made(part.key, part.kind, part.name, remote_id, None, ["k"]),
        }
        how = draw(st.sampled_from([None, None, *remembered]))
        if how:
            made[part.key] = remembered[how]
    return made


@st.composite
def outlooks(draw: st.DrawFn) -> tuple[Known, Seen]:
    found = draw(shelves())
    made = draw(memories(found))
    system = ShelfSystem(found)
    return Known(system.blueprint, made, draw(st.booleans())), asyncio.run(look(system, made))


def _planned(known: Known, seen: Seen) -> dict[str, Planned]:
    return {each.part.key: each for each in plan(known, PARTS, seen.sights)}


@given(outlooks())
def test_what_a_person_changed_or_made_twice_or_hides_gets_no_action(outlook: tuple[Known, Seen]) -> None:
    known, seen = outlook
    for key, planned in _planned(known, seen).items():
        sight = seen.sights[key]
        is_right = sight.shown is Shown.ONE and planned.item.state is State.EXISTS
        if Action.CREATE in planned.actions:
            assert planned.actions == (Action.CREATE,)
            assert sight.shown is Shown.ABSENT
        elif planned.actions:
            assert is_right
            assert set(planned.actions) <= {Action.ADOPT, Action.REPLACE_KEY}
        if sight.row and (sight.row["value"], sight.row["name"]) != (RIGHT, planned.part.name):
            assert (planned.item.state, planned.actions) == (State.DIFFERS, ())


@given(outlooks())
def test_nothing_is_made_upon_what_is_not_right(outlook: tuple[Known, Seen]) -> None:
    planned = _planned(*outlook)
    for each in planned.values():
        if Action.CREATE in each.actions:
            assert all(planned[need].item.state in STANDS for need in each.part.needs)
        if each.item.state is State.BY_HAND:
            assert each.item.clicks
            assert each.actions == ()


@given(outlooks())
def test_what_stands_on_something_that_is_yet_to_be_made_is_not_right(outlook: tuple[Known, Seen]) -> None:
    planned = _planned(*outlook)
    for each in planned.values():
        makes = [need for need in each.part.needs if Action.CREATE in planned[need].actions]
        assert not (makes and each.item.state is State.EXISTS)


@given(outlooks())
def test_an_intent_becomes_ours_only_where_the_thing_is_exactly_right(outlook: tuple[Known, Seen]) -> None:
    known, seen = outlook
    for key, planned in _planned(known, seen).items():
        is_intent = key in known.made and known.made[key].remote_id is None
        assert (Action.ADOPT in planned.actions) == (is_intent and planned.item.state is State.EXISTS)


@given(outlooks())
def test_a_plan_depends_on_nothing_else_and_changes_nothing(outlook: tuple[Known, Seen]) -> None:
    known, seen = outlook
    before = copy.deepcopy((known, seen))
    assert plan(known, PARTS, seen.sights) == plan(known, PARTS, seen.sights)
    assert (known.made, seen) == (before[0].made, before[1])


@given(outlooks(), st.integers(0, 3))
def test_a_look_that_ended_early_is_planned_as_far_as_it_went(
    outlook: tuple[Known, Seen], count: int
) -> None:
    known, seen = outlook
    few = dict(list(seen.sights.items())[:count])
    assert plan(known, PARTS, few) == plan(known, PARTS, seen.sights)[:count]


def _held(known: Known, found: Shelves) -> list[Held]:
    return [_held_one(each, found) for each in sorted(known.made.values(), key=_order, reverse=True)]


def _order(made: Made) -> int:
    return [part.key for part in PARTS].index(made.key)


def _held_one(made: Made, found: Shelves) -> Held:
    things = {each.id: each for each in found.things}
    thing = things.get(made.remote_id or "")
    if thing is None:
        return Held(made, Sight(Shown.ABSENT))
    users = tuple(User(each.kind, each.id, each.name) for each in found.things if each.on == thing.id)
    return Held(made, Sight(Shown.ONE, (thing.id,), asdict(thing)), users)


@st.composite
def removals(draw: st.DrawFn) -> tuple[Known, list[Held], Shelves]:
    found = draw(shelves())
    known = Known(Blueprint(), draw(memories(found)))
    return known, _held(known, found), found


@given(removals())
def test_a_removal_takes_only_what_is_as_we_made_it_and_nothing_that_stays_needs(
    removal: tuple[Known, list[Held], Shelves],
) -> None:
    known, held, found = removal
    going = {
        each.item.remote_id for each in plan_removal(known, held) if each.item.state is State.WOULD_REMOVE
    }
    assert going <= {
        made.remote_id
        for made in known.made.values()
        if made.is_ours and made.fingerprint in _marks(found, made.remote_id)
    }
    assert not [thing for thing in found.things if thing.on in going and thing.id not in going]


def _marks(found: Shelves, remote_id: str | None) -> list[bytes]:
    return [Blueprint().fingerprint(asdict(each)) for each in found.things if each.id == remote_id]


def test_what_landed_without_an_answer_counts_as_made() -> None:
    found = Shelves()
    box = found.put(BOX)
    intent = Made(BOX.key, BOX.kind, BOX.name, None, None, ["k"])
    known = Known(Blueprint(), {BOX.key: intent})
    seen = asyncio.run(look(ShelfSystem(found), known.made))
    landed = with_landed(known, plan(known, PARTS, seen.sights)).made[BOX.key]
    assert (landed.remote_id, landed.is_ours, landed.key_ids) == (box.id, True, ["k"])


def test_what_no_person_can_make_is_not_possible_here() -> None:
    found = Shelves(hidden={LABEL.kind, LID.kind})
    seen = asyncio.run(look(ShelfSystem(found), {}))
    planned = _planned(Known(Blueprint(), {}), seen)
    states = {part.key: planned[part.key].item.state for part in (BOX, LID, LOCK, LABEL)}
    assert states == {
        "box": State.WOULD_MAKE,
        "lid": State.BY_HAND,
        "lock": State.BY_HAND,
        "label": State.NOT_POSSIBLE,
    }


def test_what_we_made_is_told_from_what_was_there() -> None:
    found = Shelves()
    box = found.put(BOX)
    found.put(LABEL)
    mark = Blueprint().fingerprint(asdict(box))
    known = Known(Blueprint(), {BOX.key: Made(BOX.key, BOX.kind, BOX.name, box.id, mark, [])})
    planned = _planned(known, asyncio.run(look(ShelfSystem(found), known.made)))
    assert planned[BOX.key].item.is_ours
    assert not planned[LABEL.key].item.is_ours
