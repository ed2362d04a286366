"""What anyone may send before being known: bytes and lines of a head, and how far ahead of its answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, machine, running_web

from stepladder.app import Services
from stepladder.web.door.limits import Limits

LIMITS = Limits()


@asynccontextmanager
async def connected(web: RunningWeb) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def until_closed(reader: asyncio.StreamReader) -> bytes:
    """What comes until the other side closes, however it does."""
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""


async def said(web: RunningWeb, sent: bytes) -> bytes:
    """Everything that is answered until the connection is closed."""
    async with connected(web) as (reader, writer):
        writer.write(sent)
        return await reader.read()


def assert_refused(answer: bytes, status: int, code: str) -> None:
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0].startswith(f"http/1.1 {status} ")
    assert "connection: close" in lines
    assert "x-content-type-options: nosniff" in lines
    assert json.loads(body)["code"] == code


def head(host: str, *lines: str) -> bytes:
    return "\r\n".join(["GET /healthz HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


async def test_a_header_without_an_end_is_refused_and_the_connection_closed(web: RunningWeb) -> None:
    """SEC-04: 431 and close above 64 KiB, while others are answered."""
    async with connected(web) as (reader, writer):
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: ")
        sent = 0
        while not reader._transport.is_closing() and sent < 4 * LIMITS.head_bytes:  # type: ignore[attr-defined]
            writer.write(b"a" * 8192)
            sent += 8192
            await asyncio.sleep(0)
        assert (await web.client.get("/healthz")).status_code == 200
        assert_refused(await reader.read(), 431, "head_too_large")


@pytest.mark.parametrize(
    "sent",
    [
        head("x", *(f"X-{number}: {'a' * 1000}" for number in range(80))),
        head("x", *(f"X-{number}: a" for number in range(LIMITS.head_lines + 1))),
        head("x", f"X-A: {'a' * LIMITS.head_bytes}"),
        b"GET /" + b"a" * LIMITS.head_bytes + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\r\n" * LIMITS.head_bytes,
    ],
    ids=["many bytes", "many lines", "one long line", "a long address", "blank lines"],
)
async def test_a_head_above_the_bound_is_refused(web: RunningWeb, sent: bytes) -> None:
    """SEC-04: the request line and all headers together, however they are divided."""
    assert_refused(await said(web, sent), 431, "head_too_large")


async def test_a_head_below_the_bound_is_read(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-04: nothing genuine comes near it."""
    sent = head(tenant.msp.host, f"X-A: {'a' * 60_000}", "Connection: close")
    assert (await said(web, sent)).startswith(b"HTTP/1.1 200 ")


async def test_a_large_body_is_no_large_head(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-04: what comes in one piece with a head is not counted as one."""
    body = b" " * 200_000
    sent = f"POST /nothing HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    assert (await said(web, sent.encode() + body)).startswith(b"HTTP/1.1 404 ")


async def test_what_is_no_http_is_refused_in_the_one_form(web: RunningWeb) -> None:
    assert_refused(await said(web, b"\x16\x03\x01\x02\x00\x01\x00"), 400, "invalid")


async def test_requests_sent_ahead_are_answered_in_their_order(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-03: reading ahead is bounded, and nothing is lost by it."""
    paths = ["/healthz" if number % 3 else f"/none/{number}" for number in range(200)]
    sent = "".join(
        f"GET {path} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Length: {len(path)}\r\n\r\n{path}"
        for path in paths
    )
    last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    answer = (await said(web, (sent + last).encode())).decode()
    statuses = [int(part.split(" ")[0]) for part in answer.split("HTTP/1.1 ")[1:]]
    assert statuses == [200 if number % 3 else 404 for number in range(200)] + [200]


async def test_a_connection_is_not_read_while_its_answers_are_not_taken(
    services: Services, tenant: Tenant
) -> None:
    """SEC-03: a client that only sends is stopped by its own send buffer; others are answered meanwhile."""
    async with running_web(services) as web, connected(web) as (_, writer):
        transport = writer.transport
        sent = head(tenant.msp.host) * 500
        total = 0
        while not transport.get_write_buffer_size() and total < 200_000_000:
            writer.write(sent)
            total += len(sent)
            assert (await web.client.get("/healthz")).status_code == 200
        assert transport.get_write_buffer_size(), "everything was read, and nothing taken"


async def test_above_the_bound_the_idlest_connection_gives_way(services: Services, tenant: Tenant) -> None:
    """SEC-27: idle connections shut nobody out."""
    async with running_web(services, limits=Limits(connections=5)) as web:
        idle = [await asyncio.open_connection("127.0.0.1", web.port) for _ in range(5)]
        for _ in range(3):
            assert (await web.client.get("/healthz", headers={"Connection": "close"})).status_code == 200
        assert await until_closed(idle[0][0]) == b""  # the first gave way
        for _, writer in idle:
            writer.close()


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (b"", b""),
        (b"GET /healthz HTTP/1.1\r\nX-A: ", b"a"),
        (b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n", b"a"),
    ],
    ids=["nothing", "a head", "a body"],
)
async def test_a_slow_client_is_closed(services: Services, sent: bytes, more: bytes) -> None:
    """SEC-27: a time for heads and for bodies, however steadily the bytes trickle in."""
    async with (
        running_web(services, limits=Limits(head_seconds=0.5, body_seconds=0.5)) as web,
        connected(web) as (
            reader,
            writer,
        ),
    ):
        writer.write(sent)
        ended = asyncio.create_task(until_closed(reader))
        while not ended.done():
            writer.write(more)
            await asyncio.wait([ended], timeout=0.05)
        assert ended.result() == b""


async def test_a_client_that_takes_no_answer_is_closed(services: Services, tenant: Tenant) -> None:
    """SEC-27: who sends and never reads is not held for ever."""
    async with running_web(services, limits=Limits(answer_seconds=0.5)) as web, connected(web) as (_, writer):
        while not writer.transport.is_closing():
            if writer.transport.get_write_buffer_size() < 100_000:
                writer.write(head(tenant.msp.host) * 500)
            await asyncio.sleep(0.01)


async def test_a_call_that_is_worked_on_is_not_cut(services: Services, tenant: Tenant) -> None:
    """SEC-27: the time is the client's, not ours."""
    async with running_web(services, limits=Limits(head_seconds=0.2, body_seconds=0.2)) as web:
        asked = await tenant.submit()
        answer = await machine(tenant).looking(asked.request_id, wait=3).to(web)
        assert answer.json()["state"] == "pending"
