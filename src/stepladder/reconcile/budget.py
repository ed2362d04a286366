"""The budget of calls to one remote instance: never more than `budget` in any rolling window. Pure.

A token bucket holds half the budget and refills the other half over the window. In any window at most the
full bucket and the refill can be spent, so the sum stays within the budget; and after a burst there is still
a steady rate for newcomers instead of five minutes of silence. The last tenth of a full bucket is spare: a backlog
leaves it to those who have none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

WINDOW_SECONDS = 300.0
_SKEW_SECONDS = 60.0
_SPARE_SHARE = 0.1


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
    bucket: Bucket


def capacity(budget: int) -> float:
    """The most tokens a bucket holds."""
    return max(1.0, budget / 2)


def refill_per_second(budget: int) -> float:
    """How fast it fills."""
    return max(1, budget - capacity(budget)) / WINDOW_SECONDS


def spare(budget: int) -> float:
    """What a backlog leaves in the bucket for others."""
    return capacity(budget) * _SPARE_SHARE


def take(bucket: Bucket, budget: int, now: datetime, *, leaving: float = 0.0) -> Taken | Wait:
    """Take one token at `now` and leave `leaving`, or learn how long to wait. Keep the bucket that comes back.

    A clock that is a little behind, such as another machine's, gives nothing until it has caught up. One that was
    set back for good starts with an empty bucket: waiting for the old time to come again could take days.
    """
    elapsed = (now - bucket.at).total_seconds()
    if elapsed < -_SKEW_SECONDS:
        bucket, elapsed = Bucket(0.0, now), 0.0
    tokens = min(capacity(budget), bucket.tokens + max(0.0, elapsed) * refill_per_second(budget))
    at = max(now, bucket.at)
    needed = 1 + leaving
    if tokens >= needed:
        return Taken(Bucket(tokens - 1, at))
    behind = max(0.0, -elapsed)
    return Wait(behind + (needed - tokens) / refill_per_second(budget), Bucket(tokens, at))
