"""The log from which a checker that knows nothing of us judges what happened."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
from tests.sandbox.conftest import Api, StepladderStub

from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET, CLOSED, NIK
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox


def lines(path: Any) -> Any:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


async def test_events_are_numbered_without_gaps_and_carry_the_time(api: Api, sandbox: RunningSandbox) -> None:
    await api.create()
    assert [event["seq"] for event in sandbox.log] == list(range(1, len(sandbox.log) + 1))
    assert sandbox.log[-1]["at"] == "2026-11-24T09:30:15.421438+00:00"


async def test_a_call_is_noted_before_its_commit_and_its_answer_after(
    api: Api, sandbox: RunningSandbox
) -> None:
    before = sandbox.state.log.last
    await api.create(third_party_id_string="SL-1")
    call, created, answer = sandbox.state.log.after(before)
    assert (call["kind"], call["method"], call["path"]) == ("api.call", "POST", "/api/tickets")
    assert call["application_id"] == CLIENT_ID
    assert (created["kind"], created["third_party_id_string"]) == ("ticket.created", "SL-1")
    assert (answer["kind"], answer["call"], answer["status"]) == ("api.answer", call["call"], 201)


async def test_a_created_ticket_is_described_well_enough_to_judge_it(
    api: Api, sandbox: RunningSandbox
) -> None:
    fields = [{"name": "CFidemeumElevationRequestId", "value": "r-1"}]
    ticket = await api.create(summary="Setup [SL-1]", customfields=fields, assets=[{"id": 300}])
    event = sandbox.events("ticket.created")[-1]
    assert event["ticket_id"] == ticket["id"]
    assert (event["summary"], event["client_id"], event["client_name"]) == (
        "Setup [SL-1]",
        1,
        "Northwind Traders",
    )
    assert (event["status"], event["closed"], event["agent"]) == ("New", False, "Unassigned")
    assert event["custom_fields"] == {"CFidemeumElevationRequestId": "r-1"}
    assert (event["asset_ids"], event["by"]) == ([300], "Stepladder API")


async def test_a_close_says_once_that_it_closed_with_note_time_and_agent(
    api: Api, sandbox: RunningSandbox
) -> None:
    ticket = await api.create(third_party_id_string="SL-1")
    await api.act(ticket["id"], note="Approved by Nik", timetaken=0.0833)
    await api.update(ticket["id"], status_id=CLOSED, agent_id=NIK, closure_note="Approved")
    action = sandbox.events("action.created")[-1]
    assert (action["note"], action["timetaken"], action["outcome"]) == (
        "Approved by Nik",
        0.0833,
        "Internal Note",
    )
    closing = sandbox.events("ticket.updated")[-1]
    assert (closing["closed_now"], closing["closed"], closing["status"]) == (True, True, "Closed")
    assert (closing["agent"], closing["closure_note"]) == ("Nik Potnis", "Approved")
    assert set(closing["changed"]) == {"status_id", "agent_id", "closure_note"}


async def test_a_change_tells_the_new_details_and_custom_fields(api: Api, sandbox: RunningSandbox) -> None:
    ticket = await api.create()
    await api.update(ticket["id"], details="new", customfields=[{"id": 181, "value": "Northwind"}])
    event = sandbox.events("ticket.updated")[-1]
    assert (event["details"], event["custom_fields"]) == ("new", {"CFidemeumCustomerName": "Northwind"})


async def test_a_refused_write_leaves_no_commit(api: Api, sandbox: RunningSandbox) -> None:
    before = sandbox.state.commits
    await api.try_create(client_id=999)
    await api.update(999999, summary="x")
    assert sandbox.state.commits == before


async def test_a_press_is_noted_when_it_is_sent_and_when_it_is_answered(
    api: Api, sandbox: RunningSandbox
) -> None:
    ticket = await api.create()
    await sandbox.press(ticket["id"], "approve", NIK)
    kinds = [event["kind"] for event in sandbox.log]
    assert kinds[-4:] == ["method.sent", "method.called", "action.created", "ticket.updated"]
    (called,) = sandbox.events("method.called")
    assert (called["status"], called["agent"], called["attempt"]) == (200, "Nik Potnis", 1)
    assert called["response_body"] == '{"verdict": "APPROVED"}'


async def test_the_file_holds_what_memory_holds_in_the_moment_it_happens(
    config: SandboxConfig, client_of: Callable[[str], AbstractAsyncContextManager[Api]], tmp_path: Path
) -> None:
    path = tmp_path / "events.jsonl"
    async with running_sandbox(config, path) as sandbox, client_of(sandbox.url) as api:
        await api.sign_in()
        await api.create(summary="Zoë")
        assert lines(path) == sandbox.log


async def test_the_file_goes_on_after_a_restart(config: SandboxConfig, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for _ in range(2):
        async with running_sandbox(config, path):
            pass
    assert [event["kind"] for event in lines(path)].count("sandbox.started") == 2


async def test_no_secret_gets_in_whatever_a_caller_sends(
    config: SandboxConfig,
    client_of: Callable[[str], AbstractAsyncContextManager[Api]],
    stepladder: StepladderStub,
    tmp_path: Path,
    key: str,
) -> None:
    path = tmp_path / "events.jsonl"
    new_key = 'new "key" with \\ in it'
    async with running_sandbox(config, path) as sandbox, client_of(sandbox.url) as api:
        token = await api.sign_in()
        stepladder.body = json.dumps({"detail": f"your key {key} is {new_key}"})
        secrets = (CLIENT_SECRET, token, key, new_key)
        for secret in secrets:
            ticket = await api.create(summary=f"leak {secret}", details=f"leak {secret}")
            await api.act(ticket["id"], note=f"leak {secret}")
            await api.get("Tickets", search=secret, client_secret=secret, access_token=secret)
        await sandbox.press(ticket["id"], "approve", NIK)
        sandbox.point_at(stepladder.url, new_key)
        await api.create(summary=f"leak {new_key}")
        await sandbox.press(ticket["id"], "approve", NIK)
    text = path.read_text()
    assert "[redacted]" in text
    for secret in secrets[:3]:
        assert secret not in text
    after = text[text.index("sandbox.reconfigured") :]
    assert json.dumps(new_key)[1:-1] not in after


async def test_memory_keeps_only_the_newest(sandbox: RunningSandbox) -> None:
    log = sandbox.state.log
    log._kept = type(log._kept)(log._kept, maxlen=5)
    for number in range(20):
        log.write("probe", number=number)
    assert [event["number"] for event in log.after(0)] == [15, 16, 17, 18, 19]
    assert [event["number"] for event in log.after(log.last - 2)] == [18, 19]
    assert log.after(log.last) == []


def wait_until_up(url: str) -> Any:
    for _ in range(200):
        try:
            return httpx2.get(f"{url}/sandbox/state", trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError("the sandbox did not start")


def test_every_line_is_whole_after_kill_9(free_port: int, tmp_path: Path, key: str) -> None:
    path = tmp_path / "events.jsonl"
    url = f"http://127.0.0.1:{free_port}"
    command = [
        sys.executable,
        "-m",
        "stepladder_sandbox.halopsa",
        "--port",
        str(free_port),
        "--log",
        str(path),
    ]
    with subprocess.Popen(
        command, env=os.environ | {"SANDBOX_API_KEY": key}, stdout=subprocess.DEVNULL
    ) as process:
        wait_until_up(url)
        form = {"grant_type": "client_credentials", "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        for _ in range(20):
            assert httpx2.post(f"{url}/auth/token", data=form, trust_env=False).status_code == 200
        process.send_signal(signal.SIGKILL)
    assert [event["kind"] for event in lines(path)].count("token.issued") == 20
