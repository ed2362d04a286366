"""Which head of each chain was announced last, so that a trail that grew is announced also when nothing follows."""

import sqlalchemy as sa
from alembic import op

from stepladder.migrations import run_sql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Every head counts as not announced yet, so each is said once more."""
    op.create_table(
        "audit_head",
        sa.Column("msp_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["msp_id"], ["msp.id"], name=op.f("fk_audit_head_msp_id")),
        sa.PrimaryKeyConstraint("msp_id", name=op.f("pk_audit_head")),
    )
    run_sql(op, "the_trails_tail.sql")


def downgrade() -> None:
    """The program of before keeps in its memory what it announced."""
    op.execute("drop function due_heads(timestamptz)")
    op.drop_table("audit_head")
