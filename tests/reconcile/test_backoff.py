"""Waiting between tries: it doubles, it has a ceiling, it is never the same for two, it never ends."""

from __future__ import annotations

import math
import random

from hypothesis import given, strategies as st

from stepladder.reconcile.backoff import delay

BASES = st.floats(0.001, 60)
CAPS = st.floats(0.001, 3600)
ATTEMPTS = st.integers(-5, 10**9)


@given(ATTEMPTS, BASES, CAPS, st.integers())
def test_the_wait_lies_between_half_and_the_whole_of_what_is_due(
    attempts: int, base: float, cap: float, seed: int
) -> None:
    wait = delay(attempts, base=base, cap=cap, rng=random.Random(seed))
    due = min(cap, base * 2.0 ** min(max(attempts, 0), 30))
    assert due / 2 <= wait <= due
    assert math.isfinite(wait)


@given(st.integers(0, 40), BASES, CAPS, st.integers())
def test_more_attempts_never_mean_a_shorter_wait_by_the_same_dice(
    attempts: int, base: float, cap: float, seed: int
) -> None:
    one = delay(attempts, base=base, cap=cap, rng=random.Random(seed))
    next_one = delay(attempts + 1, base=base, cap=cap, rng=random.Random(seed))
    assert next_one >= one


def test_a_hundred_that_failed_together_do_not_come_back_together() -> None:
    waits = [delay(5, base=2, cap=60, rng=random.Random(seed)) for seed in range(100)]
    assert len({round(wait, 1) for wait in waits}) > 50
    assert max(waits) - min(waits) > 20


def test_it_never_gives_up() -> None:
    assert delay(10**9, base=2, cap=60, rng=random.Random(1)) <= 60
