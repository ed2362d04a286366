"""Everything the agent refuses or fails at, each with a stable code and the exit status it ends in."""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitStatus(IntEnum):
    """What a script learns from a run. Only APPROVED means that a grant was verified."""

    APPROVED = 0
    DONE = 0
    FAULT = 1
    BAD_INPUT = 2
    REFUSED = 3
    UNREACHABLE = 4
    DENIED = 10
    EXPIRED = 11
    CANCELLED = 12
    UNDECIDED = 13
    NOT_VERIFIED = 20
    INTERRUPTED = 130


class AgentError(Exception):
    """Base of all. The message is a sentence for the person at the desktop and holds no secret."""

    code: ClassVar[str] = "fault"
    exit_status: ClassVar[ExitStatus] = ExitStatus.FAULT


class BadInput(AgentError):
    """Something the person gave, or the program they named, cannot be used."""

    code = "bad_input"
    exit_status = ExitStatus.BAD_INPUT


class AlreadyEnrolled(BadInput):
    """Enrolling again would throw away a working enrolment."""

    code = "already_enrolled"


class AlreadyWaiting(BadInput):
    """Another process of this person works on the very same thing."""

    code = "already_waiting"


class NotEnrolled(AgentError):
    """There is no enrolment to ask with."""

    code = "not_enrolled"
    exit_status = ExitStatus.REFUSED


class StateUnusable(AgentError):
    """The state directory is not private, damaged, or cannot be written."""

    code = "state_unusable"
    exit_status = ExitStatus.REFUSED


class RefusedByServer(AgentError):
    """The server said no. `problem_code` is its own code, where it gave one."""

    code = "refused_by_server"
    exit_status = ExitStatus.REFUSED

    def __init__(self, message: str, *, status: int, problem_code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.problem_code = problem_code


class ServerUnreachable(AgentError):
    """No usable answer within the time allowed."""

    code = "server_unreachable"
    exit_status = ExitStatus.UNREACHABLE


class ServerNotTrusted(ServerUnreachable):
    """Something answers, and proves to be no server that this machine trusts. Trying again changes nothing."""

    code = "server_not_trusted"


class NotVerified(AgentError):
    """The grant, or the file it names, did not pass a check. It must not be used."""

    code = "not_verified"
    exit_status = ExitStatus.NOT_VERIFIED


class TryAgain(Exception):
    """One attempt failed in a way that may pass. `after` is the pause the server asked for, in seconds."""

    def __init__(self, reason: str, *, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after
