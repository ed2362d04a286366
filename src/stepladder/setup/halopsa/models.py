"""Tables of the set-up: what we made in HaloPSA, and self-tests of its buttons.

A row of `halopsa_object` is written before the create that it tells of. While it has no `remote_id`, the create may or
may not have happened, and HaloPSA is looked at before anything is created again. A row without a `fingerprint` tells
of a thing that we did not make: it is never removed by us.
"""

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
)
from sqlalchemy.dialects.postgresql import ARRAY

from stepladder.kit.tables import INSTANT, metadata


class HalopsaObjectColumns(TypedColumns):
    """A thing in HaloPSA that the set-up makes. `key` is our name for it, `name` the one that it has there."""

    connector_id: Named[UUID] = Column(
        Uuid, ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    key: Named[str] = Column(String(64), primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    kind: Named[str] = Column(String(24))
    name: Named[str] = Column(Text)
    remote_id: Named[str | None] = Column(Text, nullable=True)
    fingerprint: Named[bytes | None] = Column(LargeBinary, nullable=True)
    key_ids: Named[list[str]] = Column(ARRAY(Text))
    intended_at: Named[datetime] = Column(INSTANT)
    made_at: Named[datetime | None] = Column(INSTANT, nullable=True)


class SelfTestColumns(TypedColumns):
    """A test ticket of one button, and what arrived when it was pressed. Never an elevation request."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    connector_id: Named[UUID] = Column(Uuid, ForeignKey("connection.id", ondelete="CASCADE"))
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


halopsa_object = Table("halopsa_object", metadata, HalopsaObjectColumns)
self_test = Table(
    "self_test",
    metadata,
    SelfTestColumns,
    CheckConstraint("button in ('approve','deny')", name="button"),
)
Index("uq_self_test_token", self_test.c.msp_id, self_test.c.token, unique=True)
