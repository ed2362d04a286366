"""Migrations: bringing a database to this version's tables, and proving that both are in step.

Run by the owner's role. `python -m stepladder.migrations check` compares a freshly migrated database with the
tables in code and fails where they differ. Alembic and SQLAlchemy are imported only when something is migrated:
serving needs neither.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepladder.errors import Unavailable
from stepladder.kit.db import DatabaseUnavailable
from stepladder.remedies import Remedy

if TYPE_CHECKING:
    import sqlalchemy as sa
    from alembic.config import Config

_HERE = Path(__file__).parent


class SchemaBehind(Unavailable):
    """The database is older than this program."""

    code = "schema_behind"
    sentence = "The database has an older schema than this program."
    remedy = Remedy.SCHEMA_MIGRATE


def config() -> Config:
    """Alembic's configuration; it has no file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_HERE))
    return settings


def engine(owner_url: str) -> sa.Engine:
    """The owner's way in. Nothing is pooled."""
    import sqlalchemy as sa

    driver_url = owner_url.replace("postgresql://", "postgresql+psycopg://", 1)
    return sa.create_engine(driver_url, poolclass=sa.NullPool)


def upgrade(owner_url: str, *, service_role: str) -> None:
    """Bring the database to the newest schema; does nothing when it is there already. Raises DatabaseUnavailable."""
    import sqlalchemy as sa
    from alembic import command

    settings = config()
    try:
        opened = engine(owner_url).connect()
    except sa.exc.OperationalError as error:
        raise DatabaseUnavailable from error
    with opened as connection, connection.begin():
        # Two processes that start together must not both migrate.
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('stepladder.migrations'))"))
        settings.attributes["connection"] = connection
        settings.attributes["service_role"] = service_role
        command.upgrade(settings, "head")


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


def newest() -> str:
    """The revision this program was made for. Revisions are numbered, and their files named by them."""
    return max(path.name[:4] for path in (_HERE / "versions").glob("[0-9]*.py"))


def differences(owner_url: str) -> list[object]:
    """What a migrated database has otherwise than the tables in code. Empty means in step."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from stepladder.migrations.tables import metadata

    with engine(owner_url).connect() as connection:
        options = {"compare_type": True, "include_name": _is_ours}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and (name or "").startswith(("procrastinate_", "alembic_")))
