"""The arithmetic of the bench: percentiles, windows, targets."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from stepladder_bench.calls import most_in_window
from stepladder_bench.report import Line, Relation, Target, distribution, percentile, rounded

START = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _calls(*seconds: float) -> list[dict[str, str]]:
    return [{"at": (START + timedelta(seconds=each)).isoformat()} for each in seconds]


@pytest.mark.parametrize(
    ("seconds", "most"),
    [((), 0), ((0,), 1), ((0, 299.9), 2), ((0, 300), 1), ((0, 100, 200, 310, 320), 4), ((0, 0, 0, 900), 3)],
)
def test_a_window_holds_the_calls_of_less_than_five_minutes(seconds: tuple[float, ...], most: int) -> None:
    assert most_in_window(_calls(*seconds)) == most


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_of_one_value_every_percentile_is_that_value() -> None:
    assert distribution([7.0]) == {"samples": 1, "p50": 7.0, "p95": 7.0, "p99": 7.0, "highest": 7.0}


@pytest.mark.parametrize(
    ("relation", "measured", "passed"),
    [
        (Relation.AT_LEAST, 3.0, True),
        (Relation.AT_LEAST, 2.9, False),
        (Relation.AT_MOST, 3.0, True),
        (Relation.AT_MOST, 3.1, False),
        (Relation.BELOW, 2.9, True),
        (Relation.BELOW, 3.0, False),
    ],
)
def test_a_target_is_met_on_its_side(relation: Relation, measured: float, passed: bool) -> None:
    assert Line("x.y", "X", measured, "", Target(relation, 3)).passed is passed


def test_without_a_target_nothing_passes_or_misses() -> None:
    assert Line("x.y", "X", 1, "").passed is None


def test_figures_are_rounded_to_digits_that_mean_something() -> None:
    assert rounded({"a": 1234.5678, "b": [0.0123456, "text", 5]}) == {"a": 1235.0, "b": [0.01235, "text", 5]}
