"""The result of a command on standard output: lines for a person, or one JSON object for a script."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from .terminal import Voice, local_time

if TYPE_CHECKING:
    from .errors import AgentError
    from .request import Outcome


_KINDS = {
    "USER": "USER: your own account gets the rights",
    "ADMIN": "ADMIN: as a managed administrator",
}


def tell(lines: list[str], facts: dict[str, Any], *, as_json: bool, voice: Voice) -> None:
    """`facts` on standard output as JSON and `lines` on standard error, or the lines on standard output."""
    if not as_json:
        Voice.on_standard_output().say_all(lines)
        return
    voice.say_all(lines)
    # ASCII only, so that no name in it can steer a terminal.
    sys.stdout.write(json.dumps(facts, ensure_ascii=True) + "\n")
    sys.stdout.flush()


def failure(error: AgentError, *, as_json: bool, voice: Voice) -> None:
    """An error, always on standard error; with JSON also as the one object."""
    voice.say(str(error))
    if as_json:
        facts = {"exit_status": int(error.exit_status), "outcome": "failed", "code": error.code}
        tell([], {**facts, "detail": str(error)}, as_json=True, voice=voice)


def outcome_lines(outcome: Outcome) -> list[str]:
    """The decision: who, when, why, and what exactly is verified."""
    lines = [outcome.detail]
    if outcome.status.decision_reason:
        lines.append(f"Reason: {outcome.status.decision_reason}")
    if outcome.grant is not None:
        lines.append(f"It is valid once, until {local_time(outcome.grant.expires_at)}, for")
        lines.append(f"  {outcome.grant.file.path} with the arguments you gave")
        lines.append(f"  SHA-256 {outcome.grant.file.sha256}")
        lines.append(f"  {_KINDS[outcome.grant.kind]}")
        lines.append("This version of the agent verifies grants; it does not start programs.")
    return lines


def outcome_facts(outcome: Outcome) -> dict[str, Any]:
    """The same for a script. `verified` alone says that the grant may be relied on."""
    facts = {
        "exit_status": int(outcome.exit_status),
        "outcome": outcome.name,
        "verified": outcome.grant is not None,
        "detail": outcome.detail,
        **outcome.status.model_dump(mode="json"),
    }
    if outcome.grant is not None:
        facts["grant"] = outcome.grant.model_dump(mode="json", exclude={"nonce"})
    return facts
