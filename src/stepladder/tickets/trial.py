"""A test ticket: a link like every other, brought to its end by the same drain, so that a person sees that it works.

A test that is interrupted is not lost: its link stays due, and the next drain goes on with it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connections import service as connections
from stepladder.connections.service import NoConnector, Wiring
from stepladder.connectors.base import ConnectorError
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.errors import Conflict
from stepladder.kit.db import Actor, Transaction
from stepladder.kit.ids import ConnectionId, new_id
from stepladder.mapping import queries as mappings
from stepladder.mapping.queries import Linked
from stepladder.reconcile import instances
from stepladder.remedies import Remedy
from stepladder.tenancy.service import find_customer

from . import links
from .links import Link, SubjectKind
from .policy import TicketPolicy
from .steps import Desired, Observed
from .subjects import load_test

Until = Callable[[], Awaitable[bool]]
Drive = Callable[[Actor, ConnectionId, Until], Awaitable[None]]
"""Has an instance drained until the last argument says so, or nothing moves any more."""


class NoLinkedCustomer(Conflict):
    """A test ticket needs a customer in the ticket system."""

    code = "no_linked_customer"
    sentence = "A test ticket needs a customer that is linked."
    remedy = Remedy.CUSTOMER_LINK


@dataclass(frozen=True)
class Step:
    """One step, done or failed."""

    name: str
    ok: bool
    detail: str
    seconds: float


@dataclass(frozen=True)
class Outcome:
    """How the test went. `todo` and `remedy` say what to do after a failure."""

    ok: bool
    customer: str
    ticket_id: str | None
    seconds: float
    steps: list[Step]
    todo: str | None = None
    remedy: Remedy | None = None


async def try_ticket(
    wiring: Wiring,
    drive: Drive,
    actor: Actor,
    *,
    customer: str | None = None,
    keep_open: bool = False,
    told: Callable[[Step], None] = lambda _: None,
) -> Outcome:
    """Run the test; each step is told. Raises NoConnector, NotFound or NoLinkedCustomer.

    What the ticket system refuses is a failed step, never an exception.
    """
    desired = Desired.OPEN if keep_open else Desired.CLOSED
    async with wiring.db.transaction(actor) as tx:
        where, link = await _begin(tx, customer, desired)
    run = _Run(wiring, actor, where, link, told)
    await drive(actor, link.connection_id, run.is_over)
    return await run.end()


async def find_linked_customer(tx: Transaction, customer: str | None) -> Linked:
    """That customer, or the first that is linked. Raises NotFound or NoLinkedCustomer."""
    wanted = (await find_customer(tx, customer)).id if customer else None
    found = await mappings.linked(tx, wanted)
    if not found:
        raise NoLinkedCustomer
    return found[0]


async def _begin(tx: Transaction, customer: str | None, desired: Desired) -> tuple[Linked, Link]:
    await connections.need_ticket_system(tx)
    where = await find_linked_customer(tx, customer)
    link = await links.want(tx, SubjectKind.TEST, new_id(), where.customer_id, desired)
    if link is None:
        raise NoConnector
    await record(
        tx,
        Tag.TEST_TICKET_OPENED,
        link.connection_id,
        reference=link.reference,
        customer_id=str(where.customer_id),
        remote_customer_id=where.remote_id,
    )
    return where, link


class _Run:
    """One test, as it is seen in its link."""

    def __init__(
        self, wiring: Wiring, actor: Actor, where: Linked, link: Link, told: Callable[[Step], None]
    ) -> None:
        self._wiring, self._actor, self._where = wiring, actor, where
        self._first, self._link, self._told = link, link, told
        self._steps: list[Step] = []
        self._seen_at = link.created_at
        self._failure: str | None = None
        self._is_passing = True

    async def is_over(self) -> bool:
        """Tell what was done since the last look; true where the test has ended or cannot go on."""
        async with self._wiring.db.transaction(self._actor) as tx:
            link = await links.find(tx, self._first.id)
            instance = await instances.find(tx, self._first.connection_id)
            now = tx.now
        if link is None or instance is None:
            self._failure = "The connector was removed in the meantime."
            return True
        await self._tell_news(link, now)
        self._link = link
        if link.attempts or instance.error:
            self._failure, self._is_passing = link.error or instance.error, not link.needs_attention
        return bool(self._failure) or link.next_try_at is None

    async def end(self) -> Outcome:
        """What came of it."""
        await self.is_over()
        name = self._next_step()
        if name:
            failure = self._failure or "No worker has done it yet. Is the service running?"
            self._tell(Step(name, False, failure, 0.0))
        elif self._first.desired is Desired.OPEN or self._link.observed is Observed.CLOSED:
            await self._record_end()
        seconds = sum(step.seconds for step in self._steps)
        outcome = Outcome(not name, self._where.display_name, self._link.ticket_id, seconds, self._steps)
        if not name:
            return outcome
        if self._is_passing:
            return replace(
                outcome, todo="It will be tried again automatically.", remedy=Remedy.TICKETS_STATUS
            )
        todo = "Do what it says and check the connector. Then try everything again."
        return replace(outcome, todo=todo, remedy=Remedy.CONNECTION_RETRY)

    async def _tell_news(self, link: Link, now: datetime) -> None:
        seconds, self._seen_at = (now - self._seen_at).total_seconds(), now
        remote = self._where.remote_name or self._where.remote_id
        if link.ticket_id and not self._has("open"):
            self._tell(Step("open", True, f"Ticket {link.ticket_id} at {remote}.", seconds))
            self._tell(await self._find_again(link))
        if link.note_seen and not self._has("note"):
            self._tell(Step("note", True, "The closing note is written, with no time on it.", seconds))
        if link.observed is Observed.CLOSED and not self._has("close"):
            self._tell(Step("close", True, f"Ticket {link.ticket_id} is closed.", 0.0))

    async def _find_again(self, link: Link) -> Step:
        """Whether the search shows it, which is what heals a lost answer. One that lags is no failure."""
        async with self._wiring.db.transaction(self._actor) as tx:
            subject = await load_test(tx, replace(link, desired=self._first.desired))
        remote = RemoteCustomer(self._where.remote_id, self._where.remote_name, is_active=True)
        try:
            async with connections.ticket_system(self._wiring, self._actor) as (_, connector):
                found = await connector.find_ticket(subject.draft(link.reference, remote, "", TicketPolicy()))
        except ConnectorError as error:
            return Step("find again", False, error.message, 0.0)
        told = f"By its reference, {link.reference}." if found else "The search does not show it yet."
        return Step("find again", True, told, 0.0)

    def _next_step(self) -> str | None:
        """The step that was not done; None where all were."""
        failed = next((step.name for step in self._steps if not step.ok), None)
        wanted = ("open",) if self._first.desired is Desired.OPEN else ("open", "note", "close")
        return failed or next((name for name in wanted if not self._has(name)), None)

    def _has(self, name: str) -> bool:
        return any(step.name == name for step in self._steps)

    def _tell(self, step: Step) -> None:
        if not self._has(step.name):
            self._steps.append(step)
            self._told(step)

    async def _record_end(self) -> None:
        async with self._wiring.db.transaction(self._actor) as tx:
            await record(
                tx,
                Tag.TEST_TICKET_ENDED,
                self._first.connection_id,
                reference=self._first.reference,
                ticket_id=self._link.ticket_id,
                outcome="kept_open" if self._first.desired is Desired.OPEN else "closed",
            )


__all__ = ["NoLinkedCustomer", "Outcome", "Step", "find_linked_customer", "try_ticket"]
