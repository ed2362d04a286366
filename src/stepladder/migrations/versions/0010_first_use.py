"""An MSP that was removed, why a request was withdrawn by something else than its user, since when a drain fails."""

import sqlalchemy as sa
from alembic import op

from stepladder.migrations import run_sql

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Only adds columns; nobody is removed and nothing withdrawn."""
    op.add_column("msp", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_constraint("uq_msp_host", "msp")
    op.create_index(
        "uq_msp_host", "msp", ["host"], unique=True, postgresql_where=sa.text("removed_at is null")
    )
    op.add_column("elevation_request", sa.Column("withdrawn_because", sa.String(length=20), nullable=True))
    op.create_check_constraint(
        op.f("ck_elevation_request_withdrawn_because"),
        "elevation_request",
        "withdrawn_because in ('endpoint_revoked')",
    )
    op.add_column("drain", sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True))
    run_sql(op, "first_use.sql")


def downgrade() -> None:
    """A removed MSP would be reached again, without anybody deciding so."""
    raise NotImplementedError(
        "An MSP that was removed does not come back by going back; restore a backup instead."
    )
