"""The ways HaloPSA says no, in the many shapes its clients must survive (HaloPSA fact 29)."""

from __future__ import annotations

from html import escape
from typing import Any

from stepladder_sandbox.halopsa.switches import ErrorShape


class Refused(Exception):
    """A call that HaloPSA turns down: status and body of the answer, an empty body being `None`."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def forbidden() -> Refused:
    """Scope or role does not allow it. HaloPSA says so without a body (HaloPSA fact 5)."""
    return Refused(403)


def not_found(what: str) -> Refused:
    """No such object, or one that has been deleted."""
    return Refused(404, {"Message": f"{what} not found"})


def invalid(message: str) -> Refused:
    """A rule of HaloPSA's business layer, in the shape of a serialised .NET exception."""
    return Refused(
        400,
        {
            "ClassName": "System.Exception",
            "Message": message,
            "Data": None,
            "InnerException": None,
            "HelpURL": None,
            "StackTraceString": None,
            "RemoteStackTraceString": None,
            "RemoteStackIndex": 0,
            "ExceptionMethod": None,
            "HResult": -2146233088,
            "Source": "NetHelpDesk",
            "WatsonBuckets": None,
        },
    )


def unreadable(place: str, problem: str) -> Refused:
    """A value of the wrong type: ASP.NET's model state, keyed by where in the body it stands."""
    return Refused(400, {place: [problem]})


def plain(status: int, text: str) -> Refused:
    """A sentence without any JSON around it."""
    return Refused(status, text)


def reshaped(refused: Refused, shape: ErrorShape) -> Refused:
    """The same refusal with its body in another of the shapes of HaloPSA fact 29."""
    if shape == "natural" or refused.status not in (400, 404):
        return refused
    return in_shape(shape, refused.status, words_of(refused) or "The request was refused.")


def in_shape(shape: ErrorShape, status: int, message: str) -> Refused:
    """An error that says this, in one of the shapes; "200 with an error inside" brings its own status."""
    bodies: dict[ErrorShape, Any] = {
        "natural": {"Message": message},
        "exception": invalid(message).body,
        "message": {"Message": message},
        "result_code": {"resultCode": 1, "errorMessage": message},
        "oauth": {"error": "invalid_request", "error_description": message},
        "model_state": {"[0].id": [message]},
        "model_state_bare": {"id": [message]},
        "text": f"CODE:APP03/2 {message}",
        "html": f"<!DOCTYPE html><html><head><title>Error</title></head><body><p>{escape(message)}</p></body></html>",
        "empty": None,
        "ok_with_error": {"error": True, "load_error": message, "report": {"load_error": message}},
    }
    return Refused(200 if shape == "ok_with_error" else status, bodies[shape])


def words_of(refused: Refused) -> str:
    """What a refusal says, empty where it says nothing."""
    body = refused.body
    if isinstance(body, str):
        return body
    if not isinstance(body, dict):
        return ""
    found = body.get("Message") or body.get("error_description") or next(iter(body.values()), "")
    return str(found[0] if isinstance(found, list) else found)
