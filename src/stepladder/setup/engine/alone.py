"""One set-up or removal at a time works on a system: two would both look, find nothing, and make everything twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from stepladder.errors import Conflict
from stepladder.kit.db import Database


class SetupRunning(Conflict):
    """Another set-up or removal works on the same system."""

    code = "setup_running"
    sentence = "Another set-up or removal is running. Try again when it has finished."


@asynccontextmanager
async def alone(db: Database, what: str, *, is_needed: bool = True) -> AsyncIterator[None]:
    """No other set-up changes `what` until the block ends. Raises SetupRunning."""
    if not is_needed:
        yield
        return
    async with db.exclusive(what) as is_ours:
        if not is_ours:
            raise SetupRunning
        yield
