"""Several tenants behind one address: nothing of one is seen, counted or changed in another."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.sandbox.conftest import SCOPES, Api, MovableClock, StepladderStub

from stepladder_sandbox.halopsa.app import create_app
from stepladder_sandbox.halopsa.config import BadSeed, SandboxConfig
from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET, NIK, demo_tenant
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox


@pytest.fixture
def southside(stepladder: StepladderStub) -> SandboxConfig:
    return demo_tenant("Southside", stepladder.url, "key-of-southside")


@pytest.fixture
def log_path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


@pytest.fixture
async def halo(
    config: SandboxConfig, southside: SandboxConfig, clock: MovableClock, log_path: Path
) -> AsyncIterator[RunningSandbox]:
    async with running_sandbox(config, log_path, clock=clock, more_tenants=(southside,)) as running:
        yield running


@pytest.fixture
async def south(halo: RunningSandbox, southside: SandboxConfig) -> AsyncIterator[Api]:
    """A client of the second tenant, with a token."""
    async with httpx2.AsyncClient(base_url=halo.tenant("southside").url) as http:
        client = Api(http)
        await client.sign_in(**credentials(southside))
        yield client


def credentials(config: Any) -> Any:
    application = config.applications[0]
    return {"client_id": application.client_id, "client_secret": application.client_secret}


async def test_each_tenant_has_tickets_and_numbers_of_its_own(
    halo: RunningSandbox, south: Api, client_of: Callable[[str], AbstractAsyncContextManager[Api]]
) -> None:
    assert halo.tenant("southside").url == f"{halo.url}/t/southside"
    created = await south.create(third_party_id_string="SL-1")
    assert len(halo.tenant("southside").tickets_with("SL-1")) == 1
    assert halo.tickets_with("SL-1") == []
    async with client_of(halo.url) as north:
        await north.sign_in()
        assert (await north.get(f"Tickets/{created['id']}")).status_code == 404


@pytest.mark.parametrize(
    "way",
    [
        lambda url, form: (f"{url}/auth/token?tenant=southside", form),
        lambda url, form: (f"{url}/auth/token?tenant=SOUTHSIDE", form),
        lambda url, form: (f"{url}/auth/token", form | {"tenant": "southside"}),
        lambda url, form: (f"{url}/t/southside/auth/token", form),
        lambda url, form: (f"{url}/T/SouthSide/auth/token?tenant=southside", form),
    ],
)
async def test_the_sign_in_is_shared_or_ones_own(
    halo: RunningSandbox, southside: SandboxConfig, way: Callable[..., Any]
) -> None:
    form = {"grant_type": "client_credentials", "scope": SCOPES, **credentials(southside)}
    url, fields = way(halo.url, form)
    async with httpx2.AsyncClient() as http:
        token = (await http.post(url, data=fields)).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert (await http.get(f"{halo.url}/t/southside/api/Status", headers=headers)).status_code == 200
        assert (await http.get(f"{halo.url}/api/Status", headers=headers)).status_code == 401


async def test_a_shared_sign_in_without_or_with_a_wrong_tenant_is_the_first_ones(
    halo: RunningSandbox, southside: SandboxConfig
) -> None:
    form = {"grant_type": "client_credentials", "scope": SCOPES}
    ours = form | {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
    async with httpx2.AsyncClient(base_url=halo.url) as http:
        assert (await http.post("/auth/token", data=ours)).status_code == 200
        assert (await http.post("/auth/token", data=form | credentials(southside))).status_code == 401
        assert (await http.post("/auth/token?tenant=nobody", data=ours)).status_code == 500


async def test_credentials_differ_from_tenant_to_tenant_and_can_be_told(
    southside: SandboxConfig, stepladder: StepladderStub
) -> None:
    again = demo_tenant("southside", stepladder.url, "x")
    other = demo_tenant("westside", stepladder.url, "x")
    ids = {each.applications[0].client_id for each in (southside, again, other)}
    assert len(ids) == 2
    assert southside.setup_application
    assert southside.setup_application.client_secret != southside.applications[0].client_secret


async def test_each_tenant_has_a_limit_and_switches_of_its_own(
    halo: RunningSandbox, south: Api, client_of: Callable[[str], AbstractAsyncContextManager[Api]]
) -> None:
    halo.tenant("southside").switches.rate_limit = 3
    answers = [(await south.get("Status")).status_code for _ in range(4)]
    assert answers == [200, 200, 429, 429]
    async with client_of(halo.url) as north:
        await north.sign_in()
        assert (await north.get("Status")).status_code == 200
    halo.switches.outage = "503"
    halo.tenant("southside").switches.rate_limit = 700
    assert (await south.get("Status")).status_code == 200


async def test_every_line_says_whose_it_is_and_each_tenant_counts_for_itself(
    halo: RunningSandbox,
    south: Api,
    client_of: Callable[[str], AbstractAsyncContextManager[Api]],
    log_path: Path,
) -> None:
    await south.create()
    async with client_of(halo.url) as north:
        await north.sign_in()
        await north.create()
    lines = [json.loads(line) for line in log_path.read_text().splitlines()]  # noqa: ASYNC240  # a small file of the test
    assert {line["tenant"] for line in lines} == {"northstar", "southside"}
    for tenant in ("northstar", "southside"):
        numbers = [line["seq"] for line in lines if line["tenant"] == tenant]
        assert numbers == list(range(1, len(numbers) + 1))
    assert {event["tenant"] for event in halo.log} == {"northstar"}


async def test_no_tenants_secret_gets_into_the_log_of_another(
    halo: RunningSandbox, south: Api, southside: SandboxConfig, log_path: Path
) -> None:
    for secret in (CLIENT_SECRET, southside.applications[0].client_secret):
        await south.create(summary=f"leak {secret}")
    text = log_path.read_text()  # noqa: ASYNC240  # a small file of the test
    assert CLIENT_SECRET not in text
    assert southside.applications[0].client_secret not in text


async def test_buttons_pages_and_control_of_each_are_below_its_own_path(
    halo: RunningSandbox, south: Api, stepladder: StepladderStub
) -> None:
    created = await south.create()
    tenant = halo.tenant("southside")
    await tenant.press(created["id"], "approve", NIK)
    assert stepladder.calls[0].headers["x-idemeum-api-key"] == "key-of-southside"
    page = await south.http.get(f"/tickets/{created['id']}")
    assert "Tenant <strong>southside</strong>" in page.text
    for address in (
        'action="/t/southside/tickets/',
        'hx-get="/t/southside/live/',
        'href="/t/southside/log"',
        'src="/t/southside/static/',
    ):
        assert address in page.text
    assert 'href="/log"' not in page.text
    assert (await south.http.get("/static/sandbox.css")).status_code == 200
    state = (await south.http.get("/sandbox/state")).json()
    assert state["tickets"]["total"] == 5
    form = {"do": "delete"}
    moved = await south.http.post(f"/tickets/{created['id']}/change", data=form)
    assert moved.headers["location"] == f"/t/southside/tickets/{created['id']}"


async def test_a_tenant_that_does_not_exist_is_not_there(halo: RunningSandbox) -> None:
    async with httpx2.AsyncClient(base_url=halo.url) as http:
        for path in ("/t/nobody/api/Status", "/t/southside", "/t/", "/t"):
            assert (await http.get(path)).status_code in (401, 404, 200 if path == "/t/southside" else 404)
        info = (await http.get("/t/southside/api/authinfo")).json()
        assert info == {
            "auth_url": f"{halo.url}/t/southside/auth",
            "tenant_id": "southside",
            "allow_all_origins": False,
        }


def test_two_tenants_of_one_name_are_refused(config: SandboxConfig, stepladder: StepladderStub) -> None:
    with pytest.raises(BadSeed, match="two tenants are called northstar"):
        create_app(config, more_tenants=(demo_tenant("NorthStar", stepladder.url, "x"),))
