"""What endpoints are called, for reading the trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stepladder.audit.reading import Source
from stepladder.kit.db import Transaction
from stepladder.kit.ids import parse_uuids


async def _name_each(tx: Transaction, ids: Collection[str]) -> Mapping[str, str]:
    rows = await tx.dicts(
        "select id::text, name from endpoint where id = any(%(ids)s)", {"ids": parse_uuids(ids)}
    )
    return {row["id"]: row["name"] for row in rows}


TRAIL = Source(_name_each)
