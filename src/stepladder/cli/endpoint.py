"""`stepladder endpoint`: enrolled machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context, token
from .context import After, JsonFlag, Limit, MspChoice, Session

if TYPE_CHECKING:
    from datetime import datetime

    from stepladder.endpoints.service import Endpoint
    from stepladder.kit.db import Transaction
    from stepladder.kit.paging import Part

app = typer.Typer(help="Endpoints: enrolled machines.", no_args_is_help=True)
app.add_typer(token.app, name="token")
EndpointId = Annotated[
    str, typer.Argument(help="The endpoint's id, as `stepladder endpoint list` shows it, or its beginning.")
]


@app.command("list")
def list_(
    customer: Annotated[str | None, typer.Option(help="Only machines of this customer.")] = None,
    limit: Limit = 200,
    after: After = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """List enrolled machines, by name."""

    async def list_some(tx: Transaction, _: Session) -> Part[dict[str, Any]]:
        from stepladder.endpoints.listing import list_named

        return await list_named(tx, customer, after=after, limit=limit)

    found = context.transaction(msp, list_some, as_json=as_json)
    columns = (
        "id",
        "name",
        "customer",
        "state",
        "operating_system",
        "agent_version",
        "enrolled_at",
        "last_seen_about",
    )
    # It is noted every few minutes only, so the seconds would pretend.
    shown = [{**row, "last_seen_about": _to_the_minute(row["last_seen_at"])} for row in found.rows]
    context.table(
        found.rows if as_json else shown,
        as_json=as_json,
        columns=columns,
        empty="No machine is enrolled yet. Run: stepladder endpoint token create CUSTOMER",
    )
    context.say_left(found, as_json=as_json)


def _to_the_minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"


@app.command()
def activate(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Activate a machine that is held because another machine has its name."""

    async def activate_one(tx: Transaction, _: Session) -> Endpoint:
        from stepladder.endpoints import service

        return await service.activate(tx, endpoint)

    _show(context.transaction(msp, activate_one, as_json=as_json), as_json=as_json)


@app.command()
def revoke(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Refuse a machine from its next message on. What it has pending is withdrawn."""

    async def revoke_one(tx: Transaction, session: Session) -> Endpoint:
        return await session.services.revocation.revoke(tx, endpoint)

    _show(context.transaction(msp, revoke_one, as_json=as_json), as_json=as_json)


def _show(changed: Endpoint, *, as_json: bool) -> None:
    context.show({"id": changed.id, "name": changed.name, "state": changed.state}, as_json=as_json)
