"""Finding configured things by id or name. Rebuilt as a whole when an administrator changes something."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.flows import Flow, read_steps
from stepladder_sandbox.halopsa.records import (
    Agent,
    Application,
    Client,
    CustomField,
    Integration,
    Method,
    Outcome,
    Priority,
    Site,
    Status,
    Tab,
    TicketType,
    User,
    Webhook,
)
from stepladder_sandbox.halopsa.tickets import UNASSIGNED, Ticket

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
        self.integrations: Mapping[int, Integration] = _by_id(config.integrations)
        self.workflows = _by_id(config.workflows)
        self.tabs = _by_id(config.tabs)
        self.webhooks: Mapping[str, Webhook] = {each.id.lower(): each for each in config.webhooks}
        setup = (config.setup_application,) if config.setup_application else ()
        self.applications: Mapping[str, Application] = {
            app.client_id.lower(): app for app in (*config.applications, *setup)
        }
        self.flows = {each.id: Flow(read_steps(each.steps), each.always_allowed) for each in config.workflows}
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
        """The agents who can sign in: enabled humans (HaloPSA fact 22: an API-only agent cannot)."""
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
        """The customer's General User (HaloPSA fact 9, `userlookup`)."""
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
        """A custom field by id or by its `CF…` name: both forms work (HaloPSA fact 9)."""
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

    def allows(self, outcome: Outcome, ticket: Ticket) -> bool:
        """True if type and workflow step of a ticket let this action be used on it."""
        if outcome.tickettype_ids and ticket.tickettype_id not in outcome.tickettype_ids:
            return False
        flow = self.flows.get(ticket.workflow_id)
        return flow is None or flow.allows(ticket.workflow_step, outcome.id)

    def buttons(self, ticket: Ticket) -> list[Outcome]:
        """The quick actions that a ticket shows to agents."""
        found = (
            each for each in self.config.outcomes if each.method_id and each.is_quick and not each.hidden
        )
        return sorted((each for each in found if self.allows(each, ticket)), key=lambda each: each.sequence)

    def user_buttons(self, ticket: Ticket) -> list[Outcome]:
        """Those of them that customers see on the portal."""
        return [each for each in self.buttons(ticket) if each.for_users]

    def tabs_of(self, ticket: Ticket) -> list[Tab]:
        """The custom tabs that a ticket shows: those with an address."""
        kind = self.ticket_type(ticket.tickettype_id)
        shown = (each for each in self.config.tabs if each.url)
        return sorted(
            (each for each in shown if kind.all_tabs or each.id in kind.tab_ids),
            key=lambda each: each.sequence,
        )

    def bound_to(self, eventno: int) -> list[Webhook]:
        """The active runbooks that an event starts."""
        bound = {each.webhook_id.lower() for each in self.config.triggers if each.eventno == eventno}
        return [
            each
            for each in self.config.webhooks
            if each.type == 1 and each.active and each.id.lower() in bound
        ]
