"""What every command shares: opening the services, acting as the host's operator, printing, failing.

A person who can run these commands can read the database and the root key anyway; the trail names them by their account
on the host.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import socket
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


def installation(
    work: Callable[[Services], Awaitable[T]], *, as_json: bool = False, is_restored: bool = False
) -> T:
    """Open the installation, do `work`, tell waiting agents, and close. Refusals end the command.

    `is_restored` opens a database that is a restored copy, too.
    """
    return _run(_with_services(work, is_restored=is_restored), as_json=as_json)


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


async def _with_services(work: Callable[[Services], Awaitable[T]], *, is_restored: bool = False) -> T:
    from stepladder import app
    from stepladder.kit import log
    from stepladder.restoring import Witness

    settings = read_settings()
    log.configure(level="warning", json_lines=False)
    urls = app.locate_database(settings)
    app.migrate(urls)
    async with app.open_services(settings, urls) as services:
        if not is_restored:
            await Witness(settings.data_dir).check(services.db)
        result = await work(services)
        await services.waiters.flush()
        await services.jobs.flush()
    return result


def read_settings() -> Any:
    """The process's settings. A wrong one ends the command with its name and what is wrong."""
    from pydantic import ValidationError

    from stepladder.kit.faults import in_words
    from stepladder.settings import Settings, find_unknown

    unknown = find_unknown(os.environ)
    for name, near in unknown.items():
        typer.echo(f"unknown setting {name}" + (f"; did you mean {near}?" if near else ""), err=True)
    if unknown:
        raise typer.Exit(2)
    try:
        return Settings()
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in found["loc"]).upper()
            typer.echo(f"STEPLADDER_{name}: {in_words(found)}.", err=True)
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

    with refusals(as_json=as_json):
        return asyncio.run(work)


@contextmanager
def refusals(*, as_json: bool = False) -> Iterator[None]:
    """A refusal inside, of whatever part, ends the command with its sentence and status 1."""
    from stepladder.connectors.base import ConnectorError
    from stepladder.kit.postgres import DataDirectoryRefused
    from stepladder.kit.secret import RootKeyRefused, SealBroken

    try:
        yield
    except StepladderError as error:
        fail(error.code, error.detail, error.remedy, as_json=as_json)
    except ConnectorError as error:
        fail(error.code, error.message, error.remedy, as_json=as_json)
    except (RootKeyRefused, DataDirectoryRefused, SealBroken) as error:
        fail("refused", str(error), as_json=as_json)
    except OSError as error:
        if error.filename is None:
            raise
        fail("file_unusable", f"{error.filename} cannot be used: {error.strerror}.", as_json=as_json)


@contextmanager
def file_to(verb: str, path: object) -> Iterator[None]:
    """A file that cannot be `written` or `read` inside ends the command in one sentence."""
    try:
        yield
    except OSError as error:
        raise FileUnusable(f"{path} cannot be {verb}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileUnusable(f"{path} cannot be {verb}: it is not text.") from error


class FileUnusable(Invalid):
    """A file that a command was given is not there, not ours, or not what it should be."""

    code = "file_unusable"
    sentence = "The file cannot be used."


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
    from .tables import print_table

    names = list(columns or rows[0])
    cells = [{name: _shown(row.get(name)) for name in names} for row in rows]
    print_table({name.replace("_", " "): [row[name] for row in cells] for name in names})


def visible(text: str) -> str:
    """Text from elsewhere with control, direction and unseen characters shown as escapes."""
    from stepladder.kit.visible import spell_out

    return spell_out(text)


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
    from pathlib import Path

    if file:
        try:
            found = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            found = found.removeprefix(
                "\ufeff"
            )  # editors put this mark first, and it is no part of the secret
        except OSError as error:
            raise typer.BadParameter(f"{file} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError as error:
            raise typer.BadParameter(f"{file} cannot be read: it is not text.") from error
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
