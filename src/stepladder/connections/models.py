"""Tables of connections: the remote instances of an MSP or of one customer, and what was looked up there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
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
from sqlalchemy.dialects.postgresql import JSONB

from stepladder.kit.tables import INSTANT, in_msp, metadata, referred


class ConnectionColumns(TypedColumns):
    """How to reach one remote instance. `customer_id` where it belongs to one customer, as a directory does."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    customer_id: Named[UUID | None] = Column(Uuid, nullable=True)
    family: Named[str] = Column(String(16))
    kind: Named[str] = Column(String(16))
    settings: Named[Any] = Column(JSONB)
    sealed_secret: Named[bytes] = Column(LargeBinary)
    is_enabled: Named[bool] = Column(Boolean)
    created_at: Named[datetime] = Column(INSTANT)


class ConnectionLookupColumns(TypedColumns):
    """An id of the remote found by name, in a scope such as a customer. `remote_id` null: there was none."""

    connection_id: Named[UUID] = Column(Uuid, primary_key=True)
    kind: Named[str] = Column(String(32), primary_key=True)
    scope: Named[str] = Column(Text, primary_key=True)
    name: Named[str] = Column(Text, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    remote_id: Named[str | None] = Column(Text, nullable=True)
    fetched_at: Named[datetime] = Column(INSTANT)


connection = Table(
    "connection",
    metadata,
    ConnectionColumns,
    in_msp("customer_id", "customer"),
    referred(),
    CheckConstraint("family in ('ticket_system','directory','workstations','chat')", name="family"),
)
# One ticket system for an MSP: requests must know where their ticket goes.
Index(
    "uq_connection_ticket_system",
    connection.c.msp_id,
    unique=True,
    postgresql_where=text("family = 'ticket_system'"),
)
Index("ix_connection_msp", connection.c.msp_id, connection.c.family)
Index(
    "ix_connection_customer",
    connection.c.customer_id,
    postgresql_where=text("customer_id is not null"),
)
connection_lookup = Table(
    "connection_lookup",
    metadata,
    ConnectionLookupColumns,
    in_msp("connection_id", "connection", ondelete="CASCADE"),
)
