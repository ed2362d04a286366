"""How often many callers may do something, each with a bucket of its own, in bounded memory.

Counted in this process: several processes allow as often as much.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime

from stepladder.kit.clock import Clock

from .budget import WINDOW_SECONDS, Bucket, Wait, capacity, take

_MOST_KNOWN = 20_000


def per_five_minutes(per_minute: int) -> int:
    """A rate a minute as the budget of a bucket, of which half may be used at once."""
    return round(per_minute * WINDOW_SECONDS / 60)


class Rates:
    """A bucket for each name. One that is not known (any more) is full."""

    def __init__(self, clock: Clock, *, per_minute: int = 0, most_known: int = _MOST_KNOWN) -> None:
        self._clock, self._most_known = clock, most_known
        self._budget = per_five_minutes(per_minute)
        self._buckets: dict[Hashable, tuple[int, Bucket]] = {}

    def wait(self, name: Hashable) -> float:
        """The seconds until one more would be allowed; nothing is counted."""
        taken = take(self._bucket(name, self._budget), self._budget, self._now())
        return taken.seconds if isinstance(taken, Wait) else 0.0

    def count(self, name: Hashable, per_minute: int | None = None) -> float:
        """Count one; returns the seconds to wait if it is one too many, else 0."""
        budget = self._budget if per_minute is None else per_five_minutes(per_minute)
        taken = take(self._bucket(name, budget), budget, self._now())
        # At the end of the order: those that were not heard of for longest are forgotten first.
        self._buckets.pop(name, None)
        self._buckets[name] = (budget, taken.bucket)
        if len(self._buckets) > self._most_known:
            del self._buckets[next(iter(self._buckets))]
        return taken.seconds if isinstance(taken, Wait) else 0.0

    def _bucket(self, name: Hashable, budget: int) -> Bucket:
        known, now = self._buckets.get(name), self._now()
        # Another limit than before starts a new bucket.
        if known is None or known[0] != budget or known[1].at > now:
            return Bucket(capacity(budget), now)
        return known[1]

    def _now(self) -> datetime:
        """An instant good for differences: nobody sets it back."""
        return datetime.fromtimestamp(self._clock.monotonic(), UTC)
