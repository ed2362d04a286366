"""Answers that come later: a call that only waits leaves everything but its connection and its question."""

from __future__ import annotations

import asyncio
from typing import Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from stepladder.errors import StepladderError
from stepladder.kit import hangup
from stepladder.web.problems import from_error, unexpected

_LATER = "stepladder.later"
# By who sends answers, and who logs them.
_STILL_NEEDED = frozenset({"type", "method", "path", "query_string", "client", "http_version", _LATER})


class Later(Protocol):
    """A question whose answer comes when there is one."""

    is_open: bool
    """Whether its answer was put off; until then its call may still answer itself."""

    async def answer(self) -> Response:
        """Wait for the answer."""
        ...

    def close(self) -> None:
        """Give back what was held for it; called in any case."""
        ...


class _PutOff(Response):
    """The answer of a route that has none yet."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[_LATER].is_open = True


def hold(request: Request, later: Later) -> None:
    """Have `later` closed when this call ends, however it ends."""
    request.scope[_LATER] = later


def put_off() -> Response:
    """End the call here; what is held answers it."""
    return _PutOff()


class AnswersLater:
    """Waits for answers that were put off, when all that led to the question is gone from memory.

    A client that went away is nobody's error: its work ends here, and nothing is said of it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
            later: Later | None = scope.get(_LATER)
            if later and later.is_open:
                _forget_all_but_what_is_needed(scope)
                hangup.pause()
                await (await _answer(later, scope["path"]))(scope, receive, send)
        except (ClientDisconnect, asyncio.CancelledError):
            return
        finally:
            later = scope.pop(_LATER, None)
            if later:
                later.close()


async def _answer(later: Later, path: str) -> Response:
    try:
        return await later.answer()
    except StepladderError as refusal:
        return from_error(refusal)
    except Exception as error:  # noqa: BLE001  # nobody stands outside who could answer
        return unexpected(path, error)


def _forget_all_but_what_is_needed(scope: Scope) -> None:
    scope["headers"].clear()  # the connection holds the same list
    for name in scope.keys() - _STILL_NEEDED:
        del scope[name]
