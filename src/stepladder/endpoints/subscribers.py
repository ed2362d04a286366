"""What happens elsewhere when a machine is revoked, in the same transaction.

Endpoints state it; features that have something of machines subscribe where the process is wired.
"""

from __future__ import annotations

from typing import Protocol

from stepladder.kit.db import Transaction
from stepladder.kit.ids import EndpointId


class Subscriber(Protocol):
    """A feature that has something of machines."""

    async def revoked(self, tx: Transaction, endpoint_id: EndpointId) -> None:
        """The machine is refused from now on. What waits for it ends."""
        ...
