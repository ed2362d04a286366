"""A small stateful Stepladder, as an agent sees it: the endpoint API on a real socket, without the service.

Why it exists: the agent must survive answers that a well service never gives (cut, late, forged), and a real
service cannot be told to misbehave. It checks signatures and nonces as the service does. It decides when told,
and its faults are set per route, each for the next call only. Run by hand:

    python -m tests.agent.fake_server
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.grants import arguments_digest, sign_grant
from stepladder_protocol.messages import (
    EnrolAnswer,
    EnrolBody,
    Grant,
    GrantFile,
    GrantKey,
    RequestState,
    RequestStatus,
    SignedGrant,
    SubmitBody,
)

TOKEN = "enrol-me-once-0123456789"
ISSUER = "https://msp.example"
KID = "grant-key-1"
PATIENCE = 30.0


@dataclass
class AskedRequest:
    """One elevation request as the fake holds it."""

    endpoint_id: str
    body: SubmitBody
    status: RequestStatus
    polls: int = 0
    grant: Grant | None = None
    repeats: dict[str, SubmitBody] = field(default_factory=dict)

    def is_equal(self, body: SubmitBody) -> bool:
        """Whether `body` asks for the same, without regard to key and reason."""
        asked, again = (each.model_dump(exclude={"idempotency_key", "reason"}) for each in (self.body, body))
        return asked == again


@dataclass(frozen=True)
class Status:
    """Answer with this status instead of doing the work."""

    code: int
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True)
class Cut:
    """Do the work, then break the connection in the middle of the answer."""


@dataclass(frozen=True)
class Html:
    """A network's sign-in page, with status 200, instead of the work."""


@dataclass(frozen=True)
class Hold:
    """Keep the caller waiting until `release`, before the work or after it."""

    after_work: bool
    release: asyncio.Event = field(default_factory=asyncio.Event)


Fault = Status | Cut | Html | Hold


class Refusal(Exception):
    def __init__(self, status: int, code: str, **more: str) -> None:
        super().__init__(code)
        self.status, self.code, self.more = status, code, more


class CutResponse(Response):
    """Promises more than it sends; the server then has to close the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"request_id": "', "more_body": True})
        raise ConnectionAbortedError


class FakeServer:
    """The fake and its switches. Everything in it may be read and set from the test's own thread."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.url = ""
        self._routed = self._routes()
        self.tokens = {TOKEN}
        self.endpoints: dict[str, tuple[Ed25519PublicKey, EnrolAnswer]] = {}
        self.requests: dict[str, AskedRequest] = {}
        self.calls: list[tuple[str, int]] = []
        self.nonces: set[str] = set()
        self.own_faults: list[Exception] = []
        self.faults: dict[str, deque[Fault]] = defaultdict(deque)
        self.grant_key = Ed25519PrivateKey.generate()
        self.kid = KID
        self.clock_ahead = timedelta(0)
        self.lifetime = timedelta(days=4)
        self.hold_new = False
        self.refuse_idempotency_key = False
        self.technician = "Tess"
        self.reason: str | None = None
        self.decision_on_submit: RequestState | None = None
        self.decision_on_poll: RequestState | None = None
        self.grant_is_gone = False
        self.twist_grant: Callable[[Grant], Grant] = lambda grant: grant
        self.twist_signed: Callable[[SignedGrant], SignedGrant] = lambda signed: signed

    # What a test does to it.

    def next_time(self, route: str, *faults: Fault) -> None:
        """Misbehave on the next calls of `route`: enrol, endpoint, submit, poll, cancel or grant."""
        with self.changed:
            self.faults[route].extend(faults)

    def decide(self, request_id: str, state: RequestState) -> None:
        """What the technician, or the expiry, does. The first decision stands."""
        with self.changed:
            asked = self.requests[request_id]
            if asked.status.state is RequestState.PENDING:
                update: dict[str, Any] = {"state": state, "decided_at": self.now()}
                if state in (RequestState.APPROVED, RequestState.DENIED):
                    update |= {"decided_by": self.technician, "decision_reason": self.reason}
                asked.status = asked.status.model_copy(update=update)
            self.changed.notify_all()

    def wait_for(self, truth: Callable[[], Any], seconds: float = PATIENCE) -> None:
        """Return once `truth()` holds, looked at whenever anything happened here."""
        with self.changed:
            if not self.changed.wait_for(truth, seconds):
                raise TimeoutError("The fake server never saw what the test waits for.")

    def only_request(self) -> tuple[str, AskedRequest]:
        """The one request there is."""
        [(request_id, asked)] = self.requests.items()
        return request_id, asked

    def count(self, route: str) -> int:
        """How often `route` was called, with any result."""
        return sum(called == route for called, _ in self.calls)

    def release(self, hold: Hold) -> None:
        """Let a held caller go on."""
        self._loop.call_soon_threadsafe(hold.release.set)

    def now(self) -> datetime:
        """The time by this server's own clock."""
        return datetime.now(UTC) + self.clock_ahead

    # How it runs.

    @contextmanager
    def running(self) -> Iterator[FakeServer]:
        """Listen on a free port of this machine while the block runs."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with self.serving(listener):
                yield self

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Answer on `listener`; several times in turn, to be a server that went away and came back."""
        config = uvicorn.Config(
            self.app,
            interface="asgi3",
            log_level="critical",
            lifespan="off",
            date_header=False,
            timeout_graceful_shutdown=0,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener.dup()]})
        thread.start()
        try:
            self._wait_until_started(server)
            yield
        finally:
            server.should_exit = server.force_exit = True
            thread.join(PATIENCE)

    @staticmethod
    def _wait_until_started(server: uvicorn.Server) -> None:
        deadline = time.monotonic() + PATIENCE
        while not server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("The fake server did not start.")
            time.sleep(0.005)

    # How it answers.

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI application; every answer carries this server's own time."""
        self._loop = asyncio.get_running_loop()

        async def send_dated(message: Any) -> None:
            if message["type"] == "http.response.start":
                date = format_datetime(self.now().replace(microsecond=0), usegmt=True)
                message["headers"] = [*message.get("headers", []), (b"date", date.encode())]
            await send(message)

        await self._routed(scope, receive, send_dated)

    def _routes(self) -> Starlette:
        one = ENDPOINT_API + "/elevation-requests/{request_id}"
        return Starlette(
            routes=[
                Route(ENDPOINT_API + "/enrol", self._door("enrol", self._enrol), methods=["POST"]),
                Route(ENDPOINT_API + "/endpoint", self._door("endpoint", self._endpoint), methods=["GET"]),
                Route(
                    ENDPOINT_API + "/elevation-requests", self._door("submit", self._submit), methods=["POST"]
                ),
                Route(one, self._door("poll", self._poll), methods=["GET"]),
                Route(one + "/cancel", self._door("cancel", self._cancel), methods=["POST"]),
                Route(one + "/grant", self._door("grant", self._grant), methods=["GET"]),
            ]
        )

    def _door(self, route: str, work: Any) -> Any:
        async def endpoint(request: Request) -> Response:
            with self.changed:
                fault = self.faults[route].popleft() if self.faults[route] else None
            try:
                response = await self._with_fault(fault, request, work)
            except Exception as error:
                # A bug of the fake must fail the test, not look like a server that misbehaves on command.
                self.own_faults.append(error)
                raise
            self._record(route, response.status_code)
            return response

        return endpoint

    async def _with_fault(self, fault: Fault | None, request: Request, work: Any) -> Response:
        if isinstance(fault, Status):
            return Response(fault.body, fault.code, fault.headers)
        if isinstance(fault, Html):
            return HTMLResponse("<title>Welcome to our network</title>")
        if isinstance(fault, Hold) and not fault.after_work:
            await self._held("before", fault)
        response = await self._answer(request, work)
        if isinstance(fault, Hold) and fault.after_work:
            await self._held("after", fault)
        return CutResponse() if isinstance(fault, Cut) else response

    async def _held(self, when: str, hold: Hold) -> None:
        self._record(f"held {when}", 0)
        await hold.release.wait()

    async def _answer(self, request: Request, work: Any) -> Response:
        try:
            status, answer = await work(request, await request.body())
        except Refusal as refusal:
            problem = {"title": refusal.code, "status": refusal.status, "code": refusal.code, **refusal.more}
            return _json(refusal.status, {"detail": f"Refused: {refusal.code}.", **problem}, "problem+")
        return _json(status, answer.model_dump(mode="json"))

    def _record(self, route: str, status: int) -> None:
        with self.changed:
            self.calls.append((route, status))
            self.changed.notify_all()

    def _signer(self, request: Request, body: bytes, key: Ed25519PublicKey | None = None) -> str:
        """Who signed; as the service does it, nonce included."""
        try:
            claimed = signing.claimed_key_id(request.headers)
            public = key or self.endpoints[claimed][0]
            verified = signing.verify(
                method=request.method,
                url=str(request.url),
                header_lines=request.headers.items(),
                body=body,
                public_key=public,
                now=self.now(),
            )
        except (signing.SignatureRefused, KeyError) as error:
            raise Refusal(401, "signature_refused") from error
        if verified.nonce in self.nonces:
            raise Refusal(401, "signature_refused")
        self.nonces.add(verified.nonce)
        return verified.key_id

    async def _enrol(self, request: Request, raw: bytes) -> tuple[int, EnrolAnswer]:
        body = _parsed(EnrolBody, raw)
        public = keys.load_public_key(body.public_key)
        if self._signer(request, raw, public) != keys.key_id(public):
            raise Refusal(401, "signature_refused")
        for known, answer in self.endpoints.values():
            if keys.public_key_text(known) == body.public_key:
                return 201, answer
        if body.token not in self.tokens:
            raise Refusal(403, "token_refused")
        self.tokens.discard(body.token)
        answer = EnrolAnswer(
            endpoint_id=f"ep-{secrets.token_hex(4)}",
            state="held" if self.hold_new else "active",
            customer="Contoso",
            issuer=ISSUER,
            grant_keys=[GrantKey(kid=KID, public_key=keys.public_key_text(self.grant_key))],
        )
        self.endpoints[answer.endpoint_id] = (public, answer)
        return 201, answer

    async def _endpoint(self, request: Request, raw: bytes) -> tuple[int, EnrolAnswer]:
        answer = self.endpoints[self._signer(request, raw)][1]
        key = GrantKey(kid=self.kid, public_key=keys.public_key_text(self.grant_key))
        return 200, answer.model_copy(update={"grant_keys": [key]})

    async def _submit(self, request: Request, raw: bytes) -> tuple[int, RequestStatus]:
        endpoint_id, body = self._signer(request, raw), _parsed(SubmitBody, raw)
        if self.endpoints[endpoint_id][1].state == "held":
            raise Refusal(403, "endpoint_held")
        for asked in self.requests.values():
            used = {asked.body.idempotency_key: asked.body, **asked.repeats}.get(body.idempotency_key)
            if asked.endpoint_id == endpoint_id and used is not None:
                if used != body or self.refuse_idempotency_key:
                    raise Refusal(409, "idempotency_key_reused")
                joined = body.idempotency_key in asked.repeats
                return 200, asked.status.model_copy(update={"joined": joined})
        for asked in self.requests.values():
            is_open = asked.endpoint_id == endpoint_id and asked.status.state is RequestState.PENDING
            if is_open and asked.is_equal(body):
                asked.repeats[body.idempotency_key] = body
                return 200, asked.status.model_copy(update={"joined": True})
        status = RequestStatus(
            request_id=f"er-{secrets.token_hex(6)}",
            state=RequestState.PENDING,
            created_at=self.now(),
            expires_at=self.now() + self.lifetime,
        )
        self.requests[status.request_id] = AskedRequest(endpoint_id, body, status)
        if self.decision_on_submit is not None:
            self.decide(status.request_id, self.decision_on_submit)
        return 201, self.requests[status.request_id].status

    def _asked(self, request: Request, raw: bytes) -> AskedRequest:
        endpoint_id = self._signer(request, raw)
        asked = self.requests.get(request.path_params["request_id"])
        if asked is None or asked.endpoint_id != endpoint_id:
            raise Refusal(404, "not_found")
        return asked

    async def _poll(self, request: Request, raw: bytes) -> tuple[int, RequestStatus]:
        asked = self._asked(request, raw)
        with self.changed:
            asked.polls += 1
            self.changed.notify_all()
        if self.decision_on_poll is not None:
            self.decide(asked.status.request_id, self.decision_on_poll)
        deadline = time.monotonic() + float(request.query_params.get("wait", 0))
        while asked.status.state is RequestState.PENDING and time.monotonic() < deadline:  # noqa: ASYNC110  decided from the test's own thread
            await asyncio.sleep(0.01)
        return 200, asked.status

    async def _cancel(self, request: Request, raw: bytes) -> tuple[int, RequestStatus]:
        asked = self._asked(request, raw)
        if asked.status.state in (RequestState.APPROVED, RequestState.DENIED):
            raise Refusal(409, "already_decided", state=asked.status.state)
        self.decide(asked.status.request_id, RequestState.CANCELLED)
        return 200, asked.status

    async def _grant(self, request: Request, raw: bytes) -> tuple[int, SignedGrant]:
        asked = self._asked(request, raw)
        if asked.status.state is not RequestState.APPROVED:
            raise Refusal(409, "not_approved")
        if self.grant_is_gone:
            raise Refusal(410, "grant_expired")
        asked.grant = asked.grant or self.twist_grant(self._new_grant(asked))
        return 200, self.twist_signed(sign_grant(asked.grant, kid=self.kid, key=self.grant_key))

    def _new_grant(self, asked: AskedRequest) -> Grant:
        program = asked.body.program
        return Grant(
            issuer=ISSUER,
            audience=asked.endpoint_id,
            request_id=asked.status.request_id,
            person=asked.body.requester.user,
            file=GrantFile(
                path=program.path, sha256=program.sha256, size=program.size, publisher=program.publisher
            ),
            arguments_sha256=arguments_digest(program.arguments),
            kind=asked.body.kind,
            not_before=self.now(),
            expires_at=self.now() + timedelta(minutes=10),
            nonce=secrets.token_urlsafe(16),
        )


def _parsed(model: Any, raw: bytes) -> Any:
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        raise Refusal(422, "invalid") from error


def _json(status: int, content: Any, kind: str = "") -> Response:
    return JSONResponse(content, status, media_type=f"application/{kind}json")


def main() -> None:
    """Stand there for an agent run by hand, and approve everything that is asked on the first poll."""
    fake = FakeServer()
    fake.decision_on_poll = RequestState.APPROVED
    with fake.running():
        print(f"Fake Stepladder at {fake.url}; enrolment token {TOKEN}. Ctrl-C stops it.")  # noqa: T201
        threading.Event().wait()


if __name__ == "__main__":
    main()
