"""The worker: drains, and the sweep that makes sure nothing depends on a lost message.

The sweep asks every few seconds what is due of each duty, and turns the answers into jobs or short transactions.
It runs in every worker; doing the same twice is harmless, and one of them dying is not noticed.
"""

from __future__ import annotations

import asyncio
import subprocess
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
from procrastinate import exceptions

from stepladder.app import Services
from stepladder.audit.chain import START, Head
from stepladder.audit.heads import announce
from stepladder.errors import Unavailable
from stepladder.kit.db import Actor
from stepladder.kit.ids import MspId
from stepladder.kit.log import get_logger
from stepladder.reconcile.duties import Duty, see_to
from stepladder.reconcile.loop import SLOTS

HEAD_EVERY = timedelta(minutes=1)
_RESTART_AFTER_SECONDS = 2.0
_log = get_logger("worker")


async def run(services: Services) -> None:
    """Work until cancelled."""
    async with asyncio.TaskGroup() as group:
        group.create_task(_drains(services))
        group.create_task(_sweeps(services))


async def _drains(services: Services) -> None:
    settings = services.settings
    while True:
        try:
            await services.jobs.run_worker(
                services.drains.run,
                concurrency=SLOTS,
                heartbeat=settings.heartbeat_seconds,
                stalled=settings.stalled_after_seconds,
            )
        except (exceptions.ConnectorException, psycopg.OperationalError):
            # The database went away under the engine; it starts again with a new registration.
            _log.warning("engine_restarts")
        await services.clock.sleep(_RESTART_AFTER_SECONDS)


async def _sweeps(services: Services) -> None:
    heads = Heads()
    while True:
        try:
            await sweep(services, heads)
        except (Unavailable, exceptions.ConnectorException, psycopg.Error) as error:
            _log.warning("sweep_failed", error=type(error).__name__)
            await _revive(services)
        await services.clock.sleep(services.settings.sweep_seconds)


async def _revive(services: Services) -> None:
    """Start the embedded database again where it is ours and went away."""
    try:
        await asyncio.to_thread(services.revive)
    except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
        _log.error("revive_failed", error=type(error).__name__)


class Heads:
    """What was last said of each MSP's chain in the operating log: at most once a minute, when it grew.

    The log leaves the machine, so a rewritten trail does not go unseen (threat T24).
    """

    def __init__(self) -> None:
        self._said: dict[MspId, tuple[datetime, Head]] = {}

    def following(self, duty: Duty, services: Services) -> Duty:
        """The same duty; what it sealed is said right behind it, because nothing is due of it any more then."""
        if duty.due != "due_seals":
            return duty

        async def do(actor: Actor, subject: UUID) -> None:
            await duty.do(actor, subject)
            await self.announce(services, actor)

        return Duty(duty.due, do)

    async def announce(self, services: Services, actor: Actor) -> None:
        now = services.clock.now()
        at, head = self._said.get(actor.msp_id, (now - HEAD_EVERY, START))
        if now - at >= HEAD_EVERY:
            async with services.db.transaction(actor) as tx:
                self._said[actor.msp_id] = (now, await announce(tx, services.vault, head))


async def sweep(services: Services, heads: Heads | None = None) -> None:
    """Find everything that is due and see to it."""
    heads = heads or Heads()
    await services.jobs.release_stalled(services.settings.stalled_after_seconds)
    duties = [heads.following(duty, services) for duty in services.duties]
    await see_to(duties, services.db, services.clock)
