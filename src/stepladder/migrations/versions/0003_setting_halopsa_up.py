"""Setting HaloPSA up: what we made there, and self-tests of its buttons."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from stepladder.migrations import run_sql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Two new tables; a program of the schema before does not know them and still runs."""
    op.create_table(
        "halopsa_object",
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("key_ids", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("intended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connector_id"],
            ["psa_connector.id"],
            name=op.f("fk_halopsa_object_connector_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_halopsa_object_msp_id")),
        sa.PrimaryKeyConstraint("connector_id", "key", name=op.f("pk_halopsa_object")),
    )
    op.create_table(
        "self_test",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("connector_id", sa.Uuid(), nullable=False),
        sa.Column("button", sa.String(length=8), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("remote_customer_id", sa.Text(), nullable=False),
        sa.Column("remote_customer_name", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=True),
        sa.Column("arrived", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("names_match", sa.Boolean(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("button in ('approve','deny')", name=op.f("ck_self_test_button")),
        sa.ForeignKeyConstraint(
            ["connector_id"], ["psa_connector.id"], name=op.f("fk_self_test_connector_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_self_test_msp_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_test")),
    )
    op.create_index("uq_self_test_token", "self_test", ["msp_id", "token"], unique=True)
    run_sql(op, "setting_halopsa_up.sql")


def downgrade() -> None:
    """Going back would forget what was made in HaloPSA, which then could not be removed."""
    raise NotImplementedError("What was set up is not forgotten; restore a backup instead.")
