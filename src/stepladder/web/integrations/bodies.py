"""The bodies of the integration API, as they are sent. What a form cannot tell is refused by the use case.

Members that other tools are known to send keep their names; `docs/integration-api.md` says which form is ours.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema

from stepladder.audit.reading import LARGEST_PAGE, RANGE
from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules.policy import LONGEST_NOTE, MOST_AT_ONCE, Draft, Match
from stepladder.tenancy.customers import LARGEST_PART, Lifetime
from stepladder.tenancy.delegation import DELEGABLE
from stepladder.tenancy.service import REQUEST_LIFETIMES
from stepladder.tenancy.technicians import Role
from stepladder.web.strict_json import BodyRefused

from .shapes import (
    NOT_EMPTY,
    SHOWN,
    Answer,
    Body,
    ByName,
    Email,
    Identifier,
    Instant,
    Kind,
    Name,
    OurId,
    ProgramText,
    Text,
    wrong,
)

_Lifetime = Annotated[
    int,
    WithJsonSchema({"type": "integer", "minimum": REQUEST_LIFETIMES[0], "maximum": REQUEST_LIFETIMES[-1]}),
]
_Sha256 = Annotated[
    str,
    Field(max_length=64),
    NOT_EMPTY,
    SHOWN,
    WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
]
_Note = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE), NOT_EMPTY, SHOWN]
_Arguments = Annotated[list[Annotated[str, Field(max_length=8192)]], Field(max_length=256)]


def _whole_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise wrong("be a whole number")
    return int(text)


_WholeNumber = Annotated[int, BeforeValidator(_whole_number)]


class Denial(Body, sdk="sdk.elevation.request.approval"):
    """A press of Deny."""

    request_id: Identifier = Field(alias="idemeumElevationRequestId")
    customer_name: Text = Field(alias="idemeumCustomerName")


class Approval(Denial):
    """A press of Approve."""

    kind: Kind = Field(alias="userElevationMode")


class EndOfAccounts(Body, sdk="entra.app.user.disable"):
    """Whose JIT accounts are to end, and where."""

    customer_name: Text = Field(alias="customerDisplayName")
    technician_email: Text = Field(alias="technicianEmailAddress")


class NewCustomer(Body, sdk="sdk.customer.request"):
    """A customer to make. Without a display name its name is both."""

    name: Name
    display_name: Name = Field(default_factory=str, alias="displayName")


class Settings(Body, json_schema_extra={"minProperties": 1}, sdk="sdk.customer.info"):
    """What is to change of a customer. What is not sent stays; no lifetime means that of the MSP.

    What an answer tells of the customer beyond that may be sent back as it is.
    """

    display_name: Name = Field(default_factory=str, alias="displayName")
    request_lifetime_seconds: _Lifetime | None = Field(None, alias="requestLifetimeSeconds")
    id: Any = Field(None, json_schema_extra={"readOnly": True})
    name: Any = Field(None, json_schema_extra={"readOnly": True})
    created_at: Any = Field(None, alias="createdAt", json_schema_extra={"readOnly": True})
    delegations: Any = Field(None, json_schema_extra={"readOnly": True})

    def check_read_only(self, answered: Answer) -> None:
        """Raises BodyRefused where a member that this call cannot change is not what is `answered` for it."""
        is_now = answered.as_value()
        for member in self.model_fields_set & {"id", "name", "created_at", "delegations"}:
            shown = type(self).model_fields[member].alias or member
            if getattr(self, member) != is_now[shown]:
                raise BodyRefused(f"This call cannot change {shown!r}. Send it as it is, or leave it out.")

    @property
    def lifetime(self) -> Lifetime | None:
        """The new lifetime, where one is sent."""
        is_sent = "request_lifetime_seconds" in self.model_fields_set
        return Lifetime(self.request_lifetime_seconds) if is_sent else None


class DelegateTo(Body, sdk="sdk.delegate.to.customer"):
    """Who gets which role at a customer."""

    email: Email = Field(alias="userEmail")
    role: Annotated[Role, ByName(*DELEGABLE)]


class UndelegateFrom(Body, sdk="sdk.undelegate.from.customer"):
    """Who loses their role at a customer."""

    email: Email = Field(alias="userEmail")


class EventsAsked(BaseModel):
    """Which part of the trail to read: as text, in the address."""

    page: Annotated[_WholeNumber, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 5000})] = 1
    size: Annotated[
        _WholeNumber, WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE})
    ] = 100
    range: Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{RANGE}$"})] = "last_90d"
    name: Annotated[str, WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200})] = Field(
        default_factory=str
    )
    after: Annotated[str, WithJsonSchema({"type": "string", "pattern": "^[0-9]{1,16}-[0-9]{1,18}$"})] = Field(
        default_factory=str
    )


class PartAsked(BaseModel):
    """Which part of a list to read: so many, behind the one with that id."""

    limit: Annotated[
        int,
        BeforeValidator(_whole_number),
        Field(ge=1, le=LARGEST_PART),
        WithJsonSchema({"type": "integer", "minimum": 1, "maximum": LARGEST_PART}),
    ] = LARGEST_PART
    after: Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})] = Field(default_factory=str)


class RuleToKeep(Body):
    """A rule, new or changed. What an answer tells of it beyond that may be sent back, and is passed over."""

    verdict: Annotated[Verdict, ByName(*Verdict)]
    expires_at: Instant = Field(alias="expiresAt")
    id: OurId | None = None
    kind: Kind | None = Field(None, alias="userElevationMode")
    sha256: _Sha256 | None = None
    publisher: ProgramText | None = None
    program_name: ProgramText | None = Field(None, alias="programName")
    arguments: _Arguments | None = None
    note: _Note | None = None
    state: Any = Field(None, json_schema_extra={"readOnly": True})
    state_detail: Any = Field(None, alias="stateDetail", json_schema_extra={"readOnly": True})
    created_at: Any = Field(None, alias="createdAt", json_schema_extra={"readOnly": True})
    written_by: Any = Field(None, alias="writtenBy", json_schema_extra={"readOnly": True})
    confirmed_by: Any = Field(None, alias="confirmedBy", json_schema_extra={"readOnly": True})
    confirmed_until: Any = Field(None, alias="confirmedUntil", json_schema_extra={"readOnly": True})

    def draft(self) -> Draft:
        """The rule as its use case takes it."""
        return Draft(
            verdict=self.verdict,
            kind=self.kind,
            match=Match(self.sha256, self.publisher, self.program_name),
            arguments=tuple(self.arguments or ()),
            expires_at=self.expires_at,
            note=self.note,
            id=self.id,
        )


class RulesToKeep(Body, sdk="sdk.rule.definition"):
    """Rules that are kept all together or not at all."""

    rules: list[RuleToKeep] = Field(json_schema_extra={"minItems": 1, "maxItems": MOST_AT_ONCE})
