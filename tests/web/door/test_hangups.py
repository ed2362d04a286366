"""Clients that leave: their work ends, what has begun is finished, and nobody is told of an error."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import MutableMapping
from typing import Any

import psycopg
import pytest
from tests.support.tenants import Tenant
from tests.support.web import (
    DECISION_TYPE,
    DENY,
    KEY_HEADER,
    Machine,
    RunningWeb,
    audit_events,
    denial,
    running_web,
    until,
)

from stepladder.access_keys.format import INBOUND_KEY
from stepladder.app import DatabaseUrls, Services

NAME = "Northwind Traders"


def press(tenant: Tenant, key: str, body: bytes, length: int) -> bytes:
    lines = (
        f"POST {DENY} HTTP/1.1",
        f"Host: {tenant.msp.host}",
        f"{KEY_HEADER}: {key}",
        f"Content-Type: {DECISION_TYPE}",
        f"Content-Length: {length}",
    )
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_client_that_leaves_in_the_middle_of_its_body_is_nobodys_error(
    web: RunningWeb,
    tenant: Tenant,
    logged: list[MutableMapping[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SEC-16: not a line in the log, however often."""
    with caplog.at_level(logging.DEBUG, "uvicorn"):
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", web.port)
            writer.write(press(tenant, INBOUND_KEY.new(), b"{", 100))
            await writer.drain()
            writer.close()
        assert (await web.client.get("/healthz")).status_code == 200
    assert logged == []
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_work_that_waits_for_the_database_is_dropped_with_its_client(
    services: Services, urls: DatabaseUrls, tenant: Tenant
) -> None:
    """SEC-05: who hangs up leaves the queue, so the next caller does not wait behind those who have gone."""
    async with running_web(services) as web:
        pool = services.db.pool
        taken = [await pool.getconn() for _ in range(pool.max_size)]
        try:
            for _ in range(40):
                _, writer = await asyncio.open_connection("127.0.0.1", web.port)
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                await writer.drain()
                writer.close()
            # While the database is still as busy as before.
            await until(lambda: not web.calls and not web.connections)
        finally:
            for connection in taken:
                await pool.putconn(connection)


@pytest.mark.parametrize(
    ("name", "state", "tags"),
    [
        (NAME, "denied", {"elevation_request.denied"}),
        ("Nobody", "pending", {"decision.refused"}),
    ],
    ids=["made", "refused"],
)
async def test_a_decision_that_has_begun_is_finished_for_a_client_that_has_gone(
    services: Services,
    urls: DatabaseUrls,
    tenant: Tenant,
    desk: Machine,
    name: str,
    state: str,
    tags: set[str],
) -> None:
    """SEC-05: it is made as a whole and who waits is told; what is refused is in the trail, although nobody listens."""
    asked = await tenant.submit()
    content = json.dumps(denial(asked.request_id, name)).encode()
    async with (
        running_web(services, waiting=False) as web,
        await psycopg.AsyncConnection.connect(urls.owner) as holder,
    ):
        waiting = asyncio.create_task(desk.looking(asked.request_id, 20).to(web))
        await until(lambda: services.waiters.count == 1)
        await holder.execute("select from elevation_request where id = %s for update", (asked.request_id,))
        _, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(press(tenant, tenant.key, content, len(content)))
        await writer.drain()
        await blocked(urls)
        writer.close()
        await until(lambda: len(web.connections) == 1)  # only the one that waits
        await holder.rollback()
        await until(lambda: not web.calls)
        assert {event["tag"] for event in await audit_events(tenant, asked.request_id)} >= tags
        services.waiters.close()
        assert (await waiting).json()["state"] == state


async def blocked(urls: DatabaseUrls) -> None:
    """Wait until a statement of the service waits for a lock."""
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as looking:
        while True:
            cursor = await looking.execute(
                "select count(*) from pg_locks where not granted and pid in (select pid from pg_stat_activity where datname = current_database())"
            )
            row = await cursor.fetchone()
            if row and row[0]:
                return


async def test_a_poll_ends_with_its_client(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    """SEC-05: a desktop that is switched off gives its place back."""
    asked = await tenant.submit()
    wire = desk.looking(asked.request_id, 20)
    lines = [
        f"{wire.method} {wire.path} HTTP/1.1",
        *(f"{name}: {value}" for name, value in wire.headers),
        "",
        "",
    ]
    _, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write("\r\n".join(lines).encode())
    await until(lambda: web.services.waiters.count == 1)
    writer.close()
    await until(lambda: web.services.waiters.count == 0)
