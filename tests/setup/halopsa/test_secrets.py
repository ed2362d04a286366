"""The stronger credential is kept nowhere, printed nowhere, and sent to the connector's own address only."""

from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from tests.setup.halopsa.conftest import CREDENTIAL, Stage, new_tenant, staged
from typer.testing import CliRunner

from stepladder.app import DatabaseUrls, Services
from stepladder.cli import app as commands, context
from stepladder.cli.context import Session
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.testing import RunningSandbox


def _dump(urls: DatabaseUrls) -> str:
    """Every row of every table, as text."""
    with psycopg.connect(urls.owner) as connection:
        names = connection.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        rows = [
            str(row)
            for (name,) in names
            for row in connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(name)))
        ]
    return "\n".join(rows)


def _files(folder: Path) -> str:
    """What is written below a folder."""
    small = (path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < 10_000_000)
    return "".join(path.read_bytes().decode("latin-1") for path in small)


async def test_the_stronger_secret_is_stored_nowhere_and_logged_nowhere(
    own_services: Services,
    own_urls: DatabaseUrls,
    halo: RunningSandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    stage = await staged(own_services, await new_tenant(own_services), halo)
    report = await stage.set_up(fill_client_references=True)
    found = await stage.check()
    halo.switches.fields_writable = "403"
    refused = await stage.remove()
    kept = _dump(own_urls)
    files = _files(tmp_path)
    printed = f"{report} {found} {refused} {CREDENTIAL} {caplog.text}"
    assert "Idemeum API integration" in kept
    for canary in (demo.SETUP_CLIENT_SECRET, demo.SETUP_CLIENT_SECRET[:36], demo.SETUP_CLIENT_ID):
        assert canary not in kept
        assert canary not in files
    assert demo.SETUP_CLIENT_SECRET not in printed
    keys = [each.header_value for each in halo.state.config.integrations]
    assert not any(key in text for key in keys for text in (kept, files, printed))


@pytest.fixture
async def command(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run a command of the program in the stage's own services."""
    monkeypatch.setenv("STEPLADDER_HALOPSA_SETUP_SECRET", demo.SETUP_CLIENT_SECRET)
    loop = asyncio.get_running_loop()

    def session(host: str | None, work: Any, *, as_json: bool = False) -> Any:
        coroutine = work(Session(stage.services, stage.tenant.msp, stage.tenant.operator))
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(60)

    monkeypatch.setattr(context, "session", session)

    async def run(*arguments: str) -> Any:
        return await asyncio.to_thread(CliRunner().invoke, commands, ["halopsa", *arguments])

    return run


async def test_the_commands_print_plan_result_clicks_and_no_secret(stage: Stage, command: Any) -> None:
    stage.halo.switches.tabs_writable = "403"
    planned = await command("setup", "--client-id", demo.SETUP_CLIENT_ID, "--dry-run")
    assert (planned.exit_code, "would be made" in planned.output) == (0, True)
    made = await command("setup", "--client-id", demo.SETUP_CLIENT_ID, "--with-tab", "--with-jit")
    assert made.exit_code == 0, made.output
    assert "Configuration > Custom objects > Custom tabs > New" in made.output
    assert f"URL: {stage.tenant.msp.base_url}?customerDisplayName=$CLIENT_REFERENCE" in made.output
    assert "End the temporary credential now" in made.output
    again = await command("setup", "--client-id", demo.SETUP_CLIENT_ID, "--json")
    states = {each["key"]: each["state"] for each in json.loads(again.output)["items"]}
    assert states["wiring.deny" if "wiring.deny" in states else "action.deny"] == "exists"
    checked = await command("check", "--client-id", demo.SETUP_CLIENT_ID)
    assert checked.exit_code == 0, checked.output
    assert "wiring.deny" in checked.output
    stage.change("outcomes", "Idemeum - deny elevation request", for_users=True)
    failing = await command("check", "--json")
    assert failing.exit_code == 1
    assert {each["name"] for each in json.loads(failing.output) if each["result"] == "FAIL"} == {
        "action.deny"
    }
    removed = await command("setup", "--client-id", demo.SETUP_CLIENT_ID, "--remove")
    assert (removed.exit_code, "removed" in removed.output) == (0, True)
    keys = [each.header_value for each in stage.halo.state.config.integrations]
    for done in (planned, made, again, checked, failing, removed):
        assert demo.SETUP_CLIENT_SECRET not in done.output
        assert not any(key in done.output for key in keys)


async def test_a_run_that_breaks_says_so_and_ends_with_status_1(stage: Stage, command: Any) -> None:
    stage.halo.fail_next("drop_after_commit", method="POST", path="/api/fieldinfo")
    broken = await command("setup", "--client-id", demo.SETUP_CLIENT_ID)
    assert broken.exit_code == 1
    assert "Run it again" in broken.output
