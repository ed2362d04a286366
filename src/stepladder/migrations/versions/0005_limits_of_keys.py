"""Limits of inbound keys: networks, calls a minute, and where a key was seen."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Keys that exist may be used from anywhere, as before; a program of the schema before still runs."""
    op.add_column("inbound_key", sa.Column("networks", postgresql.ARRAY(sa.Text()), nullable=True))
    op.add_column(
        "inbound_key",
        sa.Column("calls_per_minute", sa.Integer(), server_default=sa.text("300"), nullable=False),
    )
    op.add_column(
        "inbound_key",
        sa.Column(
            "seen_networks", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )


def downgrade() -> None:
    """Keys would be unlimited again, without anybody deciding so."""
    raise NotImplementedError("Limits are not lifted by going back; restore a backup instead.")
