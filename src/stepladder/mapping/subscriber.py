"""What mapping does when a ticket system is connected, changed or removed."""

from __future__ import annotations

from stepladder.connections.kinds import Family
from stepladder.connections.queries import Connection
from stepladder.connections.service import as_ticket_system
from stepladder.connections.subscribers import Recognition
from stepladder.connectors.base import Connector
from stepladder.kit.db import Actor, Database, Transaction

from . import queries
from .policy import is_same_instance


class MappingSubscriber:
    """Maps customers of ticket systems; of other families it wants nothing."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def connected(self, tx: Transaction, connection: Connection) -> None:
        if connection.family is Family.TICKET_SYSTEM:
            await queries.create_run(tx, connection.id)

    async def changed(self, tx: Transaction, connection: Connection) -> None:
        """Mappings are of the same instance still."""

    async def retried(self, tx: Transaction, connection: Connection) -> int:
        return 0

    async def removing(self, tx: Transaction, connection: Connection) -> None:
        """The database removes what refers to the connection."""

    async def recognise(self, actor: Actor, connection: Connection, connector: Connector) -> Recognition:
        """Linked customers must be there under the ids and names that we know. Raises ConnectorError."""
        if connection.family is not Family.TICKET_SYSTEM:
            return Recognition.NOTHING_KNOWN
        async with self._db.transaction(actor) as tx:
            linked = await queries.linked_names(tx, connection.id)
        # Also where nothing is linked: an instance whose customers cannot be read is not moved to.
        remotes = await as_ticket_system(connector).list_customers()
        if not linked:
            return Recognition.NOTHING_KNOWN
        return Recognition.SAME if is_same_instance(linked, remotes) else Recognition.OTHER
