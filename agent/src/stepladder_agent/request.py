"""One ask from intent to outcome: submit, wait, and on approval verify. Ctrl-C cancels it at the server.

Dying on any line leaves the intent on disk; the same command again takes the ask up where it stood.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from stepladder_protocol.messages import Grant, RequestState, RequestStatus

from .client import Client
from .clock import local_now
from .enrolment import Enrolment
from .errors import ExitStatus, NotVerified, RefusedByServer, ServerUnreachable
from .files import StateDirectory
from .intents import Intent, Intents, Question
from .retry import Patience, persist
from .terminal import Voice, local_time, time_left
from .verification import accept_once, check_file, check_grant

LONGEST_POLL = 50
SHORTEST_POLL = 1.0
SECONDS_TO_CANCEL = 5.0
# A server that is down when the request expires gets this long to come back and say how it ended.
SECONDS_AFTER_EXPIRY = 300.0
ENDS_WITHOUT_VERDICT = (RequestState.CANCELLED, RequestState.EXPIRED)

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """How an ask ended, for a person (`detail`) and for a script (`exit_status`, `name`)."""

    exit_status: ExitStatus
    name: str
    detail: str
    status: RequestStatus
    grant: Grant | None = None


class Asking:
    """One run of the command: `ask` may be called once."""

    def __init__(
        self,
        *,
        state: StateDirectory,
        enrolment: Enrolment,
        client: Client,
        voice: Voice,
        patience: Patience,
        wait: float | None = None,
    ) -> None:
        self._state, self._enrolment, self._client, self._voice = state, enrolment, client, voice
        self._patience = patience
        self._until = math.inf if wait is None else patience.monotonic() + wait
        self._intents = Intents(state, enrolment)
        self._intent: Intent | None = None
        self._status: RequestStatus | None = None

    def ask(self, question: Question) -> Outcome:
        """Ask, or rejoin what an interrupted run asked, and see it through.

        Raises AlreadyWaiting, RefusedByServer, ServerUnreachable and StateUnusable; in all of these the
        intent stays, and KeyboardInterrupt only when pressed again while cancelling.
        """
        with self._state.lock(question.name(self._enrolment)):
            self._intents.prune()
            try:
                outcome = self._settle(question)
            except KeyboardInterrupt:
                outcome = self._withdraw()
            if self._intent is not None and outcome.name not in _TAKEN_UP_AGAIN:
                self._intents.forget(self._intent)
        return outcome

    def _settle(self, question: Question) -> Outcome:
        intent, status = self._submit(question)
        if intent.rejoins and status.state in ENDS_WITHOUT_VERDICT:
            self._voice.say(f"An earlier request of this kind is {status.state}; asking again.")
            self._intents.forget(intent)
            self._status = None
            intent, status = self._submit(question)
        self._announce(intent, status)
        status = self._await_decision(status)
        return self._outcome(intent, status)

    def _submit(self, question: Question) -> tuple[Intent, RequestStatus]:
        intent = self._intent = self._intents.begin(question)
        try:
            self._status = self._persist(lambda: self._client.submit(intent.body))
        except RefusedByServer as error:
            if error.problem_code == "idempotency_key_reused":
                # The key belongs to another request; saved, it would always be refused.
                self._intents.forget(intent)
            raise
        return intent, self._status

    def _announce(self, intent: Intent, status: RequestStatus) -> None:
        if status.joined and not intent.rejoins:
            asked_at = status.created_at.astimezone()
            self._voice.say(f"Joined your request from {asked_at:%H:%M}; its reason stays.")
        else:
            verb = "Rejoined" if intent.rejoins else "Asked"
            self._voice.say(f"{verb}: run {intent.body.program.path} as administrator.")
        self._voice.say(f"Request {status.request_id}, for {self._enrolment.customer}.")

    def _next_step(self, status: RequestStatus) -> str:
        left = status.expires_at - (self._client.clock.now() or local_now())
        expiry = time_left(left, status.expires_at)
        return f"A technician decides next; the request expires {expiry}. Ctrl-C cancels it."

    def _await_decision(self, status: RequestStatus) -> RequestStatus:
        if status.state is not RequestState.PENDING:
            return status
        with self._voice.waiting(lambda: self._next_step(status)):
            while status.state is RequestState.PENDING and self._wait_left() > 0:
                status = self._status = self._poll(status)
        return status

    def _poll(self, status: RequestStatus) -> RequestStatus:
        """The state after one long poll; an early "still pending" is never answered by a hot loop."""
        began = self._patience.monotonic()
        polled = self._persist(
            lambda: self._client.status(status.request_id, wait=max(0, math.ceil(self._wait_left()))),
            until=began + self._seconds_of_life(status),
        )
        spent = self._patience.monotonic() - began
        if polled.state is RequestState.PENDING and spent < SHORTEST_POLL:
            self._patience.sleep(max(0.0, min(SHORTEST_POLL - spent, self._wait_left())))
        return polled

    def _wait_left(self) -> float:
        return min(self._until - self._patience.monotonic(), LONGEST_POLL)

    def _seconds_of_life(self, status: RequestStatus) -> float:
        left = status.expires_at - (self._client.clock.now() or local_now())
        return max(left, timedelta(0)).total_seconds() + SECONDS_AFTER_EXPIRY

    def _outcome(self, intent: Intent, status: RequestStatus) -> Outcome:
        if status.state is RequestState.APPROVED:
            return self._verify(intent, status)
        return _ending(status)

    def _verify(self, intent: Intent, status: RequestStatus) -> Outcome:
        try:
            grant = self._accepted_grant(intent, status)
        except NotVerified as error:
            return Outcome(ExitStatus.NOT_VERIFIED, "not_verified", str(error), status)
        except RefusedByServer as error:
            if error.status != 410:
                raise
            detail = f"Approved{_by_whom(status)}, but the approval was not used in time. Ask again."
            return Outcome(ExitStatus.EXPIRED, "expired", detail, status)
        detail = f"Approved{_by_whom(status)}. The grant is verified."
        return Outcome(ExitStatus.APPROVED, "approved", detail, status, grant)

    def _accepted_grant(self, intent: Intent, status: RequestStatus) -> Grant:
        signed = self._persist(lambda: self._client.grant(status.request_id))
        grant = check_grant(
            signed,
            enrolment=self._enrolment,
            request_id=status.request_id,
            asked=intent.body,
            server_now=self._client.clock.now(),
        )
        with self._voice.progress("Checking the program") as progress:
            check_file(grant, progress)
        accept_once(self._state, grant)
        return grant

    def _withdraw(self) -> Outcome:
        """Cancel at the server. A submit whose answer never came is sent again first, to learn its id."""
        self._voice.say("Cancelling the request. Press Ctrl-C again to leave at once.")
        intent = self._intent
        if intent is None:
            raise KeyboardInterrupt
        patience = replace(self._patience, give_up=SECONDS_TO_CANCEL)
        try:
            status = self._status or persist(lambda: self._client.submit(intent.body), patience)
            return self._cancel(status, patience)
        except ServerUnreachable as error:
            raise ServerUnreachable(
                "The server could not be told to cancel, so the request may still be pending. "
                "The same command joins it again."
            ) from error

    def _cancel(self, status: RequestStatus, patience: Patience) -> Outcome:
        try:
            status = persist(lambda: self._client.cancel(status.request_id), patience)
        except RefusedByServer as error:
            if error.problem_code == "request_expired":
                return _ending(status.model_copy(update={"state": RequestState.EXPIRED}))
            if error.problem_code != "already_decided":
                raise
            status = persist(lambda: self._client.status(status.request_id), patience)
        if status.state is RequestState.APPROVED:
            detail = f"Already approved{_by_whom(status)}, too late to cancel. Nothing was started."
            return Outcome(ExitStatus.CANCELLED, "stopped", detail, status)
        return _ending(status)

    def _persist(self, attempt: Callable[[], T], *, until: float = math.inf) -> T:
        return persist(attempt, replace(self._patience, until=min(until, self._until)))


def _ending(status: RequestStatus) -> Outcome:
    exit_status, name, detail = _ENDINGS[status.state]
    return Outcome(exit_status, name, detail.format(_by_whom(status)), status)


_ENDINGS = {
    RequestState.PENDING: (
        ExitStatus.UNDECIDED,
        "undecided",
        "Not yet decided{}. The request stays pending; the same command joins it again.",
    ),
    RequestState.DENIED: (ExitStatus.DENIED, "denied", "Denied{}."),
    RequestState.CANCELLED: (ExitStatus.CANCELLED, "cancelled", "The request was cancelled{}."),
    RequestState.EXPIRED: (ExitStatus.EXPIRED, "expired", "The request expired before anyone decided{}."),
}
# Undecided: a technician still has to decide. A user who stopped too late to cancel may still use the approval.
_TAKEN_UP_AGAIN = ("undecided", "stopped")


def _by_whom(status: RequestStatus) -> str:
    by = f" by {status.decided_by}" if status.decided_by else ""
    at = f" at {local_time(status.decided_at)}" if status.decided_at else ""
    return by + at
