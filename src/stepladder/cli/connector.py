"""`stepladder connector`: the connection to the MSP's HaloPSA."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import typer

from stepladder.kit.findings import Finding, Result

from . import context
from .context import JsonFlag, MspChoice, Session
from .findings import show_findings

app = typer.Typer(help="The connection to HaloPSA.", no_args_is_help=True)
VARIABLE = "STEPLADDER_HALOPSA_SECRET"
_JSON_FIELDS = {"name": "check", "result": "result", "detail": "detail"}
SecretFile = Annotated[
    str | None,
    typer.Option(help=f"A file with the client secret, or - for standard input. {VARIABLE} if left out."),
]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="The ticket system: halopsa.")],
    url: Annotated[
        str, typer.Option(help="The instance, as in https://example.halopsa.com (with or without /api).")
    ],
    client_id: Annotated[str, typer.Option(help="The client id of the HaloPSA application.")],
    secret_file: SecretFile = None,
    auth_url: Annotated[str, typer.Option(help="The authorisation server, if it has another address.")] = "",
    tenant: Annotated[str | None, typer.Option(help="The tenant, if HaloPSA shows one.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option(help="name=value for any other setting, such as ticket_type=Incident.")
    ] = None,
    call_budget: Annotated[
        int, typer.Option(help="Calls in any 5 minutes; HaloPSA allows 700 for all its clients together.")
    ] = 600,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Connect HaloPSA. The connection is checked first; nothing is saved if it does not work."""
    secret = context.read_secret("client secret", file=secret_file, variable=VARIABLE)
    values: dict[str, Any] = {"url": url, "client_id": client_id, "auth_url": auth_url, "tenant": tenant}
    values |= {name: value for name, value in _pairs(setting).items() if value}

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections import service as connections
        from stepladder.kit.secret import Secret

        connection_id, findings = await connections.add(
            session.services.connections,
            session.actor,
            kind=kind,
            settings=values,
            secret=Secret(secret),
            call_budget=call_budget,
        )
        return {"id": connection_id, "kind": kind, "state": "connected", "notes": _notes(findings)}

    _show_with_notes(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command("set")
def set_(
    setting: Annotated[
        list[str] | None,
        typer.Argument(help="name=value, once for each setting. name= resets a setting to its default."),
    ] = None,
    secret_file: Annotated[
        str | None,
        typer.Option(
            help="A file with a new client secret, or -. Needed when the address that receives it changes."
        ),
    ] = None,
    call_budget: Annotated[int | None, typer.Option(help="Calls per rolling 5 minutes.")] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Change settings. The connection is checked with the new ones first; nothing is saved if it does not work."""
    changes = {name: value or None for name, value in _pairs(setting).items()}
    # Only a secret that is named here: one that happens to be in the environment may be the stored one.
    secret = (
        context.read_secret("client secret", file=secret_file, variable=VARIABLE) if secret_file else None
    )

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections.changing import change
        from stepladder.kit.secret import Secret

        changed = await change(
            session.services.connections,
            session.actor,
            changes,
            secret=Secret(secret) if secret else None,
            call_budget=call_budget,
        )
        state = "changed" if changed.names else "as it was"
        return {"state": state, "changed": list(changed.names), "notes": _notes(changed.findings)}

    _show_with_notes(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def show(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Show every setting of the connection and whether it works. The secret is never shown."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections.service import describe

        return await describe(session.services.connections, session.actor)

    found = context.session(msp, work, as_json=as_json)
    if as_json:
        context.show(found, as_json=True)
        return
    for name in found.pop("defaults"):
        shown = "none" if found[name] in (None, "") else found[name]
        found[name] = f"{'yes' if shown is True else shown} (default)"
    context.show(found, as_json=False)


@app.command()
def check(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Check that everything the daily work needs is there and permitted. Status 1 when something fails."""

    async def work(session: Session) -> list[Finding]:
        from stepladder.connections.service import check as run_check

        return await run_check(session.services.connections, session.actor)

    show_findings(context.session(msp, work, as_json=as_json), json_fields=_JSON_FIELDS, as_json=as_json)


@app.command()
def set_secret(secret_file: SecretFile = None, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Replace the client secret. The new one is tested first; a wrong one leaves the old one in use."""
    secret = context.read_secret("client secret", file=secret_file, variable=VARIABLE)

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections.changing import change
        from stepladder.kit.secret import Secret

        await change(session.services.connections, session.actor, secret=Secret(secret))
        return {"state": "secret replaced"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def retry(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Try everything that is pending again now, after a repair."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections import service as connections

        _, count = await connections.retry(session.services.connections, session.actor)
        return {"tickets_made_due": count}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def remove(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Disconnect HaloPSA. Tickets there stay as they are; Stepladder forgets which request each belongs to.

    What `stepladder halopsa setup` made stays there too, with keys that are refused from now on. To remove it, run
    `stepladder halopsa setup --remove` first.
    """
    if not yes:
        typer.confirm(
            "What `stepladder halopsa setup` made in HaloPSA stays there, and its keys are refused from now on. To "
            "remove it, run `stepladder halopsa setup --remove` first.\n"
            "Remove the connection, its customer links and what is known of its tickets and of its set-up?",
            abort=True,
        )

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.connections import service as connections

        await connections.remove(session.services.connections, session.actor)
        return {"state": "removed"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


def _notes(findings: Iterable[Finding]) -> list[str]:
    return [f"{finding.name}: {finding.detail}" for finding in findings if finding.result is not Result.PASS]


def _show_with_notes(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        context.show(found, as_json=True)
        return
    notes = found.pop("notes")
    context.show(found, as_json=False)
    for note in notes:
        typer.echo(f"note: {context.visible(note)}")


def _pairs(texts: list[str] | None) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in map(_pair, texts or ()):
        if name in found:
            raise typer.BadParameter(f"{name} is given twice.")
        found[name] = value
    return found


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not name=value.")
    if not name.strip():
        raise typer.BadParameter(f"{text!r} names no setting.")
    return name.strip(), value.strip()
