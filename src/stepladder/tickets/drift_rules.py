"""What it means when a ticket is not as we left it. Pure: what we wrote and what is there in, a finding out.

Each finding has one stated consequence. None of them decides a request: a ticket closed by hand is no verdict, and
edited fields select nothing (THREATS T1, T3).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stepladder.connectors.base import ChangedTicket


class Drift(StrEnum):
    """How a ticket differs from what it should be."""

    CLOSED_WITHOUT_VERDICT = "closed_without_verdict"
    DELETED = "deleted"
    MERGED = "merged"
    MOVED = "moved"
    FIELDS_EDITED = "fields_edited"


SENTENCES = {
    Drift.CLOSED_WITHOUT_VERDICT: (
        "The ticket was closed without a verdict. The request still waits: approve or deny it, or let it expire."
    ),
    Drift.DELETED: "The ticket was deleted in HaloPSA. The request still waits; decide it elsewhere.",
    Drift.MERGED: "The ticket was merged into another one. The request still waits; decide it elsewhere.",
    Drift.MOVED: "The ticket stands at another customer now. Move it back; the request keeps its own customer.",
    Drift.FIELDS_EDITED: (
        "The ticket's Stepladder fields were edited, so its buttons do not work. Put the values back: the request's id "
        "and the customer's name."
    ),
}


@dataclass(frozen=True)
class Written:
    """What we know we wrote: whose ticket it is and what its two fields hold."""

    wants_open: bool
    customer_id: str
    request_id: str
    customer_name: str


def find_drift(written: Written, ticket: ChangedTicket) -> Drift | None:
    """The gravest difference, or None when the ticket is as it should be."""
    if ticket.is_deleted:
        return Drift.DELETED
    if ticket.merged_into:
        return Drift.MERGED
    if ticket.customer_id and ticket.customer_id != written.customer_id:
        return Drift.MOVED
    if _edited(written, ticket):
        return Drift.FIELDS_EDITED
    if ticket.is_closed and written.wants_open:
        return Drift.CLOSED_WITHOUT_VERDICT
    return None


def _edited(written: Written, ticket: ChangedTicket) -> bool:
    """Fields that could not be read (None) prove nothing."""
    pairs = ((ticket.request_field, written.request_id), (ticket.customer_field, written.customer_name))
    return any(seen is not None and seen.strip() != expected for seen, expected in pairs)
