"""A drain's lease: a fence number that the database checks at every call and every write.

The job engine gives one drain per instance. The fence covers what it cannot: a worker that was paused, whose
drain went to another, and that wakes up in the middle. Its next call or write is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, NotHeld, Transaction
from stepladder.kit.ids import ConnectionId

from . import instances
from .budget import Wait, spare, take
from .instances import Instance, LeaseLost

LONGEST_WAIT_SECONDS = 5.0
# What is left of a wait may be less than a clock can tell; it would be asked for again without end.
SHORTEST_WAIT_SECONDS = 0.01
# A permission that took longer to arrive may be out of date, so it is asked for again.
PERMITTED_FOR_SECONDS = 5.0


class BudgetSpent(Exception):
    """No call is possible for longer than a drain should sit and wait; for a backlog, none right now.

    `seconds` are those until one without a backlog may call.
    """

    def __init__(self, seconds: float, *, is_backlog: bool = False) -> None:
        super().__init__(f"no call for {seconds:.0f} s")
        self.seconds, self.is_backlog = seconds, is_backlog


class Lease:
    """The right to call and to write, for one drain. Only its holder takes calls, so it counts them itself."""

    def __init__(self, db: Database, actor: Actor, instance: Instance, clock: Clock) -> None:
        self._db, self.actor, self.instance, self.clock = db, actor, instance, clock
        self._bucket = instance.bucket
        self._paid_at: datetime | None = None
        self.calls = 0
        self.leaves_spare = False
        """Whether the next call is a backlog's: it leaves the spare to others and does not sit and wait.

        Only the first call of a step is asked this: a step that began and stops in between might never get further.
        """

    @property
    def id(self) -> ConnectionId:
        return self.instance.id

    async def before_call(self) -> None:
        """Take one call from the budget, waiting shortly for it. Raises LeaseLost or BudgetSpent."""
        if self._take_paid():
            return
        while True:
            asked_at = self.clock.now()
            seconds = self._count(asked_at)
            if not seconds:
                async with self._db.transaction(self.actor) as tx:
                    await instances.spend(tx, self.id, self.instance.fence, self._bucket)
                if not self._is_late(asked_at):
                    self.calls += 1
                    return
            await self.clock.sleep(max(seconds, SHORTEST_WAIT_SECONDS))

    async def pay_call(self, tx: Transaction) -> None:
        """Take the next call already here, with what `tx` writes before it. Raises LeaseLost or BudgetSpent."""
        if self._paid_at is None:
            seconds = self._count(tx.now)
            if seconds:
                raise BudgetSpent(seconds)
            self._paid_at = tx.now
        await instances.spend(tx, self.id, self.instance.fence, self._bucket)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """A transaction that commits only while the lease is held. Raises LeaseLost."""
        try:
            held = instances.holding(self.id, self.instance.fence)
            async with self._db.transaction(self.actor, holding=held) as tx:
                yield tx
        except NotHeld as error:
            raise LeaseLost from error

    def _take_paid(self) -> bool:
        paid_at, self._paid_at = self._paid_at, None
        if paid_at is None or self._is_late(paid_at):
            return False
        self.calls += 1
        return True

    def _is_late(self, since: datetime) -> bool:
        return (self.clock.now() - since).total_seconds() > PERMITTED_FOR_SECONDS

    def _count(self, now: datetime) -> float:
        """Count a call; the seconds to wait for it where there is none. Raises BudgetSpent."""
        budget = self.instance.call_budget
        taken = take(self._bucket, budget, now, leaving=spare(budget) if self.leaves_spare else 0.0)
        if not isinstance(taken, Wait):
            self._bucket, self.leaves_spare = taken.bucket, False
            return 0.0
        without = take(self._bucket, budget, now)
        self._bucket = taken.bucket
        if self.leaves_spare:
            raise BudgetSpent(without.seconds if isinstance(without, Wait) else 0.0, is_backlog=True)
        if taken.seconds > LONGEST_WAIT_SECONDS:
            raise BudgetSpent(taken.seconds)
        return taken.seconds


__all__ = ["LONGEST_WAIT_SECONDS", "BudgetSpent", "Lease", "LeaseLost"]
