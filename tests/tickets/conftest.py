"""The stage of these tests: services on a clock that stands still, a tenant, tickets in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant
from tests.tickets.staged import Stage, staged

from stepladder.app import DatabaseUrls, open_services


@pytest.fixture
async def stage(tmp_path: Path, urls: DatabaseUrls) -> AsyncIterator[Stage]:
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), urls, clock=clock) as services:
        yield await staged(services, await new_tenant(services), clock)
