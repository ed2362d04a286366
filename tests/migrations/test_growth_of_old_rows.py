"""Rows of before: names that now fall together stay and are told apart, and old events learn whose they are."""

from __future__ import annotations

import uuid

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from psycopg import sql

from stepladder import migrations
from stepladder.kit import postgres

MSP, OTHER_MSP = uuid.uuid4(), uuid.uuid4()
NAMES = {
    "strasse1": "straße",
    "strasse2": "STRASSE",
    "blue": "Blue\u00a0Ridge",
    "ridge": "Blue Ridge",
    "beta": "Beta Ltd",
    "demo": "beta",
    "alone": "Alone",
}


@pytest.fixture
def old_database(postgres_server: postgres.EmbeddedPostgres) -> str:
    """A database of revision 0006, which nobody else uses."""
    name = f"sl_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.superuser_url, autocommit=True) as connection:
        statement = sql.SQL("create database {} owner {} template template0")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(postgres.OWNER)))
    url = postgres_server.owner_url.replace(f"/{postgres.DATABASE}?", f"/{name}?")
    settings = migrations.config()
    with migrations.engine(url).begin() as connection:
        settings.attributes |= {"connection": connection, "service_role": postgres.SERVICE}
        command.upgrade(settings, "0006")
        _fill(connection)
    return url


def _fill(connection: sa.Connection) -> None:
    for msp in (MSP, OTHER_MSP):
        connection.execute(
            sa.text("insert into msp values (:id, 'M', :host, 'https://m.test', 3600, now())"),
            {"id": msp, "host": f"{msp}.test"},
        )
    rows = [(MSP, name, shown) for name, shown in NAMES.items()] + [(OTHER_MSP, "alone", "Alone")]
    for msp, name, shown in rows:
        connection.execute(
            sa.text(
                "insert into customer (id, msp_id, name, display_name, created_at)"
                " values (:id, :msp, :name, :shown, now())"
            ),
            {"id": uuid.uuid4(), "msp": msp, "name": name, "shown": shown},
        )
    connection.execute(
        sa.text(
            """insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf, sequence, link)
               select msp_id, now(), 'x', 'system', 'x', id::text, '{}'::jsonb, ''::bytea,
                      row_number() over (), ''::bytea from customer where msp_id = :msp
               union all
               select msp_id, now(), 'x', 'system', 'x', 'no uuid', jsonb_build_object('customer_id', id),
                      ''::bytea, null, null from customer where name = 'beta'
               union all select cast(cast(:msp as text) as uuid), now(), 'x', 'system', 'x', cast(:msp as text), '{}'::jsonb, ''::bytea, null, null"""
        ),
        {"msp": str(MSP)},
    )


def test_names_that_fall_together_are_kept_and_marked(old_database: str) -> None:
    """SEC-13: they stop no upgrade; nobody can take them as well, and each look-up by one is refused."""
    migrations.upgrade(old_database, service_role=postgres.SERVICE)
    with psycopg.connect(old_database) as connection:
        found = connection.execute(
            "select name, display_name, folded_name, folded_display_name, shares_name from customer where msp_id = %s",
            (MSP,),
        ).fetchall()
        assert {name: shown for name, shown, *_ in found} == NAMES
        assert {name for name, *_, shares in found if not shares} == {"alone"}
        folded = {name: shown for name, _, _, shown, _ in found}
        assert (folded["strasse1"], folded["blue"]) == ("strasse", "blue ridge")
        assert connection.execute(
            "select shares_name from customer where msp_id = %s", (OTHER_MSP,)
        ).fetchone() == (False,)


def test_old_events_learn_whose_they_are(old_database: str) -> None:
    """OPS-04: by their facts or by what they are about; sealed ones are as sealed as before."""
    migrations.upgrade(old_database, service_role=postgres.SERVICE)
    with psycopg.connect(old_database) as connection:
        known = connection.execute(
            """select count(*) filter (where customer_id::text = subject),
                      count(*) filter (where customer_id::text = facts ->> 'customer_id'),
                      count(*) filter (where customer_id is null) from audit_event"""
        ).fetchone()
        assert known == (len(NAMES), 1, 1)
        with pytest.raises(psycopg.errors.RestrictViolation):
            connection.execute("update audit_event set customer_id = null where sequence = 1")
