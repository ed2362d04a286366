"""A connection without an instance behind it, for tests that only need its row."""

from __future__ import annotations

from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId, new_id
from stepladder.mapping import queries as mappings


async def plain_connection(tx: Transaction, connection_id: ConnectionId | None = None) -> ConnectionId:
    """The row of a ticket system, switched off, and the row of its mapping."""
    found = connection_id or ConnectionId(new_id())
    await tx.run(
        """insert into connection (id, msp_id, family, kind, settings, sealed_secret, is_enabled, created_at)
           values (%(id)s, %(msp)s, 'ticket_system', 'halopsa', '{}', '', false, now())""",
        {"id": found, "msp": tx.msp_id},
    )
    await mappings.create_run(tx, found)
    return found
