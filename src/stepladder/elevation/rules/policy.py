"""Standing rules: which may be saved, and which applies to a program. Pure: no database, and `now` is an argument.

A rule matches by the file's hash, or by publisher and program name together, never by a name or a path alone (threat
T23). It approves only by hash, with exactly the arguments it names, once a second person confirmed it, and never a
program that runs what it is given (T22). People decide what is uncertain.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from stepladder.elevation.policy import KindNotAllowed, Verdict
from stepladder.errors import Invalid
from stepladder.kit.folding import fold
from stepladder.remedies import Remedy
from stepladder_protocol.messages import ElevationKind

from .programs import is_interpreter

LONGEST_LIFE = timedelta(days=366)
LONGEST_NOTE = 500
MOST_AT_ONCE = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")


class RuleRefused(Invalid):
    """The rule cannot be saved. `place` is where it stands in its list, from 0."""

    code = "rule_refused"
    sentence = "The rule cannot be saved."

    def __init__(self, detail: str, place: int | None = None) -> None:
        where = "" if place is None else f"Rule {place + 1} of the list: "
        super().__init__(where + detail)


class RuleState(StrEnum):
    """How it stands with a rule."""

    ACTIVE = "active"
    WAITING = "waiting"
    STORED = "stored"
    EXPIRED = "expired"

    @property
    def sentence(self) -> str:
        return _STATES[self]

    @property
    def remedy(self) -> Remedy | None:
        return Remedy.RULE_CONFIRM if self is RuleState.WAITING else None


_STATES = {
    RuleState.ACTIVE: "It is applied to requests that match.",
    RuleState.WAITING: "It is not applied until an administrator confirms it.",
    RuleState.STORED: "Saved, but not applied: the publisher is only what the machine reports, so it proves nothing. "
    "Approve by sha256 instead.",
    RuleState.EXPIRED: "It has expired and is no longer applied.",
}


@dataclass(frozen=True)
class Match:
    """What a rule is about: a file by its hash, or a program by publisher and name."""

    sha256: str | None = None
    publisher: str | None = None
    program_name: str | None = None

    @property
    def key(self) -> str:
        """The text by which rules are looked up: equal for what matches."""
        if self.sha256:
            return f"sha256:{self.sha256}"
        return _publisher_key(self.publisher or "", self.program_name or "")


@dataclass(frozen=True)
class Draft:
    """A rule as it is asked for. `arguments` are those of an approval, and exactly those."""

    verdict: Verdict
    match: Match
    expires_at: datetime
    kind: ElevationKind | None = None
    arguments: tuple[str, ...] = ()
    note: str | None = None
    id: UUID | None = None

    @property
    def meaning(self) -> tuple[object, ...]:
        """What the rule says. Two rules of one scope with the same meaning are one."""
        arguments = self.arguments if self.verdict is Verdict.APPROVED else None
        return (self.verdict, self.kind, self.match.key, arguments)


@dataclass(frozen=True)
class Standing:
    """A saved rule, as far as applying it goes. `customer_id` None means every customer of the MSP."""

    id: UUID
    customer_id: UUID | None
    verdict: Verdict
    kind: ElevationKind | None
    match: Match
    arguments: tuple[str, ...] | None
    expires_at: datetime
    confirmed_until: datetime | None
    note: str | None

    def state(self, now: datetime) -> RuleState:
        """How it stands with the rule at `now`."""
        if now >= self.expires_at:
            return RuleState.EXPIRED
        if self.verdict is Verdict.DENIED:
            return RuleState.ACTIVE
        if self.match.sha256 is None:
            return RuleState.STORED
        confirmed = self.confirmed_until is not None and now < self.confirmed_until
        return RuleState.ACTIVE if confirmed else RuleState.WAITING


@dataclass(frozen=True)
class Asked:
    """A request, as far as rules look at it. All of it is what the machine says."""

    customer_id: UUID
    kind: ElevationKind
    program_name: str
    program_path: str
    arguments: tuple[str, ...]
    sha256: str
    publisher: str | None

    def rule_keys(self) -> list[str]:
        """The keys under which rules about it are saved."""
        keys = [Match(sha256=self.sha256).key]
        if self.publisher:
            keys.append(_publisher_key(self.publisher, self.program_name))
        return keys

    def is_matched_by(self, match: Match) -> bool:
        return match.key in self.rule_keys()


def check(draft: Draft, now: datetime, may_give: Collection[ElevationKind], place: int | None = None) -> None:
    """Check that the rule may be saved. Raises RuleRefused, or KindNotAllowed above what `may_give` allows."""
    by_hash, by_name = draft.match.sha256, (draft.match.publisher, draft.match.program_name)
    is_one_of_both = None not in by_name if by_hash is None else by_name == (None, None)
    if not is_one_of_both:
        raise RuleRefused(
            'A rule matches by "sha256", or by "publisher" and "programName" together; never by a name alone.',
            place,
        )
    if by_hash is not None and not _SHA256.fullmatch(by_hash):
        raise RuleRefused('"sha256" must be 64 lower-case hexadecimal digits.', place)
    if not now < draft.expires_at <= now + LONGEST_LIFE:
        raise RuleRefused('"expiresAt" must be in the future, by one year at most.', place)
    if draft.verdict is Verdict.APPROVED:
        _check_approval(draft, may_give, place)
    elif draft.arguments:
        raise RuleRefused('A rule that denies must not have "arguments"; it denies with any.', place)


def _check_approval(draft: Draft, may_give: Collection[ElevationKind], place: int | None) -> None:
    if draft.kind is None:
        raise RuleRefused('A rule that approves must name its "userElevationMode".', place)
    if draft.kind not in may_give:
        raise KindNotAllowed
    if draft.match.program_name is not None and is_interpreter(draft.match.program_name):
        raise RuleRefused(
            "Shells, interpreters and programs that start others run anything they are given, so no rule can approve "
            "them. A person decides each time.",
            place,
        )


def applies(rule: Standing, asked: Asked, now: datetime) -> bool:
    """Whether the rule decides the request at `now`."""
    if rule.state(now) is not RuleState.ACTIVE:
        return False
    if rule.customer_id not in (None, asked.customer_id) or not asked.is_matched_by(rule.match):
        return False
    if rule.verdict is Verdict.DENIED:
        return rule.kind in (None, asked.kind)
    return (
        rule.kind == asked.kind
        and rule.arguments == asked.arguments
        and not is_interpreter(asked.program_name, asked.program_path)
    )


def choose(rules: Iterable[Standing], asked: Asked, now: datetime) -> Standing | None:
    """The rule that decides, or None if people must decide. A rule that denies goes first, then a customer's own."""
    found = [rule for rule in rules if applies(rule, asked, now)]
    return min(found, key=_rank, default=None)


def _rank(rule: Standing) -> tuple[bool, bool, str]:
    return (rule.verdict is not Verdict.DENIED, rule.customer_id is None, str(rule.id))


def _publisher_key(publisher: str, program_name: str) -> str:
    spelled = "\n".join(fold(text) for text in (publisher, program_name))
    return f"publisher:{hashlib.sha256(spelled.encode()).hexdigest()}"
