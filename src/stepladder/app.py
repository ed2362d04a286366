"""Where everything is built and wired. Nothing else constructs a connector or opens the database."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2

from stepladder import migrations
from stepladder.access_keys import names as key_names
from stepladder.audit.heads import announce
from stepladder.audit.reading import Trail
from stepladder.audit.service import seal
from stepladder.connections import queries as connection_rows
from stepladder.connections.kinds import Family, Kind, Kinds
from stepladder.connections.service import Wiring, unbounded
from stepladder.connectors.base import BeforeCall, LookupStore, Places
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import HaloConfig, halo_config
from stepladder.connectors.halopsa.connector import HaloConnector
from stepladder.elevation import names as request_names
from stepladder.elevation.grants import Grants
from stepladder.elevation.service import Elevation
from stepladder.elevation.subscriber import ForCustomers as RequestsOfCustomers, ForMachines
from stepladder.elevation.waiting import Waiters
from stepladder.endpoints import names as machine_names
from stepladder.endpoints.revocation import Revocation
from stepladder.endpoints.service import forget_nonces
from stepladder.endpoints.subscriber import ForCustomers as MachinesOfCustomers
from stepladder.jobs import Jobs
from stepladder.kit import outbound, postgres
from stepladder.kit.clock import Clock, SystemClock
from stepladder.kit.database_check import connect_checked
from stepladder.kit.db import Actor, ActorKind, Database
from stepladder.kit.ids import ConnectionId, MspId
from stepladder.kit.secret import Secret, load_root_key
from stepladder.mapping.service import Customers
from stepladder.mapping.subscriber import MappingSubscriber
from stepladder.reconcile.duties import Duty
from stepladder.reconcile.loop import Drains
from stepladder.reconcile.policy import Pace
from stepladder.settings import Settings
from stepladder.setup.halopsa.access import SetupWiring
from stepladder.setup.subscriber import ForConnections as KeysOfSetup
from stepladder.tenancy import names as tenancy_names
from stepladder.tenancy.deletion import Deletion, MspRemoval
from stepladder.tenancy.hosts import Hosts
from stepladder.tickets.linking import link_pending
from stepladder.tickets.policy import TicketPolicy
from stepladder.tickets.subjects import LOADERS
from stepladder.tickets.subscriber import ForConnections, ForMapping, ForRequests
from stepladder.tickets.work import WORK, TicketWorks
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
    deletion: Deletion
    msp_removal: MspRemoval
    revocation: Revocation
    trail: Trail
    elevation: Elevation
    grants: Grants
    waiters: Waiters
    connections: Wiring
    customers: Customers
    halopsa_setup: SetupWiring
    jobs: Jobs
    drains: Drains
    duties: tuple[Duty, ...]
    revive: Callable[[], None]


class HaloPsa:
    """HaloPSA as a kind of connection, and a bare client to it for setting it up."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self.kind = Kind(
            "halopsa", Family.TICKET_SYSTEM, (HaloConfig, TicketPolicy), self._build, _halo_places, WORK
        )

    def _build(
        self, settings: Mapping[str, Any], secret: Secret, *, lookups: LookupStore, before_call: BeforeCall
    ) -> HaloConnector:
        config = halo_config(settings)
        client = HaloClient(self._http(), config, secret, self._clock, before_call=before_call)
        return HaloConnector(client, config, lookups, self._clock)

    def open_client(self, settings: dict[str, Any], secret: Secret, *, scopes: str) -> HaloClient:
        """A client that is ready to call. Close it when done."""
        return HaloClient(
            self._http(), halo_config(settings), secret, self._clock, before_call=unbounded, scopes=scopes
        )

    def _http(self) -> httpx2.AsyncClient:
        settings = self._settings
        return outbound.open_client(
            settings.outbound_allow, timeout_seconds=settings.http_timeout_seconds, route=settings.route
        )


def _halo_places(settings: Mapping[str, Any]) -> Places:
    return halo_config(settings).places


def locate_database(settings: Settings) -> DatabaseUrls:
    """The database's addresses; starts the embedded server when none is configured."""
    if settings.database_url:
        role = postgres.role_of(settings.database_url)
        return DatabaseUrls(settings.database_url, settings.database_owner_url or "", role)
    embedded = postgres.start(settings.data_dir)
    return DatabaseUrls(embedded.service_url, embedded.owner_url, postgres.SERVICE, embedded)


def migrate(urls: DatabaseUrls) -> None:
    """Bring the database up to date, if the owner's address is known; otherwise the operator does.

    Raises what `open_services` raises of a database; a role that could do too much is not given any rights.
    """
    with connect_checked(urls.service, owner_url=urls.owner) as connection:
        found = migrations.find_revision(connection)
    if urls.owner and found != migrations.newest():
        migrations.upgrade(urls.owner, service_role=urls.service_role)


@asynccontextmanager
async def open_services(
    settings: Settings, urls: DatabaseUrls, *, clock: Clock | None = None, kinds: Sequence[Kind] = ()
) -> AsyncIterator[Services]:
    """Everything, open, once the database and the root key are known to be as they must be.

    Raises DatabaseUnavailable, PoolerBetween, RoleTooPowerful, SchemaBehind, SchemaAhead, NoRights, RootKeyRefused or
    SealBroken.
    """
    msp_id = _find_an_msp(urls)
    root_key = load_root_key(settings.root_key_path, create=msp_id is None)
    services = build(settings, urls, clock or SystemClock(), root_key, kinds)
    await services.db.open()
    try:
        if msp_id:
            async with services.db.transaction(Actor(msp_id, ActorKind.SYSTEM, "start")) as tx:
                await services.vault.check(tx)
        await services.jobs.open()
        try:
            yield services
        finally:
            await services.jobs.close()
    finally:
        await services.db.close()


def _find_an_msp(urls: DatabaseUrls) -> MspId | None:
    """An MSP, of which something is sealed: a new root key would open none of it."""
    with connect_checked(urls.service, owner_url=urls.owner) as connection:
        if migrations.find_revision(connection) != migrations.newest():
            raise migrations.SchemaBehind
        row = connection.execute("select id from msp_directory() limit 1").fetchone()
    return MspId(row[0]) if row else None


def build(
    settings: Settings, urls: DatabaseUrls, clock: Clock, root_key: bytes, kinds: Sequence[Kind] = ()
) -> Services:
    """Everything, not open yet. `kinds` are further kinds of connection beside those that come along."""
    db = Database(urls.service, clock, pool_size=settings.database_pool)
    vault = Vault(root_key)
    jobs = Jobs(urls.service, clock)
    waiters = Waiters(db, clock, limit=settings.max_waiting)
    elevation = Elevation(db, subscribers=[ForRequests(jobs.nudge)], settled=waiters.settled)
    halopsa = HaloPsa(settings, clock)
    connections = Wiring(
        db,
        vault,
        Kinds([halopsa.kind, *kinds]),
        [MappingSubscriber(db), ForConnections(db, jobs.nudge), KeysOfSetup()],
    )
    customers = Customers(connections, [ForMapping(jobs.nudge)])
    pace = Pace(settings.retry_base_seconds, settings.retry_cap_seconds, settings.attention_cap_seconds)
    drains = Drains(db, clock, pace, random.Random())  # noqa: S311  # jitter is no secret, only different everywhere
    drains.register(WORK, TicketWorks(connections, customers, LOADERS))
    return Services(
        settings=settings,
        clock=clock,
        db=db,
        vault=vault,
        hosts=Hosts(db, clock),
        deletion=Deletion([MachinesOfCustomers(), RequestsOfCustomers()]),
        msp_removal=MspRemoval([connection_rows.has_any]),
        revocation=Revocation([ForMachines(elevation)]),
        trail=Trail([tenancy_names.TRAIL, key_names.TRAIL, machine_names.TRAIL, request_names.TRAIL]),
        elevation=elevation,
        grants=Grants(vault, clock, elevation),
        waiters=waiters,
        connections=connections,
        customers=customers,
        halopsa_setup=SetupWiring(connections, halopsa.open_client),
        jobs=jobs,
        drains=drains,
        duties=_duties(db, vault, elevation, jobs),
        revive=urls.embedded.revive if urls.embedded else _nobody_to_revive,
    )


def _duties(db: Database, vault: Vault, elevation: Elevation, jobs: Jobs) -> tuple[Duty, ...]:
    """What the sweep sees to. A feature that has a new duty adds its line here."""

    async def queue_drain(actor: Actor, connection_id: UUID) -> None:
        await jobs.defer_drain(actor.msp_id, ConnectionId(connection_id))

    async def say_head(actor: Actor, _: UUID) -> None:
        async with db.transaction(actor) as tx:
            await announce(tx, vault)

    async def link(actor: Actor, connection_id: UUID) -> None:
        await link_pending(db, actor, ConnectionId(connection_id), jobs.nudge)

    return (
        Duty("due_links", link),
        Duty("due_tickets", queue_drain),
        Duty("due_expiries", lambda actor, _: elevation.expire_due(actor)),
        Duty("due_seals", lambda actor, _: seal(db, actor)),
        # Behind the sealing: what it adds is said in the same sweep. The log leaves the machine (threat T24).
        Duty("due_heads", say_head),
        Duty("due_nonces", lambda actor, _: forget_nonces(db, actor)),
    )


def _nobody_to_revive() -> None:
    """The operator of an own server starts it again."""
