"""The wider integration calls: settings and deletion of customers, delegation, standing rules, the trail by time."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from stepladder.migrations import run_sql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """The wider calls. Every new column is nullable, so a program of the schema before still runs."""
    op.add_column("customer", sa.Column("request_lifetime_seconds", sa.Integer(), nullable=True))
    op.add_column("customer", sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("name", "display_name"):
        op.drop_index(f"uq_customer_{name}", table_name="customer")
        op.create_index(
            f"uq_customer_{name}",
            "customer",
            ["msp_id", sa.literal_column(f"lower({name})")],
            unique=True,
            postgresql_where=sa.text("deleted_at is null"),
        )
    op.create_table(
        "delegation",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("technician_id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("role in ('admin','technician','read_only')", name=op.f("ck_delegation_role")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_delegation_customer_id")),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_delegation_msp_id")),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_delegation_technician_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "technician_id", name=op.f("pk_delegation")),
    )
    op.create_index("ix_delegation_technician", "delegation", ["technician_id"], unique=False)
    op.create_table(
        "rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("verdict", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=True),
        sa.Column("match_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("program_name", sa.Text(), nullable=True),
        sa.Column("arguments", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("written_by_kind", sa.String(length=16), nullable=False),
        sa.Column("written_by_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("verdict in ('approved','denied')", name=op.f("ck_rule_verdict")),
        sa.CheckConstraint("kind in ('USER','ADMIN')", name=op.f("ck_rule_kind")),
        sa.CheckConstraint(
            "(sha256 is null) = (publisher is not null) and (publisher is null) = (program_name is null)",
            name=op.f("ck_rule_match"),
        ),
        sa.CheckConstraint(
            "verdict = 'denied' or (kind is not null and arguments is not null)",
            name=op.f("ck_rule_approval_is_exact"),
        ),
        sa.CheckConstraint(
            "(confirmed_by is null) = (confirmed_until is null)", name=op.f("ck_rule_confirmed")
        ),
        sa.ForeignKeyConstraint(["confirmed_by"], ["technician.id"], name=op.f("fk_rule_confirmed_by")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_rule_customer_id")),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_rule_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_index(
        "ix_rule_match",
        "rule",
        ["msp_id", "match_key"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.add_column("decision", sa.Column("rule_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(op.f("fk_decision_rule_id"), "decision", "rule", ["rule_id"], ["id"])
    op.create_index("ix_audit_event_at", "audit_event", ["msp_id", "at", "id"], unique=False)
    run_sql(op, "wider_calls.sql")


def downgrade() -> None:
    """Going back would lose rules that decided and customers that the trail names."""
    raise NotImplementedError("Rules and deletions are not undone; restore a backup instead.")
