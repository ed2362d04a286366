"""The demo's stage: a directory, three addresses, a sample MSP, and everything running."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepladder import app
from stepladder.access_keys.service import KeyAction, create_key
from stepladder.app import Services
from stepladder.connections import queries as connections
from stepladder.connections.service import add
from stepladder.endpoints.service import create_token
from stepladder.kit.db import Actor, ActorKind
from stepladder.kit.secret import Secret
from stepladder.settings import Settings
from stepladder.tenancy import service as tenancy, technicians
from stepladder_protocol.messages import ElevationKind
from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET

from .processes import Children, inherited

CUSTOMERS = (
    ("northwind", "Northwind Traders"),
    ("contoso", "Contoso Dental"),
    ("fabrikam", "Fabrikam Legal"),
)
TECHNICIANS = (("nik@nikpot.example", "Nik Potnis"), ("dana@nikpot.example", "Dana Whitfield"))
Say = Callable[[str], None]


class StageRefused(Exception):
    """The demo cannot be set up here; the message says why and what to do."""


@dataclass(frozen=True)
class Stage:
    """Where everything is."""

    directory: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def halopsa_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def agent_directory(self) -> Path:
        return self.directory / "agent"

    @property
    def halopsa_log(self) -> Path:
        return self.directory / "halopsa-events.jsonl"

    def environment(self) -> dict[str, str]:
        """What the service's processes and commands need to find this demo."""
        return {
            "STEPLADDER_DATA_DIR": str(self.directory),
            "STEPLADDER_OUTBOUND_ALLOW": self.halopsa_url,
            "STEPLADDER_PORT": str(self.port),
        }

    def agent_command(self, *arguments: str) -> list[str]:
        """The agent's program from the same installation as this one."""
        return [str(Path(sys.executable).with_name("stepladder-agent")), *arguments]

    def agent_environment(self) -> dict[str, str]:
        return {**inherited(), "STEPLADDER_AGENT_DIR": str(self.agent_directory)}


def prepare(port: int, *, keep: bool) -> Stage:
    """An owned directory with a short path, empty unless `keep`. Raises StageRefused."""
    directory = Path(tempfile.gettempdir()).resolve() / f"stepladder-demo-{os.geteuid()}-{port}"
    directory.mkdir(mode=0o700, exist_ok=True)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise StageRefused(f"{directory} belongs to another user. Remove it, or choose another --port.")
    for number in (port, port + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", number))
            except OSError as error:
                raise StageRefused(f"Port {number} is in use. Choose another with --port.") from error
    if not keep:
        clear(directory)
        directory.mkdir(mode=0o700)
    return Stage(directory, port)


def clear(directory: Path) -> None:
    """Remove the demo's data."""
    shutil.rmtree(directory, ignore_errors=True)


def build(stage: Stage, children: Children, say: Say) -> None:
    """Start and fill everything. A demo that was kept is only started."""
    settings = Settings(
        data_dir=stage.directory, outbound_allow=(stage.halopsa_url,), port=stage.port, log_level="warning"
    )
    say("Starting the embedded PostgreSQL")
    urls = app.locate_database(settings)
    app.migrate(urls)
    say("Making a sample MSP with three customers")
    key = asyncio.run(_with(settings, urls, lambda services: _sample_msp(services, stage)))
    say("Starting the sandbox HaloPSA")
    arguments = ["sandbox", "halopsa", "--port", str(stage.port + 1), "--log-file", str(stage.halopsa_log)]
    arguments += ["--device-name", socket.gethostname(), "--stepladder-url", stage.url]
    children.start("halopsa", arguments, {"STEPLADDER_SANDBOX_KEY": key}, answers_at=stage.halopsa_url)
    say("Connecting HaloPSA and mapping the customers")
    asyncio.run(_with(settings, urls, lambda services: _connect(services, stage)))
    start_service(stage, children, say)
    say("Enrolling this machine")
    token = asyncio.run(_with(settings, urls, _enrolment_token))
    if token:
        subprocess.run(
            stage.agent_command("enrol", "--server", stage.url),
            env={**stage.agent_environment(), "STEPLADDER_ENROLMENT_TOKEN": token},
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


def start_service(stage: Stage, children: Children, say: Say) -> None:
    """Start `stepladder serve`."""
    say("Starting Stepladder")
    children.start("stepladder", ["serve"], stage.environment(), answers_at=f"{stage.url}/healthz")


async def _with(settings: Settings, urls: app.DatabaseUrls, work: Callable[[Services], Any]) -> Any:
    async with app.open_services(settings, urls) as services:
        return await work(services)


async def _operator(services: Services) -> Actor:
    (msp,) = await tenancy.list_msps(services.db)
    return Actor(msp.id, ActorKind.OPERATOR, "demo")


async def _sample_msp(services: Services, stage: Stage) -> str:
    """The MSP, and a fresh key for the sandbox's buttons."""
    if not await tenancy.list_msps(services.db):
        await tenancy.create_msp(
            services.db, services.vault, services.clock, name="Northstar IT", url=stage.url, operator="demo"
        )
        actor = await _operator(services)
        async with services.db.transaction(actor) as tx:
            for name, display_name in CUSTOMERS:
                await tenancy.create_customer(tx, name=name, display_name=display_name)
            for email, name in TECHNICIANS:
                await technicians.create_technician(tx, email=email, name=name)
    actor = await _operator(services)
    async with services.db.transaction(actor) as tx:
        _, text = await create_key(
            tx,
            name="HaloPSA buttons",
            actions=[KeyAction.APPROVE, KeyAction.DENY, KeyAction.DISABLE_JIT],
            modes=[ElevationKind.USER],
        )
    return text


async def _connect(services: Services, stage: Stage) -> None:
    actor = await _operator(services)
    async with services.db.transaction(actor) as tx:
        if await connections.find_ticket_system(tx):
            return
    await add(
        services.connections,
        actor,
        kind="halopsa",
        # The sandbox finds a new ticket at once, so after an uncertain create nobody has to wait a minute.
        settings={"url": stage.halopsa_url, "client_id": CLIENT_ID, "search_lag_seconds": 3},
        secret=Secret(CLIENT_SECRET),
    )


async def _enrolment_token(services: Services) -> str | None:
    """A token for this machine, or None where it is enrolled already."""
    actor = await _operator(services)
    async with services.db.transaction(actor) as tx:
        if await tx.scalar("select exists (select from endpoint where state = 'active')"):
            return None
        customer = await tenancy.find_customer(tx, CUSTOMERS[0][1])
        return await create_token(tx, customer)
