"""The call budget: never more than agreed in any rolling five minutes, and never silence for long."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings as hypothesis_settings, strategies as st

from stepladder.reconcile.budget import (
    WINDOW_SECONDS,
    Bucket,
    Taken,
    Wait,
    capacity,
    refill_per_second,
    spare,
    take,
)

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
BUDGETS = st.integers(20, 3000)
GAPS = st.one_of(
    st.just(0.0), st.floats(0, 2), st.floats(0, 60), st.floats(250, 700), st.just(WINDOW_SECONDS)
)


def full(budget: int) -> Bucket:
    return Bucket(capacity(budget), START)


def most_in_a_window(moments: list[float]) -> int:
    """The most calls that any window of `WINDOW_SECONDS` holds."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - WINDOW_SECONDS:
            first += 1
        most = max(most, last - first + 1)
    return most


@given(BUDGETS, st.lists(st.tuples(GAPS, st.integers(1, 400)), max_size=40))
@hypothesis_settings(max_examples=200)
def test_no_rolling_window_ever_holds_more_calls_than_the_budget(
    budget: int, bursts: list[tuple[float, int]]
) -> None:
    bucket, passed, moments = full(budget), 0.0, []
    for gap, wanted in bursts:
        passed += gap
        for _ in range(wanted):
            outcome = take(bucket, budget, START + timedelta(seconds=passed))
            bucket = outcome.bucket
            if isinstance(outcome, Wait):
                break
            moments.append(passed)
    assert most_in_a_window(moments) <= budget


@given(BUDGETS, st.floats(0, 900))
@hypothesis_settings(max_examples=60)
def test_whoever_waits_as_told_calls_steadily_after_a_burst(budget: int, idle: float) -> None:
    """After the first half of the budget there is a call every so often, not five minutes of nothing."""
    bucket, passed, moments = full(budget), idle, list[float]()
    while len(moments) < budget + 50:
        outcome = take(bucket, budget, START + timedelta(seconds=passed))
        bucket = outcome.bucket
        if isinstance(outcome, Taken):
            moments.append(passed)
        else:
            assert 0 < outcome.seconds <= 1 / refill_per_second(budget) + 1e-6
            passed += max(outcome.seconds, 1e-6)
    assert most_in_a_window(moments) <= budget
    burst = sum(moment == idle for moment in moments)
    assert burst in (int(capacity(budget)), int(capacity(budget)) + 1)
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert max(gaps) <= 1 / refill_per_second(budget) + 0.001
    # In the long run the whole budget is used.
    assert (
        len([moment for moment in moments if moment > idle]) / (moments[-1] - idle)
        >= refill_per_second(budget) * 0.99
    )


@given(BUDGETS, st.floats(0, 3000))
def test_a_pause_never_saves_up_more_than_half_the_budget(budget: int, idle: float) -> None:
    bucket, count = full(budget), 0
    now = START + timedelta(seconds=idle)
    while isinstance(outcome := take(bucket, budget, now), Taken):
        bucket, count = outcome.bucket, count + 1
    assert count <= capacity(budget)


@given(BUDGETS, st.floats(0, 60))
def test_a_clock_slightly_behind_gives_nothing(budget: int, behind: float) -> None:
    """Two machines never agree on the time; going to and fro between them must not fill the bucket."""
    bucket, taken = full(budget), 0
    for number in range(int(capacity(budget)) * 2 + 20):
        now = START - timedelta(seconds=behind if number % 2 else 0)
        outcome = take(bucket, budget, now)
        bucket = outcome.bucket
        taken += isinstance(outcome, Taken)
    assert taken <= capacity(budget)


@given(BUDGETS, st.floats(61, 90 * 24 * 3600))
def test_a_clock_set_back_for_good_gives_nothing_and_costs_at_most_one_wait(budget: int, back: float) -> None:
    spent = Bucket(0.5, START)
    now = START - timedelta(seconds=back)
    first = take(spent, budget, now)
    assert isinstance(first, Wait)
    assert first.seconds <= 1 / refill_per_second(budget) + 1e-6
    assert isinstance(take(first.bucket, budget, now + timedelta(seconds=first.seconds + 0.001)), Taken)
    # A full bucket is given up, too: what was spent in the time that is counted again is not known.
    assert isinstance(take(full(budget), budget, now), Wait)


@given(BUDGETS, st.floats(0, 59))
def test_the_wait_of_a_clock_that_is_behind_includes_catching_up(budget: int, behind: float) -> None:
    outcome = take(Bucket(0.0, START), budget, START - timedelta(seconds=behind))
    assert isinstance(outcome, Wait)
    later = START - timedelta(seconds=behind) + timedelta(seconds=outcome.seconds + 0.001)
    assert isinstance(take(outcome.bucket, budget, later), Taken)


@pytest.mark.parametrize("budget", [20, 21, 600, 699, 700, 10_000_000])
def test_half_of_the_budget_is_kept_for_bursts_and_half_comes_back_over_the_window(budget: int) -> None:
    assert capacity(budget) + refill_per_second(budget) * WINDOW_SECONDS == pytest.approx(budget)


@given(BUDGETS, st.lists(st.tuples(st.floats(0, 60), st.booleans()), max_size=200), st.floats(0, 1))
def test_whoever_leaves_the_spare_never_touches_it_and_waits_exactly_as_told(
    budget: int, asks: list[tuple[float, bool]], filled: float
) -> None:
    """Others may use all of it, so a backlog finds it whole or waits until it is."""
    bucket, passed = Bucket(capacity(budget) * filled, START), 0.0
    for gap, is_backlog in asks:
        passed += gap
        now = START + timedelta(seconds=passed)
        outcome = take(bucket, budget, now, leaving=spare(budget) if is_backlog else 0.0)
        if isinstance(outcome, Taken):
            assert not is_backlog or outcome.bucket.tokens >= spare(budget)
        elif is_backlog:
            later = now + timedelta(seconds=outcome.seconds + 0.001)
            assert isinstance(take(outcome.bucket, budget, later, leaving=spare(budget)), Taken)
        bucket = outcome.bucket


@pytest.mark.parametrize("budget", [20, 600, 10_000_000])
def test_a_tenth_of_a_full_bucket_is_spare(budget: int) -> None:
    assert spare(budget) == pytest.approx(capacity(budget) / 10)
