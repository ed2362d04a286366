"""What mapping many customers asks of the database: a few statements, however many there are."""

from __future__ import annotations

import uuid
from pathlib import Path

from tests.growth.large import recorded
from tests.support.connections import plain_connection
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant

from stepladder.app import DatabaseUrls, open_services
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit.ids import ConnectionId

MANY = 300


async def test_many_customers_are_linked_in_few_statements(tmp_path: Path, urls: DatabaseUrls) -> None:
    """OPS-11: two statements for each customer were ten thousand in one transaction."""
    async with open_services(settings_in(tmp_path), urls) as services:
        tenant = await new_tenant(services)
        for number in range(MANY):
            await tenant.customer_called(f"c-{number}", f"Customer {number}")
        remotes = [RemoteCustomer(str(number), f"CUSTOMER {number}", True) for number in range(MANY)]
        connection_id = ConnectionId(uuid.uuid4())
        async with services.db.transaction(tenant.operator) as tx:
            await plain_connection(tx, connection_id)
            for expected in (MANY, 0):
                with recorded(tx) as asked:
                    outcomes = await services.customers.map_automatically(tx, connection_id, remotes)
                assert sum(each.change == "linked" for each in outcomes) == expected
                assert len(asked) <= 15
            events = await tx.scalar("select count(*) from audit_event where tag = 'customer.mapped'")
            assert events == MANY
            known = "select count(distinct customer_id) from audit_event where tag = 'customer.mapped'"
            assert await tx.scalar(known) == MANY
