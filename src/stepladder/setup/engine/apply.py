"""Applying: carries out a plan, action by action. Safe when the process dies on any line; the next run goes on.

Intent comes before effect: the row of a thing is committed before its create is sent. Whatever breaks in between, the
next look finds what landed, and its plan makes no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stepladder.connectors.base import RemoteGone, TryLater

from .look import look_at
from .memory import Memory
from .parts import Item, Part, Report, State
from .plan import Action, Known, Planned, by_hand, judge, missing_need
from .system import Refused, Shown, System


async def apply(system: System, memory: Memory, known: Known, planned: Sequence[Planned]) -> Report:
    """Carry out a plan. Trouble with the system ends it early, and is in the report."""
    applying, stopped = _Applying(system, memory, known), None
    try:
        for each in planned:
            await applying.settle(each)
    except TryLater as error:
        stopped = f"{error.message} Run it again: it looks before it makes anything."
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
        item, part, row = planned.item, planned.part, planned.row or {}
        if Action.CREATE in planned.actions:
            return await self._create(planned)
        if Action.ADOPT in planned.actions and item.remote_id:
            await self.memory.keep(part, item.remote_id, self.known.blueprint.fingerprint(row))
            item = replace(item, is_ours=True)
        if Action.REPLACE_KEY in planned.actions and item.remote_id:
            item = await self._replace_key(part, item, item.remote_id)
        return item

    async def _create(self, planned: Planned) -> Item:
        part = planned.part
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
            await self.memory.take_back(part)
            return by_hand(self.known, part, str(error))
        blueprint = self.known.blueprint
        await self.memory.keep(part, remote_id, blueprint.fingerprint(row))
        wrong = blueprint.differences(part, row, self.ids | {part.key: remote_id})
        made = replace(planned.item, state=State.MADE, remote_id=remote_id, is_missing=False, is_ours=True)
        if not wrong:
            return made
        told = f"Made, but not all of it was taken: {'; '.join(wrong)}."
        return replace(made, state=State.DIFFERS, detail=told, clicks=blueprint.steps(part, row))

    async def _replace_key(self, part: Part, item: Item, remote_id: str) -> Item:
        """The old keys are revoked once the system has the new one."""
        old, new, key = await self.memory.add_key(part, remote_id)
        try:
            await self.system.things(part.kind).set_key(part, remote_id, key)
        except (Refused, RemoteGone) as error:
            await self.memory.settle_keys(part, old)
            return by_hand(self.known, part, f"Its key was not replaced: {error}")
        await self.memory.settle_keys(part, [new])
        hint = "" if old else " The key it had before was not ours to revoke: see stepladder key list."
        return replace(item, detail=f"Its key was replaced.{hint}")
