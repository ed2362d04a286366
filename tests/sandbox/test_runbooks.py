"""Runbooks: what starts them, what they call, how they end, and who can see it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from tests.sandbox.conftest import Api, SleptSeconds, StepladderStub

from stepladder_sandbox.halopsa.demo import CLOSED, DANA, NIK, RUNBOOK, bare_demo_config
from stepladder_sandbox.halopsa.history import COMPLETED, FAILED, RUNNING
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox, served

DISABLE = "/api/integrations/entrajitaccounts"


def way(end: Any, *, success: bool = True, start: int = 1) -> Any:
    return {
        "action_type": 17,
        "action_id": -17,
        "start_step": start,
        "end_step": end,
        "seq": 1 if success else 2,
        "approval_result": 1 if success else 0,
    }


def call_step(method_id: Any, *ways: Any, number: int = 1) -> Any:
    return {
        "step_id": number,
        "name": f"Call {method_id}",
        "steptype": 2,
        "auto_action": 6,
        "auto_action_type": method_id,
        "isstart": number == 1,
        "actions": list(ways),
    }


GOOD_END = {"step_id": 8, "name": "Success", "steptype": 3, "isend": True, "actions": []}
BAD_END = {"step_id": 9, "name": "Fail", "steptype": 3, "auto_action": 1, "isend": True, "actions": []}


@pytest.fixture
async def active(admin: Api) -> Api:
    await admin.put("Webhook", id=RUNBOOK, active=True)
    return admin


async def closed_ticket(api: Any, **fields: Any) -> Any:
    ticket = await api.create(**fields)
    await api.update(ticket["id"], agent_id=DANA, status_id=CLOSED)
    return ticket["id"]


async def test_a_ticket_that_closes_calls_the_method_with_its_values(
    active: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub, key: str
) -> None:
    ticket_id = await closed_ticket(api)
    (run,) = await sandbox.runbooks_done()
    (call,) = stepladder.calls
    assert call.path == DISABLE
    assert call.headers["content-type"] == "application/vnd.dvmi.entra.app.user.disable+json"
    assert call.headers["x-idemeum-api-key"] == key
    assert json.loads(call.body) == {
        "customerDisplayName": "Northwind Traders",
        "technicianEmailAddress": "dana@nikpot.example",
    }
    assert (run.status, run.error, run.ticket_id, run.trigger) == (COMPLETED, "", ticket_id, "Ticket Closed")
    event = sandbox.events("method.called")[0]
    assert (event["trigger"], event["title"], event["ticket_id"]) == (
        "Ticket Closed",
        "Idemeum - disable JIT accounts",
        ticket_id,
    )
    ended = sandbox.events("runbook.ended")[0]
    assert (ended["is_success"], ended["run"], ended["steps"]) == (True, run.id, 1)


async def test_it_runs_by_whichever_way_a_ticket_closes_and_once_for_each_closing(
    active: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub
) -> None:
    by_action = await api.create()
    await api.act(by_action["id"], new_status=CLOSED)
    by_button = await api.create()
    await sandbox.press(by_button["id"], "approve", NIK)
    sandbox.switches.status_on_create = True
    at_once = await api.create(status_id=CLOSED)
    await api.update(at_once["id"], status_id=CLOSED)
    await api.update(at_once["id"], status_id=1)
    await api.update(at_once["id"], status_id=CLOSED)
    runs = await sandbox.runbooks_done()
    expected = [by_action["id"], by_button["id"], at_once["id"], at_once["id"]]
    assert [run.ticket_id for run in runs] == expected


async def test_nothing_runs_while_it_is_off_unbound_or_for_another_event(
    admin: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub
) -> None:
    await closed_ticket(api)
    await admin.put("Webhook", id=RUNBOOK, active=True)
    await api.create()
    await admin.delete("Notification/1")
    await closed_ticket(api)
    assert await sandbox.runbooks_done() == []
    assert stepladder.calls == []


async def test_a_new_ticket_can_start_one_too(active: Api, api: Api, sandbox: RunningSandbox) -> None:
    await active.put("Notification", eventno=3, webhook_id=RUNBOOK)
    ticket = await api.create()
    (run,) = await sandbox.runbooks_done()
    assert (run.ticket_id, run.trigger) == (ticket["id"], "New Ticket Logged")


async def test_closing_does_not_wait_for_the_runbook(
    active: Api, api: Api, sandbox: RunningSandbox, key: str
) -> None:
    answered = asyncio.Event()

    async def slow(request: Any) -> Any:
        await answered.wait()
        return await never(request)

    async def never(request: Any) -> None:
        raise AssertionError

    app = Starlette(routes=[Route("/{path:path}", slow, methods=["POST"])])
    async with served(app) as url:
        sandbox.point_at(url, key)
        ticket_id = await closed_ticket(api)
        assert (await api.read(ticket_id))["hasbeenclosed"]
        (run,) = sandbox.state.runs
        assert run.status == RUNNING


async def test_a_failed_call_goes_the_other_way_and_is_seen_on_the_page(
    active: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub, guest: Api
) -> None:
    stepladder.status, stepladder.body = 503, '{"title": "Not now"}'
    ticket_id = await closed_ticket(api)
    (run,) = await sandbox.runbooks_done()
    assert (run.status, run.error, run.step_name) == (FAILED, "Failed result reached", "Failed")
    markup = (await guest.http.get(f"/live/tickets/{ticket_id}")).text
    for words in (
        "Runbook: Idemeum - disable JIT accounts",
        "Failed",
        "HTTP 503",
        "Not now",
        "Ticket Closed",
    ):
        assert words in markup
    assert "Ticket Closed" in (await guest.http.get("/live/log")).text
    assert f"POST {DISABLE}" in (await guest.http.get("/live/log")).text


@pytest.mark.parametrize(("retries", "calls", "status"), [(0, 1, FAILED), (1, 2, FAILED), (3, 3, COMPLETED)])
async def test_a_failed_call_is_made_again_as_often_as_the_switch_says(
    active: Api,
    api: Api,
    sandbox: RunningSandbox,
    stepladder: StepladderStub,
    slept: SleptSeconds,
    retries: int,
    calls: int,
    status: int,
) -> None:
    sandbox.switches.runbook_retries = retries
    sandbox.switches.runbook_retry_wait_s = 7.5
    stepladder.fails_first = 2
    await closed_ticket(api)
    (run,) = await sandbox.runbooks_done()
    assert (len(run.calls), len(stepladder.calls), run.status) == (calls, calls, status)
    assert len({call.body for call in stepladder.calls}) == 1
    assert slept.seconds == [7.5] * (calls - 1)
    assert [event["attempt"] for event in sandbox.events("method.called")] == list(range(1, calls + 1))


@pytest.mark.parametrize(
    ("steps", "error", "executed"),
    [
        ([], "Next step not found", 0),
        ([call_step(3)], "Next step not found", 1),
        ([call_step(3, way(7))], "Next step not found", 1),
        ([call_step(77, way(8), way(9, success=False)), GOOD_END, BAD_END], "Method not found", 1),
        ([call_step(3, way(1))], "Too many steps", 50),
        ([GOOD_END], "", 0),
        (
            [
                call_step(3, way(2)),
                {"step_id": 2, "steptype": 2, "auto_action": 21, "actions": [way(8)]},
                GOOD_END,
            ],
            "",
            2,
        ),
        ([call_step(3, way(2)), call_step(1, way(8), number=2), GOOD_END], "", 2),
    ],
)
async def test_steps_lead_on_or_the_run_fails(
    active: Api,
    api: Api,
    sandbox: RunningSandbox,
    stepladder: StepladderStub,
    steps: list[dict[str, Any]],
    error: str,
    executed: int,
) -> None:
    await active.put("Webhook", id=RUNBOOK, steps=steps)
    await closed_ticket(api)
    (run,) = await sandbox.runbooks_done()
    assert (run.error, run.steps_executed) == (error, executed)
    assert run.status == (FAILED if error else COMPLETED)


async def test_runs_are_told_by_the_api(
    active: Api, api: Api, sandbox: RunningSandbox, stepladder: StepladderStub
) -> None:
    ticket_id = await closed_ticket(api)
    await sandbox.runbooks_done()
    answer = (await active.get("Automation")).json()
    (row,) = answer["automations"]
    assert answer["record_count"] == 1
    assert (row["runbook_id"], row["ticket_id"], row["status"]) == (RUNBOOK, ticket_id, 2)
    assert (await active.get(f"Automation/{row['id']}")).json() == row
    assert (await active.get("Automation/99")).status_code == 404
    (event,) = (await active.get("WebhookEvent", automation_id=row["id"])).json()
    assert (event["automation_id"], event["responsestatus"]) == (row["id"], 200)


async def test_one_is_started_from_outside_only_if_it_may_be(
    active: Api, guest: Api, sandbox: RunningSandbox, stepladder: StepladderStub
) -> None:
    assert (await guest.post(f"Automation/{RUNBOOK}", {})).status_code == 401
    await active.put("Webhook", id=RUNBOOK, runbook_start_type=1)
    started = await guest.post(f"Automation/{RUNBOOK}", {})
    assert (started.status_code, started.json()) == (200, {"id": 1})
    (run,) = await sandbox.runbooks_done()
    assert (run.ticket_id, run.trigger) == (0, "Started from outside")
    assert json.loads(stepladder.calls[0].body) == {
        "customerDisplayName": None,
        "technicianEmailAddress": None,
    }
    await active.put("Webhook", id=RUNBOOK, active=False)
    assert (await active.post(f"Automation/{RUNBOOK}", {})).status_code == 401
    assert (await active.post("Automation/nothing", {})).status_code == 404


async def test_a_runbook_made_by_the_api_runs(
    bare_setup: tuple[RunningSandbox, Api], stepladder: StepladderStub
) -> None:
    sandbox, admin = bare_setup
    integration = await admin.put(
        "CustomIntegration", name="x", resourcebaseurl=stepladder.url, authorizationtype=0
    )
    method = await admin.put(
        "CustomIntegrationMethod", integration_id=integration["id"], name="m", path=DISABLE, method=1
    )
    steps = [call_step(method["id"], way(8), way(9, success=False)), GOOD_END, BAD_END]
    runbook = await admin.put("Webhook", name="On close", type=1, active=True, steps=steps)
    events = {row["name"]: row["id"] for row in (await admin.get("Lookup", lookupid=64)).json()}
    await admin.put("Notification", eventno=events["Ticket Closed"], webhook_id=runbook["id"])
    await admin.update(2003, status_id=CLOSED)
    (run,) = await sandbox.runbooks_done()
    assert (run.status, stepladder.calls[0].path) == (COMPLETED, DISABLE)


@pytest.fixture
async def bare_setup(
    client_of: Callable[[str], AbstractAsyncContextManager[Api]],
) -> AsyncIterator[tuple[RunningSandbox, Api]]:
    async with running_sandbox(bare_demo_config()) as sandbox, client_of(sandbox.url) as admin:
        await admin.sign_in_for_setup()
        yield sandbox, admin
