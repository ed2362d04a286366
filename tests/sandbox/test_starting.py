"""Seed files, the command, and the helper for other tests."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import pytest
from tests.sandbox.conftest import Api

from stepladder_sandbox.halopsa import BadSeed, NotLoopback, create_app, demo_config, load_config
from stepladder_sandbox.halopsa.config import SandboxConfig, parse_config
from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET, demo_tenant, without_portal
from stepladder_sandbox.halopsa.server import loopback_socket
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox
from stepladder_sandbox.halopsa.wire import ConnectionBroken

SMALL = {
    "tenant": "tiny",
    "statuses": [{"id": 5, "name": "Offen"}, {"id": 6, "name": "Zu", "closed": True}],
    "ticket_types": [{"id": 8, "name": "Incident"}],
    "switches": {"create_status": 200},
}


def written(tmp_path: Any, content: Any) -> Any:
    path = tmp_path / "seed.json"
    path.write_bytes(content if isinstance(content, bytes) else msgspec.json.encode(content))
    return path


def test_a_seed_file_describes_the_tenant_and_its_switches(tmp_path: Path) -> None:
    config = load_config(written(tmp_path, SMALL))
    assert (config.tenant, config.statuses[1].closed, config.switches.create_status) == ("tiny", True, 200)


def test_the_demo_can_be_written_to_a_seed_file_and_read_again(tmp_path: Path) -> None:
    demo = demo_config("http://127.0.0.1:8080", "key", device_name="PC-1")
    assert load_config(written(tmp_path, demo)) == demo


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        SMALL | {"tenat": "x"},
        SMALL | {"statuses": [{"id": 5, "nam": "x"}]},
        SMALL | {"statuses": []},
        SMALL | {"switches": {"unknown": 1}},
        SMALL | {"switches": {"create_status": 204}},
        SMALL | {"switches": []},
    ],
)
def test_a_wrong_seed_file_is_refused_not_half_read(tmp_path: Path, content: bytes | dict[str, Any]) -> None:
    with pytest.raises(BadSeed):
        load_config(written(tmp_path, content))


def test_a_missing_seed_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSeed):
        load_config(tmp_path / "none.json")


async def test_two_sandboxes_share_nothing(
    client_of: Callable[[str], AbstractAsyncContextManager[Api]],
) -> None:
    config = parse_config(SMALL)
    async with running_sandbox(config) as one, running_sandbox(config) as other:
        one.switches.rate_limit = 1
        assert one.url != other.url
        assert other.switches.rate_limit == 700
        assert config.switches.rate_limit == 700


async def test_a_sandbox_is_gone_after_its_block_also_with_a_call_under_way(
    config: SandboxConfig, client_of: Callable[[str], AbstractAsyncContextManager[Api]]
) -> None:
    async with running_sandbox(config) as sandbox:
        url = sandbox.url
    with pytest.raises(httpx2.ConnectError):
        async with client_of(url) as api:
            await api.get("Status")


def test_asking_for_a_ticket_that_is_not_there_is_an_error(config: SandboxConfig) -> None:
    app = create_app(config)
    with pytest.raises(KeyError):
        RunningSandbox("", app.state.tenants["northstar"], {}).ticket(1)


async def test_below_an_in_process_transport_a_broken_connection_is_an_exception(
    config: SandboxConfig, client_of: Callable[[str], AbstractAsyncContextManager[Api]]
) -> None:
    app = create_app(config)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://halo.test") as http:
        assert (await http.get("/api/authinfo")).status_code == 200
        app.state.world.switches.outage = "reset"
        with pytest.raises(ConnectionBroken):
            await http.get("/api/authinfo")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.org", "::"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(NotLoopback):
        loopback_socket(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_is_served(host: str) -> None:
    with loopback_socket(host, 0) as bound:
        assert bound.getsockname()[0] == "127.0.0.1"


def command(*options: Any) -> Any:
    return [sys.executable, "-m", "stepladder_sandbox.halopsa", *options]


def test_the_command_serves_until_it_is_interrupted(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    options = ("--port", str(free_port), "--tenant", "southside")
    with subprocess.Popen(command(*options), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"Sandbox HaloPSA on {url}, tenant northstar\n"
        other = demo_tenant("southside", "", "").applications[0].client_id
        line = process.stdout.readline().strip()
        assert line == f"and {url}/t/southside, tenant southside, client {other}"
        transport = httpx2.HTTPTransport(retries=8, trust_env=False)
        with httpx2.Client(transport=transport, base_url=url) as http:
            form = {
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
            }
            assert http.post("/auth/token", data=form).status_code == 200
            assert http.get("/t/southside/sandbox/state").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, 130, -signal.SIGINT)


@pytest.mark.parametrize("options", [("--host", "0.0.0.0"), ("--seed-file", "/nowhere/seed.json")])
def test_the_command_says_in_one_line_what_is_wrong(options: tuple[str, str]) -> None:
    done = subprocess.run(
        command(*options), capture_output=True, text=True, check=False, timeout=60, env=os.environ
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_the_command_refuses_two_tenants_of_one_name() -> None:
    done = subprocess.run(
        command("--port", "0", "--tenant", "northstar"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (1, "error: two tenants are called northstar\n")


def test_a_flow_that_cannot_be_read_is_refused() -> None:
    raw = msgspec.to_builtins(demo_config("http://127.0.0.1:9", "x"))
    del raw["switches"]
    for part in ("workflows", "webhooks"):
        broken = raw | {part: [raw[part][0] | {"steps": [{"name": "no number"}]}]}
        with pytest.raises(BadSeed, match="step_id"):
            parse_config(broken)


def test_a_tenant_cannot_be_without_statuses() -> None:
    with pytest.raises(ValueError, match="at least one status"):
        SandboxConfig()


def test_the_product_s_command_says_what_a_connection_needs(free_port: int) -> None:
    """USE-26: address, client id and secret, before anybody asks for them. USE-03: no tab and no runbook of nothing."""
    options = ["sandbox", "halopsa", "--port", str(free_port)]
    with subprocess.Popen(
        [sys.executable, "-m", "stepladder", *options], stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            told = [process.stderr.readline().strip() for _ in range(2)]
        finally:
            process.terminate()
    assert told == [
        f"Sandbox HaloPSA: http://127.0.0.1:{free_port}",
        f"Client id: {CLIENT_ID}  secret: {CLIENT_SECRET}",
    ]
    config = without_portal(demo_config("http://127.0.0.1:8080", "key"))
    assert (config.tabs, config.webhooks, config.triggers) == ((), (), ())
    assert [each.name for each in config.methods if "JIT" in each.name] == []
