"""What inbound keys are called, for a set of ids in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stepladder.audit.reading import Source
from stepladder.kit.db import Transaction
from stepladder.kit.ids import parse_uuids


async def name_keys(tx: Transaction, ids: Collection[str]) -> Mapping[str, str]:
    """Names by key id, which is how a key acts, and by the id of its row, which is how the trail tells of it."""
    rows = await tx.dicts(
        "select id::text, key_id, name from inbound_key where id = any(%(ids)s) or key_id = any(%(keys)s)",
        {"ids": parse_uuids(ids), "keys": list(ids)},
    )
    return {each: row["name"] for row in rows for each in (row["id"], row["key_id"])}


TRAIL = Source(name_keys)
