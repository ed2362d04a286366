"""`stepladder audit`: read, verify and export the trail."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.audit.heads import SignedHead
    from stepladder.audit.reading import AuditedEvent, Page
    from stepladder.kit.db import Transaction

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.command()
def verify(
    file: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="Verify an export instead; needs no database."),
    ] = None,
    key: Annotated[
        list[str] | None,
        typer.Option(
            help="id=key as `stepladder audit keys` prints it. Without one, the keys in the file are trusted."
        ),
    ] = None,
    log: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="An operating log; its heads must be on the chain."),
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Follow the whole chain. Status 1 and the first bad place when it was altered."""
    known = _heads_of(log or [])
    result = (
        _verified_file(file, key or [], known, as_json=as_json)
        if file
        else context.session(msp, lambda session: _verify(session, known), as_json=as_json)
    )
    if log and result["ok"] and not result["heads_compared"]:
        result = {"ok": False, "why": "The log has no head of this MSP, so nothing was compared with it."}
    context.show(result, as_json=as_json)
    if not result["ok"]:
        raise typer.Exit(1)


@app.command()
def export(
    file: Annotated[str, typer.Argument(help="Where to write it; - for standard output.")],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Write the whole trail as JSON lines that end with its signed head."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.audit.export import write

        services = session.services
        if file == "-":
            head = await write(services.db, services.vault, session.actor, services.clock, sys.stdout.buffer)
            return {"events": head.sequence}
        # It has names and reasons: only its writer can read it, until they share it.
        path = Path(file)
        with context.file_to("written", file):
            path.touch(mode=0o600)  # noqa: ASYNC240  # a command has nothing else to do meanwhile
            with path.open("wb") as out:  # noqa: ASYNC230  # as above
                head = await write(services.db, services.vault, session.actor, services.clock, out)
        return {"file": file, "events": head.sequence, "head": head.link.hex()}

    result = context.session(msp, work, as_json=as_json)
    if file != "-":
        context.show(result, as_json=as_json)


@app.command("list")
def list_(
    since: Annotated[str, typer.Option(help="How far back, such as 24h or 90d.")] = "90d",
    customer: Annotated[str | None, typer.Option(help="Only what is about this customer.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    page: Annotated[int, typer.Option(min=1, help="The second 50 are page 2.")] = 1,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """List what happened, newest first, with the names of those it is about."""
    reach = context.span(since)

    async def list_some(tx: Transaction, session: Session) -> Page:
        from stepladder.tenancy.customers import ever_called

        about = await ever_called(tx, customer, None) if customer else None
        return await session.services.trail.page_of(
            tx, since=tx.now - reach, page=page, size=limit, customers=list(about) if about else None
        )

    found = context.transaction(msp, list_some, as_json=as_json)
    rows = [vars(event) if as_json else _readable(event) for event in found.events]
    context.table(rows, as_json=as_json, empty="Nothing happened in that time.")
    if found.has_more and not as_json:
        typer.echo(f"There is more: --page {page + 1}.")


def _readable(event: AuditedEvent) -> dict[str, Any]:
    """An event as one line: names where there are any, and ids where there are none."""
    return {
        "at": event.at,
        "tag": event.tag,
        "by": f"{event.actor_kind} {event.actor_name or event.actor_id}",
        "about": event.subject_name or "",
        "subject_id": event.subject,
        "facts": ", ".join(f"{name}={value}" for name, value in sorted(event.facts.items())),
    }


@app.command()
def keys(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Print the public keys that the trail's heads are signed with. Keep them apart from the exports."""

    async def list_all(tx: Transaction, session: Session) -> list[dict[str, Any]]:
        from stepladder_protocol.keys import encode

        found = await session.services.vault.public_keys(tx, "audit")
        return [
            {"id": kid, "key": encode(raw), "option": f"--key {kid}={encode(raw)}"}
            for kid, raw in found.items()
        ]

    rows = context.transaction(msp, list_all, as_json=as_json)
    context.table(rows, as_json=as_json, empty="There is no key.")


def _heads_of(logs: list[Path]) -> list[SignedHead]:
    from stepladder.audit.heads import heads_in_log

    try:
        return [head for log in logs for head in heads_in_log(_read(log).splitlines())]
    except ValueError as error:
        raise typer.BadParameter(f"A log cannot be read: {error}") from error


async def _verify(session: Session, known: list[SignedHead]) -> dict[str, Any]:
    from stepladder.audit.chain import ChainBroken
    from stepladder.audit.heads import Marks
    from stepladder.audit.service import verify as follow_chain
    from stepladder_protocol.keys import encode, load_public_key

    services, actor = session.services, session.actor
    async with services.db.transaction(actor) as tx:
        found = await services.vault.public_keys(tx, "audit")
    try:
        marks = Marks(known, actor.msp_id, {kid: load_public_key(encode(raw)) for kid, raw in found.items()})
        head = await follow_chain(services.db, actor, marks)
    except ChainBroken as error:
        return _broken(error.sequence, error)
    return {
        "ok": True,
        "events": head.sequence,
        "head": head.link.hex(),
        "heads_compared": marks.heads,
    }


def _verified_file(file: Path, named: list[str], known: list[SignedHead], *, as_json: bool) -> dict[str, Any]:
    from stepladder.audit.chain import ChainBroken
    from stepladder.audit.verifier import verify_file

    keys_given = dict(_pair(text) for text in named) or None
    try:
        with context.refusals(as_json=as_json), context.file_to("read", file):
            found = verify_file(file, keys_given, known=known)
    except ChainBroken as error:
        return _broken(error.sequence, error)
    except ValueError as error:
        raise typer.BadParameter(f"A key cannot be read: {error}") from error
    note = (
        "The keys came from the file itself, so it only agrees with itself. Give --key."
        if keys_given is None
        else ""
    )
    return {
        "ok": True,
        "events": found.events,
        "head": found.head.link.hex(),
        "heads_compared": found.heads_compared,
        "msp": str(found.msp_id),
        "note": note,
    }


def _read(log: Path) -> bytes:
    with context.refusals(), context.file_to("read", log):
        return log.read_bytes()


def _broken(sequence: int, error: Exception) -> dict[str, Any]:
    return {"ok": False, "first_bad": sequence, "why": str(error)}


def _pair(text: str) -> tuple[str, str]:
    kid, equals, key = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not id=key. Run: stepladder audit keys")
    return kid, key
