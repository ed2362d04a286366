"""Enrolment: the device key, and what was pinned with it: the server, the issuer and its grant keys.

The key is on disk before the server hears of it, so that a crash at any line is healed by the same command
again. An enrolment is one file, so a new one replaces the old one wholly or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from stepladder_protocol import keys
from stepladder_protocol.messages import EnrolAnswer, EnrolBody, GrantKey

from . import agent_version
from .clock import local_now
from .errors import AlreadyEnrolled, BadInput, NotEnrolled, RefusedByServer, StateUnusable
from .facts import operating_system
from .files import StateDirectory

ENROLMENT = "enrolment.json"
CANDIDATE = "candidate.json"


class _Stored(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    private_key: str = Field(repr=False)

    def key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(keys.decode(self.private_key))


class Candidate(_Stored):
    """A device key that a server has been, or is about to be, asked to accept."""

    server: str


class Enrolment(_Stored):
    """This machine as its server knows it, and what the machine holds the server to."""

    server: str
    endpoint_id: str
    customer: str
    issuer: str
    name: str
    grant_keys: list[GrantKey]
    enrolled_at: AwareDatetime

    def pinned_keys(self) -> Mapping[str, Ed25519PublicKey]:
        """The keys whose grants are believed, by key id."""
        return {key.kid: keys.load_public_key(key.public_key) for key in self.grant_keys}


def load(state: StateDirectory) -> Enrolment:
    """The enrolment. Raises NotEnrolled, or StateUnusable when the file is not what was written."""
    content = state.read(ENROLMENT)
    if content is None:
        raise NotEnrolled("This machine is not enrolled. Ask your administrator for: stepladder-agent enrol")
    try:
        enrolment = Enrolment.model_validate_json(content)
        enrolment.key(), enrolment.pinned_keys()
    except ValueError:
        # The cause stays out: it could quote the file, and the file holds the private key.
        raise StateUnusable("The enrolment file is damaged. Enrol again with --replace.") from None
    return enrolment


def enrol(
    state: StateDirectory,
    *,
    server: str,
    token: str,
    name: str,
    replace: bool,
    ask: Callable[[Ed25519PrivateKey, EnrolBody], EnrolAnswer],
) -> tuple[Enrolment, EnrolAnswer]:
    """Enrol with `server` and pin what it answers; `ask` sends the body signed with the key.

    Raises AlreadyEnrolled without `replace`; an enrolment that is there stays until the new one is complete.
    """
    with state.lock(ENROLMENT):
        if state.read(ENROLMENT) is not None and not replace:
            raise AlreadyEnrolled("This machine is already enrolled. Add --replace to enrol it again.")
        candidate = _candidate(state, server)
        answer = ask(candidate.key(), _body(candidate.key(), token, name))
        enrolment = _pin(candidate, name, answer)
        state.write(ENROLMENT, enrolment.model_dump_json().encode())
        state.remove(CANDIDATE)
    return enrolment, answer


def _candidate(state: StateDirectory, server: str) -> Candidate:
    """The key of an earlier attempt with the same server, else a new one, already on disk."""
    earlier = _read_candidate(state)
    if earlier is not None and earlier.server == server and not _is_in_use(state, earlier):
        return earlier
    key = keys.encode(Ed25519PrivateKey.generate().private_bytes_raw())
    candidate = Candidate(private_key=key, server=server)
    state.write(CANDIDATE, candidate.model_dump_json().encode())
    return candidate


def _read_candidate(state: StateDirectory) -> Candidate | None:
    try:
        candidate = Candidate.model_validate_json(state.read(CANDIDATE) or b"")
        candidate.key()
    except ValueError:
        return None
    return candidate


def _is_in_use(state: StateDirectory, candidate: Candidate) -> bool:
    """Whether the candidate became the enrolment and only its removal was cut off: then it is spent."""
    try:
        return load(state).private_key == candidate.private_key
    except (NotEnrolled, StateUnusable):
        return False


def _body(key: Ed25519PrivateKey, token: str, name: str) -> EnrolBody:
    try:
        return EnrolBody(
            token=token,
            public_key=keys.public_key_text(key),
            endpoint_name=name,
            operating_system=operating_system(),
            agent_version=agent_version(),
        )
    except ValidationError as error:
        raise BadInput(f"The {_first_field(error)} is not of the right length or form.") from None


def _first_field(error: ValidationError) -> str:
    return str(error.errors(include_input=False)[0]["loc"][0]).replace("_", " ")


def _pin(candidate: Candidate, name: str, answer: EnrolAnswer) -> Enrolment:
    enrolment = Enrolment(
        private_key=candidate.private_key,
        server=candidate.server,
        endpoint_id=answer.endpoint_id,
        customer=answer.customer,
        issuer=answer.issuer,
        name=name,
        grant_keys=answer.grant_keys,
        enrolled_at=local_now(),
    )
    try:
        distinct = len(enrolment.pinned_keys())
    except ValueError:
        distinct = 0
    if not distinct or distinct != len(answer.grant_keys):
        raise RefusedByServer("The server named no usable grant keys; nothing was enrolled.", status=200)
    return enrolment
