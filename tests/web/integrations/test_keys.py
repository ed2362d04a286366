"""What a key opens of the wider calls: its actions and its customers, and nothing else; refusals of one shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from tests.support.integrations import (
    ALL,
    AUDIT,
    BASE,
    CALLS,
    CUSTOMERS,
    DELEGATION,
    MSP_WIDE,
    NAME,
    READ,
    RULES,
    approval_rule,
    call,
    denial_rule,
    everything,
    filled,
    genuine,
    key_with,
    save,
)
from tests.support.old_names import share
from tests.support.tenants import Tenant
from tests.support.web import MovedClock, RunningWeb, approval, assert_problem, audit_events, other_id

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.format import INBOUND_KEY
from stepladder.access_keys.service import KeyAction

WIDE = (READ, CUSTOMERS, DELEGATION, RULES, AUDIT)
BUTTONS = tuple(action for action in KeyAction if action not in WIDE)


async def make(
    web: RunningWeb,
    tenant: Tenant,
    method: str,
    path: str,
    *,
    key: str,
    customer: str = "northwind",
    **how: Any,
) -> httpx2.Response:
    """A genuine call about the tenant's customer, or about another name."""
    takes = CALLS[method, path][1]
    filled_in = path.removeprefix(BASE).format(name=customer, id=how.pop("customer_id", tenant.customer.id))
    return await call(
        web, tenant, method, filled_in, genuine(method, path, tenant), key=key, media_type=takes, **how
    )


@ALL
async def test_a_key_opens_only_what_it_was_granted(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    needed = CALLS[method, path][0]
    every_other = await key_with(tenant, *(action for action in KeyAction if action is not needed))
    before = await everything(tenant)
    answer = await make(web, tenant, method, path, key=every_other)
    assert_problem(answer, 403, "key_not_allowed")
    assert await everything(tenant) == before
    alone = await key_with(tenant, needed)
    if method == "DELETE":
        await tenant.customer_called("gone")
        assert (await make(web, tenant, method, path, key=alone, customer="gone")).status_code == 204
    else:
        assert (await make(web, tenant, method, path, key=alone)).is_success


@pytest.mark.parametrize("action", WIDE)
async def test_a_key_for_scripts_decides_nothing(web: RunningWeb, tenant: Tenant, action: KeyAction) -> None:
    """No action of the wider calls is enough for a button, with all others together (threat T5)."""
    key = await key_with(tenant, *WIDE)
    asked = await tenant.submit()
    assert_problem(await web.approve(tenant, asked.request_id, NAME, key=key), 403, "key_not_allowed")
    assert_problem(await web.deny(tenant, asked.request_id, NAME, key=key), 403, "key_not_allowed")


async def test_a_key_for_buttons_opens_none_of_the_wider_calls(web: RunningWeb, tenant: Tenant) -> None:
    key = await key_with(tenant, *BUTTONS)
    for method, path in CALLS:
        assert_problem(await make(web, tenant, method, path, key=key), 403, "key_not_allowed")


@ALL
async def test_a_refusal_says_and_shows_the_same_for_everybody_who_may_not(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    """Without the action nobody learns which customers there are, nor whether a body would have been taken."""
    key = await key_with(tenant, *BUTTONS)
    answers = set()
    for customer in ("northwind", "nobody", other_id()):
        answer = await make(web, tenant, method, path, key=key, customer=customer, customer_id=other_id())
        answers.add((answer.status_code, answer.content))
    if CALLS[method, path][1]:
        answer = await call(
            web, tenant, method, filled(path, tenant), b"{", key=key, media_type=CALLS[method, path][1]
        )
        answers.add((answer.status_code, answer.content))
    assert len(answers) == 1


@ALL
async def test_every_way_of_having_no_valid_key_looks_the_same(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, clock: MovedClock, method: str, path: str
) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        revoked, revoked_text = await inbound_keys.create_key(tx, name="x", actions=list(KeyAction), modes=[])
        await inbound_keys.revoke_key(tx, revoked.key_id)
        _, expired_text = await inbound_keys.create_key(
            tx, name="x", actions=list(KeyAction), modes=[], lifetime=timedelta(seconds=1)
        )
    clock.move(timedelta(seconds=2))
    before, events = await everything(tenant), await audit_events(tenant)
    answers = set()
    for text in ("", "noise", INBOUND_KEY.new(), revoked_text, expired_text, other_msp.key, tenant.key[:-1]):
        answer = await web.client.request(
            method,
            BASE + filled(path, tenant),
            json=genuine(method, path, tenant),
            headers=[
                ("Host", tenant.msp.host),
                ("X-Idemeum-Api-Key", text),
                *([("Content-Type", CALLS[method, path][1] or "")] if CALLS[method, path][1] else []),
            ],
        )
        assert_problem(answer, 401, "key_refused")
        answers.add(answer.content)
    twice = await make(web, tenant, method, path, key=tenant.key, headers=[("X-Idemeum-Api-Key", tenant.key)])
    assert_problem(twice, 401, "key_refused")
    assert len(answers | {twice.content}) == 1
    assert (await everything(tenant), await audit_events(tenant)) == (before, events)


@ALL
async def test_a_key_means_nothing_at_another_msps_host(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, method: str, path: str
) -> None:
    before, events = await everything(other_msp), await audit_events(other_msp)
    answer = await make(web, tenant, method, path, key=tenant.key, host=other_msp.msp.host)
    assert_problem(answer, 401, "key_refused")
    assert (await everything(other_msp), await audit_events(other_msp)) == (before, events)


@ALL
async def test_another_msps_customer_is_as_missing_as_one_that_never_was(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, method: str, path: str
) -> None:
    if "{" not in path:
        return
    theirs = await other_msp.customer_called("theirs", "Theirs Ltd")
    before = await everything(other_msp)
    answers = set()
    for customer, customer_id in (
        ("theirs", theirs.id),
        ("Theirs%20Ltd", theirs.id),
        (str(theirs.id), theirs.id),
        ("nobody", other_id()),
    ):
        answer = await make(
            web, tenant, method, path, key=tenant.key, customer=customer, customer_id=customer_id
        )
        assert_problem(answer, 404, "not_found")
        answers.add(answer.content)
    assert len(answers) == 1
    assert await everything(other_msp) == before


@ALL
async def test_a_key_for_some_customers_sees_no_other_and_nothing_of_the_msp(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    served = await tenant.customer_called("served", "Served Ltd")
    key = await key_with(tenant, *KeyAction, customers=[served.id])
    before = await everything(tenant)
    if (method, path) in MSP_WIDE:
        assert_problem(await make(web, tenant, method, path, key=key), 403, "key_not_allowed")
        assert await everything(tenant) == before
        return
    if "{" in path:
        answers = set()
        for customer, customer_id in (
            ("northwind", tenant.customer.id),
            ("Northwind%20Traders", tenant.customer.id),
            ("nobody", other_id()),
        ):
            answer = await make(
                web, tenant, method, path, key=key, customer=customer, customer_id=customer_id
            )
            assert_problem(answer, 404, "not_found")
            answers.add(answer.content)
        assert len(answers) == 1
        assert await everything(tenant) == before
    allowed = await make(web, tenant, method, path, key=key, customer="served", customer_id=served.id)
    assert allowed.is_success, allowed.text
    assert str(tenant.customer.id) not in allowed.text


async def test_a_key_for_some_customers_lists_only_them(web: RunningWeb, tenant: Tenant) -> None:
    one, two = await tenant.customer_called("one"), await tenant.customer_called("two")
    key = await key_with(tenant, READ, customers=[two.id, one.id])
    answer = await call(web, tenant, "GET", "/customers", key=key)
    assert [found["name"] for found in answer.json()["items"]] == ["one", "two"]
    nobody = await key_with(tenant, READ, customers=[])
    assert (await call(web, tenant, "GET", "/customers", key=nobody)).json() == {"items": []}


async def test_what_a_scoped_key_may_not_see_makes_no_name_ambiguous(web: RunningWeb, tenant: Tenant) -> None:
    served = await share(tenant, await tenant.customer_called("served"), "northwind")
    key = await key_with(tenant, READ, customers=[served.id])
    assert (await call(web, tenant, "GET", "/customers/northwind", key=key)).json()["id"] == str(served.id)


async def test_a_scoped_key_delegates_and_rules_only_where_it_serves(web: RunningWeb, tenant: Tenant) -> None:
    served = await tenant.customer_called("served")
    key = await key_with(tenant, DELEGATION, RULES, customers=[served.id])
    body = {"userEmail": tenant.technician.email, "role": "ADMIN"}
    assert (await call(web, tenant, "POST", "/customers/served/delegation", body, key=key)).is_success
    assert_problem(await call(web, tenant, "POST", "/customers/northwind/delegation", body, key=key), 404)
    (mine,) = await save(web, tenant, denial_rule(tenant), path="/customers/northwind/rules")
    # A rule of another customer is not changed by its id, either.
    stolen = {"rules": [{**denial_rule(tenant, sha256="cd" * 32), "id": mine["id"]}]}
    before = await everything(tenant)
    answer = await call(web, tenant, "POST", "/customers/served/rules", stolen, key=key)
    assert_problem(answer, 404, "rule_not_found")
    assert await everything(tenant) == before


async def test_a_key_gives_rules_no_more_than_it_may_give_itself(web: RunningWeb, tenant: Tenant) -> None:
    user_only = await key_with(tenant, RULES)
    rule = approval_rule(tenant, userElevationMode="ADMIN")
    before = await everything(tenant)
    for path in ("/msp/rules", "/customers/northwind/rules"):
        answer = await call(web, tenant, "POST", path, {"rules": [denial_rule(tenant), rule]}, key=user_only)
        assert_problem(answer, 403, "kind_not_allowed")
    assert await everything(tenant) == before
    # Denying gives nothing.
    answer = await call(
        web,
        tenant,
        "POST",
        "/msp/rules",
        {"rules": [denial_rule(tenant, userElevationMode="ADMIN")]},
        key=user_only,
    )
    assert answer.status_code == 200


async def test_a_genuine_key_that_reaches_too_far_is_recorded_once(web: RunningWeb, tenant: Tenant) -> None:
    key = await key_with(tenant, READ)
    events = len(await audit_events(tenant))
    await call(web, tenant, "DELETE", "/customers/northwind", key=key)
    await call(web, tenant, "GET", "/customers/nobody-we-know", key=key)
    first, second = (await audit_events(tenant))[events:]
    assert (first["tag"], second["tag"]) == ("integration_call.refused", "integration_call.refused")
    assert first["actor_id"] == INBOUND_KEY.key_id(key)
    assert first["facts"] == {"method": "DELETE", "call": "delete_customer", "code": "key_not_allowed"}
    assert second["facts"] == {"method": "GET", "call": "customer_by_name", "code": "not_found"}
    assert "nobody-we-know" not in str(second)


async def test_reading_leaves_no_trace_but_the_keys_last_use(web: RunningWeb, tenant: Tenant) -> None:
    key = await key_with(tenant, READ, AUDIT)
    before, events = await everything(tenant), await audit_events(tenant)
    for method, path in CALLS:
        if method == "GET":
            assert (await make(web, tenant, method, path, key=key)).status_code == 200
    assert (await everything(tenant), await audit_events(tenant)) == (before, events)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        used = await tx.scalar(
            "select last_used_at from inbound_key where key_id = %(id)s", {"id": INBOUND_KEY.key_id(key)}
        )
    assert used is not None


async def test_cookies_and_bodies_select_no_customer(web: RunningWeb, tenant: Tenant) -> None:
    """The path does, within the key; what the buttons' calls carry means nothing here (threat T1)."""
    served = await tenant.customer_called("served")
    asked = await tenant.submit()
    answer = await call(
        web,
        tenant,
        "PATCH",
        "/customers/served/settings",
        {"displayName": "x", **approval(asked.request_id, NAME)},
        headers=[("Cookie", f"customer={tenant.customer.id}")],
    )
    assert_problem(answer, 400, "body_refused")
    assert (await call(web, tenant, "GET", f"/customers/{served.id}")).json()["displayName"] == "served"
