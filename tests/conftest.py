"""Shared fixtures: one embedded PostgreSQL for the whole run, a migrated database for each worker, tenants."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from _pytest.nodeid import NodeId
from psycopg import sql

from stepladder import migrations
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.kit import postgres
from stepladder.settings import Settings
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox
from tests.support import hypothesis_profile
from tests.support.halo import connect
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant

TEMPLATE = "sl_template"

hypothesis_profile.load()  # at import: properties take the profile that stands when they are defined


@pytest.hookimpl(trylast=True)
def pytest_sessionstart() -> None:
    """Hypothesis has started by now, and no test has."""
    hypothesis_profile.warm_up()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long campaigns first: one process is busy with them while the others do the rest."""
    items.sort(key=lambda item: item.get_closest_marker("campaign") is None)
    if getattr(config.option, "loadgroup", False):
        for item in items:
            _name_group(item)


def _name_group(item: pytest.Item) -> None:
    """Put the test's group behind its id, where pytest-xdist looks for it.

    It does so itself, but in an attribute that pytest no longer reads since 9.2: the marks were without effect
    (pytest-xdist, issue 1386).
    """
    mark = item.get_closest_marker("xdist_group")
    if mark and not item.nodeid.endswith(f"@{mark.args[0]}"):
        item._id = NodeId.parse(f"{item.nodeid}@{mark.args[0]}")


@pytest.fixture(scope="session")
def postgres_server(worker_id: str) -> Iterator[postgres.EmbeddedPostgres]:
    """The run's server, started by whichever process comes first and stopped by the last."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid.uuid4().hex)
    # Short, because a Unix socket's path lies inside; shared by the processes of one run.
    directory = Path(tempfile.gettempdir()) / f"sl-{run[:12]}"
    server = postgres.start(directory)
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    yield server
    server.stop()


def _superuser(server: postgres.EmbeddedPostgres, database: str = "postgres") -> str:
    return server.superuser_url.replace("/postgres?", f"/{database}?")


def _create(server: postgres.EmbeddedPostgres, name: str, template: str) -> None:
    with psycopg.connect(_superuser(server), autocommit=True) as connection:
        statement = sql.SQL("create database {} owner {} template {}")
        connection.execute(
            statement.format(sql.Identifier(name), sql.Identifier(postgres.OWNER), sql.Identifier(template))
        )


def _urls(server: postgres.EmbeddedPostgres, name: str) -> DatabaseUrls:
    return DatabaseUrls(
        server.service_url.replace(f"/{postgres.DATABASE}?", f"/{name}?"),
        server.owner_url.replace(f"/{postgres.DATABASE}?", f"/{name}?"),
        postgres.SERVICE,
    )


@pytest.fixture(scope="session")
def template_database(postgres_server: postgres.EmbeddedPostgres) -> str:
    """A migrated database that others are copied from."""
    with psycopg.connect(_superuser(postgres_server), autocommit=True) as connection:
        connection.execute("select pg_advisory_lock(1)")
        found = connection.execute("select 1 from pg_database where datname = %s", (TEMPLATE,)).fetchone()
        if not found:
            _create(postgres_server, f"{TEMPLATE}_new", "template0")
            migrations.upgrade(_urls(postgres_server, f"{TEMPLATE}_new").owner, service_role=postgres.SERVICE)
            connection.execute(f"alter database {TEMPLATE}_new rename to {TEMPLATE}".encode())
        connection.execute("select pg_advisory_unlock(1)")
    return TEMPLATE


@pytest.fixture(scope="session")
def urls(postgres_server: postgres.EmbeddedPostgres, template_database: str, worker_id: str) -> DatabaseUrls:
    """This process's database. Tests share it and stay apart by having tenants of their own."""
    name = f"sl_{worker_id}"
    _create(postgres_server, name, template_database)
    return _urls(postgres_server, name)


@pytest.fixture(scope="session")
def new_database(
    postgres_server: postgres.EmbeddedPostgres, template_database: str
) -> Callable[[], DatabaseUrls]:
    """Makes a database that nobody else uses."""

    def make() -> DatabaseUrls:
        name = f"sl_{uuid.uuid4().hex[:12]}"
        _create(postgres_server, name, template_database)
        return _urls(postgres_server, name)

    return make


@pytest.fixture
def own_urls(new_database: Callable[[], DatabaseUrls]) -> DatabaseUrls:
    """A database for one test alone, for tests that run workers or look across tenants."""
    return new_database()


@pytest.fixture
async def halo() -> AsyncIterator[RunningSandbox]:
    """A sandbox HaloPSA with the demo's customers and agents."""
    config = msgspec.structs.replace(demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())
    async with running_sandbox(config) as sandbox:
        yield sandbox


@pytest.fixture
def settings(tmp_path: Path, halo: RunningSandbox) -> Settings:
    """Settings with short waits; nothing in a test depends on how short."""
    return settings_in(
        tmp_path,
        outbound_allow=(halo.url,),
        retry_base_seconds=0.05,
        retry_cap_seconds=0.5,
        attention_cap_seconds=1,
        sweep_seconds=0.2,
        long_poll_seconds=20,
    )


@pytest.fixture
async def services(settings: Settings, urls: DatabaseUrls) -> AsyncIterator[Services]:
    """The product in this process, on this process's database."""
    async with open_services(settings, urls) as opened:
        yield opened


@pytest.fixture
async def tenant(services: Services) -> Tenant:
    """An MSP with a customer, a technician, a key and an enrolled endpoint."""
    return await new_tenant(services)


@pytest.fixture
async def connected(services: Services, tenant: Tenant, halo: RunningSandbox) -> None:
    """The tenant's connector to the sandbox."""
    await connect(services, tenant, halo)
