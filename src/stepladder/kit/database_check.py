"""What must be so before anything is done with a database; the safety of every MSP's data rests on it.

It answers, sessions keep their settings and hear notifications, and the role is one that row security holds. It is
looked at each time the database is opened, because an operator can change each of these at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg.conninfo import conninfo_to_dict

from stepladder.errors import Invalid

from .db import SESSION, SESSION_OPTIONS, DatabaseUnavailable
from .reasons import reason_of

Connection = psycopg.Connection[Any]

_CONNECT_SECONDS = 10
_HEAR_SECONDS = 5.0
# What the role is or can become: a member of a role may take that role's place.
_POWERS = """
    with mine as (select r.* from pg_catalog.pg_roles r where pg_catalog.pg_has_role(session_user, r.oid, 'member')),
    owners (oid) as (
        select c.relowner from pg_catalog.pg_class c
        where c.relnamespace = pg_catalog.to_regnamespace('public') and c.relkind in ('r', 'p')
        union select n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'public'
        union select d.datdba from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
    select case
        when bool_or(rolsuper) then 'is a superuser'
        when bool_or(rolbypassrls) then 'bypasses row security'
        when bool_or(rolname = %(owner)s or oid in (select oid from owners))
            then 'owns the database or its tables, or is a member of the role that does'
        when bool_or(rolcreaterole) then 'may create roles'
    end from mine"""


class RoleTooPowerful(Invalid):
    """The role of the service could see and change every MSP's rows."""

    code = "role_too_powerful"
    sentence = (
        "The role in STEPLADDER_DATABASE_URL must not be able to pass over row security. "
        "Use a role of its own, which owns nothing."
    )


class PoolerBetween(Invalid):
    """Sessions do not stay together on the way to PostgreSQL."""

    code = "pooler_between"
    sentence = (
        "A connection pooler stands before the database, and it does not keep a session's settings or notifications. "
        "Set STEPLADDER_DATABASE_URL to PostgreSQL's own address."
    )


def connect(url: str) -> Connection:
    """A session as every process has it. Raises DatabaseUnavailable with the reason, or PoolerBetween."""
    try:
        return psycopg.connect(
            url, autocommit=True, connect_timeout=_CONNECT_SECONDS, options=SESSION_OPTIONS
        )
    except psycopg.OperationalError as error:
        if "unsupported startup parameter" in str(error):
            raise PoolerBetween from error
        raise unavailable(error) from error


def unavailable(error: psycopg.OperationalError) -> DatabaseUnavailable:
    """What is said where no connection was made: also why, without the address."""
    return DatabaseUnavailable(f"{DatabaseUnavailable.sentence} The reason: {reason_of(error)}.")


@contextmanager
def connect_checked(url: str, *, owner_url: str = "") -> Iterator[Connection]:
    """A session, once it is known that everything is as it must be. Raises RoleTooPowerful, too."""
    with connect(url) as connection:
        _check_session(connection, url)
        _check_role(connection, owner_url)
        yield connection


def _check_session(connection: Connection, url: str) -> None:
    query = "select array_agg(current_setting(n) order by i) from unnest(%s::text[]) with ordinality s(n, i)"
    row = connection.execute(query, (list(SESSION),)).fetchone()
    if row != (list(SESSION.values()),) or not _hears(connection, url):
        raise PoolerBetween


def _hears(connection: Connection, url: str) -> bool:
    """Whether this session hears what another one says: a pooler that lends sessions out loses that."""
    channel = f"heard_{uuid4().hex}"
    connection.execute(f"listen {channel}".encode())
    with connect(url) as other:
        other.execute("select pg_notify(%s, '')", (channel,))
    return any(True for _ in connection.notifies(timeout=_HEAR_SECONDS, stop_after=1))


def _check_role(connection: Connection, owner_url: str) -> None:
    """Also where the tables are not there yet: they will be the owner's."""
    owner = conninfo_to_dict(owner_url).get("user") if owner_url else None
    row = connection.execute(_POWERS, {"owner": owner}).fetchone()
    if row is None or row[0] is not None:
        what = row[0] if row else "is not known"
        raise RoleTooPowerful(f"{RoleTooPowerful.sentence} This one {what}.")
