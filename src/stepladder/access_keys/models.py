"""The table of inbound keys."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Named,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from stepladder.kit.tables import INSTANT, metadata


class InboundKeyColumns(TypedColumns):
    """A key that an integration of the MSP sends. Only its hash is saved."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    key_id: Named[str] = Column(Text)
    key_hash: Named[bytes] = Column(LargeBinary)
    name: Named[str] = Column(Text)
    actions: Named[list[str]] = Column(ARRAY(Text))
    modes: Named[list[str]] = Column(ARRAY(Text))
    customer_ids: Named[list[UUID] | None] = Column(ARRAY(Uuid), nullable=True)
    requires_technician: Named[bool] = Column(Boolean)
    created_at: Named[datetime] = Column(INSTANT)
    expires_at: Named[datetime] = Column(INSTANT)
    revoked_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    last_used_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    networks: Named[list[str] | None] = Column(ARRAY(Text), nullable=True)
    calls_per_minute: Named[int] = Column(Integer, server_default=text("300"))
    seen_networks: Named[list[str]] = Column(ARRAY(Text), server_default=text("'{}'"))
    held_at: Named[datetime | None] = Column(INSTANT, nullable=True)


inbound_key = Table("inbound_key", metadata, InboundKeyColumns)
Index("uq_inbound_key_key_id", inbound_key.c.msp_id, inbound_key.c.key_id, unique=True)
