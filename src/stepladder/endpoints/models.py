"""Tables of endpoints: enrolled machines, the tokens that enrol them, the nonces already seen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)

from stepladder.kit.tables import INSTANT, in_msp, metadata, referred


class EndpointColumns(TypedColumns):
    """An enrolled machine, known by its device key."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    customer_id: Named[UUID] = Column(Uuid)
    name: Named[str] = Column(Text)
    folded_name: Named[str] = Column(Text)
    public_key: Named[bytes] = Column(LargeBinary)
    operating_system: Named[str] = Column(Text)
    agent_version: Named[str] = Column(Text)
    state: Named[str] = Column(String(8))
    enrolled_at: Named[datetime] = Column(INSTANT)
    last_seen_at: Named[datetime] = Column(INSTANT)
    signed_after: Named[datetime | None] = Column(INSTANT, nullable=True)
    held_by_restore: Named[bool] = Column(Boolean, server_default=text("false"))


class EnrolmentTokenColumns(TypedColumns):
    """A single-use, expiring right to enrol one machine for one customer. Only its hash is saved."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    customer_id: Named[UUID] = Column(Uuid)
    token_hash: Named[bytes] = Column(LargeBinary)
    endpoint_name: Named[str | None] = Column(Text, nullable=True)
    created_at: Named[datetime] = Column(INSTANT)
    expires_at: Named[datetime] = Column(INSTANT)
    used_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    endpoint_id: Named[UUID | None] = Column(Uuid, nullable=True)


class EndpointNonceColumns(TypedColumns):
    """A nonce of a signed message, saved longer than the signature's window."""

    endpoint_id: Named[UUID] = Column(Uuid, primary_key=True)
    nonce: Named[str] = Column(Text, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    seen_at: Named[datetime] = Column(INSTANT)


endpoint = Table(
    "endpoint",
    metadata,
    EndpointColumns,
    in_msp("customer_id", "customer"),
    referred(),
    CheckConstraint("state in ('active','held','revoked')", name="state"),
)
Index("uq_endpoint_public_key", endpoint.c.msp_id, endpoint.c.public_key, unique=True)
Index(
    "ix_endpoint_customer_name",
    endpoint.c.customer_id,
    endpoint.c.folded_name,
    endpoint.c.enrolled_at,
    endpoint.c.id,
)
Index("ix_endpoint_name", endpoint.c.msp_id, endpoint.c.folded_name, endpoint.c.enrolled_at, endpoint.c.id)
enrolment_token = Table(
    "enrolment_token",
    metadata,
    EnrolmentTokenColumns,
    in_msp("customer_id", "customer"),
    in_msp("endpoint_id", "endpoint"),
)
Index("uq_enrolment_token_hash", enrolment_token.c.msp_id, enrolment_token.c.token_hash, unique=True)
endpoint_nonce = Table("endpoint_nonce", metadata, EndpointNonceColumns)
Index("ix_endpoint_nonce_seen", endpoint_nonce.c.msp_id, endpoint_nonce.c.seen_at)
