"""Who may decide what, when: properties of the pure rules, over everything that can be put into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given, settings, strategies as st

from stepladder.elevation import policy as rules
from stepladder.elevation.policy import (
    AlreadyDecided,
    Approver,
    KindNotAllowed,
    NotAnApprover,
    Pending,
    RequestExpired,
    SelfApproval,
    Verdict,
    check_decision,
)
from stepladder.errors import StepladderError
from stepladder_protocol.messages import ElevationKind, RequestState

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
# Few values on both sides, so that they meet: the same person in two spellings, nobody, the same customer.
EMAILS = st.sampled_from(
    [
        None,
        "",
        "ada@customer.example",
        "ADA@Customer.Example",
        "nik@nikpot.example",
        "straße@x.example",
        "STRASSE@x.example",
    ]
)
CUSTOMERS = st.sampled_from([UUID(int=number) for number in range(1, 4)])
MOMENTS = st.timedeltas(timedelta(days=-10), timedelta(days=10)).map(lambda delta: NOON + delta)
LATER = st.timedeltas(timedelta(days=11), timedelta(days=20)).map(lambda delta: NOON + delta)
# Most are pending and have time left: what is settled or late is refused before anything else is looked at.
REQUESTS = st.builds(
    Pending,
    state=st.sampled_from([RequestState.PENDING] * 8 + list(RequestState)),
    expires_at=LATER | LATER | MOMENTS,
    requester_email=EMAILS,
    customer_id=st.none() | CUSTOMERS,
)
APPROVERS = st.builds(
    Approver,
    may_decide=st.booleans(),
    email=EMAILS,
    kinds=st.frozensets(st.sampled_from(ElevationKind)),
    customers=st.none() | st.frozensets(CUSTOMERS),
    delegated=st.frozensets(CUSTOMERS),
)
VERDICTS, KINDS = st.sampled_from(Verdict), st.sampled_from(ElevationKind)


def outcome(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> StepladderError | None:
    try:
        check_decision(request, approver, verdict=verdict, kind=kind, now=now)
    except StepladderError as refusal:
        return refusal
    return None


def same(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and str(one).casefold() == str(other).casefold()


@given(REQUESTS, APPROVERS, VERDICTS, KINDS, MOMENTS)
def test_nothing_is_decided_that_does_not_wait(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    refusal = outcome(request, approver, verdict, kind, now)
    if request.state is RequestState.EXPIRED:
        assert isinstance(refusal, RequestExpired)
    elif request.state is not RequestState.PENDING:
        assert isinstance(refusal, AlreadyDecided)
        assert refusal.state is request.state


@given(APPROVERS, VERDICTS, KINDS, MOMENTS, EMAILS, st.timedeltas(timedelta(0), timedelta(days=30)))
@example(
    Approver(True, None, frozenset(ElevationKind)),
    Verdict.APPROVED,
    ElevationKind.USER,
    NOON,
    None,
    timedelta(0),
)
def test_nothing_is_decided_from_the_moment_it_expires(
    approver: Approver,
    verdict: Verdict,
    kind: ElevationKind,
    ends: datetime,
    email: str | None,
    late: timedelta,
) -> None:
    request = Pending(RequestState.PENDING, ends, email)
    assert isinstance(outcome(request, approver, verdict, kind, ends + late), RequestExpired)


@given(REQUESTS, APPROVERS, VERDICTS, KINDS, MOMENTS)
def test_the_requester_never_decides(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    if same(approver.email, request.requester_email):
        assert outcome(request, approver, verdict, kind, now) is not None


@given(
    VERDICTS,
    KINDS,
    st.emails(domains=st.just("customer.example")),
    st.sampled_from([str.upper, str.lower, str.title, str.casefold]),
)
def test_no_spelling_of_the_requesters_address_gets_round_it(
    verdict: Verdict, kind: ElevationKind, email: str, respell: Callable[[str], str]
) -> None:
    requester = Approver(True, respell(email), frozenset(ElevationKind))
    request = Pending(RequestState.PENDING, NOON, email)
    assert isinstance(outcome(request, requester, verdict, kind, NOON - timedelta(1)), SelfApproval)


@given(REQUESTS, APPROVERS, KINDS, MOMENTS)
def test_no_approval_goes_above_the_kinds_that_may_be_given(
    request: Pending, approver: Approver, kind: ElevationKind, now: datetime
) -> None:
    if kind not in approver.kinds:
        assert outcome(request, approver, Verdict.APPROVED, kind, now) is not None


@given(REQUESTS, APPROVERS, VERDICTS, KINDS, MOMENTS)
def test_who_may_not_decide_decides_nothing(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    if not approver.may_decide and request.customer_id not in approver.delegated:
        assert outcome(request, approver, verdict, kind, now) is not None


@settings(max_examples=500)  # microseconds each, and every refusal is to be one change away many times
@given(REQUESTS, APPROVERS, VERDICTS, KINDS, MOMENTS)
def test_a_decision_stands_exactly_when_no_refusal_applies(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    """The rules once more, as a sentence: a second telling that shares no code with the first."""
    may = (
        request.state is RequestState.PENDING
        and now < request.expires_at
        and (approver.may_decide or request.customer_id in approver.delegated)
        and not same(approver.email, request.requester_email)
        and (verdict is Verdict.DENIED or kind in approver.kinds)
    )
    assert (outcome(request, approver, verdict, kind, now) is None) == may


@given(REQUESTS, APPROVERS, KINDS, MOMENTS)
def test_to_deny_never_needs_more_than_to_approve(
    request: Pending, approver: Approver, kind: ElevationKind, now: datetime
) -> None:
    if outcome(request, approver, Verdict.APPROVED, kind, now) is None:
        assert outcome(request, approver, Verdict.DENIED, kind, now) is None


@given(REQUESTS, APPROVERS, VERDICTS, KINDS, MOMENTS)
def test_every_refusal_is_named_and_tells_its_reader_what_to_do(
    request: Pending, approver: Approver, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    refusal = outcome(request, approver, verdict, kind, now)
    if refusal is not None:
        assert type(refusal) in REFUSALS
        assert refusal.detail.endswith(".")
        assert refusal.code != StepladderError.code
        told = refusal.facts.get("state")
        assert told in (None, *map(str, set(RequestState) - {RequestState.PENDING}))


REFUSALS: set[type[StepladderError]] = {
    AlreadyDecided,
    RequestExpired,
    SelfApproval,
    NotAnApprover,
    KindNotAllowed,
}
WELL = Approver(True, "nik@nikpot.example", frozenset({ElevationKind.USER}))
OPEN = Pending(RequestState.PENDING, NOON + timedelta(hours=1), "ada@customer.example")
HERE, THERE = UUID(int=1), UUID(int=2)
OF_HERE = replace(OPEN, customer_id=HERE)


def test_the_refusals_here_are_all_that_the_rules_have() -> None:
    raised = {
        each for each in vars(rules).values() if isinstance(each, type) and issubclass(each, StepladderError)
    }
    assert {each for each in raised if each.__module__ == rules.__name__} == REFUSALS
    assert len({each.code for each in REFUSALS}) == len(REFUSALS)


@pytest.mark.parametrize(
    ("refusal", "request_", "approver", "kind"),
    [
        (None, OPEN, WELL, ElevationKind.USER),
        (None, replace(OPEN, requester_email=None), replace(WELL, email=None), ElevationKind.USER),
        (None, replace(OPEN, requester_email=""), replace(WELL, email=""), ElevationKind.USER),
        (AlreadyDecided, Pending(RequestState.DENIED, OPEN.expires_at, None), WELL, ElevationKind.USER),
        (RequestExpired, Pending(RequestState.PENDING, NOON, None), WELL, ElevationKind.USER),
        (SelfApproval, OPEN, Approver(True, "Ada@Customer.example", WELL.kinds), ElevationKind.USER),
        (NotAnApprover, OPEN, Approver(False, WELL.email, WELL.kinds), ElevationKind.USER),
        (None, OF_HERE, replace(WELL, may_decide=False, delegated=frozenset({HERE})), ElevationKind.USER),
        (
            NotAnApprover,
            OF_HERE,
            replace(WELL, may_decide=False, delegated=frozenset({THERE})),
            ElevationKind.USER,
        ),
        (KindNotAllowed, OPEN, WELL, ElevationKind.ADMIN),
    ],
)
def test_each_refusal_is_one_change_away_from_a_decision(
    refusal: type[StepladderError] | None, request_: Pending, approver: Approver, kind: ElevationKind
) -> None:
    found = outcome(request_, approver, Verdict.APPROVED, kind, NOON)
    assert found is None if refusal is None else type(found) is refusal


def test_what_is_above_the_kinds_that_may_be_given_may_still_be_denied() -> None:
    assert outcome(OPEN, WELL, Verdict.DENIED, ElevationKind.ADMIN, NOON) is None


def test_a_verdict_is_the_state_it_leads_to() -> None:
    assert {verdict.state for verdict in Verdict} == {RequestState.APPROVED, RequestState.DENIED}


@given(st.none() | st.frozensets(CUSTOMERS), CUSTOMERS)
@example(frozenset({HERE}), HERE)
@example(frozenset({HERE}), THERE)
@example(frozenset(), HERE)
@example(None, HERE)
def test_an_approver_serves_all_customers_or_exactly_the_listed(
    customers: frozenset[UUID] | None, customer: UUID
) -> None:
    approver = Approver(True, None, frozenset(), customers)
    assert approver.serves(customer) == (customers is None or customer in customers)


ALL_KINDS = frozenset(ElevationKind)


@pytest.mark.parametrize(
    ("customers", "is_served"), [(None, True), ({1}, True), ({1, 2}, True), ({2}, False), (set(), False)]
)
def test_a_key_for_some_customers_serves_exactly_those(customers: set[int] | None, is_served: bool) -> None:
    """TEST-06."""
    ids = None if customers is None else frozenset(UUID(int=number) for number in customers)
    assert Approver(True, None, ALL_KINDS, customers=ids).serves(UUID(int=1)) is is_served


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("nobody", [None, ""])
def test_where_neither_side_has_an_address_nobody_decides_their_own(
    verdict: Verdict, nobody: str | None
) -> None:
    """TEST-07: two unknown people are not the same person."""
    request = Pending(RequestState.PENDING, NOON, nobody)
    approver = Approver(True, nobody, ALL_KINDS)
    assert outcome(request, approver, verdict, ElevationKind.USER, NOON - timedelta(1)) is None


@pytest.mark.parametrize("kind", list(ElevationKind))
def test_denying_needs_no_right_to_the_kind(kind: ElevationKind) -> None:
    """TEST-07: a technician who may decide may say no to each request."""
    request = Pending(RequestState.PENDING, NOON, "ada@customer.example")
    nothing = Approver(True, "nik@nikpot.example", frozenset())
    assert outcome(request, nothing, Verdict.DENIED, kind, NOON - timedelta(1)) is None
    assert isinstance(outcome(request, nothing, Verdict.APPROVED, kind, NOON - timedelta(1)), KindNotAllowed)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_nobody_denies_their_own_request_either(verdict: Verdict) -> None:
    """TEST-07."""
    request = Pending(RequestState.PENDING, NOON, "ada@customer.example")
    herself = Approver(True, "Ada@Customer.example", ALL_KINDS)
    assert isinstance(
        outcome(request, herself, verdict, ElevationKind.USER, NOON - timedelta(1)), SelfApproval
    )
