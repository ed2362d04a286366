"""HaloPSA as the engine sets it up: which parts there are, how each kind is reached, what is known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from stepladder.connectors.base import RemoteGone
from stepladder.connectors.halopsa.matching import get, pick_named, text, whole
from stepladder.setup.engine.parts import Part
from stepladder.setup.engine.system import Refused, Things

from .access import Site
from .blueprint import HaloBlueprint, int_of, named
from .instance import Instance
from .listed import Listed
from .parts import ACTIONS, BUTTONS, RUNBOOK_PARTS, TAB, TICKET_CLOSED, Kind
from .places import Places
from .references import References
from .requirements import Facts

_EVENTS = 64  # HaloPSA's look-up of the events that a notification can be about


@dataclass(frozen=True)
class Options:
    """What the operator chose. What there is no use for yet is made only where it is asked for."""

    workflow: str | None = None
    fill_client_references: bool = False
    tab: bool = False
    """Also the custom tab, which leads to the portal."""
    jit: bool = False
    """Also what ends JIT accounts when a ticket is closed."""
    new_key: bool = False
    system_use: int | None = None
    dry_run: bool = False


class HaloSystem:
    """One instance, with the credential that may set it up (or only look)."""

    def __init__(
        self, instance: Instance, site: Site, options: Options, references: Sequence[Part] = ()
    ) -> None:
        self.instance, self.config, self.options = instance, site.config, options
        tab, jit = (TAB,) * options.tab, RUNBOOK_PARTS * options.jit
        self.parts = (*BUTTONS, *tab, *jit, *references)
        self._use(Facts(site.base_url, site.config.ticket_type, site.config.closed_status))

    def _use(self, facts: Facts) -> None:
        self.blueprint = HaloBlueprint(facts)
        self._listed = Listed(self.instance, facts)
        self._others: dict[str, Things] = {
            Kind.PLACE: Places(self.instance, facts),
            Kind.REFERENCE: References(self.instance),
        }

    def forget(self) -> None:
        """Forget what was seen of lists and their details."""
        self.instance.forget()
        self._use(self.blueprint.facts)

    def things(self, kind: str) -> Things:
        """How parts of a kind are reached."""
        return self._others.get(kind, self._listed)

    async def prepare(self) -> None:
        """Read what the parts refer to: status, ticket type, workflow, the number of the closing event."""
        config, facts = self.config, self.blueprint.facts
        facts = replace(
            facts,
            closed_id=await self._number("Status", "statuses", config.closed_status, type="ticket"),
            type_id=await self._number("TicketType", "tickettypes", config.ticket_type),
            event_number=await self._number("Lookup", "lookup", TICKET_CLOSED, lookupid=_EVENTS),
            system_use=self.options.system_use or await self._system_use(),
        )
        self._use(await self._with_workflow(facts))

    async def _number(self, path: str, rows: str, name: str, **params: Any) -> int | None:
        try:
            row = pick_named(await self.instance.read(path, rows, **params), ("name",), name)
        except Refused:
            return None
        return whole(get(row, "id")) if row else None

    async def _system_use(self) -> int | None:
        """HaloPSA's number of "Execute an Integration Method", as another action that does so has it."""
        try:
            rows = await self.instance.rows(Kind.ACTION)
            ours = [row for part in ACTIONS for row in named(part, rows, self.blueprint.facts, {})]
            ours = [await self.instance.whole(Kind.ACTION, text(row, "id")) for row in ours]
        except (Refused, RemoteGone):
            return None
        calling = (row for row in (*ours, *rows) if whole(get(row, "integration_method_id")))
        return next((number for row in calling if (number := whole(get(row, "systemid")))), None)

    async def _with_workflow(self, facts: Facts) -> Facts:
        """With the workflow by its name, or that of the ticket type; with a reason where there is none to take."""
        try:
            number, problem = await self._choose_workflow(facts)
            row = await self.instance.whole(Kind.PLACE, number) if number else None
        except (Refused, RemoteGone) as error:
            return replace(facts, workflow_problem=str(error))
        return replace(facts, workflow=row, workflow_problem=problem)

    async def _choose_workflow(self, facts: Facts) -> tuple[str, str]:
        """The workflow's number, and why there is none. Both are empty for a ticket type without one."""
        wanted = self.options.workflow
        of_type = None if wanted else await self._workflow_of_type(facts.type_id)
        if of_type is not None:
            return (str(of_type) if of_type else ""), ""
        rows = await self.instance.rows(Kind.PLACE)
        if row := pick_named(rows, ("name",), wanted or ""):
            return text(row, "id"), ""
        names = ", ".join(f"“{text(each, 'name')}”" for each in rows) or "none"
        told = (
            f"There is no workflow called “{wanted}”."
            if wanted
            else "HaloPSA does not show the ticket type's workflow."
        )
        return "", f"{told} Say which one with --workflow: {names}."

    async def _workflow_of_type(self, type_id: int | None) -> int | None:
        """The number of the ticket type's workflow, 0 for a type without one, None where it cannot be known."""
        if type_id is None:
            return None
        row = await self.instance.one(f"TicketType/{type_id}", includedetails=True)
        return None if get(row, "workflow_id") is None else max(int_of(row, "workflow_id"), 0)
