"""Counting calls over a rolling window (HaloPSA fact 6: 700 per 300 seconds and tenant)."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from stepladder_sandbox.halopsa.switches import Switches


class RateWindow:
    """The moments of the tenant's calls. All integrations share them, as in the real one."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches
        self._moments: deque[float] = deque()

    def count(self, now: datetime) -> int:
        """Calls within the window that ends now."""
        since = now.timestamp() - self._switches.rate_window_s
        while self._moments and self._moments[0] <= since:
            self._moments.popleft()
        return len(self._moments)

    def take(self, now: datetime) -> bool:
        """Count a call, unless the window is full; calls that are refused do not count themselves."""
        if self.count(now) >= self._switches.rate_limit:
            return False
        self._moments.append(now.timestamp())
        return True

    def spend(self, now: datetime, calls: int) -> None:
        """Count calls of another integration (HaloPSA fact 6)."""
        self._moments.extend([now.timestamp()] * calls)

    def seconds_to_wait(self, now: datetime) -> int:
        """Whole seconds until the oldest call leaves the window; at least one."""
        if not self._moments:
            return 1
        return max(1, int(self._moments[0] + self._switches.rate_window_s - now.timestamp()) + 1)

    def clear(self) -> None:
        """Forget all calls."""
        self._moments.clear()
