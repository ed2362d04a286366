"""What set-up does when the connection that it set up is removed."""

from __future__ import annotations

from stepladder.connections.queries import Connection
from stepladder.connections.subscribers import Recognition
from stepladder.connectors.base import Connector
from stepladder.kit.db import Actor, Transaction

from .engine.apply import SetupRunning, turn_at
from .engine.memory import revoke_all


class ForConnections:
    """Lets no key of a set-up outlive its connection: nobody would know any more who holds it."""

    async def connected(self, tx: Transaction, connection: Connection) -> None:
        """Nothing is set up yet."""

    async def changed(self, tx: Transaction, connection: Connection) -> None:
        """What is set up there stays as it is."""

    async def removing(self, tx: Transaction, connection: Connection) -> None:
        """What was made stays there. Raises SetupRunning: a set-up under way would go on making keys."""
        is_ours = "select pg_try_advisory_xact_lock(hashtextextended(%(what)s, 0))"
        if not await tx.scalar(is_ours, {"what": turn_at(connection.id)}):
            raise SetupRunning
        await revoke_all(tx, connection.id)

    async def retried(self, tx: Transaction, connection: Connection) -> int:
        return 0

    async def recognise(self, actor: Actor, connection: Connection, connector: Connector) -> Recognition:
        return Recognition.NOTHING_KNOWN
