"""Who may decide what, when. Pure: no database, no HTTP, no clock; `now` is an argument.

Every refusal has a name. Uncertainty is a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from stepladder.errors import Conflict, NotPermitted
from stepladder.kit.folding import fold
from stepladder.kit.ids import RequestId, RuleId, TechnicianId
from stepladder_protocol.messages import ElevationKind, RequestState


class Verdict(StrEnum):
    """What an approver says."""

    APPROVED = "approved"
    DENIED = "denied"

    @property
    def state(self) -> RequestState:
        return RequestState(self.value)


class Channel(StrEnum):
    """The way a decision came in."""

    INTEGRATION_API = "integration_api"
    CLI = "cli"
    PORTAL = "portal"
    POLICY = "policy"


class Withdrawal(StrEnum):
    """Why a request was cancelled by something else than its user."""

    ENDPOINT_REVOKED = "endpoint_revoked"


class RuleScope(StrEnum):
    """Whose standing rule decided: one customer's, or the whole MSP's."""

    CUSTOMER = "customer"
    MSP = "msp"


class AlreadyDecided(Conflict):
    """Another decision was first. `state` is what it decided."""

    code = "already_decided"

    def __init__(self, state: RequestState) -> None:
        super().__init__(f"This request has already been {state}. That decision is final.", state=str(state))
        self.state = state


class RequestExpired(Conflict):
    """The time to decide is over."""

    code = "request_expired"
    sentence = "The request expired before it was decided. The user can ask again."

    def __init__(self) -> None:
        super().__init__(state=str(RequestState.EXPIRED))


class SelfApproval(NotPermitted):
    """Nobody decides their own request."""

    code = "self_approval"
    sentence = "The person who asked must not decide. Ask another technician."


class NotAnApprover(NotPermitted):
    """The technician's role or state does not allow deciding."""

    code = "not_an_approver"
    sentence = "This technician is not allowed to decide requests. An administrator can change the role."


class KindNotAllowed(NotPermitted):
    """The kind of elevation is above what the channel may grant."""

    code = "kind_not_allowed"
    sentence = "The key does not allow this kind of elevation. Use USER, or a key that allows it."


@dataclass(frozen=True)
class Ask:
    """A decision as it is asked for, over any channel; who asks is told apart from it.

    `request_id` is what came in. `claimed_customer` is a check, never a selector: it must be a name of the request's
    own customer, now or when it was asked.
    """

    request_id: str
    verdict: Verdict
    channel: Channel
    kind: ElevationKind | None = None
    """The kind to grant; the one that was asked for if None."""
    reason: str | None = None
    claimed_customer: str | None = None
    rule_id: RuleId | None = None


@dataclass(frozen=True)
class Decided:
    """The decision that stands."""

    request_id: RequestId
    state: RequestState
    is_new: bool


@dataclass(frozen=True)
class Pending:
    """What the rules need to know of a request."""

    state: RequestState
    expires_at: datetime
    requester_email: str | None
    customer_id: UUID | None = None


@dataclass(frozen=True)
class Approver:
    """Who decides, as far as it is known. A button's key has no e-mail of its own; `approvers` makes them.

    `customers` are the ids that the approver serves; None means every customer of the MSP. `delegated` are the ids
    of customers for which the approver may decide although `may_decide`, which is about all of them, says no.
    """

    may_decide: bool
    email: str | None
    kinds: frozenset[ElevationKind]
    customers: frozenset[UUID] | None = None
    delegated: frozenset[UUID] = frozenset()
    technician_id: TechnicianId | None = None

    def may_decide_for(self, customer_id: UUID | None) -> bool:
        return self.may_decide or customer_id in self.delegated

    def serves(self, customer_id: UUID) -> bool:
        return self.customers is None or customer_id in self.customers


def check_decision(
    request: Pending, approver: Approver, *, verdict: Verdict, kind: ElevationKind, now: datetime
) -> None:
    """Check that `approver` may decide `verdict` now. Raises the refusal that applies otherwise."""
    if request.state is RequestState.EXPIRED:
        raise RequestExpired
    if request.state is not RequestState.PENDING:
        raise AlreadyDecided(request.state)
    if now >= request.expires_at:
        raise RequestExpired
    if not approver.may_decide_for(request.customer_id):
        raise NotAnApprover
    if _same_person(approver.email, request.requester_email):
        raise SelfApproval
    if verdict is Verdict.APPROVED and kind not in approver.kinds:
        raise KindNotAllowed


def _same_person(approver: str | None, requester: str | None) -> bool:
    return bool(approver and requester) and fold(approver or "") == fold(requester or "")
