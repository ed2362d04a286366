"""Delegation in the pure rules: it opens exactly the customers it names, and takes no other refusal away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, strategies as st

from stepladder.elevation.policy import Approver, NotAnApprover, Pending, Verdict, check_decision
from stepladder.errors import StepladderError
from stepladder_protocol.messages import ElevationKind, RequestState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HERE, THERE = UUID(int=1), UUID(int=2)
EMAILS = st.sampled_from([None, "ada@customer.example", "ADA@customer.example", "nik@nikpot.example"])
# Most wait and have time left, and who decides is delegated for exactly the request's customer, for it and another,
# only for another, or for none.
REQUESTS = st.builds(
    Pending,
    state=st.sampled_from([RequestState.PENDING] * 8 + list(RequestState)),
    expires_at=st.sampled_from([NOON + timedelta(1)] * 4 + [NOON - timedelta(1), NOON]),
    requester_email=EMAILS,
    customer_id=st.sampled_from([HERE, HERE, HERE, None]),
)
DELEGATED_HERE = st.sampled_from([frozenset({HERE}), frozenset({HERE, THERE})])
DELEGATED_ELSEWHERE = st.sampled_from([frozenset({THERE}), frozenset[UUID]()])


def approvers(delegated: st.SearchStrategy[frozenset[UUID]]) -> st.SearchStrategy[Approver]:
    """Who may not decide everywhere, and where they may."""
    return st.builds(
        Approver,
        may_decide=st.just(False),
        email=EMAILS,
        kinds=st.frozensets(st.sampled_from(ElevationKind)),
        delegated=delegated,
    )


VERDICTS, KINDS = st.sampled_from(Verdict), st.sampled_from(ElevationKind)


def outcome(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> StepladderError | None:
    try:
        check_decision(request, approver, verdict=verdict, kind=kind, now=NOON)
    except StepladderError as refusal:
        return refusal
    return None


@given(REQUESTS, approvers(DELEGATED_ELSEWHERE), VERDICTS, KINDS)
def test_who_may_not_decide_everywhere_decides_only_where_delegated(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    assert outcome(request, approver, verdict, kind) is not None


@given(REQUESTS, approvers(DELEGATED_HERE), VERDICTS, KINDS)
def test_where_delegated_a_technician_decides_as_one_who_may_everywhere(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    """The same refusals, no fewer: not waiting, expired, their own request, above the kind."""
    here = replace(request, customer_id=HERE)
    everywhere = replace(approver, may_decide=True, delegated=frozenset())
    assert type(outcome(here, approver, verdict, kind)) is type(outcome(here, everywhere, verdict, kind))


@given(REQUESTS, approvers(DELEGATED_HERE | DELEGATED_ELSEWHERE), VERDICTS, KINDS)
def test_a_delegation_takes_nothing_from_who_may_decide_everywhere(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    everywhere = replace(approver, may_decide=True)
    without = replace(everywhere, delegated=frozenset())
    assert type(outcome(request, everywhere, verdict, kind)) is type(outcome(request, without, verdict, kind))


@given(REQUESTS, approvers(DELEGATED_HERE | DELEGATED_ELSEWHERE), VERDICTS, KINDS)
def test_a_request_of_no_known_customer_is_delegated_to_nobody(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    nowhere = replace(request, customer_id=None, state=RequestState.PENDING, expires_at=NOON + timedelta(1))
    assert isinstance(outcome(nowhere, approver, verdict, kind), NotAnApprover)
