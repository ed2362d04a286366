"""Setting HaloPSA up, and undoing it, with a credential that is only ever in memory."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import replace

from stepladder.audit.tags import Tag
from stepladder.kit.db import Actor
from stepladder.mapping.policy import MappingState
from stepladder.mapping.queries import all_ours
from stepladder.setup.engine import run
from stepladder.setup.engine.apply import alone, turn_at
from stepladder.setup.engine.memory import Memory, Words
from stepladder.setup.engine.parts import Item, Part, Report, State

from .access import Credential, SetupWiring, Site, site_of, wide
from .instance import Instance
from .parts import DECISIONS, Kind, reference_part
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
        system = await system_of(wiring, actor, site, Instance(client), chosen)
        memory = memory_of(wiring, actor, site)
        report = await run.set_up(system, memory, replaces_keys=chosen.new_key, dry_run=chosen.dry_run)
    return replace(report, notes=_notes(report.items, chosen))


async def remove(
    wiring: SetupWiring, actor: Actor, credential: Credential, *, dry_run: bool = False
) -> Report:
    """Delete what we made and nobody changed, last made first.

    Raises NoConnector, SetupRunning, SetupNotPermitted, ConnectorError.
    """
    site = await site_of(wiring, actor)
    memory = memory_of(wiring, actor, site)
    async with _turn(wiring, site, is_needed=not dry_run), wide(wiring, site, credential) as client:
        # The references that we remember, by the names that were written: also of customers who are unlinked since.
        references = [each.part for each in (await memory.recall()).values() if each.kind == Kind.REFERENCE]
        system = HaloSystem(Instance(client), site, Options(tab=True, jit=True), references)
        report = await run.remove(system, memory, dry_run=dry_run)
    return replace(report, notes=() if dry_run else (AFTERWARDS,))


async def system_of(
    wiring: SetupWiring, actor: Actor, site: Site, instance: Instance, options: Options
) -> HaloSystem:
    """The instance as the engine knows it."""
    references: list[Part] = []
    if options.fill_client_references:
        async with wiring.connections.db.transaction(actor) as tx:
            customers = await all_ours(tx)
        references = [
            reference_part(each.before.remote.id, each.named.display_name)
            for each in sorted(customers, key=lambda each: each.named.display_name.lower())
            if each.before.state is MappingState.MAPPED and each.before.remote
        ]
    return HaloSystem(instance, site, options, references)


def memory_of(wiring: SetupWiring, actor: Actor, site: Site) -> Memory:
    """What we remember of this instance."""
    return Memory(wiring.connections.db, actor, site.connection_id, _WORDS)


def _turn(wiring: SetupWiring, site: Site, *, is_needed: bool) -> AbstractAsyncContextManager[None]:
    return alone(wiring.connections.db, turn_at(site.connection_id), is_needed=is_needed)


def _notes(items: tuple[Item, ...], options: Options) -> tuple[str, ...]:
    notes = [BUTTONS_STAY_INSIDE] if any(each.kind == Kind.ACTION for each in items) else []
    keeps_key = any(each.key == DECISIONS.key and each.state is State.EXISTS for each in items)
    notes += [_KEY_LEFT] if keeps_key and not options.new_key else []
    # The credential is still needed for what was only planned.
    return (*notes, *(() if options.dry_run else (AFTERWARDS,)))
