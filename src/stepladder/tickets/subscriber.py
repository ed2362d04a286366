"""What elevation's events make us want of tickets. Runs in the transaction of the event; calls nobody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectorId, CustomerId, MspId, RequestId, new_reference


class TicketsSubscriber:
    """Wants an open ticket for every submitted request, and a closed one for every settled request."""

    def __init__(self, nudge: Callable[[MspId, ConnectorId], None]) -> None:
        self._nudge = nudge

    async def submitted(self, tx: Transaction, request_id: RequestId, customer_id: CustomerId) -> None:
        connector_id = await tx.scalar(
            """insert into ticket_link (request_id, msp_id, customer_id, connector_id, reference, desired, observed,
                                        note_seen, attempts, next_try_at, needs_attention, created_at)
               select %(request)s, c.msp_id, %(customer)s, c.id, %(reference)s, 'open', 'absent', false, 0, %(now)s,
                      false, %(now)s
               from psa_connector c where c.is_enabled
               returning connector_id""",
            {"request": request_id, "customer": customer_id, "reference": new_reference(), "now": tx.now},
        )
        self._nudge_after(tx, connector_id)

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        # While a create's outcome is unknown the link keeps its own time: looking earlier would find nothing new.
        connector_id = await tx.scalar(
            """update ticket_link set desired = 'closed', attempts = 0,
                   next_try_at = case when observed = 'absent' and create_sent_at is not null
                                      then coalesce(next_try_at, %(now)s) else %(now)s end
               where request_id = any(%(ids)s) and observed not in ('closed', 'gone')
               returning connector_id""",
            {"ids": list(request_ids), "now": tx.now},
        )
        self._nudge_after(tx, connector_id)

    def _nudge_after(self, tx: Transaction, connector_id: ConnectorId | None) -> None:
        if connector_id:
            tx.after_commit(lambda: self._nudge(tx.msp_id, connector_id))
