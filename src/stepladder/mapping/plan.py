"""What a run of the mapping makes of all customers. Pure, so that it can be shown before it is done.

What is mapped stays so by remote id, also after a rename. What a person unlinked stays so, too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit.ids import CustomerId

from .policy import Found, How, MappingState, Named, Remotes, find, oddity

TRY_AGAIN_AFTER = timedelta(minutes=10)
_BACK = "back"  # there again under the id that it had; the surest way of all
_WAYS = (_BACK, How.DIRECTORY_ID, How.DISPLAY_NAME, How.NAME)


class Change(StrEnum):
    """What a run makes of one customer."""

    LINKED = "linked"
    RENAMED = "renamed"
    GONE = "gone"
    OTHER = "other"


@dataclass(frozen=True)
class Ours:
    """A customer of ours, and how it stood before."""

    id: CustomerId
    named: Named
    before: Found

    @property
    def is_held(self) -> bool:
        """Whether a person unlinked it, which no automatic run undoes."""
        return self.before.state is MappingState.UNMAPPED and self.before.how is How.MANUAL


@dataclass(frozen=True)
class Outcome:
    """How it stands with one customer after a run."""

    customer: Ours
    found: Found

    @property
    def change(self) -> Change | None:
        """What is different from before; None where nothing is."""
        before, found = self.customer.before, self.found
        if _kept(found) == _kept(before):
            return None
        if found.state is MappingState.GONE and before.state is not MappingState.GONE:
            return Change.GONE
        if not found.is_linked:
            return Change.OTHER
        if not before.is_linked or found.remote_id != before.remote_id:
            return Change.LINKED
        return Change.RENAMED if found.remote_name != before.remote_name else Change.OTHER


def plan(
    customers: Iterable[Ours],
    remotes: Remotes,
    *,
    gone: Collection[str] = (),
    again: Collection[CustomerId] = (),
) -> list[Outcome]:
    """The outcome for each customer, in the order given. That order decides nothing.

    `gone` are remote ids that are known to be there no more; one that is merely missing from `remotes` proves nothing.
    `again` are customers that were unlinked by hand and are to be tried all the same.
    """
    customers = list(customers)
    outcomes: dict[CustomerId, Found] = {}
    taken: dict[str, str] = {}

    def settle(customer: Ours, found: Found) -> None:
        outcomes[customer.id] = found
        if found.is_linked and found.remote:
            taken[found.remote.id] = customer.named.display_name

    for customer in customers:
        if customer.before.is_linked:
            settle(customer, _linked(customer, remotes, gone))
        elif customer.is_held and customer.id not in again:
            settle(customer, customer.before)
    # Whose display name it is comes before whose name it is: another customer may be called so only in short.
    contested: dict[str, list[str]] = {}
    for way in _WAYS:
        waiting = [customer for customer in customers if customer.id not in outcomes]
        for customer, found in _found_by(way, waiting, remotes, taken, contested):
            settle(customer, found)
    for customer in customers:
        if customer.id not in outcomes:
            settle(customer, _unlinked(customer, remotes, taken))
    return [Outcome(customer, outcomes[customer.id]) for customer in customers]


def is_due(
    state: MappingState,
    how: How | None,
    checked_at: datetime | None,
    now: datetime,
    *,
    is_deleted: bool,
    is_refused: bool,
) -> bool:
    """Whether the mapping of a customer is looked at before its next ticket.

    That of a linked one is where its ticket is refused: the remote customer may be gone.
    """
    is_linked = state is MappingState.MAPPED
    is_held = state is MappingState.UNMAPPED and how is How.MANUAL
    if is_deleted or is_held or (is_linked and not is_refused):
        return False
    return checked_at is None or now - checked_at >= TRY_AGAIN_AFTER


def _linked(customer: Ours, remotes: Remotes, gone: Collection[str]) -> Found:
    before = customer.before
    if before.remote is None:
        return before
    remote = remotes.by_id.get(before.remote.id)
    if remote:
        return Found(MappingState.MAPPED, before.how, remote, oddity(customer.named, remote))
    if before.remote.id in gone:
        return Found(MappingState.GONE, before.how, before.remote, _gone(before.remote))
    return before


def _unlinked(customer: Ours, remotes: Remotes, taken: Mapping[str, str]) -> Found:
    before = customer.before
    found = find(customer.named, remotes, taken)
    if before.state is not MappingState.GONE or before.remote is None:
        return found
    back = remotes.by_id.get(before.remote.id)
    if back and back.id not in taken:
        return Found(MappingState.MAPPED, before.how, back, oddity(customer.named, back))
    return found if found.is_linked else _still_gone(before, before.remote, found.detail)


def _found_by(
    way: str,
    waiting: Iterable[Ours],
    remotes: Remotes,
    taken: Mapping[str, str],
    contested: dict[str, list[str]],
) -> list[tuple[Ours, Found]]:
    """Those that are found in this way. What two of ours are found by in the same way is neither's.

    Nor is it a third one's who is found in a weaker way, which is why it is kept in `contested`.
    """
    claims: dict[str, list[tuple[Ours, Found]]] = {}
    for customer in waiting:
        found = _unlinked(customer, remotes, taken)
        if found.is_linked and found.remote and _way(customer, found) == way:
            claims.setdefault(found.remote.id, []).append((customer, found))
    settled = []
    for remote_id, claimants in claims.items():
        names = sorted(customer.named.display_name for customer, _ in claimants)
        names += contested.get(remote_id, [])
        if len(names) == 1:
            settled += claimants
            continue
        contested[remote_id] = names
        settled += [(customer, _contested(customer, found, names)) for customer, found in claimants]
    return settled


def _way(customer: Ours, found: Found) -> str | None:
    before = customer.before
    is_back = before.state is MappingState.GONE and before.remote_id == found.remote_id
    return _BACK if is_back else found.how


def _contested(customer: Ours, found: Found, names: Collection[str]) -> Found:
    detail = f"{found.remote_name!r} fits each of {', '.join(map(repr, names))}. Link it by hand."
    before = customer.before
    if before.state is MappingState.GONE and before.remote:
        return _still_gone(before, before.remote, detail)
    return Found(MappingState.AMBIGUOUS, detail=detail)


def _still_gone(before: Found, remote: RemoteCustomer, detail: str | None) -> Found:
    return Found(MappingState.GONE, before.how, remote, f"{_gone(remote)} {detail}")


def _gone(remote: RemoteCustomer) -> str:
    return f"HaloPSA has no customer {remote.id} any more; it was {remote.name!r}."


def _kept(found: Found) -> tuple[str | None, ...]:
    """What of it is saved, to compare by."""
    return (found.state, found.how, found.remote_id, found.remote_name, found.detail)
