"""What a ticket system is to us: our words, our values.

Features use this interface; which connector stands behind it is decided where the process is wired.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from .base import Connector, NeedsAttention, TryLater


class TicketDeleted(NeedsAttention):
    """The ticket that carries the reference was deleted, so no second one is made for it."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="ticket_deleted")


class WrongTicket(TryLater):
    """An answer shows a ticket that is linked to something else of ours already; what was sent may have happened."""

    def __init__(self, kind: str) -> None:
        message = "The answer shows a ticket that belongs to something else already."
        super().__init__(message, code=f"{kind}_wrong_ticket", may_have_happened=True)


@dataclass(frozen=True)
class RemoteCustomer:
    """A customer as the ticket system knows it. `directory_ids` are its Entra directories, GUIDs in lower case."""

    id: str
    name: str
    is_active: bool
    directory_ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class TicketDraft:
    """A ticket to open. `reference` finds it again; `lines` are label and text; without a `link` none is shown."""

    reference: str
    customer: RemoteCustomer
    request_id: str
    customer_name: str
    summary: str
    intro: str
    lines: tuple[tuple[str, str], ...]
    link: str
    endpoint_name: str
    requester_email: str | None
    opened_at: datetime


@dataclass(frozen=True)
class TicketSeen:
    """What a ticket looks like now. `closed_by` is the remote's id of who closed it; None where it does not say."""

    id: str
    is_closed: bool
    closed_by: str | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True)
class ListedTicket:
    """A ticket as a list shows it. None where the list does not say."""

    id: str
    is_closed: bool
    customer_id: str | None = None
    customer_name: str | None = None
    merged_into: str | None = None
    customer_field: str | None = None
    request_field: str | None = None


@dataclass(frozen=True)
class Listing:
    """Some tickets. `deleted` are ids that the remote says were deleted, which only reading them proves.

    `is_whole` is false where there may be more that were asked for and are not in it.
    """

    tickets: tuple[ListedTicket, ...]
    deleted: frozenset[str] = frozenset()
    is_whole: bool = True


@dataclass(frozen=True)
class Person:
    """A member of staff as the ticket system knows them."""

    id: str
    name: str
    email: str | None


@dataclass(frozen=True)
class Closing:
    """How a ticket is to be closed. `note` is plain text; the connector adds what it is found again by."""

    reference: str
    note: str
    minutes: float
    approver: Person | None = None
    closes: bool = True
    """False: the note is all that is written, and the ticket stays open."""


@dataclass(frozen=True)
class Remark:
    """A note for technicians that changes nothing. `text` is plain; the connector adds what it is found again by."""

    reference: str
    text: str


class TicketConnector(Connector, Protocol):
    """A ticket system. Every method may raise the four kinds of `ConnectorError`."""

    @property
    def search_lag(self) -> timedelta:
        """For how long its search may not show what was written: finding nothing counts only afterwards."""
        ...

    async def list_customers(self) -> list[RemoteCustomer]:
        """Every customer, all pages, inactive ones too."""
        ...

    async def read_customer(self, remote_id: str) -> RemoteCustomer:
        """One customer as it is now, an inactive one too. Raises RemoteGone when there is none of that id."""
        ...

    async def open_ticket(self, draft: TicketDraft) -> TicketSeen:
        """Open one ticket: one write, never repeated here. Only our own ticket is ever returned."""
        ...

    async def find_ticket(self, draft: TicketDraft) -> TicketSeen | None:
        """The ticket that carries the draft's reference. Two of them raise NeedsAttention."""
        ...

    async def read_ticket(self, ticket_id: str) -> TicketSeen:
        """The ticket as it is now. Raises RemoteGone when it was deleted."""
        ...

    async def find_person(self, email: str) -> Person | None:
        """Who has exactly this e-mail and can be assigned tickets."""
        ...

    async def find_person_by_id(self, remote_id: str) -> Person | None:
        """The member of staff with this id."""
        ...

    async def add_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        """Write the closing note with its time: one write. True when that closed the ticket, too.

        Of a closing that does not close, the ticket is left as it is otherwise.
        """
        ...

    async def has_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        """Whether our closing note is on the ticket."""
        ...

    async def close_ticket(self, ticket_id: str, closing: Closing) -> None:
        """Set status, closure note and approver. Safe to repeat. Raises when the ticket is not closed after."""
        ...

    async def list_changed_tickets(self, since: datetime, among: Collection[str]) -> Listing:
        """Those of the tickets `among` (ids) that were changed since then, in a few calls however many there are."""
        ...

    async def list_tickets(self, ids: Sequence[str]) -> Listing:
        """These tickets as they are now. One that is missing from a whole answer may have been deleted."""
        ...

    async def mend_fields(self, ticket_id: str, *, customer_name: str, request_id: str) -> None:
        """Set the two fields that the buttons send. Safe to repeat."""
        ...

    async def add_remark(self, ticket_id: str, remark: Remark) -> None:
        """Write a remark: one write."""
        ...

    async def has_remark(self, ticket_id: str, remark: Remark) -> bool:
        """Whether our remark is on the ticket."""
        ...
