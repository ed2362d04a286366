"""The table of drains: whose turn it is at a remote instance, how often it may be called, and how it fares.

A drain's id is the id of what it drains for (a connection). What is to be done there, its feature's own rows say.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Integer,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
)

from stepladder.kit.tables import INSTANT, metadata


class DrainColumns(TypedColumns):
    """The lease, the call budget and the health of one remote instance."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    work: Named[str] = Column(String(16))
    fence: Named[int] = Column(BigInteger)
    call_budget: Named[int] = Column(Integer)
    tokens: Named[float] = Column(Double)
    tokens_at: Named[datetime] = Column(INSTANT)
    paused_until: Named[datetime | None] = Column(INSTANT, nullable=True)
    failures: Named[int] = Column(Integer)
    needs_attention: Named[bool] = Column(Boolean)
    error: Named[str | None] = Column(Text, nullable=True)
    failing_since: Named[datetime | None] = Column(INSTANT, nullable=True)


drain = Table("drain", metadata, DrainColumns)
