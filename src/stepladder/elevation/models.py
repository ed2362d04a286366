"""Tables of elevation: requests, decisions and grants."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
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
from sqlalchemy.dialects.postgresql import JSONB

from stepladder.kit.tables import INSTANT, in_msp, metadata, referred


class ElevationRequestColumns(TypedColumns):
    """An ask for privilege: who, where, which program, why, until when."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    customer_id: Named[UUID] = Column(Uuid)
    customer_label: Named[str] = Column(Text)
    endpoint_id: Named[UUID] = Column(Uuid)
    idempotency_key: Named[str] = Column(Text)
    body_sha256: Named[bytes] = Column(LargeBinary)
    kind: Named[str] = Column(String(8))
    state: Named[str] = Column(String(12))
    requester_user: Named[str] = Column(Text)
    requester_name: Named[str | None] = Column(Text, nullable=True)
    requester_email: Named[str | None] = Column(Text, nullable=True)
    program_name: Named[str] = Column(Text)
    program_path: Named[str] = Column(Text)
    arguments: Named[Any] = Column(JSONB)
    sha256: Named[str] = Column(String(64))
    size: Named[int] = Column(BigInteger)
    publisher: Named[str | None] = Column(Text, nullable=True)
    reason: Named[str | None] = Column(Text, nullable=True)
    created_at: Named[datetime] = Column(INSTANT)
    expires_at: Named[datetime] = Column(INSTANT)
    settled_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    withdrawn_because: Named[str | None] = Column(String(20), nullable=True)


class JoinedRequestColumns(TypedColumns):
    """A repeated request that joined an equal one while that was open: the same answer for its idempotency key."""

    endpoint_id: Named[UUID] = Column(Uuid, primary_key=True)
    idempotency_key: Named[str] = Column(Text, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    request_id: Named[UUID] = Column(Uuid)
    body_sha256: Named[bytes] = Column(LargeBinary)
    joined_at: Named[datetime] = Column(INSTANT)


class DecisionColumns(TypedColumns):
    """The one decision of a request. Written once, never changed."""

    request_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    verdict: Named[str] = Column(String(8))
    kind: Named[str] = Column(String(8))
    scope: Named[str] = Column(String(8))
    channel: Named[str] = Column(String(16))
    actor_kind: Named[str] = Column(String(16))
    actor_id: Named[str] = Column(Text)
    technician_id: Named[UUID | None] = Column(Uuid, nullable=True)
    reason: Named[str | None] = Column(Text, nullable=True)
    decided_at: Named[datetime] = Column(INSTANT)
    rule_id: Named[UUID | None] = Column(Uuid, nullable=True)


class RuleColumns(TypedColumns):
    """A standing rule: a decision made ahead, of one MSP or one of its customers. Ended, never removed."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    customer_id: Named[UUID | None] = Column(Uuid, nullable=True)
    verdict: Named[str] = Column(String(8))
    kind: Named[str | None] = Column(String(8), nullable=True)
    match_key: Named[str] = Column(Text)
    sha256: Named[str | None] = Column(String(64), nullable=True)
    publisher: Named[str | None] = Column(Text, nullable=True)
    program_name: Named[str | None] = Column(Text, nullable=True)
    arguments: Named[Any] = Column(JSONB, nullable=True)
    note: Named[str | None] = Column(Text, nullable=True)
    written_by_kind: Named[str] = Column(String(16))
    written_by_id: Named[str] = Column(Text)
    created_at: Named[datetime] = Column(INSTANT)
    expires_at: Named[datetime] = Column(INSTANT)
    confirmed_by: Named[UUID | None] = Column(Uuid, nullable=True)
    confirmed_until: Named[datetime | None] = Column(INSTANT, nullable=True)
    ended_at: Named[datetime | None] = Column(INSTANT, nullable=True)


class ElevationGrantColumns(TypedColumns):
    """The one signed grant of an approved request; fetching it again returns the same bytes."""

    request_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    body: Named[Any] = Column(JSONB)
    issued_at: Named[datetime] = Column(INSTANT)
    expires_at: Named[datetime] = Column(INSTANT)


elevation_request = Table(
    "elevation_request",
    metadata,
    ElevationRequestColumns,
    in_msp("customer_id", "customer"),
    in_msp("endpoint_id", "endpoint"),
    referred(),
    CheckConstraint("state in ('pending','approved','denied','cancelled','expired')", name="state"),
    CheckConstraint("kind in ('USER','ADMIN')", name="kind"),
    CheckConstraint("(state = 'pending') = (settled_at is null)", name="settled"),
    CheckConstraint("withdrawn_because in ('endpoint_revoked')", name="withdrawn_because"),
)
Index(
    "uq_elevation_request_idempotency_key",
    elevation_request.c.endpoint_id,
    elevation_request.c.idempotency_key,
    unique=True,
)
Index(
    "ix_elevation_request_recent",
    elevation_request.c.msp_id,
    elevation_request.c.created_at,
    elevation_request.c.id,
)
Index(
    "ix_elevation_request_state",
    elevation_request.c.msp_id,
    elevation_request.c.state,
    elevation_request.c.created_at,
    elevation_request.c.id,
)
Index(
    "ix_elevation_request_pending",
    elevation_request.c.msp_id,
    elevation_request.c.expires_at,
    postgresql_where=text("state = 'pending'"),
)
Index(
    "ix_elevation_request_pending_endpoint",
    elevation_request.c.endpoint_id,
    postgresql_where=text("state = 'pending'"),
)
joined_request = Table(
    "joined_request",
    metadata,
    JoinedRequestColumns,
    in_msp("endpoint_id", "endpoint"),
    in_msp("request_id", "elevation_request"),
)
Index("ix_joined_request_request", joined_request.c.request_id)
decision = Table(
    "decision",
    metadata,
    DecisionColumns,
    in_msp("request_id", "elevation_request"),
    in_msp("technician_id", "technician"),
    in_msp("rule_id", "rule"),
    CheckConstraint("verdict in ('approved','denied')", name="verdict"),
    CheckConstraint("scope = 'once'", name="scope"),
)
rule = Table(
    "rule",
    metadata,
    RuleColumns,
    in_msp("customer_id", "customer"),
    in_msp("confirmed_by", "technician"),
    referred(),
    CheckConstraint("verdict in ('approved','denied')", name="verdict"),
    CheckConstraint("kind in ('USER','ADMIN')", name="kind"),
    # Never by a name alone: the hash, or publisher and program name together.
    CheckConstraint(
        "(sha256 is null) = (publisher is not null) and (publisher is null) = (program_name is null)",
        name="match",
    ),
    # What approves says exactly what it approves.
    CheckConstraint(
        "verdict = 'denied' or (kind is not null and arguments is not null)", name="approval_is_exact"
    ),
    CheckConstraint("(confirmed_by is null) = (confirmed_until is null)", name="confirmed"),
)
Index("ix_rule_match", rule.c.msp_id, rule.c.match_key, postgresql_where=text("ended_at is null"))
elevation_grant = Table(
    "elevation_grant", metadata, ElevationGrantColumns, in_msp("request_id", "elevation_request")
)
