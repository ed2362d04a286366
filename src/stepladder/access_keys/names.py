"""What inbound keys are called, for a set of ids in one statement."""

from __future__ import annotations

from collections.abc import Collection

from stepladder.audit.reading import Source
from stepladder.kit.db import Transaction


async def name_keys(tx: Transaction, key_ids: Collection[str]) -> dict[str, str]:
    """Names by key id, which is how a key acts."""
    rows = await tx.dicts(
        "select key_id, name from inbound_key where key_id = any(%(ids)s)", {"ids": list(key_ids)}
    )
    return {row["key_id"]: row["name"] for row in rows}


TRAIL = Source(
    """select id::text, name from inbound_key where id = any(%(ids)s)
       union all select key_id, name from inbound_key where key_id = any(%(texts)s)"""
)
