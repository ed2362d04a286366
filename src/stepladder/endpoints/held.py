"""Machines that a restore holds: they may have been revoked since the backup, so each is held until it is released."""

from __future__ import annotations

from stepladder.kit.db import Transaction


async def hold_all(tx: Transaction) -> int:
    """Hold every active machine, and end the enrolment tokens that may have been used since; returns how many machines.

    What a machine signed before now is refused for good: its nonce may be forgotten.
    """
    await tx.run(
        "update enrolment_token set expires_at = %(now)s where msp_id = %(msp)s and expires_at > %(now)s",
        {"now": tx.now, "msp": tx.msp_id},
    )
    await tx.run(
        "update endpoint set signed_after = %(now)s where msp_id = %(msp)s", {"now": tx.now, "msp": tx.msp_id}
    )
    return await tx.run(
        """update endpoint set state = 'held', held_by_restore = true
           where msp_id = %(msp)s and state = 'active'""",
        {"msp": tx.msp_id},
    )


async def release_all(tx: Transaction) -> int:
    """Activate what a restore holds; returns how many."""
    return await tx.run(
        """update endpoint set held_by_restore = false, state = case state when 'held' then 'active' else state end
           where msp_id = %(msp)s and held_by_restore""",
        {"msp": tx.msp_id},
    )
