"""What elevation does when a customer is to be deleted, or a machine is revoked."""

from __future__ import annotations

from collections.abc import Mapping

from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId, EndpointId

from .policy import Withdrawal
from .rules.queries import end_all
from .service import Elevation


class ForCustomers:
    """A customer with pending requests is in use; its rules end with it."""

    async def needs(self, tx: Transaction, customer_id: CustomerId) -> bool:
        return bool(
            await tx.scalar(
                """select exists (select from elevation_request
                                  where msp_id = %(msp)s and customer_id = %(id)s and state = 'pending')""",
                {"msp": tx.msp_id, "id": customer_id},
            )
        )

    async def deleted(self, tx: Transaction, customer_id: CustomerId) -> Mapping[str, int]:
        return {"rules_ended": await end_all(tx, customer_id)}


class ForMachines:
    """What a revoked machine asked for is withdrawn: nobody may approve it, and nobody need look at it."""

    def __init__(self, elevation: Elevation) -> None:
        self._elevation = elevation

    async def revoked(self, tx: Transaction, endpoint_id: EndpointId) -> None:
        await self._elevation.withdraw_all(tx, endpoint_id, Withdrawal.ENDPOINT_REVOKED)
