"""Threat T30: a forgotten tenant filter. With every filter of the application gone, the database still refuses."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import JSONB
from tests import conftest
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import MovedClock, machine, running_web

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.audit.service import seal
from stepladder.elevation.policy import Verdict
from stepladder.kit import postgres
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import MspId
from stepladder.migrations.tables import metadata
from stepladder.settings import Settings

TABLES: dict[str, Table] = {
    name: table for name, table in metadata.tables.items() if name == "msp" or "msp_id" in table.columns
}
NAMES = sorted(TABLES)


def any_value(column: Column[Any]) -> Any:
    """Something of the column's type."""
    kind = column.type.python_type
    if kind is UUID:
        return uuid4()
    if kind is datetime:
        return datetime.now(UTC)
    if isinstance(column.type, JSONB):
        return Jsonb({})
    return kind() if kind is not str else uuid4().hex[: getattr(column.type, "length", None) or 32]


def fill(urls: DatabaseUrls, name: str, msp_id: UUID) -> None:
    """A made-up row of an MSP for a table that no use case here fills. Its other constraints are not under test."""
    table = sql.Identifier(name)
    row = {
        column.name: msp_id if column.name == "msp_id" else any_value(column)
        for column in TABLES[name].columns
        if not column.nullable and column.identity is None
    }
    with psycopg.connect(urls.owner, autocommit=True) as owner:
        found = owner.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype in ('c', 'f')",
            (name,),
        )
        for (constraint,) in found.fetchall():
            owner.execute(
                sql.SQL("alter table {} drop constraint {}").format(table, sql.Identifier(constraint))
            )
        insert = sql.SQL("insert into {} ({}) values ({})").format(
            table, sql.SQL(", ").join(map(sql.Identifier, row)), sql.SQL(", ").join(map(sql.Placeholder, row))
        )
        owner.execute(insert, row)


async def furnished(services: Services, urls: DatabaseUrls, clock: MovedClock) -> Tenant:
    """An MSP with a row in every table."""
    tenant = await new_tenant(services)
    clock.move(timedelta(seconds=2))  # a host that was asked for too early is unknown for a second
    desk = machine(tenant)
    async with running_web(services, waiting=False) as web:
        denied, asked = await tenant.submit(), await tenant.submit()
        await tenant.decide(denied.request_id, Verdict.DENIED)
        await tenant.decide(asked.request_id)
        assert (await desk.fetching(asked.request_id).to(web)).status_code == 200
    async with services.db.transaction(tenant.operator) as tx:
        empty = [
            name
            for name in NAMES
            if not await tx.scalar(f"select true from {name} limit 1")  # noqa: S608  # names of our own
        ]
    for name in empty:
        fill(urls, name, tenant.msp.id)
    await seal(services.db, tenant.operator)
    await tenant.submit()  # so that an event is not sealed yet, and a request waits
    return tenant


@dataclass(frozen=True)
class Pair:
    """Two furnished MSPs alone in a database. Nothing that a test does to it is kept."""

    urls: DatabaseUrls
    ours: Tenant
    theirs: Tenant


@pytest.fixture(scope="module")
def pair(
    postgres_server: postgres.EmbeddedPostgres,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Pair:
    name = f"sl_{uuid4().hex[:12]}"
    conftest._create(postgres_server, name, template_database)
    urls = conftest._urls(postgres_server, name)
    settings = settings_in(tmp_path_factory.mktemp("pair"))

    async def furnish() -> Pair:
        clock = MovedClock()
        async with open_services(settings, urls, clock=clock) as services:
            return Pair(urls, await furnished(services, urls, clock), await furnished(services, urls, clock))

    return asyncio.run(furnish())


@pytest.fixture
async def services(pair: Pair, settings: Settings, clock: MovedClock) -> AsyncIterator[Services]:
    """The product on the pair's database, for what needs the product's own door."""
    async with open_services(settings, pair.urls, clock=clock) as opened:
        yield opened


@contextmanager
def as_service(pair: Pair, msp_id: UUID | str | None = None) -> Iterator[psycopg.Connection[Any]]:
    """The service's role on a connection of its own, past the door; set to an MSP or to none. Nothing is kept."""
    with psycopg.connect(pair.urls.service, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("begin")
        if msp_id is not None:
            connection.execute("select set_config('stepladder.msp_id', %s, true)", (str(msp_id),))
        yield connection
        connection.execute("rollback")


def tenant_column(name: str) -> sql.Identifier:
    return sql.Identifier("id" if name == "msp" else "msp_id")


def key_columns(name: str) -> list[str]:
    return [column.name for column in TABLES[name].primary_key.columns]


def everything(connection: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    """What a statement without any filter sees."""
    return connection.execute(sql.SQL("select * from {}").format(sql.Identifier(name))).fetchall()


def as_owner(pair: Pair, name: str) -> list[dict[str, Any]]:
    """What there really is."""
    with psycopg.connect(pair.urls.owner, row_factory=dict_row) as connection:
        return everything(connection, name)


def refused(
    connection: psycopg.Connection[Any], statement: sql.SQL | sql.Composed, *kinds: type[psycopg.Error]
) -> None:
    """The statement fails in one of these ways; the transaction goes on."""
    with pytest.raises(kinds or errors.InsufficientPrivilege), connection.transaction():
        connection.execute(statement)


def test_every_table_of_a_tenant_has_rows_of_both_here(pair: Pair) -> None:
    """Or the tests below would pass on emptiness."""
    wanted = {tenant.msp.id for tenant in (pair.ours, pair.theirs)}
    for name in NAMES:
        column = "id" if name == "msp" else "msp_id"
        assert {row[column] for row in as_owner(pair, name)} == wanted, name


def test_every_table_but_the_msp_names_its_tenant_and_is_forced_to_it(pair: Pair) -> None:
    assert {name for name in metadata.tables if name not in TABLES} == set()
    with psycopg.connect(pair.urls.owner, row_factory=dict_row) as connection:
        for name in NAMES:
            row = connection.execute(
                "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass", (name,)
            ).fetchone()
            assert row == {"relrowsecurity": True, "relforcerowsecurity": True}, name
            policies = connection.execute(
                "select policyname, permissive, roles::text[], cmd, qual from pg_policies where tablename = %s order by 1",
                (name,),
            ).fetchall()
            owner, tenant = policies
            assert (owner["policyname"], tenant["policyname"]) == ("owner", "tenant")
            assert tenant["roles"] == [pair.urls.service_role]
            assert tenant["cmd"] == "ALL"
            assert "current_setting('stepladder.msp_id'" in tenant["qual"]
            assert pair.urls.service_role not in owner["roles"]
            assert "public" not in owner["roles"]


def test_without_the_door_nothing_of_any_tenant_is_seen(pair: Pair) -> None:
    for msp_id in (None, "", uuid4()):
        with as_service(pair, msp_id) as connection:
            assert {name: everything(connection, name) for name in NAMES} == {name: [] for name in NAMES}
    with as_service(pair, "not an id") as connection:
        for name in NAMES:
            refused(
                connection,
                sql.SQL("select * from {}").format(sql.Identifier(name)),
                errors.InvalidTextRepresentation,
            )


async def test_a_pooled_connection_forgets_whose_it_was(pair: Pair, services: Services) -> None:
    pool = services.db.pool
    for fails in (False, True):
        with pytest.raises(ZeroDivisionError) if fails else nullcontext():
            async with services.db.transaction(pair.ours.operator) as tx:
                assert await tx.scalar("select count(*) from customer")
                if fails:
                    raise ZeroDivisionError
        for _ in range(pool.get_stats()["pool_size"] * 2):
            async with pool.connection() as connection:
                for name in NAMES:
                    query = sql.SQL("select count(*) from {}").format(sql.Identifier(name))
                    row = await (await connection.execute(query)).fetchone()
                    assert row == (0,)


def test_a_statement_without_a_filter_reads_the_own_tenant_only(pair: Pair) -> None:
    for one in (pair.ours, pair.theirs):
        with as_service(pair, one.msp.id) as connection:
            for name in NAMES:
                column = "id" if name == "msp" else "msp_id"
                seen = everything(connection, name)
                assert {row[column] for row in seen} == {one.msp.id}, name
                real = [row for row in as_owner(pair, name) if row[column] == one.msp.id]
                assert len(seen) == len(real)  # and all of it
            for foreign in (
                "select 1 from customer c, elevation_request r where c.msp_id <> %(own)s or r.msp_id <> %(own)s",
                "select 1 from customer c left join endpoint e on true where e.msp_id <> %(own)s",
                "with all_of_it as (select * from customer) select 1 from all_of_it where msp_id <> %(own)s",
                "select 1 from (select * from customer union all select * from customer) c where msp_id <> %(own)s",
                "select msp_id from customer where msp_id <> %(own)s for update",
                "select 1 from decision d where not exists (select from elevation_request r where r.id = d.request_id)",
            ):
                assert connection.execute(foreign.encode(), {"own": one.msp.id}).fetchall() == []
            copied = b"".join(_copied(connection))
            assert str(one.msp.id).encode() in copied
            assert all(
                str(other.msp.id).encode() not in copied
                for other in (pair.ours, pair.theirs)
                if other is not one
            )


def _copied(connection: psycopg.Connection[Any]) -> Iterator[bytes]:
    with (
        connection.cursor() as cursor,
        cursor.copy("copy (select * from elevation_request) to stdout") as copy,
    ):
        for block in copy:
            yield bytes(block)


@pytest.mark.parametrize("name", NAMES)
def test_no_statement_changes_moves_or_removes_a_foreign_row(pair: Pair, name: str) -> None:
    ours, theirs = pair.ours, pair.theirs
    before = as_owner(pair, name)
    table, column = sql.Identifier(name), tenant_column(name)
    with as_service(pair, pair.ours.msp.id) as connection:
        for key in key_columns(name):
            key_id = sql.Identifier(key)
            for statement in (
                sql.SQL("update {table} set {key} = {key} where {column} = {theirs}"),
                sql.SQL("update {table} set {column} = {ours} where {column} = {theirs}"),
                sql.SQL("delete from {table} where {column} = {theirs}"),
                sql.SQL("select from {table} where {column} = {theirs} for update"),
            ):
                filled = statement.format(
                    table=table, key=key_id, column=column, ours=ours.msp.id, theirs=theirs.msp.id
                )
                try:
                    with connection.transaction():
                        assert connection.execute(filled).rowcount == 0
                except (errors.InsufficientPrivilege, errors.GeneratedAlways):
                    continue  # it may not be done to any row
        # Nor is an own row given away.
        refused(
            connection,
            sql.SQL("update {} set {} = {}").format(table, column, theirs.msp.id),
            errors.InsufficientPrivilege,
            errors.UniqueViolation,
            errors.ForeignKeyViolation,
        )
        refused(connection, sql.SQL("truncate {} cascade").format(table))
    assert sorted(map(str, as_owner(pair, name))) == sorted(map(str, before))


@pytest.mark.parametrize("name", NAMES)
def test_no_statement_adds_a_row_for_another_tenant(pair: Pair, name: str) -> None:
    """A copy of an own row in another's name; also over an existing one of theirs."""
    theirs = pair.theirs
    before = as_owner(pair, name)
    columns = [column.name for column in TABLES[name].columns if column.identity is None]
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    tenant = "id" if name == "msp" else "msp_id"
    insert = sql.SQL(
        """insert into {table} ({listed})
           select {listed} from (
               select (jsonb_populate_record(null::{table}, to_jsonb(t) || {changes}::jsonb)).*
               from {table} t limit 1) as copied {conflict}"""
    )
    with as_service(pair, pair.ours.msp.id) as connection:
        changes = sql.Literal(f'{{"{tenant}": "{theirs.msp.id}"}}')
        keep = sql.SQL("on conflict do nothing")
        take = sql.SQL("on conflict ({keys}) do update set {tenant} = excluded.{tenant}").format(
            keys=sql.SQL(", ").join(map(sql.Identifier, key_columns(name))), tenant=sql.Identifier(tenant)
        )
        for conflict in (sql.SQL(""), keep, take):
            refused(
                connection,
                insert.format(table=sql.Identifier(name), listed=listed, changes=changes, conflict=conflict),
            )
    assert sorted(map(str, as_owner(pair, name))) == sorted(map(str, before))


# The role itself


def test_the_service_owns_nothing_and_has_no_special_power(pair: Pair) -> None:
    with as_service(pair) as connection:
        role = connection.execute(
            """select rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
               from pg_roles where rolname = current_user"""
        ).fetchone()
        assert role is not None
        assert not any(value for what, value in role.items() if what != "rolinherit")
        memberships = connection.execute(
            "select 1 from pg_auth_members where member = (select oid from pg_roles where rolname = current_user)"
        ).fetchall()
        assert memberships == []
        for catalogue, owner in (
            ("pg_class", "relowner"),
            ("pg_proc", "proowner"),
            ("pg_namespace", "nspowner"),
            ("pg_type", "typowner"),
            ("pg_database", "datdba"),
        ):
            owned = connection.execute(
                sql.SQL("select 1 from {} where {} = current_user::regrole").format(
                    sql.Identifier(catalogue), sql.Identifier(owner)
                )
            ).fetchall()
            assert owned == [], catalogue


@pytest.mark.parametrize(
    "statement",
    [
        "alter policy tenant on customer using (true)",
        "drop policy tenant on customer",
        "create policy mine on customer using (true)",
        "alter table customer disable row level security",
        "alter table customer no force row level security",
        "alter table customer disable trigger all",
        "alter table elevation_request disable trigger decision_is_final",
        "drop trigger audit_event_is_append_only on audit_event",
        "alter table customer owner to current_user",
        "alter table customer add column x int",
        "drop table customer",
        "create table mine (x int)",
        "create schema mine",
        "create function mine() returns int language sql as 'select 1'",
        "create or replace function msp_directory() returns table (id uuid, name text, host text, base_url text) language sql as 'select null::uuid, null, null, null'",
        "create extension dblink",
        "grant stepladder_owner to current_user",
        "set role stepladder_owner",
        "set session authorization stepladder_owner",
        "set session_replication_role = replica",
        "alter role current_user bypassrls",
        "alter role current_user superuser",
        "alter database postgres set stepladder.msp_id = ''",
        "copy customer to program 'cat'",
        "copy customer to '/tmp/sl-copied'",
        "select pg_read_file('/etc/passwd')",
        "select lo_import('/etc/passwd')",
        "update alembic_version set version_num = 'x'",
        "create index mine on customer (name)",
        "do language plpython3u 'pass'",
    ],
)
def test_the_service_cannot_change_its_own_bounds(pair: Pair, statement: str) -> None:
    with as_service(pair, pair.ours.msp.id) as connection:
        refused(
            connection,
            sql.SQL(statement),
            errors.InsufficientPrivilege,
            errors.UndefinedObject,
            errors.FeatureNotSupported,
        )


def test_row_security_cannot_be_switched_off_by_a_setting(pair: Pair) -> None:
    with as_service(pair, pair.ours.msp.id) as connection:
        connection.execute("set local row_security = off")
        for name in NAMES:
            refused(connection, sql.SQL("select * from {}").format(sql.Identifier(name)))


# What is written stays as it was written


@pytest.mark.parametrize("name", ["audit_event", "decision", "elevation_grant"])
def test_events_decisions_and_grants_are_only_ever_added(pair: Pair, name: str) -> None:
    table = sql.Identifier(name)
    with as_service(pair, pair.ours.msp.id) as connection:
        refused(connection, sql.SQL("delete from {}").format(table))
        for column in TABLES[name].columns:
            if name == "audit_event" and column.name in ("sequence", "link"):
                continue  # the sealer's, until the event is sealed
            named = sql.Identifier(column.name)
            refused(
                connection,
                sql.SQL("update {} set {} = {}").format(table, named, named),
                errors.InsufficientPrivilege,
                errors.GeneratedAlways,
            )
        insert = sql.SQL(
            "insert into {} select * from {} on conflict ({}) do update set msp_id = excluded.msp_id"
        )
        key = sql.Identifier(key_columns(name)[0])
        refused(
            connection, insert.format(table, table, key), errors.InsufficientPrivilege, errors.GeneratedAlways
        )


def test_a_sealed_event_keeps_its_place_even_against_the_owner(pair: Pair) -> None:
    statements = [
        "update audit_event set sequence = null, link = null where sequence is not null",
        "update audit_event set sequence = sequence + 1000 where sequence is not null",
        "update audit_event set link = '' where sequence is not null",
    ]
    with as_service(pair, pair.ours.msp.id) as connection:
        for statement in statements:
            refused(connection, sql.SQL(statement), errors.RestrictViolation)
    with psycopg.connect(pair.urls.owner) as connection:
        for statement in [*statements, "update audit_event set tag = 'x' where sequence is not null"]:
            refused(connection, sql.SQL(statement), errors.RestrictViolation)
        connection.rollback()


def test_what_was_asked_stays_as_it_was_asked(pair: Pair) -> None:
    """The approver saw it, and the grant will be made of it."""
    with as_service(pair, pair.ours.msp.id) as connection:
        refused(connection, sql.SQL("delete from elevation_request"))
        for column in TABLES["elevation_request"].columns:
            if column.name not in ("state", "settled_at", "withdrawn_because"):
                named = sql.Identifier(column.name)
                refused(connection, sql.SQL("update elevation_request set {} = {}").format(named, named))


def test_a_settled_request_is_not_settled_otherwise(pair: Pair) -> None:
    statements = [
        "update elevation_request set state = 'pending', settled_at = null where state <> 'pending'",
        "update elevation_request set state = 'approved' where state = 'denied'",
        "update elevation_request set state = 'denied' where state = 'approved'",
        "update elevation_request set state = 'expired' where state = 'approved'",
        "update elevation_request set settled_at = settled_at + interval '1 second' where state <> 'pending'",
    ]
    with as_service(pair, pair.ours.msp.id) as connection:
        assert connection.execute("select from elevation_request where state <> 'pending'").rowcount == 2
        for statement in statements:
            refused(connection, sql.SQL(statement), errors.RestrictViolation)
    with psycopg.connect(pair.urls.owner) as connection:
        for statement in statements:
            refused(connection, sql.SQL(statement), errors.RestrictViolation)
        connection.rollback()


def test_a_request_is_pending_exactly_while_it_is_not_settled(pair: Pair) -> None:
    with as_service(pair, pair.ours.msp.id) as connection:
        for statement in (
            "update elevation_request set state = 'approved' where state = 'pending'",
            "update elevation_request set settled_at = now() where state = 'pending'",
            "update elevation_request set state = 'maybe', settled_at = now() where state = 'pending'",
        ):
            refused(connection, sql.SQL(statement), errors.CheckViolation)


def test_nothing_that_others_refer_to_is_removed_by_the_service(pair: Pair) -> None:
    with as_service(pair, pair.ours.msp.id) as connection:
        for name in (
            "msp",
            "customer",
            "technician",
            "endpoint",
            "enrolment_token",
            "inbound_key",
            "signing_key",
            "tenant_key",
            "elevation_request",
        ):
            refused(connection, sql.SQL("delete from {}").format(sql.Identifier(name)))


# The functions that look across tenants


CROSSING = {
    "msp_directory": ["id", "name", "host", "base_url"],  # what routing by host name needs, of the MSPs alone
    **{
        name: ["msp_id", "subject"]
        for name in ("due_tickets", "due_links", "due_expiries", "due_seals", "due_heads", "due_nonces")
    },
    "settled_among": ["id"],
    "latest_heads": [
        "msp_id",
        "sequence",
        "link",
        "at",
    ],  # numbers and hashes, for the file beside the database
    "lost_heads": ["msp_id"],
}


def test_only_these_functions_look_across_tenants_and_they_are_the_services_alone(pair: Pair) -> None:
    with psycopg.connect(pair.urls.owner, row_factory=dict_row) as connection:
        functions = connection.execute(
            """select p.proname as name, p.proconfig as config, p.provolatile as volatile, l.lanname as language,
                      has_function_privilege('public', p.oid, 'execute') as for_all,
                      has_function_privilege(%s, p.oid, 'execute') as for_service
               from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_language l on l.oid = p.prolang
               where n.nspname = 'public' and p.prosecdef order by 1""",
            (pair.urls.service_role,),
        ).fetchall()
    assert [function["name"] for function in functions] == sorted(CROSSING)
    for function in functions:
        assert function["config"] == ["search_path=pg_catalog, public, pg_temp"]
        assert (function["volatile"], function["language"]) == ("s", "sql")
        assert not function["for_all"]
        assert function["for_service"]


async def test_what_crosses_tenants_is_ids_and_nothing_else_of_anybody(
    pair: Pair, services: Services
) -> None:
    theirs, db = pair.theirs, services.db
    async with db.transaction(theirs.operator) as tx:
        requests = await tx.dicts("select id, state from elevation_request")
    ids = [row["id"] for row in requests]
    calls = {
        "msp_directory": await db.crossing("select * from msp_directory()"),
        "due_expiries": await db.crossing("select * from due_expiries(now() + interval '90 days')"),
        "due_seals": await db.crossing("select * from due_seals(now() + interval '90 days')"),
        "due_nonces": await db.crossing("select * from due_nonces(now() + interval '90 days')"),
        "lost_heads": await db.crossing(
            "select * from lost_heads(%(ids)s, array[9], array['x'::bytea], array[now()])",
            {"ids": [theirs.msp.id]},
        ),
        "settled_among": await db.crossing("select * from settled_among(%(ids)s)", {"ids": [*ids, uuid4()]}),
    }
    for name, rows in calls.items():
        assert rows, name
        assert {column for row in rows for column in row} == set(CROSSING[name])
    due = [row for name, rows in calls.items() if name.startswith("due_") for row in rows]
    assert all(isinstance(row["msp_id"], UUID) and isinstance(row["subject"], UUID) for row in due)
    assert {row["id"] for row in calls["settled_among"]} == {
        row["id"] for row in requests if row["state"] != "pending"
    }
    # The letters of a random id may spell anything.
    shown = re.sub(r"UUID\('[0-9a-f-]+'\)", "", str([due, calls["settled_among"]]))
    for secret in (
        theirs.customer.name,
        theirs.customer.display_name,
        theirs.technician.email,
        theirs.key_id,
        theirs.desktop.endpoint.name,
        "ada",
        "setup.exe",
    ):
        assert secret not in shown


async def test_the_door_across_tenants_reads_no_table_and_writes_nothing(services: Services) -> None:
    db = services.db
    for name in NAMES:
        query: Any = f"select * from {name}"  # noqa: S608 - names of our own
        assert await db.crossing(query) == []
    with pytest.raises(errors.ReadOnlySqlTransaction):
        await db.crossing("insert into customer (id) values (gen_random_uuid())")


async def test_an_actor_of_a_made_up_msp_sees_nothing(services: Services) -> None:
    nobody = Actor(MspId(uuid4()), ActorKind.OPERATOR, "nobody")
    async with services.db.transaction(nobody) as tx:
        for name in NAMES:
            query: Any = f"select count(*) from {name}"  # noqa: S608 - names of our own
            assert await tx.scalar(query) == 0


async def test_an_msps_id_is_no_place_for_a_statement(services: Services) -> None:
    evil = Actor("'; set role stepladder_owner; --", ActorKind.OPERATOR, "x")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="badly formed"):
        async with services.db.transaction(evil):
            pass
