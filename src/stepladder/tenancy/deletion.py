"""Ending a customer or an MSP: refused while it is in use, and told to the features that have something of it.

Neither row is ever deleted: what was asked, decided and written of it stays, and so does its trail.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import CustomerId
from stepladder.remedies import Remedy

from . import delegation, service
from .service import Customer
from .subscribers import Subscriber


class CustomerInUse(Conflict):
    """It has machines or pending requests; the caller must end them first."""

    code = "customer_in_use"
    sentence = (
        "The customer has enrolled machines or pending requests. Revoke its machines and decide or cancel its requests "
        "first, then delete it."
    )
    remedy = Remedy.ENDPOINT_REVOKE


@dataclass(frozen=True)
class Deletion:
    """The use case, with the features that are asked and told."""

    subscribers: Sequence[Subscriber]

    async def delete(self, tx: Transaction, customer: Customer) -> None:
        """Mark the customer as deleted: it is not found any more and its names are free.

        Its row stays, and with it what requests, tickets and the trail say. Raises NotFound or CustomerInUse.
        """
        # Whatever enrols a machine or asks for something holds the row too, so it is either seen below or comes later.
        lock = "select true from customer where id = %(id)s and deleted_at is null for update"
        if not await tx.scalar(lock, {"id": customer.id}):
            raise NotFound
        if await self._is_in_use(tx, customer.id):
            raise CustomerInUse
        await tx.run(
            "update customer set deleted_at = %(now)s where id = %(id)s", {"now": tx.now, "id": customer.id}
        )
        ended: dict[str, Any] = {"delegations_removed": await delegation.remove_all(tx, customer)}
        for subscriber in self.subscribers:
            ended |= await subscriber.deleted(tx, customer.id)
        await record(tx, Tag.CUSTOMER_DELETED, customer.id, **ended)

    async def _is_in_use(self, tx: Transaction, customer_id: CustomerId) -> bool:
        for subscriber in self.subscribers:
            if await subscriber.needs(tx, customer_id):
                return True
        return False


class MspInUse(Conflict):
    """Customers, or a system that is connected, would go on without anybody who can reach them."""

    code = "msp_in_use"
    sentence = "The MSP has customers or a connection. Remove these first, then the MSP."


@dataclass(frozen=True)
class MspRemoval:
    """The use case, with what else keeps an MSP from being removed."""

    is_needed_by: Sequence[Callable[[Transaction], Awaitable[bool]]]

    async def remove(self, tx: Transaction) -> None:
        """The MSP of this transaction: no command lists it any more, and its host name is free. Raises MspInUse."""
        await service.lock_msp(tx)
        has_customers = "select exists (select from customer where msp_id = %(msp)s and deleted_at is null)"
        if await tx.scalar(has_customers, {"msp": tx.msp_id}):
            raise MspInUse(remedy=Remedy.CUSTOMER_REMOVE)
        for is_needed in self.is_needed_by:
            if await is_needed(tx):
                raise MspInUse(remedy=Remedy.CONNECTION_REMOVE)
        await tx.run(
            "update msp set removed_at = %(now)s where id = %(msp)s", {"now": tx.now, "msp": tx.msp_id}
        )
        await record(tx, Tag.MSP_REMOVED, tx.msp_id)
