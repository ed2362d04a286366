"""What a declared restore holds: keys and machines that may have been revoked since the backup."""

import sqlalchemy as sa
from alembic import op

from stepladder.migrations import run_sql

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Nothing is held."""
    op.add_column("inbound_key", sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("endpoint", sa.Column("signed_after", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "endpoint",
        sa.Column("held_by_restore", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    run_sql(op, "a_declared_restore.sql")


def downgrade() -> None:
    """A program of before would let in what a restore holds."""
    raise NotImplementedError("What is held is not released by going back; restore a backup instead.")
