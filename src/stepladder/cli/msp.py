"""`stepladder msp`: the tenants of this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.app import Services
    from stepladder.kit.db import Transaction

_MOVED = (
    "HaloPSA's integration and enrolled machines still call the old URL. Change the integration's base resource URL in "
    "HaloPSA, and enrol each machine again if the host name changed."
)
app = typer.Typer(help="The MSPs of this installation, told apart by host name.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The MSP's name.")],
    url: Annotated[str, typer.Option(help="Its URL, such as https://msp.example.com")],
    request_lifetime: Annotated[str, typer.Option(help="How long a request stays pending.")] = "4d",
    as_json: JsonFlag = False,
) -> None:
    """Create an MSP with keys of its own."""
    lifetime = int(context.seconds(request_lifetime))

    async def work(services: Services) -> dict[str, object]:
        from stepladder.tenancy.service import create_msp

        msp = await create_msp(
            services.db,
            services.vault,
            services.clock,
            name=name,
            url=url,
            operator=context.operator(),
            request_lifetime_seconds=lifetime,
        )
        return {"id": msp.id, "name": msp.name, "host": msp.host, "url": msp.base_url}

    context.show(context.installation(work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(as_json: JsonFlag = False) -> None:
    """List the MSPs."""

    async def work(services: Services) -> list[dict[str, object]]:
        from stepladder.tenancy.service import list_msps

        return [
            {"name": msp.name, "host": msp.host, "url": msp.base_url, "id": msp.id}
            for msp in await list_msps(services.db)
        ]

    rows = context.installation(work, as_json=as_json)
    context.table(rows, as_json=as_json, empty="There is no MSP yet. Run: stepladder msp create")


@app.command("set")
def set_(
    name: Annotated[str | None, typer.Option(help="The MSP's new name.")] = None,
    url: Annotated[str | None, typer.Option(help="Its new URL, such as https://msp.example.com")] = None,
    request_lifetime: Annotated[
        str | None, typer.Option(help="How long a new request stays pending, such as 4d or 12h.")
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Change an MSP. Requests that are already pending keep their time."""
    if name is None and url is None and request_lifetime is None:
        raise typer.BadParameter("Say what to change: --name, --url or --request-lifetime.")
    lifetime = int(context.seconds(request_lifetime)) if request_lifetime is not None else None

    async def change_one(tx: Transaction, session: Session) -> dict[str, object]:
        from stepladder.tenancy.service import change_msp, set_request_lifetime

        changed = await change_msp(tx, name=name, url=url)
        shown: dict[str, object] = {"name": changed.name, "host": changed.host, "url": changed.base_url}
        if lifetime is not None:
            await set_request_lifetime(tx, lifetime)
            shown["request_lifetime_seconds"] = lifetime
        if changed.base_url != session.msp.base_url:
            shown["note"] = _MOVED
        return shown

    context.show(context.transaction(msp, change_one, as_json=as_json), as_json=as_json)


@app.command()
def remove(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Remove an MSP that has no customers and no connection. Its trail stays in the database."""
    if not yes:
        typer.confirm("Remove the MSP? Its host name, keys and technicians work no more.", abort=True)

    async def remove_one(tx: Transaction, session: Session) -> dict[str, object]:
        await session.services.msp_removal.remove(tx)
        return {"name": session.msp.name, "host": session.msp.host, "state": "removed"}

    context.show(context.transaction(msp, remove_one, as_json=as_json), as_json=as_json)
