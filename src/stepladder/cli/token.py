"""`stepladder endpoint token`: what a machine is enrolled with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.kit.db import Transaction


class _CreatesByDefault(TyperGroup):
    """`token CUSTOMER` is `token create CUSTOMER`: by far the most frequent of them."""

    # Typer keeps its contexts' base class private, hence Any.
    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        is_short = bool(args) and args[0] not in (*self.commands, "--help")
        return super().parse_args(ctx, ["create", *args] if is_short else args)


app = typer.Typer(
    cls=_CreatesByDefault,
    help="Enrolment tokens. `token CUSTOMER` is short for `token create CUSTOMER`.",
    no_args_is_help=True,
)


@app.command()
def create(
    customer: Annotated[str, typer.Argument(help="The customer that the machine belongs to.")],
    name: Annotated[str | None, typer.Option(help="Bind the token to a machine with this name.")] = None,
    lifetime: Annotated[str, typer.Option(help="How long the token can be used, at most 7d.")] = "1h",
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a single-use token that enrols one machine. It is shown once."""
    valid_for = context.span(lifetime)

    async def create_one(tx: Transaction, session: Session) -> dict[str, Any]:
        from stepladder.endpoints.tokens import create_token_for

        made = await create_token_for(tx, customer, endpoint_name=name, lifetime=valid_for)
        return {**vars(made), "enrol_with": f"stepladder-agent enrol --server {session.msp.base_url}"}

    context.show(context.transaction(msp, create_one, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List the tokens that can still be used. The tokens themselves are not shown."""

    async def list_all(tx: Transaction, _: Session) -> list[dict[str, Any]]:
        from stepladder.endpoints.tokens import list_tokens

        return await list_tokens(tx)

    rows = context.transaction(msp, list_all, as_json=as_json)
    context.table(rows, as_json=as_json, empty="No enrolment token can be used now.")


@app.command()
def revoke(
    token: Annotated[
        str,
        typer.Argument(
            help="The token's id, as `stepladder endpoint token list` shows it, or its beginning."
        ),
    ],
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Withdraw a token that was not used yet."""

    async def withdraw_one(tx: Transaction, _: Session) -> None:
        from stepladder.endpoints.tokens import withdraw_token

        await withdraw_token(tx, token)

    context.transaction(msp, withdraw_one, as_json=as_json)
    context.show({"id": token, "state": "withdrawn"}, as_json=as_json)
