"""`stepladder request`: elevation requests, and deciding them on the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from . import context
from .context import After, JsonFlag, Limit, MspChoice, Session

if TYPE_CHECKING:
    from stepladder.elevation.service import ElevationRequest
    from stepladder.kit.db import Transaction
    from stepladder.kit.paging import Part

app = typer.Typer(help="Elevation requests.", no_args_is_help=True)
RequestId = Annotated[
    str, typer.Argument(help="The request's id, as `stepladder request list` shows it, or its beginning.")
]
As = Annotated[str, typer.Option("--as", help="The e-mail of the technician who decides.")]
Reason = Annotated[
    str | None, typer.Option(help="The reason. The user sees it, and it is written into the ticket.")
]


@app.command("list")
def list_(
    state: Annotated[
        Literal["pending", "approved", "denied", "cancelled", "expired"] | None,
        typer.Option(help="Only these."),
    ] = None,
    limit: Limit = 50,
    after: After = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """List requests, newest first."""

    async def list_some(tx: Transaction, session: Session) -> Part[ElevationRequest]:
        from stepladder_protocol.messages import RequestState

        wanted = RequestState(state) if state else None
        return await session.services.elevation.recent(tx, state=wanted, after=after, limit=limit)

    found = context.transaction(msp, list_some, as_json=as_json)
    rows = [vars(each) if as_json else _readable(each) for each in found.rows]
    columns = (
        "id",
        "state",
        "customer",
        "endpoint",
        "requester_user",
        "program_name",
        "arguments",
        "reason",
        "created_at",
        "expires_at",
    )
    context.table(rows, as_json=as_json, columns=columns, empty="There are no requests.")
    context.say_left(found, as_json=as_json)


@app.command()
def show(request: RequestId, msp: MspChoice = None, as_json: JsonFlag = False) -> None:
    """Show everything about one request."""

    async def get_one(tx: Transaction, session: Session) -> ElevationRequest:
        return await session.services.elevation.find(tx, request)

    found = context.transaction(msp, get_one, as_json=as_json)
    context.show(vars(found) if as_json else _readable(found), as_json=as_json)


def _readable(request: ElevationRequest) -> dict[str, Any]:
    """The request with its arguments as a shell writes them, as the ticket shows them: one reading only."""
    from stepladder.elevation.arguments import quote_all

    return {**vars(request), "arguments": quote_all(request.arguments)}


@app.command()
def approve(
    request: RequestId,
    technician: As,
    kind: Annotated[str | None, typer.Option(help="USER or ADMIN. What was asked for if left out.")] = None,
    reason: Reason = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Approve a request once, for the user who asked."""
    _decide("approved", request, technician, kind, reason, msp, as_json=as_json)


@app.command()
def deny(
    request: RequestId,
    technician: As,
    reason: Reason = None,
    msp: MspChoice = None,
    as_json: JsonFlag = False,
) -> None:
    """Deny a request."""
    _decide("denied", request, technician, None, reason, msp, as_json=as_json)


def _decide(
    verdict: str,
    request: str,
    email: str,
    kind: str | None,
    reason: str | None,
    msp: str | None,
    *,
    as_json: bool,
) -> None:
    async def work(session: Session) -> dict[str, Any]:
        from stepladder.elevation.approvers import ByTechnician
        from stepladder.elevation.policy import Ask, Channel, Verdict
        from stepladder.errors import Invalid
        from stepladder_protocol.messages import ElevationKind

        if kind not in (None, *ElevationKind):
            raise Invalid("The kind is either USER or ADMIN.")
        async with session.services.db.transaction(session.actor) as tx:
            meant = await session.services.elevation.find(tx, request)
        ask = Ask(
            str(meant.id),
            Verdict(verdict),
            Channel.CLI,
            ElevationKind(kind) if kind else None,
            reason=reason,
        )
        by = ByTechnician(session.services.db, session.actor, email)
        decided = await session.services.elevation.decide(ask, by)
        return {"id": decided.request_id, "state": str(decided.state), "by": email}

    context.show(context.session(msp, work, as_json=as_json), as_json=as_json)
