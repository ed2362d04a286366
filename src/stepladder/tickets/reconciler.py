"""One ticket link, one step at a time: from what we last saw towards what we want.

No transaction is open while the remote is called. Every write is preceded by a committed intent; every outcome is
committed under the lease. If the process dies on any line, the next reader of the row continues from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, LiteralString, TypeVar

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.ticket_system import (
    Closing,
    Person,
    Remark,
    TicketConnector,
    TicketDraft,
    TicketSeen,
)
from stepladder.elevation.policy import Channel
from stepladder.elevation.service import Elevation, ElevationRequest
from stepladder.kit.clock import Clock
from stepladder.mapping import service as mapping

from . import queries, text
from .closing_rules import closes
from .drift_rules import REMARK_AFTER, REMARKED, Drift
from .lease import BudgetSpent, Lease
from .queries import Link
from .steps import Desired, LinkState, Observed, Step, may_send_again, next_step

GONE_AFTER_ATTEMPTS = 3
Answer = TypeVar("Answer")


class Reconciler:
    """Does the steps of one connector's links, under one lease."""

    def __init__(
        self,
        connector: TicketConnector,
        lease: Lease,
        elevation: Elevation,
        clock: Clock,
        *,
        settings: dict[str, Any],
        base_url: str,
    ) -> None:
        self._connector, self._lease, self._elevation, self._clock = connector, lease, elevation, clock
        self._search_lag = timedelta(seconds=settings.get("search_lag_seconds", 60))
        self._press_wait = timedelta(seconds=settings.get("press_wait_seconds", 3))
        self._settings = settings
        self._base_url = base_url
        self._do: dict[Step, Callable[[Link, ElevationRequest], Awaitable[None]]] = {
            Step.OPEN: self._open,
            Step.LOOK_FOR_TICKET: self._look_for_ticket,
            Step.WAIT_FOR_PRESS: self._wait_for_press,
            Step.NOTE: self._note,
            Step.LOOK_FOR_NOTE: self._look_for_note,
            Step.CLOSE: self._close_after_note,
            Step.REMARK: self._remark,
            Step.LOOK_FOR_REMARK: self._look_for_remark,
            Step.WAIT_FOR_REMARK: self._wait_for_remark,
            Step.NOTHING: self._do_nothing,
        }

    async def step(self, link: Link) -> None:
        """The next step of `link`, and the ones that follow without waiting. Raises ConnectorError."""
        async with self._lease.writing() as tx:
            fresh = await queries.link(tx, link.request_id)
            request = await self._elevation.get(tx, link.request_id)
        if fresh is None:
            return
        step = next_step(self._state(fresh, request), self._clock.now(), press_wait=self._press_wait)
        await self._do[step](fresh, request)

    async def is_gone(self, link: Link) -> bool:
        """Whether a ticket that cannot be read is gone.

        A 404 may also come from a server whose HaloPSA is down, so only an instance that answers other questions, and
        does not show the ticket, is believed.
        """
        async with self._lease.writing() as tx:
            request = await self._elevation.get(tx, link.request_id)
        try:
            return await self._connector.find_ticket(await self._draft(link, request)) is None
        except NeedsAttention as error:
            return error.code == "ticket_deleted"
        except (ConnectorError, BudgetSpent):
            return False

    def _state(self, link: Link, request: ElevationRequest) -> LinkState:
        pressed = request.channel == Channel.INTEGRATION_API and request.verdict is not None
        return LinkState(
            Desired(link.desired),
            Observed(link.observed),
            link.create_sent_at,
            link.note_sent_at,
            link.note_seen,
            request.settled_at if pressed else None,
            _remark_at(link),
            link.remark_sent_at,
        )

    async def _open(self, link: Link, request: ElevationRequest) -> None:
        draft = await self._draft(link, request)
        await self._opened(
            link, await self._write(link, "create_sent_at", lambda: self._connector.open_ticket(draft))
        )

    async def _look_for_ticket(self, link: Link, request: ElevationRequest) -> None:
        draft = await self._draft(link, request)
        seen = await self._look(
            link, "create_sent_at", link.create_sent_at, lambda: self._connector.find_ticket(draft)
        )
        if seen:
            await self._opened(link, seen)

    async def _opened(self, link: Link, seen: TicketSeen) -> None:
        now = self._clock.now()
        async with self._lease.writing() as tx:
            # The wish may have changed while we were away: an open ticket that should be closed is due at once.
            await tx.run(
                """update ticket_link set observed = 'open', ticket_id = %(ticket)s, opened_at = %(now)s, attempts = 0,
                       needs_attention = false, error = null, error_code = null,
                       next_try_at = case when desired = 'closed' then %(now)s::timestamptz end
                   where request_id = %(request)s""",
                {"ticket": seen.id, "now": now, "request": link.request_id},
            )
            await record(tx, Tag.TICKET_OPENED, link.request_id, ticket_id=seen.id, reference=link.reference)

    async def _wait_for_press(self, link: Link, request: ElevationRequest) -> None:
        await self._wait_until(link, (request.settled_at or self._clock.now()) + self._press_wait)

    async def _note(self, link: Link, request: ElevationRequest) -> None:
        closing = await self._closing(link, request)
        is_closed = await self._write(
            link,
            "note_sent_at",
            lambda: self._connector.add_closing_note(link.ticket_id or "", closing),
        )
        if is_closed:
            await self._closed(link, closing)
        else:
            await self._change(link, "note_seen = true, next_try_at = %(now)s")
            await self._close(link, closing)

    async def _look_for_note(self, link: Link, request: ElevationRequest) -> None:
        closing = await self._closing(link, request)
        has_note = await self._look(
            link,
            "note_sent_at",
            link.note_sent_at,
            lambda: self._connector.has_closing_note(link.ticket_id or "", closing),
        )
        if has_note:
            await self._change(link, "note_seen = true, next_try_at = %(now)s")
            await self._close(link, closing)

    async def _close_after_note(self, link: Link, request: ElevationRequest) -> None:
        await self._close(link, await self._closing(link, request))

    async def _close(self, link: Link, closing: Closing) -> None:
        if not closing.closes:
            # The note is all there is to do; whoever looks into it closes the ticket.
            await self._rest(link)
            return
        await self._connector.close_ticket(link.ticket_id or "", closing)
        await self._closed(link, closing)

    async def _closed(self, link: Link, closing: Closing) -> None:
        now = self._clock.now()
        async with self._lease.writing() as tx:
            await tx.run(
                """update ticket_link set observed = 'closed', note_seen = true, closed_at = %(now)s, attempts = 0,
                       next_try_at = null, needs_attention = false, error = null, error_code = null
                   where request_id = %(request)s""",
                {"now": now, "request": link.request_id},
            )
            await record(
                tx,
                Tag.TICKET_CLOSED,
                link.request_id,
                ticket_id=link.ticket_id,
                remote_person_id=closing.approver.id if closing.approver else None,
            )

    async def _remark(self, link: Link, request: ElevationRequest) -> None:
        if link.drift == Drift.CLOSED_BY_HAND:
            seen = await self._connector.read_ticket(link.ticket_id or "")
            if not seen.is_closed:
                await self._drift_ended(link, link.drift)
                return
        ticket_id, remark = self._remark_of(link, request)
        await self._write(link, "remark_sent_at", lambda: self._connector.add_remark(ticket_id, remark))
        await self._remarked(link, ticket_id)

    async def _wait_for_remark(self, link: Link, request: ElevationRequest) -> None:
        await self._wait_until(link, _remark_at(link) or self._clock.now())

    async def _look_for_remark(self, link: Link, request: ElevationRequest) -> None:
        ticket_id, remark = self._remark_of(link, request)
        has_remark = await self._look(
            link, "remark_sent_at", link.remark_sent_at, lambda: self._connector.has_remark(ticket_id, remark)
        )
        if has_remark:
            await self._remarked(link, ticket_id)

    def _remark_of(self, link: Link, request: ElevationRequest) -> tuple[str, Remark]:
        """The remark, and the ticket that it belongs on: where people look now."""
        target = link.drift_detail if link.drift == Drift.MERGED else link.ticket_id
        return target or "", Remark(link.reference, text.remark(request, link=self._link_to(request)))

    async def _drift_ended(self, link: Link, drift: str) -> None:
        """Somebody opened the ticket again before we said anything."""
        async with self._lease.writing() as tx:
            await tx.run(
                """update ticket_link set drift = null, drift_since = null,
                       next_try_at = case when desired = 'closed' then next_try_at end
                   where request_id = %(id)s""",
                {"id": link.request_id},
            )
            await record(tx, Tag.TICKET_DRIFT_ENDED, link.request_id, ticket_id=link.ticket_id, drift=drift)

    async def _remarked(self, link: Link, ticket_id: str) -> None:
        async with self._lease.writing() as tx:
            await tx.run(
                """update ticket_link set remark_seen = true, attempts = 0, needs_attention = false, error = null,
                       error_code = null, next_try_at = case when desired = 'closed' then next_try_at end
                   where request_id = %(id)s""",
                {"id": link.request_id},
            )
            await record(tx, Tag.TICKET_REMARKED, link.request_id, ticket_id=ticket_id)

    def _link_to(self, request: ElevationRequest) -> str:
        return f"{self._base_url}/elevation-requests/{request.id}"

    async def _draft(self, link: Link, request: ElevationRequest) -> TicketDraft:
        async with self._lease.writing() as tx:
            remote = mapping.remote_of(await queries.mapping(tx, link.customer_id), request.customer)
        return TicketDraft(
            reference=link.reference,
            customer=remote,
            request_id=str(request.id),
            customer_name=request.customer_label,
            summary=text.summary(request),
            intro=text.intro(request),
            lines=text.lines(request),
            link=self._link_to(request),
            endpoint_name=request.endpoint,
            requester_email=request.requester_email,
            opened_at=request.created_at,
        )

    async def _closing(self, link: Link, request: ElevationRequest) -> Closing:
        approver, by = await self._approver(link, request)
        note = text.closing_note(request, by=by)
        if not closes(request.state, self._settings):
            return Closing(link.reference, f"{note} {text.STAYS_OPEN}", 0, closes=False)
        minutes = float(self._settings.get("closure_minutes", 5))
        return Closing(link.reference, note, minutes, approver)

    async def _approver(self, link: Link, request: ElevationRequest) -> tuple[Person | None, str | None]:
        """Who decided, as HaloPSA knows them, and what the note calls them.

        The button's call names no person. Whoever closed the ticket by pressing it is read from the ticket, and is
        as trustworthy as HaloPSA's own sign-in; the note says so.
        """
        if request.verdict is None:
            return None, None
        if request.decided_by_email:
            return await self._person(request.decided_by_email), None
        if request.channel != Channel.INTEGRATION_API:
            return None, None
        seen = await self._connector.read_ticket(link.ticket_id or "")
        person = await self._connector.person_by_id(seen.closed_by) if seen.closed_by else None
        return person, f"{person.name} (as HaloPSA says)" if person else None

    async def _person(self, email: str) -> Person | None:
        try:
            return await self._connector.find_person(email)
        except (Rejected, NeedsAttention, RemoteGone):
            # Reading agents may be refused; the ticket is then closed without an assignment.
            return None

    async def _write(
        self, link: Link, intent: LiteralString, send: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        """One write to the remote. Its intent is committed before it, and stays while its outcome is unknown."""
        later = self._clock.now() + self._search_lag
        await self._change(link, f"{intent} = %(now)s, next_try_at = %(later)s", later=later)
        try:
            return await send()
        except TryLater as error:
            # What is still under way may take effect until now, and be invisible for a search lag after that.
            await self._change(link, f"{intent} = %(now)s" if error.may_have_happened else f"{intent} = null")
            raise
        except (ConnectorError, BudgetSpent):
            # It certainly did nothing, so the next attempt need not look first, nor wait for a search to catch up.
            await self._change(link, f"{intent} = null, next_try_at = %(now)s")
            raise

    async def _look(
        self,
        link: Link,
        intent: LiteralString,
        sent_at: datetime | None,
        ask: Callable[[], Awaitable[Answer]],
    ) -> Answer:
        """What an earlier write left at the remote. Where that is certainly nothing, its intent is taken back."""
        now = self._clock.now()
        is_late = sent_at is not None and may_send_again(sent_at, now, search_lag=self._search_lag)
        found = await ask()
        if not found and is_late:
            # Nothing is the one answer that leads to a second write, so it is heard twice.
            found = await ask()
        if found:
            return found
        if is_late:
            await self._change(link, f"{intent} = null, next_try_at = %(now)s")
        else:
            await self._wait_until(link, (sent_at or now) + self._search_lag)
        return found

    async def _do_nothing(self, link: Link, request: ElevationRequest) -> None:
        await self._rest(link)

    async def _rest(self, link: Link) -> None:
        async with self._lease.writing() as tx:
            # Only while nothing else is wanted: a decision may have been committed since the row was read.
            await tx.run(
                """update ticket_link set next_try_at = null, needs_attention = false, error = null, error_code = null
                   where request_id = %(request)s and desired = %(desired)s and observed = %(observed)s""",
                {"request": link.request_id, "desired": link.desired, "observed": link.observed},
            )

    async def _wait_until(self, link: Link, at: datetime) -> None:
        await self._change(link, "next_try_at = %(later)s", later=at)

    async def _change(self, link: Link, assignments: LiteralString, *, later: datetime | None = None) -> None:
        async with self._lease.writing() as tx:
            await tx.run(
                # Literals of this module only, which the type checker sees.
                "update ticket_link set " + assignments + " where request_id = %(request)s",  # noqa: S608
                {"request": link.request_id, "now": self._clock.now(), "later": later},
            )


def _remark_at(link: Link) -> datetime | None:
    """When a remark may be written; None where none is wanted (any more)."""
    if (
        link.drift is None
        or Drift(link.drift) not in REMARKED
        or link.remark_seen
        or link.drift_since is None
    ):
        return None
    return link.drift_since + REMARK_AFTER


def is_final(error: ConnectorError, attempts: int) -> bool:
    """Whether a ticket that cannot be found is taken for deleted: one 404 may be a passing fault."""
    return isinstance(error, RemoteGone) and attempts + 1 >= GONE_AFTER_ATTEMPTS
