"""`stepladder msp`: the tenants of this installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.app import Services
    from stepladder.kit.db import Transaction

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
    request_lifetime: Annotated[
        str, typer.Option(help="How long a new request stays pending, such as 4d or 12h.")
    ],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Change how long new requests stay pending. Requests that are already pending keep their time."""
    lifetime = int(context.seconds(request_lifetime))

    async def change_one(tx: Transaction, session: Session) -> dict[str, object]:
        from stepladder.tenancy.service import set_request_lifetime

        await set_request_lifetime(tx, lifetime)
        return {"host": session.msp.host, "request_lifetime_seconds": lifetime}

    context.show(context.transaction(msp, change_one, as_json=as_json), as_json=as_json)
