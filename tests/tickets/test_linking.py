"""Requests that were pending when a ticket system was connected: each gets its link, however many there are."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, new_tenant
from tests.tickets.staged import staged

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.reconcile.duties import see_to
from stepladder.tickets import linking

MANY = 23


async def ask_many(tenant: Tenant, many: int) -> None:
    for _ in range(many):
        await tenant.submit()


async def unlinked(tenant: Tenant) -> int:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return int(
            await tx.scalar(
                """select count(*) from elevation_request r where state = 'pending'
                   and not exists (select from ticket_link l where l.subject_id = r.id)"""
            )
        )


async def sweep(services: Services) -> None:
    await see_to([each for each in services.duties if each.due == "due_links"], services.db, services.clock)


@pytest.mark.parametrize("at_once", [5, 23, 24])
async def test_the_sweep_makes_the_links_that_connecting_left(
    tmp_path: Path, own_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """OPS-08: also that of the request behind the last one that connecting linked."""
    monkeypatch.setattr(linking, "AT_ONCE", at_once)
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as services:
        tenant = await new_tenant(services)
        await ask_many(tenant, MANY)
        stage = await staged(services, tenant, clock)
        assert await unlinked(tenant) == max(0, MANY - at_once)
        await asyncio.gather(*(sweep(services) for _ in range(3)))
        assert await unlinked(tenant) == 0
        await stage.run()
        assert len(stage.remote.tickets) == MANY
        assert await due_links(services) == []


async def due_links(services: Services) -> list[Any]:
    return await services.db.crossing("select * from due_links(now())")


async def test_what_is_settled_before_its_link_is_made_has_none_that_stays_open(
    tmp_path: Path, own_urls: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OPS-08: deciding and linking wait for each other."""
    monkeypatch.setattr(linking, "AT_ONCE", 2)
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), own_urls, clock=clock) as services:
        tenant = await new_tenant(services)
        asked = [(await tenant.submit()).request_id for _ in range(12)]
        stage = await staged(services, tenant, clock)
        await asyncio.gather(sweep(services), *(tenant.decide(each) for each in asked))
        await stage.settle()
        assert all(each.is_closed for each in stage.remote.tickets.values())
