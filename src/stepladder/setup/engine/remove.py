"""Removing: carries out the plan of a removal, last made first. What is gone is not asked for twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stepladder.connectors.base import RemoteGone, TryLater

from .memory import Memory
from .parts import Item, Made, Report, State
from .plan import Action, Planned, why_left
from .system import Refused, System


async def remove(
    system: System, memory: Memory, made: Mapping[str, Made], planned: Sequence[Planned]
) -> Report:
    """Carry out a removal. Trouble with the system ends it early, and is in the report."""
    removing, stopped = _Removing(system, memory), None
    try:
        for each in planned:
            await removing.settle(each, made[each.part.key])
    except TryLater as error:
        stopped = f"{error.message} Run it again: what is gone is not asked for twice."
    return Report(tuple(removing.items), stopped=stopped)


class _Removing:
    def __init__(self, system: System, memory: Memory) -> None:
        self.system, self.memory = system, memory
        self.items: list[Item] = []
        self.staying: set[tuple[str, str | None]] = set()
        """What was to go and stays after all."""

    async def settle(self, planned: Planned, made: Made) -> None:
        """Do what is planned for one thing, and note what became of it."""
        item = planned.item
        if Action.FORGET in planned.actions:
            await self.memory.forget(made)
        if Action.REMOVE in planned.actions and made.remote_id:
            item = await self._removed(planned, made, made.remote_id)
            if item.state is State.LEFT:
                self.staying.add((made.kind, made.remote_id))
            else:
                await self.memory.forget(made)
        self.items.append(item)

    async def _removed(self, planned: Planned, made: Made, remote_id: str) -> Item:
        things = self.system.things(made.kind)
        staying = [user for user in planned.users if (user.kind, user.remote_id) in self.staying]
        try:
            # A person may have changed it since the look.
            sight = await things.read(planned.part, remote_id)
            if reason := why_left(self.system.blueprint, made, sight, staying):
                return replace(planned.item, state=State.LEFT, detail=reason)
            await things.delete(planned.part, remote_id)
        except RemoteGone:
            return replace(planned.item, state=State.GONE)
        except Refused as error:
            return replace(planned.item, state=State.LEFT, detail=f"{error} Delete it by hand.")
        return replace(planned.item, state=State.REMOVED)
