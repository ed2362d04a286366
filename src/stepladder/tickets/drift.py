"""The drift sweep: what people did in the ticket system to tickets of pending requests, found in few calls.

A few open tickets are simply listed by their ids. Of many, those that changed since the last sweep are listed, and
all of them again from time to time, because a list by change time may miss some. What is found is written to the link,
with an audit event; what is to be done about it is done here (fields) or is a step of the link (remarks).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import NeedsAttention, Rejected, RemoteGone
from stepladder.connectors.ticket_system import ListedTicket, Listing, TicketConnector
from stepladder.kit.db import Transaction
from stepladder.kit.ids import RequestId
from stepladder.reconcile.lease import Lease

from . import links, sweeps
from .drift_policy import MENDED_AT_MOST, REMARK_AFTER, REMARKED, Deviation, Drift, Watched, judge
from .policy import TicketPolicy
from .steps import Observed
from .sweeps import Sweep

_FRESH = timedelta(seconds=10)  # a ticket that was just opened is as it was left
_OVERLAP = timedelta(minutes=2)  # clocks differ, and lists lag
_SINGLE_CALLS = 4  # what is left is done in the next sweep
_NOT_COMPARED = (
    "HaloPSA does not return the tickets that it is asked for, so changes that people make there are seen only "
    "when the requests are decided."
)


@dataclass(frozen=True)
class Reach:
    """How much a sweep looks at. Tests make it small.

    Up to `few` tickets are listed by id each time, in as many calls as a list by change time would need. More are
    listed by id only every `whole_every` sweeps, at most `at_once` in a sweep.
    """

    few: int = 200
    at_once: int = 1000
    whole_every: int = 30


@dataclass(frozen=True)
class _Judged:
    """What is to be written about one ticket."""

    watched: Watched
    is_there: bool
    deviations: list[Deviation]


class DriftSweep:
    """One sweep of one connector, under its drain's lease."""

    def __init__(
        self, connector: TicketConnector, lease: Lease, before: Sweep, policy: TicketPolicy, reach: Reach
    ) -> None:
        self._connector, self._lease, self._before = connector, lease, before
        self._reach, self._clock = reach, lease.clock
        self._every = policy.sweep_every
        self._single_calls = _SINGLE_CALLS

    async def run(self, position: RequestId | None = None) -> RequestId | None:
        """Sweep; returns where to go on where not all could be listed at once. Raises ConnectorError, BudgetSpent."""
        started = self._clock.now()
        async with self._lease.writing() as tx:
            watched = await sweeps.list_watched(tx, self._lease.id, opened_before=started - _FRESH)
        if not watched:
            await self._finish(cursor=started, whole_at=started)
            return None
        if position is None and not self._is_whole_due(len(watched), started):
            listing = await self._connector.list_changed_tickets(
                (self._before.cursor or started) - _OVERLAP, {each.ticket_id for each in watched}
            )
            if listing.is_whole:
                is_done = await self._take(watched, listing, missing=listing.deleted)
                await self._finish(cursor=started if is_done else self._before.cursor)
                return None
        return await self._list_all(watched, started, position)

    def _is_whole_due(self, count: int, now: datetime) -> bool:
        last = self._before.whole_at
        return (
            count <= self._reach.few
            or self._before.cursor is None
            or last is None
            or now - last >= self._every * self._reach.whole_every
        )

    async def _list_all(
        self, watched: list[Watched], started: datetime, position: RequestId | None
    ) -> RequestId | None:
        rest = [each for each in watched if position is None or each.request_id > position]
        batch = rest[: self._reach.at_once]
        listing = await self._connector.list_tickets([each.ticket_id for each in batch])
        missing: Collection[str] = ()
        if listing.is_whole:
            missing = {each.ticket_id for each in batch} - {ticket.id for ticket in listing.tickets}
        is_done = await self._take(batch, listing, missing=missing)
        # What changes from here on is in the list by change time, also while the rest is still being listed.
        cursor = started if position is None else self._before.cursor
        error = None if listing.is_whole else _NOT_COMPARED
        if len(rest) > len(batch):
            await self._finish(cursor=cursor, error=error)
            return batch[-1].request_id
        await self._finish(cursor=cursor, whole_at=started if is_done else None, error=error)
        return None

    async def _take(self, watched: Iterable[Watched], listing: Listing, *, missing: Collection[str]) -> bool:
        """Judge, mend and write; false where something is left for the next sweep."""
        of_ticket = {each.ticket_id: each for each in watched}
        judged, is_done = [], True
        for ticket in (each for each in listing.tickets if each.id in of_ticket):
            one = await self._judged(of_ticket[ticket.id], ticket)
            is_done &= one is not None
            judged += [one] if one else []
        for ticket_id in sorted(missing):
            lost = of_ticket.get(ticket_id)
            if lost is None or lost.drift == Drift.DELETED:
                continue
            is_gone = await self._is_gone(lost)
            is_done &= is_gone is not None
            if is_gone:
                judged.append(_Judged(lost, False, judge(lost, None)))
        await self._write([each for each in judged if _is_news(each)])
        return is_done

    async def _is_gone(self, lost: Watched) -> bool | None:
        """Whether reading the ticket says so, too: a list may leave out what is there. None: not asked this time."""
        if not self._single_calls:
            return None
        self._single_calls -= 1
        try:
            await self._connector.read_ticket(lost.ticket_id)
        except RemoteGone:
            return True
        return False

    async def _judged(self, watched: Watched, ticket: ListedTicket) -> _Judged | None:
        """What is found, once edited fields are put back. None: there is no call left for that this time."""
        deviations = judge(watched, ticket)
        edited = next((each for each in deviations if each.drift is Drift.FIELDS_EDITED), None)
        if edited and watched.mended < MENDED_AT_MOST:
            if not self._single_calls:
                return None
            self._single_calls -= 1
            if await self._mended(watched, edited):
                deviations.remove(edited)
        return _Judged(watched, True, deviations)

    async def _mended(self, watched: Watched, edited: Deviation) -> bool:
        """Put the buttons' fields back: a press would decide another request, or none."""
        try:
            await self._connector.mend_fields(
                watched.ticket_id,
                customer_name=watched.customer_label,
                request_id=str(watched.request_id),
            )
        except (RemoteGone, Rejected):
            return False
        except NeedsAttention as error:
            if error.whole_instance:
                raise
            return False
        async with self._lease.writing() as tx:
            await links.note_mended(tx, watched.link_id)
            await record(
                tx,
                Tag.TICKET_FIELDS_MENDED,
                watched.request_id,
                ticket_id=watched.ticket_id,
                fields=edited.detail,
            )
        return True

    async def _write(self, judged: list[_Judged]) -> None:
        if not judged:
            return
        async with self._lease.writing() as tx:
            for one in judged:
                await _write_one(tx, one)

    async def _finish(
        self, *, cursor: datetime | None, whole_at: datetime | None = None, error: str | None = None
    ) -> None:
        async with self._lease.writing() as tx:
            await sweeps.finish(
                tx,
                self._lease.id,
                due_at=self._clock.now() + self._every,
                cursor=cursor,
                whole_at=whole_at,
                error=error,
            )


def _is_news(one: _Judged) -> bool:
    watched, gravest = one.watched, one.deviations[0] if one.deviations else None
    known = Deviation(watched.drift, watched.drift_detail) if watched.drift else None
    return gravest != known or (one.is_there and watched.observed == Observed.GONE)


async def _write_one(tx: Transaction, one: _Judged) -> None:
    watched, gravest = one.watched, one.deviations[0] if one.deviations else None
    now_is = gravest.drift if gravest else None
    wants_remark = now_is in REMARKED and not watched.remark_seen
    is_open = await links.note_drift(
        tx,
        watched.link_id,
        now_is,
        gravest.detail if gravest else None,
        is_there=one.is_there,
        remark_at=tx.now + REMARK_AFTER if wants_remark else None,
    )
    if not is_open or now_is == watched.drift:
        return
    for tag, drift in ((Tag.TICKET_DRIFT_ENDED, watched.drift), (Tag.TICKET_DRIFTED, now_is)):
        if drift:
            await record(tx, tag, watched.request_id, ticket_id=watched.ticket_id, drift=str(drift))
