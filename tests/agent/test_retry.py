"""Trying again: pauses grow, Retry-After is obeyed, people are told, and the end is kept. Time is a clock we move."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from stepladder_agent.errors import RefusedByServer, ServerUnreachable, TryAgain
from stepladder_agent.retry import LONGEST_PAUSE, Patience, pauses, persist


class Clock:
    """Sleeping moves it; nothing else does."""

    def __init__(self) -> None:
        self.now, self.slept, self.said = 0.0, list[float](), list[Any]()

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, **more: Any) -> Patience:
        return Patience(
            sleep=self.sleep,
            monotonic=lambda: self.now,
            scatter=lambda: 0.0,
            on_trouble=lambda reason, pause: self.said.append((reason, pause)),
            on_recovery=lambda: self.said.append("recovered"),
            **more,
        )


def failing(times: Any, after: Any = None) -> Any:
    answers = iter([*[TryAgain("Down.", after=after)] * times, "answer"])

    def attempt() -> Any:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    return attempt


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_first_success_waits_for_nothing_and_says_nothing(clock: Clock) -> None:
    assert persist(failing(0), clock.patience()) == "answer"
    assert clock.slept == clock.said == []


def test_pauses_double_up_to_half_a_minute(clock: Clock) -> None:
    persist(failing(9), clock.patience())

    assert clock.slept == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_trouble_and_recovery_are_told(clock: Clock) -> None:
    persist(failing(2), clock.patience())

    assert clock.said == [("Down.", 0.5), ("Down.", 1), "recovered"]


@given(st.floats(0, 1, exclude_max=True))
def test_every_pause_is_cut_by_at_most_half(chance: float) -> None:
    full = itertools.islice(pauses(lambda: 0.0), 12)

    for cut, whole in zip(pauses(lambda: chance), full, strict=False):
        assert whole / 2 <= cut <= whole <= LONGEST_PAUSE


def test_a_longer_retry_after_is_obeyed_and_a_shorter_one_does_not_hurry(clock: Clock) -> None:
    persist(failing(2, after=7), clock.patience())
    assert clock.slept == [7, 7]

    clock.slept.clear()
    persist(failing(3, after=1), clock.patience())
    assert clock.slept == [1, 1, 2]


def test_silence_beyond_the_limit_ends_it(clock: Clock) -> None:
    with pytest.raises(ServerUnreachable, match="Down"):
        persist(failing(99), clock.patience(give_up=10))

    assert clock.now == 10


def test_the_end_of_the_wait_ends_it_with_one_last_try_at_the_end(clock: Clock) -> None:
    clock.now = 5
    with pytest.raises(ServerUnreachable):
        persist(failing(99), clock.patience(until=9))

    assert clock.now == 9


def test_a_retry_after_beyond_the_end_is_not_slept_through(clock: Clock) -> None:
    with pytest.raises(ServerUnreachable):
        persist(failing(1, after=60), clock.patience(give_up=10))

    assert clock.slept == []


def test_without_patience_there_is_one_attempt(clock: Clock) -> None:
    with pytest.raises(ServerUnreachable):
        persist(failing(1), clock.patience(give_up=0))
    assert persist(failing(0), clock.patience(until=-math.inf)) == "answer"


def test_nobody_has_to_be_told(clock: Clock) -> None:
    assert persist(failing(1), Patience(sleep=clock.sleep)) == "answer"
    assert len(clock.slept) == 1


def test_a_refusal_is_not_tried_again(clock: Clock) -> None:
    def refused() -> None:
        raise RefusedByServer("No.", status=403)

    with pytest.raises(RefusedByServer):
        persist(refused, clock.patience())

    assert clock.slept == []
