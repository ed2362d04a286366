"""Turns: of one machine or key only a few calls are worked on at once, so that the pool is left to the others."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.types import Scope

_KEY_HEADER, _SIGNATURE_HEADER = b"x-idemeum-api-key", b"signature-input"
_KEY_AND_ID = len("pak_") + 8
_CLAIMED_MACHINE = re.compile(rb'keyid="([^"]{1,64})"')
_LONGEST_LOOKED_AT = 1024


class _Turn:
    __slots__ = ("free", "users")

    def __init__(self, at_once: int) -> None:
        self.free, self.users = asyncio.Semaphore(at_once), 0


class Turns:
    """By who the caller claims to be, at the address that it calls from: nobody can take another's turns."""

    def __init__(self, *, pool: int) -> None:
        self._of_machine, self._of_key = max(2, pool // 3), max(2, pool * 4 // 5)
        self._turns: dict[tuple[str, bytes], _Turn] = {}

    @asynccontextmanager
    async def taken(self, site: str, scope: Scope) -> AsyncIterator[None]:
        """Wait for the caller's turn, in the order of coming."""
        claimed, at_once = self._claimed(scope)
        if not claimed:
            yield
            return
        turn = self._turns.setdefault((site, claimed), _Turn(at_once))
        turn.users += 1
        try:
            async with turn.free:
                yield
        finally:
            turn.users -= 1
            if not turn.users:
                del self._turns[site, claimed]

    def _claimed(self, scope: Scope) -> tuple[bytes, int]:
        for name, value in scope["headers"]:
            if name == _KEY_HEADER:
                return value[:_KEY_AND_ID], self._of_key
            if name == _SIGNATURE_HEADER:
                found = _CLAIMED_MACHINE.search(value[:_LONGEST_LOOKED_AT])
                return (found[1] if found else b""), self._of_machine
        return b"", 0
