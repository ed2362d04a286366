"""A set-up that breaks anywhere and is run again: nothing twice, nothing forgotten, no key left over."""

from __future__ import annotations

from typing import Any

import pytest
from tests.setup.halopsa.conftest import LISTS, Stage, name_of, states

from stepladder.setup.engine.memory import Memory
from stepladder.setup.engine.parts import State
from stepladder.setup.halopsa import parts
from stepladder.setup.halopsa.instance import Instance

WRITES = len(parts.PARTS) + 1  # the parts and one client reference


class Crashed(Exception):
    """The process ended here."""


def _doubles(stage: Stage) -> list[str]:
    names = [(part, name_of(each).casefold()) for part in LISTS for each in stage.configured()[part]]
    return [f"{part}: {name}" for part, name in names if names.count((part, name)) > 1]


async def _run_until_done(stage: Stage) -> int:
    runs = 0
    while runs < WRITES + 2:
        runs += 1
        try:
            report = await stage.set_up(fill_client_references=True)
        except Crashed:
            assert _doubles(stage) == []
            continue
        if report.stopped is None:
            return runs
    raise AssertionError("it never ends")


async def _is_whole(stage: Stage) -> None:
    assert _doubles(stage) == []
    assert set(states(await stage.set_up(fill_client_references=True)).values()) == {State.EXISTS}
    rows = await stage.sql(
        "select count(*) as all, count(remote_id) as known, count(fingerprint) as ours from halopsa_object"
    )
    assert rows[0] == {"all": WRITES, "known": WRITES, "ours": WRITES}
    live = await stage.sql(
        "select key_id from inbound_key where revoked_at is null and name like 'HaloPSA: %%'"
    )
    held = {each.header_value.split("_")[1] for each in stage.halo.state.config.integrations}
    assert {row["key_id"] for row in live} == held


@pytest.mark.parametrize("where", ["before the create", "after the create"])
async def test_a_crash_at_every_single_create_makes_no_double(
    stage: Stage, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run gets one create further than the one before it, and dies there."""
    write, remember = Instance.write, Memory.keep
    seen: set[str] = set()

    async def dying_write(self: Instance, kind: Any, element: Any) -> Any:
        name = f"{kind}/{element.get('name') or element.get('outcome') or element}"
        if name not in seen:
            seen.add(name)
            raise Crashed
        return await write(self, kind, element)

    async def dying_remember(self: Memory, part: Any, remote_id: str, fingerprint: Any) -> None:
        if part.key not in seen:
            seen.add(part.key)
            raise Crashed
        await remember(self, part, remote_id, fingerprint)

    if where == "before the create":
        monkeypatch.setattr(Instance, "write", dying_write)
    else:
        monkeypatch.setattr(Memory, "keep", dying_remember)
    assert await _run_until_done(stage) > WRITES
    monkeypatch.undo()
    await _is_whole(stage)


async def test_creates_that_land_without_an_answer_are_found_by_the_next_run(stage: Stage) -> None:
    runs = 0
    while True:
        runs += 1
        stage.halo.fail_next("drop_after_commit", method="POST", path="/api/*")
        report = await stage.set_up(fill_client_references=True)
        assert _doubles(stage) == []
        if report.stopped is None:
            break
        assert "Run it again" in report.stopped
        stage.halo.state.faults.clear()
    assert runs > WRITES
    stage.halo.state.faults.clear()
    await _is_whole(stage)


@pytest.mark.parametrize(
    ("kind", "switch", "key"),
    [
        (parts.Kind.FIELD, "fields_writable", "field.customer_name"),
        (parts.Kind.PLACE, "workflow_writable", "workflow.approve"),
    ],
)
async def test_what_was_taken_and_is_not_shown_is_remembered_and_found_by_the_next_run(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, kind: parts.Kind, switch: str, key: str
) -> None:
    """HaloPSA answers the write without an id, and refuses the look behind it: nobody may say that it did nothing."""
    write = Instance.write

    async def write_without_id(self: Instance, written: Any, element: Any) -> None:
        await write(self, written, element)
        if written == kind:
            setattr(stage.halo.switches, switch, "404")

    with monkeypatch.context() as terse:
        terse.setattr(Instance, "write", write_without_id)
        report = await stage.set_up(fill_client_references=True)
    assert report.stopped is not None
    assert "does not show what it was told to create" in report.stopped
    pending = await stage.sql("select key from halopsa_object where remote_id is null")
    assert pending == [{"key": key}]
    setattr(stage.halo.switches, switch, "on")
    assert (await stage.set_up(fill_client_references=True)).stopped is None
    await _is_whole(stage)


async def test_what_landed_and_was_never_answered_is_removed_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stage.configured()

    async def dying_remember(self: Memory, part: Any, remote_id: str, fingerprint: Any) -> None:
        raise Crashed

    monkeypatch.setattr(Memory, "keep", dying_remember)
    with pytest.raises(Crashed):
        await stage.set_up()
    monkeypatch.undo()
    assert stage.configured() != before
    assert states(await stage.remove()) == {"field.customer_name": State.REMOVED}
    assert stage.configured() == before
