"""What it means that people changed our ticket while its request is pending. Pure: tickets in, deviations out.

Each deviation has one stated consequence, and none of them decides a request: closing a ticket by hand is no decision,
and edited fields select nothing (threats T1, T3).
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from stepladder.connectors.ticket_system import ListedTicket
from stepladder.kit.folding import fold
from stepladder.kit.ids import CustomerId, LinkId, RequestId
from stepladder.mapping.policy import MappingState
from stepladder.remedies import Remedy

from .steps import Observed

REMARK_AFTER = timedelta(seconds=15)
"""A press also closes the ticket, and its call may still be coming. The note is there within a minute (threat T3)."""
MENDED_AT_MOST = 3
"""What edits the fields again and again is a rule in HaloPSA, so it is left to a person."""


class Drift(StrEnum):
    """What became of a ticket. The gravest comes first."""

    DELETED = "deleted"
    MERGED = "merged"
    CLOSED_BY_HAND = "closed_by_hand"
    CUSTOMER_GONE = "customer_gone"
    MOVED = "moved"
    FIELDS_EDITED = "fields_edited"


REMARKED = frozenset([Drift.MERGED, Drift.CLOSED_BY_HAND])
"""Those that look like an end; a remark says that the request is still pending."""

_SENTENCES = {
    Drift.DELETED: (
        "The ticket was deleted in HaloPSA. The request is still pending: restore the ticket, or decide without it."
    ),
    Drift.MERGED: "The ticket was merged into ticket {}. The request is still pending: decide it without the buttons.",
    Drift.CLOSED_BY_HAND: (
        "The ticket was closed without a decision. The request is still pending: approve or deny it, or let it expire."
    ),
    Drift.CUSTOMER_GONE: ("The HaloPSA customer {} is gone. Link the customer to another one."),
    Drift.MOVED: "The ticket is now at {}. Move it back; the request keeps its own customer.",
    Drift.FIELDS_EDITED: (
        "Something keeps editing the fields that the buttons send ({}). Find the ticket rule that does it; "
        "until then the buttons do not work."
    ),
}


REMEDIES = MappingProxyType({Drift.CUSTOMER_GONE: Remedy.CUSTOMER_LINK})
"""What a person can do here; all else is done in HaloPSA, or by deciding."""


@dataclass(frozen=True)
class Watched:
    """A ticket whose request is pending: whose it is, what we wrote, what we found the last time."""

    link_id: LinkId
    request_id: RequestId
    customer_id: CustomerId
    ticket_id: str
    observed: Observed
    drift: Drift | None
    drift_detail: str | None
    remark_seen: bool
    mended: int
    customer_label: str
    remote_id: str | None
    remote_name: str | None
    mapping: MappingState | None


@dataclass(frozen=True)
class Deviation:
    """One difference. `detail` is what its sentence is about."""

    drift: Drift
    detail: str | None = None


def describe(drift: Drift, detail: str | None) -> str:
    """What happened and what to do, for the status."""
    return _SENTENCES[drift].format(detail)


def judge(watched: Watched, ticket: ListedTicket | None) -> list[Deviation]:
    """Every difference, the gravest first. `ticket` None means that it was deleted."""
    if ticket is None:
        return [Deviation(Drift.DELETED)]
    found = []
    if ticket.merged_into:
        found.append(Deviation(Drift.MERGED, ticket.merged_into))
    elif ticket.is_closed:
        found.append(Deviation(Drift.CLOSED_BY_HAND))
    if watched.mapping is MappingState.GONE:
        found.append(Deviation(Drift.CUSTOMER_GONE, watched.remote_name))
    elif watched.remote_id and ticket.customer_id and ticket.customer_id != watched.remote_id:
        found.append(Deviation(Drift.MOVED, ticket.customer_name or f"customer {ticket.customer_id}"))
    edited = _edited(watched, ticket)
    if edited:
        found.append(Deviation(Drift.FIELDS_EDITED, edited))
    return found


def _edited(watched: Watched, ticket: ListedTicket) -> str | None:
    """Which fields hold something else than we wrote. One that the list does not show proves nothing."""
    pairs = (
        ("customer", ticket.customer_field, watched.customer_label),
        ("request", ticket.request_field, str(watched.request_id)),
    )
    names = [name for name, shown, written in pairs if shown is not None and _plain(shown) != _plain(written)]
    return " and ".join(names) or None


def _plain(value: str) -> str:
    # HaloPSA may show the characters of a name as HTML entities (HaloPSA fact 27).
    return fold(html.unescape(value))
