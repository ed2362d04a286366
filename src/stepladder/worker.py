"""The worker: drains, and the sweep that makes sure nothing depends on a lost message.

The sweep asks every few seconds what is due of each duty, and turns the answers into jobs or short transactions.
It runs in every worker; doing the same twice is harmless, and one of them dying is not noticed.
"""

from __future__ import annotations

import asyncio
import subprocess

import psycopg
from procrastinate import exceptions

from stepladder.app import Services
from stepladder.errors import Unavailable
from stepladder.kit.log import get_logger
from stepladder.reconcile.duties import see_to
from stepladder.reconcile.loop import SLOTS

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
        except (exceptions.ConnectorException, psycopg.OperationalError) as error:
            if _is_cancelled():
                # The engine's end failed, and with that it forgot that it was to end.
                raise asyncio.CancelledError from error
            # The database went away under the engine; it starts again with a new registration.
            _log.warning("engine_restarts")
        await services.clock.sleep(_RESTART_AFTER_SECONDS)


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _sweeps(services: Services) -> None:
    while True:
        try:
            await sweep(services)
        except (Unavailable, exceptions.ConnectorException, psycopg.Error) as error:
            _log.warning("sweep_failed", error=type(error).__name__)
            await _revive(services)
        except Exception as error:  # noqa: BLE001  # what is wrong with one tenant must not end the process of all
            _log.error("sweep_failed", error=type(error).__name__)
        await services.clock.sleep(services.settings.sweep_seconds)


async def _revive(services: Services) -> None:
    """Start the embedded database again where it is ours and went away."""
    try:
        await asyncio.to_thread(services.revive)
    except (OSError, subprocess.SubprocessError, psycopg.Error) as error:
        _log.error("revive_failed", error=type(error).__name__)


async def sweep(services: Services) -> None:
    """Find everything that is due and see to it."""
    await services.jobs.release_stalled(services.settings.stalled_after_seconds)
    await see_to(services.duties, services.db, services.clock)
