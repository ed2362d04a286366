"""The drift sweep: what people did in HaloPSA to tickets whose requests wait, found in few calls.

A few open tickets are simply listed by their ids. Of many, those that changed since the last sweep are listed, and
all of them again from time to time, because a list by change time may miss some. What is found is written to the link,
with an audit event; what is to be done about it is done here (fields) or is a step of the link (remarks).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import NeedsAttention, Rejected, RemoteGone
from stepladder.connectors.ticket_system import ListedTicket, Listing, TicketConnector
from stepladder.kit.clock import Clock
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectorId, RequestId

from .drift_rules import MENDED_AT_MOST, REMARK_AFTER, REMARKED, Drift, Finding, Watched, judge
from .lease import Lease
from .queries import Connector

WATCHED_AT_MOST = 20_000
_FRESH = timedelta(seconds=10)  # a ticket that was just opened is as it was left
_OVERLAP = timedelta(minutes=2)  # clocks differ, and lists lag
_SINGLE_CALLS = 4  # what is left is done in the next sweep
_NOT_COMPARED = (
    "HaloPSA does not answer for the tickets that it is asked about, so that what people do to them is seen only when "
    "their requests are decided."
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
class _Verdict:
    """What is to be written about one ticket."""

    watched: Watched
    is_there: bool
    findings: list[Finding]


class DriftSweep:
    """One sweep of one connector, under its drain's lease."""

    def __init__(
        self, connector: TicketConnector, lease: Lease, clock: Clock, row: Connector, reach: Reach
    ) -> None:
        self._connector, self._lease, self._clock, self._row = connector, lease, clock, row
        self._reach = reach
        self._every = timedelta(seconds=float(row.settings.get("drift_check_seconds", 30)))
        self._single_calls = _SINGLE_CALLS

    async def run(self, position: RequestId | None = None) -> RequestId | None:
        """Sweep; gives where to go on where not all could be listed at once. Raises ConnectorError, BudgetSpent."""
        started = self._clock.now()
        async with self._lease.writing() as tx:
            watched = await _watched(tx, self._row.id, opened_before=started - _FRESH)
        if not watched:
            await self._finish(cursor=started, whole_at=started)
            return None
        if position is None and not self._is_whole_due(len(watched), started):
            listing = await self._connector.changed_tickets(
                (self._row.drift_cursor or started) - _OVERLAP, {each.ticket_id for each in watched}
            )
            if listing.is_whole:
                is_done = await self._take(watched, listing, missing=listing.deleted)
                await self._finish(cursor=started if is_done else self._row.drift_cursor)
                return None
        return await self._list_all(watched, started, position)

    def _is_whole_due(self, count: int, now: datetime) -> bool:
        last = self._row.drift_whole_at
        return (
            count <= self._reach.few
            or self._row.drift_cursor is None
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
        cursor = started if position is None else self._row.drift_cursor
        error = None if listing.is_whole else _NOT_COMPARED
        if len(rest) > len(batch):
            await self._finish(cursor=cursor, error=error)
            return batch[-1].request_id
        await self._finish(cursor=cursor, whole_at=started if is_done else None, error=error)
        return None

    async def _take(self, watched: Iterable[Watched], listing: Listing, *, missing: Collection[str]) -> bool:
        """Judge, mend and write; false where something is left for the next sweep."""
        of_ticket = {each.ticket_id: each for each in watched}
        verdicts, is_done = [], True
        for ticket in (each for each in listing.tickets if each.id in of_ticket):
            verdict = await self._judged(of_ticket[ticket.id], ticket)
            is_done &= verdict is not None
            verdicts += [verdict] if verdict else []
        for ticket_id in sorted(missing):
            lost = of_ticket.get(ticket_id)
            if lost is None or lost.drift == Drift.DELETED:
                continue
            is_gone = await self._is_gone(lost)
            is_done &= is_gone is not None
            if is_gone:
                verdicts.append(_Verdict(lost, False, judge(lost, None)))
        await self._write([each for each in verdicts if _is_news(each)])
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

    async def _judged(self, watched: Watched, ticket: ListedTicket) -> _Verdict | None:
        """What is found, once edited fields are put back. None: there is no call left for that this time."""
        findings = judge(watched, ticket)
        edited = next((each for each in findings if each.drift is Drift.FIELDS_EDITED), None)
        if edited and watched.mended < MENDED_AT_MOST:
            if not self._single_calls:
                return None
            self._single_calls -= 1
            if await self._mended(watched, edited):
                findings.remove(edited)
        return _Verdict(watched, True, findings)

    async def _mended(self, watched: Watched, edited: Finding) -> bool:
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
            await tx.run(
                "update ticket_link set mended = mended + 1 where request_id = %(id)s",
                {"id": watched.request_id},
            )
            await record(
                tx,
                Tag.TICKET_FIELDS_MENDED,
                watched.request_id,
                ticket_id=watched.ticket_id,
                fields=edited.detail,
            )
        return True

    async def _write(self, verdicts: list[_Verdict]) -> None:
        if not verdicts:
            return
        async with self._lease.writing() as tx:
            for verdict in verdicts:
                await _write_one(tx, verdict)

    async def _finish(
        self, *, cursor: datetime | None, whole_at: datetime | None = None, error: str | None = None
    ) -> None:
        async with self._lease.writing() as tx:
            await tx.run(
                """update psa_connector set drift_due_at = %(due)s, drift_cursor = %(cursor)s, drift_error = %(error)s,
                       drift_whole_at = coalesce(%(whole)s, drift_whole_at) where id = %(id)s""",
                {
                    "due": self._clock.now() + self._every,
                    "cursor": cursor,
                    "whole": whole_at,
                    "error": error,
                    "id": self._row.id,
                },
            )


async def _watched(tx: Transaction, connector_id: ConnectorId, *, opened_before: datetime) -> list[Watched]:
    """The tickets whose requests wait, in the order of their requests."""
    return await tx.all(
        Watched,
        """select l.request_id, l.customer_id, l.ticket_id, l.observed, l.drift, l.drift_detail, l.remark_seen,
                  l.mended, r.customer_label, m.remote_id, m.remote_name, m.state as mapping
           from ticket_link l
           join elevation_request r on r.id = l.request_id
           left join customer_mapping m on m.customer_id = l.customer_id
           where l.connector_id = %(connector)s and l.desired = 'open' and l.ticket_id is not null
             and l.opened_at <= %(before)s
           order by l.request_id limit %(limit)s""",
        {"connector": connector_id, "before": opened_before, "limit": WATCHED_AT_MOST},
    )


def _is_news(verdict: _Verdict) -> bool:
    watched, gravest = verdict.watched, verdict.findings[0] if verdict.findings else None
    known = Finding(Drift(watched.drift), watched.drift_detail) if watched.drift else None
    return gravest != known or (verdict.is_there and watched.observed == "gone")


async def _write_one(tx: Transaction, verdict: _Verdict) -> None:
    watched, gravest = verdict.watched, verdict.findings[0] if verdict.findings else None
    wants_remark = gravest is not None and gravest.drift in REMARKED and not watched.remark_seen
    values: dict[str, Any] = {
        "id": watched.request_id,
        "drift": str(gravest.drift) if gravest else None,
        "detail": gravest.detail if gravest else None,
        "since": tx.now if gravest else None,
        "there": verdict.is_there,
        "remark_at": tx.now + REMARK_AFTER if wants_remark else None,
    }
    changed = await tx.run(
        """update ticket_link set drift = %(drift)s, drift_detail = %(detail)s, drift_since = %(since)s,
               observed = case when %(there)s and observed = 'gone' then 'open' else observed end,
               next_try_at = least(next_try_at, %(remark_at)s)
           where request_id = %(id)s and desired = 'open'""",
        values,
    )
    if not changed:
        return  # it was decided meanwhile, and its ticket is closed like every other
    if watched.drift and (gravest is None or gravest.drift != watched.drift):
        await record(
            tx,
            Tag.TICKET_DRIFT_ENDED,
            watched.request_id,
            ticket_id=watched.ticket_id,
            drift=watched.drift,
        )
    if gravest and gravest.drift != watched.drift:
        await record(
            tx,
            Tag.TICKET_DRIFTED,
            watched.request_id,
            ticket_id=watched.ticket_id,
            drift=str(gravest.drift),
        )
