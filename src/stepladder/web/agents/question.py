"""An agent's open question: what is left of its call while it waits."""

from __future__ import annotations

from starlette.responses import Response

from stepladder.elevation.service import Elevation
from stepladder.elevation.waiting import Waiter
from stepladder.kit.db import Actor

_JSON = "application/json"


class Question:
    """How does the request stand? Answered when it is settled, or when the time is over."""

    __slots__ = ("_actor", "_elevation", "_seconds", "_waiter", "is_open", "known")

    def __init__(self, elevation: Elevation, actor: Actor, waiter: Waiter, seconds: float) -> None:
        self._elevation, self._actor, self._waiter, self._seconds = elevation, actor, waiter, seconds
        self.is_open = False
        self.known = b""
        """The answer as long as nothing happens."""

    async def answer(self) -> Response:
        """Raises what reading the request raises."""
        if not await self._waiter.has_news(self._seconds):
            return Response(self.known, media_type=_JSON)
        waiter = self._waiter
        status = await self._elevation.status_for(self._actor, waiter.endpoint_id, waiter.request_id)
        return Response(status.model_dump_json(), media_type=_JSON)

    def close(self) -> None:
        self._waiter.leave()
