"""Finding configured things by id or name. Rebuilt as a whole when an administrator changes something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from stepladder.sandbox.halopsa.config import SandboxConfig
from stepladder.sandbox.halopsa.records import (
    Agent,
    Application,
    Client,
    CustomField,
    Method,
    Outcome,
    Priority,
    Site,
    Status,
    TicketType,
    User,
)
from stepladder.sandbox.halopsa.tickets import UNASSIGNED

GENERAL_USER = "General User"


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


_Thing = TypeVar("_Thing", bound=_Numbered)


def _by_id(things: Iterable[_Thing]) -> Mapping[int, _Thing]:
    return {thing.id: thing for thing in things}


class Directory:
    """A config with indexes. Names are compared without regard to case, ids exactly."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.clients = _by_id(config.clients)
        self.sites = _by_id(config.sites)
        self.users = _by_id(config.users)
        self.assets = _by_id(config.assets)
        self.agents = _by_id(config.agents)
        self.statuses = _by_id(config.statuses)
        self.ticket_types = _by_id(config.ticket_types)
        self.outcomes = _by_id(config.outcomes)
        self.custom_fields = _by_id(config.custom_fields)
        self.methods: Mapping[int, Method] = _by_id(config.methods)
        self.applications: Mapping[str, Application] = {
            app.client_id.lower(): app for app in config.applications
        }
        self._fields_by_name = {each.name.lower(): each for each in config.custom_fields}
        self._priorities = {each.priorityid: each for each in config.priorities}
        self._lookups = {(each.lookupid, each.id): each.name for each in config.lookups}
        self._categories = {each.value.lower(): each.id for each in config.categories}

    def client_name(self, client_id: int) -> str:
        """The customer's name, also of an inactive one; empty once it is deleted."""
        client: Client | None = self.clients.get(client_id)
        return client.name if client else ""

    def agent_name(self, agent_id: int) -> str:
        """The agent's name, or what HaloPSA shows for nobody."""
        agent: Agent | None = self.agents.get(agent_id)
        return agent.name if agent else "Unassigned"

    def people(self) -> list[Agent]:
        """The agents who can sign in: enabled humans (API.md section 0: an API-only agent cannot)."""
        return [
            each
            for each in self.config.agents
            if each.id != UNASSIGNED and not each.isdisabled and not each.isapiagent
        ]

    def status(self, status_id: int) -> Status:
        """The status, or a nameless one where it has been removed."""
        return self.statuses.get(status_id) or Status(id=status_id, name="")

    def ticket_type(self, type_id: int) -> TicketType:
        """The ticket type, or a nameless one where it has been removed."""
        return self.ticket_types.get(type_id) or TicketType(id=type_id, name="")

    def first_site(self, client_id: int) -> Site | None:
        """The place that serves when a ticket names only the customer."""
        return next((site for site in self.config.sites if site.client_id == client_id), None)

    def general_user(self, client_id: int) -> User | None:
        """The user that stands for nobody in particular (API.md 3.1, `userlookup`)."""
        of_client = (user for user in self.config.users if user.client_id == client_id)
        return next((user for user in of_client if user.name == GENERAL_USER), None)

    def priority(self, priority_id: int) -> Priority | None:
        """The priority with this writable number."""
        return self._priorities.get(priority_id)

    def lookup_name(self, lookup_id: int, value: int) -> str:
        """The text of a look-up value, empty where there is none."""
        return self._lookups.get((lookup_id, value), "")

    def category_id(self, value: str) -> int:
        """The id of a category by its value, 0 where there is none."""
        return self._categories.get(value.lower(), 0)

    def custom_field(self, field_id: int | None, name: str | None) -> CustomField | None:
        """A custom field by id or by its `CF…` name: both forms work (API.md 3.1)."""
        if field_id:
            return self.custom_fields.get(field_id)
        return self._fields_by_name.get((name or "").lower())

    def outcome(self, outcome_id: int | None, name: str | None, tickettype_id: int) -> Outcome | None:
        """An outcome by id or name, if it may be used on this type of ticket."""
        if outcome_id:
            found = self.outcomes.get(outcome_id)
        else:
            wanted = (name or "").strip().lower()
            found = next((each for each in self.config.outcomes if each.outcome.lower() == wanted), None)
        if found and found.tickettype_ids and tickettype_id not in found.tickettype_ids:
            return None
        return found

    def buttons(self, tickettype_id: int) -> list[Outcome]:
        """The quick actions that a ticket of this type shows."""
        return [
            each
            for each in self.config.outcomes
            if each.method_id and (not each.tickettype_ids or tickettype_id in each.tickettype_ids)
        ]
