"""What is known of an instance before its parts are looked at. Values only; `system` reads them."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.setup.engine.parts import Row


@dataclass(frozen=True)
class Facts:
    """What parts refer to and set-up never makes. A number is None where HaloPSA does not tell it."""

    base_url: str
    """Where HaloPSA reaches us."""
    type_name: str = ""
    closed_name: str = "Closed"
    type_id: int | None = None
    closed_id: int | None = None
    system_use: int | None = None
    """HaloPSA's number of "Execute an Integration Method"."""
    event_number: int | None = None
    """HaloPSA's number of the event that a ticket is closed."""
    workflow: Row | None = None
    """The workflow of the elevation tickets; None where every action is allowed."""
    workflow_problem: str = ""
