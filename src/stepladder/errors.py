"""The error families. A refusal has a stable code, a sentence that says what is wrong, and often a remedy.

Features raise subclasses of these; `web` alone turns a family into an HTTP status and an RFC 9457
problem, and `cli` into an exit status. Connectors have their own four kinds (`connectors.base`).
"""

from __future__ import annotations

from typing import Any, ClassVar

from .remedies import Remedy


class StepladderError(Exception):
    """Base of every refusal. `facts` are public and go into the problem answer as extra members."""

    code: ClassVar[str] = "error"
    sentence: ClassVar[str] = "This cannot be done."
    remedy: Remedy | None = None
    """What a person can do about it; the sentence names no command, because each edge has its own."""

    def __init__(self, detail: str | None = None, *, remedy: Remedy | None = None, **facts: Any) -> None:
        super().__init__(detail or self.sentence)
        self.detail = detail or self.sentence
        self.remedy = remedy or self.remedy
        self.facts = facts


class Invalid(StepladderError):
    """The input is wrong; the same input will be refused again."""

    code = "invalid"
    sentence = "The input is not valid."


class Unauthenticated(StepladderError):
    """Nobody we know sent this."""

    code = "unauthenticated"
    sentence = "The caller could not be authenticated."


class NotPermitted(StepladderError):
    """We know who asks, and the answer is no."""

    code = "not_permitted"
    sentence = "This is not permitted."


class NotFound(StepladderError):
    """Missing, foreign and forbidden look the same from outside."""

    code = "not_found"
    sentence = "There is nothing here with that id, or you are not allowed to see it."


class Conflict(StepladderError):
    """The state of things does not allow it now."""

    code = "conflict"
    sentence = "The present state does not allow this."


class Gone(StepladderError):
    """It was here and will not come back."""

    code = "gone"
    sentence = "This is no longer available."


class TooMany(StepladderError):
    """More than one caller may have; waiting is right."""

    code = "too_many"
    sentence = "There are already too many. Wait a little."


class Unavailable(StepladderError):
    """A part we need does not answer; trying again later is right."""

    code = "unavailable"
    sentence = "A needed part is not available. Try again later."
