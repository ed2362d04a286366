"""A ticket says what was decided only once it is decided: its wish is committed with the decision, not before."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.tickets.staged import Stage

from stepladder.elevation.approvers import ByTechnician
from stepladder.elevation.policy import Ask, Channel, Verdict
from stepladder.elevation.service import Elevation
from stepladder.kit.db import Transaction
from stepladder.kit.ids import RequestId
from stepladder.tickets.subscriber import ForRequests


class Held:
    """Holds a decision right before its commit."""

    def __init__(self) -> None:
        self.is_reached, self.goes_on = asyncio.Event(), asyncio.Event()

    async def submitted(self, tx: Transaction, *arguments: object) -> None:
        """Nothing to hold."""

    async def withdrawn(self, tx: Transaction, request_id: RequestId) -> None:
        """Nothing to hold."""

    async def settled(self, tx: Transaction, request_ids: Sequence[RequestId]) -> None:
        self.is_reached.set()
        await self.goes_on.wait()


async def test_no_note_and_no_closing_before_the_decision_is_committed(stage: Stage) -> None:
    """TEST-14."""
    request_id = (await stage.tenant.submit()).request_id
    await stage.settle()
    held, services = Held(), stage.services
    elevation = Elevation(
        services.db, subscribers=[ForRequests(lambda *_: None), held], settled=lambda _: None
    )
    by = ByTechnician(services.db, stage.tenant.operator, stage.tenant.technician.email)
    decision = asyncio.create_task(elevation.decide(Ask(request_id, Verdict.APPROVED, Channel.CLI), by))
    await held.is_reached.wait()
    await stage.run()
    ticket = await stage.ticket(request_id)
    assert (ticket.is_closed, ticket.notes) == (False, [])
    held.goes_on.set()
    await decision
    await stage.run()
    assert (ticket.is_closed, len(ticket.notes)) == (True, 1)
