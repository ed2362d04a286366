"""One HaloPSA tenant as a value: what is configured in it, and how its switches stand at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from stepladder_sandbox.halopsa.flows import read_steps
from stepladder_sandbox.halopsa.records import (
    Agent,
    Application,
    Asset,
    Category,
    Client,
    CustomField,
    Integration,
    Lookup,
    Method,
    Outcome,
    Priority,
    Record,
    Site,
    StartingTicket,
    Status,
    Tab,
    Team,
    TicketType,
    Trigger,
    User,
    Webhook,
    Workflow,
)
from stepladder_sandbox.halopsa.switches import Switches, UnknownSwitch


class BadSeed(ValueError):
    """A seed file is not what the sandbox can start from; the text says where."""


class SandboxConfig(Record, frozen=True, kw_only=True):
    """Everything a sandbox starts from. All of it can come from a seed file (`load_config`)."""

    tenant: str = "northstar"
    applications: tuple[Application, ...] = ()
    setup_application: Application | None = None
    """The wider credential that an administrator makes for setting up, and ends again afterwards."""
    clients: tuple[Client, ...] = ()
    sites: tuple[Site, ...] = ()
    users: tuple[User, ...] = ()
    assets: tuple[Asset, ...] = ()
    agents: tuple[Agent, ...] = ()
    teams: tuple[Team, ...] = ()
    statuses: tuple[Status, ...] = ()
    ticket_types: tuple[TicketType, ...] = ()
    categories: tuple[Category, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    priorities: tuple[Priority, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    integrations: tuple[Integration, ...] = ()
    methods: tuple[Method, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    tabs: tuple[Tab, ...] = ()
    webhooks: tuple[Webhook, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    tickets: tuple[StartingTicket, ...] = ()
    first_ticket_id: int = 2001
    switches: Switches = msgspec.field(default_factory=Switches)

    def __post_init__(self) -> None:
        """No ticket can exist without a status and a type to have, and no flow without steps that can be read."""
        if not self.statuses or not self.ticket_types:
            raise ValueError("a tenant needs at least one status and one ticket type")
        for workflow in self.workflows:
            read_steps(workflow.steps)
        for webhook in self.webhooks:
            read_steps(webhook.steps)

    def secrets(self) -> tuple[str, ...]:
        """What must never reach a log: client secrets and inbound keys."""
        setup = (self.setup_application,) if self.setup_application else ()
        return (
            *(application.client_secret for application in (*self.applications, *setup)),
            *(integration.header_value for integration in self.integrations),
        )


def load_config(path: Path) -> SandboxConfig:
    """The tenant described by a JSON seed file. Raises BadSeed, also for a misspelt field or switch."""
    try:
        raw = msgspec.json.decode(path.read_bytes())
    except OSError as wrong:
        raise BadSeed(f"{path} cannot be read: {wrong.strerror}.") from wrong
    except msgspec.DecodeError as wrong:
        raise BadSeed(f"{path}: {wrong}") from wrong
    return parse_config(raw)


def parse_config(raw: dict[str, Any]) -> SandboxConfig:
    """The tenant described by plain values, as JSON gives them. Raises BadSeed."""
    switches = Switches()
    try:
        switches.change(raw.get("switches", {}))
        config = msgspec.convert(
            {key: value for key, value in raw.items() if key != "switches"}, SandboxConfig
        )
    except (msgspec.ValidationError, UnknownSwitch, AttributeError) as wrong:
        raise BadSeed(str(wrong)) from wrong
    return msgspec.structs.replace(config, switches=switches)
