"""What is to go wrong, and when: by script ("the next two creates are cut off") or by chance from a seed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, get_args

import msgspec

from stepladder_sandbox.halopsa.switches import ErrorShape

FaultKind = Literal[
    "reset_before",
    "500",
    "502_html",
    "504_before_commit",
    "429_retry_after",
    "429_plain",
    "429_json",
    "expired_token",
    "html_login_page",
    "slow_before_commit",
    "refused",
    "outage",
    "drop_after_commit",
    "reset_after_commit",
    "504_after_commit",
    "cut_json_after_commit",
    "slow",
    "empty_list",
    "ids_as_strings",
    "wrong_ticket_in_answer",
    "search_lag",
]
"""Up to `outage` they come before the call or in its stead; after that, the call is carried out first."""

FAULT_KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
BEFORE_COMMIT = frozenset(FAULT_KINDS[: FAULT_KINDS.index("drop_after_commit")])


class FaultStep(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One line of a script: the next `times` calls that match, after letting `skip` of them pass."""

    fault: FaultKind
    method: str = "*"
    path: str = "*"
    """Without regard to case; `*` stands for anything, as in `/api/tickets/*`."""
    times: int = 1
    skip: int = 0
    seconds: float = 5.0
    """For `slow`, `slow_before_commit`, `search_lag` and `Retry-After`."""
    status: int = 400
    """For `refused`, with the shape of its body."""
    error_shape: ErrorShape = "exception"

    def matches(self, method: str, path: str) -> bool:
        """True if a call is of the sort that this line waits for."""
        return fnmatchcase(method, self.method.upper()) and fnmatchcase(path, self.path.lower())


class Chance(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Faults by chance: the same seed and the same order of calls give the same faults."""

    seed: int
    probabilities: dict[FaultKind, float]
    method: str = "*"
    path: str = "*"
    seconds: float = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What befalls one call."""

    kind: FaultKind
    seconds: float
    status: int = 400
    error_shape: ErrorShape = "exception"


def is_applicable(kind: FaultKind, method: str, path: str) -> bool:
    """True if such a fault can befall such a call at all; most can befall any."""
    in_collection = path.count("/") == 2
    match kind:
        case "expired_token":
            return path.startswith("/api/")
        case "empty_list":
            return method == "GET" and in_collection
        case "search_lag":
            return method == "POST" and path == "/api/tickets"
        case "refused":
            return method in ("POST", "DELETE") and path.startswith("/api/")
        case "wrong_ticket_in_answer":
            return path.startswith("/api/tickets") and (method == "POST" or not in_collection)
    return True


@dataclass(slots=True)
class FaultPlan:
    """The script lines that are still to come, and the chances. Script goes before chance."""

    script: list[FaultStep] = field(default_factory=list)
    chance: Chance | None = None
    _random: random.Random = field(default_factory=random.Random)

    def add(self, *steps: FaultStep) -> None:
        """Append to the script."""
        self.script.extend(steps)

    def set_chance(self, chance: Chance) -> None:
        """Replace the chances, and start their dice again."""
        self.chance = chance
        self._random.seed(chance.seed)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self.script.clear()
        self.chance = None

    def pick(self, method: str, path: str) -> Fault | None:
        """What befalls this call, using up what the script has for it."""
        return self._from_script(method, path) or self._by_chance(method, path)

    def _from_script(self, method: str, path: str) -> Fault | None:
        for step in self.script:
            if not step.matches(method, path) or not is_applicable(step.fault, method, path):
                continue
            if step.skip:
                step.skip -= 1
                continue
            step.times -= 1
            if not step.times:
                self.script.remove(step)
            return Fault(
                kind=step.fault, seconds=step.seconds, status=step.status, error_shape=step.error_shape
            )
        return None

    def _by_chance(self, method: str, path: str) -> Fault | None:
        chance = self.chance
        if (
            not chance
            or not fnmatchcase(method, chance.method.upper())
            or not fnmatchcase(path, chance.path.lower())
        ):
            return None
        # One throw for each call of any kind, so that one call does not shift the luck of the next.
        throw = self._random.random()
        for kind, probability in chance.probabilities.items():
            throw -= probability
            if throw < 0:
                return Fault(kind=kind, seconds=chance.seconds) if is_applicable(kind, method, path) else None
        return None
