"""The endpoint API over HTTP: one signed attempt per call, sorted into an answer, a refusal or "try again".

Knows nothing of patience (`retry`) or of what the answers mean (`request`). An answer is believed only about
the state of things; a grant in it proves itself by its own signature (`verification`).
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeVar
from urllib.parse import quote

import httpx2
from pydantic import BaseModel, ValidationError

from stepladder_protocol import ENDPOINT_API, signing
from stepladder_protocol.messages import (
    EnrolAnswer,
    EnrolBody,
    Problem,
    RequestStatus,
    SignedGrant,
    SubmitBody,
    WireModel,
)

from . import agent_version
from .clock import ServerClock, http_date
from .errors import BadInput, RefusedByServer, ServerNotTrusted, TryAgain
from .terminal import duration

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

CONNECT_SECONDS = 10.0
ANSWER_SECONDS = 30.0
LARGEST_ANSWER = 256 * 1024
LONGEST_RETRY_AFTER = 3600.0
CLOCK_IS_OFF = timedelta(seconds=60)
RETRIED = frozenset({408, 425, 429})

Answer = TypeVar("Answer", bound=BaseModel)


def server_origin(text: str) -> str:
    """`https://host[:port]`. Raises BadInput on anything else, and on plain http except to this machine."""
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise BadInput("The server's address cannot be read; give it as https://host.") from error
    if url.userinfo or url.query or url.fragment or url.path not in ("", "/") or not url.host:
        raise BadInput("Give the server's address as https://host, with nothing after it.")
    if url.scheme != "https" and not (url.scheme == "http" and _is_this_machine(url.host)):
        raise BadInput("The server's address must begin with https://; plain http is for this machine only.")
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Client:
    """Calls of one endpoint to its server. One that fails raises TryAgain, RefusedByServer or ServerNotTrusted."""

    def __init__(
        self,
        server: str,
        *,
        key: Ed25519PrivateKey,
        key_id: str,
        clock: ServerClock | None = None,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self.server, self._key, self._key_id = server, key, key_id
        self.clock = clock or ServerClock()
        self._http = httpx2.Client(
            headers={"User-Agent": f"stepladder-agent/{agent_version()}", "Accept": "application/json"},
            follow_redirects=False,
            transport=transport,
            # A proxy from the environment must not see what plain http carries; https is shut to it.
            trust_env=server.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def enrol(self, body: EnrolBody) -> EnrolAnswer:
        """Ask to be enrolled; the same key and token again get the same answer."""
        return _read(EnrolAnswer, self._exchange("POST", "/enrol", body))

    def endpoint(self) -> EnrolAnswer:
        """What the server holds of this endpoint."""
        return _read(EnrolAnswer, self._exchange("GET", "/endpoint"))

    def submit(self, body: SubmitBody) -> RequestStatus:
        """Ask for elevation; the same body again gives the same request."""
        return _read(RequestStatus, self._exchange("POST", "/elevation-requests", body))

    def status(self, request_id: str, *, wait: int = 0) -> RequestStatus:
        """The request's state, at once if it is decided, else after at most `wait` seconds."""
        path = _request_path(request_id) + (f"?wait={wait}" if wait else "")
        return _read(RequestStatus, self._exchange("GET", path, seconds=wait + ANSWER_SECONDS))

    def cancel(self, request_id: str) -> RequestStatus:
        """Withdraw the request. A refusal with problem code `already_decided` says it came too late."""
        return _read(RequestStatus, self._exchange("POST", _request_path(request_id) + "/cancel"))

    def grant(self, request_id: str) -> SignedGrant:
        """The signed grant of an approved request, unchecked."""
        return _read(SignedGrant, self._exchange("GET", _request_path(request_id) + "/grant"))

    def _exchange(
        self, method: str, path: str, body: WireModel | None = None, *, seconds: float = ANSWER_SECONDS
    ) -> bytes:
        request = self._signed(method, path, body, seconds)
        asked_at = self.clock.monotonic()
        try:
            response = self._http.send(request, stream=True)
            try:
                content = _read_capped(response)
            finally:
                response.close()
        except httpx2.RequestError as error:
            raise _network_trouble(error, request.url) from error
        self.clock.learn(response.headers.get("date"), asked_at=asked_at)
        return self._sort(response, content)

    def _signed(self, method: str, path: str, body: WireModel | None, seconds: float) -> httpx2.Request:
        content = body.model_dump_json().encode() if body is not None else b""
        timeout = httpx2.Timeout(seconds, connect=CONNECT_SECONDS)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        request = self._http.build_request(
            method, self.server + ENDPOINT_API + path, content=content, headers=headers, timeout=timeout
        )
        request.headers.update(
            signing.sign(
                method=method, url=str(request.url), body=content, key=self._key, key_id=self._key_id
            )
        )
        return request

    def _sort(self, response: httpx2.Response, content: bytes) -> bytes:
        if response.is_success:
            return content
        if response.status_code >= 500 or response.status_code in RETRIED:
            after = _retry_after(response.headers.get("retry-after"), self.clock)
            problem = _problem(content)
            reason = problem.detail if problem else f"It answered {response.status_code}."
            raise TryAgain(f"The server cannot serve this now: {reason}", after=after)
        raise self._refusal(response, content)

    def _refusal(self, response: httpx2.Response, content: bytes) -> RefusedByServer:
        problem = _problem(content)
        if problem is None:
            message = f"The server answered {response.status_code} without a reason; is its address right?"
            return RefusedByServer(message, status=response.status_code)
        message = f"The server refused: {problem.detail}"
        if problem.code == "signature_refused":
            message += self._clock_advice()
        return RefusedByServer(message, status=response.status_code, problem_code=problem.code)

    def _clock_advice(self) -> str:
        ahead = self.clock.ahead
        if ahead is None or abs(ahead) < CLOCK_IS_OFF:
            return ""
        side = "behind" if ahead > timedelta(0) else "ahead of"
        return f" This machine's clock is {duration(ahead)} {side} the server's: set it and try again."


def _request_path(request_id: str) -> str:
    return "/elevation-requests/" + quote(request_id, safe="")


def _read(model: type[Answer], content: bytes) -> Answer:
    try:
        return model.model_validate_json(content, strict=True)
    except ValidationError as error:
        # Such as a hotel's sign-in page with status 200: it may pass, and our calls are safe to repeat.
        raise TryAgain("The answer is not one of a Stepladder server.") from error


def _problem(content: bytes) -> Problem | None:
    try:
        return Problem.model_validate_json(content)
    except ValidationError:
        return None


def _read_capped(response: httpx2.Response) -> bytes:
    content = b""
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > LARGEST_ANSWER:
            raise TryAgain("The answer is longer than one of a Stepladder server.")
    return content


def _retry_after(header: str | None, clock: ServerClock) -> float | None:
    """Seconds from now, from either form of the header (RFC 9110 section 10.2.3), at most an hour."""
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return min(float(header), LONGEST_RETRY_AFTER)
    named, now = http_date(header), clock.now()
    if named is None or now is None:
        return None
    return min(max((named - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def _network_trouble(error: httpx2.RequestError, url: httpx2.URL) -> Exception:
    """What is wrong between here and the server, in words that a person at a desktop knows."""
    place = f"{url.host}:{url.port or (443 if url.scheme == 'https' else 80)}"
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return ServerNotTrusted(
            f"The certificate of the server at {place} is not trusted by this machine. Ask your administrator."
        )
    if isinstance(error, httpx2.ConnectTimeout):
        return TryAgain(f"The server at {place} cannot be reached: no connection in time.")
    if isinstance(error, httpx2.TimeoutException):
        return TryAgain("The server did not answer in time.")
    for kind, sentence in _TROUBLE:
        if any(isinstance(cause, kind) for cause in causes):
            return TryAgain(sentence.format(place=place, host=url.host))
    if isinstance(error, httpx2.ConnectError):
        return TryAgain(f"The server at {place} cannot be reached.")
    return TryAgain("The connection to the server broke.")


_TROUBLE: tuple[tuple[type[BaseException], str], ...] = (
    (ssl.SSLError, "What answers at {place} does not speak TLS as the server does."),
    (ConnectionRefusedError, "Nothing answers at {place}."),
    (
        socket.gaierror,
        "No address is known for {host}. Is its name right, and is this machine on the network?",
    ),
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what led to it: the HTTP library says in a text of its own what the system said."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
