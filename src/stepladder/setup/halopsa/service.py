"""Setting HaloPSA up: look first, make what is missing, leave what somebody changed, and say what is left to do.

Intent comes before effect: the row of a thing is committed before its create is sent. Whatever breaks in between, the
next run looks before it creates, finds what is there, and makes no second one.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from stepladder.access_keys.service import KeyAction, KeyRevoked, create_key, revoke_key
from stepladder.connectors.base import RemoteGone, TryLater
from stepladder.connectors.halopsa.matching import Row, get, one_named, same, text, whole
from stepladder.kit.db import Actor, Transaction
from stepladder_protocol.messages import ElevationKind

from . import objects, plan, store
from .access import Credential, SetupWiring, Site, alone, site_of, wide
from .clicks import T2, clicks
from .instance import Instance, Refused
from .objects import Context, Kind, Part
from .plan import Item, State
from .store import Made

AFTERWARDS = (
    "End the temporary credential now: Configuration > Integrations > HaloPSA API > View applications > the "
    "application of this set-up > delete it, or make it inactive."
)


@dataclass(frozen=True)
class Options:
    """What the operator chose."""

    workflow: str | None = None
    fill_client_references: bool = False
    runbook: bool = True
    new_key: bool = False
    system_use: int | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Report:
    """A plan, or what became of it. `stopped` says why it ended early; running it again goes on."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    stopped: str | None = None


@dataclass(frozen=True)
class _Linked:
    """A customer of ours with the HaloPSA customer that it is."""

    display_name: str
    remote_id: str


async def set_up(
    wiring: SetupWiring, actor: Actor, credential: Credential, options: Options | None = None
) -> Report:
    """Make what is missing; with `dry_run` only say so.

    Raises NoConnector, SetupRunning, SetupNotPermitted, ConnectorError.
    """
    site, chosen = await site_of(wiring, actor), options or Options()
    async with alone(wiring, site, is_needed=not chosen.dry_run), wide(wiring, site, credential) as client:
        return await Run(wiring, actor, site, Instance(client), chosen).all()


@dataclass
class Run:
    """One walk through the parts. With `adopts` off it writes nothing, not even to our own database."""

    wiring: SetupWiring
    actor: Actor
    site: Site
    instance: Instance
    options: Options
    adopts: bool = True
    context: Context = field(init=False)
    made: dict[str, Made] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    seen: dict[str, Row] = field(default_factory=dict)
    """What was there, as it was."""
    _workflow: Row | None = None
    _workflow_problem: str = ""

    def __post_init__(self) -> None:
        config = self.site.config
        self.context = Context(
            base_url=self.site.base_url, type_name=config.ticket_type, closed_name=config.closed_status
        )

    async def all(self) -> Report:
        """Every part, in order. Trouble with the instance ends it early, and is in the report."""
        stopped = None
        try:
            await self.prepare()
            for part in self.parts():
                self.items[part.key] = await self.one(part)
            if self.options.fill_client_references:
                await self._references()
        except TryLater as error:
            stopped = f"{error.message} Run it again: it looks before it makes anything."
        return Report(tuple(self.items.values()), self._notes(), stopped)

    @property
    def workflow_id(self) -> str | None:
        """The workflow in which the actions have their place."""
        return text(self._workflow, "id") if self._workflow else None

    def parts(self) -> tuple[Part, ...]:
        """The parts that were asked for."""
        skipped = () if self.options.runbook else objects.RUNBOOK_PARTS
        return tuple(part for part in objects.PARTS if part not in skipped)

    async def prepare(self) -> None:
        """Read what the parts refer to: status, ticket type, workflow, the number of the closing event."""
        async with self._transaction() as tx:
            self.made = await store.all_made(tx, self.site.connector_id)
        context, config = self.context, self.site.config
        context.closed_id = await self._number("Status", "statuses", config.closed_status, type="ticket")
        context.type_id = await self._number("TicketType", "tickettypes", config.ticket_type)
        context.event_number = await self._number(
            "Lookup", "lookup", objects.TICKET_CLOSED, lookupid=objects.EVENT_LOOKUP
        )
        context.system_use = self.options.system_use or await self._system_use()
        await self._choose_workflow()

    async def one(self, part: Part) -> Item:
        """How one part stands, made if it was missing and may be made."""
        if part.kind is Kind.PLACE:
            return await self._place(part)
        try:
            row = await self._find(part)
        except Refused as error:
            return self._by_hand(part, str(error))
        except _Doubled as error:
            return plan.item(
                part, State.DOUBLED, f"{error} Delete or rename what is not meant; left as it is."
            )
        return await self._judged(part, row) if row is not None else await self._absent(part)

    async def _absent(self, part: Part) -> Item:
        missing = self._missing(part)
        if missing:
            return replace(self._by_hand(part, missing), is_missing=True)
        if self.options.dry_run:
            return plan.item(part, State.WOULD_MAKE, is_missing=True)
        return await self._make(part)

    # --- Looking ---------------------------------------------------------------------------------------------------

    async def _find(self, part: Part) -> Row | None:
        """The part as it is, by its name or, where somebody renamed what we made, by its id. Raises _Doubled."""
        hits = plan.named(part, await self.instance.rows(part.kind), self.context)
        if len(hits) > 1:
            numbers = ", ".join(text(row, "id") for row in hits)
            raise _Doubled(f"There are {len(hits)} called {part.name} (numbers {numbers}).")
        remembered = self.made.get(part.key)
        remote_id = text(hits[0], "id") if hits else remembered.remote_id if remembered else None
        if not remote_id:
            return None
        try:
            return await self.instance.whole(part.kind, remote_id)
        except (Refused, RemoteGone) as error:
            if hits:
                # What the list shows is there: no second one is made, and nothing is said of what cannot be seen.
                self.context.ids[part.key] = remote_id
                raise Refused("It is there, and HaloPSA does not show its details. Compare them.") from error
            if isinstance(error, Refused):
                raise
            return None

    async def _judged(self, part: Part, row: Row) -> Item:
        remote_id = text(row, "id")
        self.context.ids[part.key], self.seen[part.key] = remote_id, row
        wrong = plan.differences(part, row, self.context)
        if not plan.named(part, [row], self.context):
            name = text(row, objects.RESOURCES[part.kind].name_field)
            wrong.insert(0, f"it is called “{name}” now")
        if wrong:
            hint = " Its key is not replaced while it differs." if self._wants_key(part) else ""
            told = f"{'; '.join(wrong)}; left as it is.{hint}"
            return plan.item(
                part, State.DIFFERS, told, remote_id=remote_id, clicks=clicks(part, self.context)
            )
        remembered = self.made.get(part.key)
        if remembered and remembered.remote_id is None and self.adopts and not self.options.dry_run:
            await self._remember(part, remote_id, row)  # the create of a run that ended here did land
        found = plan.item(part, State.EXISTS, remote_id=remote_id)
        return await self._new_key(part, row, found) if self._wants_key(part) else found

    def _missing(self, part: Part) -> str:
        """Why a part cannot be made; empty when it can."""
        coming = (State.EXISTS, State.MADE, State.WOULD_MAKE)
        for need in part.needs:
            if need not in self.items or self.items[need].state not in coming:
                return f"It is built upon “{objects.BY_KEY[need].name}”, which has to be right first."
        if part.kind is Kind.ACTION and self.context.closed_id is None:
            return f"HaloPSA has no ticket status called “{self.context.closed_name}”, or more than one."
        if part.kind is Kind.TRIGGER and self.context.event_number is None:
            return f"HaloPSA does not tell the number of the event “{objects.TICKET_CLOSED}”."
        return ""

    async def _number(self, path: str, rows: str, name: str, **params: Any) -> int | None:
        try:
            row = one_named(await self.instance.read(path, rows, **params), ("name",), name)
        except Refused:
            return None
        return whole(get(row, "id")) if row else None

    async def _system_use(self) -> int | None:
        """HaloPSA's number of "Execute an Integration Method", as another action that does so has it."""
        try:
            rows = await self.instance.rows(Kind.ACTION)
            ours = [row for part in objects.ACTIONS for row in plan.named(part, rows, self.context)]
            ours = [await self.instance.whole(Kind.ACTION, text(row, "id")) for row in ours]
        except (Refused, RemoteGone):
            return None
        calling = (row for row in (*ours, *rows) if whole(get(row, "integration_method_id")))
        return next((number for row in calling if (number := whole(get(row, "systemid")))), None)

    # --- Making ----------------------------------------------------------------------------------------------------

    async def _make(self, part: Part) -> Item:
        key_ids, key = await self._intend(part)
        try:
            remote_id = await self.instance.write(part.kind, objects.element(part, self.context, key=key))
            if remote_id is None:
                hits = plan.named(part, await self.instance.rows(part.kind), self.context)
                remote_id = text(hits[0], "id") if len(hits) == 1 else None
        except Refused as error:
            await self._never_made(part, key_ids)
            return self._by_hand(part, str(error))
        if not remote_id:
            raise TryLater("HaloPSA does not show what it was told to create.", code="halopsa_not_shown")
        try:
            row = await self.instance.whole(part.kind, remote_id)
        except (Refused, RemoteGone):
            row = {"id": remote_id}
        await self._remember(part, remote_id, row)
        self.context.ids[part.key] = remote_id
        wrong = plan.differences(part, row, self.context)
        if wrong:
            told = f"Made, but HaloPSA did not take all of it: {'; '.join(wrong)}."
            return plan.item(
                part, State.DIFFERS, told, remote_id=remote_id, clicks=clicks(part, self.context)
            )
        return plan.item(part, State.MADE, self._made_detail(part), remote_id=remote_id)

    def _made_detail(self, part: Part) -> str:
        if part.kind is Kind.INTEGRATION:
            return "With a fresh key, which only HaloPSA knows."
        if part.kind is Kind.ACTION and not self.context.system_use:
            return (
                "HaloPSA does not document the number of its system use “Execute an Integration Method”. Try the "
                "button with: stepladder halopsa check --self-test. If nothing arrives, choose it there by hand."
            )
        return ""

    async def _intend(self, part: Part) -> tuple[list[str], str]:
        """Write down what comes next, with a fresh key for an integration. A key of an attempt before is revoked."""
        key_ids, key = [], ""
        async with self._transaction() as tx:
            if part.kind is Kind.INTEGRATION:
                await self._revoke(tx, self.made[part.key].key_ids if part.key in self.made else [])
                key_id, key = await self._fresh_key(tx, part)
                key_ids = [key_id]
            await store.intend(tx, self.site.connector_id, part, key_ids=key_ids)
        return key_ids, key

    async def _never_made(self, part: Part, key_ids: Sequence[str]) -> None:
        async with self._transaction() as tx:
            await self._revoke(tx, key_ids)
            await store.forget(tx, self.site.connector_id, part.key)

    async def _remember(self, part: Part, remote_id: str, row: Row) -> None:
        async with self._transaction() as tx:
            await store.made(
                tx,
                self.site.connector_id,
                part,
                remote_id=remote_id,
                fingerprint=plan.fingerprint(row),
            )

    # --- Keys ------------------------------------------------------------------------------------------------------

    def _wants_key(self, part: Part) -> bool:
        return part.kind is Kind.INTEGRATION and self.options.new_key

    async def _new_key(self, part: Part, row: Row, found: Item) -> Item:
        """Replace the key of an integration that is right. The old ones are revoked once HaloPSA has the new one."""
        if self.options.dry_run:
            return found.told(State.EXISTS, "Its key would be replaced.")
        remembered = self.made.get(part.key)
        old, remote_id = (remembered.key_ids if remembered else []), text(row, "id")
        async with self._transaction() as tx:
            key_id, key = await self._fresh_key(tx, part)
            await store.set_keys(
                tx,
                self.site.connector_id,
                part,
                remote_id=remote_id,
                key_ids=[*old, key_id],
            )
        try:
            await self.instance.write(part.kind, {"id": int(remote_id), **objects.key_fields(key)})
        except (Refused, RemoteGone) as error:
            async with self._transaction() as tx:
                await self._revoke(tx, [key_id])
            return found.told(State.BY_HAND, f"Its key was not replaced: {error}", clicks(part, self.context))
        async with self._transaction() as tx:
            await self._revoke(tx, old)
            await store.set_keys(tx, self.site.connector_id, part, remote_id=remote_id, key_ids=[key_id])
        kept = "" if old else " The key it had before was not ours to revoke: see stepladder key list."
        return found.told(State.EXISTS, f"Its key was replaced.{kept}")

    async def _fresh_key(self, tx: Transaction, part: Part) -> tuple[str, str]:
        is_for_buttons = part.key == objects.DECISIONS.key
        key, key_text = await create_key(
            tx,
            name=f"HaloPSA: {part.name}",
            actions=[KeyAction.APPROVE, KeyAction.DENY] if is_for_buttons else [KeyAction.DISABLE_JIT],
            modes=[ElevationKind.USER] if is_for_buttons else [],
        )
        return key.key_id, key_text

    async def _revoke(self, tx: Transaction, key_ids: Sequence[str]) -> None:
        for key_id in key_ids:
            try:
                await revoke_key(tx, key_id)
            except KeyRevoked:
                continue

    # --- The workflow ------------------------------------------------------------------------------------------------

    async def _choose_workflow(self) -> None:
        """The workflow by its name, or that of the ticket type. None with a reason where there is none to take."""
        wanted = self.options.workflow
        try:
            if not wanted:
                number = await self._workflow_of_type()
                if number == 0:
                    return
                if number:
                    self._workflow = await self.instance.whole(Kind.PLACE, str(number))
                    return
            rows = await self.instance.rows(Kind.PLACE)
            row = one_named(rows, ("name",), wanted or "")
            if row:
                self._workflow = await self.instance.whole(Kind.PLACE, text(row, "id"))
                return
        except (Refused, RemoteGone) as error:
            self._workflow_problem = str(error)
            return
        names = ", ".join(f"“{text(each, 'name')}”" for each in rows) or "none"
        told = (
            f"There is no workflow called “{wanted}”."
            if wanted
            else "HaloPSA does not tell the ticket type's workflow."
        )
        self._workflow_problem = f"{told} Say which one with --workflow: {names}."

    async def _workflow_of_type(self) -> int | None:
        """The number of the ticket type's workflow, 0 for a type without one, None where it cannot be known."""
        if self.context.type_id is None:
            return None
        row = await self.instance.one(f"TicketType/{self.context.type_id}", includedetails=True)
        value = get(row, "workflow_id")
        return None if value is None else max(plan.int_of(row, "workflow_id"), 0)

    async def _place(self, part: Part) -> Item:
        """The place of an action in the workflow: at every step, beside what is there."""
        if self._workflow_problem:
            return self._by_hand(part, self._workflow_problem)
        if self._workflow is None:
            told = "The ticket type has no workflow, so every action is allowed."
            return plan.item(part, State.EXISTS, told)
        name, action = text(self._workflow, "name"), self.context.ids.get(part.needs[0])
        if action and int(action) in plan.places_of(self._workflow):
            await self._adopt_place(part, action)
            return plan.item(part, State.EXISTS, f"In the workflow “{name}”.")
        missing = self._missing(part)
        if missing:
            return replace(self._by_hand(part, missing), is_missing=True)
        if self.options.dry_run or action is None:
            told = f"In the workflow “{name}”, at every step."
            return plan.item(part, State.WOULD_MAKE, told, is_missing=True)
        return await self._put_in_place(part, name, action)

    async def _put_in_place(self, part: Part, name: str, action: str) -> Item:
        number = text(self._workflow or {}, "id")
        await self._intend(part)
        try:
            workflow = await self.instance.whole(
                Kind.PLACE, number
            )  # as it is now, not as it was at the start
            always = list(get(workflow, "always_allow_actions") or [])
            element = {"id": int(number), "always_allow_actions": [*always, {"id": int(action)}]}
            await self.instance.write(Kind.PLACE, element)
            self._workflow = await self.instance.whole(Kind.PLACE, number)
        except (Refused, RemoteGone) as error:
            await self._never_made(part, [])
            return self._by_hand(part, str(error))
        if int(action) not in plan.places_of(self._workflow):
            await self._never_made(part, [])
            return self._by_hand(part, "HaloPSA took the change and did not keep it.")
        await self._remember(part, f"{number}/{action}", {"action": action})
        return plan.item(part, State.MADE, f"In the workflow “{name}”, at every step.")

    async def _adopt_place(self, part: Part, action: str) -> None:
        remembered = self.made.get(part.key)
        if remembered and remembered.remote_id is None and self.adopts and not self.options.dry_run:
            number = text(self._workflow or {}, "id")
            await self._remember(part, f"{number}/{action}", {"action": action})

    # --- Client references -------------------------------------------------------------------------------------------

    async def _references(self) -> None:
        """Each linked customer's reference in HaloPSA, where it is empty: the custom tab finds the customer by it."""
        async with self._transaction() as tx:
            linked = await linked_customers(tx)
        try:
            rows = {
                text(row, "id"): row for row in await self.instance.rows(Kind.REFERENCE, includeinactive=True)
            }
        except Refused as error:
            for each in linked:
                part = reference_part(each.remote_id, each.display_name)
                self.items[part.key] = self._by_hand(part, str(error))
            return
        for each in linked:
            part = reference_part(each.remote_id, each.display_name)
            self.items[part.key] = await self._reference(part, each, rows.get(each.remote_id))

    async def _reference(self, part: Part, linked: _Linked, row: Row | None) -> Item:
        if row is None:
            return plan.item(part, State.BY_HAND, "HaloPSA does not show this customer (any more).")
        reference = text(row, "ref")
        if reference:
            if not same(reference, linked.display_name):
                return plan.item(part, State.DIFFERS, f"The reference is “{reference}”; left as it is.")
            remembered = self.made.get(part.key)
            if remembered and remembered.remote_id is None and self.adopts and not self.options.dry_run:
                await self._remember(part, linked.remote_id, {"ref": linked.display_name})
            return plan.item(part, State.EXISTS, remote_id=linked.remote_id)
        if self.options.dry_run:
            return plan.item(part, State.WOULD_MAKE, is_missing=True)
        await self._intend(part)
        try:
            await self.instance.write(
                Kind.REFERENCE, {"id": int(linked.remote_id), "ref": linked.display_name}
            )
        except (Refused, RemoteGone) as error:
            await self._never_made(part, [])
            return self._by_hand(part, str(error))
        await self._remember(part, linked.remote_id, {"ref": linked.display_name})
        return plan.item(part, State.MADE, remote_id=linked.remote_id)

    # --- The rest ----------------------------------------------------------------------------------------------------

    def _by_hand(self, part: Part, why: str) -> Item:
        return plan.item(part, State.BY_HAND, why, clicks=clicks(part, self.context))

    def _notes(self) -> tuple[str, ...]:
        notes = [T2] if any(each.kind is Kind.ACTION for each in self.items.values()) else []
        integration = self.items.get(objects.DECISIONS.key)
        if integration and integration.state is State.EXISTS and not self.options.new_key:
            notes.append(
                "The key in an existing integration cannot be read back, so it was left. --new-key replaces it."
            )
        return (*notes, AFTERWARDS)

    def _transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.wiring.connections.db.transaction(self.actor)

    def _now(self) -> datetime:
        return self.wiring.clock.now()


class _Doubled(Exception):
    """More than one thing has the name."""


def reference_part(remote_id: str, display_name: str) -> Part:
    """The reference of one customer as a part."""
    return Part(f"client_reference.{remote_id}", Kind.REFERENCE, display_name)


async def linked_customers(tx: Transaction) -> list[_Linked]:
    """Customers that are linked to one of HaloPSA's."""
    return await tx.all(
        _Linked,
        """select c.display_name, m.remote_id from customer c
           join customer_mapping m on m.customer_id = c.id
           where m.state = 'mapped' and m.remote_id is not null and c.deleted_at is null
           order by lower(c.display_name) limit 20000""",
    )


__all__ = ["AFTERWARDS", "Options", "Report", "Run", "linked_customers", "reference_part", "set_up"]
