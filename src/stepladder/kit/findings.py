"""Findings: what a check-up found out, one line for each thing that it looked at.

They stand here, and with no connector interface, because all of them speak it: a connector of any kind that checks its
connection, set-up that checks what it made, and the commands that print both.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from stepladder.remedies import Remedy


class Result(StrEnum):
    """What a check came to, in the words that are printed."""

    PASS = "pass"  # noqa: S105  # a word of the output
    WARNING = "warning"
    FAIL = "FAIL"
    CANNOT_KNOW = "cannot know"


@dataclass(frozen=True)
class Finding:
    """One line of a check-up. `advice` says what to do elsewhere, `remedy` what to do here; often there is neither."""

    name: str
    result: Result
    detail: str = ""
    advice: str = ""
    remedy: Remedy | None = None
