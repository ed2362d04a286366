"""The ways HaloPSA says no, in the many shapes its clients must survive (API.md section 7)."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A call that HaloPSA turns down: status and body of the answer, an empty body being `None`."""

    def __init__(self, status: int, body: Any = None) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def forbidden() -> Refused:
    """Scope or role does not allow it. HaloPSA says so without a body (API.md section 1, "Failures")."""
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
