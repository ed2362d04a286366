"""`stepladder key`: inbound keys, which integrations send."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(
    help="Inbound API keys for HaloPSA's buttons and runbooks, and for scripts.", no_args_is_help=True
)

Network = Annotated[
    list[str] | None,
    typer.Option(help="Only from this network or address, such as 203.0.113.0/24; several may be given."),
]
KeyId = Annotated[str, typer.Argument(help="The key's id: the 8 characters behind pak_")]


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
    """Make a key. It is shown once and kept only as a hash."""
    valid_for = context.span(lifetime)

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.access_keys.networks import parsed_networks
        from stepladder.access_keys.service import DEFAULT_CALLS_PER_MINUTE, KeyAction, create_key
        from stepladder.errors import Invalid
        from stepladder.tenancy.service import find_customer
        from stepladder_protocol.messages import ElevationKind

        for text in action or ():
            if text not in list(KeyAction):
                raise Invalid(f"{text!r} is not an action. Actions: {', '.join(KeyAction)}.")
        for text in mode or ():
            if text not in list(ElevationKind):
                raise Invalid(f"{text!r} is not a mode. Modes: {', '.join(ElevationKind)}.")
        actions = [KeyAction(text) for text in action or ("approve", "deny")]
        modes = [ElevationKind(text) for text in mode or ("USER",)]
        async with session.services.db.transaction(session.actor) as tx:
            customers = [(await find_customer(tx, text)).id for text in customer or ()]
            made, text = await create_key(
                tx,
                name=name,
                actions=actions,
                modes=modes,
                customer_ids=list(customers) or None,
                requires_technician=requires_technician,
                lifetime=valid_for,
                networks=parsed_networks(network) if network else None,
                calls_per_minute=calls_per_minute
                if calls_per_minute is not None
                else DEFAULT_CALLS_PER_MINUTE,
            )
        return {
            "key": text,
            "key_id": made.key_id,
            "header": "X-Idemeum-Api-Key",
            "actions": made.actions,
            "modes": made.modes,
            "networks": made.networks,
            "calls_per_minute": made.calls_per_minute,
            "expires_at": made.expires_at,
        }

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """List keys, without anything that could be used as one."""

    async def work(session: Session) -> list[dict[str, Any]]:
        from stepladder.access_keys.service import list_keys

        async with session.services.db.transaction(session.actor) as tx:
            return await list_keys(tx)

    rows = context.session(msp, work, as_json=as_json)
    columns = ("key_id", "name", "actions", "modes", "networks", "expires_at", "revoked_at", "last_used_at")
    context.table(
        rows, as_json=as_json, columns=columns, empty="There is no key yet. See: stepladder key create"
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

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.access_keys.networks import parsed_networks
        from stepladder.access_keys.service import Limits, limit_key

        def change(before: Limits) -> Limits:
            return Limits(
                None if anywhere else parsed_networks(network) if network else before.networks,
                before.calls_per_minute if calls_per_minute is None else calls_per_minute,
            )

        async with session.services.db.transaction(session.actor) as tx:
            limits = await limit_key(tx, key_id, change)
        return {
            "key_id": key_id,
            "networks": limits.networks or "anywhere",
            "calls_per_minute": limits.calls_per_minute,
        }

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)


@app.command()
def revoke(
    key_id: KeyId,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Refuse a key from the next call on, everywhere."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.access_keys.service import revoke_key

        async with session.services.db.transaction(session.actor) as tx:
            await revoke_key(tx, key_id)
        return {"key_id": key_id, "state": "revoked"}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
