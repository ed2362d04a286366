"""What a changed ticket means: the gravest finding first, and nothing from what a list does not show."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from stepladder.connectors.ticket_system import ListedTicket
from stepladder.kit.ids import CustomerId, LinkId, RequestId
from stepladder.mapping.policy import MappingState
from stepladder.tickets.drift_policy import REMARKED, Deviation, Drift, Watched, describe, judge
from stepladder.tickets.steps import Observed

REQUEST = RequestId(UUID("5e7f1a52-0000-4000-8000-00000000000a"))


def watched(**changes: Any) -> Watched:
    values: dict[str, Any] = {
        "link_id": LinkId(UUID(int=9)),
        "request_id": REQUEST,
        "customer_id": CustomerId(UUID(int=1)),
        "ticket_id": "2001",
        "observed": Observed.OPEN,
        "drift": None,
        "drift_detail": None,
        "remark_seen": False,
        "mended": 0,
        "customer_label": "Müller & Söhne",
        "remote_id": "7",
        "remote_name": "Müller",
        "mapping": MappingState.MAPPED,
    }
    return Watched(**{**values, **changes})


def ticket(**changes: Any) -> ListedTicket:
    values: dict[str, Any] = {
        "id": "2001",
        "is_closed": False,
        "customer_id": "7",
        "customer_name": "Müller",
        "merged_into": None,
        "customer_field": "Müller & Söhne",
        "request_field": str(REQUEST),
    }
    return ListedTicket(**{**values, **changes})


CASES = {
    "as it was": ({}, {}, []),
    "closed": ({}, {"is_closed": True}, [Deviation(Drift.CLOSED_BY_HAND)]),
    "merged, which closes it": (
        {},
        {"is_closed": True, "merged_into": "9"},
        [Deviation(Drift.MERGED, "9")],
    ),
    "moved": ({}, {"customer_id": "8", "customer_name": "Other"}, [Deviation(Drift.MOVED, "Other")]),
    "moved to one without a name": (
        {},
        {"customer_id": "8", "customer_name": None},
        [Deviation(Drift.MOVED, "customer 8")],
    ),
    "customer not shown": ({}, {"customer_id": None}, []),
    "our customer has no link any more": (
        {"remote_id": None, "mapping": MappingState.UNMAPPED},
        {"customer_id": "8"},
        [],
    ),
    "the customer is gone": (
        {"mapping": MappingState.GONE},
        {"customer_id": "8"},
        [Deviation(Drift.CUSTOMER_GONE, "Müller")],
    ),
    "fields not shown": ({}, {"customer_field": None, "request_field": None}, []),
    "the same in another spelling": (
        {},
        {"customer_field": " MÜLLER &amp; söhne ", "request_field": f" {str(REQUEST).upper()} "},
        [],
    ),
    "one field emptied": ({}, {"request_field": ""}, [Deviation(Drift.FIELDS_EDITED, "request")]),
    "both fields edited": (
        {},
        {"customer_field": "x", "request_field": "y"},
        [Deviation(Drift.FIELDS_EDITED, "customer and request")],
    ),
    "everything at once": (
        {},
        {"is_closed": True, "customer_id": "8", "customer_name": "Other", "request_field": ""},
        [
            Deviation(Drift.CLOSED_BY_HAND),
            Deviation(Drift.MOVED, "Other"),
            Deviation(Drift.FIELDS_EDITED, "request"),
        ],
    ),
}


@pytest.mark.parametrize(("ours", "theirs", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_found(ours: dict[str, Any], theirs: dict[str, Any], expected: list[Deviation]) -> None:
    assert judge(watched(**ours), ticket(**theirs)) == expected


def test_a_ticket_that_is_gone_was_deleted() -> None:
    assert judge(watched(), None) == [Deviation(Drift.DELETED)]


TICKETS = st.builds(
    ListedTicket,
    st.just("2001"),
    st.booleans(),
    st.none() | st.sampled_from(["7", "8"]),
    st.none() | st.text(max_size=5),
    st.none() | st.just("9"),
    st.none() | st.sampled_from(["Müller & Söhne", "", "x"]),
    st.none() | st.sampled_from([str(REQUEST), "", "y"]),
)


@given(TICKETS, st.none() | st.sampled_from(MappingState))
def test_the_gravest_comes_first_and_each_at_most_once(
    found: ListedTicket, mapping: MappingState | None
) -> None:
    drifts = [each.drift for each in judge(watched(mapping=mapping), found)]
    order = list(Drift)
    assert drifts == sorted(set(drifts), key=order.index)


@given(TICKETS)
def test_a_closed_ticket_is_always_told_and_an_open_one_never_remarked(found: ListedTicket) -> None:
    remarked = [each.drift for each in judge(watched(), found) if each.drift in REMARKED]
    assert bool(remarked) == (found.is_closed or found.merged_into is not None)


@pytest.mark.parametrize("drift", Drift)
def test_every_finding_has_a_sentence_that_says_what_to_do(drift: Drift) -> None:
    said = describe(drift, "Other")
    assert said.endswith((".", "link"))
    assert "{" not in said
    assert any(word in said for word in ("decide", "approve", "Link", "Move", "Find", "restore"))
