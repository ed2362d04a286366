"""What can go wrong on the way, over real connections (HaloPSA fact 30)."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from stepladder_sandbox.halopsa.faultplan import BEFORE_COMMIT, FAULT_KINDS, Chance, FaultPlan
from stepladder_sandbox.halopsa.testing import running_sandbox

REFERENCE = "SL-1"


async def create(api):
    return await api.try_create(summary="Setup [SL-1]", third_party_id_string=REFERENCE)


def committed(sandbox):
    return len(sandbox.tickets_with(REFERENCE))


async def test_a_drop_after_commit_leaves_the_ticket_and_no_byte_of_an_answer(api, sandbox):
    sandbox.fail_next("drop_after_commit", method="POST", path="/api/Tickets")
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending a response"):
        await create(api)
    assert committed(sandbox) == 1


async def test_a_reset_after_commit_leaves_the_ticket(api, sandbox):
    sandbox.fail_next("reset_after_commit")
    with pytest.raises(httpx2.ReadError):
        await create(api)
    assert committed(sandbox) == 1


async def test_a_reset_before_leaves_nothing(api, sandbox):
    sandbox.fail_next("reset_before")
    with pytest.raises(httpx2.ReadError):
        await create(api)
    assert committed(sandbox) == 0


async def test_a_cut_answer_promises_more_than_it_sends(api, sandbox):
    sandbox.fail_next("cut_json_after_commit")
    with pytest.raises(httpx2.RemoteProtocolError, match=r"complete message body"):
        await create(api)
    assert committed(sandbox) == 1


async def test_after_a_broken_connection_the_next_call_works(api, sandbox):
    for fault in ("drop_after_commit", "reset_before", "cut_json_after_commit"):
        sandbox.fail_next(fault)
        with pytest.raises(httpx2.TransportError):
            await api.get("Status")
        assert (await api.get("Status")).status_code == 200


@pytest.mark.parametrize(("fault", "left"), [("504_after_commit", 1), ("504_before_commit", 0)])
async def test_a_504_says_nothing_about_whether_the_ticket_exists(api, sandbox, fault, left):
    sandbox.fail_next(fault)
    answer = await create(api)
    assert answer.status_code == 504
    assert "text/html" in answer.headers["content-type"]
    assert committed(sandbox) == left


@pytest.mark.parametrize(
    ("fault", "status", "media_type"),
    [
        ("500", 500, None),
        ("502_html", 502, "text/html"),
        ("429_retry_after", 429, "text/plain"),
        ("429_plain", 429, "text/plain"),
        ("429_json", 429, "application/json"),
        ("html_login_page", 200, "text/html"),
    ],
)
async def test_a_refusal_commits_nothing_and_has_its_own_look(api, sandbox, fault, status, media_type):
    sandbox.fail_next(fault, seconds=17)
    answer = await create(api)
    assert answer.status_code == status
    assert (media_type or "") in answer.headers.get("content-type", "")
    assert answer.headers.get("retry-after") == ("17" if fault == "429_retry_after" else None)
    assert committed(sandbox) == 0


async def test_an_expired_token_stays_expired_until_there_is_a_new_one(api, sandbox):
    sandbox.fail_next("expired_token")
    assert (await create(api)).status_code == 401
    assert (await create(api)).status_code == 401
    await api.sign_in()
    assert (await create(api)).status_code == 201


async def test_a_list_may_come_empty_though_there_are_rows(api, sandbox):
    await create(api)
    sandbox.fail_next("empty_list")
    assert (await api.get("Tickets", third_party_id_string=REFERENCE)).json() == {
        "record_count": 0,
        "tickets": [],
    }
    assert len(await api.found(third_party_id_string=REFERENCE)) == 1
    sandbox.fail_next("empty_list")
    assert (await api.get("Status")).json() == []


@pytest.mark.parametrize("fault", ["wrong_ticket_in_answer", "search_lag"])
async def test_a_refused_create_stays_refused_under_a_fault(api, sandbox, fault):
    sandbox.fail_next(fault)
    assert (await api.try_create(client_id=999)).status_code == 400


async def test_what_is_no_list_cannot_come_empty(api, sandbox):
    sandbox.fail_next("empty_list")
    assert (await api.get("authinfo")).json()["tenant_id"] == "northstar"


async def test_ids_may_come_as_strings_once(api, sandbox):
    sandbox.fail_next("ids_as_strings")
    assert isinstance((await create(api)).json()["id"], str)
    assert isinstance((await create(api)).json()["id"], int)


@pytest.mark.parametrize(("fault", "left_meanwhile"), [("slow", 1), ("slow_before_commit", 0)])
async def test_a_slow_call_commits_before_or_after_its_wait(config, client_of, fault, left_meanwhile):
    meanwhile = []

    async def look(seconds):
        meanwhile.append((seconds, committed(sandbox)))

    async with running_sandbox(config, sleep=look) as sandbox, client_of(sandbox.url) as api:
        await api.sign_in()
        sandbox.fail_next(fault, seconds=30)
        assert (await create(api)).status_code == 201
        assert meanwhile == [(30, left_meanwhile)]
        assert committed(sandbox) == 1


async def test_a_client_that_gave_up_on_a_slow_call_finds_its_ticket(config, client_of):
    async with running_sandbox(config) as sandbox, client_of(sandbox.url) as api:
        await api.sign_in()
        sandbox.fail_next("slow", seconds=60)
        api.http.timeout = httpx2.Timeout(0.1)
        with pytest.raises(httpx2.ReadTimeout):
            await create(api)
        assert committed(sandbox) == 1


@pytest.mark.parametrize("latency", [0.0, 0.4])
async def test_every_call_may_take_its_time(api, sandbox, slept, latency):
    sandbox.switches.latency_s = latency
    await create(api)
    assert slept.seconds == ([latency] if latency else [])


async def test_the_answer_may_be_about_another_ticket_while_the_right_one_is_there(api, sandbox):
    sandbox.fail_next("wrong_ticket_in_answer")
    answer = (await create(api)).json()
    (mine,) = sandbox.tickets_with(REFERENCE)
    assert answer["id"] != mine.id
    assert answer.get("third_party_id_string") != REFERENCE


async def test_one_ticket_may_lag_behind_in_searches(api, sandbox, clock):
    sandbox.fail_next("search_lag", seconds=30)
    ticket = (await create(api)).json()
    assert await api.found(third_party_id_string=REFERENCE) == []
    assert (await api.read(ticket["id"]))["third_party_id_string"] == REFERENCE
    clock.advance(30)
    assert await api.found(third_party_id_string=REFERENCE) == [ticket["id"]]


@pytest.mark.parametrize("outage", ["off", "reset", "503"])
async def test_in_an_outage_no_call_gets_through(api, sandbox, outage):
    sandbox.switches.outage = outage
    if outage == "reset":
        for attempt in (create(api), api.ask_token()):
            with pytest.raises(httpx2.ReadError):
                await attempt
    else:
        status = 201 if outage == "off" else 503
        assert (await create(api)).status_code == status
    assert committed(sandbox) == (1 if outage == "off" else 0)
    assert (await api.http.get("/sandbox/state")).status_code == 200


async def test_an_outage_may_begin_with_a_call_and_ends_when_told(api, sandbox):
    sandbox.fail_next("outage", method="POST", path="/api/tickets")
    assert (await api.get("Status")).status_code == 200
    for attempt in (create, lambda client: client.get("Status")):
        with pytest.raises(httpx2.ReadError):
            await attempt(api)
    sandbox.stop_failing()
    assert (await create(api)).status_code == 201


async def test_the_token_endpoint_fails_too(guest, sandbox):
    sandbox.fail_next("500", path="/auth/*")
    assert (await guest.ask_token()).status_code == 500
    assert (await guest.ask_token()).status_code == 200


async def test_a_script_waits_for_its_calls_skips_some_and_takes_the_next_few(api, sandbox):
    sandbox.fail_next("500", method="get", path="/api/Tick*", skip=1, times=2)
    statuses = [(await api.get("Tickets")).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert (await api.get("Status")).status_code == 200


async def test_scripts_go_one_after_the_other(api, sandbox):
    sandbox.fail_next("500")
    sandbox.fail_next("502_html")
    assert [(await api.get("Status")).status_code for _ in range(3)] == [500, 502, 200]


async def test_a_fault_waits_for_a_call_that_it_can_befall(api, sandbox):
    sandbox.fail_next("search_lag")
    assert (await api.get("Status")).status_code == 200
    assert len(sandbox.state.faults.script) == 1


async def test_faults_by_chance_come_at_their_rate(api, sandbox):
    sandbox.fail_by_chance(7, {"500": 0.5})
    statuses = [(await api.get("Status")).status_code for _ in range(200)]
    assert 60 < statuses.count(500) < 140
    sandbox.stop_failing()
    assert (await api.get("Status")).status_code == 200


def test_the_same_seed_and_order_of_calls_give_the_same_faults():
    def run(seed):
        plan = FaultPlan()
        plan.set_chance(Chance(seed=seed, probabilities=dict.fromkeys(FAULT_KINDS, 0.04)))
        return [plan.pick("POST", "/api/tickets") for _ in range(300)]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_chance_can_be_kept_to_some_calls():
    plan = FaultPlan()
    plan.set_chance(Chance(seed=1, probabilities={"500": 1.0}, method="POST", path="/api/Tickets"))
    assert plan.pick("POST", "/api/tickets")
    assert plan.pick("GET", "/api/tickets") is None
    assert plan.pick("POST", "/api/actions") is None


@pytest.mark.parametrize("fault", FAULT_KINDS)
async def test_every_kind_of_fault_is_logged_with_what_it_left(config, client_of, fault):
    async def at_once(seconds):
        return None

    async with running_sandbox(config, sleep=at_once) as sandbox, client_of(sandbox.url) as api:
        await api.sign_in()
        sandbox.fail_next(fault, seconds=1)
        attempt = api.get("Status") if fault == "empty_list" else create(api)
        await asyncio.gather(attempt, return_exceptions=True)
        (event,) = sandbox.events("fault.fired")
        creates = fault not in BEFORE_COMMIT or fault == "slow_before_commit"
        assert (event["fault"], event["commits"]) == (fault, 1 if creates and fault != "empty_list" else 0)
