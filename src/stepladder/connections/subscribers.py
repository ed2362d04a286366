"""What happens elsewhere when a connection is added, changed, retried or removed, in the same transaction.

Connections state what happened; features that care (tickets, mapping) subscribe where the process is wired.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from stepladder.connectors.base import Connector
from stepladder.kit.db import Actor, Transaction

from .queries import Connection


class Recognition(StrEnum):
    """Whether the instance at another address is the one that a feature knows."""

    SAME = "same"
    """What we know of it is there."""
    OTHER = "other"
    """What we know of it is not there."""
    NOTHING_KNOWN = "nothing_known"
    """There is nothing to compare, and nothing that could be taken for another's."""
    NEEDS_PROOF = "needs_proof"
    """There is nothing to compare here, but what we have would be taken for another's."""


class Subscriber(Protocol):
    """A feature that reacts to connections of families it knows. Others it leaves alone."""

    async def connected(self, tx: Transaction, connection: Connection) -> None:
        """A connection was added."""
        ...

    async def changed(self, tx: Transaction, connection: Connection) -> None:
        """A connection has other settings or another secret."""
        ...

    async def retried(self, tx: Transaction, connection: Connection) -> int:
        """A person repaired something; how many things are due now because of it."""
        ...

    async def removing(self, tx: Transaction, connection: Connection) -> None:
        """A connection goes, and what belongs to it has to go first."""
        ...

    async def recognise(self, actor: Actor, connection: Connection, connector: Connector) -> Recognition:
        """Whether `connector`, at a new address, leads to the instance that is known. Raises ConnectorError."""
        ...
