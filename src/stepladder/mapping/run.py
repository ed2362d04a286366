"""A run of the mapping: what the remote knows of customers, and what a run makes of them, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from stepladder.connectors.base import ConnectorError, RemoteGone
from stepladder.connectors.ticket_system import RemoteCustomer, TicketConnector

from .plan import Change, Outcome
from .policy import Found, find_remedy

VERIFIED_AT_ONCE = 4


@dataclass(frozen=True)
class Survey:
    """The remote customers, and which of those that we know are there no more."""

    remotes: tuple[RemoteCustomer, ...]
    gone: frozenset[str]


async def survey(connector: TicketConnector, linked: Iterable[str]) -> Survey:
    """Every remote customer. One of `linked` that is not listed is gone only where reading it says so, too.

    A list may be cut short or show but what an agent may see, so it proves nothing alone. A few are read in a run; the
    others keep their place until the next. Raises ConnectorError.
    """
    remotes = await connector.list_customers()
    listed, gone = {remote.id for remote in remotes}, set()
    missing = [remote_id for remote_id in linked if remote_id not in listed]
    for remote_id in missing[:VERIFIED_AT_ONCE]:
        try:
            remotes.append(await connector.read_customer(remote_id))
        except RemoteGone:
            gone.add(remote_id)
        except ConnectorError as error:
            # What cannot be read is left as it is; after TryLater, nothing more is asked.
            if getattr(error, "after", None) is not None:
                break
    return Survey(tuple(remotes), frozenset(gone))


def rows(
    outcomes: Iterable[Outcome], listing: Iterable[dict[str, Any]], *, is_dry: bool
) -> list[dict[str, Any]]:
    """The listing, each customer with what the run makes of it, in words."""
    by_name = {outcome.customer.named.display_name: outcome for outcome in outcomes}
    return [
        _row(by_name[row["customer"]], row, is_dry=is_dry) for row in listing if row["customer"] in by_name
    ]


def _row(outcome: Outcome, row: dict[str, Any], *, is_dry: bool) -> dict[str, Any]:
    found = outcome.found
    return {
        **row,
        "state": str(found.state),
        "how": found.how,
        "remote_id": found.remote_id,
        "remote_name": found.remote_name,
        "detail": found.detail,
        "remedy": find_remedy(found.state, found.how),
        "change": in_words(outcome, is_dry=is_dry),
    }


def in_words(outcome: Outcome, *, is_dry: bool) -> str | None:
    """What a run makes of a customer, or would."""
    before, found = outcome.customer.before, outcome.found
    match outcome.change:
        case Change.LINKED:
            return "would be linked" if is_dry else "linked"
        case Change.GONE:
            return "would be marked as gone" if is_dry else "gone from HaloPSA"
        case Change.RENAMED:
            return f"renamed in HaloPSA from {before.remote_name!r} to {found.remote_name!r}"
        case Change.OTHER:
            return f"was {before.state}" if found.state != before.state else _new_detail(before)
        case None:
            return None


def _new_detail(before: Found) -> str | None:
    """The state is the same, and there is more to say of it; nothing where it was not looked for before."""
    return "new detail" if before.detail or before.is_linked else None
