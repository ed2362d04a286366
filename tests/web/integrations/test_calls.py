"""The wider integration calls to the letter: paths, media types both ways, members, strictness."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from tests.support.integrations import (
    ALL,
    BASE,
    CALLS,
    NAME,
    approval_rule,
    call,
    denial_rule,
    everything,
    filled,
    genuine,
    in_days,
    save,
    staff,
    taken,
)
from tests.support.old_names import share
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, assert_problem, audit_events

from stepladder.tenancy.technicians import Role

WITH_A_BODY = pytest.mark.parametrize(
    ("method", "path"), [key for key, (_, takes, _) in CALLS.items() if takes], ids=" ".join
)


@ALL
async def test_every_call_answers_in_exactly_its_media_type(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    _, takes, gives = CALLS[method, path]
    if method == "DELETE":
        await tenant.customer_called("gone", "Gone Ltd")
        answer = await call(web, tenant, method, "/customers/gone")
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-type" not in answer.headers
        return
    answer = await call(
        web, tenant, method, filled(path, tenant), genuine(method, path, tenant), media_type=takes
    )
    assert answer.status_code == (201 if (method, path) == ("POST", f"{BASE}/customers") else 200), (
        answer.text
    )
    assert answer.headers["content-type"] == gives
    assert answer.headers["cache-control"] == "no-store"


@ALL
async def test_every_way_of_accepting_gets_the_documented_media_type(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    """A script that asks for plain JSON, for anything or for nothing is not turned away."""
    if method != "GET":
        return
    for accepted in ("*/*", "application/json", "text/html", CALLS[method, path][2] or ""):
        answer = await call(web, tenant, method, filled(path, tenant), headers=[("Accept", accepted)])
        assert (answer.status_code, answer.headers["content-type"]) == (200, CALLS[method, path][2])


@WITH_A_BODY
async def test_another_media_type_is_refused_and_nothing_changes(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    takes = CALLS[method, path][1] or ""
    before, events = await everything(tenant), await audit_events(tenant)
    others = {takes for _, takes, _ in CALLS.values() if takes} - {takes}
    for sent in (
        *others,
        "application/json",
        "text/plain",
        f"{takes}, application/json",
        takes.removesuffix("+json"),
    ):
        answer = await call(
            web, tenant, method, filled(path, tenant), genuine(method, path, tenant), media_type=sent
        )
        assert_problem(answer, 415, "wrong_media_type")
    doubled = await call(
        web,
        tenant,
        method,
        filled(path, tenant),
        genuine(method, path, tenant),
        media_type=takes,
        headers=[("Content-Type", takes)],
    )
    assert_problem(doubled, 415, "wrong_media_type")
    none = await web.client.request(
        method,
        BASE + filled(path, tenant),
        content=b"{}",
        headers=[("Host", tenant.msp.host), ("X-Idemeum-Api-Key", tenant.key)],
    )
    assert_problem(none, 415, "wrong_media_type")
    assert (await everything(tenant), await audit_events(tenant)) == (before, events)


@WITH_A_BODY
async def test_the_media_type_is_read_without_case_and_parameters(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    takes = CALLS[method, path][1] or ""
    for sent in (takes.upper(), f"{takes}; charset=utf-8"):
        body = genuine(method, path, tenant)
        if path.endswith("/customers"):
            body = {"name": f"fabrikam {len(sent)} {sent[:3]}"}
        answer = await call(web, tenant, method, filled(path, tenant), body, media_type=sent)
        assert answer.is_success, answer.text


@WITH_A_BODY
async def test_doubled_unknown_missing_and_wrong_members_are_refused(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    good = genuine(method, path, tenant) or {}
    text = json.dumps(good)
    first = next(iter(good))
    bodies = [
        text.replace("{", f'{{"{first}": {json.dumps(good[first])}, ', 1),
        json.dumps({**good, "surprise": 1}),
        json.dumps({**good, "Name": "x"}),
        json.dumps({name: value for name, value in good.items() if name != first}),
        json.dumps({**good, first: None}),
        json.dumps({**good, first: 1}),
        json.dumps({**good, first: {"x": 1}}),
        json.dumps({**good, first: ""}),
        json.dumps([good]),
        json.dumps("x"),
        text.replace("{", '{"x": NaN, ', 1),
        text[:-1],
        text + "}",
        "",
        text.replace("}", ', "\\u0000": 1}', 1),
    ]
    before, events = await everything(tenant), await audit_events(tenant)
    for body in bodies:
        answer = await call(web, tenant, method, filled(path, tenant), body.encode())
        assert answer.status_code == 400, (body, answer.text)
        assert_problem(answer, 400)
    latin = await call(web, tenant, method, filled(path, tenant), text.encode("utf-16"))
    assert_problem(latin, 400, "body_refused")
    assert (await everything(tenant), await audit_events(tenant)) == (before, events)


@ALL
async def test_a_parameter_that_the_call_does_not_know_is_refused(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    before = await everything(tenant)
    for query in ("?x=1", "?customer=northwind", "?id=1", "?Page=1"):
        body = genuine(method, path, tenant)
        takes = CALLS[method, path][1]
        answer = await call(web, tenant, method, filled(path, tenant) + query, body, media_type=takes)
        assert_problem(answer, 400, "query_refused")
    assert await everything(tenant) == before


@ALL
async def test_what_can_be_read_can_be_asked_for_by_head(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    if method != "GET":
        return
    answer = await call(web, tenant, "HEAD", filled(path, tenant))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == CALLS[method, path][2]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/customers/northwind"),
        ("PUT", "/customers/northwind"),
        ("DELETE", "/customers"),
        ("POST", "/customers/northwind/settings"),
        ("GET", "/customers/northwind/settings"),
        ("GET", "/customers/northwind/delegation"),
        ("DELETE", "/msp/rules"),
        ("PUT", "/msp/rules"),
        ("POST", "/groups"),
        ("POST", "/audit/events"),
        ("GET", "/customers/"),
        ("GET", "/customers//devices"),
        ("GET", "/rules"),
        ("GET", "/customers/northwind/rules/1"),
    ],
)
async def test_there_is_nothing_beside_the_known_calls(
    web: RunningWeb, tenant: Tenant, method: str, path: str
) -> None:
    answer = await call(web, tenant, method, path)
    assert answer.status_code in (404, 405)
    assert_problem(answer, answer.status_code)


# The members of each answer.


async def test_customers_are_listed_as_items(web: RunningWeb, tenant: Tenant, other_msp: Tenant) -> None:
    zulu = await tenant.customer_called("zulu", "alpha & Sons")
    await other_msp.customer_called("theirs", "Theirs")
    answer = await call(web, tenant, "GET", "/customers")
    assert answer.json() == {
        "items": [
            {"id": str(zulu.id), "name": "zulu", "displayName": "alpha & Sons"},
            {"id": str(tenant.customer.id), "name": "northwind", "displayName": NAME},
        ]
    }


@pytest.mark.parametrize(
    "spelled",
    ["northwind", "NorthWind", "Northwind Traders", "northwind%20TRADERS", "%20northwind%20", "{id}"],
)
async def test_a_customer_is_read_by_name_display_name_or_id(
    web: RunningWeb, tenant: Tenant, spelled: str
) -> None:
    answer = await call(web, tenant, "GET", f"/customers/{spelled.format(id=tenant.customer.id)}")
    found = answer.json()
    assert found.pop("createdAt").endswith("Z")
    assert found == {
        "id": str(tenant.customer.id),
        "name": "northwind",
        "displayName": NAME,
        "requestLifetimeSeconds": 4 * 24 * 3600,
        "delegations": [],
    }
    by_id = await call(web, tenant, "GET", f"/customers/id/{tenant.customer.id}")
    assert by_id.content == answer.content


@pytest.mark.parametrize(
    "spelled",
    [
        "north",
        "northwind%00",
        "northwind%0a%0a",
        "%",
        "_",
        "*",
        "northwind%2Fx",
        "nørthwind",
        "%ff%fe",
        "x" * 3000,
        "None",
    ],
)
async def test_nearly_a_name_finds_nobody(web: RunningWeb, tenant: Tenant, spelled: str) -> None:
    answer = await call(web, tenant, "GET", f"/customers/{spelled}")
    if "%0a" in spelled:
        assert answer.status_code == 200  # outer spaces are no part of a name
    else:
        assert_problem(answer, 404)


async def test_by_id_means_by_id(web: RunningWeb, tenant: Tenant) -> None:
    for path in (
        "/customers/id/northwind",
        "/customers/northwind/devices",
        "/customers/id/1",
        "/customers/id/devices",
    ):
        assert_problem(await call(web, tenant, "GET", path), 404, "not_found")


async def test_a_name_that_means_two_customers_is_refused_and_the_id_is_not(
    web: RunningWeb, tenant: Tenant
) -> None:
    other = await share(tenant, await tenant.customer_called("other"), "northwind")
    for method, path, body in (
        ("GET", "/customers/northwind", None),
        ("DELETE", "/customers/northwind", None),
        ("POST", "/customers/northwind/delegation", {"userEmail": tenant.technician.email, "role": "ADMIN"}),
        ("PATCH", "/customers/northwind/settings", {"displayName": "x"}),
        ("POST", "/customers/northwind/rules", {"rules": [denial_rule(tenant)]}),
    ):
        assert_problem(await call(web, tenant, method, path, body), 409, "customer_ambiguous")
    assert (await call(web, tenant, "GET", f"/customers/{other.id}")).json()["name"] == "other"
    assert (await call(web, tenant, "GET", f"/customers/{tenant.customer.id}")).json()["name"] == "northwind"


async def test_devices_are_listed_with_their_state(web: RunningWeb, tenant: Tenant) -> None:
    await tenant.desktop_of(tenant.customer, "ATELIER-7")
    held = await tenant.desktop_of(tenant.customer, "desk-1")
    elsewhere = await tenant.customer_called("elsewhere")
    await tenant.desktop_of(elsewhere, "NOT-MINE")
    answer = await call(web, tenant, "GET", f"/customers/{tenant.customer.id}/devices")
    found = answer.json()["items"]
    assert [(one["name"], one["state"]) for one in found] == [
        ("ATELIER-7", "active"),
        ("DESK-1", "active"),
        ("desk-1", "held"),
    ]
    assert found[2].keys() == {
        "id",
        "name",
        "state",
        "operatingSystem",
        "agentVersion",
        "enrolledAt",
        "lastSeenAt",
    }
    assert (found[2]["id"], found[2]["operatingSystem"], found[2]["agentVersion"]) == (
        held.id,
        "Debian 12",
        "0.1.0",
    )
    assert all(UUID(one["id"]).version and one["enrolledAt"].endswith("Z") for one in found)


async def test_groups_are_the_roles_with_their_active_members(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await staff(tenant, "ann@nikpot.example", Role.TECHNICIAN)
    await staff(tenant, "gone@nikpot.example", Role.TECHNICIAN, active=False)
    await staff(tenant, "boss@nikpot.example", Role.GLOBAL_ADMIN)
    await staff(other_msp, "theirs@southwind.example", Role.ADMIN)
    answer = await call(web, tenant, "GET", "/groups")
    assert answer.json() == {
        "items": [
            {"id": "global_admin", "name": "Global admins", "memberCount": 1},
            {"id": "admin", "name": "Admins", "memberCount": 0},
            {"id": "technician", "name": "Technicians", "memberCount": 2},
            {"id": "read_only", "name": "Read-only", "memberCount": 0},
        ]
    }


async def test_rules_come_back_in_the_form_in_which_they_are_sent(web: RunningWeb, tenant: Tenant) -> None:
    until = in_days(tenant, 30)
    sent = [
        approval_rule(tenant, note="quarterly tool", expiresAt=until),
        denial_rule(tenant, sha256="cd" * 32, userElevationMode="ADMIN", expiresAt=until),
        denial_rule(tenant, sha256=None, publisher="Shady Ltd", programName="miner.exe", expiresAt=until),
        approval_rule(tenant, sha256=None, publisher="Good Ltd", programName="tool.exe", arguments=None),
    ]
    kept = await save(web, tenant, *sent)
    assert [rule["state"] for rule in kept] == ["WAITING", "ACTIVE", "ACTIVE", "STORED"]
    assert all(rule["stateDetail"] and rule["writtenBy"] == "HaloPSA buttons" for rule in kept)
    assert kept[0] | {"expiresAt": until} == {
        "id": kept[0]["id"],
        "verdict": "APPROVED",
        "userElevationMode": "USER",
        "sha256": "ab" * 32,
        "arguments": ["--quiet"],
        "expiresAt": until,
        "note": "quarterly tool",
        "state": "WAITING",
        "stateDetail": kept[0]["stateDetail"],
        "createdAt": kept[0]["createdAt"],
        "writtenBy": "HaloPSA buttons",
    }
    assert kept[3]["arguments"] == []
    read = (await call(web, tenant, "GET", "/msp/rules")).json()["rules"]
    assert sorted(read, key=str) == sorted(kept, key=str)
    # A script may send back what it read: nothing is new, nothing changes.
    events = await audit_events(tenant)
    assert sorted(await save(web, tenant, *read), key=str) == sorted(kept, key=str)
    assert await audit_events(tenant) == events


async def test_the_customer_just_made_is_answered_as_the_caller_takes_it(
    web: RunningWeb, tenant: Tenant
) -> None:
    """The one known client names a media type without `sdk`; all others get the one with it."""
    for number, (accepted, given) in enumerate(
        [
            ("application/vnd.dvmi.customer+json", "application/vnd.dvmi.customer+json"),
            ("text/html, application/vnd.dvmi.customer+json;q=0.9", "application/vnd.dvmi.customer+json"),
            ("application/vnd.dvmi.sdk.customer+json", "application/vnd.dvmi.sdk.customer+json"),
            ("*/*", "application/vnd.dvmi.sdk.customer+json"),
        ]
    ):
        answer = await call(
            web, tenant, "POST", "/customers", {"name": f"new-{number}"}, headers=[("Accept", accepted)]
        )
        assert (answer.status_code, answer.headers["content-type"]) == (201, given)
        assert answer.json() == {
            "id": answer.json()["id"],
            "name": f"new-{number}",
            "displayName": f"new-{number}",
        }


def test_the_media_type_of_each_path_is_unmistakable() -> None:
    assert taken("POST", "/customers/northwind/rules") == "application/vnd.dvmi.sdk.rule.definition+json"
