"""`stepladder audit`: verify and export the trail."""

from __future__ import annotations

from typing import Any

import typer

from . import context
from .context import JsonFlag, MspChoice, Session

app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.command()
def verify(msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Follow the whole chain. Status 1 and the first bad place when it was altered."""

    async def work(session: Session) -> dict[str, Any]:
        from stepladder.audit.chain import ChainBroken
        from stepladder.audit.service import verify as follow_chain

        try:
            head = await follow_chain(session.services.db, session.actor)
        except ChainBroken as error:
            return {"ok": False, "first_bad": error.sequence, "why": str(error)}
        return {"ok": True, "events": head.sequence, "head": head.link.hex()}

    result = context.session(msp, work, as_json=as_json)
    context.show(result, as_json=as_json)
    if not result["ok"]:
        raise typer.Exit(1)
