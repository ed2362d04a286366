"""`stepladder customer`: an MSP's client companies, and which HaloPSA customer each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import After, JsonFlag, Limit, MspChoice, Session
from .remedies import with_commands

if TYPE_CHECKING:
    from stepladder.kit.db import Transaction
    from stepladder.kit.paging import Part
    from stepladder.tenancy.service import Customer

app = typer.Typer(help="Customers, and their link to HaloPSA customers.", no_args_is_help=True)
Which = Annotated[str, typer.Argument(help="The customer's display name, name or id.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The short name, as in the customer's address.")],
    display_name: Annotated[
        str | None, typer.Option(help="What people call it. Same as the name if left out.")
    ] = None,
    directory_id: Annotated[
        str | None, typer.Option(help="The Tenant ID of the customer's Entra directory.")
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a customer."""

    async def create_one(tx: Transaction, _: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import create_customer, parse_directory_id

        directory = parse_directory_id(directory_id) if directory_id is not None else None
        made = await create_customer(tx, name=name, display_name=display_name or name, directory_id=directory)
        return {**vars(made), "directory_id": directory}

    context.show(context.transaction(msp, create_one, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(limit: Limit = 1000, after: After = None, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List customers, by display name, with the HaloPSA customer each is linked to."""

    async def list_some(tx: Transaction, _: Session) -> Part[dict[str, Any]]:
        from stepladder.tickets.status import list_part

        return await list_part(tx, after=after, limit=limit)

    found = context.transaction(msp, list_some, as_json=as_json)
    rows = found.rows
    columns = (
        "customer",
        "name",
        "directory_id",
        "state",
        "how",
        "remote_name",
        "remote_id",
        "waiting",
        "detail",
    )
    context.table(
        rows if as_json else with_commands(rows, "detail"),
        as_json=as_json,
        columns=columns,
        empty="There is no customer yet. Run: stepladder customer create",
    )
    context.say_left(found, as_json=as_json)


@app.command()
def rename(
    customer: Which,
    name: Annotated[str | None, typer.Option(help="The new short name.")] = None,
    display_name: Annotated[str | None, typer.Option(help="The new display name.")] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Rename a customer. Its link to HaloPSA and its pending requests stay."""
    if name is None and display_name is None:
        raise typer.BadParameter("Say what to change: --name or --display-name.")

    async def rename_one(tx: Transaction, _: Session) -> Customer:
        from stepladder.tenancy.by_name import rename_customer

        return await rename_customer(tx, customer, name=name, display_name=display_name)

    context.show(vars(context.transaction(msp, rename_one, as_json=as_json)), as_json=as_json)


@app.command()
def remove(
    customer: Which,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Remove a customer that has no machines and nothing pending. What was asked and decided stays in the trail."""
    if not yes:
        typer.confirm(f"Remove the customer {context.visible(customer)}?", abort=True)

    async def remove_one(tx: Transaction, session: Session) -> dict[str, Any]:
        from stepladder.tenancy.service import find_customer

        found = await find_customer(tx, customer)
        await session.services.deletion.delete(tx, found)
        return {"id": found.id, "customer": found.display_name, "state": "removed"}

    context.show(context.transaction(msp, remove_one, as_json=as_json), as_json=as_json)


@app.command()
def set_directory(
    customer: Which,
    directory_id: Annotated[
        str, typer.Argument(help="The Tenant ID of the customer's Entra directory, or none.")
    ],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Set a customer's Entra directory. Mapping looks for it first."""

    async def set_one(tx: Transaction, _: Session) -> dict[str, Any]:
        from stepladder.tenancy import by_name
        from stepladder.tenancy.service import parse_directory_id

        directory = parse_directory_id(directory_id)
        found = await by_name.set_directory(tx, customer, directory)
        return {"customer": found.display_name, "directory_id": directory or "none"}

    context.show(context.transaction(msp, set_one, as_json=as_json), as_json=as_json)


@app.command("map")
def map_(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would change and change nothing.")
    ] = False,
    again: Annotated[
        list[str] | None, typer.Option(help="A customer that was unlinked by hand and should be tried again.")
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Link every customer without a link, by its Entra directory, its display name or its name; show what changed."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.tickets.status import map_customers

        services = session.services
        return await map_customers(
            services.db, services.customers, session.actor, again=again or (), is_dry=dry_run
        )

    rows = context.session(msp, work, as_json=as_json)
    columns = ("customer", "state", "how", "remote_name", "change", "waiting", "detail")
    shown = rows if as_json else with_commands(rows, "detail")
    context.table(shown, as_json=as_json, columns=columns, empty="There is no customer yet.")
    if dry_run and not as_json:
        typer.echo("Nothing was changed.")


@app.command()
def link(
    customer: Which,
    halopsa_customer: Annotated[str, typer.Argument(help="The customer's name in HaloPSA, or its id there.")],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Link a customer to a HaloPSA customer by hand."""

    async def work(session: Session) -> dict[str, Any]:
        found, remote = await session.services.customers.link(session.actor, customer, halopsa_customer)
        return {"customer": found.display_name, "halopsa_customer": remote.name, "halopsa_id": remote.id}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def unlink(customer: Which, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Unlink a customer. No automatic run links it again; link and map --again do."""

    async def work(session: Session) -> dict[str, Any]:
        found = await session.services.customers.unlink(session.actor, customer)
        return {"customer": found.display_name, "state": "unmapped"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
