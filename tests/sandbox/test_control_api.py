"""The control API below `/sandbox`."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import Api, StepladderStub

from stepladder_sandbox.halopsa.demo import APPROVE, CLOSED, NIK
from stepladder_sandbox.halopsa.faultplan import FAULT_KINDS
from stepladder_sandbox.halopsa.testing import RunningSandbox


@pytest.fixture
def control(guest: Api) -> httpx2.AsyncClient:
    return guest.http


async def test_switches_are_listed_with_their_grade_and_meaning(control: httpx2.AsyncClient) -> None:
    listed = (await control.get("/sandbox/switches")).json()
    assert listed["values"]["rate_limit"] == 700
    for switch in listed["switches"]:
        assert switch["grade"] in ("C", "P", "U")
        assert switch["promise"]
        assert switch["value"] == listed["values"][switch["name"]]


async def test_switches_change_while_everything_runs(
    control: httpx2.AsyncClient, sandbox: RunningSandbox
) -> None:
    answer = await control.patch(
        "/sandbox/switches", json={"rate_limit": 5, "busy_agents": [3], "outage": "503"}
    )
    assert answer.json()["values"]["rate_limit"] == 5
    assert (sandbox.switches.rate_limit, sandbox.switches.busy_agents) == (5, (3,))
    assert sandbox.events("switches.changed")[-1]["changed"]["outage"] == "503"


@pytest.mark.parametrize(
    "wrong", [{"rate_limitt": 5}, {"rate_limit": "many"}, {"outage": "partly"}, ["rate_limit"]]
)
async def test_a_wrong_switch_is_refused_and_nothing_changes(
    control: httpx2.AsyncClient, sandbox: RunningSandbox, wrong: dict[str, Any] | list[str]
) -> None:
    before = sandbox.switches.as_dict()
    body = {"repeat_call": True} | wrong if isinstance(wrong, dict) else wrong
    answer = await control.patch("/sandbox/switches", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert sandbox.switches.as_dict() == before


async def test_faults_are_planned_listed_and_cleared(control: httpx2.AsyncClient, api: Api) -> None:
    script = [{"method": "GET", "path": "/api/status", "fault": "500", "times": 2}]
    planned = (await control.post("/sandbox/faults", json={"script": script})).json()
    assert planned["script"][0]["fault"] == "500"
    assert planned["kinds"] == list(FAULT_KINDS)
    assert (await api.get("Status")).status_code == 500
    assert (await control.get("/sandbox/faults")).json()["script"][0]["times"] == 1
    assert (await control.get("/sandbox/state")).json()["faults_to_come"] == 1
    await control.delete("/sandbox/faults")
    assert (await api.get("Status")).status_code == 200


async def test_chances_are_set_and_replaced(control: httpx2.AsyncClient, api: Api) -> None:
    await control.post("/sandbox/faults", json={"chance": {"seed": 1, "probabilities": {"500": 1.0}}})
    assert (await api.get("Status")).status_code == 500
    chance = {"seed": 1, "probabilities": {"502_html": 1.0}}
    await control.post("/sandbox/faults", json={"replace": True, "chance": chance})
    assert (await api.get("Status")).status_code == 502


@pytest.mark.parametrize(
    "wrong", [{"script": [{"fault": "locusts"}]}, {"chances": {}}, {"chance": {"seed": 1}}]
)
async def test_a_wrong_plan_is_refused(
    control: httpx2.AsyncClient, sandbox: RunningSandbox, wrong: dict[str, Any]
) -> None:
    assert (await control.post("/sandbox/faults", json=wrong)).status_code == 400
    assert not sandbox.state.faults.script


async def test_the_state_tells_tickets_window_and_tokens(control: httpx2.AsyncClient, api: Api) -> None:
    await api.create()
    state = (await control.get("/sandbox/state")).json()
    assert state["tickets"] == {"total": 5, "open": 4, "deleted": 0}
    assert state["rate"] == {"in_window": 2, "limit": 700, "window_s": 300.0}
    assert (state["tokens"], state["outage"]) == (1, "off")


async def test_the_log_is_read_from_where_one_stopped(control: httpx2.AsyncClient, api: Api) -> None:
    first = (await control.get("/sandbox/log")).json()
    await api.create(third_party_id_string="SL-1")
    later = (await control.get("/sandbox/log", params={"after": first["last"]})).json()
    assert [event["kind"] for event in later["events"]] == ["api.call", "ticket.created", "api.answer"]
    assert len((await control.get("/sandbox/log", params={"after": 0, "limit": 2})).json()["events"]) == 2


async def test_all_tokens_can_be_ended_at_once(control: httpx2.AsyncClient, api: Api) -> None:
    await control.delete("/sandbox/tokens")
    assert (await api.get("Status")).status_code == 401


async def test_configuration_changes_list_by_list(control: httpx2.AsyncClient, api: Api) -> None:
    closed_down = {"id": 1, "name": "Northwind Traders", "inactive": True}
    answer = await control.patch("/sandbox/config", json={"clients": [closed_down]})
    assert answer.status_code == 200
    assert (await api.get("Client")).json()["clients"] == []
    assert (await api.get("Asset")).json()["record_count"] > 0


@pytest.mark.parametrize(
    "wrong",
    [{"clientz": []}, {"clients": [{"id": 1}]}, {"switches": {}}, {"statuses": []}, {"agents": "nobody"}],
)
async def test_a_wrong_configuration_is_refused_and_nothing_changes(
    control: httpx2.AsyncClient, sandbox: RunningSandbox, wrong: dict[str, Any]
) -> None:
    before = sandbox.state.config
    assert (await control.patch("/sandbox/config", json=wrong)).status_code == 400
    assert sandbox.state.config is before


async def test_a_removed_customer_agent_or_status_leaves_tickets_readable(
    control: httpx2.AsyncClient, api: Api
) -> None:
    ticket = await api.create()
    await control.patch("/sandbox/config", json={"clients": [], "statuses": [{"id": 50, "name": "Fresh"}]})
    assert (await api.read(ticket["id"]))["client_name"] == ""
    assert (await control.get(f"/tickets/{ticket['id']}")).status_code == 200
    assert (await api.try_create(client_id=None)).status_code == 400


async def test_a_button_is_pressed_from_outside(
    control: httpx2.AsyncClient, api: Api, stepladder: StepladderStub
) -> None:
    ticket = await api.create()
    press = {"button_id": APPROVE, "agent_id": NIK}
    answer = await control.post(f"/sandbox/tickets/{ticket['id']}/press", json=press)
    assert answer.json()["calls"][0]["status"] == 200
    assert len(stepladder.calls) == 1
    assert (await api.read(ticket["id"]))["status_id"] == CLOSED
    refused = await control.post(f"/sandbox/tickets/{ticket['id']}/press", json=press | {"agent_id": 1})
    assert refused.status_code == 400


async def test_a_reset_brings_back_the_start_but_keeps_log_and_numbers(
    control: httpx2.AsyncClient, api: Api, sandbox: RunningSandbox
) -> None:
    ticket = await api.create()
    await control.patch("/sandbox/switches", json={"outage": "503"})
    await control.patch("/sandbox/config", json={"clients": []})
    sandbox.fail_next("500")
    events = sandbox.state.log.last
    state = (await control.post("/sandbox/reset")).json()
    assert (state["tickets"]["total"], state["tokens"], state["outage"]) == (4, 0, "off")
    assert (state["rate"]["in_window"], state["faults_to_come"]) == (0, 0)
    assert state["last_event"] > events
    await api.sign_in()
    assert (await api.get(f"Tickets/{ticket['id']}")).status_code == 404
    assert (await api.create())["id"] > ticket["id"]


async def test_control_calls_do_not_count_as_calls_of_the_api(
    control: httpx2.AsyncClient, sandbox: RunningSandbox
) -> None:
    await control.get("/sandbox/state")
    assert sandbox.events("api.call") == []
