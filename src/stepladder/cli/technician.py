"""`stepladder technician`: the MSP's staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.kit.db import Transaction
    from stepladder.tenancy.technicians import Technician

app = typer.Typer(help="Technicians: who may decide.", no_args_is_help=True)
Email = Annotated[str, typer.Argument(help="The technician's e-mail, the same as in HaloPSA.")]
RoleOption = Annotated[str, typer.Option(help="global_admin, admin, technician or read_only.")]


@app.command()
def create(
    email: Email,
    name: Annotated[str, typer.Option(help="The technician's name.")],
    role: RoleOption = "technician",
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a technician."""

    async def create_one(tx: Transaction, _: Session) -> Technician:
        from stepladder.tenancy.technicians import create_technician, parse_role

        return await create_technician(tx, email=email, name=name, role=parse_role(role))

    context.show(vars(context.transaction(msp, create_one, as_json=as_json)), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List technicians."""

    async def list_all(tx: Transaction, _: Session) -> list[dict[str, Any]]:
        from stepladder.tenancy.technicians import list_technicians

        return await list_technicians(tx)

    rows = context.transaction(msp, list_all, as_json=as_json)
    context.table(
        rows, as_json=as_json, empty="There is no technician yet. Run: stepladder technician create"
    )


@app.command("set")
def set_(
    email: Email,
    role: Annotated[str | None, typer.Option(help="The new role.")] = None,
    active: Annotated[bool | None, typer.Option("--active/--inactive", help="Activate or lock out.")] = None,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    new_email: Annotated[
        str | None, typer.Option("--email", help="The new e-mail, the same as in HaloPSA.")
    ] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a technician's role, name or e-mail, or lock them out."""
    if role is None and active is None and name is None and new_email is None:
        raise typer.BadParameter("Say what to change: --role, --name, --email, --active or --inactive.")

    async def change_one(tx: Transaction, _: Session) -> Technician:
        from stepladder.tenancy.by_name import set_technician
        from stepladder.tenancy.technicians import parse_role

        new_role = parse_role(role) if role else None
        return await set_technician(
            tx, email, role=new_role, is_active=active, name=name, new_email=new_email
        )

    context.show(vars(context.transaction(msp, change_one, as_json=as_json)), as_json=as_json)
