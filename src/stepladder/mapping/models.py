"""Tables of mapping: which remote customer is which of ours, and when that was last looked at."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)

from stepladder.kit.tables import INSTANT, in_msp, metadata


class CustomerMappingColumns(TypedColumns):
    """Which remote customer is which of ours, and how we know."""

    customer_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    connection_id: Named[UUID] = Column(Uuid)
    state: Named[str] = Column(String(12))
    how: Named[str | None] = Column(String(12), nullable=True)
    remote_id: Named[str | None] = Column(Text, nullable=True)
    remote_name: Named[str | None] = Column(Text, nullable=True)
    folded_remote_name: Named[str | None] = Column(Text, nullable=True)
    detail: Named[str | None] = Column(Text, nullable=True)
    checked_at: Named[datetime] = Column(INSTANT)


class MappingRunColumns(TypedColumns):
    """When all customers of an instance were last mapped, and when that was last tried. Its row is the lock."""

    connection_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    mapped_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    tried_at: Named[datetime | None] = Column(INSTANT, nullable=True)


mapping_run = Table(
    "mapping_run",
    metadata,
    MappingRunColumns,
    in_msp("connection_id", "connection", ondelete="CASCADE"),
)
customer_mapping = Table(
    "customer_mapping",
    metadata,
    CustomerMappingColumns,
    in_msp("customer_id", "customer"),
    in_msp("connection_id", "connection", ondelete="CASCADE"),
    CheckConstraint("state in ('mapped','unmapped','ambiguous','inactive','gone')", name="state"),
)
Index(
    "ix_customer_mapping_remote_name",
    customer_mapping.c.msp_id,
    customer_mapping.c.folded_remote_name,
    postgresql_where=text("state = 'mapped'"),
)
# One remote customer, one of ours: also where two people link at the same time.
Index(
    "uq_customer_mapping_remote",
    customer_mapping.c.connection_id,
    customer_mapping.c.remote_id,
    unique=True,
    postgresql_where=text("state = 'mapped'"),
)
