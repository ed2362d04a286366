"""Migrations: bringing a database to this version's tables, and proving that both are in step.

Run by the owner's role. `python -m stepladder.migrations check` compares a freshly migrated database with the
tables in code and fails where they differ. Alembic and SQLAlchemy are imported only when something is migrated:
serving needs neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stepladder.errors import Invalid, Unavailable
from stepladder.remedies import Remedy

if TYPE_CHECKING:
    import psycopg
    import sqlalchemy as sa
    from alembic.config import Config

    from stepladder.kit.database_check import Connection

_HERE = Path(__file__).parent


class SchemaBehind(Unavailable):
    """The database is older than this program."""

    code = "schema_behind"
    sentence = "The database has an older schema than this program."
    remedy = Remedy.SCHEMA_MIGRATE


class SchemaAhead(Unavailable):
    """The database is newer than this program, which does not know what its tables mean now."""

    code = "schema_ahead"
    sentence = (
        "The database has a newer schema than this program. Install the version that made it, or restore a backup "
        "from before the upgrade."
    )


class NoRights(Invalid):
    """The tables were made for another role."""

    code = "role_without_rights"
    sentence = (
        "The role in STEPLADDER_DATABASE_URL has no rights here. Use the role that the schema was made for."
    )


class NotTheOwner(Invalid):
    """The migrations were run as a role that does not own the tables."""

    code = "not_the_owner"
    sentence = (
        "The role in STEPLADDER_DATABASE_OWNER_URL is not allowed to change the schema. Use the role that owns the "
        "database."
    )


def find_revision(connection: Connection) -> str | None:
    """The schema's revision, None where there is none yet. Raises SchemaAhead or NoRights."""
    from psycopg import errors

    try:
        row = connection.execute("select version_num from public.alembic_version").fetchone()
    except errors.UndefinedTable:
        return None
    except errors.InsufficientPrivilege as error:
        raise NoRights from error
    if row and row[0] not in _revisions():
        raise SchemaAhead
    return str(row[0]) if row else None


def config() -> Config:
    """Alembic's configuration; it has no file."""
    from alembic.config import Config

    settings = Config()
    settings.set_main_option("script_location", str(_HERE))
    return settings


def engine(owner_url: str) -> sa.Engine:
    """The owner's way in. Nothing is pooled. Its address is read by PostgreSQL's library alone, as the service's is."""
    import sqlalchemy as sa

    return sa.create_engine(
        "postgresql+psycopg://", creator=lambda: _connect(owner_url), poolclass=sa.NullPool
    )


def _connect(owner_url: str) -> psycopg.Connection[Any]:
    import psycopg

    from stepladder.kit.database_check import unavailable

    try:
        return psycopg.connect(owner_url)
    except psycopg.OperationalError as error:
        raise unavailable(error) from error


def upgrade(owner_url: str, *, service_role: str) -> None:
    """Bring the database to the newest schema; does nothing when it is there already.

    Raises DatabaseUnavailable or NotTheOwner.
    """
    import sqlalchemy as sa
    from alembic import command

    settings = config()
    with _only_the_owner(), engine(owner_url).begin() as connection:
        # Two processes that start together must not both migrate.
        connection.execute(sa.text("select pg_advisory_xact_lock(hashtext('stepladder.migrations'))"))
        settings.attributes["connection"] = connection
        settings.attributes["service_role"] = service_role
        command.upgrade(settings, "head")


@contextmanager
def _only_the_owner() -> Iterator[None]:
    import psycopg
    import sqlalchemy as sa

    try:
        yield
    except (sa.exc.ProgrammingError, psycopg.errors.InsufficientPrivilege) as error:
        if isinstance(getattr(error, "orig", error), psycopg.errors.InsufficientPrivilege):
            raise NotTheOwner from error
        raise


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
    return max(_revisions())


def _revisions() -> set[str]:
    return {path.name[:4] for path in (_HERE / "versions").glob("[0-9]*.py")}


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
