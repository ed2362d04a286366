"""The next step of a ticket: one for every state, and never a second write while the outcome of a first is open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, strategies as st

from stepladder.tickets.steps import Desired, LinkState, Observed, Step, may_send_again, next_step

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WAIT = timedelta(seconds=3)
EARLIER = NOW - timedelta(minutes=5)
PRESSES = {"none": None, "just now": NOW - timedelta(seconds=1), "a while ago": NOW - timedelta(seconds=3)}

# What we want, what we saw, intents (create, note, note seen), press -> what to do. `any` stands for both.
TABLE = [
    ("any", "absent", "no", "any", "any", "any", Step.OPEN),
    ("any", "absent", "yes", "any", "any", "any", Step.LOOK_FOR_TICKET),
    ("any", "closed", "any", "any", "any", "any", Step.NOTHING),
    ("any", "gone", "any", "any", "any", "any", Step.NOTHING),
    ("open", "open", "any", "any", "any", "any", Step.NOTHING),
    ("closed", "open", "any", "any", "yes", "any", Step.CLOSE),
    ("closed", "open", "any", "yes", "no", "any", Step.LOOK_FOR_NOTE),
    ("closed", "open", "any", "no", "no", "just now", Step.WAIT_FOR_PRESS),
    ("closed", "open", "any", "no", "no", "none", Step.NOTE),
    ("closed", "open", "any", "no", "no", "a while ago", Step.NOTE),
]
STATES = list(product(Desired, Observed, ("no", "yes"), ("no", "yes"), ("no", "yes"), PRESSES))


def state_of(desired: Any, observed: Any, create: Any, note: Any, seen: Any, press: Any) -> LinkState:
    return LinkState(
        desired,
        observed,
        EARLIER if create == "yes" else None,
        EARLIER if note == "yes" else None,
        seen == "yes",
        PRESSES[press],
    )


@pytest.mark.parametrize("state", STATES, ids=lambda state: " ".join(map(str, state)))
def test_every_state_has_exactly_one_step(state: tuple[Desired, Observed, str, str, str, str]) -> None:
    rows = [
        row
        for row in TABLE
        if all(cell in ("any", str(value)) for cell, value in zip(row, state, strict=False))
    ]
    assert len(rows) == 1, rows
    assert next_step(state_of(*state), NOW, press_wait=WAIT) is rows[0][-1]


REMARKS = [
    # Until a remark is wanted (seconds; None: none is), whether one was sent -> what to do.
    (None, False, Step.NOTHING),
    (None, True, Step.NOTHING),
    (1, False, Step.WAIT_FOR_REMARK),
    (0, False, Step.REMARK),
    (-600, False, Step.REMARK),
    (1, True, Step.LOOK_FOR_REMARK),
    (-600, True, Step.LOOK_FOR_REMARK),
]


@pytest.mark.parametrize(("seconds", "is_sent", "expected"), REMARKS)
def test_a_remark_comes_when_it_is_time_and_once(seconds: int | None, is_sent: bool, expected: Step) -> None:
    at = None if seconds is None else NOW + timedelta(seconds=seconds)
    link = LinkState(Desired.OPEN, Observed.OPEN, None, None, False, None, at, EARLIER if is_sent else None)
    assert next_step(link, NOW, press_wait=WAIT) is expected


LINKS = st.builds(
    LinkState,
    st.sampled_from(Desired),
    st.sampled_from(Observed),
    st.none() | st.just(EARLIER),
    st.none() | st.just(EARLIER),
    st.booleans(),
    st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=9)).map(lambda ago: NOW - ago),
    st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=9)).map(lambda ago: NOW - ago),
    st.none() | st.just(EARLIER),
)
REMARKING = (Step.REMARK, Step.LOOK_FOR_REMARK, Step.WAIT_FOR_REMARK)


@given(LINKS)
def test_nothing_is_written_while_an_earlier_write_may_have_happened(link: LinkState) -> None:
    step = next_step(link, NOW, press_wait=WAIT)
    assert not (step is Step.OPEN and (link.create_sent_at or link.observed is not Observed.ABSENT))
    assert not (step is Step.NOTE and (link.note_sent_at or link.note_seen))
    assert not (step is Step.CLOSE and not link.note_seen)
    assert not (step is Step.REMARK and link.remark_sent_at)


@given(LINKS)
def test_a_ticket_that_is_wanted_open_is_never_noted_or_closed(link: LinkState) -> None:
    if link.desired is Desired.OPEN:
        allowed = (Step.OPEN, Step.LOOK_FOR_TICKET, Step.NOTHING, *REMARKING)
        assert next_step(link, NOW, press_wait=WAIT) in allowed


@given(LINKS)
def test_a_ticket_whose_request_is_settled_gets_no_remark(link: LinkState) -> None:
    if link.desired is Desired.CLOSED:
        assert next_step(link, NOW, press_wait=WAIT) not in REMARKING


@given(LINKS)
def test_what_is_closed_or_gone_is_left_alone(link: LinkState) -> None:
    if link.observed in (Observed.CLOSED, Observed.GONE):
        assert next_step(link, NOW, press_wait=WAIT) is Step.NOTHING


@given(LINKS, st.integers(0, 600))
def test_waiting_for_the_presser_ends(link: LinkState, seconds: int) -> None:
    later = (link.pressed_at or NOW) + WAIT + timedelta(seconds=seconds)
    assert next_step(link, later, press_wait=WAIT) is not Step.WAIT_FOR_PRESS


@given(st.integers(-1000, 1000), st.integers(0, 600))
def test_nothing_found_proves_nothing_until_the_search_has_caught_up(seconds: int, lag: int) -> None:
    sent_at = NOW - timedelta(seconds=seconds)
    assert may_send_again(sent_at, NOW, search_lag=timedelta(seconds=lag)) is (seconds >= lag)
