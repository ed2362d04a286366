"""What endpoints do when a customer is to be deleted."""

from __future__ import annotations

from collections.abc import Mapping

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId


class ForCustomers:
    """A customer with machines that are not revoked is in use."""

    async def needs(self, tx: Transaction, customer_id: CustomerId) -> bool:
        return bool(
            await tx.scalar(
                "select exists (select from endpoint where customer_id = %(id)s and state <> 'revoked')",
                {"id": customer_id},
            )
        )

    async def deleted(self, tx: Transaction, customer_id: CustomerId) -> Mapping[str, int]:
        """Its revoked machines stay, for what they asked."""
        return {}
