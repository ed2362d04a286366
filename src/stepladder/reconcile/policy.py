"""What a failure means for an instance and for the one thing that failed. Pure; nothing here ever gives up."""

from __future__ import annotations

import random
from dataclasses import dataclass

from stepladder.connectors.base import ConnectorError, NeedsAttention, TryLater

from .backoff import delay

FAILURES_UNTIL_REST = 3
"""A single failure may be the one thing's own. So many in a row are the instance's."""


@dataclass(frozen=True)
class Pace:
    """How long to wait after failures, in seconds. Tests make it short."""

    base: float = 2.0
    cap: float = 60.0
    attention_cap: float = 900.0


@dataclass(frozen=True)
class AfterFailure:
    """How many failures in a row there are now; `rest` seconds without any call, None to go on."""

    failures: int
    rest: float | None = None


@dataclass(frozen=True)
class Again:
    """When the one thing is tried again, and whether a person has to act for it."""

    seconds: float
    needs_person: bool


def after_failure(error: ConnectorError, failures: int, pace: Pace, rng: random.Random) -> AfterFailure:
    """What an instance does after a failure, where there were `failures` in a row before."""
    if isinstance(error, NeedsAttention) and error.whole_instance:
        wait = delay(failures + 1, base=pace.base, cap=pace.attention_cap, rng=rng)
        return AfterFailure(failures + 1, wait)
    if not isinstance(error, TryLater):
        return AfterFailure(failures)
    if error.after is None and not error.rests_at_once and failures + 1 < FAILURES_UNTIL_REST:
        return AfterFailure(failures + 1)
    wait = delay(failures, base=pace.base, cap=pace.cap, rng=rng)
    return AfterFailure(failures + 1, max(error.after or 0.0, wait))


def try_again(error: ConnectorError, attempts: int, pace: Pace, rng: random.Random) -> Again:
    """When the one thing that failed is tried again, after `attempts` that failed before."""
    needs_person = not isinstance(error, TryLater) and not getattr(error, "whole_instance", False)
    cap = pace.attention_cap if needs_person else pace.cap
    return Again(delay(attempts, base=pace.base, cap=cap, rng=rng), needs_person)
