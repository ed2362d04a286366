"""A drain's lease: a fence number that the database checks at every call and every write.

The job engine gives one drain per instance. The fence covers what it cannot: a worker that was paused, whose
drain went to another, and that wakes up in the middle. Its next call or write is refused.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectorId

from . import queries
from .queries import LeaseLost

LONGEST_WAIT_SECONDS = 5.0
# What is left of a wait may be less than a clock can tell; it would be asked for again without end.
SHORTEST_WAIT_SECONDS = 0.01
# A permission that took longer to arrive may be out of date, so it is asked for again.
PERMITTED_FOR_SECONDS = 5.0


class BudgetSpent(Exception):
    """No call is possible for longer than a drain should sit and wait; for a backlog, none right now.

    `seconds` are those until somebody without a backlog may call.
    """

    def __init__(self, seconds: float, *, is_backlog: bool = False) -> None:
        super().__init__(f"no call for {seconds:.0f} s")
        self.seconds, self.is_backlog = seconds, is_backlog


class Lease:
    """The right to call and to write, for one drain."""

    def __init__(
        self, db: Database, actor: Actor, connector_id: ConnectorId, fence: int, clock: Clock
    ) -> None:
        self._db, self._actor, self._id, self._fence, self._clock = db, actor, connector_id, fence, clock
        self.calls = 0
        self.leaves_spare = False
        """Whether the next call is a backlog's: it leaves the spare to others and does not sit and wait.

        Only the first call of a step is asked this: a step that began and stops in between might never get further.
        """

    async def before_call(self) -> None:
        """Take one call from the budget, waiting shortly for it. Raises LeaseLost or BudgetSpent."""
        while True:
            asked_at = self._clock.now()
            async with self._db.transaction(self._actor) as tx:
                none = await queries.take_call(tx, self._id, self._fence, leaves_spare=self.leaves_spare)
            is_late = (self._clock.now() - asked_at).total_seconds() > PERMITTED_FOR_SECONDS
            if none is None and not is_late:
                self.calls += 1
                self.leaves_spare = False
                return
            if none and self.leaves_spare:
                raise BudgetSpent(none.for_others, is_backlog=True)
            seconds = none.seconds if none else 0.0
            if seconds > LONGEST_WAIT_SECONDS:
                raise BudgetSpent(seconds)
            await self._clock.sleep(max(seconds, SHORTEST_WAIT_SECONDS))

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Transaction]:
        """A transaction that commits only while the lease is held. Raises LeaseLost."""
        async with self._db.transaction(self._actor) as tx:
            await queries.hold_lease(tx, self._id, self._fence)
            yield tx


async def take(db: Database, actor: Actor, connector_id: ConnectorId, clock: Clock) -> Lease:
    """A lease that ends every earlier one. Raises LeaseLost when the connector is gone."""
    async with db.transaction(actor) as tx:
        fence = await queries.take_lease(tx, connector_id)
    if fence is None:
        raise LeaseLost
    return Lease(db, actor, connector_id, fence, clock)
