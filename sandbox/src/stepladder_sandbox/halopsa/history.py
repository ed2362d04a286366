"""What HaloPSA remembers of its own doing: calls of methods and runs of runbooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

RUNNING, FAILED, COMPLETED = 0, 1, 2
"""`status` of a run (1 and 2 "P": HCL)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MethodCall:
    """One call of a custom method and what became of it."""

    button: str
    """The action that was pressed, or the runbook."""
    trigger: str
    """`button`, `portal`, or the event that started the runbook."""
    method: str
    agent: str
    """Who it was for: an agent, a customer's user, or nobody."""
    url: str
    at: datetime
    status: int
    """0 where no answer came; then `error` says why."""
    error: str
    ms: int
    request_body: str
    response_body: str
    media_type: str

    @property
    def is_success(self) -> bool:
        """200 to 299 is success, anything else is not (HaloPSA fact 26)."""
        return 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True, slots=True)
class OutgoingCall:
    """The same as HaloPSA shows it to its administrators, with the headers that were sent."""

    id: str
    method_id: int
    method_name: str
    ticket_id: int
    run_id: int
    at: datetime
    ms: int
    status: int
    request_headers: str
    request_body: str
    response_body: str

    @property
    def is_success(self) -> bool:
        """200 to 299."""
        return 200 <= self.status < 300

    def __repr__(self) -> str:
        """Without headers: the key is among them."""
        return f"OutgoingCall(id={self.id!r}, method_name={self.method_name!r}, status={self.status})"


@dataclass(kw_only=True, slots=True)
class Run:
    """One run of a runbook."""

    id: int
    runbook_id: str
    runbook_name: str
    ticket_id: int
    trigger: str
    at: datetime
    status: int = RUNNING
    error: str = ""
    steps_executed: int = 0
    step_name: str = ""
    calls: list[MethodCall] = field(default_factory=list)
