"""Requests that were pending when a ticket system was connected get their links, a part at a time.

The first part is made with the connection, the others by the sweep, so that no transaction grows with how many wait.
"""

from __future__ import annotations

from collections.abc import Callable

from stepladder.elevation.queries import list_pending
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId, MspId

from . import links, sweeps
from .links import SubjectKind

AT_ONCE = 1000


async def link_pending(
    db: Database, actor: Actor, connection_id: ConnectionId, nudge: Callable[[MspId, ConnectionId], None]
) -> None:
    """Make every link that is missing. Several workers may do so at the same time."""
    has_more = True
    while has_more:
        async with db.transaction(actor) as tx:
            has_more = await link_part(tx, connection_id)
            tx.after_commit(lambda: nudge(actor.msp_id, connection_id))


async def link_part(tx: Transaction, connection_id: ConnectionId) -> bool:
    """Make some of the links that are missing; true where there may be more.

    The requests are held meanwhile: one that is settled in between would have a link that wants it open for ever.
    """
    after = await sweeps.hold_unlinked(tx, connection_id)
    if after is None:
        return False
    pending = await list_pending(tx, after=after, limit=AT_ONCE)
    await links.want_each(tx, connection_id, SubjectKind.ELEVATION_REQUEST, pending)
    has_more = len(pending) == AT_ONCE
    await sweeps.note_linked(tx, connection_id, pending[-1][0] if has_more else None)
    return has_more
