"""`stepladder key`: inbound keys, which integrations send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.access_keys.service import Limits
    from stepladder.kit.db import Transaction

app = typer.Typer(
    help="Inbound API keys for HaloPSA's buttons and runbooks, and for scripts.", no_args_is_help=True
)

_SHOWN = ("actions", "modes", "networks", "calls_per_minute", "expires_at")
Network = Annotated[
    list[str] | None,
    typer.Option(help="Only from this network or address, such as 203.0.113.0/24; several may be given."),
]
KeyId = Annotated[str, typer.Argument(help="The key's id, the 8 characters after pak_, or its beginning.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    action: Annotated[
        list[str] | None,
        typer.Option(
            help="What it may do, once for each: approve, deny, disable_jit, read, manage_customers, "
            "manage_delegation, manage_rules, read_audit. Approve and deny if left out."
        ),
    ] = None,
    mode: Annotated[list[str] | None, typer.Option(help="USER or ADMIN: what approving may give.")] = None,
    customer: Annotated[list[str] | None, typer.Option(help="Only these customers. All if left out.")] = None,
    requires_technician: Annotated[
        bool,
        typer.Option(help="Refuse calls that do not name the technician in X-Stepladder-Technician-Email."),
    ] = False,
    lifetime: Annotated[str, typer.Option(help="How long the key lives, at most 366d.")] = "365d",
    network: Network = None,
    calls_per_minute: Annotated[int | None, typer.Option(help="Calls a minute; 300 if left out.")] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a key. It is shown once; only its hash is stored."""
    valid_for = context.span(lifetime)

    async def create_one(tx: Transaction, _: Session) -> dict[str, Any]:
        from stepladder.access_keys.by_name import create_key

        made, text = await create_key(
            tx,
            name=name,
            actions=action or (),
            modes=mode or (),
            customers=customer or (),
            requires_technician=requires_technician,
            lifetime=valid_for,
            networks=network or (),
            calls_per_minute=calls_per_minute,
        )
        shown = {each: getattr(made, each) for each in _SHOWN}
        return {"key": text, "key_id": made.key_id, "header": "X-Idemeum-Api-Key", **shown}

    context.show(context.transaction(msp, create_one, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List keys. The keys themselves are not shown."""

    async def list_all(tx: Transaction, _: Session) -> list[dict[str, Any]]:
        from stepladder.access_keys.service import list_keys

        return await list_keys(tx)

    rows = context.transaction(msp, list_all, as_json=as_json)
    columns = (
        "key_id",
        "name",
        "actions",
        "modes",
        "networks",
        "expires_at",
        "revoked_at",
        "held_at",
        "last_used_at",
    )
    context.table(
        rows, as_json=as_json, columns=columns, empty="There is no key yet. Run: stepladder key create"
    )


@app.command()
def limit(
    key_id: KeyId,
    network: Network = None,
    anywhere: Annotated[bool, typer.Option("--anywhere", help="From any network.")] = False,
    calls_per_minute: Annotated[int | None, typer.Option(help="Calls a minute.")] = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Change from where and how often a key may be used, from the next call on."""
    if network and anywhere:
        raise typer.BadParameter("Say either --network or --anywhere.")
    if not network and not anywhere and calls_per_minute is None:
        raise typer.BadParameter("Say what to change: --network, --anywhere or --calls-per-minute.")

    async def limit_one(tx: Transaction, _: Session) -> Limits:
        from stepladder.access_keys.by_name import limit_key

        return await limit_key(
            tx, key_id, networks=network or (), anywhere=anywhere, calls_per_minute=calls_per_minute
        )

    limits = context.transaction(msp, limit_one, as_json=as_json)
    shown = {"networks": limits.networks or "anywhere", "calls_per_minute": limits.calls_per_minute}
    context.show({"key_id": key_id, **shown}, as_json=as_json)


@app.command()
def revoke(
    key_id: KeyId,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Refuse a key from the next call on, everywhere."""

    async def revoke_one(tx: Transaction, _: Session) -> None:
        from stepladder.access_keys.service import revoke_key

        await revoke_key(tx, key_id)

    context.transaction(msp, revoke_one, as_json=as_json)
    context.show({"key_id": key_id, "state": "revoked"}, as_json=as_json)
