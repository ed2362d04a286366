"""All connections of a process: how many there may be, and for how long one may owe us a message."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from .limits import Limits

if TYPE_CHECKING:
    from .protocol import DoorProtocol

_LOOK_EVERY_SECONDS = 1.0


class Connections:
    """Who is connected. Above the bound the one that has owed a message for longest gives way to the newcomer."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._all: set[DoorProtocol] = set()
        # In the order in which they began to owe one: the first is the idlest.
        self._owing: dict[DoorProtocol, None] = {}
        self._is_looking = False

    def enter(self, connection: DoorProtocol) -> None:
        """Somebody has connected."""
        if len(self._all) >= self.limits.connections:
            next(iter(self._owing), connection).cut()
        self._all.add(connection)
        self.owes(connection)
        if not self._is_looking:
            self._look_later(connection.loop)

    def leave(self, connection: DoorProtocol) -> None:
        self._all.discard(connection)
        self._owing.pop(connection, None)

    def owes(self, connection: DoorProtocol) -> None:
        """We wait for a message from it, from now on."""
        self._owing.pop(connection, None)
        self._owing[connection] = None

    def has_sent(self, connection: DoorProtocol) -> None:
        """Its message is there."""
        self._owing.pop(connection, None)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        # One timer for all: a timer for each would cost every waiting desktop.
        self._is_looking = True
        loop.call_later(_LOOK_EVERY_SECONDS, self._look, loop)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [each for each in self._all if each.is_overdue(now)]:
            connection.cut()
        self._is_looking = False
        if self._all:
            self._look_later(loop)
