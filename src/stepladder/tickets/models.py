"""Tables of tickets: ticket links, and the sweep that looks what people did to tickets.

A ticket link says what we want of a ticket (`desired`) and what we last saw of it (`observed`). Its subject is what the
ticket is about: an elevation request, a JIT account, a test. The columns `create_sent_at` and `note_sent_at` are
intents: they are committed before the call that may take effect, and while one of them is set without its outcome, the
remote is looked at before anything is sent again. So is `remark_sent_at`, the intent of the note that says a request is
still pending. `drift` is what people did to the ticket in the remote while the request is pending.
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
    Integer,
    Named,
    String,
    Table,
    Text,
    TypedColumns,
    Uuid,
    text,
)

from stepladder.kit.tables import INSTANT, in_msp, metadata


class TicketSweepColumns(TypedColumns):
    """How far the sweep of one instance has looked, and when it looks again."""

    connection_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    due_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    cursor: Named[datetime | None] = Column(INSTANT, nullable=True)
    whole_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    error: Named[str | None] = Column(Text, nullable=True)
    unlinked_after: Named[UUID | None] = Column(Uuid, nullable=True)
    """Pending requests with ids above this one may have no link yet; null where each has its own."""


class TicketLinkColumns(TypedColumns):
    """Which remote ticket belongs to which subject of ours."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid)
    subject_kind: Named[str] = Column(String(20))
    subject_id: Named[UUID] = Column(Uuid)
    customer_id: Named[UUID] = Column(Uuid)
    connection_id: Named[UUID] = Column(Uuid)
    asker_id: Named[UUID | None] = Column(Uuid, nullable=True)
    """Whose turn within the customer: the machine that asked."""
    turn: Named[int] = Column(Integer, server_default=text("0"))
    """How many links of the same asker were pending when this one was made: they go first, others' do not."""
    reference: Named[str] = Column(Text, unique=True)
    desired: Named[str] = Column(String(8))
    observed: Named[str] = Column(String(8))
    ticket_id: Named[str | None] = Column(Text, nullable=True)
    create_sent_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    note_sent_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    note_seen: Named[bool] = Column(Boolean)
    attempts: Named[int] = Column(Integer)
    next_try_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    needs_attention: Named[bool] = Column(Boolean)
    error_code: Named[str | None] = Column(Text, nullable=True)
    error: Named[str | None] = Column(Text, nullable=True)
    created_at: Named[datetime] = Column(INSTANT)
    opened_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    closed_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    drift: Named[str | None] = Column(String(16), nullable=True)
    drift_detail: Named[str | None] = Column(Text, nullable=True)
    drift_since: Named[datetime | None] = Column(INSTANT, nullable=True)
    remark_sent_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    remark_seen: Named[bool] = Column(Boolean, server_default=text("false"))
    mended: Named[int] = Column(Integer, server_default=text("0"))


ticket_sweep = Table(
    "ticket_sweep",
    metadata,
    TicketSweepColumns,
    in_msp("connection_id", "connection", ondelete="CASCADE"),
)
ticket_link = Table(
    "ticket_link",
    metadata,
    TicketLinkColumns,
    CheckConstraint("subject_kind in ('elevation_request','jit_account','test')", name="subject_kind"),
    CheckConstraint("desired in ('open','closed')", name="desired"),
    CheckConstraint("observed in ('absent','open','closed','gone')", name="observed"),
    CheckConstraint(
        "drift in ('closed_by_hand','deleted','merged','moved','fields_edited','customer_gone')", name="drift"
    ),
)
Index(
    "ix_ticket_link_open",
    ticket_link.c.connection_id,
    ticket_link.c.created_at,
    postgresql_where=text("desired = 'open' and ticket_id is not null"),
)
Index(
    "ix_ticket_link_due",
    ticket_link.c.connection_id,
    ticket_link.c.customer_id,
    ticket_link.c.turn,
    ticket_link.c.next_try_at,
    postgresql_where=text("next_try_at is not null"),
)
Index(
    "ix_ticket_link_asker",
    ticket_link.c.asker_id,
    postgresql_where=text("next_try_at is not null"),
)
Index("ix_ticket_link_observed", ticket_link.c.msp_id, ticket_link.c.observed, ticket_link.c.subject_kind)
Index(
    "ix_ticket_link_next_try",
    ticket_link.c.connection_id,
    ticket_link.c.next_try_at,
    postgresql_where=text("next_try_at is not null"),
)
# One ticket, one link: closing it for one subject must not close it for another.
Index("uq_ticket_link_ticket", ticket_link.c.connection_id, ticket_link.c.ticket_id, unique=True)
Index(
    "uq_ticket_link_subject",
    ticket_link.c.msp_id,
    ticket_link.c.subject_kind,
    ticket_link.c.subject_id,
    unique=True,
)
