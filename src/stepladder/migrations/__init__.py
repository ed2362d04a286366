"""Migrations: bringing a database to this version's tables, and proving that both are in step.

Run by the owner's role. `python -m stepladder.migrations check` compares a freshly migrated database with the
tables in code and fails where they differ.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from stepladder.errors import Unavailable

_HERE = Path(__file__).parent


class SchemaBehind(Unavailable):
    """The database is older than this program."""

    code = "schema_behind"
    sentence = "The database has an older schema than this program. Run: stepladder migrate"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE))
    return config


def _engine(owner_url: str) -> sa.Engine:
    driver_url = owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
    return sa.create_engine(driver_url, poolclass=sa.NullPool)


def upgrade(owner_url: str, *, service_role: str) -> None:
    """Bring the database to the newest schema; does nothing when it is there already."""
    config = _config()
    engine = _engine(owner_url)
    with engine.begin() as connection:
        # Two processes that start together must not both migrate.
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('stepladder.migrations'))"))
        config.attributes["connection"] = connection
        config.attributes["service_role"] = service_role
        command.upgrade(config, "head")


def run_sql(operations: Any, name: str) -> None:
    """Run `sql/<name>` in a migration, with the two roles' names put in where it says `:"owner"` and so on."""
    statements = (_HERE / "sql" / name).read_text(encoding="utf-8")
    connection = operations.get_bind()
    roles = {
        "owner": connection.exec_driver_sql("select current_user").scalar_one(),
        "service": operations.get_context().config.attributes["service_role"],
    }
    for word, role in roles.items():
        statements = statements.replace(f":'{word}'", _quoted(role, "'")).replace(
            f':"{word}"', _quoted(role, '"')
        )
    # Straight to the driver: SQLAlchemy would take the percent signs of these files for parameters.
    connection.connection.driver_connection.execute(statements.encode())


def _quoted(name: str, mark: str) -> str:
    return mark + name.replace(mark, mark * 2) + mark


def newest() -> str | None:
    """The revision this program was made for."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(owner_url: str) -> list[object]:
    """What a migrated database has otherwise than the tables in code. Empty means in step."""
    from stepladder.schema import metadata

    with _engine(owner_url).connect() as connection:
        options = {"compare_type": True, "include_name": _is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))
