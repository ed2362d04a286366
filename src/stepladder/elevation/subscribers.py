"""What happens elsewhere when a request is submitted or settled, in the same transaction.

Elevation states what happened; features that care (tickets) subscribe where the process is wired. A
subscriber only changes what it wants of the world; making it so is its drain's work, after the commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, RequestId


class Subscriber(Protocol):
    """A feature that reacts. What is to happen once the transaction is committed is said to it."""

    async def submitted(self, tx: Transaction, request_id: RequestId, customer_id: CustomerId) -> None:
        """A request was accepted."""
        ...

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        """Requests stopped being pending: decided, cancelled or expired."""
        ...
