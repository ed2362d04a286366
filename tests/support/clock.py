"""A clock that stands still until a test sleeps or moves it, for worlds in one process and their own time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Time that passes only by sleeping and by `move`. Good for one thing at a time: a sleeper moves it."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = start or datetime.now(UTC)
        self._passed = 0.0

    def now(self) -> datetime:
        return self._start + timedelta(seconds=self._passed)

    def monotonic(self) -> float:
        return self._passed

    async def sleep(self, seconds: float) -> None:
        self._passed += max(0.0, seconds)
        await asyncio.sleep(0)

    def move(self, ahead: timedelta) -> None:
        """Let `ahead` pass at once."""
        self._passed += ahead.total_seconds()
