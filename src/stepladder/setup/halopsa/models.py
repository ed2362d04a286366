"""The table of self-tests of HaloPSA's buttons."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
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
)
from sqlalchemy.dialects.postgresql import ARRAY

from stepladder.kit.tables import INSTANT, in_msp, metadata


class SelfTestColumns(TypedColumns):
    """A test ticket of one button, and what arrived when it was pressed. Never an elevation request."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    connection_id: Named[UUID] = Column(Uuid)
    button: Named[str] = Column(String(8))
    token: Named[str] = Column(Text)
    reference: Named[str] = Column(Text)
    customer_name: Named[str] = Column(Text)
    remote_customer_id: Named[str] = Column(Text)
    remote_customer_name: Named[str] = Column(Text)
    ticket_id: Named[str | None] = Column(Text, nullable=True)
    arrived: Named[list[str]] = Column(ARRAY(Text))
    names_match: Named[bool | None] = Column(Boolean, nullable=True)
    opened_at: Named[datetime] = Column(INSTANT)
    arrived_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    closed_at: Named[datetime | None] = Column(INSTANT, nullable=True)


self_test = Table(
    "self_test",
    metadata,
    SelfTestColumns,
    in_msp("connection_id", "connection", ondelete="CASCADE"),
    CheckConstraint("button in ('approve','deny')", name="button"),
)
Index("uq_self_test_token", self_test.c.msp_id, self_test.c.token, unique=True)
