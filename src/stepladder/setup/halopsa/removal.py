"""Undoing a set-up: exactly what we made, where it is as we made it and nothing is built upon it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

from stepladder.access_keys.service import KeyRevoked, revoke_key
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import RemoteGone, TryLater
from stepladder.connectors.halopsa.matching import Row, get, same, text, whole
from stepladder.kit.db import Actor, Transaction

from . import objects, plan, store
from .access import Credential, SetupWiring, alone, site_of, wide
from .instance import Instance, Refused
from .objects import Kind, Part
from .plan import Item, State
from .service import AFTERWARDS, Options, Report, Run
from .store import Made


async def remove(
    wiring: SetupWiring, actor: Actor, credential: Credential, *, dry_run: bool = False
) -> Report:
    """Delete what we made and nobody changed, last made first.

    Raises NoConnector, SetupRunning, SetupNotPermitted.
    """
    site = await site_of(wiring, actor)
    async with alone(wiring, site, is_needed=not dry_run), wide(wiring, site, credential) as client:
        # A look at everything first: it tells which creates of a run that broke did land.
        run = Run(
            wiring,
            actor,
            site,
            Instance(client),
            Options(dry_run=True, fill_client_references=True),
            adopts=False,
        )
        seen = await run.all()
        if seen.stopped:
            return Report((), (), seen.stopped)
        return await _Removal(run, dry_run).all()


_USES: Mapping[Kind, tuple[tuple[Kind, Callable[[Row, str], bool]], ...]] = {
    Kind.INTEGRATION: ((Kind.METHOD, lambda row, wanted: same(text(row, "integration_id"), wanted)),),
    Kind.METHOD: (
        (Kind.ACTION, lambda row, wanted: same(text(row, "integration_method_id"), wanted)),
        (Kind.RUNBOOK, lambda row, wanted: whole(wanted) in plan.calls_of(row)),
    ),
    Kind.ACTION: ((Kind.PLACE, lambda row, wanted: whole(wanted) in plan.places_of(row)),),
    Kind.RUNBOOK: ((Kind.TRIGGER, lambda row, wanted: same(text(row, "webhook_id"), wanted)),),
    Kind.FIELD: (
        (
            Kind.METHOD,
            lambda row, wanted: f"<<{wanted.casefold()}" in text(row, "requestbody").casefold(),
        ),
    ),
}
"""What a thing of a kind may be used by, and how that is seen in the user's row."""


@dataclass
class _Removal:
    run: Run
    dry_run: bool
    going: set[tuple[Kind, str]] = field(default_factory=set)
    """What is removed, or would be."""
    _details: dict[tuple[Kind, str], Row] = field(default_factory=dict)

    async def all(self) -> Report:
        items: list[Item] = []
        stopped = None
        order = {part.key: number for number, part in enumerate(objects.PARTS)}
        made = sorted(self.run.made.values(), key=lambda each: order.get(each.key, len(order)), reverse=True)
        try:
            for each in made:
                items += [await self._one(each)]
        except TryLater as error:
            stopped = f"{error.message} Run it again: what is gone is not asked for twice."
        return Report(tuple(items), (AFTERWARDS,), stopped)

    async def _one(self, made: Made) -> Item:
        part = Part(made.key, Kind(made.kind), made.name)
        if made.remote_id is None:
            made_after_all = await self._landed(made)
            if made_after_all is None:
                await self._forget(made)
                return plan.item(part, State.GONE, "It was never made.")
            made = made_after_all
        if not made.is_ours or made.remote_id is None:
            return plan.item(
                part, State.LEFT, "It was there before; only its key is ours: stepladder key list."
            )
        try:
            return await self._ours(part, made, made.remote_id)
        except RemoteGone:
            self.going.add((part.kind, made.remote_id))
            await self._forget(made)
            return plan.item(part, State.GONE)
        except Refused as error:
            return plan.item(part, State.LEFT, f"{error} Delete it by hand.", remote_id=made.remote_id)

    async def _landed(self, made: Made) -> Made | None:
        """What a create that was sent and never answered made: only what is exactly as we would have it."""
        seen = self.run.items.get(made.key)
        if seen is None or seen.state is not State.EXISTS:
            return None
        kind = Kind(made.kind)
        remote_id = seen.remote_id
        mark = plan.fingerprint({"ref": made.name})
        if kind is Kind.PLACE:
            remote_id = self._place_id(made)
        elif kind is not Kind.REFERENCE and remote_id:
            mark = plan.fingerprint(await self._whole(kind, remote_id))
        return Made(made.key, made.kind, made.name, remote_id, mark, made.key_ids) if remote_id else None

    def _place_id(self, made: Made) -> str | None:
        action = self.run.context.ids.get(objects.BY_KEY[made.key].needs[0])
        workflow = self.run.workflow_id
        return f"{workflow}/{action}" if action and workflow else None

    async def _ours(self, part: Part, made: Made, remote_id: str) -> Item:
        if part.kind is Kind.PLACE:
            return await self._place(part, made, remote_id)
        if part.kind is Kind.REFERENCE:
            return await self._reference(part, made, remote_id)
        row = await self._whole(part.kind, remote_id)
        if plan.fingerprint(row) != made.fingerprint:
            return plan.item(
                part, State.LEFT, "Somebody changed it since it was made; left as it is.", remote_id=remote_id
            )
        async for user in self._users_of(part.kind, remote_id):
            return plan.item(part, State.LEFT, f"It is still used by {user}.", remote_id=remote_id)
        self.going.add((part.kind, remote_id))
        if self.dry_run:
            return plan.item(part, State.WOULD_REMOVE, remote_id=remote_id)
        await self.run.instance.delete(part.kind, remote_id)
        return await self._removed(part, made)

    async def _place(self, part: Part, made: Made, place: str) -> Item:
        workflow_id, _, action = place.partition("/")
        workflow = await self.run.instance.whole(Kind.PLACE, workflow_id)
        always = [each for each in get(workflow, "always_allow_actions") or [] if isinstance(each, dict)]
        left = [each for each in always if whole(get(each, "id")) != whole(action)]
        self.going.add((Kind.PLACE, place))
        if self.dry_run:
            return plan.item(part, State.WOULD_REMOVE, f"From the workflow “{text(workflow, 'name')}”.")
        if len(left) < len(always):
            await self.run.instance.write(Kind.PLACE, {"id": int(workflow_id), "always_allow_actions": left})
        return await self._removed(part, made)

    async def _reference(self, part: Part, made: Made, remote_id: str) -> Item:
        row = await self.run.instance.whole(Kind.REFERENCE, remote_id)
        if not same(text(row, "ref"), made.name):
            return plan.item(part, State.LEFT, "Somebody changed the reference; left as it is.")
        if self.dry_run:
            return plan.item(part, State.WOULD_REMOVE)
        await self.run.instance.write(Kind.REFERENCE, {"id": int(remote_id), "ref": ""})
        return await self._removed(part, made)

    async def _removed(self, part: Part, made: Made) -> Item:
        await self._forget(made)
        return plan.item(part, State.REMOVED)

    async def _forget(self, made: Made) -> None:
        """Forget a thing that is gone; its keys are refused from now on."""
        if self.dry_run:
            return
        run = self.run
        async with run.wiring.connections.db.transaction(run.actor) as tx:
            await _revoke(tx, made)
            await store.forget(tx, run.site.connector_id, made.key)
            if made.remote_id:
                await record(tx, Tag.HALOPSA_OBJECT_REMOVED, made.remote_id, object=made.key)

    # --- What is built upon it -----------------------------------------------------------------------------

    async def _users_of(self, kind: Kind, remote_id: str) -> AsyncIterator[str]:
        """What would stop working without a thing, in words. What goes as well does not count."""
        for by, uses in _USES.get(kind, ()):
            wanted = remote_id
            if kind is Kind.FIELD:
                wanted = text(await self._whole(kind, remote_id), "name")
            async for row in self._staying(by):
                # In a dry run our own place is still in the workflow.
                is_ours = self.dry_run and (by, f"{text(row, 'id')}/{remote_id}") in self.going
                if uses(row, wanted) and not is_ours:
                    yield f"the {by.replace('_', ' ')} “{text(row, objects.RESOURCES[by].name_field)}”"

    async def _staying(self, kind: Kind) -> AsyncIterator[Row]:
        for row in await self.run.instance.rows(kind):
            remote_id = text(row, "id")
            if (kind, remote_id) not in self.going:
                yield await self._whole(kind, remote_id, remembered=kind is not Kind.PLACE)

    async def _whole(self, kind: Kind, remote_id: str, *, remembered: bool = True) -> Row:
        key = (kind, remote_id)
        if not remembered or key not in self._details:
            self._details[key] = await self.run.instance.whole(kind, remote_id)
        return self._details[key]


async def _revoke(tx: Transaction, made: Made) -> None:
    for key_id in made.key_ids:
        try:
            await revoke_key(tx, key_id)
        except KeyRevoked:
            continue
