"""Rates of many callers: half of five minutes at once, then a steady refill, in bounded memory."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tests.support.clock import ManualClock

from stepladder.kit.recent import Recent
from stepladder.reconcile.rates import Rates


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_each_name_has_a_bucket_of_its_own(clock: ManualClock) -> None:
    """SEC-19: one caller's flood costs the others nothing."""
    rates = Rates(clock, per_minute=4)
    assert [rates.count("a") == 0 for _ in range(12)] == [True] * 10 + [False] * 2
    assert rates.count("b") == 0
    clock.move(timedelta(seconds=rates.wait("a")))
    assert rates.count("a") == 0
    assert rates.count("a") > 0


def test_looking_counts_nothing(clock: ManualClock) -> None:
    rates = Rates(clock, per_minute=1)
    assert [rates.wait("a") for _ in range(20)] == [0.0] * 20
    while not rates.count("a"):
        pass
    assert rates.wait("a") > 0


def test_a_new_limit_acts_from_the_next_call_on(clock: ManualClock) -> None:
    rates = Rates(clock)
    while not rates.count("a", 1):
        pass
    assert rates.count("a", 2) == 0


def test_however_many_names_there_are_memory_is_bounded(clock: ManualClock) -> None:
    """SEC-05: a flood from many addresses makes no list of them all."""
    rates = Rates(clock, per_minute=4, most_known=100)
    for number in range(1000):
        rates.count(number)
    assert len(rates._buckets) == 100


def test_what_was_kept_longest_ago_is_forgotten_first() -> None:
    recent = Recent[str, int](most=2)
    recent.keep("a", 1)
    recent.keep("b", 2)
    recent.keep("a", 3)
    recent.keep("c", 4)
    assert (recent.get("a"), recent.get("b"), recent.get("c")) == (3, None, 4)
