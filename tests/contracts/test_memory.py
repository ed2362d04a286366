"""The connector in memory keeps the contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from tests.contracts.ticket_connector import DIRECTORIES, TicketConnectorContract
from tests.support.clock import ManualClock
from tests.support.memory.connector import MemoryConnector, MemoryTicket, MemoryTickets, Mishap

from stepladder.connectors.base import NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.ticket_system import Person, RemoteCustomer, TicketDraft


class MemoryRemote:
    """The contract's view of `MemoryTickets`."""

    customer = RemoteCustomer("1", "Northwind Traders", True)
    inactive_customer = RemoteCustomer("10", "Litware", False)
    customer_in_directories = RemoteCustomer("20", "Umbra", True, DIRECTORIES)
    assignable_email = "dana@nikpot.example"
    api_only_email = "api@nikpot.example"
    disabled_email = "robin@nikpot.example"
    end_user_email = "amelia.hart@northwind.example"

    def __init__(self) -> None:
        people = [
            Person("3", "Nik Potnis", "nik@nikpot.example"),
            Person("4", "Dana Whitfield", self.assignable_email),
            Person("7", "Stepladder API", self.api_only_email),
            Person("9", "Robin Vale", self.disabled_email),
        ]
        customers = [self.customer, self.inactive_customer, self.customer_in_directories]
        self.clock = ManualClock()
        self.tickets = MemoryTickets(self.clock, customers, people)
        self.tickets.not_assignable = {"7", "9"}
        self.tickets.end_users = {("1", self.end_user_email): self.end_user_email}
        self.connector = MemoryConnector(self.tickets, before_call=self._before_call)
        later = partial(TryLater, "Not now.", code="memory_down")
        self.mishaps: dict[str, Callable[[], None]] = {
            "down": self._plan(later()),
            "planned: answer lost, landed": self._plan(later(may_have_happened=True), landed=True),
            "planned: answer lost, not landed": self._plan(later(may_have_happened=True)),
            "attention": self._plan(NeedsAttention("Somebody must act.", code="memory_attention")),
            "rejected": self._plan(Rejected("No.", code="memory_rejected")),
            "gone": self._plan(RemoteGone("Gone.", code="memory_gone")),
        }

    async def _before_call(self) -> None:
        pass

    def _plan(self, error: Any, *, landed: bool = False) -> Callable[[], None]:
        return lambda: self.tickets.mishaps.append(Mishap(error, landed))

    def mend(self) -> None:
        self.tickets.mishaps.clear()

    def fill_customers(self, count: int) -> None:
        self.tickets.customers += [
            RemoteCustomer(str(1000 + number), f"Customer {number}", True) for number in range(1, count + 1)
        ]

    def count(self, reference: str) -> int:
        return len(self.tickets.with_reference(reference))

    def add(self, draft: TicketDraft) -> str:
        return self.tickets.add(draft).id

    def delete(self, ticket_id: str) -> None:
        self._changed(ticket_id).is_deleted = True

    def hold_open(self, ticket_id: str) -> None:
        self.tickets.tickets[ticket_id].is_held_open = True

    def close_by_hand(self, ticket_id: str) -> None:
        self._changed(ticket_id).is_closed = True
        self.tickets.tickets[ticket_id].closed_by = "3"

    def move(self, ticket_id: str, customer: RemoteCustomer) -> None:
        self._changed(ticket_id).customer_id = customer.id

    def merge(self, ticket_id: str, into: str) -> None:
        self._changed(ticket_id).merged_into = into

    def edit_fields(self, ticket_id: str, customer_name: str, request_id: str) -> None:
        self._changed(ticket_id).fields = (customer_name, request_id)

    def now(self) -> datetime:
        return self.tickets.clock.now()

    def pass_time(self) -> None:
        self.clock.move(timedelta(minutes=1))

    def _changed(self, ticket_id: str) -> MemoryTicket:
        ticket = self.tickets.tickets[ticket_id]
        ticket.changed_at = self.now()
        return ticket

    def notes(self, ticket_id: str) -> list[str]:
        return [note.note for note in self.tickets.tickets[ticket_id].notes]

    def is_closed(self, ticket_id: str) -> bool:
        return self.tickets.tickets[ticket_id].is_closed

    def assigned_to(self, ticket_id: str) -> str | None:
        return self.tickets.tickets[ticket_id].assigned_to

    def end_user_of(self, ticket_id: str) -> str | None:
        return self.tickets.tickets[ticket_id].end_user


class TestMemory(TicketConnectorContract):
    @pytest.fixture
    def remote(self) -> MemoryRemote:
        return MemoryRemote()
