"""Asking for what is asked for already: an equal request joins the pending one for good, and within a bound."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from tests.support.tenants import Tenant, body
from tests.support.web import (
    Machine,
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
    snapshot,
)

from stepladder.app import DatabaseUrls
from stepladder.elevation import joining
from stepladder.elevation.joining import MAX_REPEATS_OF_A_REQUEST
from stepladder.elevation.policy import Verdict
from stepladder.elevation.service import MAX_PENDING_PER_ENDPOINT
from stepladder_protocol.messages import ElevationKind, Requester, RequestState, SubmitBody

KEYS = (f"{number:020}" for number in range(1_000_000))
WANTED = body(idempotency_key="k" * 20, requester=Requester(user="ada", email="ada@customer.example"))
PROGRAM = WANTED.program


def again(wanted: SubmitBody, **changes: Any) -> SubmitBody:
    """The same wish under another key."""
    return wanted.model_copy(update={"idempotency_key": next(KEYS), "reason": "once more", **changes})


async def asked(web: RunningWeb, desk: Machine, wanted: SubmitBody, status: int) -> dict[str, Any]:
    answer = await desk.asking(wanted).to(web)
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    # The one difference between the answers to who made a request and to who joined it (test_submitting.py).
    assert found.pop("joined") in (False, True)
    return found


async def how_many(tenant: Tenant) -> tuple[int, int]:
    """Requests, and repeats that joined one."""
    return (
        int(await count(tenant, "select count(*) from elevation_request")),
        int(await count(tenant, "select count(*) from joined_request")),
    )


async def test_an_equal_request_joins_the_one_that_waits(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    first = await asked(web, desk, WANTED, 201)
    repeats = [await asked(web, desk, again(WANTED), 200) for _ in range(2)]
    assert repeats == [first, first]
    assert await how_many(tenant) == (1, 2)
    events = await audit_events(tenant, first["request_id"])
    assert [(event["tag"], event["actor_kind"], event["actor_id"]) for event in events] == [
        ("elevation_request.submitted", "endpoint", desk.id),
        ("elevation_request.joined", "endpoint", desk.id),
        ("elevation_request.joined", "endpoint", desk.id),
    ]
    assert [event["facts"] for event in events[1:]] == [{"repeats": 1}, {"repeats": 2}]


async def test_the_first_reason_stands_and_another_is_kept_nowhere(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    await asked(web, desk, WANTED, 201)
    await asked(web, desk, again(WANTED, reason="a secret second thought"), 200)
    assert await count(tenant, "select reason from elevation_request") == WANTED.reason
    stored = json.dumps([await snapshot(tenant), await audit_events(tenant)], default=str)
    assert "second thought" not in stored


@pytest.mark.parametrize(
    "change",
    [
        {"kind": ElevationKind.ADMIN},
        {"requester": Requester(user="eve", email="ada@customer.example")},
        {"requester": Requester(user="ada", email="eve@customer.example")},
        {"requester": Requester(user="ada")},
        {"requester": Requester(user="ada", email="ada@customer.example", display_name="Ada Lovelace")},
        {"program": PROGRAM.model_copy(update={"name": "other.exe"})},
        {"program": PROGRAM.model_copy(update={"path": "/opt/other.exe"})},
        {"program": PROGRAM.model_copy(update={"arguments": ["--quiet", ""]})},
        {"program": PROGRAM.model_copy(update={"arguments": []})},
        {"program": PROGRAM.model_copy(update={"sha256": "cd" * 32})},
        {"program": PROGRAM.model_copy(update={"size": 4097})},
        {"program": PROGRAM.model_copy(update={"publisher": None})},
        {"program": PROGRAM.model_copy(update={"publisher": "example software ltd"})},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_what_differs_in_anything_but_the_reason_is_a_request_of_its_own(
    web: RunningWeb, tenant: Tenant, desk: Machine, change: dict[str, Any]
) -> None:
    first = await asked(web, desk, WANTED, 201)
    other = await asked(web, desk, again(WANTED, **change), 201)
    assert other["request_id"] != first["request_id"]
    assert await how_many(tenant) == (2, 0)


async def test_an_equal_request_of_another_machine_is_its_own(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    second = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    first = await asked(web, desk, WANTED, 201)
    other = await asked(web, second, again(WANTED), 201)
    assert other["request_id"] != first["request_id"]


async def test_a_key_that_joined_means_that_request_for_ever(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    first = await asked(web, desk, WANTED, 201)
    repeat = again(WANTED)
    await asked(web, desk, repeat, 200)
    before = await snapshot(tenant), await audit_events(tenant)
    assert await asked(web, desk, repeat, 200) == first
    assert (await snapshot(tenant), await audit_events(tenant)) == before

    await tenant.decide(first["request_id"], Verdict.DENIED)
    anew = await asked(web, desk, again(WANTED), 201)
    clock.move(timedelta(days=30))
    told = await asked(web, desk, repeat, 200)
    assert (told["request_id"], told["state"]) == (first["request_id"], "denied")
    assert anew["request_id"] != first["request_id"]


@pytest.mark.parametrize("settled", [False, True])
async def test_a_key_that_joined_with_another_body_is_a_conflict(
    web: RunningWeb, tenant: Tenant, desk: Machine, settled: bool
) -> None:
    first = await asked(web, desk, WANTED, 201)
    repeat = again(WANTED)
    await asked(web, desk, repeat, 200)
    if settled:
        await tenant.decide(first["request_id"], Verdict.DENIED)
    before = await snapshot(tenant)
    others = [
        repeat.model_copy(update={"reason": "another"}),
        repeat.model_copy(update={"kind": ElevationKind.ADMIN}),
        WANTED.model_copy(update={"reason": "another"}),
    ]
    for other in others:
        assert_problem(await desk.asking(other).to(web), 409, "idempotency_key_reused")
    assert await snapshot(tenant) == before


@pytest.mark.parametrize("how", ["approved", "denied", "cancelled", "expired", "over but not swept"])
async def test_what_is_settled_is_joined_by_nobody(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock, how: str
) -> None:
    first = await asked(web, desk, WANTED, 201)
    if how in ("approved", "denied"):
        await tenant.decide(first["request_id"], Verdict(how))
    elif how == "cancelled":
        assert (await desk.cancelling(first["request_id"]).to(web)).status_code == 200
    else:
        clock.move(timedelta(days=5))
        if how == "expired":
            await tenant.services.elevation.expire_due(tenant.operator)
    anew = await asked(web, desk, again(WANTED), 201)
    assert (anew["request_id"] != first["request_id"], anew["state"]) == (True, "pending")
    assert await asked(web, desk, again(WANTED), 200) == anew


async def test_repeats_need_no_room_among_what_waits(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    await asked(web, desk, WANTED, 201)
    for _ in range(MAX_PENDING_PER_ENDPOINT - 1):
        await asked(web, desk, body(), 201)
    assert_problem(await desk.asking().to(web), 429, "too_many_pending")
    for _ in range(MAX_PENDING_PER_ENDPOINT):
        await asked(web, desk, again(WANTED), 200)


async def test_a_program_that_asks_without_end_is_stopped(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    first = await asked(web, desk, WANTED, 201)
    repeats = [again(WANTED) for _ in range(MAX_REPEATS_OF_A_REQUEST)]
    for repeat in repeats:
        await asked(web, desk, repeat, 200)
    before = await snapshot(tenant)
    refused = await desk.asking(again(WANTED)).to(web)
    assert_problem(refused, 429, "too_many_repeats")
    assert refused.headers["retry-after"].isdigit()
    # What was accepted is answered still, and another wish is not held up.
    for known in (WANTED, *repeats):
        assert await asked(web, desk, known, 200) == first
    assert await snapshot(tenant) == before
    await asked(web, desk, body(), 201)
    await tenant.decide(first["request_id"], Verdict.DENIED)
    await asked(web, desk, again(WANTED), 201)


async def test_equal_requests_at_once_are_one_request(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    for round_ in range(5):
        wanted = body()
        answers = await asyncio.gather(
            *(desk.asking(again(wanted)).to(process) for process in (web, other_process) for _ in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [200] * 11 + [201]
        assert len({answer.json()["request_id"] for answer in answers}) == 1
        assert await how_many(tenant) == (round_ + 1, 11 * (round_ + 1))


async def test_a_key_used_twice_at_once_makes_a_request_or_joins_one_and_never_both(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    for _ in range(10):
        waiting = body()
        await asked(web, desk, waiting, 201)
        joins = again(waiting)
        makes = joins.model_copy(update={"kind": ElevationKind.ADMIN})
        answers = await asyncio.gather(
            *(desk.asking(each).to(process) for process in (web, other_process) for each in (joins, makes))
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses in ([200, 200, 409, 409], [200, 201, 409, 409])
        in_both = await count(
            tenant,
            """select count(*) from joined_request j
               join elevation_request r on (r.endpoint_id, r.idempotency_key) = (j.endpoint_id, j.idempotency_key)""",
        )
        assert in_both == 0
        for pending in await pending_ids(tenant):
            await tenant.decide(pending, Verdict.DENIED)


async def pending_ids(tenant: Tenant) -> list[str]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return [
            str(each.id)
            for each in (await tenant.services.elevation.recent(tx, state=RequestState.PENDING)).rows
        ]


@pytest.mark.parametrize("commits", [True, False])
async def test_a_settling_under_way_comes_before_the_joining(
    web: RunningWeb, tenant: Tenant, urls: DatabaseUrls, desk: Machine, commits: bool
) -> None:
    """A request during a decision waits for it, and joins only what is still pending then."""
    first = await asked(web, desk, WANTED, 201)
    async with await psycopg.AsyncConnection.connect(urls.owner) as connection:
        await connection.execute(
            "update elevation_request set state = 'cancelled', settled_at = now() where id = %s",
            (first["request_id"],),
        )
        asking = asyncio.create_task(desk.asking(again(WANTED)).to(web))
        await asyncio.sleep(0.3)
        assert not asking.done()
        await (connection.commit() if commits else connection.rollback())
        told = await asking
    assert told.status_code == (201 if commits else 200)
    assert (told.json()["request_id"] == first["request_id"]) is not commits


async def test_both_who_wait_are_told_and_get_the_one_grant(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    first = await asked(web, desk, WANTED, 201)
    joined = await asked(web, desk, again(WANTED), 200)
    waiting = [
        asyncio.create_task(desk.looking(each["request_id"], wait=20).to(web)) for each in (first, joined)
    ]
    await tenant.decide(first["request_id"])
    assert [(await each).json()["state"] for each in waiting] == ["approved", "approved"]
    grants = [(await desk.fetching(each["request_id"]).to(web)).content for each in (first, joined)]
    assert grants[0] == grants[1]
    tags = [event["tag"] for event in await audit_events(tenant, first["request_id"])]
    assert tags.count("grant.issued") == 1


async def test_cancelling_by_one_cancels_for_both(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    first = await asked(web, desk, WANTED, 201)
    repeat = again(WANTED)
    joined = await asked(web, desk, repeat, 200)
    assert (await desk.cancelling(joined["request_id"]).to(web)).status_code == 200
    for known in (WANTED, repeat):
        told = await asked(web, desk, known, 200)
        assert (told["request_id"], told["state"]) == (first["request_id"], "cancelled")


async def test_looking_for_an_equal_request_reads_only_what_waits(
    tenant: Tenant, urls: DatabaseUrls, web: RunningWeb, desk: Machine
) -> None:
    """However many requests a machine has made, only those that wait are compared."""
    first = await asked(web, desk, WANTED, 201)
    await tenant.decide(first["request_id"], Verdict.DENIED)
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
        await connection.execute(
            """insert into elevation_request
               select (jsonb_populate_record(r, jsonb_build_object(
                          'id', gen_random_uuid(), 'idempotency_key', 'copy-' || n))).*
               from elevation_request r, generate_series(1, 3000) n where r.id = %s""",
            (first["request_id"],),
        )
        await connection.execute("analyze elevation_request")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        values = joining.asked(again(WANTED)) | {"endpoint": desk.id, "now": tenant.services.clock.now()}
        plan = await tx.dicts(f"explain {joining.EQUAL_PENDING}", values)
    assert any("ix_elevation_request_pending_endpoint" in row["QUERY PLAN"] for row in plan), plan
