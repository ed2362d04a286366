"""Addresses, keys and bodies as people paste them and as senders write them: what means the same is taken the same."""

from __future__ import annotations

import json
from codecs import BOM_UTF8
from typing import Any

import pytest
from tests.support.integrations import NAME, call, key_with
from tests.support.tenants import Tenant
from tests.support.web import (
    APPROVE,
    DECISION_TYPE,
    DENY,
    DISABLE,
    DISABLE_TYPE,
    KEY_HEADER,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    denial,
)
from tests.web.test_edge import raw

from stepladder.access_keys.service import KeyAction

SETTINGS = "application/vnd.dvmi.sdk.customer.info+json"


# Slashes


def written(tenant: Tenant, path: str, members: dict[str, Any], *, key: str, media_type: str) -> str:
    """A call as its bytes are sent, which a client with manners would not write so."""
    body = json.dumps(members)
    return (
        f"POST {path} HTTP/1.1\r\nHost: {tenant.msp.host}\r\nContent-Type: {media_type}\r\n{KEY_HEADER}:{key}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    )


@pytest.mark.parametrize("before", ["/", "//", ""])
@pytest.mark.parametrize("behind", ["/", "", "//"])
async def test_doubled_and_trailing_slashes_of_a_buttons_address_mean_nothing(
    web: RunningWeb, tenant: Tenant, before: str, behind: str
) -> None:
    """HALO-11: a base URL that ends with a slash is joined with a path that begins with one."""
    asked = await tenant.submit()
    path, members = f"{before}{DENY}{behind}", denial(asked.request_id, NAME)
    status, answer = await raw(web, written(tenant, path, members, key=tenant.key, media_type=DECISION_TYPE))
    assert (status, '"DENIED"' in answer) == (200, True), answer


async def test_slashes_inside_the_address_mean_nothing_either(web: RunningWeb, tenant: Tenant) -> None:
    """HALO-11: the base URL of the third call ends in a path of its own."""
    members = {"customerDisplayName": NAME, "technicianEmailAddress": tenant.technician.email}
    path = DISABLE.replace("/integrations/", "/integrations//")
    status, answer = await raw(web, written(tenant, path, members, key=tenant.key, media_type=DISABLE_TYPE))
    assert (status, '"DISABLED"' in answer) == (200, True), answer


async def test_addresses_with_names_in_them_are_right_or_not_found(web: RunningWeb, tenant: Tenant) -> None:
    """HALO-11: folding would make of a call with an empty name another call; and a signed path is what was signed."""
    for path in ("//customers", "/customers/", "/customers//devices", "/customers/northwind/", ""):
        assert (await call(web, tenant, "GET", path)).status_code in (404, 405), path
    for path in ("/healthz/", "/api//other", "/api//endpoint/v1/enrol"):
        assert (await web.client.get(path, headers={"Host": tenant.msp.host})).status_code == 404, path


# Blanks and marks


@pytest.mark.parametrize("around", [("", " "), ("", "\t"), ("", " \t "), (" ", " ")])
async def test_blanks_around_a_key_are_no_part_of_it(
    web: RunningWeb, tenant: Tenant, around: tuple[str, str]
) -> None:
    """HALO-14: RFC 9110 takes the outer blanks off a field's value."""
    asked = await tenant.submit()
    text = written(
        tenant,
        APPROVE,
        approval(asked.request_id, NAME),
        key=tenant.key.join(around),
        media_type=DECISION_TYPE,
    )
    status, answer = await raw(web, text)
    assert status == 200, answer


async def test_a_blank_inside_a_key_is_no_key(web: RunningWeb, tenant: Tenant) -> None:
    """HALO-14: nothing but what stands around it is taken off."""
    asked = await tenant.submit()
    key = f"{tenant.key[:20]} {tenant.key[20:]}"
    answer = await web.press(tenant, APPROVE, approval(asked.request_id, NAME), key=key)
    assert_problem(answer, 401, "key_refused")


@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_a_byte_order_mark_before_the_body_is_passed_over(
    web: RunningWeb, tenant: Tenant, path: str
) -> None:
    """HALO-14: RFC 8259 lets a parser pass over it; a second one, or UTF-16, stays refused."""
    asked = await tenant.submit()
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    body = json.dumps(members).encode()
    for wrong in (BOM_UTF8 * 2 + body, json.dumps(members).encode("utf-16"), body + BOM_UTF8):
        assert_problem(await web.press(tenant, path, wrong), 400, "body_refused")
    assert (await web.press(tenant, path, BOM_UTF8 + body)).status_code == 200


# Entities


async def test_a_name_with_entities_reaches_its_customer_in_the_third_call(
    web: RunningWeb, tenant: Tenant
) -> None:
    """HALO-13: what a press accepts, ending JIT accounts accepts too; a literal entity is a name of its own."""
    smith = await tenant.customer_called("smith-sons", "Smith & Sons")
    literal = await tenant.customer_called("smith-amp", "Smith &amp; Daughters")
    for name, meant in (
        ("Smith & Sons", smith),
        ("Smith &amp; Sons", smith),
        ("Smith &amp; Daughters", literal),
        ("Smith &amp;amp; Daughters", literal),
    ):
        members = {"customerDisplayName": name, "technicianEmailAddress": tenant.technician.email}
        answer = await web.press(tenant, DISABLE, members)
        assert answer.status_code == 200, name
        event = [each for each in await audit_events(tenant) if each["tag"] == "jit_account.disable_asked"][
            -1
        ]
        assert event["facts"] == {"customer_id": str(meant.id)}, name
    members = {"customerDisplayName": "Smith &lt; Sons", "technicianEmailAddress": tenant.technician.email}
    assert_problem(await web.press(tenant, DISABLE, members), 404, "not_found")


# What a call gives, the same call takes back


async def _info(web: RunningWeb, tenant: Tenant) -> dict[str, Any]:
    found: dict[str, Any] = (await call(web, tenant, "GET", "/customers/northwind")).json()
    return found


async def test_a_customers_settings_are_taken_as_they_were_given(web: RunningWeb, tenant: Tenant) -> None:
    """HALO-12: read, change one member, send the whole back."""
    key = await key_with(tenant, KeyAction.MANAGE_DELEGATION)
    role = {"userEmail": tenant.technician.email, "role": "ADMIN"}
    assert (
        await call(web, tenant, "POST", "/customers/northwind/delegation", role, key=key)
    ).status_code == 200
    before = await _info(web, tenant)
    assert before["delegations"] != []
    answer = await call(web, tenant, "PATCH", "/customers/northwind/settings", before, media_type=SETTINGS)
    assert (answer.status_code, answer.json()) == (200, before)
    renamed = {**before, "displayName": "Northwind International"}
    answer = await call(web, tenant, "PATCH", "/customers/northwind/settings", renamed)
    assert answer.json() == renamed


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("id", "00000000-0000-0000-0000-000000000000"),
        ("id", None),
        ("name", "southwind"),
        ("createdAt", "2020-01-01T00:00:00.000000Z"),
        ("delegations", [{"userEmail": "eve@nikpot.example", "role": "ADMIN"}]),
    ],
)
async def test_what_this_call_cannot_change_is_refused_where_it_differs(
    web: RunningWeb, tenant: Tenant, member: str, value: Any
) -> None:
    """HALO-12: a change that would be passed over in silence is told, and nothing else is changed."""
    before = await _info(web, tenant)
    sent = {**before, "displayName": "Another", member: value}
    answer = await call(web, tenant, "PATCH", "/customers/northwind/settings", sent)
    assert member in assert_problem(answer, 400, "body_refused")["detail"]
    assert await _info(web, tenant) == before


# Words


async def test_a_range_that_is_none_is_told_the_two_units(web: RunningWeb, tenant: Tenant) -> None:
    """HALO-20: years are no unit; hours and days are."""
    answer = await call(web, tenant, "GET", "/audit/events?range=last_1y")
    detail = assert_problem(answer, 400)["detail"]
    assert "h for hours" in detail
    assert "d for days" in detail


async def test_an_empty_list_of_rules_is_refused_as_the_documents_say(
    web: RunningWeb, tenant: Tenant
) -> None:
    """HALO-19: from 1 to 200; a list without a rule is a mistake of the script that sends it."""
    answer = await call(web, tenant, "POST", "/msp/rules", {"rules": []})
    assert "between 1 and 200 rules" in assert_problem(answer, 400)["detail"]
