"""The row of a drain: its fence, its calls, its rest. Statements only; `lease` and `loop` use them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectionId

from .budget import Bucket, capacity

_FIND: LiteralString = """select id, work, fence, call_budget, tokens, tokens_at, paused_until, failures,
    needs_attention, error, failing_since from drain where id = %(id)s"""


class LeaseLost(Exception):
    """Another worker drains this instance now; nothing that this one wanted to write is written."""


@dataclass(frozen=True)
class Instance:
    """How one remote instance fares."""

    id: ConnectionId
    work: str
    fence: int
    call_budget: int
    tokens: float
    tokens_at: datetime
    paused_until: datetime | None
    failures: int
    needs_attention: bool
    error: str | None
    failing_since: datetime | None

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.tokens, self.tokens_at)


async def create(tx: Transaction, instance_id: ConnectionId, work: str, *, call_budget: int) -> None:
    """Let the instance be drained from now on, by the drain that does this kind of work."""
    await tx.run(
        """insert into drain (id, msp_id, work, fence, call_budget, tokens, tokens_at, failures, needs_attention)
           values (%(id)s, %(msp)s, %(work)s, 0, %(budget)s, %(tokens)s, %(now)s, 0, false)""",
        {
            "id": instance_id,
            "msp": tx.msp_id,
            "work": work,
            "budget": call_budget,
            "tokens": capacity(call_budget),
            "now": tx.now,
        },
    )


async def remove(tx: Transaction, instance_id: ConnectionId) -> None:
    """Drain it no more; a drain at work loses its lease."""
    await tx.run("delete from drain where id = %(id)s", {"id": instance_id})


async def find(tx: Transaction, instance_id: UUID) -> Instance | None:
    """The instance as it is."""
    return await tx.maybe(Instance, _FIND, {"id": instance_id})


def taking(instance_id: ConnectionId) -> str:
    """The statement that takes an instance, for a transaction to hold: `Instance(**tx.held)` is how it fares.

    Its fence is above every earlier one: writers with a lower one are refused from now on.
    """
    # A UUID's text cannot break out of its literal.
    return f"""update drain set fence = fence + 1 where id = '{UUID(str(instance_id))}'
        returning id, work, fence, call_budget, tokens, tokens_at, paused_until, failures, needs_attention, error,
            failing_since"""  # noqa: S608


def holding(instance_id: ConnectionId, fence: int) -> str:
    """The statement that holds the lease with this fence until the transaction ends."""
    return f"select id from drain where id = '{UUID(str(instance_id))}' and fence = {fence:d} for share"  # noqa: S608


async def spend(tx: Transaction, instance_id: ConnectionId, fence: int, bucket: Bucket) -> None:
    """Write down what is left of the calls. Raises LeaseLost."""
    if not await tx.run(
        "update drain set tokens = %(tokens)s, tokens_at = %(at)s where id = %(id)s and fence = %(fence)s",
        {"tokens": bucket.tokens, "at": bucket.at, "id": instance_id, "fence": fence},
    ):
        raise LeaseLost


async def rest(
    tx: Transaction,
    instance_id: ConnectionId,
    *,
    until: datetime,
    failures: int,
    needs_attention: bool,
    error: str | None,
) -> None:
    """Call the instance no more before `until`."""
    await tx.run(
        """update drain set paused_until = %(until)s, failures = %(failures)s, needs_attention = %(attention)s,
               error = %(error)s, failing_since = case when %(failures)s > 0 then coalesce(failing_since, %(now)s) end
           where id = %(id)s""",
        {
            "now": tx.now,
            "until": until,
            "failures": failures,
            "attention": needs_attention,
            "error": error,
            "id": instance_id,
        },
    )


async def resume(tx: Transaction, instance_id: ConnectionId) -> None:
    """Nothing is wrong with it (any more), as far as we know."""
    await tx.run(
        """update drain set paused_until = null, failures = 0, needs_attention = false, error = null,
               failing_since = null
           where id = %(id)s""",
        {"id": instance_id},
    )


async def restart(tx: Transaction, instance_id: ConnectionId, *, call_budget: int) -> None:
    """Begin again with other settings: a drain at work has the old ones, and loses its lease."""
    await tx.run(
        """update drain set call_budget = %(budget)s, tokens = least(tokens, %(tokens)s), fence = fence + 1,
               paused_until = null, failures = 0, needs_attention = false, error = null, failing_since = null
           where id = %(id)s""",
        {"budget": call_budget, "tokens": capacity(call_budget), "id": instance_id},
    )
