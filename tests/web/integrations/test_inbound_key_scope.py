"""Threat T5: a leaked key does what was granted to it, where, for whom and for how long, and nothing else."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from starlette.routing import Route
from tests.support.integrations import WIDE_ROUTES
from tests.support.tenants import Tenant, body
from tests.support.web import (
    APPROVE,
    DENY,
    DISABLE,
    KEY_HEADER,
    MovedClock,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    count,
    denial,
    media_type_of,
    other_id,
    snapshot,
)

from stepladder import server
from stepladder.access_keys import format as keys, service as inbound_keys
from stepladder.access_keys.format import INBOUND_KEY
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.web.application import openapi
from stepladder_protocol import ENDPOINT_API
from stepladder_protocol.messages import ElevationKind

NAME = "Northwind Traders"
GRANTED = (KeyAction.APPROVE, KeyAction.DENY, KeyAction.DISABLE_JIT)
OPEN = "open"
NEVER = "never"  # no key opens it, with any action

# Every route there is, and what a key needs for it. A route that is added has to be given its line here, or in
# tests/support/integrations.py, whose calls tests/web/integrations makes with every kind of key.
ROUTES: dict[tuple[str, str], str | KeyAction] = {
    ("POST", APPROVE): KeyAction.APPROVE,
    ("POST", DENY): KeyAction.DENY,
    ("POST", DISABLE): KeyAction.DISABLE_JIT,
    ("POST", f"{ENDPOINT_API}/enrol"): NEVER,
    ("GET", f"{ENDPOINT_API}/endpoint"): NEVER,
    ("POST", f"{ENDPOINT_API}/elevation-requests"): NEVER,
    ("GET", f"{ENDPOINT_API}/elevation-requests/{{request_id}}"): NEVER,
    ("POST", f"{ENDPOINT_API}/elevation-requests/{{request_id}}/cancel"): NEVER,
    ("GET", f"{ENDPOINT_API}/elevation-requests/{{request_id}}/grant"): NEVER,
    ("GET", "/healthz"): OPEN,
    ("HEAD", "/healthz"): OPEN,
    ("GET", "/"): OPEN,
    ("HEAD", "/"): OPEN,
    ("GET", "/portal.css"): OPEN,
    ("HEAD", "/portal.css"): OPEN,
    ("GET", "/elevation-requests/{request_id}"): OPEN,
    ("HEAD", "/elevation-requests/{request_id}"): OPEN,
}


async def new_key(
    tenant: Tenant,
    actions: list[KeyAction] | None = None,
    customers: list[UUID] | None = None,
    lifetime: timedelta = timedelta(days=365),
) -> tuple[InboundKey, str]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await inbound_keys.create_key(
            tx,
            name="a key",
            actions=actions or list(KeyAction),
            modes=list(ElevationKind),
            customer_ids=customers,
            lifetime=lifetime,
        )


async def revoke(tenant: Tenant, key_id: str) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await inbound_keys.revoke_key(tx, key_id)


async def call(web: RunningWeb, tenant: Tenant, path: str, key: str, **how: Any) -> httpx2.Response:
    """A call that succeeds when the key may make it."""
    if path == DISABLE:
        return await web.press(
            tenant,
            path,
            {"customerDisplayName": NAME, "technicianEmailAddress": tenant.technician.email},
            key=key,
            **how,
        )
    asked = await tenant.submit()
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    return await web.press(tenant, path, members, key=key, **how)


async def test_no_route_is_missing_from_the_lists_that_these_tests_go_by(web: RunningWeb) -> None:
    """What the application routes and what it describes."""
    app = server.application(web.services)
    plain = {
        (method, route.path)
        for route in app.routes
        if isinstance(route, Route)
        for method in route.methods or ()
    }
    described = {
        (method.upper(), path) for path, methods in openapi(app)["paths"].items() for method in methods
    }
    assert plain | described == ROUTES.keys() | WIDE_ROUTES.keys()


@pytest.mark.parametrize(
    "actions",
    [list(chosen) for size in (1, 2, 3) for chosen in itertools.combinations(GRANTED, size)],
    ids="+".join,
)
async def test_of_all_routes_a_key_opens_only_what_it_was_granted(
    web: RunningWeb, tenant: Tenant, actions: list[KeyAction]
) -> None:
    _, key = await new_key(tenant, actions)
    asked = await tenant.submit()
    for (method, path), needs in ROUTES.items():
        if isinstance(needs, KeyAction):
            answer = await call(web, tenant, path, key)
            if needs in actions:
                assert answer.status_code == 200
            else:
                assert_problem(answer, 403, "key_not_allowed")
            continue
        answer = await web.client.request(
            method,
            path.format(request_id=asked.request_id),
            headers=[("Host", tenant.msp.host), (KEY_HEADER, key)],
            json=body().model_dump(mode="json") if method == "POST" else None,
        )
        if needs == OPEN:
            # No page shows a request, so the links of older tickets find none.
            assert answer.status_code == (404 if "elevation-requests" in path else 200)
            assert asked.request_id not in answer.text
        else:
            assert answer.status_code in (400, 401)
            assert_problem(answer, answer.status_code)
    assert (
        await count(tenant, "select state from elevation_request where id = %(id)s", id=asked.request_id)
        == "pending"
    )


async def test_a_refused_action_leaves_everything_as_it_was_and_is_recorded(
    web: RunningWeb, tenant: Tenant
) -> None:
    _, key = await new_key(tenant, [KeyAction.DENY])
    asked = await tenant.submit()
    before, events = await snapshot(tenant), await audit_events(tenant)
    assert_problem(await web.approve(tenant, asked.request_id, NAME, key=key), 403, "key_not_allowed")
    assert await snapshot(tenant) == before
    (noted,) = (await audit_events(tenant))[len(events) :]
    assert (noted["tag"], noted["facts"]["code"]) == ("decision.refused", "key_not_allowed")


async def test_a_key_that_may_not_decide_does_not_learn_which_requests_exist(
    web: RunningWeb, tenant: Tenant
) -> None:
    _, key = await new_key(tenant, [KeyAction.DENY])
    asked = await tenant.submit()
    answers = {
        (await web.approve(tenant, request_id, name, key=key)).content
        for request_id in (asked.request_id, other_id(), "4711")
        for name in (NAME, "Nobody")
    }
    assert len(answers) == 1


async def test_a_revoked_key_fails_at_once_in_every_process(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    key, text = await new_key(tenant)
    for process in (web, other_process):
        for path in (APPROVE, DENY, DISABLE):
            assert (await call(process, tenant, path, text)).status_code == 200
    await revoke(tenant, key.key_id)
    for process in (web, other_process):
        for path in (APPROVE, DENY, DISABLE):
            assert_problem(await call(process, tenant, path, text), 401, "key_refused")


async def test_a_key_fails_from_the_moment_it_expires(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    key, text = await new_key(tenant, lifetime=timedelta(hours=1))
    clock.move(timedelta(minutes=59))
    for path in (APPROVE, DENY, DISABLE):
        assert (await call(web, tenant, path, text)).status_code == 200
    clock.move(key.expires_at - clock.now())
    for path in (APPROVE, DENY, DISABLE):
        assert_problem(await call(web, tenant, path, text), 401, "key_refused")


async def test_a_key_means_nothing_at_another_msps_host(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    theirs = await other_msp.submit()
    before = await snapshot(other_msp)
    answer = await web.approve(tenant, theirs.request_id, NAME, host=other_msp.msp.host)
    assert_problem(answer, 401, "key_refused")
    answer = await web.press(
        tenant,
        DISABLE,
        {"customerDisplayName": NAME, "technicianEmailAddress": other_msp.technician.email},
        host=other_msp.msp.host,
    )
    assert_problem(answer, 401, "key_refused")
    assert await snapshot(other_msp) == before
    assert not [event for event in await audit_events(other_msp) if event["actor_id"] == tenant.key_id]


async def test_a_key_for_some_customers_ends_no_accounts_of_others(web: RunningWeb, tenant: Tenant) -> None:
    served = await tenant.customer_called("served", "Served Ltd")
    _, key = await new_key(tenant, customers=[served.id])
    email = tenant.technician.email
    allowed = {"customerDisplayName": "Served Ltd", "technicianEmailAddress": email}
    assert (await web.press(tenant, DISABLE, allowed, key=key)).status_code == 200
    answers = {
        (await web.press(tenant, DISABLE, {**allowed, "customerDisplayName": name}, key=key)).content
        for name in (NAME, "Nobody Ltd")
    }
    assert len(answers) == 1


async def test_a_key_for_no_customer_serves_none(web: RunningWeb, tenant: Tenant) -> None:
    """An empty list is not the same as no list."""
    _, key = await new_key(tenant, customers=[])
    for path in (APPROVE, DENY, DISABLE):
        assert_problem(await call(web, tenant, path, key), 404)


async def test_two_keys_live_at_once_so_that_one_can_replace_the_other(
    web: RunningWeb, tenant: Tenant
) -> None:
    _, second = await new_key(tenant)
    for key in (tenant.key, second):
        assert (await call(web, tenant, APPROVE, key)).status_code == 200
    await revoke(tenant, tenant.key_id)
    assert_problem(await call(web, tenant, APPROVE, tenant.key), 401, "key_refused")
    assert (await call(web, tenant, APPROVE, second)).status_code == 200


async def test_every_way_of_having_no_valid_key_looks_the_same(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, clock: MovedClock
) -> None:
    revoked, revoked_text = await new_key(tenant)
    await revoke(tenant, revoked.key_id)
    _, expired_text = await new_key(tenant, lifetime=timedelta(seconds=1))
    clock.move(timedelta(seconds=2))
    # The id of a genuine key with a body and a check of one's own: only the stored hash tells it apart.
    head = f"pak_{tenant.key_id}_{keys._random(43)}"
    forged = head + keys._check(head)
    assert INBOUND_KEY.key_id(forged) == tenant.key_id
    lines = {
        "none": [],
        "empty": [""],
        "noise": ["pak_"],
        "unknown": [INBOUND_KEY.new()],
        "forged": [forged],
        "revoked": [revoked_text],
        "expired": [expired_text],
        "foreign": [other_msp.key],
        "shortened": [tenant.key[:-1]],
        "lengthened": [tenant.key + "x"],
        "other case": [tenant.key.swapcase()],
        "doubled": [tenant.key, tenant.key],
        "two": [tenant.key, forged],
        "listed": [f"{tenant.key}, {tenant.key}"],
        "bearer": [f"Bearer {tenant.key}"],
        "not ascii": ["pak_\xe9"],
    }
    asked = await tenant.submit()
    before, events = await snapshot(tenant), await audit_events(tenant)
    for path in (APPROVE, DENY, DISABLE):
        answers = set()
        for values in lines.values():
            headers: list[Any] = [
                ("Host", tenant.msp.host),
                ("Content-Type", media_type_of(path)),
                *((KEY_HEADER, value.encode("latin-1")) for value in values),
            ]
            answer = await web.client.post(
                path,
                json=approval(asked.request_id, NAME)
                if path == APPROVE
                else denial(asked.request_id, NAME)
                if path == DENY
                else {"customerDisplayName": NAME, "technicianEmailAddress": tenant.technician.email},
                headers=headers,
            )
            assert_problem(answer, 401, "key_refused")
            assert answer.headers["www-authenticate"] == "Stepladder"
            answers.add(answer.content)
        assert len(answers) == 1
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)


async def test_only_a_keys_hash_is_kept_and_never_shown(tenant: Tenant) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        stored = await tx.dicts("select to_jsonb(k)::text as row from inbound_key k")
        listed = await inbound_keys.list_keys(tx)
    secret_part = tenant.key.removeprefix(f"pak_{tenant.key_id}_")
    assert secret_part not in str(stored)
    assert secret_part not in str(listed)
    assert "key_hash" not in listed[0]


async def test_use_of_a_key_is_noted_once_an_hour(web: RunningWeb, tenant: Tenant, clock: MovedClock) -> None:
    async def last_used() -> object:
        return await count(
            tenant, "select last_used_at from inbound_key where key_id = %(id)s", id=tenant.key_id
        )

    assert await last_used() is None
    assert (await call(web, tenant, APPROVE, tenant.key)).status_code == 200
    first = await last_used()
    assert first is not None
    assert (await call(web, tenant, DENY, tenant.key)).status_code == 200
    assert await last_used() == first
    clock.move(timedelta(hours=1, seconds=1))
    assert (await call(web, tenant, DISABLE, tenant.key)).status_code == 200
    assert await last_used() != first
