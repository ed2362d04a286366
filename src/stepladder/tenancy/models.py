"""Tables of tenancy: MSPs, their customers, their technicians, delegation."""

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
    func,
    text,
)

from stepladder.kit.tables import INSTANT, in_msp, metadata, referred


class MspColumns(TypedColumns):
    """An MSP: the tenant. Reached by its own host name."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    name: Named[str] = Column(Text)
    host: Named[str] = Column(Text)
    base_url: Named[str] = Column(Text)
    request_lifetime_seconds: Named[int] = Column(Integer)
    created_at: Named[datetime] = Column(INSTANT)
    removed_at: Named[datetime | None] = Column(INSTANT, nullable=True)


class CustomerColumns(TypedColumns):
    """A client company of the MSP."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    name: Named[str] = Column(Text)
    display_name: Named[str] = Column(Text)
    folded_name: Named[str] = Column(Text)
    folded_display_name: Named[str] = Column(Text)
    shares_name: Named[bool] = Column(Boolean, server_default=text("false"))
    created_at: Named[datetime] = Column(INSTANT)
    request_lifetime_seconds: Named[int | None] = Column(Integer, nullable=True)
    deleted_at: Named[datetime | None] = Column(INSTANT, nullable=True)
    directory_id: Named[UUID | None] = Column(Uuid, nullable=True)


class TechnicianColumns(TypedColumns):
    """A member of the MSP's staff."""

    id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    email: Named[str] = Column(Text)
    folded_email: Named[str] = Column(Text)
    name: Named[str] = Column(Text)
    role: Named[str] = Column(String(16))
    is_active: Named[bool] = Column(Boolean)
    created_at: Named[datetime] = Column(INSTANT)


class DelegationColumns(TypedColumns):
    """A technician's role at one customer, beside the role they have everywhere."""

    customer_id: Named[UUID] = Column(Uuid, primary_key=True)
    technician_id: Named[UUID] = Column(Uuid, primary_key=True)
    msp_id: Named[UUID] = Column(Uuid, ForeignKey("msp.id"))
    role: Named[str] = Column(String(16))
    created_at: Named[datetime] = Column(INSTANT)


msp = Table("msp", metadata, MspColumns, CheckConstraint("host = lower(host)", name="host_is_lower_case"))
# A removed MSP stays for what its trail says; its host name is free again.
Index("uq_msp_host", msp.c.host, unique=True, postgresql_where=text("removed_at is null"))
customer = Table(
    "customer",
    metadata,
    CustomerColumns,
    referred(),
)
# A deleted customer stays for what the trail and its tickets say; its names are free again. Those whose names fell
# together when names came to be folded share them until a person renames one (decision 0027).
for _name, _folded in (
    ("uq_customer_name", customer.c.folded_name),
    ("uq_customer_display_name", customer.c.folded_display_name),
):
    Index(
        _name,
        customer.c.msp_id,
        _folded,
        unique=True,
        postgresql_where=text("deleted_at is null and not shares_name"),
    )
# What names are found by, and lists are ordered by: no expression, for row security lets none use an index.
Index("ix_customer_folded_name", customer.c.msp_id, customer.c.folded_name)
Index("ix_customer_folded_display_name", customer.c.msp_id, customer.c.folded_display_name, customer.c.id)
Index(
    "uq_customer_directory_id",
    customer.c.msp_id,
    customer.c.directory_id,
    unique=True,
    postgresql_where=text("deleted_at is null"),
)
technician = Table(
    "technician",
    metadata,
    TechnicianColumns,
    referred(),
    CheckConstraint("role in ('global_admin','admin','technician','read_only')", name="role"),
)
Index("uq_technician_email", technician.c.msp_id, func.lower(technician.c.email), unique=True)
Index("ix_technician_folded_email", technician.c.msp_id, technician.c.folded_email)
delegation = Table(
    "delegation",
    metadata,
    DelegationColumns,
    in_msp("customer_id", "customer"),
    in_msp("technician_id", "technician"),
    CheckConstraint("role in ('admin','technician','read_only')", name="role"),
)
Index("ix_delegation_technician", delegation.c.technician_id)
