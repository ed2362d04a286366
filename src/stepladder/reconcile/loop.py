"""The drain loop: one worker brings one remote instance up to date, within its budget, fair to all.

It does one step for each customer in turn, so a backlog never stands before another customer's newest request. A
backlog does not use up the last calls of the budget, and waits for its own without holding up others. A failure of the
instance rests the instance; a failure of one thing delays that thing; neither ever gives up.

What the steps are, the feature knows whose work it is: it registers an opener under the name of its work.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from stepladder.connectors.base import ConnectorError, NeedsAttention
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, ActorKind, Database, NotHeld, Transaction
from stepladder.kit.ids import ConnectionId, MspId
from stepladder.kit.log import get_logger

from . import instances
from .instances import Instance, LeaseLost
from .lease import LONGEST_WAIT_SECONDS, BudgetSpent, Lease
from .policy import Again, Pace, after_failure, try_again

SLOTS = 256
"""How many instances a worker drains at once. One that waits for its remote costs hardly anything; one that is kept
from a slot costs its MSP the wait for all slow ones before it."""
SLICE_SECONDS = 20.0
CROWDED_SLICE_SECONDS = 1.0
REST_SECONDS = 0.5
DUE_AT_ONCE = 20
"""How many customers a round serves at most. After a full round there may be more."""
_ERROR_LENGTH = 500
_log = get_logger("drain")


class Item(Protocol):
    """One thing that is due. `attempts` failed before; `has_more` says that its customer has a backlog."""

    @property
    def customer_id(self) -> UUID:
        """Whose it is: customers take turns."""
        ...

    @property
    def attempts(self) -> int:
        """How often it failed since it last went on."""
        ...

    @property
    def has_more(self) -> bool:
        """Whether another one of the same customer is due as well."""
        ...


class Work(Protocol):
    """What is to be done at one instance, for one run of its drain."""

    async def due(self, tx: Transaction, after: UUID | None) -> Sequence[Item]:
        """One due item for each of DUE_AT_ONCE customers, in turn from behind the customer `after` on."""
        ...

    async def step(self, item: Item) -> bool:
        """The next step of an item; true where another is due at once. Raises ConnectorError or BudgetSpent."""
        ...

    async def note_failure(self, item: Item, error: ConnectorError, again: Again) -> None:
        """Write down what went wrong with an item, and when it is tried again."""
        ...

    def is_sweep_due(self, now: datetime, *, is_idle: bool) -> bool:
        """Whether to look at the instance as a whole; `is_idle` where no item is due."""
        ...

    async def sweep(self) -> None:
        """Look at the instance as a whole. Raises ConnectorError or BudgetSpent."""
        ...

    async def put_sweep_off(self, error: ConnectorError | None) -> None:
        """Sweep later, because of that error or for want of calls."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


class Opener(Protocol):
    """Opens the work of an instance, in the transaction that took its lease. None where it has gone."""

    async def __call__(self, tx: Transaction, lease: Lease) -> Work | None:
        """The work, ready. Close it when done."""
        ...


class _MustRest(Exception):
    """The instance has to rest, and was told until when."""


@dataclass
class _Run:
    """What one run of a drain works with."""

    lease: Lease
    work: Work
    failures: int
    needs_attention: bool
    began: float
    seconds: float


class Drains:
    """Drains instances. One object serves all of them; each run is one instance's slice."""

    def __init__(self, db: Database, clock: Clock, pace: Pace, rng: random.Random) -> None:
        self._db, self._clock, self._pace, self._rng = db, clock, pace, rng
        self._openers: dict[str, Opener] = {}
        # Whose turn it was last. It outlives a run, or those late in the round would never have a turn.
        self._served: dict[ConnectionId, UUID] = {}
        self._running = 0

    def register(self, work: str, opener: Opener) -> None:
        """Have instances with this work opened by `opener`."""
        self._openers[work] = opener

    async def run(
        self, msp_id: MspId, instance_id: ConnectionId, *, slice_seconds: float = SLICE_SECONDS
    ) -> bool:
        """Work until nothing is due; true when the slice ended first and there is more to do."""
        self._running += 1
        try:
            async with self.opened(Actor(msp_id, ActorKind.SYSTEM, "drain"), instance_id) as (
                lease,
                work,
                due,
            ):
                instance = lease.instance
                if instance.paused_until and self._clock.now() < instance.paused_until:
                    return False  # A nudge does not know of the rest; the sweep comes back when it is over.
                began = self._clock.monotonic()
                run = _Run(lease, work, instance.failures, instance.needs_attention, began, slice_seconds)
                return await self._work(run, due)
        except LeaseLost:
            _log.info("lease_lost", instance_id=str(instance_id))
            return False
        finally:
            self._running -= 1

    def _is_over(self, run: _Run) -> bool:
        """Whether the slice has ended. While every slot is taken, others may wait for one: slices are short then."""
        seconds = CROWDED_SLICE_SECONDS if self._running >= SLOTS else SLICE_SECONDS
        return self._clock.monotonic() >= run.began + min(seconds, run.seconds)

    @asynccontextmanager
    async def opened(
        self, actor: Actor, instance_id: ConnectionId
    ) -> AsyncIterator[tuple[Lease, Work, Sequence[Item]]]:
        """The lease, the work and what is due first. It ends earlier leases. Raises LeaseLost where it has gone."""
        async with AsyncExitStack() as stack:
            try:
                async with self._db.transaction(actor, holding=instances.taking(instance_id)) as tx:
                    lease = Lease(self._db, actor, Instance(**tx.held), self._clock)
                    work = await self._open(tx, lease)
                    stack.push_async_callback(work.aclose)
                    due = await work.due(tx, self._served.get(instance_id))
            except NotHeld as error:
                raise LeaseLost from error
            yield lease, work, due

    async def _open(self, tx: Transaction, lease: Lease) -> Work:
        work = await self._openers[lease.instance.work](tx, lease)
        if work is None:
            raise LeaseLost
        return work

    async def _work(self, run: _Run, due: Sequence[Item]) -> bool:
        may_sweep = True
        try:
            while True:
                if may_sweep and run.work.is_sweep_due(self._clock.now(), is_idle=not due):
                    may_sweep = False
                    await self._sweep(run)  # it takes its time, and may make something due
                    due = await self._due(run)
                elif not due:
                    return False
                else:
                    # What becomes due meanwhile has queued a job of its own.
                    due = await self._due(run) if await self._round(run, due) else ()
                if self._is_over(run):
                    return True
        except _MustRest:
            return False

    async def _due(self, run: _Run) -> Sequence[Item]:
        async with run.lease.writing() as tx:
            return await run.work.due(tx, self._served.get(run.lease.id))

    async def _round(self, run: _Run, due: Sequence[Item]) -> bool:
        """One step for each customer that has something due; false where nothing is left. Raises _MustRest."""
        waits: list[float] = []
        has_more = False
        for item in due:
            self._served[run.lease.id] = item.customer_id
            try:
                has_more |= await self._serve(run, item) or item.has_more
            except BudgetSpent as spent:
                waits.append(spent.seconds)
                # A backlog left the last calls to the others of this round; otherwise there is none at all.
                if not spent.is_backlog:
                    await self._rest(run, spent.seconds)
            if self._is_over(run):
                return True
        if len(waits) == len(due):
            await self._rest(run, min(waits))
        return has_more or bool(waits) or len(due) >= DUE_AT_ONCE

    async def _serve(self, run: _Run, item: Item) -> bool:
        """One step for one item. Raises BudgetSpent where there was no call for it, and _MustRest."""
        run.lease.leaves_spare = item.has_more
        try:
            is_due = await run.work.step(item)
        except ConnectorError as error:
            again = try_again(error, item.attempts, self._pace, self._rng)
            await run.work.note_failure(item, error, again)
            _log.info("step_failed", code=error.code, attempts=item.attempts + 1)
            await self._failed(run, error)
            return True
        else:
            await self._succeeded(run)
            return is_due
        finally:
            run.lease.leaves_spare = False

    async def _sweep(self, run: _Run) -> None:
        """Raises _MustRest."""
        run.lease.leaves_spare = True
        try:
            await run.work.sweep()
        except BudgetSpent as spent:
            await run.work.put_sweep_off(None)
            if not spent.is_backlog:
                await self._rest(run, spent.seconds)
        except ConnectorError as error:
            _log.info("sweep_failed", code=error.code)
            await run.work.put_sweep_off(error)
            await self._failed(run, error)
        else:
            await self._succeeded(run)
        finally:
            run.lease.leaves_spare = False

    async def _succeeded(self, run: _Run) -> None:
        if run.failures or run.needs_attention:
            async with run.lease.writing() as tx:
                await instances.resume(tx, run.lease.id)
        run.failures, run.needs_attention = 0, False

    async def _failed(self, run: _Run, error: ConnectorError) -> None:
        """Rest the instance where the failure is its own. Raises _MustRest then."""
        after = after_failure(error, run.failures, self._pace, self._rng)
        run.failures = after.failures
        if after.rest is not None:
            await self._pause(run, after.rest, error)
            raise _MustRest from error

    async def _rest(self, run: _Run, seconds: float) -> None:
        """None here could call: rest a moment, in which others may come. Raises _MustRest where none could soon."""
        if seconds > LONGEST_WAIT_SECONDS:
            await self._pause(run, seconds, None)
            raise _MustRest
        await self._clock.sleep(REST_SECONDS)

    async def _pause(self, run: _Run, seconds: float, error: ConnectorError | None) -> None:
        async with run.lease.writing() as tx:
            await instances.rest(
                tx,
                run.lease.id,
                until=self._clock.now() + timedelta(seconds=seconds),
                failures=run.failures,
                needs_attention=isinstance(error, NeedsAttention),
                error=error.message[:_ERROR_LENGTH] if error else None,
            )
        _log.info("instance_rests", seconds=round(seconds, 1), code=error.code if error else "budget")


__all__ = ["REST_SECONDS", "Drains", "Item", "Opener", "Work"]
