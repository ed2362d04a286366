"""`stepladder tickets`: what is pending, failing or stuck."""

from __future__ import annotations

from typing import Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(help="Tickets in HaloPSA.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Tickets in HaloPSA."""


@app.command()
def status(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Show how the connection fares and every ticket that is not as it should be, and why."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tickets.service import status as ticket_status

        async with session.services.db.transaction(session.actor) as tx:
            return await ticket_status(tx)

    found = context.session(msp, work, as_json=as_json)
    if as_json:
        context.show(found, as_json=True)
        return
    if found["connector"] is None:
        typer.echo("HaloPSA is not connected. See: stepladder connector add")
    else:
        _connection(found["connector"])
    context.show(found["tickets"], as_json=False)
    columns = (
        "request_id",
        "customer",
        "desired",
        "observed",
        "ticket_id",
        "attempts",
        "next_try_at",
        "error",
    )
    typer.echo("")
    context.table(found["waiting"], as_json=False, columns=columns, empty="Every ticket is as it should be.")


def _connection(connector: dict[str, Any]) -> None:
    if connector["needs_attention"]:
        typer.echo(f"HaloPSA needs attention: {connector['error']}")
    elif connector["paused_until"]:
        typer.echo(
            f"HaloPSA rests until {connector['paused_until']:%H:%M:%S}Z: {connector['error'] or 'call budget'}"
        )
    else:
        typer.echo("HaloPSA is connected.")
