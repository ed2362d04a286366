"""What a ticket and its closing note say. Plain words here; each connector encodes them for its own sink."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime

from stepladder.elevation.policy import Channel, RuleScope
from stepladder.elevation.service import ElevationRequest
from stepladder_protocol.messages import ElevationKind, RequestState

STAYS_OPEN = "This ticket stays open."
_SHOWN_ARGUMENTS = 2000
_PRESSED = "with the button in HaloPSA"
_CHANNELS = {
    Channel.INTEGRATION_API: "with a key of the integration API",
    Channel.CLI: "on the command line",
    Channel.PORTAL: "in the portal",
    Channel.POLICY: "without a person",
}


def summary(request: ElevationRequest) -> str:
    """One line: who wants to run what, where. No part is so long that it pushes another one out."""
    who = _named(_short(request.requester_name, 40), _short(request.requester_user, 30))
    program, endpoint = _short(request.program_name, 60), _short(request.endpoint, 40)
    return f"Elevation request: {who} wants to run {program} on {endpoint}"


def intro(request: ElevationRequest) -> str:
    """The sentence above the facts."""
    publisher = f"by {request.publisher}" if request.publisher else "by an unknown publisher"
    return (
        f"{person(request)} asks to run {request.program_name} {publisher} with administrator rights on "
        f"{request.endpoint}. Approve or deny before {moment(request.expires_at)}."
    )


def lines(request: ElevationRequest) -> tuple[tuple[str, str], ...]:
    """Everything needed to decide, in the order in which one decides: who, what, by whom, where, why; then proof."""
    found = [
        ("User", person(request)),
        ("Program", request.program_name),
        ("Publisher", request.publisher or "not known"),
        ("Device", request.endpoint),
        ("Customer", request.customer),
        ("Reason", _one_line(request.reason) or "none given"),
        ("Kind", _kind(request.kind)),
        ("Path", request.program_path),
        ("Arguments", _arguments(request.arguments)),
        ("Size", f"{request.size:,} bytes"),
        ("SHA-256", request.sha256),
        ("Asked at", moment(request.created_at)),
        ("Expires at", moment(request.expires_at)),
        ("Request", str(request.id)),
    ]
    return tuple(found)


def remark(request: ElevationRequest, *, link: str) -> str:
    """The remark on a ticket that looks done while its request is pending."""
    return (
        f"The elevation request of this ticket is still pending: closing or merging a ticket decides nothing. "
        f"Approve or deny it at {link} before {moment(request.expires_at)}, or it expires. {_program(request)}"
    )


def closing_note(request: ElevationRequest, *, by: str | None) -> str:
    """Who decided what, for whom, how; or why nobody did. `by` is who pressed a button, if that is known."""
    if request.state is RequestState.EXPIRED:
        return f"Expired: nobody decided before {moment(request.expires_at)}. {_program(request)}"
    if request.state is RequestState.CANCELLED:
        return f"Cancelled: {person(request)} withdrew the request. {_program(request)}"
    verdict = "Approved" if request.state is RequestState.APPROVED else "Denied"
    who = by or request.decided_by or "somebody"
    how = _PRESSED if by else _CHANNELS[request.channel] if request.channel else ""
    when = moment(request.settled_at or request.created_at)
    why = f" Reason: {_one_line(request.decision_reason)}." if request.decision_reason else ""
    return f"{verdict} by {who} {_for_whom(request)}, {how}, at {when}. {_program(request)}{why}"


def _for_whom(request: ElevationRequest) -> str:
    """How far the decision goes. A standing rule decides for more than the user who asked, and is named."""
    kind = f" ({request.decided_kind})" if request.state is RequestState.APPROVED else ""
    if request.rule_scope is RuleScope.CUSTOMER:
        return f"of {request.customer} for every user of {request.customer}{kind} (rule {request.rule_id})"
    if request.rule_scope is RuleScope.MSP:
        return f"of the MSP for every user of every customer{kind} (rule {request.rule_id})"
    return f"for this user, once{kind}" if kind else "for this user"


def person(request: ElevationRequest) -> str:
    """The end user as a person would name them."""
    shown = _named(request.requester_name, request.requester_user)
    return f"{shown} <{request.requester_email}>" if request.requester_email else shown


def moment(at: datetime) -> str:
    """A time for people, in UTC because the reader's zone is not known here."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _named(name: str | None, user: str) -> str:
    return f"{name} ({user})" if name and name != user else user


def _short(text: str | None, most: int) -> str:
    """At most so long, cut in the middle: a file name's end says what it is."""
    text = text or ""
    kept = most - 1
    return text if len(text) <= most else f"{text[: kept - kept // 3]}…{text[-(kept // 3) :]}"


def _one_line(text: str | None) -> str:
    """Lines joined by a slash, so that a text of several lines reads on in a cell and in a sentence."""
    return " / ".join(line.strip() for line in (text or "").splitlines() if line.strip())


def _program(request: ElevationRequest) -> str:
    return f"{person(request)}, {request.program_name} on {request.endpoint}, request {request.id}."


def _arguments(arguments: list[str]) -> str:
    joined = shlex.join(arguments)
    if len(joined) > _SHOWN_ARGUMENTS:
        return f"{joined[:_SHOWN_ARGUMENTS]}… ({len(arguments)} arguments, {len(joined)} characters)"
    return joined or "none"


def _kind(kind: ElevationKind) -> str:
    return (
        "USER (the user's own rights are raised)"
        if kind is ElevationKind.USER
        else "ADMIN (runs as a managed administrator)"
    )
