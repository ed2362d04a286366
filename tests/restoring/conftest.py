"""One MSP with tickets in memory, whose database can be put back to an earlier moment, as a backup does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.restoring.installation import Installation
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant
from tests.tickets.staged import staged

from stepladder.app import DatabaseUrls, open_services
from stepladder.kit import postgres


@pytest.fixture
async def installation(
    tmp_path: Path, own_urls: DatabaseUrls, postgres_server: postgres.EmbeddedPostgres
) -> AsyncIterator[Installation]:
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as services:
        stage = await staged(services, await new_tenant(services), clock)
        yield Installation(stage, postgres_server, own_urls)
