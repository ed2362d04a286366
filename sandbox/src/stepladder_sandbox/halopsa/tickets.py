"""Tickets and actions as the sandbox holds them, and the store whose indexes keep every call cheap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

UNASSIGNED = 1
"""`agent_id` 1 means nobody (HaloPSA fact 22)."""


@dataclass(kw_only=True, slots=True)
class Action:
    """One entry of a ticket's history. `id` counts within the ticket: it is not global (HaloPSA fact 18)."""

    id: int
    ticket_id: int
    guid: str
    outcome: str
    outcome_id: int
    note: str
    note_html: str
    who: str
    who_agentid: int
    made_at: datetime
    timetaken: float = 0.0
    hidden: bool = False
    is_system: bool = False
    application_id: str = ""
    old_status: int = 0
    new_status: int = 0


@dataclass(kw_only=True, slots=True)
class Ticket:
    """A ticket. Fields that HaloPSA also has bear its names; the rest say what they are."""

    id: int
    guid: str
    summary: str
    details: str
    details_html: str
    tickettype_id: int
    client_id: int
    site_id: int
    user_id: int
    user_name: str
    status_id: int
    dateoccurred: datetime
    last_update: datetime
    agent_id: int = UNASSIGNED
    team: str = ""
    priority_id: int = 0
    reportedby: str = ""
    categories: list[str] = field(default_factory=lambda: ["", "", "", ""])
    urgency: int = 0
    impact: int = 0
    source: int = 0
    parent_id: int = 0
    merged_into_id: int = 0
    workflow_id: int = 0
    workflow_step: int = 0
    third_party_id: int = 0
    third_party_id_string: str = ""
    asset_ids: list[int] = field(default_factory=list)
    custom: dict[int, Any] = field(default_factory=dict)
    """Values of custom fields by the field's id. A field that was never written is not in here."""
    actions: list[Action] = field(default_factory=list)
    timetaken: float = 0.0
    is_closed: bool = False
    dateclosed: datetime | None = None
    closure_agent_id: int = 0
    closure_note: str = ""
    closure_note_html: str = ""
    closure_time: float = 0.0
    is_deleted: bool = False
    searchable_at: datetime | None = None
    """Until then lists and searches do not show it; `None` once it is known to be visible."""
    application_id: str = ""


class TicketStore:
    """All tickets by id, with indexes by reference, customer, parent and time of last change."""

    def __init__(self, first_id: int) -> None:
        self._next_id = first_id
        self._by_id: dict[int, Ticket] = {}
        self._by_reference: dict[str, set[int]] = defaultdict(set)
        self._by_client: dict[int, set[int]] = defaultdict(set)
        self._children: dict[int, set[int]] = defaultdict(set)
        self._by_update: dict[int, Ticket] = {}
        self._open: dict[int, Ticket] = {}
        self._summaries: dict[int, str] = {}
        self._deleted: dict[int, Ticket] = {}
        self.lagging: dict[int, Ticket] = {}
        """Tickets that may still be invisible to search, so that a search need not ask all the others."""

    def next_id(self) -> int:
        """A number no ticket has had."""
        self._next_id += 1
        return self._next_id - 1

    def add(self, ticket: Ticket) -> None:
        """Take in a new ticket."""
        self._by_id[ticket.id] = ticket
        self._by_client[ticket.client_id].add(ticket.id)
        if ticket.third_party_id_string:
            self._by_reference[ticket.third_party_id_string.lower()].add(ticket.id)
        if ticket.parent_id:
            self._children[ticket.parent_id].add(ticket.id)
        if ticket.searchable_at:
            self.lagging[ticket.id] = ticket
        self._reindex(ticket)

    def touch(self, ticket: Ticket, now: datetime) -> None:
        """Note that a ticket was changed just now."""
        ticket.last_update = now
        self._reindex(ticket)

    def _reindex(self, ticket: Ticket) -> None:
        self._by_update.pop(ticket.id, None)
        self._by_update[ticket.id] = ticket
        self._summaries[ticket.id] = ticket.summary.lower()
        if ticket.is_closed:
            self._open.pop(ticket.id, None)
        else:
            self._open[ticket.id] = ticket

    def set_reference(self, ticket: Ticket, reference: str) -> None:
        """Change the field that integrations find their ticket by, keeping the index true."""
        self._by_reference[ticket.third_party_id_string.lower()].discard(ticket.id)
        ticket.third_party_id_string = reference
        if reference:
            self._by_reference[reference.lower()].add(ticket.id)

    def set_client(self, ticket: Ticket, client_id: int) -> None:
        """Move a ticket to another customer, keeping the index true."""
        self._by_client[ticket.client_id].discard(ticket.id)
        ticket.client_id = client_id
        self._by_client[client_id].add(ticket.id)

    def delete(self, ticket: Ticket, now: datetime | None = None) -> None:
        """Soft-delete: it is kept, and reading it gives 404 (HaloPSA fact 16)."""
        ticket.is_deleted = True
        ticket.last_update = now or ticket.last_update
        self._deleted[ticket.id] = ticket
        self._open.pop(ticket.id, None)
        del self._by_id[ticket.id]

    def recover(self, ticket: Ticket) -> None:
        """Undo a soft-delete. The ticket goes back to its place in the order of ids."""
        ticket.is_deleted = False
        del self._deleted[ticket.id]
        self._by_id[ticket.id] = ticket
        self._by_id = dict(sorted(self._by_id.items()))
        self._reindex(ticket)

    def get(self, ticket_id: int) -> Ticket | None:
        """A ticket that has not been deleted."""
        return self._by_id.get(ticket_id)

    def get_deleted(self, ticket_id: int) -> Ticket | None:
        """A ticket that has been deleted."""
        return self._deleted.get(ticket_id)

    def many(self, ids: Iterable[int]) -> list[Ticket]:
        """Those of the ids that exist, oldest first."""
        return [self._by_id[each] for each in sorted(ids) if each in self._by_id]

    def with_reference(self, reference: str) -> list[Ticket]:
        """Tickets with this reference, oldest first."""
        return self.many(self._by_reference.get(reference.lower(), ()))

    def of_client(self, client_id: int) -> list[Ticket]:
        """Tickets of a customer, oldest first."""
        return self.many(self._by_client.get(client_id, ()))

    def with_summary(self, words: str) -> list[Ticket]:
        """Tickets whose summary holds these words, which are in lower case; oldest first."""
        return self.many(ticket_id for ticket_id, summary in self._summaries.items() if words in summary)

    def open(self) -> list[Ticket]:
        """Tickets that are not closed, in no order that means anything."""
        return list(self._open.values())

    def open_children(self, ticket_id: int) -> list[Ticket]:
        """Child tickets that are still open."""
        return [child for child in self.many(self._children.get(ticket_id, ())) if not child.is_closed]

    def changed_since(self, moment: datetime) -> list[Ticket]:
        """Tickets changed at or after a moment, most recent first, without looking at the others."""
        found = []
        for ticket in reversed(self._by_update.values()):
            if ticket.last_update < moment:
                break
            if not ticket.is_deleted:
                found.append(ticket)
        return found

    def deleted(self) -> list[Ticket]:
        """Deleted tickets."""
        return list(self._deleted.values())

    def oldest_first(self) -> Iterator[Ticket]:
        """All tickets in order of creation, without a copy."""
        return iter(self._by_id.values())

    def newest_first(self) -> Iterator[Ticket]:
        """All tickets, newest first, without a copy."""
        return reversed(self._by_id.values())

    def __len__(self) -> int:
        return len(self._by_id)
