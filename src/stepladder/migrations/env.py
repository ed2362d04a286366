"""Alembic's entry. The connection is handed over by `stepladder.migrations`; there is no offline mode."""

from alembic import context

from stepladder.migrations import _is_ours
from stepladder.migrations.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_name=_is_ours,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
