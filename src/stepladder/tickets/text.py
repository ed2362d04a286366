"""What a ticket and its closing note say. Plain words here; each connector encodes them for its own sink."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from stepladder.elevation.arguments import quote_all
from stepladder.elevation.policy import Channel, RuleScope, Withdrawal
from stepladder.elevation.rules.programs import runs_others
from stepladder.elevation.service import ElevationRequest
from stepladder_protocol.messages import ElevationKind, RequestState

STAYS_OPEN = "This ticket stays open."
RUNS_OTHERS = "This program runs other programs; what runs is in the arguments."
_SHOWN_ARGUMENTS = 2000
_PRESSED = " in HaloPSA"
_CHANNELS = {
    Channel.INTEGRATION_API: " with the integration API",
    Channel.CLI: " on the command line",
    Channel.PORTAL: " in the portal",
    Channel.POLICY: "",
}
_PACKAGES = ("Debian package ", "RPM package ")


def summary(request: ElevationRequest) -> str:
    """One line: what is to run where, for whom. No part is so long that it pushes another one out."""
    who = _named(_short(request.requester_name, 40), _short(request.requester_user, 30))
    program, endpoint = _short(request.program_name, 60), _short(request.endpoint, 40)
    return f"Admin rights: {program} on {endpoint} for {who}"


def intro(request: ElevationRequest, zone: tzinfo = UTC) -> str:
    """The sentence above the facts."""
    return (
        f"{person(request)} asks to run {request.program_name} ({_publisher(request.publisher)}) as administrator on "
        f"{request.endpoint}. Approve or deny before {moment(request.expires_at, zone)}."
    )


def lines(request: ElevationRequest, zone: tzinfo = UTC) -> tuple[tuple[str, str], ...]:
    """Everything needed to decide, in the order in which one decides: who, what, by whom, where; then proof.

    What may be long, and what the user says about it, come last: they push nothing out of sight, and nothing that
    stands below them could be theirs.
    """
    is_runner = runs_others(request.program_name) or runs_others(request.program_path)
    found = [
        ("User", _account(request)),
        ("Program", request.program_name),
        *([("Note", RUNS_OTHERS)] if is_runner else []),
        ("Publisher", request.publisher or "not known"),
        ("Device", request.endpoint),
        ("Customer", request.customer),
        ("Runs as", _runs_as(request)),
        ("Path", request.program_path),
        ("Size", f"{request.size:,} bytes"),
        ("SHA-256", request.sha256),
        ("Asked at", moment(request.created_at, zone)),
        ("Expires at", moment(request.expires_at, zone)),
        ("Request", str(request.id)),
        ("Arguments", _arguments(request.arguments)),
        ("Reason given by the user", _quoted(request.reason) or "none"),
    ]
    return tuple(found)


def remark(request: ElevationRequest, *, is_merged: bool, link: str = "", zone: tzinfo = UTC) -> str:
    """The remark on a ticket that looks done while its request is pending."""
    return (
        f"The elevation request of this ticket is still pending: closing or merging a ticket decides nothing. "
        f"{_how_to_decide(is_merged=is_merged, link=link)} before {moment(request.expires_at, zone)}, or it "
        f"expires. {_about(request)}"
    )


def _how_to_decide(*, is_merged: bool, link: str) -> str:
    if link:
        return f"Approve or deny it at {link}"
    if is_merged:
        # The buttons of the ticket that has this remark are about another request, or about none.
        return (
            "Its buttons went with the merge, so an administrator has to decide it on the Stepladder server"
        )
    return "Approve or deny it with the buttons of this ticket"


def closing_note(request: ElevationRequest, *, by: str | None, zone: tzinfo = UTC) -> str:
    """Who decided what, when, for whom; or why nobody did."""
    if (
        request.state is RequestState.EXPIRED
        and request.settled_at
        and request.settled_at < request.expires_at
    ):
        return f"Expired: Stepladder was restored from a backup, so this has to be asked again. {_about(request)}"
    if request.state is RequestState.EXPIRED:
        return f"Expired: nobody decided before {moment(request.expires_at, zone)}. {_about(request)}"
    if request.withdrawn_because is Withdrawal.ENDPOINT_REVOKED:
        return f"Cancelled: the machine {request.endpoint} was revoked. {_about(request)}"
    if request.state is RequestState.CANCELLED:
        return f"Cancelled: {person(request)} withdrew the request. {_about(request)}"
    verdict = "Approved" if request.state is RequestState.APPROVED else "Denied"
    when = moment(request.settled_at or request.created_at, zone)
    why = f" Reason: {_quoted(request.decision_reason)}." if request.decision_reason else ""
    return f"{verdict}{_by_whom(request, by)}, {when}. {_reach(request)}{_about(request)}{why}"


def _by_whom(request: ElevationRequest, by: str | None) -> str:
    """By a person where one is known: `by` is who pressed a button. Else the key is named, and called a key."""
    where = _CHANNELS[request.channel] if request.channel else ""
    if by:
        return f" by {by}{_PRESSED}"
    is_key = request.channel is Channel.INTEGRATION_API and not request.decided_by_email
    if is_key:
        return f"{where}, by the key {_quoted(request.decided_by or 'unknown')}"
    who = request.decided_by
    if request.rule_scope is not None:
        owner = request.customer if request.rule_scope is RuleScope.CUSTOMER else "the MSP"
        return f" by {who or 'a standing rule'} of {owner} (rule {request.rule_id})"
    return f" by {who}{where}" if who else where


def _reach(request: ElevationRequest) -> str:
    """How far the decision goes. A standing rule decides for more than the user who asked."""
    kind = ", as a managed administrator" if request.decided_kind is ElevationKind.ADMIN else ""
    is_approved = request.state is RequestState.APPROVED
    if request.rule_scope is RuleScope.CUSTOMER:
        return f"For every user of {request.customer}{kind * is_approved}; here "
    if request.rule_scope is RuleScope.MSP:
        return f"For every user of every customer{kind * is_approved}; here "
    return f"Once{kind}, for " if is_approved else "For "


def person(request: ElevationRequest) -> str:
    """The end user as a person would name them."""
    shown = _named(request.requester_name, request.requester_user)
    return f"{shown} <{request.requester_email}>" if request.requester_email else shown


def moment(at: datetime, zone: tzinfo = UTC) -> str:
    """A time for people, in the MSP's own zone."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b %Y %H:%M %Z}"


def _account(request: ElevationRequest) -> str:
    """Who asks, and as which account of the machine: the ticket system may show its own name for them beside it."""
    name, email = request.requester_name, request.requester_email
    shown = f"{name} <{email}>" if name and email else name or email
    account = f"asks as the account {request.requester_user}"
    return f"{shown}, {account}" if shown and shown != request.requester_user else account


def _publisher(publisher: str | None) -> str:
    if not publisher:
        return "publisher unknown"
    return f"from the {publisher}" if publisher.startswith(_PACKAGES) else f"by {publisher}"


def _named(name: str | None, user: str) -> str:
    return f"{name} ({user})" if name and name != user else user


def _short(text: str | None, most: int) -> str:
    """At most so long, cut in the middle: a file name's end says what it is."""
    text = text or ""
    kept = most - 1
    return text if len(text) <= most else f"{text[: kept - kept // 3]}…{text[-(kept // 3) :]}"


def _quoted(text: str | None) -> str:
    """What a person wrote, marked as theirs. Lines are joined by a slash, so that it reads on in a cell."""
    line = " / ".join(line.strip() for line in (text or "").splitlines() if line.strip())
    unmarked = line.replace("“", '"').replace("”", '"')
    return f"“{unmarked}”" if line else ""


def _about(request: ElevationRequest) -> str:
    return f"{person(request)}, {request.program_name} on {request.endpoint}. Request {request.id}."


def _arguments(arguments: list[str]) -> str:
    joined = quote_all(arguments)
    if len(joined) > _SHOWN_ARGUMENTS:
        return f"{joined[:_SHOWN_ARGUMENTS]}… ({len(arguments)} arguments, {len(joined)} characters)"
    return joined or "none"


def _runs_as(request: ElevationRequest) -> str:
    if request.kind is ElevationKind.ADMIN:
        return "a managed administrator"
    return f"{request.requester_user}, with rights raised"
