"""Dropping the work of a caller who has gone: only while it waits, never once the database was asked for something.

A decision that has begun is made or undone as a whole, and what follows it follows: who waits is told, and a refusal is
in the trail, also where the caller hung up to keep it out. To interrupt a statement would cost PostgreSQL a connection
more than to let it end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import Context, ContextVar
from typing import Any


class Call:
    """The work for one caller, in a task of its own."""

    __slots__ = ("_has_begun", "_is_dropped", "task")

    def __init__(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
        self._has_begun = self._is_dropped = False
        context = Context()
        context.run(_current.set, self)
        self.task = loop.create_task(work, context=context)

    def drop(self) -> None:
        """Nobody listens any more: end the work, unless it has begun."""
        self._is_dropped = True
        if not self._has_begun:
            self.task.cancel()

    def begin(self) -> None:
        self._has_begun = True

    def pause(self) -> None:
        self._has_begun = False
        if self._is_dropped:
            self.task.cancel()


_current: ContextVar[Call | None] = ContextVar("call", default=None)


def begin() -> None:
    """From here on the present call is finished, even if its caller goes away."""
    if call := _current.get():
        call.begin()


def pause() -> None:
    """All is done that had to be finished; the call only waits."""
    if call := _current.get():
        call.pause()
