"""`stepladder endpoint`: enrolled machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import After, JsonFlag, Limit, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.endpoints.service import Endpoint
    from stepladder.kit.db import Transaction
    from stepladder.kit.paging import Part

app = typer.Typer(help="Endpoints: enrolled machines.", no_args_is_help=True)
EndpointId = Annotated[str, typer.Argument(help="The endpoint's id, as `stepladder endpoint list` shows it.")]


@app.command()
def token(
    customer: Annotated[str, typer.Argument(help="The customer that the machine belongs to.")],
    name: Annotated[str | None, typer.Option(help="Bind the token to a machine with this name.")] = None,
    lifetime: Annotated[str, typer.Option(help="How long the token can be used, at most 7d.")] = "1h",
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a single-use token that enrols one machine. It is shown once."""
    valid_for = context.span(lifetime)

    async def create_one(tx: Transaction, session: Session) -> dict[str, Any]:
        from stepladder.endpoints.service import create_token_for

        made = await create_token_for(tx, customer, endpoint_name=name, lifetime=valid_for)
        return {**vars(made), "enrol_with": f"stepladder-agent enrol --server {session.msp.base_url}"}

    context.show(context.transaction(msp, create_one, as_json=as_json), as_json=as_json)


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
    none = "No machine is enrolled yet. Run: stepladder endpoint token"
    context.table(found.rows, as_json=as_json, empty=none)
    context.say_left(found, as_json=as_json)


@app.command()
def activate(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Activate a machine that is held because another machine has its name."""

    async def activate_one(tx: Transaction, _: Session) -> Endpoint:
        from stepladder.endpoints import service

        return await service.activate(tx, endpoint)

    _show(context.transaction(msp, activate_one, as_json=as_json), as_json=as_json)


@app.command()
def revoke(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Refuse a machine from its next message on."""

    async def revoke_one(tx: Transaction, _: Session) -> Endpoint:
        from stepladder.endpoints import service

        return await service.revoke(tx, endpoint)

    _show(context.transaction(msp, revoke_one, as_json=as_json), as_json=as_json)


def _show(changed: Endpoint, *, as_json: bool) -> None:
    context.show({"id": changed.id, "name": changed.name, "state": changed.state}, as_json=as_json)
