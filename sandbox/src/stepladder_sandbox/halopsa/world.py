"""The whole state of one tenant, and what every part of it needs: clock, log, switches, directory."""

from __future__ import annotations

import copy
from collections import defaultdict, deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from stepladder_sandbox.halopsa.clock import Clock, system_clock
from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.directory import Directory
from stepladder_sandbox.halopsa.eventlog import EventLog
from stepladder_sandbox.halopsa.faultplan import FaultPlan
from stepladder_sandbox.halopsa.history import OutgoingCall, Run
from stepladder_sandbox.halopsa.ratelimit import RateWindow
from stepladder_sandbox.halopsa.records import Webhook
from stepladder_sandbox.halopsa.tickets import Ticket, TicketStore
from stepladder_sandbox.halopsa.tokens import TokenStore

EVENTS = {3: "New Ticket Logged", 39: "Ticket Closed"}
"""What can start a runbook, by HaloPSA's number, which is look-up 64 (3 and 39 "P", the second name "U")."""
NEW_TICKET, TICKET_CLOSED = EVENTS
HISTORY = 1000


class World:
    """One tenant. Single-threaded: every commit happens, and is logged, between two awaits."""

    def __init__(
        self, config: SandboxConfig, *, clock: Clock = system_clock, log_path: Path | None = None
    ) -> None:
        self._initial = config
        self.clock = clock
        self.switches = copy.copy(config.switches)
        self.tokens = TokenStore()
        secrets = (*config.secrets(), self.tokens.common_part)
        self.log = EventLog(clock, secrets, log_path, tenant=config.tenant)
        self.rate = RateWindow(self.switches)
        self.faults = FaultPlan()
        self.directory = Directory(config)
        self.store = TicketStore(config.first_ticket_id)
        self.commits = 0
        """How many changes there have been; a page that has seen this number is up to date."""
        self.writes_under_way = 0
        """Ticket writes that have arrived and are not answered yet."""
        self.client_changes: dict[int, datetime] = {}
        """When customers were last changed, as far as they were at all."""
        self.on_event: Callable[[int, Ticket], None] = lambda eventno, ticket: None
        """Told about everything that happens to a ticket and could start a runbook."""
        self.on_start: Callable[[Webhook], Run]
        """Starts a runbook by hand, without a ticket. The code that runs runbooks sets both."""
        self.outgoing: deque[OutgoingCall] = deque(maxlen=HISTORY)
        self.runs: deque[Run] = deque(maxlen=HISTORY)
        self._last_ids: dict[str, int] = defaultdict(int)
        self.log.write("sandbox.started")

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
        for remembered in (self.client_changes, self.outgoing, self.runs):
            remembered.clear()
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
        self._use(msgspec.convert(current | changes, SandboxConfig))
        self.log.write("sandbox.reconfigured", lists=sorted(changes))

    def configure(self, **lists: Any) -> None:
        """Replace lists of the configuration with others of the same records, in one step."""
        self._use(msgspec.structs.replace(self.config, **lists))

    def _use(self, config: SandboxConfig) -> None:
        directory = Directory(config)
        for secret in config.secrets():
            self.log.hide(secret)
        self.directory = directory
        self.commits += 1

    def next_id(self, part: str) -> int:
        """A number that nothing in this list of the configuration has had."""
        used = (each.id for each in getattr(self.config, part))
        self._last_ids[part] = max(self._last_ids[part], *used, 0) + 1
        return self._last_ids[part]

    def happened(self, eventno: int, ticket: Ticket) -> None:
        """Let start what is bound to an event."""
        self.on_event(eventno, ticket)

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
