"""True under drift: what HaloPSA's people do to our tickets and customers, joined requests, Entra directory ids."""

import sqlalchemy as sa
from alembic import op

from stepladder.migrations import run_sql

revision = "0004"
down_revision = "0003"

_STATES = "'mapped','unmapped','ambiguous','inactive'"


def upgrade() -> None:
    """Every new column is nullable or has a default, so a program of the schema before still runs."""
    op.add_column("customer", sa.Column("directory_id", sa.Uuid(), nullable=True))
    op.create_index(
        "uq_customer_directory_id",
        "customer",
        ["msp_id", "directory_id"],
        unique=True,
        postgresql_where=sa.text("deleted_at is null"),
    )
    _mappings()
    _drift()
    op.create_table(
        "joined_request",
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("body_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["endpoint_id"], ["endpoint.id"], name=op.f("fk_joined_request_endpoint_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["elevation_request.id"], name=op.f("fk_joined_request_request_id")
        ),
        sa.PrimaryKeyConstraint("endpoint_id", "idempotency_key", name=op.f("pk_joined_request")),
    )
    op.create_index("ix_joined_request_request", "joined_request", ["request_id"], unique=False)
    run_sql(op, "true_under_drift.sql")


def _mappings() -> None:
    op.drop_constraint(op.f("ck_customer_mapping_state"), "customer_mapping")
    op.create_check_constraint(
        op.f("ck_customer_mapping_state"), "customer_mapping", f"state in ({_STATES},'gone')"
    )
    op.execute(
        """update customer_mapping m set state = 'unmapped', detail = 'The customer was deleted.' from customer c
           where c.id = m.customer_id and c.deleted_at is not null and m.state = 'mapped'"""
    )
    op.create_index(
        "uq_customer_mapping_remote",
        "customer_mapping",
        ["connector_id", "remote_id"],
        unique=True,
        postgresql_where=sa.text("state = 'mapped'"),
    )


def _drift() -> None:
    for name in ("drift_due_at", "drift_cursor", "drift_whole_at"):
        op.add_column("psa_connector", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("psa_connector", sa.Column("drift_error", sa.Text(), nullable=True))
    op.add_column("ticket_link", sa.Column("drift", sa.String(length=16), nullable=True))
    op.add_column("ticket_link", sa.Column("drift_detail", sa.Text(), nullable=True))
    op.add_column("ticket_link", sa.Column("drift_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("ticket_link", sa.Column("remark_sent_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "ticket_link", sa.Column("remark_seen", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.add_column(
        "ticket_link", sa.Column("mended", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_check_constraint(
        op.f("ck_ticket_link_drift"),
        "ticket_link",
        "drift in ('closed_by_hand','deleted','merged','moved','fields_edited','customer_gone')",
    )
    op.create_index(
        "ix_ticket_link_open",
        "ticket_link",
        ["connector_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("desired = 'open' and ticket_id is not null"),
    )


def downgrade() -> None:
    """Going back would lose which repeated request belongs to which."""
    raise NotImplementedError("Joined requests are not taken apart; restore a backup instead.")
