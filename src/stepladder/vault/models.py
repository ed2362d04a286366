"""Tables of the vault: data keys and signing keys, each sealed by the one above it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
)

from stepladder.kit.tables import INSTANT, metadata


class TenantKeyColumns(TypedColumns):
    """The MSP's data key, wrapped by the root key."""

    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"), primary_key=True)
    version: Named[int] = Column(Integer, primary_key=True, autoincrement=False)
    wrapped: Named[bytes] = Column(LargeBinary)
    created_at: Named[datetime] = Column(INSTANT)


class SigningKeyColumns(TypedColumns):
    """A key pair of the MSP that signs grants or audit heads. The private half is sealed."""

    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"), primary_key=True)
    purpose: Named[str] = Column(String(8))
    kid: Named[str] = Column(Text, primary_key=True)
    public_key: Named[bytes] = Column(LargeBinary)
    sealed_private_key: Named[bytes] = Column(LargeBinary)
    created_at: Named[datetime] = Column(INSTANT)
    retired_at: Named[datetime | None] = Column(INSTANT, nullable=True)


tenant_key = Table("tenant_key", metadata, TenantKeyColumns)
signing_key = Table(
    "signing_key",
    metadata,
    SigningKeyColumns,
    CheckConstraint("purpose in ('grant','audit')", name="purpose"),
)
