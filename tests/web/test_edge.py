"""The HTTP edge: headers on every answer, bounds on bodies, hosts, methods, and what nobody expected."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import psycopg
import pytest
from tests.support.tenants import Tenant, new_tenant
from tests.support.web import (
    APPROVE,
    DECISION_TYPE,
    DENY,
    DISABLE,
    KEY_HEADER,
    REQUESTS,
    Machine,
    MovedClock,
    RunningWeb,
    approval,
    assert_problem,
    denial,
    machine,
    other_id,
    running_web,
    snapshot,
)

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.settings import Settings
from stepladder.web.door.bodies import LARGEST_BODY
from stepladder_protocol import ENDPOINT_API

NAME = "Northwind Traders"
GOLDEN = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "x-content-type-options": "nosniff",
}
# What an answer may say beside the golden set. No server, no version, no cookie, no permission for other origins.
BESIDE = {
    "content-length",
    "content-type",
    "date",
    "allow",
    "retry-after",
    "www-authenticate",
    "connection",
    "transfer-encoding",
}


@pytest.fixture
async def broken(own_urls: DatabaseUrls, settings: Settings) -> AsyncIterator[tuple[RunningWeb, Tenant]]:
    """An application whose role may not write decisions: a mistake of an operator that no code foresaw."""
    async with open_services(settings, own_urls) as services:
        tenant = await new_tenant(services)
        with psycopg.connect(own_urls.owner, autocommit=True) as owner:
            owner.execute(f"revoke insert on decision from {own_urls.service_role}".encode())
        async with running_web(services) as running:
            yield running, tenant


def assert_golden(headers: dict[str, str]) -> None:
    assert {name: value for name, value in headers.items() if name in GOLDEN} == GOLDEN
    assert headers.keys() - GOLDEN.keys() <= BESIDE


async def test_every_answer_carries_the_headers_whatever_its_status(
    web: RunningWeb,
    tenant: Tenant,
    desk: Machine,
    broken: tuple[RunningWeb, Tenant],
    logged: list[MutableMapping[str, Any]],
) -> None:
    asked, approved = await tenant.submit(), await tenant.submit()
    await tenant.decide(approved.request_id)
    crash_web, crash_tenant = broken
    crash_asked = await crash_tenant.submit()
    host = {"Host": tenant.msp.host}
    key = {**host, KEY_HEADER: tenant.key, "Content-Type": DECISION_TYPE}
    answers = [
        await web.client.get("/healthz"),
        await web.client.head("/healthz"),
        await web.client.get("/", headers=host),
        await web.approve(tenant, asked.request_id, NAME),
        await web.approve(tenant, asked.request_id, "Nobody"),
        await web.deny(tenant, asked.request_id, NAME),
        await web.press(tenant, APPROVE, b"no json"),
        await web.press(tenant, APPROVE, {}, key=""),
        await web.press(tenant, APPROVE, {}, media_type="text/plain"),
        await web.client.get(APPROVE, headers=host),
        await web.client.get("/nothing", headers=host),
        await web.client.get("/", headers={"Host": "nobody.test"}),
        await web.client.post(APPROVE, content=b"x" * (LARGEST_BODY + 1), headers=key),
        await desk.asking().to(web),
        await desk.looking(approved.request_id).to(web),
        await desk.fetching(approved.request_id).to(web),
        await desk.fetching(other_id()).to(web),
        await web.client.post(REQUESTS, json={}, headers=host),
        await web.client.post(f"{ENDPOINT_API}/enrol", json={}, headers=host),
        await web.client.request("TRACE", "/", headers=host),
        await crash_web.approve(crash_tenant, crash_asked.request_id, NAME),
    ]
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 201, 400, 401, 404, 405, 409, 413, 415, 500}
    for answer in answers:
        assert_golden(dict(answer.headers.items()))
        if answer.status_code >= 400:
            assert_problem(answer, answer.status_code)


# Bodies


async def test_a_body_that_announces_more_than_the_bound_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    content = b" " * (LARGEST_BODY + 1)
    for path in (APPROVE, DENY, DISABLE):
        assert_problem(await web.press(tenant, path, content), 413, "body_too_large")
    assert_problem(await desk.signed("POST", REQUESTS, content).to(web), 413, "body_too_large")


async def test_a_body_sent_in_chunks_is_counted_and_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY // 65536 + 2):
            yield b" " * 65536

    for path, media_type in (
        (APPROVE, DECISION_TYPE),
        (REQUESTS, "application/json"),
        (f"{ENDPOINT_API}/enrol", "application/json"),
    ):
        answer = await web.client.post(
            path,
            content=chunks(),
            headers={"Host": tenant.msp.host, KEY_HEADER: tenant.key, "Content-Type": media_type},
        )
        assert "content-length" not in answer.request.headers
        assert_problem(answer, 413, "body_too_large")


async def test_a_body_is_refused_before_it_is_there(web: RunningWeb, tenant: Tenant) -> None:
    """By what it announces, without a byte of it; and where it announces nothing, without its end."""
    head = f"POST {DENY} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Type: {DECISION_TYPE}\r\n{KEY_HEADER}: {tenant.key}\r\n"
    chunk = "10000\r\n" + " " * 65536 + "\r\n"
    for text in (
        f"{head}Content-Length: {LARGEST_BODY + 1}\r\n\r\n",
        f"{head}Transfer-Encoding: chunked\r\n\r\n" + chunk * (LARGEST_BODY // 65536 + 1),
    ):
        reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
        writer.write(text.encode())
        async with asyncio.timeout(10):
            assert b" 413 " in await reader.readline()
        writer.close()


async def test_a_body_at_the_bound_is_read(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    content = json.dumps(denial(asked.request_id, NAME)).encode()
    padded = content + b" " * (LARGEST_BODY - len(content))
    assert (await web.press(tenant, DENY, padded)).status_code == 200


async def test_a_large_body_leaves_the_next_call_unharmed(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    for _ in range(3):
        assert (await web.press(tenant, DENY, b" " * (LARGEST_BODY * 2))).status_code == 413
    assert (await web.deny(tenant, asked.request_id, NAME)).status_code == 200


# Hosts


@pytest.mark.parametrize(
    "host",
    [
        "nobody.test",
        "",
        "127.0.0.1",
        "localhost",
        "{host}.evil.test",
        "evil.{host}",
        "{host}@evil.test",
        "{host}/",
        "{host}.",
        "{host},{host}",
        "*",
    ],
)
async def test_an_unknown_host_is_refused_on_every_route(web: RunningWeb, tenant: Tenant, host: str) -> None:
    asked = await tenant.submit()
    spelled = host.format(host=tenant.msp.host)
    before = await snapshot(tenant)
    for answer in (
        await web.approve(tenant, asked.request_id, NAME, host=spelled),
        await web.client.get(f"/elevation-requests/{asked.request_id}", headers={"Host": spelled}),
        await web.client.get("/nothing", headers={"Host": spelled}),
    ):
        assert_problem(answer, 404, "host_unknown")
    assert await snapshot(tenant) == before


async def test_a_host_is_known_in_any_case_and_with_any_port(web: RunningWeb, tenant: Tenant) -> None:
    for host in (tenant.msp.host.upper(), f"{tenant.msp.host}:443", f" {tenant.msp.host}:8700".strip()):
        asked = await tenant.submit()
        assert (await web.approve(tenant, asked.request_id, NAME, host=host)).status_code == 200


async def test_forwarded_hosts_are_not_believed(web: RunningWeb, tenant: Tenant, other_msp: Tenant) -> None:
    asked = await tenant.submit()
    believed = [
        ("X-Forwarded-Host", tenant.msp.host),
        ("Forwarded", f"host={tenant.msp.host}"),
        ("X-Host", tenant.msp.host),
    ]
    answer = await web.press(
        tenant, APPROVE, approval(asked.request_id, NAME), host=other_msp.msp.host, headers=believed
    )
    assert_problem(answer, 401, "key_refused")


async def raw(web: RunningWeb, text: str) -> tuple[int, str]:
    """Speak HTTP by hand; gives the status and the whole answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", web.port)
    writer.write(text.encode("latin-1"))
    await writer.drain()
    answer = (await reader.read(65536)).decode("latin-1")
    writer.close()
    await writer.wait_closed()
    return int(answer.split(" ", 2)[1]), answer


async def test_two_hosts_no_host_and_a_host_in_the_target_reach_nobody(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    mine, theirs = tenant.msp.host, other_msp.msp.host
    path = f"{ENDPOINT_API}/endpoint"
    for text in (
        f"GET {path} HTTP/1.1\r\nHost: {mine}\r\nHost: {theirs}\r\n\r\n",
        f"GET {path} HTTP/1.1\r\nHost: {mine}\r\nHost: {mine}\r\n\r\n",
        f"GET {path} HTTP/1.0\r\n\r\n",
    ):
        status, answer = await raw(web, text)
        assert status in (400, 404)
        assert "signature_refused" not in answer  # it never came as far as an MSP's own routes
    status, answer = await raw(web, f"GET http://{theirs}{path} HTTP/1.1\r\nHost: nobody.test\r\n\r\n")
    assert status in (400, 404)


async def test_a_message_with_two_framings_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    """One front end and one back end that disagree about where a message ends let one caller speak as another."""
    head = f"POST {APPROVE} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Type: {DECISION_TYPE}\r\n{KEY_HEADER}: {tenant.key}\r\n"
    for framing in (
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        f"Content-Length: {'9' * 5000}\r\n",
    ):
        status, _ = await raw(web, f"{head}{framing}Connection: close\r\n\r\n0\r\n\r\n")
        assert status in (400, 413), framing


@pytest.mark.parametrize("character", ["\x00", "\r", "\n", "\x7f"])
async def test_control_characters_in_a_header_are_refused(
    web: RunningWeb, tenant: Tenant, character: str
) -> None:
    asked = await tenant.submit()
    content = json.dumps(denial(asked.request_id, NAME))
    before = await snapshot(tenant)
    status, _ = await raw(
        web,
        f"POST {DENY} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Type: {DECISION_TYPE}\r\n{KEY_HEADER}: {tenant.key}\r\n"
        f"X-Stepladder-Technician-Email: nik{character}@nikpot.example\r\nContent-Length: {len(content)}\r\n"
        f"Connection: close\r\n\r\n{content}",
    )
    assert status in (400, 403)
    assert await snapshot(tenant) == before


# Methods and addresses


@pytest.mark.parametrize(
    "method", ["TRACE", "GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "CONNECT"]
)
@pytest.mark.parametrize("path", [APPROVE, DENY, DISABLE, f"{ENDPOINT_API}/enrol"])
async def test_another_method_than_the_documented_one_is_refused(
    web: RunningWeb, tenant: Tenant, path: str, method: str
) -> None:
    if method == "CONNECT":
        status, _ = await raw(
            web, f"CONNECT {path} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nConnection: close\r\n\r\n"
        )
        assert status in (400, 404, 405)
        return
    answer = await web.client.request(method, path, headers={"Host": tenant.msp.host, KEY_HEADER: tenant.key})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"
    if method != "HEAD":
        assert_problem(answer, 405, "method_not_allowed")
        assert tenant.key not in answer.text


async def test_trace_echoes_nothing_anywhere(web: RunningWeb, tenant: Tenant) -> None:
    for path in ("/", "/healthz", APPROVE, REQUESTS, "/nothing"):
        answer = await web.client.request(
            "TRACE", path, headers={"Host": tenant.msp.host, KEY_HEADER: tenant.key, "Cookie": "a=secret"}
        )
        assert answer.status_code in (404, 405)
        assert tenant.key not in answer.text
        assert "secret" not in answer.text


async def test_nothing_is_ever_redirected(web: RunningWeb, tenant: Tenant) -> None:
    """A redirect would be followed with the key in its header, to wherever the Host header said."""
    asked = await tenant.submit()
    for path in (
        APPROVE,
        DENY,
        DISABLE,
        REQUESTS,
        f"{REQUESTS}/{asked.request_id}",
        f"{ENDPOINT_API}/endpoint",
        "/healthz",
        f"/elevation-requests/{asked.request_id}",
    ):
        for spelled in (f"{path}/", f"/{path}", path.replace("/api", "/api/."), f"{path}//"):
            for method in ("GET", "POST"):
                status, answer = await raw(
                    web,
                    f"{method} {spelled} HTTP/1.1\r\nHost: {tenant.msp.host}:6666\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                )
                assert not 300 <= status < 400, spelled
                assert "location:" not in answer.lower()


async def test_the_link_of_an_older_ticket_says_the_same_for_every_id_and_changes_nothing(
    web: RunningWeb, tenant: Tenant
) -> None:
    """USE-04: no such page decides, and none pretends that there is something."""
    asked = await tenant.submit()
    before = await snapshot(tenant)
    answers = [
        await web.client.get(f"/elevation-requests/{found}", headers={"Host": tenant.msp.host})
        for found in (asked.request_id, other_id(), "x", "%3Cscript%3E")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert await snapshot(tenant) == before


async def test_the_service_s_address_answers_a_person_with_a_page(web: RunningWeb, tenant: Tenant) -> None:
    """USE-04: a page in its own style, which the content policy lets it load."""
    host = {"Host": tenant.msp.host}
    page = await web.client.get("/", headers=host)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page.text)
    sheet = await web.client.get(style, headers=host)
    assert (sheet.status_code, sheet.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "style=" not in page.text


async def test_no_description_of_the_api_is_served(web: RunningWeb, tenant: Tenant) -> None:
    for path in (
        "/openapi.json",
        "/docs",
        "/redoc",
        "/docs/oauth2-redirect",
        "/metrics",
        "/.git/config",
        "/static/x",
    ):
        answer = await web.client.get(path, headers={"Host": tenant.msp.host})
        assert_problem(answer, 404, "route_not_found")


# What nobody expected


async def test_an_unexpected_error_gives_an_incident_id_and_nothing_else(
    broken: tuple[RunningWeb, Tenant], logged: list[MutableMapping[str, Any]]
) -> None:
    web, tenant = broken
    asked = await tenant.submit()
    before = await snapshot(tenant)
    answer = await web.approve(tenant, asked.request_id, NAME)
    found = assert_problem(answer, 500, "unexpected")
    (line,) = [line for line in logged if line["event"] == "unexpected_error"]
    assert found == {
        "type": "about:blank",
        "title": "Unexpected error",
        "status": 500,
        "code": "unexpected",
        "detail": f"Something unexpected happened. Quote {line['incident']} when you report it.",
    }
    assert re.fullmatch(r"[0-9a-f]{12}", line["incident"])
    assert await snapshot(tenant) == before  # and it never ends in more rights
    assert tenant.key not in str(logged)


async def test_the_process_goes_on_after_an_unexpected_error(
    broken: tuple[RunningWeb, Tenant], logged: list[MutableMapping[str, Any]]
) -> None:
    web, tenant = broken
    asked, desk = await tenant.submit(), machine(tenant)
    for _ in range(12):  # more often than the pool has connections
        assert (await web.approve(tenant, asked.request_id, NAME)).status_code == 500
    assert (await desk.looking(asked.request_id).to(web)).json()["state"] == "pending"
    assert (await web.client.get("/healthz")).text == "ok\n"


async def test_a_lost_database_is_unavailable_and_not_unexpected(
    own_urls: DatabaseUrls, settings: Settings, clock: MovedClock
) -> None:
    async with open_services(settings, own_urls, clock=clock) as services:
        tenant = await new_tenant(services)
        async with running_web(services, waiting=False) as web:
            asked = await tenant.submit()
            assert (await web.deny(tenant, other_id(), NAME)).status_code == 404
            await services.db.close()
            for answer in (
                await web.approve(tenant, asked.request_id, NAME),
                await machine(tenant).asking().to(web),
            ):
                found = assert_problem(answer, 503)
                assert found["code"] in ("unavailable", "database_unavailable")
                assert answer.headers["retry-after"].isdigit()
            assert (await web.client.get("/healthz")).status_code == 503


async def test_a_new_process_knows_its_hosts_from_the_first_moment(
    services: Services, tenant: Tenant
) -> None:
    """All of them at once, while the directory of MSPs is read for the first time."""
    async with running_web(services) as web:
        machines = [machine(tenant) for _ in range(20)]
        answers = await asyncio.gather(
            *(one.signed("GET", f"{ENDPOINT_API}/endpoint").to(web) for one in machines)
        )
    assert {answer.status_code for answer in answers} == {200}
