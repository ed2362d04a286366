"""A set-up or a removal from end to end: look, plan, apply. A dry run ends behind the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from stepladder.connectors.base import TryLater

from .apply import apply
from .look import Seen, look, look_at_made, stopped_by
from .memory import Memory
from .parts import Made, Report
from .plan import Known, Planned, plan, plan_removal, with_landed
from .system import System


@dataclass(frozen=True)
class Outlook:
    """What was seen, and what is to be done about it."""

    known: Known
    seen: Seen
    planned: tuple[Planned, ...]

    @property
    def report(self) -> Report:
        """The plan, as it is printed."""
        return Report(tuple(each.item for each in self.planned), stopped=self.seen.stopped)


async def look_and_plan(system: System, made: Mapping[str, Made], *, replaces_keys: bool = False) -> Outlook:
    """What set-up would do. Writes nothing, neither there nor here."""
    seen = await look(system, made)
    known = Known(system.blueprint, made, replaces_keys)
    return Outlook(known, seen, plan(known, system.parts, seen.sights))


async def set_up(
    system: System, memory: Memory, *, replaces_keys: bool = False, dry_run: bool = False
) -> Report:
    """Make what is missing. Nothing is made where not everything could be looked at."""
    outlook = await look_and_plan(system, await memory.recall(), replaces_keys=replaces_keys)
    if dry_run or outlook.seen.stopped:
        return outlook.report
    return await apply(system, memory, outlook.known, outlook.planned)


async def remove(system: System, memory: Memory, *, dry_run: bool = False) -> Report:
    """Take away what we made and nobody changed, last made first."""
    # A look at all parts first: it tells which creates of a run that died did land.
    outlook = await look_and_plan(system, await memory.recall())
    if outlook.seen.stopped:
        return Report((), stopped=outlook.seen.stopped)
    known = with_landed(outlook.known, outlook.planned)
    try:
        held = await look_at_made(system, known.made, outlook.seen.sights)
    except TryLater as error:
        return Report((), stopped=stopped_by(error))
    planned = plan_removal(known, held)
    if dry_run:
        return Report(tuple(each.item for each in planned))
    system.forget()
    return await apply(system, memory, known, planned)
