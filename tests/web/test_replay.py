"""Threat T19: a message that was captured has no effect when it is sent again, altered, or late."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Tenant, body
from tests.support.web import (
    REQUESTS,
    Machine,
    MovedClock,
    RunningWeb,
    Wire,
    assert_problem,
    audit_events,
    count,
    enrolment,
    machine,
    other_id,
    snapshot,
)

from stepladder.endpoints import service as endpoints
from stepladder_protocol import ENDPOINT_API
from stepladder_protocol.signing import WINDOW


async def refused(web: RunningWeb, wire: Wire, tenant: Tenant) -> None:
    """The message is refused, in the one way, and leaves nothing behind."""
    before, events = await snapshot(tenant), await audit_events(tenant)
    assert_problem(await wire.to(web), 401, "signature_refused")
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)


async def a_whole_conversation(web: RunningWeb, desk: Machine) -> list[Wire]:
    """Every kind of message an enrolled machine sends, each of them accepted."""
    tenant = desk.tenant
    approved, cancelled = await tenant.submit(), await tenant.submit()
    await tenant.decide(approved.request_id)
    said = [
        desk.signed("GET", f"{ENDPOINT_API}/endpoint"),
        desk.asking(),
        desk.looking(approved.request_id),
        desk.looking(approved.request_id, wait=1),
        desk.cancelling(cancelled.request_id),
        desk.fetching(approved.request_id),
    ]
    for wire in said:
        assert (await wire.to(web)).status_code in (200, 201)
    return said


async def test_every_captured_message_sent_again_is_refused_in_this_process_and_another(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    captured = await a_whole_conversation(web, desk)
    for wire in captured:
        for process in (web, other_process, web):
            await refused(process, wire, tenant)


async def test_a_message_first_heard_by_another_process_is_refused_here(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    for wire in await a_whole_conversation(other_process, desk):
        await refused(web, wire, tenant)


async def test_an_enrolment_sent_again_changes_nothing_and_tells_nothing_new(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    """A lost answer has to be repeatable, so it is not the nonce but the used-up token that makes it harmless."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, tenant.customer)
    wire = enrolment(tenant, token, Ed25519PrivateKey.generate())
    first = await wire.to(web)
    assert first.status_code == 201
    before, events = await snapshot(tenant), await audit_events(tenant)
    for process in (web, other_process):
        again = await wire.to(process)
        assert (again.status_code, again.content) == (201, first.content)
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)


@pytest.mark.parametrize(
    "off",
    [WINDOW + timedelta(seconds=5), -WINDOW - timedelta(seconds=5), timedelta(days=30), timedelta(days=-30)],
)
async def test_a_message_of_another_time_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock, off: timedelta
) -> None:
    asked = await tenant.submit()
    for method, path, content in (
        ("POST", REQUESTS, body().model_dump_json().encode()),
        ("GET", f"{REQUESTS}/{asked.request_id}", b""),
        ("POST", f"{REQUESTS}/{asked.request_id}/cancel", b""),
    ):
        await refused(web, desk.signed(method, path, content, now=clock.now() + off), tenant)


async def test_an_enrolment_of_another_time_is_refused(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, tenant.customer)
    wire = enrolment(tenant, token, Ed25519PrivateKey.generate())
    clock.move(WINDOW + timedelta(seconds=5))
    await refused(web, wire, tenant)
    clock.move(-2 * WINDOW - timedelta(seconds=10))
    await refused(web, wire, tenant)


async def test_a_captured_message_stays_refused_after_its_nonce_is_forgotten(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    """A nonce must be kept longer than its message can be fresh: at no moment may neither rule hold."""
    wire = desk.asking()
    assert (await wire.to(web)).status_code == 201
    query = "select count(*) from endpoint_nonce where endpoint_id = %(id)s"
    for _ in range(30):
        await endpoints.forget_nonces(tenant.services.db, tenant.operator)
        await refused(web, wire, tenant)
        clock.move(timedelta(minutes=1))
    assert await count(tenant, query, id=desk.id) == 0  # and it was forgotten in the end


@pytest.mark.parametrize("ahead", [timedelta(0), WINDOW - timedelta(seconds=5)])
async def test_a_nonce_is_kept_while_a_message_from_a_clock_ahead_is_fresh(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock, ahead: timedelta
) -> None:
    wire = desk.signed("POST", REQUESTS, body().model_dump_json().encode(), now=clock.now() + ahead)
    assert (await wire.to(web)).status_code == 201
    clock.move(ahead + WINDOW - timedelta(seconds=5))
    await endpoints.forget_nonces(tenant.services.db, tenant.operator)
    await refused(web, wire, tenant)


async def test_a_nonce_serves_once_whatever_message_it_stands_in(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    nonce = "one-nonce-for-two"
    assert (
        await desk.signed("GET", f"{REQUESTS}/{asked.request_id}", nonce=nonce).to(web)
    ).status_code == 200
    for process in (web, other_process):
        await refused(
            process, desk.signed("POST", f"{REQUESTS}/{asked.request_id}/cancel", nonce=nonce), tenant
        )


async def test_two_machines_may_happen_on_the_same_nonce(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    for one in (desk, second):
        answer = await one.signed("GET", f"{ENDPOINT_API}/endpoint", nonce="happened-on").to(web)
        assert answer.status_code == 200


@pytest.mark.parametrize("nonce", ["x" * 65, "x" * 4000])
async def test_a_nonce_too_long_to_remember_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, nonce: str
) -> None:
    await refused(web, desk.signed("GET", f"{ENDPOINT_API}/endpoint", nonce=nonce), tenant)


async def test_anything_altered_after_signing_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, other_msp: Tenant
) -> None:
    asked, second = await tenant.submit(), await tenant.submit()
    look = desk.looking(asked.request_id, wait=0)
    ask = desk.asking(reason="to see the report")
    altered = {
        "method": desk.cancelling(asked.request_id).altered(method="GET"),
        "method of a read": look.altered(method="POST", path=f"{REQUESTS}/{asked.request_id}"),
        "path": look.altered(path=f"{REQUESTS}/{second.request_id}?wait=0"),
        "path's spelling": look.altered(path=look.path.replace("elevation", "%65levation")),
        "query": look.altered(path=look.path.replace("wait=0", "wait=1")),
        "query taken away": look.altered(path=look.path.split("?", maxsplit=1)[0]),
        "query added": desk.looking(asked.request_id).altered(path=f"{REQUESTS}/{asked.request_id}?wait=0"),
        "query doubled": look.altered(path=look.path + "&wait=0"),
        "body": ask.altered(content=ask.content.replace(b"report", b"remort")),
        "kind in the body": ask.altered(content=ask.content.replace(b'"USER"', b'"ADMIN"')),
        "body's spaces": ask.altered(content=ask.content + b" "),
        "body added": desk.cancelling(asked.request_id).altered(content=b"{}"),
        "host's port": look.with_header("Host", f"{tenant.msp.host}:8443"),
        "another MSP's host": look.with_header("Host", other_msp.msp.host),
    }
    assert altered["body"].content != ask.content
    assert altered["kind in the body"].content != ask.content
    for what, wire in altered.items():
        before = await snapshot(tenant), await snapshot(other_msp)
        answer = await wire.to(web)
        if what.startswith(
            "method"
        ):  # no route takes the other method, so nothing even looks at the signature
            assert_problem(answer, 405, "method_not_allowed")
        else:
            assert_problem(answer, 401, "signature_refused")
        assert (await snapshot(tenant), await snapshot(other_msp)) == before, what
    # And unaltered, all of it would have been accepted.
    assert (await look.to(web)).status_code == 200
    assert (await ask.to(web)).status_code == 201


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("header", "change"),
    [
        pytest.param("signature-input", lambda text: text.replace(";created=", ";created=1"), id="time"),
        pytest.param("signature-input", lambda text: text.replace('nonce="', 'nonce="x'), id="nonce"),
        pytest.param("signature-input", lambda text: text.replace('"@method" ', ""), id="fewer parts"),
        pytest.param("signature-input", lambda text: text.replace("sl=", "x="), id="label"),
        pytest.param(
            "signature-input", lambda text: text.replace("stepladder-endpoint-v1", "other"), id="tag"
        ),
        pytest.param(
            "signature-input", lambda text: text.replace('alg="ed25519"', 'alg="hmac-sha256"'), id="algorithm"
        ),
        pytest.param(
            "signature-input", lambda text: f"{text}, {text.replace('sl=', 'sm=')}", id="two inputs"
        ),
        pytest.param("signature-input", lambda _: "", id="no input"),
        pytest.param("signature-input", lambda _: "garbage;;==", id="unreadable input"),
        pytest.param(
            "signature",
            lambda text: text[:10] + ("A" if text[10] != "A" else "B") + text[11:],
            id="signature",
        ),
        pytest.param("signature", lambda text: f"{text}, x=:AAAA:", id="two signatures"),
        pytest.param("signature", lambda text: f"{text};x", id="signature with a parameter"),
        pytest.param("signature", lambda _: f"sl=:{base64.b64encode(bytes(64)).decode()}:", id="zeros"),
        pytest.param("signature", lambda _: "", id="no signature"),
        pytest.param("content-digest", lambda text: text.replace("sha-256=:", "sha-256=:A", 1), id="digest"),
        pytest.param("content-digest", lambda _: "", id="no digest"),
    ],
)
async def test_an_altered_signature_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, header: str, change: Change
) -> None:
    wire = desk.asking()
    named = {name.lower(): value for name, value in wire.headers}
    changed = change(named[header])
    assert changed != named[header]
    await refused(web, wire.with_header(header, changed), tenant)
    assert (await wire.to(web)).status_code == 201


async def test_a_doubled_signature_header_is_refused(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    for header in ("signature", "signature-input"):
        wire = desk.asking()
        line = next(line for line in wire.headers if line[0].lower() == header)
        await refused(web, wire.altered(headers=(*wire.headers, line)), tenant)


async def test_a_machine_speaks_for_itself_only(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, desk: Machine
) -> None:
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    foreign = machine(other_msp)
    path = f"{ENDPOINT_API}/endpoint"
    impostors = {
        "another machine's id": second.signed("GET", path, key_id=desk.id),
        "another machine's key": desk.signed("GET", path, key=second.desktop.key),
        "another MSP's id": desk.signed("GET", path, key_id=foreign.id),
        "own key at another MSP": desk.signed("GET", path, host=other_msp.msp.host),
        "a fresh key": desk.signed("GET", path, key=Ed25519PrivateKey.generate()),
        "an unknown id": desk.signed("GET", path, key_id=other_id()),
        "an id in capitals": desk.signed("GET", path, key_id=desk.id.upper()),
        "no id": desk.signed("GET", path, key_id="x"),
        "an id that is not text": desk.signed("GET", path, key_id="' or 1=1 --"),
    }
    for wire in impostors.values():
        await refused(web, wire, tenant)


async def test_a_message_without_a_signature_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    content = body().model_dump_json().encode()
    lines = (("Host", tenant.msp.host), ("Content-Type", "application/json"))
    for wire in (
        Wire("GET", f"{ENDPOINT_API}/endpoint", lines[:1]),
        Wire("POST", REQUESTS, lines, content),
        Wire("GET", f"{REQUESTS}/{asked.request_id}", lines[:1]),
        Wire("POST", f"{REQUESTS}/{asked.request_id}/cancel", lines[:1]),
        Wire("GET", f"{REQUESTS}/{asked.request_id}/grant", lines[:1]),
    ):
        await refused(web, wire, tenant)


async def test_a_refused_message_uses_up_no_nonce(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    """Or a stranger could make an honest machine's next message a replay."""
    wire = desk.asking()
    await refused(web, wire.altered(content=wire.content + b" "), tenant)
    assert (await wire.to(web)).status_code == 201
