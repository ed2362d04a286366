"""`stepladder connector`: the connection to the MSP's HaloPSA."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(help="The connection to HaloPSA.", no_args_is_help=True)
VARIABLE = "STEPLADDER_HALOPSA_SECRET"
SecretFile = Annotated[
    str | None, typer.Option(help=f"A file with the client secret, or -. Else {VARIABLE}.")
]


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="The ticket system: halopsa.")],
    url: Annotated[
        str, typer.Option(help="The instance, as in https://example.halopsa.com (with or without /api).")
    ],
    client_id: Annotated[str, typer.Option(help="The client id of the HaloPSA application.")],
    secret_file: SecretFile = None,
    auth_url: Annotated[
        str, typer.Option(help="The authorisation server, where it is another address.")
    ] = "",
    tenant: Annotated[str | None, typer.Option(help="The tenant, where HaloPSA shows one.")] = None,
    setting: Annotated[
        list[str] | None, typer.Option(help="name=value for any other setting, such as ticket_type=Incident.")
    ] = None,
    call_budget: Annotated[
        int, typer.Option(help="Calls per rolling 5 minutes; HaloPSA allows 700 to all.")
    ] = 600,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Connect HaloPSA. The connection is checked first; nothing is kept when it does not work."""
    secret = context.read_secret("client secret", file=secret_file, variable=VARIABLE)
    values: dict[str, Any] = {"url": url, "client_id": client_id, "auth_url": auth_url, "tenant": tenant}
    values |= dict(_pair(text) for text in setting or ())

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.kit.secret import Secret
        from stepladder.tickets.service import add_connector

        connector_id, findings = await add_connector(
            session.services.tickets,
            session.actor,
            kind=kind,
            settings=values,
            secret=Secret(secret),
            call_budget=call_budget,
        )
        session.services.jobs.nudge(session.msp.id, connector_id)
        notes = [f"{finding.name}: {finding.detail}" for finding in findings if finding.ok is not True]
        return {"id": connector_id, "kind": kind, "state": "connected", "notes": notes}

    added = context.session(msp, work, as_json=as_json)
    if as_json:
        context.show(added, as_json=True)
        return
    notes = added.pop("notes")
    context.show(added, as_json=False)
    for note in notes:
        typer.echo(f"note: {context.visible(note)}")


@app.command()
def show(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Show the connection's settings and how it fares. The secret is never shown."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tickets import queries
        from stepladder.tickets.service import NoConnector

        async with session.services.db.transaction(session.actor) as tx:
            found = await queries.connector(tx)
        if found is None:
            raise NoConnector
        return {
            "kind": found.kind,
            **found.settings,
            "call_budget": found.call_budget,
            "paused_until": found.paused_until,
            "needs_attention": found.needs_attention,
            "error": found.error,
        }

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def check(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Check that everything the daily work needs is there and permitted. Status 1 when something fails."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.tickets.service import opened, unbounded

        _, connector = await opened(session.services.tickets, session.actor, unbounded)
        try:
            findings = await connector.check()
        finally:
            await connector.aclose()
        words = {True: "pass", False: "FAIL", None: "cannot know"}
        return [{"check": f.name, "result": words[f.ok], "detail": f.detail} for f in findings]

    rows = context.session(msp, work, as_json=as_json)
    context.table(rows, as_json=as_json, empty="")
    if any(row["result"] == "FAIL" for row in rows):
        raise typer.Exit(1)


@app.command()
def set_secret(secret_file: SecretFile = None, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Replace the client secret. The new one is tested first; a wrong one leaves the old one in use."""
    secret = context.read_secret("client secret", file=secret_file, variable=VARIABLE)

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.kit.secret import Secret
        from stepladder.tickets.service import set_secret as swap

        await swap(session.services.tickets, session.actor, Secret(secret))
        return {"state": "secret replaced"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def retry(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Try everything that waits again now, after something was repaired."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tickets import queries
        from stepladder.tickets.service import retry_now

        async with session.services.db.transaction(session.actor) as tx:
            count = await retry_now(tx, session.now)
            found = await queries.connector(tx)
        if found:
            session.services.jobs.nudge(session.msp.id, found.id)
        return {"tickets_made_due": count}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def remove(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Disconnect HaloPSA. Tickets there stay as they are; which ticket is whose is forgotten."""
    if not yes:
        typer.confirm("Forget the connection, its customer links and which ticket is whose?", abort=True)

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tickets.service import remove_connector

        await remove_connector(session.services.tickets, session.actor)
        return {"state": "removed"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r} is not name=value.")
    return name.strip(), value.strip()
