"""Where everything is built and wired. Nothing else constructs a connector or opens the database."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from pydantic import ValidationError

from stepladder import migrations
from stepladder.connectors.base import BeforeCall, LookupStore, Places
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import HaloConfig
from stepladder.connectors.halopsa.connector import HaloConnector
from stepladder.connectors.ticket_system import TicketConnector
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
from stepladder.setup.halopsa.access import SetupWiring
from stepladder.tenancy.hosts import Hosts
from stepladder.tickets.drain import Drain, Pace
from stepladder.tickets.service import Setting, UnknownSetting, Wiring, unbounded
from stepladder.tickets.subscriber import TicketsSubscriber
from stepladder.vault.service import Vault


@dataclass(frozen=True)
class DatabaseUrls:
    """Where the database is, for its two roles."""

    service: str
    owner: str
    service_role: str
    embedded: postgres.EmbeddedPostgres | None = None


@dataclass(frozen=True)
class Services:
    """Every use case of one process, ready."""

    settings: Settings
    clock: Clock
    db: Database
    vault: Vault
    hosts: Hosts
    elevation: Elevation
    grants: Grants
    waiters: Waiters
    tickets: Wiring
    halopsa_setup: SetupWiring
    jobs: Jobs
    drain: Drain
    revive: Callable[[], None]


class Connectors:
    """Builds the connector of a kind. The only place that knows which kinds there are."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock

    def parse(self, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings with their defaults, as plain JSON. Raises Invalid or UnknownSetting."""
        if kind != "halopsa":
            raise Invalid(f"{kind!r} is not a kind of connector. There is: halopsa.")
        try:
            return HaloConfig.model_validate(settings).model_dump(mode="json")
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "settings"
            if first["type"] == "extra_forbidden":
                known = ", ".join(HaloConfig.model_fields)
                raise UnknownSetting(f"There is no setting {where!r}. There are: {known}.") from error
            raise Invalid(f"{where}: {first['msg'].removeprefix('Value error, ')}") from error

    def places(self, kind: str, settings: dict[str, Any]) -> Places:
        """Where these settings lead. Raises Invalid."""
        return HaloConfig.model_validate(self.parse(kind, settings)).places

    def described(self, kind: str, settings: dict[str, Any]) -> list[Setting]:
        """Every setting that there is. Raises Invalid."""
        fields = HaloConfig.model_fields
        return [
            Setting(name, value, is_default=value == fields[name].default)
            for name, value in self.parse(kind, settings).items()
        ]

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

    def open_client(self, settings: dict[str, Any], secret: Secret, *, scopes: str) -> HaloClient:
        """A bare client to HaloPSA, for setting it up and checking it."""
        config = HaloConfig.model_validate(self.parse("halopsa", settings))
        http = outbound.open_client(
            self._settings.outbound_allow, timeout_seconds=self._settings.http_timeout_seconds
        )
        return HaloClient(http, config, secret, self._clock, before_call=unbounded, scopes=scopes)


def locate_database(settings: Settings) -> DatabaseUrls:
    """The database's addresses; starts the embedded server when none is configured."""
    if settings.database_url:
        role = postgres.role_of(settings.database_url)
        return DatabaseUrls(settings.database_url, settings.database_owner_url or "", role)
    embedded = postgres.start(settings.data_dir)
    return DatabaseUrls(embedded.service_url, embedded.owner_url, postgres.SERVICE, embedded)


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
    root_key = load_root_key(settings.root_key_path, create=not _has_msps(urls.service))
    services = build(settings, urls, clock or SystemClock(), root_key)
    await services.db.open()
    try:
        await services.jobs.open()
        try:
            yield services
        finally:
            await services.jobs.close()
    finally:
        await services.db.close()


def _has_msps(url: str) -> bool:
    """Whether something is sealed already: a new root key would open none of it."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        row = connection.execute("select exists (select from msp_directory())").fetchone()
    return bool(row and row[0])


def build(settings: Settings, urls: DatabaseUrls, clock: Clock, root_key: bytes) -> Services:
    """Everything, not open yet."""
    db = Database(urls.service, clock, pool_size=settings.database_pool)
    vault = Vault(root_key)
    jobs = Jobs(urls.service, clock)
    waiters = Waiters(db, clock, limit=settings.max_waiting)
    elevation = Elevation(db, subscribers=[TicketsSubscriber(jobs.nudge)], settled=waiters.settled)
    connectors = Connectors(settings, clock)
    wiring = Wiring(db, vault, clock, connectors)
    pace = Pace(settings.retry_base_seconds, settings.retry_cap_seconds, settings.attention_cap_seconds)
    # Jitter needs no secrecy, only difference between processes.
    drain = Drain(wiring, elevation, pace, random.Random())  # noqa: S311
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        vault=vault,
        hosts=Hosts(db, clock),
        elevation=elevation,
        grants=Grants(db, vault, clock, elevation),
        waiters=waiters,
        tickets=wiring,
        halopsa_setup=SetupWiring(wiring, connectors.open_client),
        jobs=jobs,
        drain=drain,
        revive=urls.embedded.revive if urls.embedded else _nobody_to_revive,
    )


def _nobody_to_revive() -> None:
    """A server of its own is started again by whoever runs it."""
