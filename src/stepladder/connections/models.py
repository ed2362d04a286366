"""Tables of connections: the remote instances of an MSP, and what was looked up there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
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
from sqlalchemy.dialects.postgresql import JSONB

from stepladder.kit.tables import INSTANT, metadata


class PsaConnectorColumns(TypedColumns):
    """How to reach one MSP's ticket system, and how it fares."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"), unique=True)
    kind: Named[str] = Column(String(16))
    settings: Named[Any] = Column(JSONB)
    sealed_secret: Named[bytes] = Column(LargeBinary)
    is_enabled: Named[bool] = Column(Boolean)
    call_budget: Named[int] = Column(Integer)
    tokens: Named[float] = Column(Double)
    tokens_at: Named[datetime] = Column(INSTANT)
    paused_until: Named[datetime | None] = Column(INSTANT, nullable=True)
    failures: Named[int] = Column(Integer)
    needs_attention: Named[bool] = Column(Boolean)
    error: Named[str | None] = Column(Text, nullable=True)
    drain_fence: Named[int] = Column(BigInteger)
    mapped_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    created_at: Named[datetime] = Column(INSTANT)
    drift_due_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    drift_cursor: Named[datetime | None] = Column(INSTANT, nullable=True)
    drift_whole_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    drift_error: Named[str | None] = Column(Text, nullable=True)


class ConnectorLookupColumns(TypedColumns):
    """An id of the remote found by name. `remote_id` null remembers that there was none."""

    connector_id: Named[UUID] = Column(
        Uuid, ForeignKey("psa_connector.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Named[str] = Column(String(32), primary_key=True)
    name: Named[str] = Column(Text, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    remote_id: Named[str | None] = Column(Text, nullable=True)
    fetched_at: Named[datetime] = Column(INSTANT)


psa_connector = Table("psa_connector", metadata, PsaConnectorColumns)
connector_lookup = Table("connector_lookup", metadata, ConnectorLookupColumns)
