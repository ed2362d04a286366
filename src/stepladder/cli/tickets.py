"""`stepladder tickets`: what is pending, failing or stuck."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from stepladder.remedies import Remedy

from . import context
from .context import JsonFlag, MspChoice, Session
from .remedies import add_command, with_commands

if TYPE_CHECKING:
    from stepladder.kit.db import Transaction

app = typer.Typer(help="Tickets in HaloPSA.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Tickets in HaloPSA."""


@app.command()
def status(
    check: Annotated[
        bool, typer.Option("--check", help="For monitors: status 1 also where something needs attention.")
    ] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Show whether the work is done, and each ticket that is not as it should be. Status 1 without a worker."""

    async def read(tx: Transaction, session: Session) -> dict[str, Any]:
        from stepladder.jobs import WORKER_SEEN_WITHIN_SECONDS
        from stepladder.tickets.status import read_status

        is_worked_on = await session.services.jobs.has_worker(WORKER_SEEN_WITHIN_SECONDS)
        return {"at": tx.now, "worker": is_worked_on, **await read_status(tx)}

    found = context.transaction(msp, read, as_json=as_json)
    if as_json:
        context.show(found, as_json=True)
    else:
        _show(found)
    if not found["worker"] or (check and _needs_attention(found)):
        raise typer.Exit(1)


def _needs_attention(found: dict[str, Any]) -> bool:
    connector = found["connector"]
    return bool(found["tickets"]["needs_attention"] or (connector and connector["needs_attention"]))


def _show(found: dict[str, Any]) -> None:
    if not found["worker"]:
        typer.echo(add_command("No worker is running.", Remedy.PROCESS_SERVE))
    if found["connector"] is None:
        typer.echo("HaloPSA is not connected. Run: stepladder connector add")
    else:
        _connection(found)
    context.show(found["tickets"], as_json=False)
    for row in found["waiting_for_mapping"]:
        typer.echo(context.visible(add_command(_waits(row), Remedy.CUSTOMER_LINK)))
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
    none = "Nothing is waiting to be written." if found["changed"] else "Every ticket is as it should be."
    context.table(with_commands(found["waiting"], "error"), as_json=False, columns=columns, empty=none)
    if found["changed"]:
        typer.echo("\nChanged in HaloPSA while their requests are pending:")
        shown = ("request_id", "customer", "ticket_id", "since", "what")
        context.table(with_commands(found["changed"], "what"), as_json=False, columns=shown, empty="")


def _waits(row: dict[str, Any]) -> str:
    many = f"{row['requests']} requests of" if row["requests"] > 1 else "1 request of"
    verb = "are waiting" if row["requests"] > 1 else "is waiting"
    why = f": {row['detail']}" if row["detail"] else "."
    return f"{many} {row['customer']} {verb} for a link to a HaloPSA customer ({row['state']}){why}"


def _connection(found: dict[str, Any]) -> None:
    connector = found["connector"]
    trouble = next(
        (row["error"] for row in found["waiting"] if row["error"] and not row["needs_attention"]), None
    )
    is_resting = connector["paused_until"] and connector["paused_until"] > found["at"]
    if connector["needs_attention"]:
        typer.echo(f"HaloPSA needs attention: {context.visible(connector['error'])}")
    elif why := (is_resting and connector["error"]) or trouble:
        since = (
            f" since {connector['failing_since']:%Y-%m-%d %H:%M:%S}Z" if connector["failing_since"] else ""
        )
        typer.echo(f"HaloPSA does not answer{since}: {context.visible(why)} It is tried again.")
    elif is_resting:
        until = f"{connector['paused_until']:%H:%M:%S}Z"
        typer.echo(f"Nothing is sent to HaloPSA before {until}: the call budget is used up for now.")
    else:
        typer.echo("HaloPSA is connected.")
    if connector["drift_error"]:
        typer.echo(
            f"What people change in HaloPSA cannot be seen: {context.visible(connector['drift_error'])}"
        )
