"""A trail that grew says its signed head in the operating log, each minute, also when nothing follows."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant

from stepladder import worker
from stepladder.app import DatabaseUrls, Services, open_services


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def services(tmp_path: Path, own_urls: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Services]:
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as opened:
        yield opened


async def announced(services: Services, tenant: Tenant) -> list[int]:
    """What one sweep says of this MSP's chain."""
    with capture_logs() as logs:
        await worker.sweep(services)
    said: list[dict[str, Any]] = [entry["head"] for entry in logs if entry["event"] == "audit_head"]
    return [head["sequence"] for head in said if head["msp_id"] == str(tenant.msp.id)]


async def test_a_quiet_trails_last_events_are_announced_within_the_next_minute(
    services: Services, clock: ManualClock
) -> None:
    """SEC-09: what was sealed soon after an announcement is not left unsaid when nothing follows."""
    tenant = await new_tenant(services)
    (first,) = await announced(services, tenant)
    clock.move(timedelta(seconds=9))
    await tenant.submit()
    assert await announced(services, tenant) == []
    clock.move(timedelta(seconds=51))
    (second,) = await announced(services, tenant)
    assert second > first


async def test_a_head_is_announced_once(services: Services, clock: ManualClock) -> None:
    tenant = await new_tenant(services)
    assert len(await announced(services, tenant)) == 1
    for _ in range(3):
        clock.move(timedelta(minutes=2))
        assert await announced(services, tenant) == []


async def test_another_process_goes_on_where_the_first_ended(
    services: Services, clock: ManualClock, tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    tenant = await new_tenant(services)
    await announced(services, tenant)
    await tenant.submit()
    clock.move(timedelta(minutes=2))
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as other:
        assert len(await announced(other, tenant)) == 1
    assert await announced(services, tenant) == []
