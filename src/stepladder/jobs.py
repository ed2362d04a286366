"""The job engine: procrastinate on our own database. A job carries a key and nothing else.

One drain per instance: `lock` lets one run at a time, `queueing_lock` lets one wait. Jobs may come twice or late;
what is due is in our own rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import procrastinate
from procrastinate import exceptions
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from stepladder.kit.clock import Clock
from stepladder.kit.db import RECONNECT_SECONDS, Actor, DatabaseUnavailable
from stepladder.kit.ids import ConnectionId, MspId
from stepladder.kit.log import get_logger

QUEUE = "drains"
DRAIN = "stepladder.drain"
_NUDGE_EVERY_SECONDS = 0.02
# A job that waits for another's lock is announced to nobody when that lock becomes free.
_FETCH_EVERY_SECONDS = 0.5
_PATIENCE_SECONDS = 3.0
WORKER_SEEN_WITHIN_SECONDS = 30.0
_DRIVEN_FOR_SECONDS = 30.0
_LOOK_EVERY_SECONDS = 0.2
_log = get_logger("jobs")

RunDrain = Callable[[MspId, ConnectionId], Awaitable[bool]]


class Jobs:
    """Defers drains and runs them."""

    def __init__(self, database_url: str, clock: Clock, *, pool_size: int = 4) -> None:
        self._clock = clock
        connector = procrastinate.PsycopgConnector(
            conninfo=database_url,
            min_size=1,
            max_size=pool_size,
            # The engine's end waits for a connection once more.
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"options": "-c timezone=UTC"},
        )
        self.app = procrastinate.App(connector=connector)
        self._nudged: dict[ConnectionId, MspId] = {}
        self._has_nudge = asyncio.Event()
        self._run_drain: RunDrain | None = None
        self.app.task(name=DRAIN, queue=QUEUE)(self._drain)

    async def open(self) -> None:
        """Connect. Raises DatabaseUnavailable."""
        try:
            await self.app.open_async()
        except PoolTimeout as error:
            raise DatabaseUnavailable from error

    async def close(self) -> None:
        await self.app.close_async()

    def nudge(self, msp_id: MspId, instance_id: ConnectionId) -> None:
        """Have the instance drained soon. Cheap, and may be called for every commit."""
        self._nudged[instance_id] = msp_id
        self._has_nudge.set()

    async def run_nudges(self) -> None:
        """Turn nudges into jobs, coalesced, until cancelled. A lost nudge is found by the sweep."""
        while True:
            await self._has_nudge.wait()
            self._has_nudge.clear()
            await self.flush()
            await self._clock.sleep(_NUDGE_EVERY_SECONDS)

    async def flush(self) -> None:
        """Defer what was nudged."""
        nudged, self._nudged = self._nudged, {}
        for instance_id, msp_id in nudged.items():
            try:
                await self.defer_drain(msp_id, instance_id)
            except exceptions.ConnectorException:
                _log.warning("nudge_failed", instance_id=str(instance_id))

    async def defer_drain(self, msp_id: MspId, instance_id: ConnectionId) -> None:
        """Queue a drain unless one is queued already."""
        key = f"drain:{instance_id}"
        job = self.app.configure_task(DRAIN, lock=key, queueing_lock=key, queue=QUEUE)
        try:
            await job.defer_async(msp_id=str(msp_id), instance_id=str(instance_id))
        except exceptions.AlreadyEnqueued:
            return

    async def has_worker(self, seen_within_seconds: float) -> bool:
        """Whether a worker of any process was alive so short a while ago."""
        row = await self.app.connector.execute_query_one_async(
            "select exists (select from procrastinate_workers"
            " where last_heartbeat > now() - make_interval(secs => %(seconds)s)) as is_alive",
            seconds=seen_within_seconds,
        )
        return bool(row["is_alive"])

    async def drive(
        self,
        run_drain: RunDrain,
        actor: Actor,
        instance_id: ConnectionId,
        until: Callable[[], Awaitable[bool]],
    ) -> None:
        """Have an instance drained until `until` says so: by a worker, or here where none is alive."""
        if await self.has_worker(WORKER_SEEN_WITHIN_SECONDS):
            await self.defer_drain(actor.msp_id, instance_id)
            for _ in range(round(_DRIVEN_FOR_SECONDS / _LOOK_EVERY_SECONDS)):
                if await until():
                    return
                await asyncio.sleep(_LOOK_EVERY_SECONDS)
            return
        while await run_drain(actor.msp_id, instance_id) and not await until():
            pass

    async def run_worker(
        self, run_drain: RunDrain, *, concurrency: int, heartbeat: float, stalled: float
    ) -> None:
        """Run drains until cancelled; a running step is finished first."""
        self._run_drain = run_drain
        await self.app.run_worker_async(
            queues=[QUEUE],
            concurrency=concurrency,
            install_signal_handlers=False,
            fetch_job_polling_interval=_FETCH_EVERY_SECONDS,
            delete_jobs="always",
            update_heartbeat_interval=heartbeat,
            stalled_worker_timeout=stalled,
            shutdown_graceful_timeout=10,
        )

    async def release_stalled(self, after_seconds: float) -> int:
        """Give up jobs of workers that died, so that their drain can move; returns how many.

        A dead worker's job is ended, not retried: a second job of the same key may wait already, and the sweep
        queues a new one for all that is due.
        """
        stalled = await self.app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=after_seconds
        )
        released = 0
        for job in stalled:
            if job.id is None:
                continue
            try:
                await self.app.job_manager.finish_job_by_id_async(job.id, Status.ABORTED, delete_job=True)
            except exceptions.ConnectorException:
                continue  # another worker's sweep was first
            released += 1
        return released

    async def _drain(self, *, msp_id: str, instance_id: str) -> None:
        if self._run_drain is None:
            raise RuntimeError("this process runs no drains")
        msp, connector = MspId(UUID(msp_id)), ConnectionId(UUID(instance_id))
        if await self._run_drain(msp, connector):
            await self.defer_drain(msp, connector)
