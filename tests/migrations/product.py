"""Today's product as the tests of an old installation know it: a renamed function or field is changed here alone."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx2
from alembic import command
from tests.campaigns.virtual import Days
from tests.migrations.callers import REQUESTS, Machine, Wire, make_body
from tests.migrations.restored import Old, OldMsp, Outside, restore, run_halopsa
from tests.support.clock import ManualClock

from stepladder import migrations, server
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.audit import service as audit
from stepladder.audit.export import write as write_export
from stepladder.connections.queries import DatabaseLookups
from stepladder.connectors.base import Lookup
from stepladder.kit import postgres
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.ids import ConnectionId, LinkId, MspId
from stepladder.kit.secret import Secret
from stepladder.settings import Settings
from stepladder.setup.halopsa import check as checking, service as setting_up
from stepladder.setup.halopsa.access import Credential, site_of
from stepladder.setup.halopsa.system import Options
from stepladder.tickets import links
from stepladder.tickets.trial import try_ticket
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox

RENAMED: Mapping[str, str] = {}
"""Fields of listings and links that are called otherwise today: the old name, and today's."""
LINK = (
    "reference",
    "desired",
    "observed",
    "ticket_id",
    "create_sent_at",
    "note_sent_at",
    "note_seen",
    "attempts",
    "needs_attention",
    "drift",
    "drift_detail",
    "drift_since",
    "remark_sent_at",
    "remark_seen",
)
"""What is compared of a ticket link."""
ADMINISTRATOR = Credential(demo.SETUP_CLIENT_ID, Secret(demo.SETUP_CLIENT_SECRET))


@dataclass
class Product:
    """Today's program at work on the old installation's data, with both HaloPSAs running."""

    services: Services
    clock: ManualClock
    halopsas: Mapping[str, RunningSandbox]
    application: Any

    @staticmethod
    def upgrade(urls: DatabaseUrls) -> None:
        migrations.upgrade(urls.owner, service_role=urls.service_role)

    @staticmethod
    def go_back(urls: DatabaseUrls) -> None:
        """Undo the newest revision. Raises NotImplementedError where the project does not promise it."""
        settings = migrations.config()
        with migrations.engine(urls.owner).begin() as connection:
            settings.attributes.update(connection=connection, service_role=urls.service_role)
            command.downgrade(settings, "-1")

    @staticmethod
    def act_for(msp: OldMsp) -> Actor:
        return Actor(MspId(UUID(msp.facts["id"])), ActorKind.OPERATOR, "test")

    async def send(self, wire: Wire, status: int, *, address: str = "192.0.2.10") -> httpx2.Response:
        answer = await wire.send_to(self.application, address=address)
        assert answer.status_code == status, (wire.url, answer.status_code, answer.text)
        return answer

    async def submit(
        self, machine: Machine, label: str, program: str = "", *, status: int = 201
    ) -> httpx2.Response:
        """Ask for elevation as a machine's user."""
        body = make_body(label, program or label).model_dump_json().encode()
        return await self.send(machine.sign("POST", REQUESTS, self.clock.now(), body), status)

    async def find_link(self, msp: OldMsp, label: str) -> dict[str, Any]:
        """A request's ticket link, by the names that its fields had."""
        async with self.services.db.transaction(self.act_for(msp)) as tx:
            found = await links.find(tx, LinkId(UUID(msp.requests[label])))
        return {name: getattr(found, RENAMED.get(name, name)) for name in LINK}

    async def find_lookup(self, msp: OldMsp, kind: str, name: str) -> str | None:
        """What was looked up in HaloPSA and is remembered."""
        actor = self.act_for(msp)
        store = DatabaseLookups(self.services.db, actor, await self._connection_id(msp))
        scope, _, rest = name.rpartition("/") if kind in ("asset", "user") else ("", "", name)
        lookup = Lookup(kind, rest, scope)
        return (await store.get([lookup]))[lookup].remote_id

    async def open_secret(self, msp: OldMsp) -> str:
        """The connector's client secret."""
        site = await site_of(self.services.halopsa_setup, self.act_for(msp))
        return site.secret.reveal()

    async def set_up(self, msp: OldMsp) -> dict[str, str]:
        """What a set-up of HaloPSA would do with each of its parts."""
        options = Options(dry_run=True, tab=True, jit=True)
        report = await setting_up.set_up(
            self.services.halopsa_setup, self.act_for(msp), ADMINISTRATOR, options
        )
        return {item.key: str(item.state) for item in report.items}

    async def remove_set_up(self, msp: OldMsp) -> dict[str, str]:
        """What undoing the set-up would do with each of its parts."""
        report = await setting_up.remove(
            self.services.halopsa_setup, self.act_for(msp), ADMINISTRATOR, dry_run=True
        )
        return {item.key: str(item.state) for item in report.items}

    async def check_set_up(self, msp: OldMsp) -> dict[str, str]:
        found = await checking.check(self.services.halopsa_setup, self.act_for(msp), ADMINISTRATOR)
        return {each.name: str(each.result) for each in found}

    async def run_test_ticket(self, msp: OldMsp) -> None:
        outcome = await try_ticket(
            self.services.connections,
            partial(self.services.jobs.drive, self.services.drains.run),
            self.act_for(msp),
        )
        assert outcome.ok, outcome

    async def export_trail(self, msp: OldMsp) -> bytes:
        """The audit trail as a file, once the whole chain was followed in the database."""
        actor, out = self.act_for(msp), io.BytesIO()
        await audit.verify(self.services.db, actor)
        await write_export(self.services.db, self.services.vault, actor, self.services.clock, out)
        return out.getvalue()

    async def work_off_queue(self, jobs: int) -> set[tuple[str, str]]:
        """Run the jobs that are queued until as many have been run; gives whose drains they were."""
        ran, all_ran = set[tuple[str, str]](), asyncio.Event()

        async def run_drain(msp_id: MspId, connection_id: ConnectionId) -> bool:
            has_more = await self.services.drains.run(msp_id, connection_id)
            ran.add((str(msp_id), str(connection_id)))
            if len(ran) == jobs:
                all_ran.set()
            return has_more

        working = asyncio.create_task(
            self.services.jobs.run_worker(run_drain, concurrency=1, heartbeat=3, stalled=12)
        )
        try:
            await asyncio.wait_for(all_ran.wait(), 60)
        finally:
            working.cancel()
            await asyncio.wait([working])
        return ran

    async def live(self, ahead: timedelta) -> None:
        """Let time pass, while the worker does what is due."""
        days = Days(self.services, self.clock)
        await days.until(self.clock.now() + ahead, step=timedelta(seconds=5))

    async def _connection_id(self, msp: OldMsp) -> ConnectionId:
        return (await site_of(self.services.halopsa_setup, self.act_for(msp))).connection_id


@asynccontextmanager
async def run_product(
    postgres_server: postgres.EmbeddedPostgres, old: Old, directory: Path
) -> AsyncIterator[Product]:
    clock, outside = ManualClock(old.stopped_at + timedelta(seconds=30)), Outside()
    async with AsyncExitStack() as stack:
        halopsas = {
            msp.host: await stack.enter_async_context(run_halopsa(msp, clock, outside)) for msp in old.msps
        }
        urls = restore(postgres_server, old, {host: halo.url for host, halo in halopsas.items()})
        Product.upgrade(urls)
        settings = Settings(data_dir=directory, outbound_allow=tuple(halo.url for halo in halopsas.values()))
        services = await stack.enter_async_context(open_services(settings, urls, clock=clock))
        outside.application = application = server.application(services)
        yield Product(services, clock, halopsas, application)
