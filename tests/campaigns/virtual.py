"""Days in seconds: the worker's own sweep, driven by a clock that is moved, without the job engine's real time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from stepladder.app import Services
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import ConnectionId
from stepladder.reconcile.duties import Do, Duty, see_to
from tests.support.clock import ManualClock


class _Seen:
    """The worker's duties: drains are run at once instead of queued, and it is seen whether there were any."""

    def __init__(self, services: Services) -> None:
        self._services, self.is_busy = services, False

    def watch(self, duty: Duty) -> Duty:
        if duty.due == "due_seals":
            return replace(duty, do=self._nothing)
        return replace(duty, do=partial(self._do, self._drain if duty.due == "due_tickets" else duty.do))

    async def _do(self, do: Do, actor: Actor, subject: UUID) -> None:
        self.is_busy = True
        await do(actor, subject)

    async def _drain(self, actor: Actor, subject: UUID) -> None:
        await self._services.drains.run(actor.msp_id, ConnectionId(subject))

    async def _nothing(self, actor: Actor, subject: UUID) -> None:
        """Left for the end."""


class Days:
    """Lets virtual time pass while everything that is due is done, by the very statement the worker asks."""

    def __init__(self, services: Services, clock: ManualClock) -> None:
        self._services, self._clock = services, clock

    async def sweep(self) -> bool:
        """See to everything that is due now, once; whether there was anything that takes time.

        Sealing needs no time to pass, and is left to the export of the trail in the end.
        """
        seen = _Seen(self._services)
        await see_to([seen.watch(duty) for duty in self._services.duties], self._services.db, self._clock)
        return seen.is_busy

    async def until(self, moment: datetime, *, step: timedelta) -> None:
        """Let time pass until then."""
        while self._clock.now() < moment:
            await self.sweep()
            left = moment - self._clock.now()
            if left > timedelta(0):
                self._clock.move(min(step, left))
        await self.sweep()

    async def rest(self, *, step: timedelta, at_most: timedelta) -> timedelta:
        """Let time pass until nothing is left to do; how long that took."""
        started = self._clock.now()
        while await self._is_waiting():
            passed = self._clock.now() - started
            assert passed < at_most, f"after {passed} there is still something to do"
            if not await self.sweep():
                self._clock.move(step)
        return self._clock.now() - started

    async def _is_waiting(self) -> bool:
        services = self._services
        msps = await services.db.crossing("select id from msp_directory()")
        for msp in msps:
            async with services.db.transaction(Actor(msp["id"], ActorKind.SYSTEM, "test")) as tx:
                if await tx.scalar("select exists (select from ticket_link where next_try_at is not null)"):
                    return True
        return False
