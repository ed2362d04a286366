"""What tickets want when elevation, connections or mapping state something. In their transaction; calls nobody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from stepladder.connections.kinds import Family
from stepladder.connections.queries import Connection
from stepladder.connections.subscribers import Recognition
from stepladder.connectors.base import Connector
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId, CustomerId, EndpointId, MspId, RequestId

from . import links, sweeps
from .linking import link_part
from .links import SubjectKind

Nudge = Callable[[MspId, ConnectionId], None]


class ForRequests:
    """Wants an open ticket for every submitted request, and a closed one for every settled request.

    None for a request that was withdrawn before its ticket was opened: nobody has to read that it was asked.
    """

    def __init__(self, nudge: Nudge) -> None:
        self._nudge = nudge

    async def submitted(
        self, tx: Transaction, request_id: RequestId, customer_id: CustomerId, endpoint_id: EndpointId
    ) -> None:
        link = await links.want(
            tx, SubjectKind.ELEVATION_REQUEST, request_id, customer_id, asker_id=endpoint_id
        )
        _nudge_after(tx, self._nudge, link.connection_id if link else None)

    async def withdrawn(self, tx: Transaction, request_id: RequestId) -> None:
        if not await links.withdraw(tx, SubjectKind.ELEVATION_REQUEST, request_id):
            await self.settled(tx, [request_id])

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        found = await links.want_closed(tx, SubjectKind.ELEVATION_REQUEST, request_ids)
        _nudge_after(tx, self._nudge, found)


class ForConnections:
    """Opens tickets at the ticket system that is connected, for pending requests too; forgets them when it goes."""

    def __init__(self, db: Database, nudge: Nudge) -> None:
        self._db, self._nudge = db, nudge

    async def connected(self, tx: Transaction, connection: Connection) -> None:
        if connection.family is not Family.TICKET_SYSTEM:
            return
        await sweeps.create(tx, connection.id)
        await link_part(tx, connection.id)
        _nudge_after(tx, self._nudge, connection.id)

    async def changed(self, tx: Transaction, connection: Connection) -> None:
        await self.retried(tx, connection)

    async def retried(self, tx: Transaction, connection: Connection) -> int:
        if connection.family is not Family.TICKET_SYSTEM:
            return 0
        _nudge_after(tx, self._nudge, connection.id)
        return await links.make_due(tx, connection.id)

    async def removing(self, tx: Transaction, connection: Connection) -> None:
        await links.remove_all(tx, connection.id)

    async def recognise(self, actor: Actor, connection: Connection, connector: Connector) -> Recognition:
        """Tickets of ours would be taken for others of the same number, unless something else proves the instance."""
        async with self._db.transaction(actor) as tx:
            has_live = await links.has_live(tx, connection.id)
        return Recognition.NEEDS_PROOF if has_live else Recognition.NOTHING_KNOWN


class ForMapping:
    """Goes on with what was pending for a customer's link."""

    def __init__(self, nudge: Nudge) -> None:
        self._nudge = nudge

    async def linked(
        self, tx: Transaction, connection_id: ConnectionId, customers: Collection[CustomerId]
    ) -> None:
        await links.make_customers_due(tx, connection_id, customers)
        _nudge_after(tx, self._nudge, connection_id)


def _nudge_after(tx: Transaction, nudge: Nudge, connection_id: ConnectionId | None) -> None:
    if connection_id:
        tx.after_commit(lambda: nudge(tx.msp_id, connection_id))
