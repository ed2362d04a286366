"""The answers of the integration API. Members that other tools are known to read keep their names."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules.policy import RuleState
from stepladder.elevation.rules.queries import Rule
from stepladder.tenancy.technicians import Role
from stepladder_protocol.messages import ElevationKind

from .shapes import Answer, At, ByName, sdk_type


class PressStatus(StrEnum):
    """What became of a press."""

    APPROVED = "APPROVED"
    DENIED = "DENIED"
    SELF_TEST = "SELF_TEST"


class Pressed(Answer):
    """The request that a press was about, as it stands now."""

    request_id: str = Field(serialization_alias="idemeumElevationRequestId")
    status: PressStatus


class AccountsEnded(Answer):
    """A technician has no JIT account at the customer any more."""

    status: Literal["DISABLED"]


class Customer(Answer, sdk="sdk.customer"):
    """A customer in short."""

    # What the one known client says it takes for a customer just made.
    or_media_type: ClassVar[str | None] = sdk_type("customer")

    id: UUID
    name: str
    display_name: str


class Customers(Answer, sdk="sdk.customer.basic.info.list"):
    """The customers that a key serves, or a part of them; `next`, where there is one, leads to the part behind."""

    says_null: ClassVar[bool] = False

    items: list[Customer]
    next: str | None = None


class Delegated(Answer, sdk="sdk.delegate.to.customer"):
    """Who has which role at a customer."""

    email: str = Field(serialization_alias="userEmail")
    role: Annotated[Role, ByName(*Role)]


class Undelegated(Answer, sdk="sdk.undelegate.from.customer"):
    """Who has no role of their own at a customer any more."""

    email: str = Field(serialization_alias="userEmail")


class CustomerInfo(Answer, sdk="sdk.customer.info"):
    """Everything of a customer."""

    id: UUID
    name: str
    display_name: str
    created_at: At
    request_lifetime_seconds: int
    delegations: list[Delegated]


class Device(Answer):
    """An enrolled machine."""

    id: UUID
    name: str
    state: Literal["active", "held", "revoked"]
    operating_system: str
    agent_version: str
    enrolled_at: At
    last_seen_at: At


class Devices(Answer, sdk="sdk.customer.devices"):
    """The machines of a customer, or a part of them; `next`, where there is one, leads to the part behind."""

    says_null: ClassVar[bool] = False

    items: list[Device]
    next: str | None = None


class Group(Answer):
    """A role and how many active technicians have it."""

    role: Role = Field(serialization_alias="id")
    name: str
    members: int = Field(serialization_alias="memberCount")


class Groups(Answer, sdk="sdk.group.info.list"):
    """Every role."""

    items: list[Group]


class KeptRule(Answer):
    """A rule in the form in which it is sent, and how it stands with it."""

    id: UUID
    verdict: Annotated[Verdict, ByName(*Verdict)]
    kind: ElevationKind | None = Field(None, serialization_alias="userElevationMode")
    sha256: str | None = None
    publisher: str | None = None
    program_name: str | None = None
    arguments: list[str] | None = None
    expires_at: At
    note: str | None = None
    state: Annotated[RuleState, ByName(*RuleState)]
    state_detail: str
    created_at: At
    written_by: str
    confirmed_by: str | None = None
    confirmed_until: At | None = None


class Rules(Answer, sdk="sdk.rule.definition"):
    """Rules of one place."""

    says_null: ClassVar[bool] = False

    rules: list[KeptRule]

    @classmethod
    def of(cls, found: Iterable[Rule], now: datetime) -> Rules:
        """The rules as they stand now."""
        return cls(rules=[_kept(rule, now) for rule in found])


def _kept(rule: Rule, now: datetime) -> KeptRule:
    state = rule.standing().state(now)
    told = {name: value for name, value in vars(rule).items() if name in KeptRule.model_fields}
    return KeptRule(
        **told,
        state=state,
        state_detail=state.sentence,
        written_by=rule.written_by_name or rule.written_by_id,
    )


class Event(Answer):
    """An event of the trail, with names where there are any."""

    sequence: int | None
    at: At
    tag: str = Field(serialization_alias="event")
    actor_kind: str
    actor_id: str
    actor_name: str | None
    subject: str
    subject_name: str | None
    facts: dict[str, Any]


class Events(Answer):
    """A page of the trail; `next` leads to the one behind."""

    items: list[Event]
    page: int
    size: int
    has_more: bool
    next: str | None
