"""The table of what set-up made, in any system. Its name is from when HaloPSA was the only one.

A row is written before the create that it tells of. While it has no `remote_id`, the create may have happened or not,
and the system is looked at before anything is created again. A row without a `fingerprint` tells of a thing that we did
not make: it is never removed by us.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, ForeignKey, LargeBinary, Named, String, Table, Text, TypedColumns, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from stepladder.kit.tables import INSTANT, in_msp, metadata


class SetupObjectColumns(TypedColumns):
    """A thing that set-up makes. `key` is our name for it, `name` the one that it has there."""

    connection_id: Named[UUID] = Column(Uuid, primary_key=True)
    key: Named[str] = Column(String(64), primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    kind: Named[str] = Column(String(24))
    name: Named[str] = Column(Text)
    remote_id: Named[str | None] = Column(Text, nullable=True)
    fingerprint: Named[bytes | None] = Column(LargeBinary, nullable=True)
    key_ids: Named[list[str]] = Column(ARRAY(Text))
    intended_at: Named[datetime] = Column(INSTANT)
    made_at: Named[datetime | None] = Column(INSTANT, nullable=True)


setup_object = Table(
    "halopsa_object",
    metadata,
    SetupObjectColumns,
    in_msp("connection_id", "connection", ondelete="CASCADE"),
)
