"""`stepladder restore`: start from a restored copy of the database, closed; then let in what is known to be good."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from stepladder.errors import NotFound
from stepladder.remedies import Remedy

from . import context
from .context import JsonFlag

if TYPE_CHECKING:
    from stepladder.app import Services


def register(app: typer.Typer) -> None:
    """Put the command on the root."""
    app.command()(restore)


def restore(
    declare: Annotated[bool, typer.Option("--declare", help="This database is a restored copy.")] = False,
    release_keys: Annotated[bool, typer.Option("--release-keys", help="Let in all held keys.")] = False,
    release_key: Annotated[
        list[str] | None, typer.Option(help="Let in this key only; several may be given.")
    ] = None,
    release_machines: Annotated[
        bool, typer.Option("--release-machines", help="Let in all held machines.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Declare a restored copy, for all MSPs, or release what that holds.

    A backup does not know what was revoked or decided after it. So a declared copy starts closed: open requests expire,
    keys and machines are held, technicians are locked out. Compare them with what you know, then release them.
    """
    if declare == bool(release_keys or release_key or release_machines):
        raise typer.BadParameter(
            "Say --declare, or what to release: --release-keys, --release-key or --release-machines."
        )

    async def work(services: Services) -> list[dict[str, Any]]:
        from stepladder import restoring
        from stepladder.kit.db import Actor, ActorKind
        from stepladder.tenancy.service import list_msps

        keys = None if release_keys else release_key or ()
        rows: list[dict[str, Any]] = []
        for msp in await list_msps(services.db):
            actor = Actor(msp.id, ActorKind.OPERATOR, context.operator())
            done = (
                await restoring.declare(services.db, services.elevation, actor)
                if declare
                else await restoring.release(services.db, actor, machines_too=release_machines, key_ids=keys)
            )
            rows.append({"msp": msp.host, **done})
        if release_key and sum(int(row["keys_released"]) for row in rows) < len(set(release_key)):
            raise NotFound(
                "Not every key that you named is held. Name each by its whole id.", remedy=Remedy.KEY_LIST
            )
        if declare:
            restoring.Witness(services.settings.data_dir).forget()
        return rows

    rows = context.installation(work, as_json=as_json, is_restored=True)
    context.table(rows, as_json=as_json, empty="There is no MSP.")
    if declare and not as_json:
        typer.echo(
            "\nEverything is closed now. Compare `stepladder key list`, `stepladder endpoint list` and `stepladder "
            "technician list` with what you know, and revoke what was revoked after the backup. Then run:\n"
            "  stepladder restore --release-keys --release-machines\n"
            "  stepladder technician set EMAIL --active\n"
            "  stepladder rule confirm RULE"
        )
