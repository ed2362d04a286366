"""One folding of names: each name that stands for something is saved as it is compared, and compared as plain text."""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from stepladder.kit.folding import fold

revision = "0008"
down_revision = "0007"

_FOLDED = {
    "customer": ("id", {"name": "folded_name", "display_name": "folded_display_name"}),
    "technician": ("id", {"email": "folded_email"}),
    "endpoint": ("id", {"name": "folded_name"}),
    "customer_mapping": ("customer_id", {"remote_name": "folded_remote_name"}),
}
_AT_ONCE = 10_000


def upgrade() -> None:
    """Names are as they were. Customers whose names fall together now share them, and look-ups say so."""
    op.add_column(
        "customer", sa.Column("shares_name", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    for table, (key, columns) in _FOLDED.items():
        for column in columns.values():
            op.add_column(table, sa.Column(column, sa.Text(), nullable=True))
        _fill(table, key, columns)
        if table != "customer_mapping":
            for column in columns.values():
                op.alter_column(table, column, nullable=False)
    _mark_shared()
    _indexes()


def _fill(table: str, key: str, columns: dict[str, str]) -> None:
    bind = op.get_bind()
    names = ", ".join(columns)
    rows = bind.execute(sa.text(f"select {key}, {names} from {table}")).all()  # noqa: S608  # names of this file
    sets = ", ".join(f"{column} = n.{column}" for column in columns.values())
    arrays = ", ".join(f"cast(:{column} as text[])" for column in columns.values())
    folded = ", ".join(columns.values())
    source = f"unnest(cast(:keys as uuid[]), {arrays}) as n(key, {folded})"
    update = sa.text(f"update {table} t set {sets} from {source} where t.{key} = n.key")  # noqa: S608  # names of this file
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        values: dict[str, list[object]] = {"keys": [row[0] for row in part]}
        for place, column in enumerate(columns.values(), start=1):
            values[column] = [None if row[place] is None else fold(row[place]) for row in part]
        bind.execute(update, values)


def _mark_shared() -> None:
    """Names and display names become one namespace: two that have one are both marked."""
    bind = op.get_bind()
    owners: dict[tuple[object, str], set[object]] = defaultdict(set)
    for row in bind.execute(
        sa.text("select id, msp_id, folded_name, folded_display_name from customer where deleted_at is null")
    ):
        for name in (row.folded_name, row.folded_display_name):
            owners[row.msp_id, name].add(row.id)
    shared = set[object]().union(*(each for each in owners.values() if len(each) > 1))
    bind.execute(
        sa.text("update customer set shares_name = true where id = any(cast(:ids as uuid[]))"),
        {"ids": list(shared)},
    )


def _indexes() -> None:
    for name, column in (
        ("uq_customer_name", "folded_name"),
        ("uq_customer_display_name", "folded_display_name"),
    ):
        op.drop_index(name, "customer")
        op.create_index(
            name,
            "customer",
            ["msp_id", column],
            unique=True,
            postgresql_where=sa.text("deleted_at is null and not shares_name"),
        )
    op.create_index("ix_customer_folded_name", "customer", ["msp_id", "folded_name"])
    op.create_index("ix_customer_folded_display_name", "customer", ["msp_id", "folded_display_name", "id"])
    op.create_index("ix_technician_folded_email", "technician", ["msp_id", "folded_email"])
    op.drop_index("ix_endpoint_customer_name", "endpoint")
    op.create_index(
        "ix_endpoint_customer_name", "endpoint", ["customer_id", "folded_name", "enrolled_at", "id"]
    )
    op.create_index("ix_endpoint_name", "endpoint", ["msp_id", "folded_name", "enrolled_at", "id"])
    op.create_index(
        "ix_customer_mapping_remote_name",
        "customer_mapping",
        ["msp_id", "folded_remote_name"],
        postgresql_where=sa.text("state = 'mapped'"),
    )


def downgrade() -> None:
    """Names that were made since would not be unique as they were before."""
    raise NotImplementedError("Names are not folded apart; restore a backup instead.")
