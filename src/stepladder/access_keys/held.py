"""Keys that a restore holds: they may have been revoked since the backup, so each is refused until it is released."""

from __future__ import annotations

from collections.abc import Collection

from stepladder.kit.db import Transaction


async def hold_all(tx: Transaction) -> int:
    """Refuse every key that is still good; returns how many."""
    return await tx.run(
        """update inbound_key set held_at = %(now)s
           where msp_id = %(msp)s and revoked_at is null and expires_at > %(now)s and held_at is null""",
        {"now": tx.now, "msp": tx.msp_id},
    )


async def release(tx: Transaction, key_ids: Collection[str] | None) -> int:
    """Let these keys in again, or all (None); returns how many."""
    return await tx.run(
        """update inbound_key set held_at = null
           where msp_id = %(msp)s and held_at is not null and (%(ids)s::text[] is null or key_id = any(%(ids)s))""",
        {"msp": tx.msp_id, "ids": None if key_ids is None else list(key_ids)},
    )


async def is_any_held(tx: Transaction, key_ids: Collection[str]) -> bool:
    """Whether one of these keys is refused only because a restore holds it."""
    query = """select exists (select from inbound_key
        where key_id = any(%(ids)s) and held_at is not null and revoked_at is null)"""
    return bool(await tx.scalar(query, {"ids": list(key_ids)}))
