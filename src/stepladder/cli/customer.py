"""`stepladder customer`: an MSP's client companies, and which HaloPSA customer each of them is."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(help="Customers, and their link to HaloPSA customers.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="The customer's display name, name or id.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The short name, as in the customer's address.")],
    display_name: Annotated[
        str | None, typer.Option(help="What people call it. Same as the name if left out.")
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a customer."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import create_customer

        async with session.services.db.transaction(session.actor) as tx:
            made = await create_customer(tx, session.now, name=name, display_name=display_name or name)
        return {"id": made.id, "name": made.name, "display_name": made.display_name}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List customers with the HaloPSA customer each is linked to."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.tickets.mapping import listing

        async with session.services.db.transaction(session.actor) as tx:
            return await listing(tx)

    rows = context.session(msp, work, as_json=as_json)
    columns = ("customer", "name", "state", "how", "remote_name", "remote_id", "detail")
    context.table(
        rows,
        as_json=as_json,
        columns=columns,
        empty="There is no customer yet. See: stepladder customer create",
    )


@app.command()
def rename(
    customer: Which,
    name: Annotated[str | None, typer.Option(help="The new short name.")] = None,
    display_name: Annotated[str | None, typer.Option(help="The new display name.")] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Rename a customer. Its link to HaloPSA and its waiting requests stay."""
    if name is None and display_name is None:
        raise typer.BadParameter("Say what to change: --name or --display-name.")

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import find_customer, rename_customer

        async with session.services.db.transaction(session.actor) as tx:
            found = await find_customer(tx, customer)
            made = await rename_customer(tx, session.now, found, name=name, display_name=display_name)
        return {"id": made.id, "name": made.name, "display_name": made.display_name}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command("map")
def map_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Link every customer without a link to the HaloPSA customer of its display name, else of its name."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.tickets.mapping import listing, map_automatically
        from stepladder.tickets.service import opened, unbounded

        row, connector = await opened(session.services.tickets, session.actor, unbounded)
        try:
            remotes = await connector.list_customers()
        finally:
            await connector.aclose()
        async with session.services.db.transaction(session.actor) as tx:
            await map_automatically(tx, row.id, remotes, session.now)
            return await listing(tx)

    rows = context.session(msp, work, as_json=as_json)
    columns = ("customer", "state", "how", "remote_name", "detail")
    context.table(rows, as_json=as_json, columns=columns, empty="There is no customer yet.")


@app.command()
def link(
    customer: Which,
    halopsa_customer: Annotated[str, typer.Argument(help="The customer's exact name in HaloPSA.")],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Link a customer to a HaloPSA customer by hand."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import find_customer
        from stepladder.tickets.mapping import link_by_name
        from stepladder.tickets.service import opened, unbounded

        row, connector = await opened(session.services.tickets, session.actor, unbounded)
        try:
            remotes = await connector.list_customers()
        finally:
            await connector.aclose()
        async with session.services.db.transaction(session.actor) as tx:
            found = await find_customer(tx, customer)
            remote = await link_by_name(
                tx, row.id, found, remote_name=halopsa_customer, remotes=remotes, now=session.now
            )
        session.services.jobs.nudge(session.msp.id, row.id)
        return {"customer": found.display_name, "halopsa_customer": remote.name, "halopsa_id": remote.id}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def unlink(customer: Which, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Forget which HaloPSA customer a customer is."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import find_customer
        from stepladder.tickets.mapping import unlink as unlink_customer

        async with session.services.db.transaction(session.actor) as tx:
            found = await find_customer(tx, customer)
            await unlink_customer(tx, found, session.now)
        return {"customer": found.display_name, "state": "unmapped"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
