"""The drain: the one worker that brings an instance's tickets up to date, within the budget, fair to all.

It does one step for each customer in turn, so a backlog never stands before another customer's newest request. A
backlog does not use up the last calls of the budget, and waits for its own without holding up others.
A failure of the instance pauses the instance; a failure of one ticket delays that ticket; neither ever gives up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import ConnectorError, NeedsAttention, TryLater
from stepladder.connectors.ticket_system import TicketConnector
from stepladder.elevation.service import Elevation
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import ConnectorId, CustomerId, MspId, RequestId
from stepladder.kit.log import get_logger
from stepladder.mapping import run as mapping_run
from stepladder.mapping.plan import TRY_AGAIN_AFTER, is_due
from stepladder.reconcile.backoff import delay

from . import queries
from .drift import DriftSweep, Reach
from .lease import LONGEST_WAIT_SECONDS, BudgetSpent, Lease, take
from .queries import Connector, LeaseLost, Link
from .reconciler import Reconciler, is_final
from .service import NoConnector, Wiring, opened

FAILURES_UNTIL_PAUSE = 3
SLICE_SECONDS = 20.0
REST_SECONDS = 0.5
_SWEEP_AGAIN_AFTER = timedelta(seconds=30)
_SWEEP_LATE = timedelta(minutes=10)
_MAP_AGAIN_AFTER = timedelta(hours=6)
_log = get_logger("drain")


@dataclass(frozen=True)
class Pace:
    """How long to wait after failures. Tests make it short."""

    base: float = 2.0
    cap: float = 60.0
    attention_cap: float = 900.0


class _MustRest(Exception):
    """The instance has to rest, and was told until when."""


@dataclass
class _Slice:
    """What one run of a drain works with."""

    row: Connector
    connector: TicketConnector
    lease: Lease
    reconciler: Reconciler
    failures: int


class Drain:
    """Drains instances. One object serves all of them; each run is one instance's slice."""

    def __init__(
        self,
        wiring: Wiring,
        elevation: Elevation,
        pace: Pace,
        rng: random.Random,
        *,
        reach: Reach = Reach(),  # noqa: B008  # frozen
    ) -> None:
        self._wiring, self._elevation, self._pace, self._rng = wiring, elevation, pace, rng
        self._reach = reach
        # Whose turn it was last. It outlives a run, or those who come late in the round would wait for ever.
        self._served: dict[ConnectorId, CustomerId] = {}
        # Where a drift sweep that could not list all tickets at once goes on.
        self._swept: dict[ConnectorId, RequestId | None] = {}
        # When customers were last looked at again; a try that failed is not repeated with every sweep.
        self._mapping_tried: dict[ConnectorId, datetime] = {}

    async def run(
        self, msp_id: MspId, connector_id: ConnectorId, *, slice_seconds: float = SLICE_SECONDS
    ) -> bool:
        """Work until nothing is due; true when the slice ended first and there is more to do."""
        actor = Actor(msp_id, ActorKind.SYSTEM, "drain")
        try:
            lease = await take(self._wiring.db, actor, connector_id, self._wiring.clock)
            row, connector = await opened(self._wiring, actor, lease.before_call)
        except (LeaseLost, NoConnector):
            return False
        try:
            if row.paused_until and self._wiring.clock.now() < row.paused_until:
                # A nudge does not know of the pause; the sweep comes back when it is over.
                return False
            return await self._work(actor, row, connector, lease, slice_seconds)
        except LeaseLost:
            _log.info("lease_lost", connector_id=str(connector_id))
            return False
        finally:
            await connector.aclose()

    async def _work(
        self, actor: Actor, row: Connector, connector: TicketConnector, lease: Lease, slice_seconds: float
    ) -> bool:
        clock = self._wiring.clock
        async with self._wiring.db.transaction(actor) as tx:
            base_url = await tx.scalar("select base_url from msp where id = %(id)s", {"id": actor.msp_id})
        reconciler = Reconciler(
            connector, lease, self._elevation, clock, settings=row.settings, base_url=base_url
        )
        until = clock.monotonic() + slice_seconds
        slice_, may_sweep = _Slice(row, connector, lease, reconciler, row.failures), True
        while clock.monotonic() < until:
            async with lease.writing() as tx:
                links = await queries.due_links(tx, row.id, after=self._served.get(row.id))
            try:
                if may_sweep and _is_sweep_due(row, clock.now(), is_idle=not links):
                    may_sweep = False
                    await self._sweep(slice_)  # it takes its time, and may make something due
                elif not links:
                    return False
                else:
                    await self._round(slice_, links, until)
            except _MustRest:
                return False
        return True

    async def _round(self, slice_: _Slice, links: list[Link], until: float) -> None:
        """One step for each customer that has something due. Raises _MustRest."""
        waits: list[float] = []
        for link in links:
            self._served[slice_.row.id] = link.customer_id
            try:
                await self._serve(slice_, link)
            except BudgetSpent as spent:
                waits.append(spent.seconds)
                # A backlog left the last calls to the others of this round; otherwise there is none for anybody.
                if not spent.is_backlog:
                    await self._rest(slice_, spent.seconds)
            if self._wiring.clock.monotonic() >= until:
                return
        if len(waits) == len(links):
            await self._rest(slice_, min(waits))

    async def _serve(self, slice_: _Slice, link: Link) -> None:
        """One step for one link. Raises BudgetSpent where there was no call for it, and _MustRest."""
        lease = slice_.lease
        lease.leaves_spare = link.has_more
        try:
            await self._ensure_mapping(slice_.row, slice_.connector, lease, link)
            await slice_.reconciler.step(link)
        except ConnectorError as error:
            is_gone = is_final(error, link.attempts) and await slice_.reconciler.is_gone(link)
            slice_.failures, must_rest = await self._failed(
                lease, slice_.row, link, error, slice_.failures, is_gone=is_gone
            )
            if must_rest:
                raise _MustRest from error
        else:
            slice_.failures = await self._succeeded(lease, slice_.row, slice_.failures)
        finally:
            lease.leaves_spare = False

    async def _rest(self, slice_: _Slice, seconds: float) -> None:
        """Nobody here could call: rest a moment, in which others may come. Raises _MustRest where nobody could soon."""
        if seconds > LONGEST_WAIT_SECONDS:
            await self._pause(slice_.lease, slice_.row, slice_.failures, seconds, None)
            raise _MustRest
        await self._wiring.clock.sleep(REST_SECONDS)

    async def _sweep(self, slice_: _Slice) -> None:
        """Look what became of open tickets, and now and then of customers. Raises _MustRest."""
        row, connector, lease, now = slice_.row, slice_.connector, slice_.lease, self._wiring.clock.now
        lease.leaves_spare = True
        try:
            sweep = DriftSweep(connector, lease, self._wiring.clock, row, self._reach)
            self._swept[row.id] = await sweep.run(self._swept.get(row.id))
            if self._is_mapping_due(row, now()):
                self._mapping_tried[row.id] = now()
                await mapping_run.run(connector, row.id, lease.writing, now)
        except BudgetSpent as spent:
            await self._sweep_later(slice_, None)
            if not spent.is_backlog:
                await self._rest(slice_, spent.seconds)
        except ConnectorError as error:
            await self._sweep_later(slice_, error)
            slice_.failures, must_rest = await self._instance_failed(lease, row, error, slice_.failures)
            if must_rest:
                raise _MustRest from error
        else:
            slice_.failures = await self._succeeded(lease, row, slice_.failures)
        finally:
            lease.leaves_spare = False

    def _is_mapping_due(self, row: Connector, now: datetime) -> bool:
        tried_at = self._mapping_tried.get(row.id)
        is_old = row.mapped_at is not None and now - row.mapped_at >= _MAP_AGAIN_AFTER
        return is_old and (tried_at is None or now - tried_at >= TRY_AGAIN_AFTER)

    async def _sweep_later(self, slice_: _Slice, error: ConnectorError | None) -> None:
        if error:
            _log.info("drift_sweep_failed", code=error.code)
        async with slice_.lease.writing() as tx:
            await tx.run(
                """update psa_connector set drift_error = coalesce(%(error)s, drift_error), drift_due_at = %(later)s
                   where id = %(id)s""",
                {
                    "error": error.message[:500] if error else None,
                    "later": self._wiring.clock.now() + _SWEEP_AGAIN_AFTER,
                    "id": slice_.row.id,
                },
            )

    async def _ensure_mapping(
        self, row: Connector, connector: TicketConnector, lease: Lease, link: Link
    ) -> None:
        """Map new customers before their first ticket; ask again from time to time where that may help."""
        if link.ticket_id or link.create_sent_at:
            return
        async with lease.writing() as tx:
            found = await queries.mapping(tx, link.customer_id)
        now = self._wiring.clock.now
        if found and not is_due(
            found.state,
            found.how,
            found.checked_at,
            now(),
            is_deleted=found.is_deleted,
            is_refused=link.needs_attention,
        ):
            return
        await mapping_run.run(connector, row.id, lease.writing, now)

    async def _succeeded(self, lease: Lease, row: Connector, failures: int) -> int:
        if failures or row.needs_attention:
            async with lease.writing() as tx:
                await tx.run(
                    """update psa_connector set failures = 0, needs_attention = false, error = null, paused_until = null
                       where id = %(id)s""",
                    {"id": row.id},
                )
        return 0

    async def _failed(
        self,
        lease: Lease,
        row: Connector,
        link: Link,
        error: ConnectorError,
        failures: int,
        *,
        is_gone: bool,
    ) -> tuple[int, bool]:
        """Write down what went wrong; the new count of failures, and whether the instance has to rest."""
        await self._delay_link(lease, link, error, is_gone=is_gone)
        _log.info("step_failed", code=error.code, request_id=str(link.request_id), attempts=link.attempts + 1)
        return await self._instance_failed(lease, row, error, failures)

    async def _instance_failed(
        self, lease: Lease, row: Connector, error: ConnectorError, failures: int
    ) -> tuple[int, bool]:
        """Pause the instance where the failure is its own."""
        if isinstance(error, TryLater):
            failures += 1
            if (
                error.after is None
                and error.code != "halopsa_rate_limited"
                and failures < FAILURES_UNTIL_PAUSE
            ):
                return failures, False
            wait = delay(failures - 1, base=self._pace.base, cap=self._pace.cap, rng=self._rng)
            await self._pause(lease, row, failures, max(error.after or 0.0, wait), error)
            return failures, True
        if isinstance(error, NeedsAttention) and error.whole_instance:
            failures += 1
            wait = delay(failures, base=self._pace.base, cap=self._pace.attention_cap, rng=self._rng)
            await self._pause(lease, row, failures, wait, error)
            return failures, True
        return failures, False

    async def _delay_link(self, lease: Lease, link: Link, error: ConnectorError, *, is_gone: bool) -> None:
        needs_person = not isinstance(error, TryLater) and not getattr(error, "whole_instance", False)
        cap = self._pace.attention_cap if needs_person else self._pace.cap
        now = self._wiring.clock.now()
        later = now + timedelta(seconds=delay(link.attempts, base=self._pace.base, cap=cap, rng=self._rng))
        async with lease.writing() as tx:
            await tx.run(
                """update ticket_link set attempts = attempts + 1, needs_attention = %(attention)s,
                       error_code = %(code)s, error = %(message)s,
                       observed = case when %(gone)s then 'gone' else observed end,
                       next_try_at = case when %(gone)s then null else %(later)s::timestamptz end
                   where request_id = %(request)s""",
                {
                    "attention": needs_person,
                    "code": error.code,
                    "message": error.message[:500],
                    "gone": is_gone,
                    "later": later,
                    "request": link.request_id,
                },
            )
            if needs_person and not link.needs_attention:
                await record(tx, Tag.TICKET_NEEDS_ATTENTION, link.request_id, code=error.code)

    async def _pause(
        self, lease: Lease, row: Connector, failures: int, seconds: float, error: ConnectorError | None
    ) -> None:
        until = self._wiring.clock.now() + timedelta(seconds=seconds)
        async with lease.writing() as tx:
            await tx.run(
                """update psa_connector set paused_until = %(until)s, failures = %(failures)s,
                       needs_attention = %(attention)s, error = %(error)s where id = %(id)s""",
                {
                    "until": until,
                    "failures": failures,
                    "attention": isinstance(error, NeedsAttention),
                    "error": error.message[:500] if error else None,
                    "id": row.id,
                },
            )
        _log.info("instance_paused", seconds=round(seconds, 1), code=error.code if error else "budget")


def _is_sweep_due(row: Connector, now: datetime, *, is_idle: bool) -> bool:
    """Sweeps come behind whatever is due, but not behind a backlog without end."""
    if row.drift_due_at is None or is_idle:
        return is_idle and (row.drift_due_at is None or row.drift_due_at <= now)
    return row.drift_due_at + _SWEEP_LATE <= now
