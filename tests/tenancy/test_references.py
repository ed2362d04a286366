"""A row refers to rows of its own MSP only: the database refuses others, and does not tell whether they exist."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from tests.support.tenants import Tenant, new_tenant

from stepladder.app import DatabaseUrls, Services
from stepladder.migrations.tables import metadata

NOT_A_KEY = {
    "audit_event.id",  # a number
    "audit_event.customer_id",  # written by a trigger from the event itself; a deleted customer keeps its trail
    "audit_event.actor_id",  # people, machines and keys of any kind; it names what was, for ever
    "customer.directory_id",  # Entra's, not ours
    "drain.id",  # of any kind of remote instance, in whose transaction it is made
    "elevation_request.sha256",
    "endpoint_nonce.endpoint_id",  # written for each message, by the endpoint itself
    "inbound_key.key_id",  # the key's own
    "rule.written_by_id",  # as audit_event.actor_id
    "ticket_link.asker_id",  # the machine of the request, which is checked; it only says whose turn it is
    "ticket_link.subject_id",  # of several kinds
    "ticket_link.customer_id",  # with the request's, which is checked; a lock more for each ticket
    "ticket_link.connection_id",  # likewise, with the sweep's row that it is read from
}
"""Columns that name a row of a tenant without a key, each with its reason."""


def list_keys(urls: DatabaseUrls) -> list[tuple[str, list[str], str, list[str]]]:
    """Each foreign key between two tables with an MSP: table, columns, table referred to, columns there."""
    with psycopg.connect(urls.owner) as connection:
        return connection.execute(
            """select c.conrelid::regclass::text,
                      array(select a.attname::text from unnest(c.conkey) with ordinality k(n, i)
                            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.n order by k.i),
                      c.confrelid::regclass::text,
                      array(select a.attname::text from unnest(c.confkey) with ordinality k(n, i)
                            join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.n order by k.i)
               from pg_constraint c where c.contype = 'f' and not exists (
                   select from unnest(array[c.conrelid, c.confrelid]) t (oid) where not exists (
                       select from pg_attribute a where a.attrelid = t.oid and a.attname = 'msp_id'))
               order by 1, 2"""
        ).fetchall()


def test_every_foreign_key_between_tenants_rows_has_the_msp_in_it(urls: DatabaseUrls) -> None:
    """SEC-18: also one that is added later."""
    keys = list_keys(urls)
    assert len(keys) >= 20
    for table, columns, referred, columns_there in keys:
        pairs = dict(zip(columns, columns_there, strict=True))
        assert pairs.get("msp_id") == "msp_id", f"{table} {columns} → {referred}"


def test_every_column_that_names_a_row_of_a_tenant_is_a_key(urls: DatabaseUrls) -> None:
    """SEC-18: or stands above with the reason."""
    known = {(table, column) for table, columns, _, _ in list_keys(urls) for column in columns}
    named = {
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.name.endswith("_id") and column.name != "msp_id" and column.type.python_type is uuid.UUID
    }
    loose = {each for each in named if tuple(each.split(".")) not in known}
    assert loose - NOT_A_KEY == set()


ONE_OF_A_KIND = {
    "id": "gen_random_uuid()",
    "public_key": "sha256(gen_random_uuid()::text::bytea)",
    "token_hash": "sha256(gen_random_uuid()::text::bytea)",
    "idempotency_key": "gen_random_uuid()::text",
}


def copy_row(connection: psycopg.Connection[Any], table: str, column: str, value: object) -> None:
    """A copy of an own row that refers to `value`, undone in any case."""
    columns = [each.name for each in metadata.tables[table].columns if each.identity is None]
    shown = [
        sql.Placeholder()
        if each == column
        else sql.SQL(ONE_OF_A_KIND.get(each, f'"{each}"'))  # names of our own
        for each in columns
    ]
    insert = sql.SQL("insert into {} ({}) select {} from {} limit 1").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(shown),
        sql.Identifier(table),
    )
    with connection.transaction(force_rollback=True):
        assert connection.execute(insert, (value,)).rowcount == 1


async def test_a_foreign_customer_or_machine_is_refused_like_one_that_does_not_exist(
    services: Services, tenant: Tenant, urls: DatabaseUrls
) -> None:
    """SEC-18: nor does the refusal tell what another MSP has."""
    theirs = await new_tenant(services)
    await tenant.submit()
    own = {"customer_id": tenant.customer.id, "endpoint_id": tenant.desktop.endpoint.id}
    foreign = {"customer_id": theirs.customer.id, "endpoint_id": theirs.desktop.endpoint.id}
    with psycopg.connect(urls.service, autocommit=True) as connection, connection.transaction():
        connection.execute("select set_config('stepladder.msp_id', %s, true)", (str(tenant.msp.id),))
        for table, column in (
            ("endpoint", "customer_id"),
            ("elevation_request", "customer_id"),
            ("elevation_request", "endpoint_id"),
            ("enrolment_token", "customer_id"),
            ("enrolment_token", "endpoint_id"),
        ):
            copy_row(connection, table, column, own[column])
            said = set()
            for value in (foreign[column], uuid.uuid4()):
                with pytest.raises(errors.ForeignKeyViolation) as failed, connection.transaction():
                    copy_row(connection, table, column, value)
                said.add(str(failed.value.diag.message_detail).replace(str(value), "…"))
            assert len(said) == 1
