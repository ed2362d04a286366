"""Duties: what is done again and again, even if a message was lost. One SQL function each, and one Python function.

The SQL function runs as the owner and says, over all tenants, whose turn it is: `(msp_id, subject)`. The Python
function does it. Doing the same twice is harmless, so any number of workers may sweep at the same time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from stepladder.errors import Unavailable
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, ActorKind, Database
from stepladder.kit.ids import MspId
from stepladder.kit.log import get_logger

_log = get_logger("duties")

Do = Callable[[Actor, UUID], Awaitable[object]]


@dataclass(frozen=True)
class Duty:
    """One duty. `due` names the function `due(at timestamptz) returns table (msp_id uuid, subject uuid)`."""

    due: LiteralString
    do: Do


async def see_to(duties: Iterable[Duty], db: Database, clock: Clock) -> None:
    """Do what is due of every duty. What fails holds up no other, and the first failure is raised at the end.

    Raises Unavailable at once: without the database nothing else would go on.
    """
    failure: Exception | None = None
    for duty in duties:
        # The function's name is a literal of the program, which the type checker sees.
        whose = "select msp_id, subject from " + duty.due + "(%(at)s)"  # noqa: S608
        for row in await db.crossing(whose, {"at": clock.now()}):
            try:
                await duty.do(Actor(MspId(row["msp_id"]), ActorKind.SYSTEM, "sweep"), row["subject"])
            except Unavailable:
                raise
            except Exception as error:  # noqa: BLE001  # one tenant's trouble must not end the others' duties
                _log.warning(
                    "duty_failed", duty=duty.due, msp_id=str(row["msp_id"]), error=type(error).__name__
                )
                failure = failure or error
    if failure:
        raise failure
