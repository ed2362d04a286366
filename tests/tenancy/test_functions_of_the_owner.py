"""Functions that run with the owner's rights run nothing of their caller's: each one that there is, tried as the service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from tests import conftest

from stepladder import migrations
from stepladder.app import DatabaseUrls
from stepladder.kit import postgres

PATH = "search_path=pg_catalog, public, pg_temp"
ARGUMENTS = {
    "timestamp with time zone": "now()",
    "uuid[]": "array[gen_random_uuid()]",
    "bigint[]": "array[1]",
    "bytea[]": "array['x'::bytea]",
    "timestamp with time zone[]": "array[now()]",
}
"""A value for each type that such a function takes; a new type is added here."""
SPY = """
    create function pg_temp.spy() returns boolean language plpgsql volatile as $$
    begin
        if current_user <> session_user then
            raise exception 'the caller ran as %', current_user;
        end if;
        return true;
    end $$"""


def list_functions(urls: DatabaseUrls) -> list[dict[str, Any]]:
    """Each function that runs as its owner, with a call of it."""
    with psycopg.connect(urls.owner, row_factory=psycopg.rows.dict_row) as connection:
        found = connection.execute(
            """select p.oid::regprocedure::text as name, p.proname, n.nspname, p.proconfig as config,
                      array(select format_type(t, null) from unnest(p.proargtypes) t) as types
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace
               where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') order by 1"""
        ).fetchall()
    for row in found:
        values = ", ".join(ARGUMENTS[kind] for kind in row["types"])
        row["call"] = f"select * from {row['nspname']}.{row['proname']}({values})"  # noqa: S608  # of the catalog
    return found


@contextmanager
def as_service(urls: DatabaseUrls) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(urls.service, autocommit=True) as connection:
        yield connection


def shadow(connection: psycopg.Connection[Any]) -> None:
    """Views of the caller's in the place of every table, which tell by failing when they are read as another role."""
    connection.execute(SPY)
    tables = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
    for (name,) in tables:
        table = sql.Identifier(name)
        view = "create temp view {} as select t.* from (select) o left join public.{} t on true where pg_temp.spy()"
        connection.execute(sql.SQL(view).format(table, table))
        connection.execute(sql.SQL("grant select on pg_temp.{} to public").format(table))


def test_each_names_its_schemas_and_looks_into_the_callers_last(urls: DatabaseUrls) -> None:
    """SEC-01: a function that is added later is seen here."""
    functions = list_functions(urls)
    assert len(functions) >= 6
    assert {row["name"]: row["config"] for row in functions} == {row["name"]: [PATH] for row in functions}


def test_the_trap_catches_a_function_that_leaves_the_callers_schema_out(own_urls: DatabaseUrls) -> None:
    """SEC-01: how it was, or the test below would prove nothing."""
    with psycopg.connect(own_urls.owner, autocommit=True) as owner:
        owner.execute(
            """create function naive() returns setof text language sql stable security definer
               set search_path = pg_catalog, public as 'select name from msp'"""
        )
    with as_service(own_urls) as connection:
        shadow(connection)
        with pytest.raises(errors.RaiseException, match=f"ran as {postgres.OWNER}"):
            connection.execute("select * from public.naive()")


def test_no_function_reads_a_view_of_the_callers(own_urls: DatabaseUrls) -> None:
    """SEC-01: nothing of the caller's runs as the owner. Here the caller may make temporary views."""
    with as_service(own_urls) as connection:
        shadow(connection)
        for function in list_functions(own_urls):
            connection.execute(function["call"])


def test_no_function_takes_a_table_of_the_callers_for_ours(own_urls: DatabaseUrls) -> None:
    """SEC-01: what a function says is not what the caller put before it."""
    with as_service(own_urls) as connection:
        connection.execute("create temp table msp (id uuid, name text, host text, base_url text)")
        connection.execute("insert into pg_temp.msp values (gen_random_uuid(), 'x', 'x.test', 'x')")
        connection.execute("grant select on pg_temp.msp to public")
        assert connection.execute("select * from public.msp_directory()").fetchall() == []


def test_the_service_makes_no_temporary_and_no_lasting_object(
    postgres_server: postgres.EmbeddedPostgres,
) -> None:
    """SEC-01: the second wall. The migrations take what an older PostgreSQL or a plain database gives to everyone."""
    name = f"sl_{uuid.uuid4().hex[:12]}"
    conftest._create(postgres_server, name, "template0")
    urls = conftest._urls(postgres_server, name)
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        owner.execute("grant create on schema public to public")
    migrations.upgrade(urls.owner, service_role=urls.service_role)
    with as_service(urls) as connection:
        for statement in ("create temp table x (y int)", "create table public.x (y int)"):
            with pytest.raises(errors.InsufficientPrivilege):
                connection.execute(statement.encode())


def test_the_embedded_database_gives_no_temporary_objects(postgres_server: postgres.EmbeddedPostgres) -> None:
    """SEC-01: also one that was made anew for a backup, which then needs no migration."""
    with psycopg.connect(
        conftest._superuser(postgres_server, postgres.DATABASE), autocommit=True
    ) as connection:
        connection.execute(f"grant temporary on database {postgres.DATABASE} to public".encode())
    postgres._ensure_database(postgres_server.superuser_url)
    with (
        psycopg.connect(postgres_server.service_url, autocommit=True) as connection,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        connection.execute("create temp table x (y int)")
