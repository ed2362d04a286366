"""The budget of calls to one remote instance: never more than `budget` in any rolling window. Pure.

A token bucket holds half the budget and refills the other half over the window. In any window at most the
full bucket and the refill can be spent, so the sum stays within the budget; and after a burst there is still
a steady rate for newcomers instead of five minutes of silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WINDOW_SECONDS = 300.0


@dataclass(frozen=True)
class Bucket:
    """Tokens left at an instant."""

    tokens: float
    at: datetime


@dataclass(frozen=True)
class Taken:
    """One call may be made now."""

    bucket: Bucket


@dataclass(frozen=True)
class Wait:
    """No call now; one becomes possible in `seconds`."""

    seconds: float


def capacity(budget: int) -> float:
    """The most tokens a bucket holds."""
    return max(1.0, budget / 2)


def refill_per_second(budget: int) -> float:
    """How fast it fills."""
    return max(1, budget - capacity(budget)) / WINDOW_SECONDS


def take(bucket: Bucket, budget: int, now: datetime) -> Taken | Wait:
    """Take one token at `now`, or learn how long to wait. A clock set back gives nothing."""
    elapsed = max(0.0, (now - bucket.at).total_seconds())
    tokens = min(capacity(budget), bucket.tokens + elapsed * refill_per_second(budget))
    if tokens >= 1:
        return Taken(Bucket(tokens - 1, max(now, bucket.at)))
    return Wait((1 - tokens) / refill_per_second(budget))
