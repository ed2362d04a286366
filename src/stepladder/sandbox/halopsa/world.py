"""The whole state of one tenant, and what every part of it needs: clock, log, switches, directory."""

from __future__ import annotations

import copy
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from stepladder.sandbox.halopsa.clock import Clock, system_clock
from stepladder.sandbox.halopsa.config import SandboxConfig
from stepladder.sandbox.halopsa.directory import Directory
from stepladder.sandbox.halopsa.eventlog import EventLog
from stepladder.sandbox.halopsa.faultplan import FaultPlan
from stepladder.sandbox.halopsa.ratelimit import RateWindow
from stepladder.sandbox.halopsa.tickets import Ticket, TicketStore
from stepladder.sandbox.halopsa.tokens import TokenStore


class World:
    """One tenant. Single-threaded: every commit happens, and is logged, between two awaits."""

    def __init__(
        self, config: SandboxConfig, *, clock: Clock = system_clock, log_path: Path | None = None
    ) -> None:
        self._initial = config
        self.clock = clock
        self.switches = copy.copy(config.switches)
        self.tokens = TokenStore()
        self.log = EventLog(clock, (*config.secrets(), self.tokens.common_part), log_path)
        self.rate = RateWindow(self.switches)
        self.faults = FaultPlan()
        self.directory = Directory(config)
        self.store = TicketStore(config.first_ticket_id)
        self.commits = 0
        """How many changes there have been; a page that has seen this number is up to date."""
        self.writes_under_way = 0
        """Ticket writes that have arrived and are not answered yet."""
        self.log.write("sandbox.started", tenant=config.tenant)

    @property
    def config(self) -> SandboxConfig:
        """What is configured at the moment."""
        return self.directory.config

    def reset(self) -> None:
        """Back to the start, but for the log, which goes on, and ticket numbers, which are not used again."""
        self.log.write("sandbox.reset")
        self.directory = Directory(self._initial)
        self.switches.change(self._initial.switches.as_dict())
        self.tokens.revoke_all()
        self.rate.clear()
        self.faults.clear()
        self.store = TicketStore(self.store.next_id())
        self.commits += 1

    def now(self) -> datetime:
        """The present moment."""
        return self.clock()

    def reconfigure(self, changes: dict[str, Any]) -> None:
        """Replace whole lists of the configuration, as an administrator does while everything runs.

        Raises msgspec.ValidationError; then nothing has changed.
        """
        if "switches" in changes:
            raise msgspec.ValidationError("switches are changed one by one, not with the configuration")
        current = msgspec.to_builtins(self.config)
        config = msgspec.convert(current | changes, SandboxConfig)
        for secret in config.secrets():
            self.log.hide(secret)
        self.directory = Directory(config)
        self.log.write("sandbox.reconfigured", lists=sorted(changes))

    def committed(self, kind: str, ticket: Ticket, **details: Any) -> None:
        """Log a change of a ticket in the step in which it happened."""
        self.commits += 1
        directory = self.directory
        self.log.write(
            kind,
            ticket_id=ticket.id,
            third_party_id_string=ticket.third_party_id_string,
            summary=ticket.summary,
            client_id=ticket.client_id,
            client_name=directory.client_name(ticket.client_id),
            status_id=ticket.status_id,
            status=directory.status(ticket.status_id).name,
            closed=ticket.is_closed,
            agent_id=ticket.agent_id,
            agent=directory.agent_name(ticket.agent_id),
            **details,
        )
