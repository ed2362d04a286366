"""The floor does the work that it is compared for: the same rows in the same tables."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from tests.support.installations import settings_in

from stepladder import server
from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.settings import Settings
from stepladder_bench.floor import Floor, opened_pool
from stepladder_bench.floor_cycle import READ, SUBMIT, CycleFloor
from stepladder_bench.tenant import (
    APPROVE_PATH,
    REQUESTS_PATH,
    Tenant,
    encoded,
    new_tenant,
    press_headers,
    signed_headers,
    wanted,
)
from stepladder_bench.wire import asked, request
from stepladder_sandbox.halopsa.testing import served

# What belongs to no decision: the engine's queue, and the note of a key's use once an hour.
NOT_COMPARED = ("procrastinate_", "alembic_", "inbound_key")
OWN = {"subject_id", "id", "request_id", "idempotency_key", "reference", "subject", "leaf"}
TIMES = {"settled_at", "decided_at", "at", "next_try_at"}


@asynccontextmanager
async def _ways(
    services: Services, tenant: Tenant, urls: DatabaseUrls
) -> AsyncIterator[dict[str, tuple[int, str]]]:
    """Where each way of deciding listens."""
    pool = opened_pool(urls.service, 2)
    async with (
        pool,
        served(server.application(services)) as product,
        _bare(Floor(pool, tenant.msp.id)) as floor,
    ):
        ports = [int(url.rpartition(":")[2]) for url in (product, floor)]
        yield {
            "product": (ports[0], APPROVE_PATH),
            "plain": (ports[1], "/plain"),
            "joined": (ports[1], "/joined"),
        }


@asynccontextmanager
async def _bare(floor: Floor) -> AsyncIterator[str]:
    async with served(Starlette(routes=[Mount("/", app=floor)])) as url:
        yield url


@pytest.fixture
def settings(tmp_path: Any) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
async def own_services(settings: Settings, own_urls: DatabaseUrls) -> AsyncIterator[Services]:
    async with open_services(settings, own_urls) as opened:
        yield opened


async def test_the_floor_writes_the_rows_that_the_product_writes(
    own_services: Services, own_urls: DatabaseUrls
) -> None:
    tenant = await new_tenant(own_services, "http://127.0.0.1")
    await tenant.connect("http://127.0.0.1:9", check=False)
    found = {}
    async with _ways(own_services, tenant, own_urls) as ways:
        for name, (port, path) in ways.items():
            (request_id,) = await tenant.pending([tenant.desktop], with_tickets=True)
            before = await _rows(tenant)
            press = request(
                "POST", path, press_headers(tenant.key, "127.0.0.1"), encoded(tenant.approval(request_id))
            )
            answer = await asked(port, press)
            assert answer.status == 200, answer.body
            found[name] = _changed(before, await _rows(tenant), request_id)
    assert set(found["product"]) == {"elevation_request", "decision", "audit_event", "ticket_link"}
    assert found["plain"] == found["product"]
    assert found["joined"] == found["product"]


async def _rows(tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that the tenant sees."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        tables = await tx.dicts(
            "select table_name from information_schema.tables where table_schema = 'public'"
        )
        names = [row["table_name"] for row in tables if not row["table_name"].startswith(NOT_COMPARED)]
        return {name: [row["row"] for row in await tx.dicts(_whole(name))] for name in names}


def _whole(table: str) -> Any:
    return f"select to_jsonb(t) as row from {table} t"  # noqa: S608  # a name from the catalogue


def _changed(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]], request_id: str
) -> dict[str, list[dict[str, Any]]]:
    """New and altered rows by table. Ids are left out; times are compared by being there."""
    changed = {}
    for table, rows in after.items():
        fresh = [row for row in rows if row not in before[table]]
        assert all(request_id in map(str, row.values()) for row in fresh), table
        if fresh:
            changed[table] = [_plain(row) for row in fresh]
    return changed


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: (value is not None) if name in TIMES else value
        for name, value in row.items()
        if name not in OWN
    }


async def test_the_floor_of_lifecycles_writes_the_rows_that_the_product_writes(
    own_services: Services, own_urls: DatabaseUrls
) -> None:
    tenant = await new_tenant(own_services, "http://127.0.0.1")
    await tenant.connect("http://127.0.0.1:9", check=False)
    found: dict[str, list[dict[str, list[dict[str, Any]]]]] = {}
    pool = opened_pool(own_urls.service, 2)
    async with (
        pool,
        served(server.application(own_services)) as product,
        served(Starlette(routes=[Mount("/", app=CycleFloor(pool, tenant.msp.id))])) as floor,
    ):
        sides = {"product": (product, REQUESTS_PATH, f"{REQUESTS_PATH}/"), "floor": (floor, SUBMIT, READ)}
        for name, (url, submit, read) in sides.items():
            port, changes = int(url.rpartition(":")[2]), []
            before = await _rows(tenant)
            body = wanted().model_dump_json().encode()
            answer = await asked(port, _signed(tenant, "POST", submit, body))
            assert answer.status in (200, 201), answer.body
            changes.append(_fresh(before, before := await _rows(tenant)))
            request_id = json.loads(answer.body)["request_id"]
            answer = await asked(port, _signed(tenant, "GET", f"{read}{request_id}"))
            assert json.loads(answer.body)["state"] == "pending"
            changes.append(_fresh(before, await _rows(tenant)))
            found[name] = changes
    assert set(found["product"][0]) == {"elevation_request", "audit_event", "ticket_link", "endpoint_nonce"}
    assert set(found["product"][1]) == {"endpoint_nonce"}
    assert found["floor"] == found["product"]


def _signed(tenant: Tenant, method: str, path: str, body: bytes = b"") -> bytes:
    desk = tenant.desktop
    headers = signed_headers(desk.key, desk.id, method=method, host="127.0.0.1", path=path, body=body)
    return request(method, path, headers, body)


def _fresh(
    before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]
) -> dict[str, list[dict[str, Any]]]:
    """New and altered rows by table, without what differs from call to call."""
    changed = {table: [row for row in rows if row not in before[table]] for table, rows in after.items()}
    return {table: [_plain_of_a_cycle(row) for row in rows] for table, rows in changed.items() if rows}


def _plain_of_a_cycle(row: dict[str, Any]) -> dict[str, Any]:
    by_being_there = TIMES | {"created_at", "expires_at", "seen_at", "nonce", "body_sha256", "program_path"}
    return {
        name: (value is not None) if name in by_being_there else value
        for name, value in row.items()
        if name not in OWN
    }
