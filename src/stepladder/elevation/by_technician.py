"""Deciding as a technician who is known: the command line, and later the portal and the phone."""

from __future__ import annotations

from stepladder.kit.db import Actor, ActorKind, Database
from stepladder.kit.ids import MspId, RequestId
from stepladder.tenancy.delegation import deciding_customers
from stepladder.tenancy.service import find_technician
from stepladder_protocol.messages import ElevationKind

from .policy import Approver, Channel, Verdict
from .service import Ask, Decided, Elevation


async def decide(
    elevation: Elevation,
    db: Database,
    looked_up_by: Actor,
    *,
    msp_id: MspId,
    email: str,
    request_id: RequestId,
    verdict: Verdict,
    kind: ElevationKind | None,
    channel: Channel,
    reason: str | None,
) -> Decided:
    """Decide in the technician's name. Raises NotFound, RequestNotFound and the refusals of `rules`."""
    async with db.transaction(looked_up_by) as tx:
        technician = await find_technician(tx, email)
        delegated = await deciding_customers(tx, technician.id)
    approver = Approver(
        may_decide=technician.is_active and technician.role.may_decide,
        email=technician.email,
        kinds=frozenset(ElevationKind),
        delegated=delegated if technician.is_active else frozenset(),
    )
    ask = Ask(request_id, verdict, kind, channel, approver, technician.id, reason)
    actor = Actor(msp_id, ActorKind.TECHNICIAN, str(technician.id))
    async with db.transaction(actor) as tx:
        return await elevation.decide(tx, ask)
