"""Intents: what is about to be asked, on disk before it is sent, so that a lost answer never asks twice.

An intent lives until the user has seen its result. The same command finds it by what it asks for
and sends the same body, idempotency key included; the service answers with the same request.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass

from pydantic import ValidationError

from stepladder_protocol.messages import ElevationKind, Program, Requester, SubmitBody

from .enrolment import Enrolment
from .files import StateDirectory

FOLDER = "intents"
KEPT_SECONDS = 30 * 24 * 3600.0


@dataclass(frozen=True)
class Question:
    """What a person asks for, before it has an idempotency key."""

    kind: ElevationKind
    requester: Requester
    program: Program
    reason: str | None

    def name(self, enrolment: Enrolment) -> str:
        """The file name of its intent. Another display name, e-mail or publisher is no other question."""
        program = self.program
        parts = [enrolment.endpoint_id, self.kind, self.requester.user, self.reason, program.path]
        told = json.dumps([*parts, program.sha256, program.size, program.arguments])
        return f"{FOLDER}/{hashlib.sha256(told.encode()).hexdigest()}.json"


@dataclass(frozen=True)
class Intent:
    """One ask. `rejoins` is true when an earlier run may have sent it."""

    name: str
    body: SubmitBody
    rejoins: bool


class Intents:
    """The asks of one enrolment whose outcome the person has not been told."""

    def __init__(self, state: StateDirectory, enrolment: Enrolment) -> None:
        self._state, self._enrolment = state, enrolment

    def begin(self, question: Question) -> Intent:
        """The intent for `question`: the one an earlier run left, else a new one, already on disk."""
        name = question.name(self._enrolment)
        body = self._read(name)
        if body is not None:
            return Intent(name, body, rejoins=True)
        body = SubmitBody(
            idempotency_key=secrets.token_urlsafe(24),
            kind=question.kind,
            requester=question.requester,
            program=question.program,
            reason=question.reason,
        )
        self._state.write(name, body.model_dump_json().encode())
        return Intent(name, body, rejoins=False)

    def forget(self, intent: Intent) -> None:
        """The user knows the result: the same command asks again."""
        self._state.remove(intent.name)

    def prune(self) -> None:
        """Drop intents so old that no service still has them pending, because they hold arguments."""
        self._state.drop_older(FOLDER, KEPT_SECONDS)

    def _read(self, name: str) -> SubmitBody | None:
        content = self._state.read(name)
        try:
            return SubmitBody.model_validate_json(content) if content is not None else None
        except ValidationError:
            # Written whole by us, so only an older agent's form ends here; that ask cannot be repeated.
            return None
