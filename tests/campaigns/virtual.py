"""Days in seconds: the worker's own sweep, driven by a clock that is moved, without the job engine's real time."""

from __future__ import annotations

from datetime import datetime, timedelta

from stepladder.app import Services
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import ConnectorId, MspId
from tests.support.clock import ManualClock


class Days:
    """Lets virtual time pass while everything that is due is done, by the very statement the worker asks."""

    def __init__(self, services: Services, clock: ManualClock) -> None:
        self._services, self._clock = services, clock

    async def sweep(self) -> bool:
        """See to everything that is due now, once; whether there was anything."""
        services = self._services
        rows = await services.db.crossing(
            "select work, msp_id, connector_id from due_work(%(at)s)", {"at": self._clock.now()}
        )
        for row in rows:
            msp_id = MspId(row["msp_id"])
            actor = Actor(msp_id, ActorKind.SYSTEM, "sweep")
            match row["work"]:
                case "drain":
                    await services.drain.run(msp_id, ConnectorId(row["connector_id"]))
                case "expire":
                    await services.elevation.expire_due(actor)
        # Sealing is left to whoever exports the trail in the end; it needs no time to pass.
        return any(row["work"] in ("drain", "expire") for row in rows)

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
