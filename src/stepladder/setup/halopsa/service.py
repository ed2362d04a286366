"""Setting HaloPSA up, and undoing it: look, plan, apply. A dry run ends behind the plan."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from stepladder.audit.tags import Tag
from stepladder.kit.db import Actor
from stepladder.mapping.policy import MappingState
from stepladder.mapping.service import standing
from stepladder.setup.engine.apply import alone, apply
from stepladder.setup.engine.look import Seen, look, look_at_made
from stepladder.setup.engine.memory import Memory, Words
from stepladder.setup.engine.parts import Item, Made, Part, Report, State
from stepladder.setup.engine.plan import Action, Known, Planned, plan, plan_removal

from .access import Credential, SetupWiring, Site, site_of, wide
from .instance import Instance
from .parts import DECISIONS, PARTS, Kind, reference_part
from .requirements import BUTTONS_STAY_INSIDE
from .system import HaloSystem, Options

AFTERWARDS = (
    "End the temporary credential now: Configuration > Integrations > HaloPSA API > View applications > the "
    "application of this set-up > delete it, or make it inactive."
)
_KEY_LEFT = "The key in an existing integration cannot be read back, so it was left. --new-key replaces it."
_WORDS = Words("HaloPSA", made=Tag.HALOPSA_OBJECT_MADE, removed=Tag.HALOPSA_OBJECT_REMOVED)


async def set_up(
    wiring: SetupWiring, actor: Actor, credential: Credential, options: Options | None = None
) -> Report:
    """Make what is missing; with `dry_run` only say so.

    Raises NoConnector, SetupRunning, SetupNotPermitted, ConnectorError.
    """
    site, chosen = await site_of(wiring, actor), options or Options()
    async with _turn(wiring, site, is_needed=not chosen.dry_run), wide(wiring, site, credential) as client:
        memory = memory_of(wiring, actor, site)
        system = await system_of(wiring, actor, site, Instance(client), chosen)
        known, seen, planned = await look_and_plan(system, await memory.recall())
        if chosen.dry_run or seen.stopped:
            report = Report(tuple(each.item for each in planned), stopped=seen.stopped)
        else:
            report = await apply(system, memory, known, planned)
    return replace(report, notes=_notes(report.items, chosen))


async def remove(
    wiring: SetupWiring, actor: Actor, credential: Credential, *, dry_run: bool = False
) -> Report:
    """Delete what we made and nobody changed, last made first.

    Raises NoConnector, SetupRunning, SetupNotPermitted, ConnectorError.
    """
    site = await site_of(wiring, actor)
    async with _turn(wiring, site, is_needed=not dry_run), wide(wiring, site, credential) as client:
        memory = memory_of(wiring, actor, site)
        everything = Options(fill_client_references=True)
        system = await system_of(wiring, actor, site, Instance(client), everything)
        made = await memory.recall()
        # A look at all parts first: it tells which creates of a run that broke did land.
        _, seen, planned = await look_and_plan(system, made)
        if seen.stopped:
            return Report((), stopped=seen.stopped)
        made |= _landed(system, made, planned)
        held = [await look_at_made(system, each) for each in _last_first(made)]
        known = Known(system.blueprint, made)
        going = plan_removal(known, held)
        if dry_run:
            return Report(tuple(each.item for each in going), (AFTERWARDS,))
        return replace(await apply(system, memory, known, going), notes=(AFTERWARDS,))


async def look_and_plan(
    system: HaloSystem, made: Mapping[str, Made]
) -> tuple[Known, Seen, tuple[Planned, ...]]:
    """What is there, and what is to be done about it. Writes nothing."""
    seen = await look(system, made)
    known = Known(system.blueprint, made, replaces_keys=system.options.new_key)
    return known, seen, plan(known, system.parts, seen.sights)


async def system_of(
    wiring: SetupWiring, actor: Actor, site: Site, instance: Instance, options: Options
) -> HaloSystem:
    """The instance as the engine knows it."""
    references: list[Part] = []
    if options.fill_client_references:
        async with wiring.tickets.db.transaction(actor) as tx:
            customers = await standing(tx)
        references = [
            reference_part(each.before.remote.id, each.named.display_name)
            for each in sorted(customers, key=lambda each: each.named.display_name.lower())
            if each.before.state is MappingState.MAPPED and each.before.remote
        ]
    return HaloSystem(instance, site, options, references)


def memory_of(wiring: SetupWiring, actor: Actor, site: Site) -> Memory:
    """What we remember of this instance."""
    return Memory(wiring.tickets.db, actor, site.connector_id, _WORDS)


def _turn(wiring: SetupWiring, site: Site, *, is_needed: bool) -> AbstractAsyncContextManager[None]:
    return alone(wiring.tickets.db, f"halopsa setup {site.connector_id}", is_needed=is_needed)


def _notes(items: tuple[Item, ...], options: Options) -> tuple[str, ...]:
    notes = [BUTTONS_STAY_INSIDE] if any(each.kind == Kind.ACTION for each in items) else []
    keeps_key = any(each.key == DECISIONS.key and each.state is State.EXISTS for each in items)
    notes += [_KEY_LEFT] if keeps_key and not options.new_key else []
    return (*notes, AFTERWARDS)


def _landed(system: HaloSystem, made: Mapping[str, Made], planned: tuple[Planned, ...]) -> dict[str, Made]:
    """What creates that were sent and never answered have made: only what is exactly as we would have it."""
    return {
        each.part.key: replace(
            made[each.part.key],
            remote_id=each.item.remote_id,
            fingerprint=system.blueprint.fingerprint(each.row or {}),
        )
        for each in planned
        if Action.ADOPT in each.actions
    }


def _last_first(made: Mapping[str, Made]) -> list[Made]:
    order = {part.key: number for number, part in enumerate(PARTS)}
    return sorted(made.values(), key=lambda each: order.get(each.key, len(order)), reverse=True)
