"""The worker: drains, and the sweep that makes sure nothing waits on a lost message.

The sweep asks one question every few seconds (`due_work`) and turns its answer into jobs or short transactions.
It runs in every worker; doing the same twice is harmless, and one of them dying is not noticed.
"""

from __future__ import annotations

import asyncio
import subprocess
from datetime import datetime, timedelta

import psycopg
from procrastinate import exceptions

from stepladder.app import Services
from stepladder.audit.chain import START, Head
from stepladder.audit.heads import announce
from stepladder.audit.service import seal
from stepladder.endpoints.service import forget_nonces
from stepladder.errors import Unavailable
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import ConnectorId, MspId
from stepladder.kit.log import get_logger

DRAINS_AT_ONCE = 8
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
                services.drain.run,
                concurrency=DRAINS_AT_ONCE,
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

    The log leaves the machine, so a trail that was written anew does not go unseen (THREATS T24).
    """

    def __init__(self) -> None:
        self._said: dict[MspId, tuple[datetime, Head]] = {}

    async def announce(self, services: Services, actor: Actor) -> None:
        now = services.clock.now()
        at, head = self._said.get(actor.msp_id, (now - HEAD_EVERY, START))
        if now - at >= HEAD_EVERY:
            async with services.db.transaction(actor) as tx:
                self._said[actor.msp_id] = (now, await announce(tx, services.vault, head))


async def sweep(services: Services, heads: Heads | None = None) -> None:
    """Find everything that is due and see to it."""
    heads = heads or Heads()
    now = services.clock.now()
    await services.jobs.release_stalled(services.settings.stalled_after_seconds)
    for row in await services.db.crossing(
        "select work, msp_id, connector_id from due_work(%(at)s)", {"at": now}
    ):
        msp_id = MspId(row["msp_id"])
        actor = Actor(msp_id, ActorKind.SYSTEM, "sweep")
        match row["work"]:
            case "drain":
                await services.jobs.defer_drain(msp_id, ConnectorId(row["connector_id"]))
            case "expire":
                await services.elevation.expire_due(actor)
            case "seal":
                await seal(services.db, actor)
                await heads.announce(services, actor)
            case "forget":
                await forget_nonces(services.db, actor)
