"""Wire types of the endpoint API.

What is asked, and every grant, is strict: an unknown field or a wrong type is refused, never guessed.
Every time carries its zone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Sha256Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
LongText = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Argument = Annotated[str, StringConstraints(max_length=8192)]
EncodedKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
# Strict, because canonical JSON knows whole numbers only up to 2**53 and `true` must not pass as 1.
FileSize = Annotated[int, Field(strict=True, ge=0, lt=2**53)]


class WireModel(BaseModel):
    """Base of everything on the wire. What is refused is named, never repeated: it may be a secret."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class AnswerModel(WireModel):
    """Base of what the service answers. A field of a later version is passed over, so the protocol can grow.

    A grant is no such answer: a field in it that the agent does not know may be a limit it must keep.
    """

    model_config = ConfigDict(extra="ignore")


class ElevationKind(StrEnum):
    """The kind of elevation: USER gives the asking user the rights, ADMIN runs as a managed administrator."""

    USER = "USER"
    ADMIN = "ADMIN"


class RequestState(StrEnum):
    """Where an elevation request stands. Everything but pending is final."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class EnrolBody(WireModel):
    """Asks to enrol this machine. The message is signed with the key that `public_key` names."""

    token: Annotated[str, StringConstraints(min_length=20, max_length=128)] = Field(repr=False)
    public_key: EncodedKey = Field(description="Raw Ed25519 public key, base64url without padding.")
    endpoint_name: Text = Field(description="The machine's name, as its asset is called in HaloPSA.")
    operating_system: Text
    agent_version: Text


class GrantKey(AnswerModel):
    """A key that signs grants; the agent pins it."""

    kid: Text
    public_key: EncodedKey


class EnrolAnswer(AnswerModel):
    """`state` is `active`, or `held` until a person lets the machine in (a machine of that name exists)."""

    endpoint_id: Text
    state: Text
    customer: Text
    issuer: Text
    grant_keys: list[GrantKey]


class Requester(WireModel):
    """The end user who asks, as the operating system knows them: claims, shown to approvers."""

    user: Text
    display_name: Text | None = None
    email: Annotated[str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")] | None = None


class Program(WireModel):
    """The program to run, as the agent found it on disk."""

    name: Text
    path: LongText
    arguments: Annotated[list[Argument], Field(max_length=256)] = []
    sha256: Sha256Hex
    size: FileSize
    publisher: Text | None = Field(default=None, description="Owner package or signer, where known.")


class SubmitBody(WireModel):
    """Asks for elevation. The same idempotency key with the same body gives the same request."""

    idempotency_key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
    kind: ElevationKind = ElevationKind.USER
    requester: Requester
    program: Program
    reason: Annotated[str, StringConstraints(max_length=1000)] | None = None


class RequestStatus(AnswerModel):
    """What the agent may know of its own request."""

    request_id: Text
    state: RequestState
    created_at: AwareDatetime
    expires_at: AwareDatetime
    decided_at: AwareDatetime | None = None
    decided_by: str | None = None
    decision_reason: str | None = None
    joined: bool = Field(
        default=False, description="Whether this idempotency key joined a request that another one had made."
    )


class GrantFile(WireModel):
    """The one file the grant is good for."""

    path: str
    sha256: Sha256Hex
    size: FileSize
    publisher: str | None = None


class Grant(WireModel):
    """The right to start one program once. Everything in it was stored when the decision was made."""

    issuer: str
    audience: str = Field(description="The endpoint's id; the grant is worthless anywhere else.")
    request_id: str
    person: str
    file: GrantFile
    arguments_sha256: Sha256Hex
    kind: ElevationKind
    not_before: AwareDatetime
    expires_at: AwareDatetime
    nonce: str = Field(description="Single use: the agent accepts each nonce once.")


class SignedGrant(WireModel):
    """A grant with its signature. `alg` is fixed; a different one is refused, not tried."""

    alg: str
    kid: str
    grant: Grant
    signature: str


class Problem(BaseModel):
    """An RFC 9457 problem. `code` is stable; `detail` says what to do."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
