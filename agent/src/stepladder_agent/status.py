"""How this machine is enrolled, and whether its server answers and agrees about it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stepladder_protocol.messages import EnrolAnswer

from . import agent_version, report
from .client import Client
from .enrolment import Enrolment
from .errors import (
    ExitStatus,
    NotEnrolled,
    RefusedByServer,
    ServerNotTrusted,
    ServerUnreachable,
    TryAgain,
)
from .terminal import Voice, duration

# The Date header counts whole seconds, so two are within its grain.
CLOCK_GRAIN = timedelta(seconds=2)
TOLD = {"server", "endpoint_id", "customer", "name", "enrolled_at"}


def tell_not_enrolled(error: NotEnrolled, *, as_json: bool, voice: Voice) -> ExitStatus:
    """All there is to tell without an enrolment."""
    known = {"enrolled": False, "agent_version": agent_version(), "code": error.code, "detail": str(error)}
    lines = [str(error), f"Agent     {agent_version()}"]
    report.tell(lines, {"exit_status": int(error.exit_status), **known}, as_json=as_json, voice=voice)
    return error.exit_status


def tell_status(enrolled: Enrolment, client: Client, *, as_json: bool, voice: Voice) -> ExitStatus:
    """One look at the server, without trying again: the person wants to know how it is now."""
    exit_status, answer, detail = _look(client)
    ahead = client.clock.ahead
    known = {
        "exit_status": int(exit_status),
        "enrolled": True,
        **enrolled.model_dump(mode="json", include=TOLD),
        "agent_version": agent_version(),
        "answers": exit_status is not ExitStatus.UNREACHABLE,
        "state": answer.state if answer else None,
        "grant_keys_match": _keys_match(enrolled, answer) if answer else None,
        "server_clock_ahead_seconds": round(ahead.total_seconds(), 1) if ahead is not None else None,
        "detail": detail,
    }
    report.tell(_lines(known, ahead), known, as_json=as_json, voice=voice)
    return exit_status


def _look(client: Client) -> tuple[ExitStatus, EnrolAnswer | None, str]:
    try:
        return ExitStatus.DONE, client.endpoint(), "The server answers."
    except (RefusedByServer, ServerNotTrusted) as error:
        return error.exit_status, None, str(error)
    except TryAgain as error:
        return ServerUnreachable.exit_status, None, str(error)


def _keys_match(enrolled: Enrolment, answer: EnrolAnswer) -> bool:
    """Whether a grant signed with any key the server names today would be believed here."""
    return all(key in enrolled.grant_keys for key in answer.grant_keys) and enrolled.issuer == answer.issuer


def _lines(known: dict[str, Any], ahead: timedelta | None) -> list[str]:
    lines = [f"Endpoint  {known['endpoint_id']} ({known['name']}), for {known['customer']}"]
    if known["state"]:
        lines.append(f"State     {known['state']}")
    lines.append(f"Server    {known['server']}: {known['detail']}")
    lines.append(f"Agent     {known['agent_version']}")
    if ahead is not None:
        lines.append(f"Clock     {_clock_line(ahead)}")
    if known["grant_keys_match"] is False:
        lines.append("Keys      the server signs with keys this machine does not trust: enrol it again.")
    return lines


def _clock_line(ahead: timedelta) -> str:
    if abs(ahead) <= CLOCK_GRAIN:
        return "in step with the server"
    return f"{duration(ahead)} {'behind' if ahead > timedelta(0) else 'ahead of'} the server"
