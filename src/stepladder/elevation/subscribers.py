"""What happens elsewhere when a request is submitted or settled, in the same transaction.

Elevation states what happened; features that care (tickets) subscribe where the process is wired. A
subscriber only changes what it wants of the world; making it so is its drain's work, after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, EndpointId, RequestId


class Subscriber(Protocol):
    """A feature that reacts. What is to happen once the transaction is committed is said to it."""

    async def submitted(
        self, tx: Transaction, request_id: RequestId, customer_id: CustomerId, endpoint_id: EndpointId
    ) -> None:
        """A request of that machine was accepted."""
        ...

    async def withdrawn(self, tx: Transaction, request_id: RequestId) -> None:
        """The machine that asked for it took it back."""
        ...

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        """Requests stopped being pending: decided or expired."""
        ...
