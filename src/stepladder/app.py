"""Where everything is built and wired. Nothing else constructs a connector or opens the database."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from pydantic import ValidationError

from stepladder import migrations
from stepladder.connectors.base import BeforeCall, LookupStore, TicketConnector
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import HaloConfig
from stepladder.connectors.halopsa.connector import HaloConnector
from stepladder.elevation.grants import Grants
from stepladder.elevation.service import Elevation
from stepladder.elevation.waiting import Waiters
from stepladder.errors import Invalid
from stepladder.jobs import Jobs
from stepladder.kit import outbound, postgres
from stepladder.kit.clock import Clock, SystemClock
from stepladder.kit.db import Database, DatabaseUnavailable
from stepladder.kit.secret import Secret, load_root_key
from stepladder.settings import Settings
from stepladder.tenancy.directory import Directory
from stepladder.tenancy.vault import Vault
from stepladder.tickets.drain import Drain, Pace
from stepladder.tickets.service import Wiring
from stepladder.tickets.subscriber import TicketsSubscriber


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the database is, for its two roles."""

    service: str
    owner: str
    service_role: str


@dataclass(frozen=True)
class Services:
    """Every use case of one process, ready."""

    settings: Settings
    clock: Clock
    db: Database
    vault: Vault
    directory: Directory
    elevation: Elevation
    grants: Grants
    waiters: Waiters
    tickets: Wiring
    jobs: Jobs
    drain: Drain


class Connectors:
    """Builds the connector of a kind. The only place that knows which kinds there are."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def parse(self, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings with their defaults, as plain JSON. Raises Invalid."""
        if kind != "halopsa":
            raise Invalid(f"{kind!r} is not a kind of connector. There is: halopsa.")
        try:
            return HaloConfig.model_validate(settings).model_dump(mode="json")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "settings"
            raise Invalid(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error

    def build(
        self,
        kind: str,
        settings: dict[str, Any],
        secret: Secret,
        *,
        lookups: LookupStore,
        before_call: BeforeCall,
    ) -> TicketConnector:
        """A connector that is ready to call. Raises Invalid."""
        config = HaloConfig.model_validate(self.parse(kind, settings))
        http = outbound.open_client(
            self._settings.outbound_allow, timeout_seconds=self._settings.http_timeout_seconds
        )
        client = HaloClient(http, config, secret, self._clock, before_call=before_call)
        return HaloConnector(client, config, lookups, self._clock)


def locate_database(settings: Settings) -> DatabaseUrls:
    """The database's addresses; starts the embedded server when none is configured."""
    if settings.database_url:
        role = postgres.role_of(settings.database_url)
        return DatabaseUrls(settings.database_url, settings.database_owner_url or "", role)
    embedded = postgres.start(settings.data_dir)
    return DatabaseUrls(embedded.service_url, embedded.owner_url, postgres.SERVICE)


def migrate(urls: DatabaseUrls) -> None:
    """Bring the database up to date, where the owner's address is known; otherwise somebody else does."""
    if urls.owner and _schema(urls.service) != migrations.newest():
        migrations.upgrade(urls.owner, service_role=urls.service_role)


def _schema(url: str) -> str | None:
    """The schema's revision. Raises DatabaseUnavailable."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            row = connection.execute("select version_num from alembic_version").fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege):
        return None
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable from error
    return str(row[0]) if row else None


@asynccontextmanager
async def open_services(
    settings: Settings, urls: DatabaseUrls, *, clock: Clock | None = None
) -> AsyncIterator[Services]:
    """Everything, open. Raises DatabaseUnavailable, SchemaBehind or RootKeyRefused."""
    if _schema(urls.service) != migrations.newest():
        raise migrations.SchemaBehind
    services = build(settings, urls, clock or SystemClock())
    await services.db.open()
    try:
        await services.jobs.open()
        try:
            yield services
        finally:
            await services.jobs.close()
    finally:
        await services.db.close()


def build(settings: Settings, urls: DatabaseUrls, clock: Clock) -> Services:
    """Everything, not open yet."""
    db = Database(urls.service, pool_size=settings.database_pool)
    vault = Vault(load_root_key(settings.root_key_path, create=True))
    jobs = Jobs(urls.service, clock)
    waiters = Waiters(db, clock, limit=settings.max_waiting)
    elevation = Elevation(db, clock, subscribers=[TicketsSubscriber(jobs.nudge)], settled=waiters.settled)
    wiring = Wiring(db, vault, clock, Connectors(settings, clock))
    pace = Pace(settings.retry_base_seconds, settings.retry_cap_seconds, settings.attention_cap_seconds)
    # Jitter needs no secrecy, only difference between processes.
    drain = Drain(wiring, elevation, pace, random.Random())  # noqa: S311
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        vault=vault,
        directory=Directory(db, clock),
        elevation=elevation,
        grants=Grants(db, vault, clock, elevation),
        waiters=waiters,
        tickets=wiring,
        jobs=jobs,
        drain=drain,
    )
