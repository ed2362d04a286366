"""The chain: for each change in it, the first bad place is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, strategies as st
from tests.audit.trails import OTHER_MSP, an_event, chained

from stepladder.audit.chain import START, ChainBroken, Event, Head, follow, leaf_of

EVENTS = st.lists(st.integers(0, 10_000), min_size=1, max_size=30).map(
    lambda numbers: [an_event(number) for number in numbers]
)
ANOTHER_VALUE = {
    "msp_id": OTHER_MSP,
    "tag": "elevation_request.denied",
    "actor_kind": "operator",
    "actor_id": "somebody-else",
    "subject": "another-request",
    "facts": {},
}


@given(EVENTS)
def test_an_untouched_chain_ends_in_its_last_event(events: list[Event]) -> None:
    sealed = chained(events)
    assert follow(sealed) == Head(len(events), sealed[-1].link)


@given(EVENTS, st.data())
def test_following_in_pieces_is_following_the_whole(events: list[Event], data: Any) -> None:
    sealed = chained(events)
    cut = data.draw(st.integers(0, len(sealed)))
    assert follow(sealed[cut:], follow(sealed[:cut])) == follow(sealed)


def first_bad(sealed: Any) -> int:
    with pytest.raises(ChainBroken) as broken:
        follow(sealed)
    return broken.value.sequence


@given(EVENTS, st.data())
def test_every_field_of_an_event_is_part_of_its_hash(events: list[Event], data: Any) -> None:
    sealed = chained(events)
    at = data.draw(st.integers(0, len(sealed) - 1))
    field = data.draw(st.sampled_from(sorted(ANOTHER_VALUE)))
    altered = replace(sealed[at].event, **{field: ANOTHER_VALUE[field]})
    sealed[at] = replace(sealed[at], event=altered)
    assert first_bad(sealed) == at + 1


@given(EVENTS, st.data())
def test_an_altered_hash_is_found_where_it_stands(events: list[Event], data: Any) -> None:
    sealed = chained(events)
    at = data.draw(st.integers(0, len(sealed) - 1))
    field = data.draw(st.sampled_from(["leaf", "link"]))
    sealed[at] = replace(sealed[at], **{field: bytes(31) + b"\x01"})
    assert first_bad(sealed) == at + 1


@given(EVENTS, st.data())
def test_a_deleted_event_is_found_where_it_was(events: list[Event], data: Any) -> None:
    sealed = chained([*events, an_event(1)])
    at = data.draw(st.integers(0, len(sealed) - 2))
    del sealed[at]
    assert first_bad(sealed) == at + 1


@given(EVENTS, st.data())
def test_events_that_changed_places_are_found_at_the_first_of_them(events: list[Event], data: Any) -> None:
    sealed = chained([*events, an_event(20_000)])
    one, other = sorted(data.draw(st.sets(st.integers(0, len(sealed) - 1), min_size=2, max_size=2)))
    sealed[one], sealed[other] = sealed[other], sealed[one]
    assert first_bad(sealed) == one + 1


def test_an_event_put_in_with_hashes_of_its_own_breaks_what_follows() -> None:
    sealed = chained([an_event(1), an_event(2), an_event(3)])
    forged = chained([an_event(99)], Head(1, sealed[0].link))[0]
    assert first_bad([sealed[0], forged, *sealed[1:]]) == 3


def test_the_same_instant_in_another_zone_is_the_same_event() -> None:
    from datetime import timedelta, timezone

    event = an_event(1)
    elsewhere = replace(event, at=event.at.astimezone(timezone(timedelta(hours=-7))))
    assert leaf_of(elsewhere) == leaf_of(event)


def test_an_empty_chain_ends_at_its_start() -> None:
    assert follow([]) == START


def test_a_gap_in_the_numbers_is_found_by_the_numbers_alone() -> None:
    """TEST-05: each event follows the one before by its hash, so only the numbers tell."""
    sealed = [
        replace(each, sequence=number)
        for each, number in zip(chained([an_event(n) for n in range(3)]), (1, 7, 9), strict=True)
    ]
    assert first_bad(sealed) == 2
