"""From our errors to RFC 9457 problems: the one place where a family becomes an HTTP status."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from stepladder import errors
from stepladder.kit.faults import in_words
from stepladder.kit.log import get_logger

MEDIA_TYPE = "application/problem+json"
_log = get_logger("web")

_STATUS: tuple[tuple[type[errors.StepladderError], int], ...] = (
    (errors.TooMany, 429),
    (errors.Invalid, 400),
    (errors.Unauthenticated, 401),
    (errors.NotPermitted, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Gone, 410),
    (errors.Unavailable, 503),
)
_TITLES = {
    400: "Not valid",
    401: "Not authenticated",
    403: "Not permitted",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    413: "Too large",
    415: "Wrong media type",
    429: "Too many",
    431: "Too large",
    500: "Unexpected error",
    503: "Not available",
}


class WrongMediaType(errors.Invalid):
    """The Content-Type is not the documented one."""

    code = "wrong_media_type"


class BodyTooLarge(errors.Invalid):
    """The body is larger than any genuine one."""

    code = "body_too_large"
    sentence = "The body is larger than this service accepts."


class HeadTooLarge(errors.Invalid):
    """The request line and the headers are larger than any genuine ones."""

    code = "head_too_large"
    sentence = "The address and the headers are larger than this service accepts."


class Busy(errors.Unavailable):
    """As much is worked on as can be: one more would only wait, and all others with it."""

    code = "busy"
    sentence = "The service has more to do than it can do now. Try again as soon as Retry-After says."


_OWN_STATUS: dict[type[errors.StepladderError], int] = {
    WrongMediaType: 415,
    BodyTooLarge: 413,
    HeadTooLarge: 431,
}


def status_of(error: errors.StepladderError) -> int:
    """The HTTP status of an error's family."""
    own = _OWN_STATUS.get(type(error))
    return own or next((status for family, status in _STATUS if isinstance(error, family)), 500)


def problem(status: int, code: str, detail: str, **facts: Any) -> Response:
    """A problem answer. `facts` become extra members."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "code": code}
    content = json.dumps({**body, "detail": detail, **facts}).encode()
    headers = {"Retry-After": str(facts.get("retry_after", 5))} if status in (429, 503) else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Stepladder"
    return Response(content, status, headers, MEDIA_TYPE)


def from_error(error: errors.StepladderError) -> Response:
    """The problem that one of our refusals is."""
    return problem(status_of(error), error.code, error.detail, **error.facts)


async def on_stepladder_error(_request: Request, error: Exception) -> Response:
    """A refusal with a name."""
    if not isinstance(error, errors.StepladderError):
        raise error
    return from_error(error)


async def on_http_exception(_request: Request, error: Exception) -> Response:
    """What the router itself refuses."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status in (404, 405):
        code = {404: "route_not_found", 405: "method_not_allowed"}[status]
        answer = problem(status, code, "There is nothing at this address for this method.")
    else:
        answer = unreadable(status)
    if isinstance(error, HTTPException) and error.headers:
        answer.headers.update(error.headers)
    return answer


def unreadable(status: int = 400) -> Response:
    """What is no message of HTTP, or none that anybody here can take."""
    return problem(status, "invalid", "The message cannot be read.")


async def on_validation_error(_request: Request, error: Exception) -> Response:
    """A body or parameter of the wrong form. What was sent is not echoed."""
    first = error.errors()[0] if isinstance(error, RequestValidationError) and error.errors() else {}
    where = ".".join(str(part)[:60] for part in first.get("loc", ())) or "body"
    told = in_words(first) if first else "is not valid"
    return problem(400, "invalid", f"{where}: {told}.")


def unexpected(path: str, error: Exception) -> Response:
    """Anything else: an id to find it by, nothing more. Never ends in more rights."""
    incident = uuid4().hex[:12]
    _log.error("unexpected_error", incident=incident, path=path, exc_info=error)
    return problem(500, "unexpected", f"Something unexpected happened. Quote {incident} when you report it.")
