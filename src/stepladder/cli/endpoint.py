"""`stepladder endpoint`: enrolled machines."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(help="Endpoints: enrolled machines.", no_args_is_help=True)
EndpointId = Annotated[str, typer.Argument(help="The endpoint's id, as `stepladder endpoint list` shows it.")]


@app.command()
def token(
    customer: Annotated[str, typer.Argument(help="The customer that the machine belongs to.")],
    name: Annotated[str | None, typer.Option(help="Bind the token to a machine of this name.")] = None,
    lifetime: Annotated[str, typer.Option(help="How long the token can be used, at most 7d.")] = "1h",
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a single-use token that enrols one machine. It is shown once."""
    valid_for = context.span(lifetime)

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.endpoints.service import create_token
        from stepladder.tenancy.service import find_customer

        async with session.services.db.transaction(session.actor) as tx:
            found = await find_customer(tx, customer)
            made = await create_token(tx, found, endpoint_name=name, lifetime=valid_for)
        return {
            "token": made,
            "customer": found.display_name,
            "expires_at": session.now + valid_for,
            "enrol_with": f"stepladder-agent enrol --server {session.msp.base_url}",
        }

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List enrolled machines."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.endpoints.service import list_endpoints

        async with session.services.db.transaction(session.actor) as tx:
            return await list_endpoints(tx)

    rows = context.session(msp, work, as_json=as_json)
    context.table(rows, as_json=as_json, empty="No machine is enrolled yet. See: stepladder endpoint token")


@app.command()
def activate(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Let in a machine that is held because another of its name exists."""
    _change("activate", endpoint, msp, as_json=as_json)


@app.command()
def revoke(endpoint: EndpointId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Refuse a machine from its next message on."""
    _change("revoke", endpoint, msp, as_json=as_json)


def _change(verb: str, endpoint: str, msp: str | None, *, as_json: bool) -> None:
    async def work(session: Session) -> dict[str, Any]:
        from stepladder.endpoints import service

        act = service.activate if verb == "activate" else service.revoke
        async with session.services.db.transaction(session.actor) as tx:
            changed = await act(tx, endpoint)
        return {"id": changed.id, "name": changed.name, "state": changed.state}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
