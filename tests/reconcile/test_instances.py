"""The row of a drain: since when its instance fails."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from tests.support.tenants import Tenant

from stepladder.kit.ids import ConnectionId
from stepladder.reconcile import instances


async def test_the_beginning_of_an_outage_is_remembered_until_it_ends(tenant: Tenant) -> None:
    """USE-22: whoever asks during an outage learns how long it lasts. A rest for the budget's sake is no outage."""
    made = ConnectionId(uuid4())

    async def after(failures: int | None) -> datetime | None:
        async with tenant.services.db.transaction(tenant.operator) as tx:
            if failures is None:
                await instances.resume(tx, made)
            else:
                until = tx.now + timedelta(seconds=1)
                error = "It does not answer." if failures else None
                await instances.rest(
                    tx, made, until=until, failures=failures, needs_attention=False, error=error
                )
            found = await instances.find(tx, made)
        assert found is not None
        return found.failing_since

    async with tenant.services.db.transaction(tenant.operator) as tx:
        await instances.create(tx, made, "tickets", call_budget=600)
    began = await after(3)
    assert began is not None
    assert await after(4) == began
    assert await after(None) is None
    assert await after(0) is None
    again = await after(3)
    assert again is not None
    assert again > began
