"""The stage of these tests: a tenant, empty shelves, and a process that can be made to die on any line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.setup.engine.shelves import Setup
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant
from tests.tickets.staged import staged

from stepladder.app import DatabaseUrls, open_services


@pytest.fixture
async def setup(tmp_path: Path, urls: DatabaseUrls) -> AsyncIterator[Setup]:
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), urls, clock=clock) as services:
        stage = await staged(services, await new_tenant(services), clock)
        yield Setup(stage.wiring.db, stage.lines, stage.tenant.operator, stage.connection_id)
