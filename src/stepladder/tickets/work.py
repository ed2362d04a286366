"""What a drain does at a ticket system: the due step of each link, and the sweep of what people did there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connections import queries as connections
from stepladder.connections.service import Wiring, as_ticket_system, open_connector
from stepladder.connectors.base import ConnectorError
from stepladder.connectors.ticket_system import TicketConnector
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId, RequestId
from stepladder.mapping import queries as mappings
from stepladder.mapping.plan import TRY_AGAIN_AFTER, is_due
from stepladder.mapping.policy import MappingState
from stepladder.mapping.queries import Mapping
from stepladder.mapping.service import Customers
from stepladder.reconcile.lease import Lease
from stepladder.reconcile.loop import Item
from stepladder.reconcile.policy import Again
from stepladder.tenancy.service import base_url_of

from . import links, sweeps, turns
from .drift import DriftSweep, Reach
from .links import Link
from .policy import TicketPolicy
from .reconciler import LinkGone, Reconciler, is_final
from .subjects import Loaders
from .sweeps import Sweep

WORK = "tickets"
"""The name of this work, in a drain's row."""
_SWEEP_AGAIN_AFTER = timedelta(seconds=30)
_SWEEP_LATE = timedelta(minutes=10)
_MAP_AGAIN_AFTER = timedelta(hours=6)
_ERROR_LENGTH = 500


class TicketWorks:
    """Opens the work of ticket systems. One object serves all of them."""

    def __init__(
        self,
        wiring: Wiring,
        customers: Customers,
        loaders: Loaders,
        *,
        reach: Reach = Reach(),  # noqa: B008  # frozen
    ) -> None:
        self.wiring, self.customers, self.loaders, self.reach = wiring, customers, loaders, reach
        # Where a sweep that could not list all tickets at once goes on.
        self.swept: dict[ConnectionId, RequestId | None] = {}

    async def __call__(self, tx: Transaction, lease: Lease) -> TicketWork | None:
        """The work of one instance; None where its connection has gone."""
        connection = await connections.find(tx, lease.id)
        if connection is None:
            return None
        sweep = await sweeps.find(tx, lease.id)
        if sweep is None:
            return None
        policy, base_url = TicketPolicy.of(connection.settings), await base_url_of(tx)
        # The connector last: it has connections, which only the finished work lets go of.
        connector = as_ticket_system(await open_connector(self.wiring, tx, connection, lease.before_call))
        reconciler = Reconciler(connector, lease, self.loaders, policy, base_url, kind=connection.kind)
        return TicketWork(self, lease, connector, policy, reconciler, sweep=sweep)


class TicketWork:
    """What is to be done at one ticket system, for one run of its drain."""

    def __init__(
        self,
        works: TicketWorks,
        lease: Lease,
        connector: TicketConnector,
        policy: TicketPolicy,
        reconciler: Reconciler,
        *,
        sweep: Sweep,
    ) -> None:
        self._works, self._lease, self._connector = works, lease, connector
        self._policy, self._reconciler = policy, reconciler
        self._sweep = sweep

    async def due(self, tx: Transaction, after: UUID | None) -> Sequence[Item]:
        return await turns.list_due(tx, self._lease.id, after=after)

    async def step(self, item: Item) -> bool:
        link = _link(item)
        try:
            prepared = await self._reconciler.prepare(
                link.id, lambda mapping, now: _is_mapping_due(link, mapping, now)
            )
            if prepared is None:
                await self._map()
                prepared = await self._reconciler.prepare(link.id, lambda *_: False)
        except LinkGone:
            return False
        return await self._reconciler.do(prepared) if prepared else False

    async def note_failure(self, item: Item, error: ConnectorError, again: Again) -> None:
        link = _link(item)
        is_gone = is_final(error, link) and await self._reconciler.is_gone(link)
        async with self._lease.writing() as tx:
            await links.note_failure(tx, link, error, again, is_gone=is_gone)
            if again.needs_person and not link.needs_attention:
                await record(tx, Tag.TICKET_NEEDS_ATTENTION, link.subject_id, code=error.code)

    def is_sweep_due(self, now: datetime, *, is_idle: bool) -> bool:
        """Sweeps come after all that is due, but not after an endless backlog."""
        due_at = self._sweep.due_at
        if due_at is None or is_idle:
            return is_idle and (due_at is None or due_at <= now)
        return due_at + _SWEEP_LATE <= now

    async def sweep(self) -> None:
        sweep = DriftSweep(self._connector, self._lease, self._sweep, self._policy, self._works.reach)
        self._works.swept[self._lease.id] = await sweep.run(self._works.swept.get(self._lease.id))
        if await self._is_mapping_old():
            await self._map()

    async def put_sweep_off(self, error: ConnectorError | None) -> None:
        async with self._lease.writing() as tx:
            await sweeps.put_off(
                tx,
                self._lease.id,
                due_at=tx.now + _SWEEP_AGAIN_AFTER,
                error=error.message[:_ERROR_LENGTH] if error else None,
            )

    async def aclose(self) -> None:
        await self._connector.aclose()

    async def _map(self) -> None:
        await self._works.customers.run(self._connector, self._lease.id, self._lease.writing)

    async def _is_mapping_old(self) -> bool:
        async with self._lease.writing() as tx:
            run, now = await mappings.find_run(tx, self._lease.id), tx.now
        if run is None:
            return False
        is_old = run.mapped_at is not None and now - run.mapped_at >= _MAP_AGAIN_AFTER
        return is_old and (run.tried_at is None or now - run.tried_at >= TRY_AGAIN_AFTER)


def _link(item: Item) -> Link:
    if not isinstance(item, Link):
        raise TypeError("a ticket system's drain has links")
    return item


def _is_mapping_due(link: Link, mapping: Mapping, now: datetime) -> bool:
    """Whether customers are mapped before this link's step: new ones, and where asking again may help."""
    # A ticket that may be there is looked for where its customer is linked to; a restore may have forgotten that.
    if link.ticket_id or (link.create_sent_at and mapping.state is MappingState.MAPPED):
        return False
    return is_due(
        mapping.state,
        mapping.how,
        mapping.checked_at,
        now,
        is_deleted=mapping.is_deleted,
        is_refused=link.needs_attention,
    )
