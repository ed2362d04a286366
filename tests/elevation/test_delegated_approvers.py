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
CUSTOMERS = st.sampled_from([UUID(int=number) for number in range(1, 4)])
EMAILS = st.sampled_from([None, "ada@customer.example", "ADA@customer.example", "nik@nikpot.example"])
REQUESTS = st.builds(
    Pending,
    state=st.sampled_from(RequestState),
    expires_at=st.sampled_from([NOON - timedelta(1), NOON, NOON + timedelta(1)]),
    requester_email=EMAILS,
    customer_id=st.none() | CUSTOMERS,
)
APPROVERS = st.builds(
    Approver,
    may_decide=st.booleans(),
    email=EMAILS,
    kinds=st.frozensets(st.sampled_from(ElevationKind)),
    delegated=st.frozensets(CUSTOMERS),
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


@given(REQUESTS, APPROVERS, VERDICTS, KINDS)
def test_who_may_not_decide_everywhere_decides_only_where_delegated(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    if not approver.may_decide and request.customer_id not in approver.delegated:
        assert outcome(request, approver, verdict, kind) is not None


@given(REQUESTS, APPROVERS, VERDICTS, KINDS)
def test_where_delegated_a_technician_decides_as_one_who_may_everywhere(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    """The same refusals, no fewer: not waiting, expired, their own request, above the kind."""
    everywhere = replace(approver, may_decide=True, delegated=frozenset())
    if request.customer_id in approver.delegated:
        assert type(outcome(request, approver, verdict, kind)) is type(
            outcome(request, everywhere, verdict, kind)
        )


@given(REQUESTS, APPROVERS, VERDICTS, KINDS, st.frozensets(CUSTOMERS))
def test_a_delegation_takes_nothing_from_who_may_decide_everywhere(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, delegated: frozenset[UUID]
) -> None:
    everywhere = replace(approver, may_decide=True)
    without = replace(everywhere, delegated=delegated)
    assert type(outcome(request, everywhere, verdict, kind)) is type(outcome(request, without, verdict, kind))


@given(REQUESTS, APPROVERS, VERDICTS, KINDS)
def test_a_request_of_no_known_customer_is_delegated_to_nobody(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind
) -> None:
    nowhere = replace(request, customer_id=None, state=RequestState.PENDING, expires_at=NOON + timedelta(1))
    limited = replace(approver, may_decide=False)
    assert isinstance(outcome(nowhere, limited, verdict, kind), NotAnApprover)
