"""The server's time, as its answers tell it, carried forward by a clock that nobody can set.

Grants are judged by this time and by the local one, so that setting the local clock back wins nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

NOTABLE = timedelta(seconds=30)
# The header counts whole seconds and cuts the rest off, so on average the time is half a second more.
HALF_A_SECOND = timedelta(seconds=0.5)
A_SECOND = timedelta(seconds=1)


def local_now() -> datetime:
    """This machine's idea of the time."""
    return datetime.now(UTC)


def http_date(text: str) -> datetime | None:
    """The instant in an HTTP date; None if there is none to be read, or one without its zone."""
    try:
        told = parsedate_to_datetime(text)
    except ValueError:
        return None
    return told if told.tzinfo is not None else None


class ServerClock:
    """Learns from each answer's Date header; tells of jumps of either clock through `on_jump`."""

    def __init__(
        self,
        on_jump: Callable[[timedelta], None] = lambda jump: None,
        *,
        local: Callable[[], datetime] = local_now,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_jump, self._local, self.monotonic = on_jump, local, monotonic
        self._seen: tuple[datetime, float] | None = None
        self.ahead: timedelta | None = None

    def learn(self, date_header: str | None, *, asked_at: float | None = None) -> None:
        """Take the time from an answer that arrived just now. What cannot be read teaches nothing.

        `asked_at` is when the call began, by `monotonic`. Some servers and proxies date an answer when the call
        begins, so every time up to the call's duration later is possible; what was known before decides among these.
        """
        cut = http_date(date_header or "")
        if cut is None:
            return
        arrived = self.monotonic()
        took = timedelta(seconds=arrived - asked_at) if asked_at is not None else timedelta(0)
        expected = self.now()
        latest = cut + A_SECOND + took
        told = cut + HALF_A_SECOND if expected is None else min(max(expected, cut), latest)
        self._seen = (told, arrived)
        before, self.ahead = self.ahead, told - self._local()
        if before is not None and abs(self.ahead - before) > NOTABLE:
            self._on_jump(self.ahead - before)

    def now(self) -> datetime | None:
        """The server's time now; None as long as no answer told it."""
        if self._seen is None:
            return None
        told, at = self._seen
        return told + timedelta(seconds=self.monotonic() - at)
