"""Admission: as many calls are worked on at once as can be, and one more is told so at once instead of waiting."""

from __future__ import annotations

from collections import Counter

from starlette.types import ASGIApp, Receive, Scope, Send

from stepladder.access_keys.networks import site_of
from stepladder.web.problems import Busy, from_error

from .limits import Limits
from .turns import Turns


class Admission:
    """Bounds the calls at work: of all, and of one address, so that one flood does not take every place."""

    def __init__(self, app: ASGIApp, *, limits: Limits, turns: Turns) -> None:
        self._app, self._limits, self._turns = app, limits, turns
        self.at_work: Counter[str] = Counter()
        """How many of each address."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Behind a trusted front end the address is the one that it forwards.
        site = site_of(scope["client"][0]) if scope.get("client") else ""
        if not self._has_place(site):
            await from_error(Busy(retry_after=1))(scope, receive, send)
            return
        self.at_work[site] += 1
        try:
            async with self._turns.taken(site, scope):
                await self._app(scope, receive, send)
        finally:
            self.at_work[site] -= 1
            if not self.at_work[site]:
                del self.at_work[site]

    def _has_place(self, site: str) -> bool:
        return (
            self.at_work[site] < self._limits.at_work_per_address
            and self.at_work.total() < self._limits.at_work
        )
