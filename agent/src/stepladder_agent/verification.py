"""Whether an approval is valid: the grant's signature and each of its fields, then the file, then once only.

Each check can only refuse. Nothing here starts a program.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from stepladder_protocol.grants import GrantRefused, arguments_digest, verify_grant
from stepladder_protocol.messages import Grant, SignedGrant, SubmitBody

from .clock import local_now
from .enrolment import Enrolment
from .errors import BadInput, NotVerified, StateUnusable
from .facts import Progress, identify
from .files import StateDirectory

JOURNAL = "grants"


def check_grant(
    signed: SignedGrant,
    *,
    enrolment: Enrolment,
    request_id: str,
    asked: SubmitBody,
    server_now: datetime | None,
) -> Grant:
    """The grant, if it was signed for this machine and this request and grants what was asked, no more.

    It must be in force by the local clock and by the server's: setting one of them back gains nothing.
    Raises NotVerified.
    """
    for now in (local_now(), server_now):
        if now is None:
            raise NotVerified("The grant cannot be used: the server did not send its time.")
        grant = _verified(signed, enrolment, request_id, now)
    _require_what_was_asked(grant, asked)
    return grant


def _verified(signed: SignedGrant, enrolment: Enrolment, request_id: str, now: datetime) -> Grant:
    try:
        return verify_grant(
            signed,
            pinned_keys=enrolment.pinned_keys(),
            audience=enrolment.endpoint_id,
            issuer=enrolment.issuer,
            request_id=request_id,
            now=now,
        )
    except GrantRefused as error:
        raise NotVerified(f"The grant cannot be used: {error}.") from error


def _require_what_was_asked(grant: Grant, asked: SubmitBody) -> None:
    # The approver chooses the kind: a ticket's button always grants USER, also when ADMIN was asked for.
    program = asked.program
    checks = {
        "person": grant.person == asked.requester.user,
        "program path": grant.file.path == program.path,
        "program content": (grant.file.sha256, grant.file.size) == (program.sha256, program.size),
        "publisher": grant.file.publisher == program.publisher,
        "arguments": grant.arguments_sha256 == arguments_digest(program.arguments),
        "single-use number": bool(grant.nonce),
    }
    for what, holds in checks.items():
        if not holds:
            raise NotVerified(f"The grant cannot be used: its {what} is not what was asked for.")


def check_file(grant: Grant, progress: Progress | None = None) -> None:
    """Open the granted file once more and compare what the handle holds. Raises NotVerified."""
    try:
        found = identify(grant.file.path, progress)
    except BadInput as error:
        raise NotVerified(f"The approved program can no longer be verified. {error}") from error
    if (found.sha256, found.size) != (grant.file.sha256, grant.file.size):
        raise NotVerified(f"“{grant.file.path}” is no longer the file that was approved. Ask again.")


def accept_once(state: StateDirectory, grant: Grant) -> None:
    """Write the grant's nonce in the journal. Raises NotVerified if it was there, or cannot be written.

    A nonce is a file of its own, made exclusively: no crash and no second process can make room for a repeat.
    """
    name = f"{JOURNAL}/{hashlib.sha256(grant.nonce.encode()).hexdigest()}.json"
    entry = {"request_id": grant.request_id, "accepted_at": local_now().isoformat()}
    try:
        is_new = state.create_once(name, json.dumps(entry).encode())
    except StateUnusable as error:
        raise NotVerified(f"The grant's use could not be recorded, so it is not used. {error}") from error
    if not is_new:
        raise NotVerified(
            "This grant was accepted before, perhaps in another window, and a grant is valid only once. Ask again."
        )
