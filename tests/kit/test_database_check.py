"""A database is used only where everything is as the safety of the MSPs' data needs it, and it is said what is not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from pydantic import ValidationError
from tests import conftest
from tests.support.installations import settings_in
from tests.support.pooler import Habit, door_to
from tests.support.processes import free_port

from stepladder import app, migrations
from stepladder.app import DatabaseUrls, open_services
from stepladder.kit import postgres
from stepladder.kit.database_check import PoolerBetween, RoleTooPowerful, connect_checked
from stepladder.kit.db import DatabaseUnavailable
from stepladder.settings import Settings


def check(url: str, owner_url: str = "") -> None:
    with connect_checked(url, owner_url=owner_url):
        pass


@contextmanager
def role(server: postgres.EmbeddedPostgres, attributes: str, member_of: str = "") -> Iterator[str]:
    """A role of the test's own."""
    name = f"sl_role_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute(f"create role {name} login {attributes}".encode())
        if member_of:
            connection.execute(f"grant {member_of} to {name}".encode())
        try:
            yield name
        finally:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def signed_in_as(urls: DatabaseUrls, name: str) -> str:
    return urls.service.replace(f"//{postgres.SERVICE}@", f"//{name}@")


def test_the_services_role_may_be_used(urls: DatabaseUrls) -> None:
    check(urls.service, urls.owner)


def test_a_superuser_and_the_owner_are_refused(
    postgres_server: postgres.EmbeddedPostgres, urls: DatabaseUrls
) -> None:
    """SEC-02: nor is it taken that a role was taken on: the session can put it down again."""
    name = str(psycopg.conninfo.conninfo_to_dict(urls.service)["dbname"])
    superuser = conftest._superuser(postgres_server, name)
    for url in (superuser, f"{superuser}&options=-c%20role%3D{postgres.SERVICE}"):
        with pytest.raises(RoleTooPowerful, match="is a superuser"):
            check(url)
    with pytest.raises(RoleTooPowerful, match="owns the database or its tables"):
        check(urls.owner)


@pytest.mark.parametrize(
    ("attributes", "member_of", "what"),
    [
        ("bypassrls", "", "bypasses row security"),
        ("createrole", "", "may create roles"),
        ("", postgres.OWNER, "is a member of the role that does"),
        ("noinherit", postgres.OWNER, "is a member of the role that does"),
    ],
)
def test_a_role_that_can_become_powerful_is_refused(
    postgres_server: postgres.EmbeddedPostgres, urls: DatabaseUrls, attributes: str, member_of: str, what: str
) -> None:
    """SEC-02: a member of the owner has the owner's rights for the asking."""
    with role(postgres_server, attributes, member_of) as name:
        with pytest.raises(RoleTooPowerful, match=what):
            check(signed_in_as(urls, name))
        with role(postgres_server, "noinherit", name) as second, pytest.raises(RoleTooPowerful):
            check(signed_in_as(urls, second))


def test_one_address_for_both_roles_is_refused_before_anything_is_made(
    postgres_server: postgres.EmbeddedPostgres,
) -> None:
    """SEC-02: in an empty database, too, which has nothing of the owner's yet."""
    name = f"sl_{uuid.uuid4().hex[:12]}"
    conftest._create(postgres_server, name, "template0")
    owner = conftest._urls(postgres_server, name).owner
    with pytest.raises(RoleTooPowerful):
        app.migrate(DatabaseUrls(owner, owner, postgres.OWNER))
    with role(postgres_server, "") as plain:
        address = signed_in_as(conftest._urls(postgres_server, name), plain)
        with pytest.raises(RoleTooPowerful):
            app.migrate(DatabaseUrls(address, address, plain))
    with psycopg.connect(owner) as connection:
        assert connection.execute("select from pg_tables where schemaname = 'public'").rowcount == 0


async def test_the_services_are_not_opened_with_such_a_role(urls: DatabaseUrls, tmp_path: Path) -> None:
    """SEC-02: whoever opens them."""
    with pytest.raises(RoleTooPowerful):
        async with open_services(settings_in(tmp_path), DatabaseUrls(urls.owner, "", postgres.OWNER)):
            pass


def test_a_plain_door_is_no_pooler(urls: DatabaseUrls) -> None:
    with door_to(urls.service) as url:
        check(url)


@pytest.mark.parametrize("habit", [habit for habit in Habit if habit is not Habit.NONE])
def test_a_pooler_is_refused(urls: DatabaseUrls, habit: Habit) -> None:
    """OPS-14: as pgbouncer in transaction mode is, as it is when told to ignore options, and as others are."""
    with door_to(urls.service, habit) as url, pytest.raises(PoolerBetween):
        check(url)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("/sl_", "/nodb_"), r'database "nodb_\w+" does not exist'),
        ((f"//{postgres.SERVICE}@", "//nobody@"), 'role "nobody" does not exist'),
        (("127.0.0.1:", "nowhere.invalid:"), "host not found"),
        (("?", "?"), "no TLS at the server"),
    ],
)
def test_the_reason_is_told_without_the_address(
    urls: DatabaseUrls, change: tuple[str, str], reason: str
) -> None:
    """OPS-15: PostgreSQL's own where it answers."""
    with door_to(urls.service) as door:
        url = f"{door}?sslmode=verify-full" if change == ("?", "?") else door.replace(*change)
        with pytest.raises(DatabaseUnavailable, match=f"The reason: {reason}") as failed:
            check(url)
    assert "127.0.0.1" not in failed.value.detail
    assert "nowhere" not in failed.value.detail


def test_the_reason_holds_no_password() -> None:
    """OPS-15: nothing listens at the port."""
    url = f"postgresql://stepladder_service:TopSecret1@127.0.0.1:{free_port()}/stepladder"
    with pytest.raises(DatabaseUnavailable, match="The reason: nothing listens there") as failed:
        check(url)
    assert "TopSecret1" not in failed.value.detail
    assert "127.0.0.1" not in failed.value.detail


@pytest.mark.parametrize("setting", ["database_url", "database_owner_url"])
@pytest.mark.parametrize(
    "value",
    [
        "postgres:/stepladder_service:TopSecret1@127.0.0.1:5432/stepladder",
        "TopSecret1",
        "postgresql://stepladder_service:TopSecret1%zz@127.0.0.1/stepladder",
        "postgresql://stepladder_service:TopSecret1/x@127.0.0.1/stepladder",
        "postgresql://stepladder_service:x@TopSecret1@127.0.0.1/stepladder",
        "postgresql://stepladder_service:x@127.0.0.1/stepladder?password=TopSecret1&sslmod=require",
        "mysql://stepladder_service:TopSecret1@127.0.0.1/stepladder",
        "host=127.0.0.1 password='TopSecret1",
    ],
)
def test_an_address_that_cannot_be_read_is_refused(setting: str, value: str) -> None:
    """SEC-21: nor is one whose password is taken for a host or a port, which would be shown."""
    with pytest.raises(ValidationError) as refused:
        Settings(**{setting: value})  # type: ignore[arg-type]  # named by the parameter
    (error,) = refused.value.errors(include_url=False, include_input=False)
    assert error["msg"] == "is not a PostgreSQL address"


@pytest.mark.parametrize(
    "address",
    [
        "postgres://{name}@/{dbname}?host={host}",
        "host='{host}' user={name} dbname={dbname}",
        "postgresql://{name}:pa%23ss%40wo%2Frd%25@/{dbname}?host={host}",
        "postgresql://{name}:pa#ss@/{dbname}?host={host}",
    ],
)
def test_every_form_of_address_is_taken_for_both_roles(urls: DatabaseUrls, address: str) -> None:
    """SEC-21: what PostgreSQL's library reads, the settings, the service and the migrations read alike."""
    facts = psycopg.conninfo.conninfo_to_dict(urls.service)
    service, owner = (address.format(**facts, name=name) for name in (postgres.SERVICE, postgres.OWNER))
    settings = Settings(database_url=service, database_owner_url=owner)
    assert "pa%23ss" not in repr(settings)
    check(service, owner)
    migrations.upgrade(owner, service_role=postgres.SERVICE)
