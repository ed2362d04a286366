"""What customers and technicians are called, for a set of ids in one statement: ids without a row have no name."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from stepladder.audit.reading import Source
from stepladder.kit.db import Transaction


async def name_customers(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, str]:
    """Display names, of deleted customers too."""
    rows = await tx.dicts(
        "select id, display_name from customer where id = any(%(ids)s)", {"ids": list(set(ids))}
    )
    return {row["id"]: row["display_name"] for row in rows}


async def name_technicians(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, str]:
    """Names, of technicians who are locked out too."""
    rows = await tx.dicts("select id, name from technician where id = any(%(ids)s)", {"ids": list(set(ids))})
    return {row["id"]: row["name"] for row in rows}


TRAIL = Source(
    """select id::text, name from technician where id = any(%(ids)s)
       union all select id::text, display_name as name from customer where id = any(%(ids)s)"""
)
