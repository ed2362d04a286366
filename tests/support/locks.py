"""Locks of the database: waiting until another task waits for one."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.support.tenants import Tenant

_HELD_UP = """select count(*) from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'"""


async def until_held_up(tenant: Tenant, *tasks: asyncio.Task[Any]) -> None:
    """Let the tasks go on until each waits for a row that another transaction has, or has ended."""
    async with asyncio.timeout(20):
        while await _held_up(tenant) < sum(not task.done() for task in tasks):  # noqa: ASYNC110 - a lock that is waited for tells nobody
            await asyncio.sleep(0.005)


async def _held_up(tenant: Tenant) -> int:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return int(await tx.scalar(_HELD_UP))
