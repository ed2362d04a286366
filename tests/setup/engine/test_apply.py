"""Applying a plan: a second run finds nothing to do, wherever the first one died; a removal undoes just that."""

from __future__ import annotations

import copy
import itertools
from dataclasses import asdict

import pytest
from hypothesis import HealthCheck, given, settings as hypothesis_settings, strategies as st
from tests.setup.engine.shelves import (
    BOX,
    HAT,
    LABEL,
    LID,
    LOCK,
    PARTS,
    RIGHT,
    Remembered,
    Setup,
    Shelves,
    has_actions,
)

from stepladder.setup.engine.parts import State

HOW = st.sampled_from(["absent", "absent", "right", "wrong", "twice"])
MEMORY = st.sampled_from([Remembered.NOTHING, Remembered.NOTHING, Remembered.INTENDED, Remembered.MADE])
IN_ONE_TENANT = hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Shelves, dict[str, Remembered]]:
    """What is there when a run begins, and what we remember of it."""
    found = Shelves()
    for part in PARTS:
        how = draw(HOW)
        under = [each for need in PARTS if need.key in part.needs for each in found.named(need)]
        for _ in range({"absent": 0, "twice": 2}.get(how, 1)):
            value = "wrong" if how == "wrong" else RIGHT
            found.put(part, value=value, on=under[0].id if under else "")
    return found, {part.key: draw(MEMORY) for part in PARTS}


@given(worlds(), st.booleans())
@IN_ONE_TENANT
async def test_after_a_plan_is_applied_the_next_one_is_empty(
    setup: Setup, world: tuple[Shelves, dict[str, Remembered]], replaces_keys: bool
) -> None:
    await setup.start_over(*world)
    before = {each.id: asdict(each) | {"key": ""} for each in setup.shelves.things}
    outlook = await setup.plan(replaces_keys=replaces_keys)
    report = await setup.carry_out(outlook)
    assert not has_actions((await setup.plan()).planned)
    after = {each.id: asdict(each) | {"key": ""} for each in setup.shelves.things}
    assert {remote_id: after[remote_id] for remote_id in before} == before
    promised = {State.WOULD_MAKE: State.MADE}
    assert [each.state for each in report.items] == [
        promised.get(each.item.state, each.item.state) for each in outlook.planned
    ]
    assert len(after) - len(before) == [each.state for each in report.items].count(State.MADE)


@given(worlds(), st.integers(0, 40), st.integers(0, 40))
@IN_ONE_TENANT
async def test_a_run_that_dies_on_any_line_is_finished_by_the_next(
    setup: Setup, world: tuple[Shelves, dict[str, Remembered]], first: int, second: int
) -> None:
    await setup.start_over(copy.deepcopy(world[0]), world[1])
    await setup.set_up()
    expected = setup.shelves.shape()
    await setup.start_over(*world)
    for line in (first, second):
        await setup.dies(setup.set_up(), line)
    await setup.set_up()
    assert setup.shelves.shape() == expected
    assert not has_actions((await setup.plan()).planned)


async def test_death_on_every_line_of_set_up_and_removal_leaves_nothing_behind(setup: Setup) -> None:
    """Of keys, too: each that is good is held by a thing."""
    for line in itertools.count():
        await setup.start_over(Shelves(), {})
        died = await setup.dies(setup.set_up(), line)
        await setup.set_up()
        assert len(setup.shelves.things) == len(PARTS)
        assert await setup.live_keys() == setup.held_keys()
        died = await setup.dies(setup.remove(), line) or died
        await setup.remove()
        assert (setup.shelves.things, await setup.live_keys()) == ([], set())
        assert await setup.memory.recall() == {}
        if not died:
            break


async def test_death_on_every_line_of_a_new_key_leaves_one_that_works(setup: Setup) -> None:
    await setup.set_up()
    for line in itertools.count():
        if not await setup.dies(setup.set_up(replaces_keys=True), line):
            break
        assert setup.held_keys() <= await setup.live_keys()
    await setup.set_up(replaces_keys=True)
    assert await setup.live_keys() == setup.held_keys()


@given(worlds())
@IN_ONE_TENANT
async def test_a_removal_leaves_what_was_there_before(
    setup: Setup, world: tuple[Shelves, dict[str, Remembered]]
) -> None:
    await setup.start_over(world[0], {})
    before = copy.deepcopy(setup.shelves.things)
    await setup.set_up()
    await setup.remove()
    assert setup.shelves.things == before
    assert await setup.remove() == await setup.remove(dry_run=True)


async def test_what_comes_between_look_and_apply_is_not_made_twice(setup: Setup) -> None:
    outlook = await setup.plan()
    box = setup.shelves.put(BOX)
    setup.shelves.put(LABEL, value="wrong")
    report = await setup.carry_out(outlook)
    assert [each.state for each in report.items] == [State.EXISTS, State.MADE, State.MADE, State.DIFFERS]
    assert [each.id for each in setup.shelves.named(BOX)] == [box.id]
    assert BOX.key not in await setup.memory.recall()


async def test_what_is_refused_is_left_to_a_person_with_all_that_is_built_upon_it(setup: Setup) -> None:
    setup.shelves.refused = {LID.kind}
    states = {each.key: each.state for each in (await setup.set_up()).items}
    assert states == {
        "box": State.MADE,
        "lid": State.BY_HAND,
        "lock": State.BY_HAND,
        "label": State.MADE,
    }
    assert (await setup.memory.recall()).keys() == {BOX.key, LABEL.key}
    assert await setup.live_keys() == set()


async def test_what_the_system_does_not_delete_keeps_all_that_it_stands_on(setup: Setup) -> None:
    await setup.set_up()
    setup.shelves.refused = {LOCK.kind}
    planned = {each.key: each.state for each in (await setup.remove(dry_run=True)).items}
    assert set(planned.values()) == {State.WOULD_REMOVE}
    removed = {each.key: each.state for each in (await setup.remove()).items}
    assert removed == {
        "label": State.REMOVED,
        "lock": State.LEFT,
        "lid": State.LEFT,
        "box": State.LEFT,
    }
    assert await setup.live_keys() == setup.held_keys()


async def test_what_is_changed_between_plan_and_removal_is_left(setup: Setup) -> None:
    await setup.set_up()
    (lock,) = setup.shelves.named(LOCK)

    async def change() -> None:
        lock.value = "changed"

    # Three lines recall what was made; the next one is the first delete, that of the label.
    setup.lines.passed, setup.lines.interrupt_at, setup.lines.interrupt = 0, 3, change
    removed = {each.key: each.state for each in (await setup.remove()).items}
    assert removed == {
        "label": State.REMOVED,
        "lock": State.LEFT,
        "lid": State.LEFT,
        "box": State.LEFT,
    }


async def test_what_a_person_begins_to_use_between_plan_and_removal_is_left(setup: Setup) -> None:
    await setup.set_up()
    (lock,) = setup.shelves.named(LOCK)

    async def use() -> None:
        setup.shelves.put(HAT, on=lock.id)

    setup.lines.passed, setup.lines.interrupt_at, setup.lines.interrupt = 0, 3, use
    removed = {each.key: (each.state, each.detail) for each in (await setup.remove()).items}
    assert removed == {
        "label": (State.REMOVED, ""),
        "lock": (State.LEFT, "It is still used by the hat “Hat”."),
        "lid": (State.LEFT, "It is still used by the lock “Lock”."),
        "box": (State.LEFT, "It is still used by the lid “Lid”."),
    }


@pytest.mark.parametrize("how", ["changed", "twice", "hidden"])
async def test_what_landed_without_an_answer_and_is_not_as_made_is_left_and_remembered(
    setup: Setup, how: str
) -> None:
    """Whose it is cannot be known, so neither is it deleted nor its key revoked."""
    for part in (BOX, LID, LOCK):
        setup.shelves.put(part)
    await setup.start_over(setup.shelves, {LOCK.key: Remembered.INTENDED})
    (lock,), keys = setup.shelves.named(LOCK), await setup.live_keys()
    lock.value = "changed" if how == "changed" else RIGHT
    setup.shelves.hidden = {LOCK.kind} if how == "hidden" else set()
    if how == "twice":
        setup.shelves.put(LOCK)
    why = "It is behind a curtain." if how == "hidden" else "It may be ours, and is not as we make it."
    before = copy.deepcopy(setup.shelves.things)
    for dry_run in (True, False):
        (item,) = (await setup.remove(dry_run=dry_run)).items
        assert (item.state, item.detail) == (State.LEFT, f"{why} Delete it by hand.")
    assert setup.shelves.things == before
    assert (await setup.memory.recall()).keys() == {LOCK.key}
    assert await setup.live_keys() == keys


@pytest.mark.parametrize("work", ["set_up", "remove"])
async def test_trouble_ends_a_run_early_and_is_told(setup: Setup, work: str) -> None:
    if work == "remove":
        await setup.set_up()
    setup.shelves.is_down = True
    report = await getattr(setup, work)()
    assert report.stopped == "The lift is broken. Run it again: it continues where this run stopped."
    setup.shelves.is_down = False
    again = await getattr(setup, work)()
    assert again.stopped is None
    assert len(setup.shelves.things) == (len(PARTS) if work == "set_up" else 0)


async def test_the_trail_names_what_was_made_and_removed(setup: Setup) -> None:
    await setup.set_up()
    await setup.remove()
    async with setup.db.transaction(setup.actor) as tx:
        rows = await tx.dicts("select tag, facts from audit_event where tag like 'halopsa_object.%'")
    told = sorted((row["tag"], row["facts"]["object"]) for row in rows)
    keys = sorted(part.key for part in PARTS)
    assert told == [(f"halopsa_object.{what}", key) for what in ("made", "removed") for key in keys]
