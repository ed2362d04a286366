"""A ticket system that lives in this process, and the connector to it: a second kind, in the tests alone.

It keeps the promises of `base.TicketConnector` with nothing behind them, so that features can be tried, and broken on
purpose, without HTTP. `tests/contracts` holds it to the same suite as the real connectors.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from stepladder.connectors.base import (
    BeforeCall,
    ConnectorError,
    NeedsAttention,
    Rejected,
    RemoteGone,
)
from stepladder.connectors.ticket_system import (
    Closing,
    ListedTicket,
    Listing,
    Person,
    Remark,
    RemoteCustomer,
    TicketDeleted,
    TicketDraft,
    TicketSeen,
)
from stepladder.kit.clock import Clock
from stepladder.kit.findings import Finding, Result


@dataclass
class MemoryTicket:
    """A ticket, with everything that was done to it."""

    id: str
    draft: TicketDraft
    visible_at: datetime
    changed_at: datetime
    customer_id: str
    fields: tuple[str, str]
    merged_into: str | None = None
    remarks: list[Remark] = field(default_factory=list)
    notes: list[Closing] = field(default_factory=list)
    is_closed: bool = False
    is_held_open: bool = False
    is_deleted: bool = False
    closed_by: str | None = None
    closed_at: datetime | None = None
    assigned_to: str | None = None
    end_user: str | None = None

    def seen(self) -> TicketSeen:
        """The ticket in our words."""
        if not self.is_closed:
            return TicketSeen(self.id, is_closed=False)
        return TicketSeen(self.id, True, self.closed_by, self.closed_at)

    def listed(self) -> ListedTicket:
        """The same as a list shows it."""
        return ListedTicket(
            self.id,
            self.is_closed,
            self.customer_id,
            f"Customer {self.customer_id}",
            self.merged_into,
            *self.fields,
        )


@dataclass(frozen=True)
class Mishap:
    """A failure of the next call. Of a write that `landed` only the answer was lost."""

    error: ConnectorError | None
    landed: bool = False


PASSES = Mishap(None)
"""The next call goes well; what is planned behind it befalls the one after."""


class MemoryTickets:
    """The remote side. Everything may be looked at and changed at any time."""

    def __init__(
        self,
        clock: Clock,
        customers: Iterable[RemoteCustomer] = (),
        people: Iterable[Person] = (),
        *,
        search_lag_seconds: float = 0,
    ) -> None:
        self.clock = clock
        self.customers = list(customers)
        self.unlisted: set[str] = set()
        """Ids of customers that can be read and are on no list, as for an agent who may not see them all."""
        self.people = list(people)
        self.not_assignable: set[str] = set()
        self.end_users: dict[tuple[str, str], str] = {}
        """Ids of end users by their customer's id and their e-mail in lower case."""
        self.search_lag = timedelta(seconds=search_lag_seconds)
        self.tickets: dict[str, MemoryTicket] = {}
        self.mishaps: deque[Mishap] = deque()
        self.left_out: set[str] = set()
        """Ids that lists leave out, though they are there."""
        self.passes_over_ids = False
        """Lists of ids are not understood."""
        self.asked: list[str] = []
        """Which tickets were read, which lists were asked for, and of how many tickets."""

    def with_reference(self, reference: str) -> list[MemoryTicket]:
        """Every ticket that carries the reference, deleted ones too."""
        return [each for each in self.tickets.values() if each.draft.reference == reference]

    def add(self, draft: TicketDraft) -> MemoryTicket:
        """Put a ticket in, as a create does."""
        now = self.clock.now()
        ticket = MemoryTicket(
            str(len(self.tickets) + 1),
            draft,
            now + self.search_lag,
            now,
            draft.customer.id,
            (draft.customer_name, draft.request_id),
        )
        ticket.end_user = self.end_users.get((draft.customer.id, (draft.requester_email or "").casefold()))
        self.tickets[ticket.id] = ticket
        return ticket

    def existing(self, ticket_id: str) -> MemoryTicket:
        """A ticket that is there. Raises RemoteGone."""
        ticket = self.tickets.get(ticket_id)
        if ticket is None or ticket.is_deleted:
            raise RemoteGone("There is no such ticket (any more).", code="memory_gone")
        return ticket


class MemoryConnector:
    """The connector to `MemoryTickets`."""

    def __init__(
        self, remote: MemoryTickets, *, before_call: BeforeCall, search_lag: timedelta = timedelta(0)
    ) -> None:
        self._remote, self._before_call = remote, before_call
        self.search_lag = search_lag

    async def check(self) -> list[Finding]:
        await self._call()
        return [Finding("Tickets in memory", Result.PASS)]

    async def list_customers(self) -> list[RemoteCustomer]:
        await self._call()
        self._remote.asked.append("customers")
        return [each for each in self._remote.customers if each.id not in self._remote.unlisted]

    async def read_customer(self, remote_id: str) -> RemoteCustomer:
        await self._call()
        found = [customer for customer in self._remote.customers if customer.id == remote_id]
        if not found:
            raise RemoteGone("There is no such customer (any more).", code="memory_gone")
        return found[0]

    async def open_ticket(self, draft: TicketDraft) -> TicketSeen:
        lost = await self._call()
        if draft.customer.id not in {customer.id for customer in self._remote.customers}:
            raise Rejected("There is no such customer.", code="memory_rejected")
        ticket = self._remote.add(draft)
        self._end(lost)
        return ticket.seen()

    async def find_ticket(self, draft: TicketDraft) -> TicketSeen | None:
        await self._call()
        now = self._remote.clock.now()
        found = [each for each in self._remote.with_reference(draft.reference) if each.visible_at <= now]
        here = [each for each in found if not each.is_deleted]
        if len(here) > 1:
            raise NeedsAttention("Two tickets carry the reference.", code="ticket_doubled")
        if found and not here:
            raise TicketDeleted("The ticket was deleted.")
        return here[0].seen() if here else None

    async def read_ticket(self, ticket_id: str) -> TicketSeen:
        await self._call()
        self._remote.asked.append(f"read {ticket_id}")
        return self._remote.existing(ticket_id).seen()

    async def find_person(self, email: str) -> Person | None:
        await self._call()
        wanted = email.strip().casefold()
        found = [
            person
            for person in self._remote.people
            if (person.email or "").strip().casefold() == wanted
            and wanted
            and person.id not in self._remote.not_assignable
        ]
        return found[0] if len(found) == 1 else None

    async def find_person_by_id(self, remote_id: str) -> Person | None:
        await self._call()
        return next((person for person in self._remote.people if person.id == remote_id), None)

    async def add_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        lost = await self._call()
        self._remote.existing(ticket_id).notes.append(closing)
        self._end(lost)
        return False

    async def has_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        await self._call()
        notes = self._remote.existing(ticket_id).notes
        return any(note.reference == closing.reference for note in notes)

    async def close_ticket(self, ticket_id: str, closing: Closing) -> None:
        lost = await self._call()
        ticket = self._remote.existing(ticket_id)
        if ticket.is_held_open:
            raise NeedsAttention("Something holds the ticket open.", code="ticket_does_not_close")
        ticket.is_closed = True
        if closing.approver:
            ticket.assigned_to = closing.approver.id
        self._end(lost)

    async def list_changed_tickets(self, since: datetime, among: Collection[str]) -> Listing:
        await self._call()
        self._remote.asked.append(f"changed of {len(among)}")
        changed = [
            each for each in self._remote.tickets.values() if each.changed_at >= since and each.id in among
        ]
        return Listing(
            tuple(each.listed() for each in changed if not each.is_deleted),
            frozenset(each.id for each in changed if each.is_deleted),
        )

    async def list_tickets(self, ids: Sequence[str]) -> Listing:
        await self._call()
        self._remote.asked.append(f"list {len(ids)}")
        if self._remote.passes_over_ids:
            return Listing((), is_whole=False)
        found = (self._remote.tickets.get(each) for each in ids if each not in self._remote.left_out)
        return Listing(tuple(each.listed() for each in found if each and not each.is_deleted))

    async def mend_fields(self, ticket_id: str, *, customer_name: str, request_id: str) -> None:
        lost = await self._call()
        self._remote.existing(ticket_id).fields = (customer_name, request_id)
        self._end(lost)

    async def add_remark(self, ticket_id: str, remark: Remark) -> None:
        lost = await self._call()
        self._remote.existing(ticket_id).remarks.append(remark)
        self._end(lost)

    async def has_remark(self, ticket_id: str, remark: Remark) -> bool:
        await self._call()
        remarks = self._remote.existing(ticket_id).remarks
        return any(each.reference == remark.reference for each in remarks)

    async def aclose(self) -> None:
        """There is nothing to give back."""

    async def _call(self) -> Mishap | None:
        """Ask for leave to call; a planned failure that lands is handed back for the end of the call."""
        await self._before_call()
        mishap = self._remote.mishaps.popleft() if self._remote.mishaps else None
        if mishap and mishap.error and not mishap.landed:
            raise mishap.error
        return mishap

    @staticmethod
    def _end(mishap: Mishap | None) -> None:
        if mishap and mishap.error:
            raise mishap.error
