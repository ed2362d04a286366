"""The stage of these tests: a HaloPSA in which nothing is set up yet, and a tenant that is connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.support.halo import connect
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connections.service import ticket_system
from stepladder.kit.findings import Finding
from stepladder.kit.secret import Secret
from stepladder.mapping import queries as mapping_queries
from stepladder.settings import Settings
from stepladder.setup.engine.parts import Report, State
from stepladder.setup.halopsa import check as checking, service
from stepladder.setup.halopsa.access import Credential
from stepladder.setup.halopsa.system import Options
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.demo import bare_demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox

CREDENTIAL = Credential(demo.SETUP_CLIENT_ID, Secret(demo.SETUP_CLIENT_SECRET))
LISTS = (
    *("custom_fields", "integrations", "methods", "outcomes", "workflows", "tabs", "webhooks", "triggers"),
    "clients",
)


@dataclass
class Stage:
    """A tenant, its HaloPSA, and what an operator does with them."""

    services: Services
    tenant: Tenant
    halo: RunningSandbox

    async def set_up(self, **options: Any) -> Report:
        """With every part there is, unless the test says otherwise."""
        chosen = Options(**{"tab": True, "jit": True, **options})
        return await service.set_up(self.services.halopsa_setup, self.tenant.operator, CREDENTIAL, chosen)

    async def remove(self, *, dry_run: bool = False) -> Report:
        return await service.remove(
            self.services.halopsa_setup, self.tenant.operator, CREDENTIAL, dry_run=dry_run
        )

    async def check(self, *, stronger: bool = True, **options: Any) -> dict[str, Finding]:
        found = await checking.check(
            self.services.halopsa_setup, self.tenant.operator, CREDENTIAL if stronger else None, **options
        )
        assert len({each.name for each in found}) == len(found)
        return {each.name: each for each in found}

    def configured(self) -> dict[str, Any]:
        """Everything that an administrator sees set up in HaloPSA."""
        return {name: getattr(self.halo.state.config, name) for name in LISTS}

    def change(self, part: str, name: str, /, **changes: Any) -> None:
        """Change something by hand, as an administrator does."""
        self.halo.state.configure(
            **{part: tuple(_changed(each, name, changes) for each in getattr(self.halo.state.config, part))}
        )

    def drop(self, part: str, name: str) -> None:
        """Delete something by hand."""
        kept = tuple(each for each in getattr(self.halo.state.config, part) if name_of(each) != name)
        assert len(kept) < len(getattr(self.halo.state.config, part))
        self.halo.state.configure(**{part: kept})

    def the(self, part: str, name: str) -> Any:
        """The one thing of this name."""
        (found,) = [each for each in getattr(self.halo.state.config, part) if name_of(each) == name]
        return found

    async def sql(self, query: str, **params: Any) -> list[dict[str, Any]]:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            return await tx.dicts(query, params)


def name_of(thing: Any) -> str:
    return str(getattr(thing, "outcome", None) or thing.name)


def _changed(thing: Any, name: str, changes: dict[str, Any]) -> Any:
    return msgspec.structs.replace(thing, **changes) if name_of(thing) == name else thing


def states(report: Report) -> dict[str, State]:
    assert report.stopped is None
    return {each.key: each.state for each in report.items}


@pytest.fixture
async def halo() -> AsyncIterator[RunningSandbox]:
    bare = bare_demo_config()
    clients = tuple(msgspec.structs.replace(each, ref="") if each.id == 1 else each for each in bare.clients)
    async with running_sandbox(msgspec.structs.replace(bare, clients=clients)) as sandbox:
        yield sandbox


@pytest.fixture
def settings(tmp_path: Path, halo: RunningSandbox) -> Settings:
    return settings_in(tmp_path, outbound_allow=(halo.url,))


async def staged(services: Services, tenant: Tenant, halo: RunningSandbox) -> Stage:
    """Connect the tenant and link its customer."""
    await connect(services, tenant, halo)
    async with ticket_system(services.connections, tenant.operator) as (found, connector):
        remotes = await connector.list_customers()
    async with services.db.transaction(tenant.operator) as tx:
        await services.customers.map_automatically(tx, found.id, remotes)
        assert await mapping_queries.find(tx, tenant.customer.id)
    return Stage(services, tenant, halo)


@pytest.fixture
async def stage(services: Services, tenant: Tenant, halo: RunningSandbox) -> Stage:
    return await staged(services, tenant, halo)


@pytest.fixture
async def own_services(settings: Settings, own_urls: DatabaseUrls) -> AsyncIterator[Services]:
    """The product on a database of its own."""
    async with open_services(settings, own_urls) as opened_services:
        yield opened_services


__all__ = ["CREDENTIAL", "LISTS", "Stage", "new_tenant", "staged", "states"]
