"""The worker's sweep says the head of a trail that it has just sealed."""

from __future__ import annotations

from pathlib import Path

from tests.support.installations import settings_in
from tests.support.tenants import new_tenant

from stepladder import worker
from stepladder.app import DatabaseUrls, open_services


async def test_a_sweep_that_seals_also_announces_the_head(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    async with open_services(settings_in(tmp_path), own_urls) as services:
        tenant = await new_tenant(services)
        heads = worker.Heads()
        await worker.sweep(services, heads)
        _, head = heads._said[tenant.msp.id]
        assert head.sequence > 0
