"""Bodies are read before anything else is done, so that a slow one keeps nobody but its sender waiting."""

from __future__ import annotations

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stepladder.errors import StepladderError
from stepladder.web.problems import BodyTooLarge, Busy, from_error
from stepladder_protocol import ENDPOINT_API

LARGEST_BODY = 512 * 1024
LARGEST_AGENT_BODY = 64 * 1024
# Its signature is checked with a key that stands in it, so it is read before it is proven.
LARGEST_ENROLMENT = 16 * 1024
_FRAMING = frozenset({b"content-length", b"transfer-encoding"})


class WholeBody:
    """Hands a body on once it is there: within the bound of its call, and within what all may hold together."""

    def __init__(self, app: ASGIApp, *, most_held: int) -> None:
        self._app, self._most_held = app, most_held
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not any(name in _FRAMING for name, _ in scope["headers"]):
            await self._app(scope, receive, send)
            return
        body = bytearray()
        try:
            await self._read(scope, receive, body)
        except StepladderError as refusal:
            await from_error(refusal)(scope, receive, send)
        else:
            await self._app(scope, _handing_on(bytes(body), receive), send)
        finally:
            self._held -= len(body)

    async def _read(self, scope: Scope, receive: Receive, body: bytearray) -> None:
        """Raises BodyTooLarge, Busy or ClientDisconnect."""
        most = _most_of(scope["path"])
        announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if announced.isdigit() and int(announced) > most:
            raise BodyTooLarge
        is_over = False
        while not is_over:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            piece = message.get("body", b"")
            if len(body) + len(piece) > most:
                raise BodyTooLarge
            body += piece
            self._held += len(piece)
            if self._held > self._most_held:
                raise Busy(retry_after=1)
            is_over = not message.get("more_body", False)


def _most_of(path: str) -> int:
    if path == f"{ENDPOINT_API}/enrol":
        return LARGEST_ENROLMENT
    return LARGEST_AGENT_BODY if path.startswith(ENDPOINT_API) else LARGEST_BODY


def _handing_on(body: bytes, receive: Receive) -> Receive:
    """What a call receives: its body at once, then what follows."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def handed_on() -> Message:
        return left.pop() if left else await receive()

    return handed_on
