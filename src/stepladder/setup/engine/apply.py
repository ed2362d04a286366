"""Applying: carries out a plan, action by action. Safe when the process dies on any line; the next run goes on.

Intent comes before effect: the row of a thing is committed before its create is sent. Where a run breaks in between,
the next look finds what landed, and its plan makes no second one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from stepladder.connectors.base import RemoteGone, TryLater
from stepladder.errors import Conflict
from stepladder.kit.db import Database
from stepladder.kit.ids import ConnectionId
from stepladder.remedies import Remedy

from .look import look_again, look_at, stopped_by
from .memory import Memory
from .parts import Item, Part, Report, State
from .plan import Action, Known, Planned, by_hand, judge, judge_removal, missing_need
from .system import Refused, Shown, System


class SetupRunning(Conflict):
    """Two at once would both look, find nothing, and make everything twice."""

    code = "setup_running"
    sentence = "Another set-up or removal is running. Try again when it has finished."


def turn_at(connection_id: ConnectionId) -> str:
    """What a set-up of a connection has for itself while it runs."""
    return f"halopsa setup {connection_id}"


@asynccontextmanager
async def alone(db: Database, what: str, *, is_needed: bool = True) -> AsyncIterator[None]:
    """No other set-up changes `what` until the block ends. Raises SetupRunning."""
    if not is_needed:
        yield
        return
    async with db.exclusive(what) as is_ours:
        if not is_ours:
            raise SetupRunning
        yield


async def apply(system: System, memory: Memory, known: Known, planned: Sequence[Planned]) -> Report:
    """Carry out a plan. Trouble with the system ends it early, and is in the report."""
    applying, stopped = _Applying(system, memory, known), None
    try:
        for each in planned:
            await applying.settle(each)
    except TryLater as error:
        stopped = stopped_by(error)
    return Report(tuple(applying.items.values()), stopped=stopped)


class _Applying:
    def __init__(self, system: System, memory: Memory, known: Known) -> None:
        self.system, self.memory, self.known = system, memory, known
        self.items: dict[str, Item] = {}
        self.ids: dict[str, str] = {}

    async def settle(self, planned: Planned) -> None:
        """Do what is planned for one part, and note how it stands then."""
        item = await self._done(planned)
        self.items[item.key] = item
        if item.remote_id:
            self.ids[item.key] = item.remote_id

    async def _done(self, planned: Planned) -> Item:
        item, part = planned.item, planned.part
        if Action.CREATE in planned.actions:
            return await self._create(planned)
        if Action.ADOPT in planned.actions and item.remote_id:
            await self.memory.keep(part, item.remote_id, self.known.blueprint.fingerprint(planned.row or {}))
            item = replace(item, is_ours=True)
        if Action.REPLACE_KEY in planned.actions and item.remote_id:
            item = await self._replace_key(part, item, item.remote_id)
        if Action.REMOVE in planned.actions and item.remote_id:
            item = await self._remove(part, item.remote_id)
        if Action.FORGET in planned.actions or item.state in (State.REMOVED, State.GONE):
            await self.memory.forget(part.key, item.remote_id)
        return item

    async def _create(self, planned: Planned) -> Item:
        part, blueprint = planned.part, self.known.blueprint
        if missing := missing_need(part, self.items):
            return replace(by_hand(self.known, part, missing), is_missing=True)
        # Between the look and now it may have come: made by a person, or by a create that lands late.
        sight = await look_at(self.system, part, self.ids, afresh=True)
        if sight.shown is not Shown.ABSENT:
            return await self._done(judge(self.known, part, sight, self.ids, self.items))
        key = await self.memory.intend(part)
        try:
            remote_id, row = await self.system.things(part.kind).create(part, self.ids, key)
        except Refused as error:
            await self.memory.forget(part.key)
            return by_hand(self.known, part, str(error))
        await self.memory.keep(part, remote_id, blueprint.fingerprint(row))
        made = replace(planned.item, state=State.MADE, remote_id=remote_id, is_missing=False, is_ours=True)
        if wrong := blueprint.differences(part, row, self.ids | {part.key: remote_id}):
            told = f"Made, but not everything was accepted: {'; '.join(wrong)}."
            return replace(
                made, state=State.DIFFERS, detail=told, clicks=blueprint.corrections(part, row, self.ids)
            )
        return made

    async def _replace_key(self, part: Part, item: Item, remote_id: str) -> Item:
        """The old keys are revoked once the system has the new one."""
        old, new, key = await self.memory.add_key(part, remote_id)
        try:
            await self.system.things(part.kind).set_key(part, remote_id, key)
        except (Refused, RemoteGone) as error:
            await self.memory.settle_keys(part, old)
            steps = self.known.blueprint.key_steps(part)
            return part.item(
                State.BY_HAND, f"Its key was not replaced: {error}", remote_id=remote_id, clicks=steps
            )
        await self.memory.settle_keys(part, new)
        if old:
            return replace(item, detail="Its key was replaced.")
        told = (
            "Its key was replaced. Stepladder did not make the old key for it, so revoke that one yourself."
        )
        return replace(item, detail=told, remedy=Remedy.KEY_LIST)

    async def _remove(self, part: Part, remote_id: str) -> Item:
        items, gone = self.items.values(), (State.REMOVED, State.GONE)
        # A person may have changed it since the look, or begun to use it.
        held = await look_again(self.system, self.known.made[part.key])
        planned = judge_removal(
            self.known, held, {(each.kind, each.remote_id) for each in items if each.state in gone}
        )
        item = planned.item
        if Action.REMOVE not in planned.actions:
            return item
        try:
            await self.system.things(part.kind).delete(part, remote_id)
        except RemoteGone:
            return replace(item, state=State.GONE)
        except Refused as error:
            return replace(item, state=State.LEFT, detail=f"{error} Delete it by hand.")
        return replace(item, state=State.REMOVED)
