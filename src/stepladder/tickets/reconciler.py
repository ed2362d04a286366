"""One ticket link, one step at a time: from what we last saw towards what we want.

No transaction is open while the remote is called. Every write is preceded by a committed intent; every outcome is
committed under the lease. If the process dies on any line, the next reader of the row continues from there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.ticket_system import (
    Closing,
    Person,
    Remark,
    RemoteCustomer,
    TicketConnector,
    TicketDeleted,
    TicketDraft,
    TicketSeen,
    WrongTicket,
)
from stepladder.kit.db import Transaction
from stepladder.kit.ids import LinkId
from stepladder.mapping import queries as mappings
from stepladder.mapping.queries import Mapping
from stepladder.mapping.service import remote_of
from stepladder.reconcile.lease import BudgetSpent, Lease

from . import links, text
from .drift_policy import REMARK_AFTER, REMARKED, Drift
from .links import Intent, Link
from .policy import TicketPolicy
from .steps import Desired, LinkState, Step, is_closed_by_press, may_send_again, next_step
from .subjects import Loaders, Subject

GONE_AFTER_ATTEMPTS = 3
_LOOKED_DONE = (Drift.CLOSED_BY_HAND, Drift.MERGED)
Answer = TypeVar("Answer")
_INTENTS = {Step.OPEN: Intent.CREATE, Step.NOTE: Intent.NOTE, Step.REMARK: Intent.REMARK}


@dataclass(frozen=True)
class Prepared:
    """A link with what its next step needs, read together. `mapping` only where no ticket is there yet."""

    link: Link
    subject: Subject
    step: Step
    mapping: Mapping | None = None


class LinkGone(Exception):
    """The request was withdrawn, or the ticket system was removed, since the link was found due."""


class Reconciler:
    """Does the steps of one connector's links, under one lease."""

    def __init__(
        self,
        connector: TicketConnector,
        lease: Lease,
        loaders: Loaders,
        policy: TicketPolicy,
        base_url: str,
        *,
        kind: str,
    ) -> None:
        self._connector, self._lease, self._loaders = connector, lease, loaders
        self._policy, self._base_url, self._kind = policy, base_url, kind
        self._search_lag = connector.search_lag
        self._do: dict[Step, Callable[[Prepared], Awaitable[bool]]] = {
            Step.OPEN: self._open,
            Step.LOOK_FOR_TICKET: self._look_for_ticket,
            Step.WAIT_FOR_PRESS: self._wait_for_press,
            Step.NOTE: self._note,
            Step.LOOK_FOR_NOTE: self._look_for_note,
            Step.CLOSE: self._close_after_note,
            Step.REMARK: self._remark,
            Step.LOOK_FOR_REMARK: self._look_for_remark,
            Step.WAIT_FOR_REMARK: self._wait_for_remark,
            Step.NOTHING: self._rest,
        }

    async def prepare(
        self, link_id: LinkId, is_mapping_due: Callable[[Mapping, datetime], bool]
    ) -> Prepared | None:
        """Read a link and what its next step needs, and commit the step's intent with its call. Raises BudgetSpent.

        None where its customer's mapping is looked at first. Raises LinkGone where its ticket is wanted no more.
        """
        async with self._lease.writing() as tx:
            link = await links.hold(tx, link_id)
            if link is None:
                raise LinkGone
            prepared = await self._read(tx, link)
            if prepared.mapping and is_mapping_due(prepared.mapping, tx.now):
                return None
            intent = _INTENTS.get(prepared.step)
            if intent and self._may_intend(prepared):
                await self._lease.pay_call(tx)
                await links.intend(tx, link.id, intent, look_at=tx.now + self._search_lag)
            return prepared

    async def do(self, prepared: Prepared) -> bool:
        """The step that was prepared, and the ones that follow without waiting; true where another is due at once.

        Raises ConnectorError.
        """
        return await self._do[prepared.step](prepared)

    async def is_gone(self, link: Link) -> bool:
        """Whether a ticket that cannot be read is gone.

        A 404 may also come from a server whose ticket system is down, so only an instance that answers other questions,
        and does not show the ticket, is believed.
        """
        async with self._lease.writing() as tx:
            prepared = await self._read(tx, link, with_mapping=True)
        try:
            return await self._connector.find_ticket(self._draft(prepared)) is None
        except TicketDeleted:
            return True
        except (ConnectorError, BudgetSpent):
            return False

    async def _read(self, tx: Transaction, link: Link, *, with_mapping: bool = False) -> Prepared:
        subject = await self._loaders[link.subject_kind](tx, link)
        state = LinkState(
            link.desired,
            link.observed,
            link.create_sent_at,
            link.note_sent_at,
            link.note_seen,
            subject.pressed_at,
            _remark_at(link),
            link.remark_sent_at,
        )
        step = next_step(state, tx.now, press_wait=self._policy.press_wait)
        needs_mapping = with_mapping or step in (Step.OPEN, Step.LOOK_FOR_TICKET)
        mapping = await mappings.find(tx, link.customer_id) if needs_mapping else None
        return Prepared(link, subject, step, mapping)

    def _may_intend(self, prepared: Prepared) -> bool:
        """Whether the write can be sent at once. A remark on a ticket closed by hand looks at it first."""
        if prepared.step is Step.OPEN:
            remote_of(prepared.mapping, prepared.subject.customer)
        return prepared.step is not Step.REMARK or prepared.link.drift is not Drift.CLOSED_BY_HAND

    async def _open(self, prepared: Prepared) -> bool:
        draft = self._draft(prepared)
        return await self._opened(
            prepared.link,
            await self._send(prepared.link, Intent.CREATE, lambda: self._connector.open_ticket(draft)),
        )

    async def _look_for_ticket(self, prepared: Prepared) -> bool:
        link, draft = prepared.link, self._draft(prepared)
        seen = await self._look(link, Intent.CREATE, lambda: self._connector.find_ticket(draft))
        return await self._opened(link, seen) if seen else True

    async def _opened(self, link: Link, seen: TicketSeen) -> bool:
        """The intent stays where the ticket is another link's: ours may have been created, so it is looked for."""
        try:
            async with self._lease.writing() as tx:
                is_due = await links.note_opened(tx, link.id, seen.id)
                await record(
                    tx, Tag.TICKET_OPENED, link.subject_id, ticket_id=seen.id, reference=link.reference
                )
        except links.AlreadyLinked as error:
            raise WrongTicket(self._kind) from error
        return is_due

    async def _wait_for_press(self, prepared: Prepared) -> bool:
        pressed_at = prepared.subject.pressed_at or self._lease.clock.now()
        return await self._wait_until(prepared.link, pressed_at + self._policy.press_wait)

    async def _note(self, prepared: Prepared) -> bool:
        link = prepared.link
        closing = await self._undone(link, Intent.NOTE, lambda: self._closing(prepared))
        is_closed = await self._send(
            link, Intent.NOTE, lambda: self._connector.add_closing_note(link.ticket_id or "", closing)
        )
        if is_closed:
            return await self._closed(link, closing)
        return await self._close_noted(link, closing)

    async def _look_for_note(self, prepared: Prepared) -> bool:
        link, closing = prepared.link, await self._closing(prepared)
        has_note = await self._look(
            link, Intent.NOTE, lambda: self._connector.has_closing_note(link.ticket_id or "", closing)
        )
        return await self._close_noted(link, closing) if has_note else True

    async def _close_noted(self, link: Link, closing: Closing) -> bool:
        async with self._lease.writing() as tx:
            await links.note_noted(tx, link.id)
        return await self._close(link, closing)

    async def _close_after_note(self, prepared: Prepared) -> bool:
        return await self._close(prepared.link, await self._closing(prepared))

    async def _close(self, link: Link, closing: Closing) -> bool:
        if not closing.closes:
            # The note is all there is to do; the technician who looks into it closes the ticket.
            async with self._lease.writing() as tx:
                await links.rest(tx, link)
            return False
        await self._connector.close_ticket(link.ticket_id or "", closing)
        return await self._closed(link, closing)

    async def _closed(self, link: Link, closing: Closing) -> bool:
        async with self._lease.writing() as tx:
            await links.note_closed(tx, link.id)
            await record(
                tx,
                Tag.TICKET_CLOSED,
                link.subject_id,
                ticket_id=link.ticket_id,
                remote_person_id=closing.approver.id if closing.approver else None,
            )
        return False

    async def _remark(self, prepared: Prepared) -> bool:
        link = prepared.link
        if link.drift is Drift.CLOSED_BY_HAND:
            seen = await self._connector.read_ticket(link.ticket_id or "")
            if not seen.is_closed:
                return await self._drift_ended(link, link.drift)
            async with self._lease.writing() as tx:
                await links.intend(tx, link.id, Intent.REMARK, look_at=tx.now + self._search_lag)
        ticket_id, remark = self._remark_of(prepared)
        await self._send(link, Intent.REMARK, lambda: self._connector.add_remark(ticket_id, remark))
        return await self._remarked(link, ticket_id)

    async def _wait_for_remark(self, prepared: Prepared) -> bool:
        return await self._wait_until(prepared.link, _remark_at(prepared.link) or self._lease.clock.now())

    async def _look_for_remark(self, prepared: Prepared) -> bool:
        link = prepared.link
        ticket_id, remark = self._remark_of(prepared)
        has_remark = await self._look(
            link, Intent.REMARK, lambda: self._connector.has_remark(ticket_id, remark)
        )
        return await self._remarked(link, ticket_id) if has_remark else True

    def _remark_of(self, prepared: Prepared) -> tuple[str, Remark]:
        """The remark, and the ticket that it belongs on: where people look now."""
        link = prepared.link
        target = link.drift_detail if link.drift is Drift.MERGED else link.ticket_id
        return target or "", Remark(
            link.reference,
            prepared.subject.remark(self._base_url, self._policy, is_merged=link.drift is Drift.MERGED),
        )

    async def _drift_ended(self, link: Link, drift: Drift) -> bool:
        """The ticket was opened again before we said anything."""
        async with self._lease.writing() as tx:
            await links.end_drift(tx, link.id)
            await record(
                tx, Tag.TICKET_DRIFT_ENDED, link.subject_id, ticket_id=link.ticket_id, drift=str(drift)
            )
        return True

    async def _remarked(self, link: Link, ticket_id: str) -> bool:
        async with self._lease.writing() as tx:
            await links.note_remarked(tx, link.id)
            await record(tx, Tag.TICKET_REMARKED, link.subject_id, ticket_id=ticket_id)
        return True

    def _draft(self, prepared: Prepared) -> TicketDraft:
        """Raises NeedsAttention where the customer is not linked."""
        remote: RemoteCustomer = remote_of(prepared.mapping, prepared.subject.customer)
        return prepared.subject.draft(prepared.link.reference, remote, self._base_url, self._policy)

    async def _closing(self, prepared: Prepared) -> Closing:
        link, subject = prepared.link, prepared.subject
        approver, by = await self._approver(link, subject)
        note = subject.note(by, self._policy)
        if not subject.closes(self._policy):
            return Closing(link.reference, f"{note} {text.STAYS_OPEN}", 0, closes=False)
        return Closing(link.reference, note, subject.minutes(self._policy), approver)

    async def _approver(self, link: Link, subject: Subject) -> tuple[Person | None, str | None]:
        """Who decided, as the ticket system knows them, and what the note calls them.

        The button's call names no person. The agent who closed the ticket by pressing is read from the ticket, and is
        as trustworthy as the ticket system's own sign-in; the note says where it was pressed.
        """
        if subject.decided_by_email:
            return await self._person(subject.decided_by_email), None
        if subject.pressed_at is None or link.drift in _LOOKED_DONE:
            return None, None
        seen = await self._connector.read_ticket(link.ticket_id or "")
        if seen.closed_by is None or not is_closed_by_press(seen.closed_at, subject.pressed_at):
            return None, None
        person = await self._connector.find_person_by_id(seen.closed_by)
        return person, person.name if person else None

    async def _person(self, email: str) -> Person | None:
        try:
            return await self._connector.find_person(email)
        except (Rejected, NeedsAttention, RemoteGone):
            # Reading agents may be refused; the ticket is then closed without an assignment.
            return None

    async def _send(self, link: Link, intent: Intent, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """One write to the remote. Its intent was committed before it, and stays while its outcome is unknown."""
        try:
            return await self._undone(link, intent, send)
        except TryLater as error:
            if error.may_have_happened:
                # What is still under way may take effect until now, and be invisible for a search lag after that.
                async with self._lease.writing() as tx:
                    await links.keep_intent(tx, link.id, intent)
            raise

    async def _undone(self, link: Link, intent: Intent, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Take the intent back where this certainly wrote nothing: the next attempt need not look first."""
        try:
            return await ask()
        except (ConnectorError, BudgetSpent) as error:
            if not getattr(error, "may_have_happened", False):
                async with self._lease.writing() as tx:
                    await links.take_back(tx, link.id, intent)
            raise

    async def _look(self, link: Link, intent: Intent, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """What an earlier write left at the remote. Where that is certainly nothing, its intent is taken back."""
        now, sent_at = self._lease.clock.now(), link.sent_at(intent)
        is_late = sent_at is not None and may_send_again(sent_at, now, search_lag=self._search_lag)
        found = await ask()
        if not found and is_late:
            # Nothing is the one answer that leads to a second write, so it is heard twice.
            found = await ask()
        if not found:
            async with self._lease.writing() as tx:
                if is_late:
                    await links.take_back(tx, link.id, intent)
                else:
                    await links.wait_until(tx, link.id, (sent_at or now) + self._search_lag)
        return found

    async def _rest(self, prepared: Prepared) -> bool:
        async with self._lease.writing() as tx:
            await links.rest(tx, prepared.link)
        return True

    async def _wait_until(self, link: Link, at: datetime) -> bool:
        async with self._lease.writing() as tx:
            await links.wait_until(tx, link.id, at)
        return False


def _remark_at(link: Link) -> datetime | None:
    """When a remark may be written; None where none is wanted (any more)."""
    if link.drift not in REMARKED or link.remark_seen or link.drift_since is None:
        return None
    return link.drift_since + REMARK_AFTER


def is_final(error: ConnectorError, link: Link) -> bool:
    """Whether a ticket that cannot be found is taken for deleted: one 404 may be a passing fault.

    One that was deleted before we learned its number is final where it was to be closed anyway.
    """
    if isinstance(error, TicketDeleted):
        return link.desired is Desired.CLOSED
    return isinstance(error, RemoteGone) and link.attempts + 1 >= GONE_AFTER_ATTEMPTS
