"""Asking: once however often it is sent, bounded, strict, and withdrawn only by who asked."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from tests.support.tenants import Tenant, body
from tests.support.web import (
    REQUESTS,
    Machine,
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
    other_id,
    snapshot,
)

from stepladder.elevation.policy import Verdict
from stepladder.elevation.service import MAX_PENDING_PER_ENDPOINT
from stepladder_protocol.messages import ElevationKind, Program, Requester


async def how_many(tenant: Tenant) -> int:
    return int(await count(tenant, "select count(*) from elevation_request"))


async def test_a_request_is_accepted_and_waits(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    answer = await desk.asking().to(web)
    assert answer.status_code == 201
    found = answer.json()
    assert found["state"] == "pending"
    assert (found["decided_at"], found["decided_by"], found["decision_reason"]) == (None, None, None)
    (event,) = await audit_events(tenant, found["request_id"])
    assert (event["tag"], event["actor_kind"], event["actor_id"]) == (
        "elevation_request.submitted",
        "endpoint",
        desk.id,
    )


async def test_the_same_key_and_body_give_the_same_request(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    wanted = body()
    first = await desk.asking(wanted).to(web)
    events = await audit_events(tenant)
    for process in (web, other_process, web):
        clock.move(timedelta(minutes=1))
        again = await desk.asking(wanted).to(process)
        assert (again.status_code, again.content) == (200, first.content)
    assert await how_many(tenant) == 1
    assert await audit_events(tenant) == events


async def test_the_same_key_and_body_tell_what_became_of_the_request(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    wanted = body()
    asked = (await desk.asking(wanted).to(web)).json()
    await tenant.decide(asked["request_id"], Verdict.DENIED)
    again = await desk.asking(wanted).to(web)
    assert (again.status_code, again.json()["state"]) == (200, "denied")
    assert await how_many(tenant) == 1


KEY = "k" * 20
PROGRAM = body(idempotency_key=KEY).program


@pytest.mark.parametrize(
    "change",
    [
        {"kind": ElevationKind.ADMIN},
        {"reason": "another"},
        {"reason": None},
        {"requester": Requester(user="eve", display_name="Ada Lovelace", email="ada@customer.example")},
        {"requester": Requester(user="ada", display_name="Ada Lovelace")},
        {"program": PROGRAM.model_copy(update={"name": "other.exe"})},
        {"program": PROGRAM.model_copy(update={"path": "/opt/other.exe"})},
        {"program": PROGRAM.model_copy(update={"arguments": ["--quiet", ""]})},
        {"program": PROGRAM.model_copy(update={"arguments": []})},
        {"program": PROGRAM.model_copy(update={"sha256": "cd" * 32})},
        {"program": PROGRAM.model_copy(update={"size": 4097})},
        {"program": PROGRAM.model_copy(update={"publisher": None})},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_the_same_key_with_anything_else_is_a_conflict(
    web: RunningWeb, tenant: Tenant, desk: Machine, change: dict[str, Any]
) -> None:
    wanted = body(idempotency_key=KEY)
    assert (await desk.asking(wanted).to(web)).status_code == 201
    before = await snapshot(tenant)
    assert_problem(await desk.asking(wanted.model_copy(update=change)).to(web), 409, "idempotency_key_reused")
    assert await snapshot(tenant) == before


async def test_a_key_is_a_machines_own(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    wanted = body()
    answers = [await one.asking(wanted).to(web) for one in (desk, second)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["request_id"] != answers[1].json()["request_id"]


async def test_one_request_sent_many_times_at_once_is_one_request(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    for _ in range(5):
        wanted, before = body(), await how_many(tenant)
        answers = await asyncio.gather(
            *(desk.asking(wanted).to(process) for process in (web, other_process) for _ in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
        assert len({answer.content for answer in answers}) == 1
        assert await how_many(tenant) == before + 1
        assert len(await audit_events(tenant, answers[0].json()["request_id"])) == 1


async def test_different_requests_with_one_key_at_once_leave_one_request(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    wanted = [body(idempotency_key=KEY, reason=str(number)) for number in range(6)]
    answers = await asyncio.gather(
        *(desk.asking(each).to(process) for process in (web, other_process) for each in wanted)
    )
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(201) == 1
    assert set(statuses) <= {200, 201, 409}
    assert await how_many(tenant) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert_problem(answer, 409, "idempotency_key_reused")


async def test_one_machine_cannot_bury_the_approvers(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    asked = [(await desk.asking().to(web)).json()["request_id"] for _ in range(MAX_PENDING_PER_ENDPOINT - 1)]
    last = body()
    assert (await desk.asking(last).to(web)).status_code == 201
    before = await snapshot(tenant)
    refused = await desk.asking().to(web)
    assert_problem(refused, 429, "too_many_pending")
    assert refused.headers["retry-after"].isdigit()
    assert await snapshot(tenant) == before

    # What was accepted before is still answered, and nobody else is held up.
    assert (await desk.asking(last).to(web)).status_code == 200
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    assert (await second.asking().to(web)).status_code == 201

    # Every way a request can stop waiting makes room for one.
    await tenant.decide(asked[0], Verdict.DENIED)
    assert (await desk.asking().to(web)).status_code == 201
    assert (await desk.cancelling(asked[1]).to(web)).status_code == 200
    assert (await desk.asking().to(web)).status_code == 201
    assert_problem(await desk.asking().to(web), 429, "too_many_pending")
    clock.move(timedelta(days=5))
    await tenant.services.elevation.expire_due(tenant.operator)
    assert (await desk.asking().to(web)).status_code == 201


async def test_the_bound_holds_when_many_ask_at_once(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    answers = await asyncio.gather(
        *(
            desk.asking().to(process)
            for process in (web, other_process)
            for _ in range(MAX_PENDING_PER_ENDPOINT)
        )
    )
    accepted = [answer for answer in answers if answer.status_code == 201]
    assert len(accepted) == MAX_PENDING_PER_ENDPOINT
    assert await how_many(tenant) == MAX_PENDING_PER_ENDPOINT


def sent(**changes: Any) -> dict[str, Any]:
    return {**body().model_dump(mode="json"), **changes}


REFUSED: dict[str, Any] = {
    "no object": [],
    "null": None,
    "nothing": {},
    "unknown member": sent(customer_id="x"),
    "unknown member within": sent(program={**sent()["program"], "elevate": True}),
    "a customer": sent(customer="Northwind Traders"),
    "short key": sent(idempotency_key="short"),
    "key with spaces": sent(idempotency_key="a b" * 8),
    "wrong kind": sent(kind="ROOT"),
    "kind of another type": sent(kind=1),
    "no requester": {name: value for name, value in sent().items() if name != "requester"},
    "empty user": sent(requester={"user": ""}),
    "no address": sent(requester={"user": "ada", "email": "ada"}),
    "two addresses": sent(requester={"user": "ada", "email": "ada@x.example\nnik@nikpot.example"}),
    "relative hash": sent(program={**sent()["program"], "sha256": "xy" * 32}),
    "hash in capitals": sent(program={**sent()["program"], "sha256": "AB" * 32}),
    "negative size": sent(program={**sent()["program"], "size": -1}),
    "huge size": sent(program={**sent()["program"], "size": 2**53}),
    "size as text": sent(program={**sent()["program"], "size": "4096"}),
    "size as truth": sent(program={**sent()["program"], "size": True}),
    "size with a fraction": sent(program={**sent()["program"], "size": 1.5}),
    "arguments as text": sent(program={**sent()["program"], "arguments": "--quiet"}),
    "too many arguments": sent(program={**sent()["program"], "arguments": ["x"] * 257}),
    "long name": sent(program={**sent()["program"], "name": "x" * 257}),
    "long reason": sent(reason="x" * 1001),
    "NUL in the user": sent(requester={"user": "ada\x00"}),
    "NUL in the reason": sent(reason="\x00"),
    "NUL in the path": sent(program={**sent()["program"], "path": "/opt/setup.exe\x00.txt"}),
    "NUL in an argument": sent(program={**sent()["program"], "arguments": ["a\x00b"]}),
    "NUL in a name": sent(**{"x\x00": 1}),
    "half a pair in the user": sent(requester={"user": "ada\ud800"}),
    "half a pair in an argument": sent(program={**sent()["program"], "arguments": ["\udfff"]}),
}


async def test_what_is_not_exactly_a_request_is_refused_and_stores_nothing(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    before, events = await snapshot(tenant), await audit_events(tenant)
    for what, value in REFUSED.items():
        answer = await desk.signed("POST", REQUESTS, json.dumps(value).encode()).to(web)
        assert answer.status_code == 400, (what, answer.text)
        assert_problem(answer, 400)
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)


async def test_what_can_be_read_in_two_ways_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    honest = body().model_dump_json()
    doubled = {
        "a member": honest[:-1] + ', "kind": "ADMIN"}',
        "a member within": honest.replace('"size":', '"sha256": "' + "cd" * 32 + '", "size":'),
        "an escaped name": honest[:-1] + ', "\\u006bind": "ADMIN"}',
        "not a number": honest.replace("4096", "NaN"),
        "infinity": honest.replace("4096", "Infinity"),
        "a comment": honest + "//",
        "two objects": honest * 2,
        "a mark of order": "\ufeff" + honest,
    }
    before = await snapshot(tenant)
    for what, text in doubled.items():
        assert text != honest
        answer = await desk.signed("POST", REQUESTS, text.encode()).to(web)
        assert answer.status_code == 400, (what, answer.text)
        assert_problem(answer, 400)
    assert_problem(await desk.signed("POST", REQUESTS, honest.encode("utf-16")).to(web), 400)
    assert_problem(
        await desk.signed("POST", REQUESTS, honest.replace("Ada", "\xff").encode("latin-1")).to(web), 400
    )
    assert await snapshot(tenant) == before


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
)
async def test_a_request_of_another_media_type_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, media_type: str
) -> None:
    answer = await desk.asking().with_header("Content-Type", media_type).to(web)
    assert_problem(answer, 400, "invalid")
    assert await how_many(tenant) == 0


async def test_a_refusal_does_not_send_back_what_was_sent(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    long = "<script>" + "x" * 15_000
    for value in (sent(reason=long), sent(**{long: 1}), sent(kind=long), sent(program={long: {long: long}})):
        answer = await desk.signed("POST", REQUESTS, json.dumps(value).encode()).to(web)
        assert_problem(answer, 400)
        assert len(answer.content) < 600


async def test_every_character_a_name_may_have_survives(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    wanted = body(
        requester=Requester(user="ADA\\x", display_name="Ada 🦄 Łö \u202e' \"--"),
        program=Program(
            name="a\tb.exe",
            path="C:\\Program Files\\ü\\%s {0}",
            arguments=["", "%(x)s", "\\u0000", "a\nb"],
            sha256="ab" * 32,
            size=2**53 - 1,
        ),
        reason=None,
    )
    answer = await desk.asking(wanted).to(web)
    assert answer.status_code == 201
    async with tenant.services.db.transaction(tenant.operator) as tx:
        stored = await tenant.services.elevation.get(tx, answer.json()["request_id"])
    assert (stored.requester_user, stored.requester_name) == (
        wanted.requester.user,
        wanted.requester.display_name,
    )
    assert (stored.program_name, stored.program_path, stored.arguments, stored.size) == (
        wanted.program.name,
        wanted.program.path,
        wanted.program.arguments,
        wanted.program.size,
    )


# Withdrawing


async def test_a_request_is_withdrawn_once_however_often(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit()
    answers = [await desk.cancelling(asked.request_id).to(web) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["state"] == "cancelled"
    tags = [event["tag"] for event in await audit_events(tenant, asked.request_id)]
    assert tags == ["elevation_request.submitted", "elevation_request.cancelled"]


@pytest.mark.parametrize("verdict", list(Verdict))
async def test_a_decided_request_is_not_withdrawn(
    web: RunningWeb, tenant: Tenant, desk: Machine, verdict: Verdict
) -> None:
    asked = await tenant.submit()
    await tenant.decide(asked.request_id, verdict)
    before = await snapshot(tenant)
    found = assert_problem(await desk.cancelling(asked.request_id).to(web), 409, "already_decided")
    assert found["state"] == str(verdict)
    assert await snapshot(tenant) == before


async def test_a_decided_request_is_not_said_to_have_expired(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    asked = await tenant.submit()
    await tenant.decide(asked.request_id)
    clock.move(timedelta(days=5))
    found = assert_problem(await desk.cancelling(asked.request_id).to(web), 409, "already_decided")
    assert found["state"] == "approved"


@pytest.mark.parametrize("swept", [False, True])
async def test_an_expired_request_is_not_withdrawn(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock, swept: bool
) -> None:
    asked = await tenant.submit()
    clock.move(timedelta(days=5))
    if swept:
        await tenant.services.elevation.expire_due(tenant.operator)
    assert_problem(await desk.cancelling(asked.request_id).to(web), 409, "request_expired")


async def test_a_request_is_seen_and_withdrawn_by_its_own_machine_only(
    web: RunningWeb, tenant: Tenant, desk: Machine, other_msp: Tenant
) -> None:
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    stranger = machine(other_msp)
    asked = await tenant.submit()
    before = await snapshot(tenant)
    for one in (second, stranger):
        for wire, missing in (
            (one.looking(asked.request_id), one.looking(other_id())),
            (one.looking(asked.request_id, wait=30), one.looking(other_id(), wait=30)),
            (one.cancelling(asked.request_id), one.cancelling(other_id())),
            (one.fetching(asked.request_id), one.fetching(other_id())),
        ):
            answer, nothing = await wire.to(web), await missing.to(web)
            assert_problem(answer, 404, "request_not_found")
            assert answer.content == nothing.content
    assert await snapshot(tenant) == before
    assert (await desk.cancelling(asked.request_id).to(web)).status_code == 200


@pytest.mark.parametrize("spelled", ["x", "0", "%00", "..%2f", "' or 1=1 --", "{id}x", "null"])
async def test_an_id_that_is_none_is_refused(
    web: RunningWeb, tenant: Tenant, desk: Machine, spelled: str
) -> None:
    asked = await tenant.submit()
    request_id = spelled.format(id=asked.request_id).replace(" ", "%20")
    for wire in (desk.looking(request_id), desk.cancelling(request_id), desk.fetching(request_id)):
        answer = await wire.to(web)
        assert answer.status_code in (400, 401, 404)
        assert_problem(answer, answer.status_code)
    assert await count(tenant, "select state from elevation_request") == "pending"


async def test_a_user_is_told_a_person_or_their_it_support_and_never_a_key(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    """USE-07: the name of a key says nothing to who asked."""
    by_button, by_named, by_command = await tenant.submit(), await tenant.submit(), await tenant.submit()
    await web.approve(tenant, by_button.request_id, "Northwind Traders")
    await web.approve(tenant, by_named.request_id, "Northwind Traders", technician=tenant.technician.email)
    await tenant.decide(by_command.request_id)
    told = [
        (await desk.looking(asked.request_id).to(web)).json()["decided_by"]
        for asked in (by_button, by_named, by_command)
    ]
    assert told == ["your IT support", "Nik Potter", "Nik Potter"]


async def test_who_joins_a_pending_request_is_told_so_also_when_the_answer_was_lost(
    web: RunningWeb, desk: Machine
) -> None:
    """USE-17: by its own key, and as often as it asks."""
    first = body()
    second = first.model_copy(update={"idempotency_key": "another-key-of-the-same", "reason": "a better one"})
    answers = [(await desk.asking(asked).to(web)).json() for asked in (first, second, second, first)]
    assert [answer["joined"] for answer in answers] == [False, True, True, False]
    assert len({answer["request_id"] for answer in answers}) == 1
