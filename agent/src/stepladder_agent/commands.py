"""What each command does, with everything it needs built here and handed on. `cli` only reads the options."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from stepladder_protocol import keys
from stepladder_protocol.messages import ElevationKind, EnrolAnswer, EnrolBody, Program, Requester, SubmitBody

from . import enrolment, facts, packages, report, status
from .client import Client, server_origin
from .clock import ServerClock
from .errors import BadInput, ExitStatus, NotEnrolled
from .files import StateDirectory, default_directory
from .intents import Question
from .request import Asking
from .retry import Patience, persist
from .terminal import Voice, duration

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ENROL_GIVE_UP = 30.0


def run_enrol(
    *,
    server: str,
    token: str,
    name: str | None,
    replace: bool,
    give_up: float | None,
    as_json: bool,
    voice: Voice,
) -> ExitStatus:
    """Enrol this machine and tell how it stands."""
    origin = server_origin(server)
    patience = _patience(voice, ENROL_GIVE_UP if give_up is None else give_up)

    def ask(key: Ed25519PrivateKey, body: EnrolBody) -> EnrolAnswer:
        with Client(origin, key=key, key_id=keys.key_id(key.public_key()), clock=_clock(voice)) as client:
            return persist(lambda: client.enrol(body), patience)

    enrolled, answer = enrolment.enrol(
        StateDirectory(default_directory()),
        server=origin,
        token=token,
        name=name or facts.host_name(),
        replace=replace,
        ask=ask,
    )
    report.tell(
        _enrolled_lines(enrolled, answer), _enrolled_facts(enrolled, answer), as_json=as_json, voice=voice
    )
    return ExitStatus.DONE


def _enrolled_lines(enrolled: enrolment.Enrolment, answer: EnrolAnswer) -> list[str]:
    lines = [f"Enrolled as {enrolled.name} for {enrolled.customer} (endpoint {enrolled.endpoint_id})."]
    if answer.state == "held":
        lines.append(
            "Another machine with this name is enrolled, or this one for another account. An administrator must "
            "activate this one before it can ask."
        )
    return lines


def _enrolled_facts(enrolled: enrolment.Enrolment, answer: EnrolAnswer) -> dict[str, Any]:
    return {
        "exit_status": int(ExitStatus.DONE),
        "outcome": "enrolled",
        "state": answer.state,
        **enrolled.model_dump(mode="json", include={"server", "endpoint_id", "customer", "name"}),
    }


def run_request(
    *,
    command: list[str],
    reason: str | None,
    kind: str,
    email: str | None,
    wait: float | None,
    give_up: float | None,
    as_json: bool,
    voice: Voice,
) -> ExitStatus:
    """Ask for elevation, wait, and show the decision."""
    state = StateDirectory(default_directory())
    enrolled = enrolment.load(state)
    question = _question(command, reason=reason, kind=kind, email=email, voice=voice)
    with _client(enrolled, voice) as client:
        asking = Asking(
            state=state,
            enrolment=enrolled,
            client=client,
            voice=voice,
            patience=_patience(voice, give_up),
            wait=wait,
        )
        outcome = asking.ask(question)
    report.tell(report.outcome_lines(outcome), report.outcome_facts(outcome), as_json=as_json, voice=voice)
    return outcome.exit_status


def _question(
    command: list[str], *, reason: str | None, kind: str, email: str | None, voice: Voice
) -> Question:
    path = facts.find_program(command[0])
    arguments = [facts.require_text(argument) for argument in command[1:]]
    with voice.progress(f"Reading {path}") as progress:
        file = facts.identify(path, progress)
    person = facts.who_asks()
    if email and not facts.is_email(email):
        raise BadInput(f"“{email}” is not an e-mail address.")
    try:
        question = Question(
            kind=ElevationKind(kind),
            requester=Requester(user=person.user, display_name=person.display_name, email=email or None),
            program=Program(
                name=path.rpartition("/")[2],
                path=path,
                arguments=arguments,
                sha256=file.sha256,
                size=file.size,
                publisher=packages.publisher_of(path),
            ),
            reason=reason or None,
        )
        _require_sendable(question)
    except ValidationError as error:
        raise BadInput(_unsendable(error)) from None
    return question


def _require_sendable(question: Question) -> None:
    """What only the whole message checks, such as the reason's length, is refused before anything is kept."""
    SubmitBody(idempotency_key="-" * 16, **vars(question))


def _unsendable(error: ValidationError) -> str:
    """Which part is wrong, and how; never its value, which is the person's own and may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    *_, where = [str(part) for part in first["loc"] if isinstance(part, str)] or ["request"]
    most, name = first.get("ctx", {}).get("max_length"), f"The {where.replace('_', ' ')}"
    if where == "arguments":
        number = first["loc"][-1]
        if not isinstance(number, int):
            return f"There are more than {most} arguments."
        name = f"Argument {number + 1}"
    return f"{name} is longer than {most} characters." if most else f"{name} cannot be sent."


def run_status(*, as_json: bool, voice: Voice) -> ExitStatus:
    """Tell how this machine is enrolled and whether its server answers."""
    try:
        enrolled = enrolment.load(StateDirectory(default_directory()))
    except NotEnrolled as error:
        return status.tell_not_enrolled(error, as_json=as_json, voice=voice)
    with _client(enrolled, voice) as client:
        return status.tell_status(enrolled, client, as_json=as_json, voice=voice)


def _client(enrolled: enrolment.Enrolment, voice: Voice) -> Client:
    return Client(enrolled.server, key=enrolled.key(), key_id=enrolled.endpoint_id, clock=_clock(voice))


def _clock(voice: Voice) -> ServerClock:
    return ServerClock(
        lambda jump: voice.say(f"This machine's clock or the server's jumped by {duration(jump)}.")
    )


def _patience(voice: Voice, give_up: float | None) -> Patience:
    return Patience(
        give_up=math.inf if give_up is None else give_up,
        on_trouble=voice.trouble,
        on_recovery=voice.recovered,
    )
