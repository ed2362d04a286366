"""The table of mappings: which remote customer is which of ours."""

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

from stepladder.kit.tables import INSTANT, metadata


class CustomerMappingColumns(TypedColumns):
    """Which remote customer is which of ours, and how we know."""

    customer_id: Named[UUID] = Column(Uuid, ForeignKey("customer.id"), primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    connector_id: Named[UUID] = Column(Uuid, ForeignKey("psa_connector.id", ondelete="CASCADE"))
    state: Named[str] = Column(String(12))
    how: Named[str | None] = Column(String(12), nullable=True)
    remote_id: Named[str | None] = Column(Text, nullable=True)
    remote_name: Named[str | None] = Column(Text, nullable=True)
    detail: Named[str | None] = Column(Text, nullable=True)
    checked_at: Named[datetime] = Column(INSTANT)


customer_mapping = Table(
    "customer_mapping",
    metadata,
    CustomerMappingColumns,
    CheckConstraint("state in ('mapped','unmapped','ambiguous','inactive','gone')", name="state"),
)
# One remote customer, one of ours: also where two people link at the same time.
Index(
    "uq_customer_mapping_remote",
    customer_mapping.c.connector_id,
    customer_mapping.c.remote_id,
    unique=True,
    postgresql_where=text("state = 'mapped'"),
)
