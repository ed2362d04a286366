"""What a ticket and its closing note say. Plain words here; each connector encodes them for its own sink."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

from stepladder.elevation.rules import Channel
from stepladder.elevation.service import ElevationRequest
from stepladder_protocol.messages import RequestState

STAYS_OPEN = "This ticket stays open."
_SHOWN_ARGUMENTS = 2000
_CHANNELS = {
    Channel.INTEGRATION_API: "with the button in HaloPSA",
    Channel.CLI: "on the command line",
    Channel.PORTAL: "in the portal",
    Channel.POLICY: "without a person",
}


def summary(request: ElevationRequest) -> str:
    """One line: who wants to run what, where."""
    return f"Elevation request: {person(request)} wants to run {request.program_name} on {request.endpoint}"


def intro(request: ElevationRequest) -> str:
    """The sentence above the facts."""
    return (
        f"{person(request)} asks to run {request.program_name} with administrator rights on {request.endpoint}. "
        f"Approve or deny before {moment(request.expires_at)}."
    )


def lines(request: ElevationRequest) -> tuple[tuple[str, str], ...]:
    """Everything needed to decide, in the order in which one decides."""
    found = [
        ("Program", request.program_name),
        ("Publisher", request.publisher or "not known"),
        ("Path", request.program_path),
        ("Arguments", _arguments(request.arguments)),
        ("SHA-256", request.sha256),
        ("Size", f"{request.size:,} bytes"),
        ("User", person(request)),
        ("Device", request.endpoint),
        ("Customer", request.customer),
        ("Kind", _kind(request.kind)),
        ("Reason", request.reason or "none given"),
        ("Asked at", moment(request.created_at)),
        ("Expires at", moment(request.expires_at)),
        ("Request", str(request.id)),
    ]
    return tuple(found)


def remark(request: ElevationRequest, *, link: str) -> str:
    """What is said on a ticket that somebody took for done."""
    return (
        f"The elevation request of this ticket still waits: closing or merging a ticket decides nothing. "
        f"Approve or deny it at {link} before {moment(request.expires_at)}, or it expires. {_program(request)}"
    )


def closing_note(request: ElevationRequest, *, by: str | None) -> str:
    """Who decided what, for whom, how; or why nobody did."""
    if request.state == RequestState.EXPIRED:
        return f"Expired: nobody decided before {moment(request.expires_at)}. {_program(request)}"
    if request.state == RequestState.CANCELLED:
        return f"Cancelled: {person(request)} withdrew the request. {_program(request)}"
    verdict = "Approved" if request.state == RequestState.APPROVED else "Denied"
    who = by or request.decided_by or "somebody"
    how = _CHANNELS.get(Channel(request.channel), "") if request.channel else ""
    scope = f"for this user, once ({request.decided_kind})" if verdict == "Approved" else "for this user"
    why = f" Reason: {request.decision_reason}." if request.decision_reason else ""
    when = moment(request.settled_at or request.created_at)
    return f"{verdict} by {who} {scope}, {how}, at {when}. {_program(request)}{why}"


def person(request: ElevationRequest) -> str:
    """The end user as a person would name them."""
    name = request.requester_name
    shown = (
        f"{name} ({request.requester_user})"
        if name and name != request.requester_user
        else request.requester_user
    )
    return f"{shown} <{request.requester_email}>" if request.requester_email else shown


def moment(at: datetime) -> str:
    """A time for people, in UTC because the reader's zone is not known here."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _program(request: ElevationRequest) -> str:
    return f"{person(request)}, {request.program_name} on {request.endpoint}, request {request.id}."


def _arguments(arguments: list[str]) -> str:
    joined = shlex.join(arguments)
    if len(joined) > _SHOWN_ARGUMENTS:
        return f"{joined[:_SHOWN_ARGUMENTS]}… ({len(arguments)} arguments, {len(joined)} characters)"
    return joined or "none"


def _kind(kind: str) -> str:
    return (
        "USER (the user's own rights are raised)"
        if kind == "USER"
        else "ADMIN (runs as a managed administrator)"
    )
