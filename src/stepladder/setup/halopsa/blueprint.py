"""What the parts should be like in one HaloPSA, as the engine asks it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.connectors.halopsa.matching import text
from stepladder.setup.engine.parts import Ids, Part, Row

from . import differences
from .clicks import clicks
from .facts import Facts
from .parts import TICKET_CLOSED, Kind

_SYSTEM_USE_UNKNOWN = (
    "HaloPSA does not document the number of its system use “Execute an Integration Method”. Try the button with: "
    "stepladder halopsa check --self-test. If nothing arrives, choose it there by hand."
)


@dataclass(frozen=True)
class HaloBlueprint:
    """The parts, judged by what is known of the instance."""

    facts: Facts

    def differences(self, part: Part, row: Row, ids: Ids) -> list[str]:
        """What of a part is not as it should be."""
        return differences.differences(part, row, self.facts, ids)

    def obstacle(self, part: Part) -> str:
        """What of the instance's own is missing that a part refers to."""
        if part.kind == Kind.ACTION and self.facts.closed_id is None:
            return f"HaloPSA has no ticket status called “{self.facts.closed_name}”, or more than one."
        if part.kind == Kind.TRIGGER and self.facts.event_number is None:
            return f"HaloPSA does not tell the number of the event “{TICKET_CLOSED}”."
        return ""

    def note(self, part: Part) -> str:
        """What is to be said when a part is made."""
        if part.kind == Kind.INTEGRATION:
            return "With a fresh key, which only HaloPSA knows."
        if part.kind == Kind.PLACE:
            return f"In the workflow “{text(self.facts.workflow or {}, 'name')}”, at every step."
        return _SYSTEM_USE_UNKNOWN if part.kind == Kind.ACTION and not self.facts.system_use else ""

    def steps(self, part: Part, row: Row | None = None) -> tuple[str, ...]:
        """How a person makes it. A reference that is there may have its own meaning, so no step overwrites it."""
        return () if row and part.kind == Kind.REFERENCE else clicks(part, self.facts)

    def fingerprint(self, row: Row) -> bytes:
        """What tells whether a thing is as we left it."""
        return differences.fingerprint(row)
