"""What a ticket is about: an elevation request, a test, later a JIT account. Everything that tickets ask of it.

Each kind of subject has a loader, registered where the process is wired; the reconciler knows none of them by name.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stepladder.connectors.ticket_system import RemoteCustomer, TicketDraft
from stepladder.elevation import queries as elevation
from stepladder.elevation.policy import Channel
from stepladder.elevation.queries import ElevationRequest
from stepladder.kit.db import Transaction
from stepladder.kit.ids import RequestId
from stepladder.tenancy.names import name_customers

from . import text
from .links import Link, SubjectKind
from .policy import TicketPolicy
from .steps import Desired

# Where a request can be decided in a browser, below the MSP's URL. Empty: nowhere yet, so no ticket leads there.
_REQUEST_PAGE = ""
# What the field for the request's id holds on a test: the id of no request, so the buttons are refused.
_NO_REQUEST = "test-ticket"
_TEST_NOTE = "Test of Stepladder. Nobody asked for anything, and nothing was approved or denied."


class Subject(Protocol):
    """What a ticket is about, as far as tickets need it."""

    @property
    def customer(self) -> str:
        """The customer's display name."""
        ...

    @property
    def decided_by_email(self) -> str | None:
        """Who decided, if that is known."""
        ...

    @property
    def pressed_at(self) -> datetime | None:
        """When a button decided, whose presser the call does not name."""
        ...

    def draft(
        self, reference: str, customer: RemoteCustomer, base_url: str, policy: TicketPolicy
    ) -> TicketDraft:
        """The ticket to open."""
        ...

    def remark(self, base_url: str, policy: TicketPolicy, *, is_merged: bool) -> str:
        """What is said on a ticket that was taken for done, or on the one that it was merged into."""
        ...

    def note(self, by: str | None, policy: TicketPolicy) -> str:
        """What is said when the ticket is closed; `by` names who decided."""
        ...

    def minutes(self, policy: TicketPolicy) -> float:
        """The time booked with that note."""
        ...

    def closes(self, policy: TicketPolicy) -> bool:
        """Whether the ticket is closed with that note, or stays open."""
        ...


Load = Callable[[Transaction, Link], Awaitable[Subject]]
Loaders = Mapping[SubjectKind, Load]


@dataclass(frozen=True)
class RequestSubject:
    """An elevation request."""

    request: ElevationRequest

    @property
    def customer(self) -> str:
        return self.request.customer

    @property
    def decided_by_email(self) -> str | None:
        return self.request.decided_by_email if self.request.verdict else None

    @property
    def pressed_at(self) -> datetime | None:
        is_pressed = self.request.channel is Channel.INTEGRATION_API and self.request.verdict is not None
        return self.request.settled_at if is_pressed else None

    def draft(
        self, reference: str, customer: RemoteCustomer, base_url: str, policy: TicketPolicy
    ) -> TicketDraft:
        request = self.request
        return TicketDraft(
            reference=reference,
            customer=customer,
            request_id=str(request.id),
            customer_name=request.customer_label,
            summary=text.summary(request),
            intro=text.intro(request, policy.zone),
            lines=text.lines(request, policy.zone),
            link=self._link(base_url),
            endpoint_name=request.endpoint,
            requester_email=request.requester_email,
            opened_at=request.created_at,
        )

    def remark(self, base_url: str, policy: TicketPolicy, *, is_merged: bool) -> str:
        return text.remark(self.request, is_merged=is_merged, link=self._link(base_url), zone=policy.zone)

    def note(self, by: str | None, policy: TicketPolicy) -> str:
        return text.closing_note(self.request, by=by, zone=policy.zone)

    def minutes(self, policy: TicketPolicy) -> float:
        return policy.minutes(is_touched=self.request.is_decided_by_technician)

    def closes(self, policy: TicketPolicy) -> bool:
        return policy.closes(self.request.state)

    def _link(self, base_url: str) -> str:
        return f"{base_url}{_REQUEST_PAGE}/{self.request.id}" if _REQUEST_PAGE else ""


@dataclass(frozen=True)
class TrialSubject:
    """A test ticket: nobody asked for anything, and no time is booked."""

    customer: str
    opened_at: datetime
    stays_open: bool
    decided_by_email: str | None = None
    pressed_at: datetime | None = None

    def draft(
        self, reference: str, customer: RemoteCustomer, base_url: str, policy: TicketPolicy
    ) -> TicketDraft:
        end = "It will be closed automatically."
        if self.stays_open:
            end = "It stays open; close it when you have looked at it."
        return TicketDraft(
            reference=reference,
            customer=customer,
            request_id=_NO_REQUEST,
            customer_name=self.customer,
            summary="TEST: Stepladder tries whether tickets work",
            intro=(
                "This is a test of Stepladder. Nobody asked for anything, and there is nothing to approve or deny. "
                + end
            ),
            lines=(("Customer", self.customer), ("Opened at", text.moment(self.opened_at, policy.zone))),
            link="",
            endpoint_name="",
            requester_email=None,
            opened_at=self.opened_at,
        )

    def remark(self, base_url: str, policy: TicketPolicy, *, is_merged: bool) -> str:
        return _TEST_NOTE

    def note(self, by: str | None, policy: TicketPolicy) -> str:
        return _TEST_NOTE

    def minutes(self, policy: TicketPolicy) -> float:
        return 0

    def closes(self, policy: TicketPolicy) -> bool:
        return True


async def load_request(tx: Transaction, link: Link) -> Subject:
    """The request of a link. Raises RequestNotFound."""
    return RequestSubject(await elevation.find(tx, RequestId(link.subject_id)))


async def load_test(tx: Transaction, link: Link) -> Subject:
    """The test of a link. Its customer may have been deleted since."""
    names = await name_customers(tx, [link.customer_id])
    return TrialSubject(names[link.customer_id], link.created_at, stays_open=link.desired is Desired.OPEN)


LOADERS: Loaders = {SubjectKind.ELEVATION_REQUEST: load_request, SubjectKind.TEST: load_test}
