"""What requests are called, for reading the trail."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from stepladder.audit.reading import Source
from stepladder.kit.db import Transaction
from stepladder.kit.ids import parse_uuids


async def _name_each(tx: Transaction, ids: Collection[str]) -> Mapping[str, str]:
    rows = await tx.dicts(
        "select id::text, program_name from elevation_request where id = any(%(ids)s)",
        {"ids": parse_uuids(ids)},
    )
    return {row["id"]: row["program_name"] for row in rows}


TRAIL = Source(_name_each)
