"""A test ticket: opened, found again, noted and closed as every ticket is, so that a person sees that it works.

Its reference is in the trail before the ticket is created. Whatever a run that died left behind, the next one looks for
and closes first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import ConnectorError, NeedsAttention, RemoteGone, TryLater
from stepladder.connectors.ticket_system import Closing, RemoteCustomer, TicketConnector, TicketDraft
from stepladder.errors import Conflict
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Transaction
from stepladder.kit.ids import ConnectorId, CustomerId, new_reference
from stepladder.tenancy.service import find_customer

from .queries import Connector
from .service import Wiring, opened, unbounded
from .steps import may_send_again
from .text import moment

_EARLIER_AT_ONCE = 10
_NOTE = "Test of Stepladder. Nobody asked for anything, and nothing was approved or denied."
_AGAIN = "Run this command again in a minute: it looks for its ticket first, and closes it."
_REPAIR = "Do what it says, see stepladder connector check, then run this command again."
# What the field for the request's id holds: the id of no request, so the buttons are refused.
_NO_REQUEST = "test-ticket"


class NoLinkedCustomer(Conflict):
    """A test ticket needs a customer in the ticket system."""

    code = "no_linked_customer"
    sentence = "A test ticket needs a customer that is linked. Link one with: stepladder customer link"


@dataclass(frozen=True)
class LinkedCustomer:
    """One of our customers, and who it is in the ticket system."""

    id: CustomerId
    display_name: str
    remote_id: str
    remote_name: str


async def linked_customer(tx: Transaction, customer: str | None) -> LinkedCustomer:
    """That customer, or the first that is linked. Raises NotFound or NoLinkedCustomer."""
    wanted = (await find_customer(tx, customer)).id if customer else None
    found = await tx.maybe(
        LinkedCustomer,
        """select c.id, c.display_name, m.remote_id, coalesce(m.remote_name, '') as remote_name from customer c
           join customer_mapping m on m.customer_id = c.id
           where m.state = 'mapped' and m.remote_id is not null and c.deleted_at is null
             and (%(wanted)s::uuid is null or c.id = %(wanted)s)
           order by lower(c.display_name) limit 1""",
        {"wanted": wanted},
    )
    if found is None:
        raise NoLinkedCustomer
    return found


@dataclass(frozen=True)
class Step:
    """One step, done or failed."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """How the test went. `todo` says what to do after a failure."""

    ok: bool
    customer: str
    ticket_id: str | None
    seconds: float
    steps: list[Step]
    todo: str | None


@dataclass(frozen=True)
class _Earlier:
    """A test that began and did not end."""

    reference: str
    remote_customer_id: str
    at: datetime


class _Stopped(Exception):
    """A step failed, so the ones behind it make no sense."""


async def try_ticket(
    wiring: Wiring,
    actor: Actor,
    *,
    customer: str | None = None,
    keep_open: bool = False,
    told: Callable[[Step], None] = lambda _: None,
) -> Outcome:
    """Run the test; each step is told when it is done. Raises NoConnector, NotFound or NoLinkedCustomer.

    What the ticket system refuses is a failed step, never an exception.
    """
    row, connector = await opened(wiring, actor, unbounded)
    try:
        async with wiring.db.transaction(actor) as tx:
            where = await linked_customer(tx, customer)
        run = _Run(wiring, actor, row, connector, where, told)
        return await run.outcome(keep_open=keep_open)
    finally:
        await connector.aclose()


@dataclass
class _Run:
    wiring: Wiring
    actor: Actor
    row: Connector
    connector: TicketConnector
    where: LinkedCustomer
    told: Callable[[Step], None]
    steps: list[Step] = field(default_factory=list)
    ticket_id: str | None = None
    todo: str | None = None

    @property
    def clock(self) -> Clock:
        return self.wiring.clock

    async def outcome(self, *, keep_open: bool) -> Outcome:
        began = self.clock.monotonic()
        try:
            await self._end_earlier()
            await self._open_and_close(keep_open=keep_open)
        except _Stopped:
            pass
        ok = all(step.ok for step in self.steps)
        seconds = self.clock.monotonic() - began
        return Outcome(ok, self.where.display_name, self.ticket_id, seconds, self.steps, self.todo)

    async def _open_and_close(self, *, keep_open: bool) -> None:
        draft = _draft(self.where, new_reference(), self.clock.now(), keep_open=keep_open)
        async with self.wiring.db.transaction(self.actor) as tx:
            await record(
                tx,
                Tag.TEST_TICKET_OPENED,
                self.row.id,
                reference=draft.reference,
                customer_id=str(self.where.id),
                remote_customer_id=self.where.remote_id,
            )
        await self._step("open", lambda: self._open(draft))
        await self._step("find again", lambda: self._find(draft))
        if keep_open:
            await self._ended(draft.reference, self.ticket_id, "kept_open")
            return
        ticket_id, closing = self.ticket_id or "", _closing(draft.reference)
        await self._step("note", lambda: self._note(ticket_id, closing))
        await self._step("close", lambda: self._close(ticket_id, closing))
        await self._ended(draft.reference, ticket_id, "closed")

    async def _open(self, draft: TicketDraft) -> str:
        try:
            self.ticket_id = (await self.connector.open_ticket(draft)).id
        except ConnectorError as error:
            if not (isinstance(error, TryLater) and error.may_have_happened):
                await self._ended(draft.reference, None, "not_opened")
            raise
        return f"Ticket {self.ticket_id} at {self.where.remote_name or self.where.remote_id}."

    async def _find(self, draft: TicketDraft) -> str:
        if await self.connector.find_ticket(draft):
            return f"By its reference, {draft.reference}."
        await self.connector.read_ticket(self.ticket_id or "")
        return "By its number; the search does not show it yet."

    async def _note(self, ticket_id: str, closing: Closing) -> str:
        if not await self.connector.has_closing_note(ticket_id, closing):
            await self.connector.add_closing_note(ticket_id, closing)
        return "The closing note is written, with no time on it."

    async def _close(self, ticket_id: str, closing: Closing) -> str:
        await self.connector.close_ticket(ticket_id, closing)
        return f"Ticket {ticket_id} is closed."

    # What an earlier run left

    async def _end_earlier(self) -> None:
        async with self.wiring.db.transaction(self.actor) as tx:
            left = await _unfinished(tx, self.row.id)
        for earlier in left:
            await self._step("end an earlier test", partial(self._end, earlier), goes_on=True)

    async def _end(self, earlier: _Earlier) -> str:
        customer = RemoteCustomer(earlier.remote_customer_id, "", is_active=True)
        draft = _draft(self.where, earlier.reference, earlier.at, keep_open=False, customer=customer)
        try:
            seen = await self.connector.find_ticket(draft)
        except NeedsAttention as error:
            if error.code != "ticket_deleted":
                raise
            await self._ended(earlier.reference, None, "deleted")
            return "Its ticket was deleted."
        if seen is None:
            return await self._not_there(earlier)
        closing = _closing(earlier.reference)
        try:
            await self._note(seen.id, closing)
            await self._close(seen.id, closing)
        except RemoteGone:
            await self._ended(earlier.reference, seen.id, "deleted")
            return f"Ticket {seen.id} was deleted."
        await self._ended(earlier.reference, seen.id, "closed")
        return f"Ticket {seen.id} of a test that was interrupted is closed."

    async def _not_there(self, earlier: _Earlier) -> str:
        lag = timedelta(seconds=self.row.settings.get("search_lag_seconds", 60))
        if not may_send_again(earlier.at, self.clock.now(), search_lag=lag):
            return "A test that was interrupted just now left no ticket that shows yet; the next run looks again."
        await self._ended(earlier.reference, None, "not_opened")
        return "A test that was interrupted had made no ticket."

    async def _ended(self, reference: str, ticket_id: str | None, outcome: str) -> None:
        async with self.wiring.db.transaction(self.actor) as tx:
            await record(
                tx,
                Tag.TEST_TICKET_ENDED,
                self.row.id,
                reference=reference,
                ticket_id=ticket_id,
                outcome=outcome,
            )

    async def _step(self, name: str, work: Callable[[], Awaitable[str]], *, goes_on: bool = False) -> None:
        """Do one step and tell it. A failure ends the run, unless it concerns one ticket of an earlier run."""
        began = self.clock.monotonic()
        try:
            detail, ok = await work(), True
        except ConnectorError as error:
            detail, ok = error.message, False
            self.todo = _AGAIN if isinstance(error, TryLater) else _REPAIR
            goes_on = (
                goes_on and not isinstance(error, TryLater) and not getattr(error, "whole_instance", False)
            )
        step = Step(name, ok, detail, self.clock.monotonic() - began)
        self.steps.append(step)
        self.told(step)
        if not ok and not goes_on:
            raise _Stopped


async def _unfinished(tx: Transaction, connector_id: ConnectorId) -> list[_Earlier]:
    return await tx.all(
        _Earlier,
        """select o.facts ->> 'reference' as reference, o.facts ->> 'remote_customer_id' as remote_customer_id, o.at
           from audit_event o
           where o.msp_id = %(msp)s and o.subject = %(connector)s and o.tag = %(opened)s
             and not exists (select from audit_event e where e.msp_id = o.msp_id and e.subject = o.subject
                             and e.tag = %(ended)s and e.facts ->> 'reference' = o.facts ->> 'reference')
           order by o.id limit %(limit)s""",
        {
            "msp": tx.msp_id,
            "connector": str(connector_id),
            "opened": str(Tag.TEST_TICKET_OPENED),
            "ended": str(Tag.TEST_TICKET_ENDED),
            "limit": _EARLIER_AT_ONCE,
        },
    )


def _closing(reference: str) -> Closing:
    # Nobody worked on it, so no time is charged.
    return Closing(reference, _NOTE, 0)


def _draft(
    where: LinkedCustomer,
    reference: str,
    at: datetime,
    *,
    keep_open: bool,
    customer: RemoteCustomer | None = None,
) -> TicketDraft:
    end = (
        "It stays open; close it when you have looked at it."
        if keep_open
        else "It is closed again by itself."
    )
    return TicketDraft(
        reference=reference,
        customer=customer or RemoteCustomer(where.remote_id, where.remote_name, is_active=True),
        request_id=_NO_REQUEST,
        customer_name=where.display_name,
        summary="TEST: Stepladder tries whether tickets work",
        intro=(
            "This is a test of Stepladder. Nobody asked for anything, and there is nothing to approve or deny. "
            + end
        ),
        lines=(("Customer", where.display_name), ("Opened at", moment(at))),
        link="",
        endpoint_name="",
        requester_email=None,
        opened_at=at,
    )
