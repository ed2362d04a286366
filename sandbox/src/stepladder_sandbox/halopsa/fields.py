"""The fields that creating and updating a ticket have in common: read, checked, and set on a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import CustomField
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.tickets import UNASSIGNED, Ticket
from stepladder_sandbox.halopsa.world import World

_TEXTS = ("summary", "details", "details_html", "reportedby", "team", "user_name")
_INTEGERS = ("priority_id", "urgency", "impact", "source", "parent_id", "third_party_id")


class Changes:
    """What an element wants changed, all of it read and checked before anything is touched."""

    def __init__(self, world: World, element: Element) -> None:
        self._world = world
        self.values: dict[str, Any] = {}
        for name in _TEXTS:
            if (text := element.text(name)) is not None:
                self.values[name] = text
        for name in _INTEGERS:
            if (number := element.integer(name)) is not None:
                self.values[name] = number
        self.tickettype_id = self._known(element, "tickettype_id", world.directory.ticket_types)
        self.status_id = self._known(element, "status_id", world.directory.statuses)
        self.client_id = self._known(element, "client_id", world.directory.clients)
        self.site_id = self._known(element, "site_id", world.directory.sites)
        self.user_id = self._known(element, "user_id", world.directory.users)
        self.agent_id = assignable(world, element, "agent_id")
        self.reference = element.text("third_party_id_string")
        self.categories = [element.text(f"category_{level}") for level in (1, 2, 3, 4)]
        self.assets = self._assets(element)
        self.custom = self._custom(element)

    def _known(self, element: Element, name: str, existing: Any) -> int | None:
        found = element.integer(name)
        if found and found not in existing:
            raise invalid(f"The value {found} for {name} does not exist.")
        return found or None

    def _assets(self, element: Element) -> list[int] | None:
        wanted = element.objects("assets")
        if wanted is None:
            return None
        ids = [self._known(each, "id", self._world.directory.assets) for each in wanted]
        return [each for each in ids if each]

    def _custom(self, element: Element) -> dict[int, Any]:
        values: dict[int, Any] = {}
        for each in element.objects("customfields") or []:
            name = each.text("name")
            configured = self._world.directory.custom_field(each.integer("id"), name)
            if configured:
                values[configured.id] = _custom_value(configured, each)
            elif self._world.switches.unknown_custom_field == "400":
                raise invalid(f"Custom field {name or each.integer('id')} does not exist.")
        return values

    def apply(self, ticket: Ticket, names: list[str]) -> None:
        """Set everything but status and type, noting what was set in `names`. Arrays replace (HaloPSA fact 16)."""
        for name, value in self.values.items():
            setattr(ticket, name, value)
            names.append(name)
        if "details" in self.values and "details_html" not in self.values:
            ticket.details_html = ""
        for name in ("site_id", "user_id", "agent_id"):
            if (value := getattr(self, name)) is not None:
                setattr(ticket, name, value)
                names.append(name)
        for level, category in enumerate(self.categories):
            if category is not None:
                ticket.categories[level] = category
                names.append(f"category_{level + 1}")
        if self.assets is not None:
            ticket.asset_ids = self.assets
            names.append("assets")
        ticket.custom.update(self.custom)
        names.extend(f"customfields.{field_id}" for field_id in self.custom)


def _custom_value(configured: CustomField, element: Element) -> Any:
    if configured.kind == "number":
        return element.number("value")
    return element.text("value")


def assignable(world: World, element: Element, name: str) -> int | None:
    """The agent a field names, if they can have a ticket: an API-only agent cannot (HaloPSA fact 19)."""
    agent_id = element.integer(name)
    if not agent_id or agent_id == UNASSIGNED:
        return agent_id or None
    agent = world.directory.agents.get(agent_id)
    if agent is None or agent.isdisabled:
        raise invalid(f"Agent {agent_id} does not exist or is disabled.")
    if agent.isapiagent:
        raise invalid("An API-only Agent cannot be assigned to a Ticket.")
    if agent_id in world.switches.busy_agents and not element.flag("_forcereassign"):
        raise invalid(f"{agent.name} is busy. Are you sure you want to assign this Ticket to them?")
    return agent_id


def custom_by_name(world: World, ticket: Ticket) -> dict[str, Any]:
    """The ticket's custom fields by their `CF…` names, for the log and the pages."""
    return {
        each.name: ticket.custom[each.id]
        for each in world.config.custom_fields
        if ticket.custom.get(each.id) is not None
    }


def opening_moment(world: World, element: Element) -> datetime:
    """When it happened, as the client says, or now."""
    return element.moment("dateoccurred") or world.now()
