"""The audit trail's table. Rows are only ever added; the chain is added once, behind the writers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
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

from stepladder.kit.tables import INSTANT, metadata


class AuditEventColumns(TypedColumns):
    """One thing that happened. `sequence` and `link` are null until the sealer has chained it."""

    id: Named[int] = Column(BigInteger, Identity(always=True), primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    at: Named[datetime] = Column(INSTANT)
    tag: Named[str] = Column(Text)
    actor_kind: Named[str] = Column(String(16))
    actor_id: Named[str] = Column(Text)
    subject: Named[str] = Column(Text)
    facts: Named[Any] = Column(JSONB)
    leaf: Named[bytes] = Column(LargeBinary)
    sequence: Named[int | None] = Column(BigInteger, nullable=True)
    link: Named[bytes | None] = Column(LargeBinary, nullable=True)
    customer_id: Named[UUID | None] = Column(Uuid, nullable=True)
    """Whose it is, for reading by customer: written by the database with the event, no part of what is sealed."""


class AuditHeadColumns(TypedColumns):
    """The last head of an MSP's chain that was announced."""

    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"), primary_key=True)
    sequence: Named[int] = Column(BigInteger)
    announced_at: Named[datetime] = Column(INSTANT)


audit_head = Table("audit_head", metadata, AuditHeadColumns)
audit_event = Table("audit_event", metadata, AuditEventColumns)
Index("uq_audit_event_sequence", audit_event.c.msp_id, audit_event.c.sequence, unique=True)
Index(
    "ix_audit_event_unsealed",
    audit_event.c.msp_id,
    audit_event.c.id,
    postgresql_where=text("sequence is null"),
)
Index("ix_audit_event_at", audit_event.c.msp_id, audit_event.c.at, audit_event.c.id)
Index(
    "ix_audit_event_customer",
    audit_event.c.msp_id,
    audit_event.c.customer_id,
    audit_event.c.at,
    audit_event.c.id,
    postgresql_where=text("customer_id is not null"),
)
Index("ix_audit_event_subject", audit_event.c.msp_id, audit_event.c.subject)
