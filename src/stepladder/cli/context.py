"""What every command shares: opening the services, acting as the host's operator, printing, failing.

A person who can run these commands can read the database and the root key anyway; the trail names them by their account
on the host.
"""

from __future__ import annotations

import getpass
import json
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar
from uuid import UUID

import typer

from stepladder.errors import Invalid, NotFound, StepladderError
from stepladder.kit.paging import LEFT_AT_MOST, Part
from stepladder.remedies import Remedy

from .remedies import add_command, find_command

if TYPE_CHECKING:
    from stepladder.app import Services
    from stepladder.kit.db import Actor, Transaction
    from stepladder.tenancy.service import Msp

T = TypeVar("T")
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
MspChoice = Annotated[
    str | None, typer.Option("--msp", help="The MSP's host name; not needed if there is only one.")
]
Limit = Annotated[int, typer.Option(help="How many to list.", min=1, max=5000)]
After = Annotated[str | None, typer.Option(help="List those behind the one with this id.")]
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Session:
    """An open installation and the MSP that is worked on."""

    services: Services
    msp: Msp
    actor: Actor

    @property
    def now(self) -> datetime:
        return self.services.clock.now()


def operator() -> str:
    """Who runs the command, as the trail names them."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"


def installation(work: Callable[[Services], Awaitable[T]], *, as_json: bool = False) -> T:
    """Open the installation, do `work`, tell waiting agents, and close. Refusals end the command."""
    return _run(_with_services(work), as_json=as_json)


def session(msp_host: str | None, work: Callable[[Session], Awaitable[T]], *, as_json: bool = False) -> T:
    """The same, for one MSP."""

    async def with_msp(services: Services) -> T:
        from stepladder.kit.db import Actor, ActorKind

        msp = await _choose(services, msp_host)
        return await work(Session(services, msp, Actor(msp.id, ActorKind.OPERATOR, operator())))

    return _run(_with_services(with_msp), as_json=as_json)


def transaction(
    msp_host: str | None, act: Callable[[Transaction, Session], Awaitable[T]], *, as_json: bool = False
) -> T:
    """The same, in one transaction: how a command calls its one use case."""

    async def work(session: Session) -> T:
        async with session.services.db.transaction(session.actor) as tx:
            return await act(tx, session)

    return session(msp_host, work, as_json=as_json)


async def _with_services(work: Callable[[Services], Awaitable[T]]) -> T:
    from stepladder import app
    from stepladder.kit import log

    settings = read_settings()
    log.configure(level="warning", json_lines=False)
    urls = app.locate_database(settings)
    app.migrate(urls)
    async with app.open_services(settings, urls) as services:
        result = await work(services)
        await services.waiters.flush()
        await services.jobs.flush()
    return result


def read_settings() -> Any:
    """The process's settings. A wrong one ends the command with its name and what is wrong."""
    from pydantic import ValidationError

    from stepladder.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in found["loc"]).upper()
            typer.echo(f"STEPLADDER_{name}: {found['msg']}", err=True)
        raise typer.Exit(2) from error


async def _choose(services: Services, host: str | None) -> Msp:
    from stepladder.tenancy.service import list_msps

    found = await list_msps(services.db)
    if host:
        found = [msp for msp in found if msp.host == host.strip().lower()]
        if not found:
            raise NotFound(f"No MSP has the host name {host!r}.", remedy=Remedy.MSP_LIST)
    if not found:
        raise NotFound("There is no MSP yet.", remedy=Remedy.MSP_CREATE)
    if len(found) > 1:
        raise Invalid("There are several MSPs. Name one with --msp HOST.", remedy=Remedy.MSP_LIST)
    return found[0]


def _run(work: Coroutine[Any, Any, T], *, as_json: bool) -> T:
    import asyncio

    from stepladder.connectors.base import ConnectorError
    from stepladder.kit.postgres import DataDirectoryRefused
    from stepladder.kit.secret import RootKeyRefused, SealBroken

    try:
        return asyncio.run(work)
    except StepladderError as error:
        fail(error.code, error.detail, error.remedy, as_json=as_json)
    except ConnectorError as error:
        fail(error.code, error.message, error.remedy, as_json=as_json)
    except (RootKeyRefused, DataDirectoryRefused, SealBroken) as error:
        fail("refused", str(error), as_json=as_json)


def fail(code: str, detail: str, remedy: Remedy | None = None, *, as_json: bool) -> NoReturn:
    """Say what is refused and what to do, and end with status 1."""
    if as_json:
        todo = {"remedy": remedy, "command": find_command(remedy)} if remedy else {}
        typer.echo(json.dumps({"error": {"code": code, "detail": detail, **todo}}))
    else:
        typer.echo(f"{add_command(detail, remedy)}  [{code}]", err=True)
    raise typer.Exit(1)


def show(value: Any, *, as_json: bool) -> None:
    """Print one thing: its fields, one a line, or JSON."""
    if as_json:
        typer.echo(json.dumps(value, default=_plain))
        return
    for name, content in value.items():
        if content not in (None, [], ""):
            typer.echo(f"{name.replace('_', ' ')}: {_shown(content)}")


def say_left(found: Part[Any], *, as_json: bool) -> None:
    """Behind a part of a list: how many are left, and how to go on. JSON stays an array."""
    if not found.left:
        return
    last = found.rows[-1]
    last_id = last["id"] if isinstance(last, Mapping) else last.id
    many = f"{found.left:,}" if found.left < LEFT_AT_MOST else f"{found.left:,} or more"
    verb = "is" if found.left == 1 else "are"
    typer.echo(f"{many} more {verb} left. Go on with: --after {last_id}", err=as_json)


def table(
    rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str, columns: Sequence[str] = ()
) -> None:
    """Print rows as a table, or as a JSON array. `empty` says what to do when there are none."""
    if as_json:
        typer.echo(json.dumps(list(rows), default=_plain))
        return
    if not rows:
        typer.echo(empty)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    names = list(columns or rows[0])
    grid = Table(*(name.replace("_", " ") for name in names), box=None, header_style="bold", pad_edge=False)
    for row in rows:
        grid.add_row(*(Text(_shown(row.get(name))) for name in names))
    width = None if sys.stdout.isatty() else 200
    Console(width=width).print(grid)


def visible(text: str) -> str:
    """Text from elsewhere with control and direction characters shown as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def seconds(text: str) -> float:
    """A length such as 90s, 30m, 12h or 4d. Ends the command when it is none."""
    match = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if not match:
        raise typer.BadParameter(f"{text!r} is not a length such as 90s, 30m, 12h or 4d.")
    return int(match[1]) * _UNITS[match[2]]


def span(text: str) -> timedelta:
    """The same as a timedelta."""
    return timedelta(seconds=seconds(text))


def read_secret(what: str, *, file: str | None, variable: str) -> str:
    """A secret from a file, the environment, or the terminal; never from the command line, where others see it."""
    import os
    from pathlib import Path

    if file:
        try:
            found = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        except OSError as error:
            raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from error
    else:
        found = os.environ.get(variable, "")
    if not found and sys.stdin.isatty():
        found = getpass.getpass(f"{what}: ")
    if not found.strip():
        raise typer.BadParameter(f"Give the {what} with --secret-file, or in {variable}.")
    return found.strip()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, list | tuple):
        return ", ".join(_shown(part) for part in value) or "-"
    if isinstance(value, UUID):
        return str(value)
    return visible(str(value))
