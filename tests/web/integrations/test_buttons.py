"""The integration API to the letter: paths, media types, members, names, repeats, lost races, ceilings."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from tests.support.tenants import Tenant, body
from tests.support.web import (
    APPROVE,
    DECISION_TYPE,
    DENY,
    DISABLE,
    DISABLE_TYPE,
    Machine,
    MovedClock,
    RunningWeb,
    approval,
    assert_problem,
    audit_events,
    count,
    denial,
    snapshot,
)

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.elevation.policy import Verdict
from stepladder.tenancy import service as tenancy, technicians
from stepladder_protocol.messages import ElevationKind

NAME = "Northwind Traders"


async def key_for(tenant: Tenant, *actions: KeyAction, modes: tuple[str, ...] = ("USER",)) -> str:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        _, text = await inbound_keys.create_key(
            tx,
            name="another integration",
            actions=list(actions or KeyAction),
            modes=[ElevationKind(mode) for mode in modes],
        )
    return text


# The published wiring, letter by letter. These strings stand in HaloPSA instances that we cannot change.


async def test_an_approval_by_the_published_wiring_approves(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    answer = await web.client.post(
        "/api/integrations/elevation/request/approve",
        content=f'{{"idemeumElevationRequestId": "{asked.request_id}", "idemeumCustomerName": "{NAME}", "userElevationMode": "USER"}}',
        headers={
            "Host": tenant.msp.host,
            "X-Idemeum-Api-Key": tenant.key,
            "Content-Type": "application/vnd.dvmi.sdk.elevation.request.approval+json",
        },
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"idemeumElevationRequestId": asked.request_id, "status": "APPROVED"}
    (decided,) = [
        event for event in await audit_events(tenant, asked.request_id) if "approved" in event["tag"]
    ]
    assert (decided["actor_kind"], decided["actor_id"]) == ("inbound_key", tenant.key_id)
    assert decided["facts"]["channel"] == "integration_api"


async def test_a_denial_by_the_published_wiring_denies(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    answer = await web.client.post(
        "/api/integrations/elevation/request/deny",
        content=f'{{"idemeumElevationRequestId": "{asked.request_id}", "idemeumCustomerName": "{NAME}"}}',
        headers={
            "Host": tenant.msp.host,
            "X-Idemeum-Api-Key": tenant.key,
            "Content-Type": "application/vnd.dvmi.sdk.elevation.request.approval+json",
        },
    )
    assert answer.status_code == 200
    assert answer.json() == {"idemeumElevationRequestId": asked.request_id, "status": "DENIED"}


async def test_ending_jit_accounts_by_the_published_wiring_is_answered_and_recorded(
    web: RunningWeb, tenant: Tenant
) -> None:
    answer = await web.client.post(
        "/api/integrations/entrajitaccounts",
        content=f'{{"customerDisplayName" : "{NAME}", "technicianEmailAddress" : "NIK@nikpot.example"}}',
        headers={
            "Host": tenant.msp.host,
            "X-Idemeum-Api-Key": tenant.key,
            "Content-Type": "application/vnd.dvmi.entra.app.user.disable+json",
        },
    )
    assert answer.status_code == 200
    assert answer.json() == {"status": "DISABLED"}
    (asked,) = [event for event in await audit_events(tenant) if event["tag"] == "jit_account.disable_asked"]
    assert asked["subject"] == str(tenant.technician.id)
    assert asked["facts"] == {"customer_id": str(tenant.customer.id)}


@pytest.mark.parametrize("email", ["nobody@nikpot.example", "nik@nikpot.example "])
@pytest.mark.parametrize("customer", ["northwind", "Nobody Ltd", NAME])
async def test_ending_jit_accounts_needs_the_display_name_and_a_known_technician(
    web: RunningWeb, tenant: Tenant, email: str, customer: str
) -> None:
    answer = await web.press(
        tenant, DISABLE, {"customerDisplayName": customer, "technicianEmailAddress": email}
    )
    if customer == NAME and email.strip() == tenant.technician.email:
        assert answer.status_code == 200
    else:
        assert_problem(answer, 404, "not_found")


async def test_unknown_customer_and_unknown_technician_answer_alike(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    async with other_msp.services.db.transaction(other_msp.operator) as tx:
        foreign = await technicians.create_technician(tx, email="eve@southwind.example", name="Eve")
        await tenancy.create_customer(tx, name="theirs", display_name="Theirs")
    answers = {
        (
            await web.press(tenant, DISABLE, {"customerDisplayName": name, "technicianEmailAddress": email})
        ).content
        for name, email in [
            ("Nobody Ltd", tenant.technician.email),
            (NAME, "nobody@nikpot.example"),
            (NAME, foreign.email),
            ("Theirs", tenant.technician.email),
            ("Theirs", foreign.email),
        ]
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    "path", ["/approve", "/deny", "/api/integrations/elevation/request/revoke", f"{APPROVE}/x"]
)
async def test_there_is_nothing_beside_the_documented_paths(
    web: RunningWeb, tenant: Tenant, path: str
) -> None:
    assert_problem(await web.press(tenant, path, {}), 404, "route_not_found")


# Names: a check against the request's own customer, in every spelling that HaloPSA may send.


@pytest.mark.parametrize(
    "claimed",
    [
        pytest.param("Müller & Söhne GmbH", id="display name"),
        pytest.param("mueller-soehne", id="name"),
        pytest.param("Smith & Sons", id="display name when it was asked"),
        pytest.param("MÜLLER & SÖHNE GMBH", id="other case"),
        pytest.param("MUELLER-Soehne", id="name in other case"),
        pytest.param("smith & sons", id="old name in other case"),
        pytest.param("  Müller & Söhne GmbH\t\n", id="outer spaces"),
        pytest.param("M&uuml;ller &amp; S&ouml;hne GmbH", id="named entities"),
        pytest.param("M&#252;ller &#38; S&#xf6;hne GmbH", id="numeric entities"),
        pytest.param("smith &amp; sons", id="old name with an entity"),
        pytest.param("&nbsp;Smith &amp; Sons&nbsp;", id="entities for outer spaces"),
    ],
)
@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_the_customer_may_be_called_by_any_of_its_names(
    web: RunningWeb, tenant: Tenant, path: str, claimed: str
) -> None:
    customer = await tenant.customer_called("mueller-soehne", "Smith & Sons")
    asked = await tenant.submit(await tenant.desktop_of(customer))
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenancy.rename_customer(tx, customer, name=None, display_name="Müller & Söhne GmbH")
    members = approval(asked.request_id, claimed) if path == APPROVE else denial(asked.request_id, claimed)
    answer = await web.press(tenant, path, members)
    assert answer.json()["status"] == ("APPROVED" if path == APPROVE else "DENIED")


@pytest.mark.parametrize(
    "claimed",
    [
        "Northwind",
        "Northwind Traders Ltd",
        "Northwind  Traders",
        "NorthwindTraders",
        "%",
        "*",
        "Northwind&amp;amp;Traders",
    ],
)
async def test_nearly_the_name_is_not_the_name(web: RunningWeb, tenant: Tenant, claimed: str) -> None:
    customer = await tenant.customer_called("nw-9", NAME + " (West)")
    asked = await tenant.submit(await tenant.desktop_of(customer))
    assert_problem(await web.approve(tenant, asked.request_id, claimed), 404, "request_not_found")
    assert_problem(await web.approve(tenant, asked.request_id, NAME), 404, "request_not_found")


# Ids: text or a number, and only ever an id.


@pytest.mark.parametrize("spelled", ["{id}", " {id} ", "{ID}"])
async def test_the_id_may_come_with_spaces_and_in_capitals(
    web: RunningWeb, tenant: Tenant, spelled: str
) -> None:
    asked = await tenant.submit()
    text = spelled.format(id=asked.request_id, ID=asked.request_id.upper())
    answer = await web.approve(tenant, text, NAME)
    assert answer.json() == {"idemeumElevationRequestId": asked.request_id, "status": "APPROVED"}


@pytest.mark.parametrize(
    "spelled",
    [
        0,
        1,
        -1,
        4711,
        10**19,
        2**53,
        2**200,
        "4711",
        "0",
        "null",
        "*",
        "{id}x",
        "x{id}",
        "{{{id}}}",
        "urn:uuid:{id}",
    ],
)
async def test_an_id_that_is_none_is_not_found_whether_text_or_number(
    web: RunningWeb, tenant: Tenant, spelled: str | int
) -> None:
    asked = await tenant.submit()
    sent = spelled.format(id=asked.request_id) if isinstance(spelled, str) else spelled
    assert_problem(await web.approve(tenant, sent, NAME), 404, "request_not_found")
    assert (
        await count(tenant, "select state from elevation_request where id = %(id)s", id=asked.request_id)
        == "pending"
    )


@pytest.mark.parametrize(
    "sent", [None, "", "   ", True, False, 1.5, 1e3, [], ["x"], {}, {"id": "x"}, "x" * 129]
)
@pytest.mark.parametrize("member", ["idemeumElevationRequestId", "idemeumCustomerName"])
async def test_a_member_of_the_wrong_type_or_empty_is_refused(
    web: RunningWeb, tenant: Tenant, member: str, sent: Any
) -> None:
    if member == "idemeumCustomerName" and isinstance(sent, str) and sent.strip():
        sent = "x" * 513
    asked = await tenant.submit()
    for path, members in (
        (APPROVE, approval(asked.request_id, NAME)),
        (DENY, denial(asked.request_id, NAME)),
    ):
        assert_problem(await web.press(tenant, path, {**members, member: sent}), 400, "body_refused")
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


# The mode: asked for with Approve, unknown to Deny, bounded by the key.


@pytest.mark.parametrize(
    "mode", ["user", "User", "TENANT", "ALL", "", " USER", None, 1, True, ["USER"], {"USER": 1}]
)
async def test_an_approval_with_a_wrong_mode_is_refused(web: RunningWeb, tenant: Tenant, mode: Any) -> None:
    asked = await tenant.submit()
    before = await snapshot(tenant)
    members = {**denial(asked.request_id, NAME), "userElevationMode": mode}
    assert_problem(await web.press(tenant, APPROVE, members), 400, "body_refused")
    assert await snapshot(tenant) == before


async def test_an_approval_without_a_mode_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    found = assert_problem(
        await web.press(tenant, APPROVE, denial(asked.request_id, NAME)), 400, "body_refused"
    )
    assert "userElevationMode" in found["detail"]
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


async def test_a_denial_with_a_mode_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    found = assert_problem(
        await web.press(tenant, DENY, approval(asked.request_id, NAME)), 400, "body_refused"
    )
    assert "userElevationMode" in found["detail"]
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


@pytest.mark.parametrize("asked_kind", list(ElevationKind))
async def test_admin_is_more_than_a_key_for_user_may_give(
    web: RunningWeb, tenant: Tenant, asked_kind: ElevationKind
) -> None:
    asked = await tenant.submit(kind=asked_kind)
    before = await snapshot(tenant)
    assert_problem(await web.approve(tenant, asked.request_id, NAME, mode="ADMIN"), 403, "kind_not_allowed")
    assert await snapshot(tenant) == before
    refused = [
        event for event in await audit_events(tenant, asked.request_id) if event["tag"] == "decision.refused"
    ]
    assert [event["facts"]["code"] for event in refused] == ["kind_not_allowed"]


async def test_a_key_for_admin_gives_what_the_button_says(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    key = await key_for(tenant, modes=("USER", "ADMIN"))
    for mode in ("USER", "ADMIN"):
        asked = await tenant.submit(kind=ElevationKind.ADMIN)
        assert (await web.approve(tenant, asked.request_id, NAME, mode=mode, key=key)).status_code == 200
        assert (await desk.fetching(asked.request_id).to(web)).json()["grant"]["kind"] == mode


async def test_a_denial_needs_no_mode_of_the_key(web: RunningWeb, tenant: Tenant) -> None:
    key = await key_for(tenant, KeyAction.DENY, modes=())
    asked = await tenant.submit(kind=ElevationKind.ADMIN)
    assert (await web.deny(tenant, asked.request_id, NAME, key=key)).json()["status"] == "DENIED"


# Media types: the documented one and nothing else.


@pytest.mark.parametrize("sent", [DECISION_TYPE.upper(), f"{DECISION_TYPE}; charset=utf-8"])
async def test_the_media_type_is_read_without_case_and_parameters(
    web: RunningWeb, tenant: Tenant, sent: str
) -> None:
    asked = await tenant.submit()
    assert (await web.deny(tenant, asked.request_id, NAME, media_type=sent)).status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        "application/json",
        "text/plain",
        "",
        DISABLE_TYPE,
        "application/x-www-form-urlencoded",
        f"multipart/form-data; x={DECISION_TYPE}",
        f"{DECISION_TYPE}, application/json",
        "application/vnd.dvmi.sdk.elevation.request.approval",
    ],
)
@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_another_media_type_is_refused(web: RunningWeb, tenant: Tenant, path: str, sent: str) -> None:
    asked = await tenant.submit()
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    lines = [("Host", tenant.msp.host), ("X-Idemeum-Api-Key", tenant.key), ("Content-Type", sent)]
    before = await snapshot(tenant)
    answer = await web.client.post(path, json=members, headers=lines if sent else lines[:2])
    if not sent:
        assert answer.request.headers["content-type"] == "application/json"
    assert_problem(answer, 415, "wrong_media_type")
    assert await snapshot(tenant) == before


async def test_no_media_type_and_two_media_types_are_refused(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    content = (
        f'{{"idemeumElevationRequestId": "{asked.request_id}", "idemeumCustomerName": "{NAME}"}}'.encode()
    )
    lines = [("Host", tenant.msp.host), ("X-Idemeum-Api-Key", tenant.key)]
    assert_problem(await web.client.post(DENY, content=content, headers=lines), 415, "wrong_media_type")
    for doubled in (
        [DECISION_TYPE, "application/json"],
        ["application/json", DECISION_TYPE],
        [DECISION_TYPE] * 2,
    ):
        types = [("Content-Type", sent) for sent in doubled]
        answer = await web.client.post(DENY, content=content, headers=[*lines, *types])
        assert_problem(answer, 415, "wrong_media_type")
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


# Repeats, lost races, and requests whose time is over.


@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_the_same_call_again_answers_the_same_and_changes_nothing(
    web: RunningWeb, tenant: Tenant, clock: MovedClock, path: str
) -> None:
    asked = await tenant.submit()
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    first = await web.press(tenant, path, members)
    before, events = await snapshot(tenant), await audit_events(tenant)
    for _ in range(3):
        again = await web.press(tenant, path, members)
        assert (again.status_code, again.content) == (first.status_code, first.content)
    clock.move(timedelta(days=30))  # long after the request would have expired
    assert (await web.press(tenant, path, members)).content == first.content
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_a_lost_race_is_answered_with_the_winners_verdict(
    web: RunningWeb, tenant: Tenant, verdict: Verdict
) -> None:
    asked = await tenant.submit()
    await tenant.decide(asked.request_id, verdict)
    before = await snapshot(tenant)
    for answer in (
        await web.approve(tenant, asked.request_id, NAME),
        await web.deny(tenant, asked.request_id, NAME),
    ):
        found = assert_problem(answer, 409, "already_decided")
        assert found["state"] == str(verdict)
        assert str(verdict) in found["detail"]
    assert await snapshot(tenant) == before


async def test_another_key_that_comes_second_is_told_who_won_even_with_the_same_verdict(
    web: RunningWeb, tenant: Tenant
) -> None:
    asked, second = await tenant.submit(), await key_for(tenant)
    assert (await web.deny(tenant, asked.request_id, NAME)).status_code == 200
    answer = await web.deny(tenant, asked.request_id, NAME, key=second)
    assert assert_problem(answer, 409, "already_decided")["state"] == "denied"


async def test_buttons_pressed_at_once_make_one_decision_and_all_are_told_it(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    second = await key_for(tenant)
    for _ in range(5):
        asked = await tenant.submit()
        presses = [
            call(tenant, asked.request_id, NAME, key=key)
            for key in (tenant.key, second)
            for side in (web, other_process)
            for call in (side.approve, side.deny)
        ]
        answers = await asyncio.gather(*presses)
        stands = await count(
            tenant, "select verdict from decision where request_id = %(id)s", id=asked.request_id
        )
        won = [answer for answer in answers if answer.status_code == 200]
        lost = [
            assert_problem(answer, 409, "already_decided") for answer in answers if answer.status_code != 200
        ]
        # The winner's own press arrived through both processes: the second time it is the same call again.
        assert {answer.json()["status"] for answer in won} == {stands.upper()}
        assert {found["state"] for found in lost} == {stands}
        decided = [
            event
            for event in await audit_events(tenant, asked.request_id)
            if event["tag"].endswith(("approved", "denied"))
        ]
        assert len(decided) == 1


@pytest.mark.parametrize("swept", [False, True])
@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_an_expired_request_is_not_decided(
    web: RunningWeb, tenant: Tenant, clock: MovedClock, path: str, swept: bool
) -> None:
    asked = await tenant.submit()
    clock.move(asked.expires_at - clock.now())
    if swept:
        await tenant.services.elevation.expire_due(tenant.operator)
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    found = assert_problem(await web.press(tenant, path, members), 409, "request_expired")
    assert found["state"] == "expired"
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


async def test_a_request_can_be_decided_until_the_moment_it_expires(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    asked = await tenant.submit()
    clock.move(asked.expires_at - clock.now() - timedelta(seconds=30))
    assert (await web.approve(tenant, asked.request_id, NAME)).status_code == 200


@pytest.mark.parametrize("path", [APPROVE, DENY])
async def test_a_cancelled_request_is_not_decided(
    web: RunningWeb, tenant: Tenant, desk: Machine, path: str
) -> None:
    asked = await tenant.submit()
    assert (await desk.cancelling(asked.request_id).to(web)).json()["state"] == "cancelled"
    members = approval(asked.request_id, NAME) if path == APPROVE else denial(asked.request_id, NAME)
    found = assert_problem(await web.press(tenant, path, members), 409, "already_decided")
    assert found["state"] == "cancelled"
    assert (
        await count(tenant, "select count(*) from decision where request_id = %(id)s", id=asked.request_id)
        == 0
    )


async def test_cookies_and_queries_decide_nothing(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    answer = await web.client.post(
        f"{APPROVE}?X-Idemeum-Api-Key={tenant.key}&key={tenant.key}&idemeumCustomerName={NAME}",
        json=approval(asked.request_id, NAME),
        headers=[
            ("Host", tenant.msp.host),
            ("Content-Type", DECISION_TYPE),
            ("Cookie", f"X-Idemeum-Api-Key={tenant.key}"),
            ("Authorization", f"Bearer {tenant.key}"),
        ],
    )
    assert_problem(answer, 401, "key_refused")


async def test_the_same_request_is_decided_alike_whatever_else_its_body_asked(
    web: RunningWeb, tenant: Tenant
) -> None:
    """The claimed name is only a check: two requests of one customer stay two requests."""
    first, second = (
        await tenant.submit(),
        await tenant.submit(**body(reason="another").model_dump(include={"reason"})),
    )
    assert (await web.approve(tenant, first.request_id, NAME)).status_code == 200
    states = [
        await count(tenant, "select state from elevation_request where id = %(id)s", id=asked.request_id)
        for asked in (first, second)
    ]
    assert states == ["approved", "pending"]
