"""Where tables are declared, for migrations and the drift check. No running process imports this."""

from __future__ import annotations

from sqlalchemy import DateTime, ForeignKeyConstraint, MetaData, UniqueConstraint

# Busy tables name their MSP without a foreign key: the key's row lock on one `msp` row would be shared by
# every writer of that MSP, and the row policy already checks the column.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

INSTANT = DateTime(timezone=True)
"""The type of every point in time."""


def in_msp(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """`column` refers to a row of the same MSP: the key has both columns, so it cannot lead to another MSP's.

    It does not tell either what another has: a foreign id is refused like one that nobody has.
    """
    return ForeignKeyConstraint(["msp_id", column], [f"{table}.msp_id", f"{table}.id"], ondelete=ondelete)


def referred() -> UniqueConstraint:
    """What rows of the same MSP refer to (`in_msp`)."""
    return UniqueConstraint("msp_id", "id")
