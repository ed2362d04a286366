"""What a failure means: for the instance, and for the one thing that failed."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, strategies as st

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.reconcile.policy import FAILURES_UNTIL_REST, Pace, after_failure, try_again

PACE = Pace(2.0, 60.0, 900.0)
LATER = TryLater("x", code="x")
LIMIT = TryLater("x", code="x", rests_at_once=True)
ONE, ALL = NeedsAttention("x", code="x"), NeedsAttention("x", code="x", whole_instance=True)


def rest(error: ConnectorError, failures: int) -> float | None:
    return after_failure(error, failures, PACE, random.Random(1)).rest


@pytest.mark.parametrize("error", [ONE, Rejected("x", code="x"), RemoteGone("x", code="x")])
@given(failures=st.integers(0, 1000))
def test_what_concerns_one_thing_never_rests_the_instance(error: ConnectorError, failures: int) -> None:
    after = after_failure(error, failures, PACE, random.Random(1))
    assert (after.rest, after.failures) == (None, failures)


def test_an_instance_rests_after_some_failures_in_a_row_and_not_before() -> None:
    rests = [rest(LATER, failures) is not None for failures in range(FAILURES_UNTIL_REST + 2)]
    assert rests == [False] * (FAILURES_UNTIL_REST - 1) + [True] * 3


@pytest.mark.parametrize("error", [LIMIT, ALL, TryLater("x", code="x", after=0.5)])
def test_where_the_instance_itself_says_so_it_rests_at_once(error: ConnectorError) -> None:
    assert rest(error, 0) is not None


@given(st.floats(0, 100_000), st.integers(0, 1000))
def test_no_rest_is_shorter_than_the_remote_asked_for(after: float, failures: int) -> None:
    found = rest(TryLater("x", code="x", after=after), failures)
    assert found is not None
    assert found >= after


@given(st.integers(FAILURES_UNTIL_REST, 10_000))
def test_rests_grow_up_to_their_cap_and_are_never_given_up(failures: int) -> None:
    found, attention = rest(LATER, failures), rest(ALL, failures)
    assert found is not None
    assert attention is not None
    assert PACE.base <= found <= PACE.cap
    assert PACE.base <= attention <= PACE.attention_cap
    early, late = rest(LATER, FAILURES_UNTIL_REST), rest(LATER, 30)
    assert early is not None
    assert late is not None
    assert early < late


@pytest.mark.parametrize(
    ("error", "needs_person"), [(LATER, False), (ALL, False), (ONE, True), (Rejected("x", code="x"), True)]
)
def test_a_person_is_called_where_trying_alone_does_not_help(
    error: ConnectorError, needs_person: bool
) -> None:
    assert try_again(error, 3, PACE, random.Random(1)).needs_person is needs_person
