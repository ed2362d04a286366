"""What other features know of a customer that is to be deleted, and what they do about it, in the same transaction.

Tenancy states it; features that have something of customers subscribe where the process is wired.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId


class Subscriber(Protocol):
    """A feature that has something of customers."""

    async def needs(self, tx: Transaction, customer_id: CustomerId) -> bool:
        """Whether a person must see to something of the customer first."""
        ...

    async def deleted(self, tx: Transaction, customer_id: CustomerId) -> Mapping[str, int]:
        """The customer is deleted. Returns how much of what ended with it, as the trail names that."""
        ...
