"""Use cases of endpoints: enrolment tokens, enrolling, and knowing who signed a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stepladder.access_keys.format import ENROLMENT_TOKEN, hash_key
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound, NotPermitted, Unauthenticated
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.folding import clean, fold
from stepladder.kit.ids import CustomerId, EndpointId, MspId, new_id
from stepladder.kit.typed_ids import find_typed
from stepladder.remedies import Remedy
from stepladder.tenancy.customers import hold as hold_customer
from stepladder.tenancy.service import Customer
from stepladder_protocol import keys, signing
from stepladder_protocol.messages import EnrolBody
from stepladder_protocol.signing import WINDOW

TOKEN_LIFETIME = timedelta(hours=1)
LONGEST_TOKEN_LIFETIME = timedelta(days=7)
LONGEST_ENDPOINT_NAME = 256
NONCE_KEPT = timedelta(minutes=20)
_ENDPOINT: LiteralString = """select id, customer_id, name, public_key, state, last_seen_at, signed_after
    from endpoint where id = %(id)s"""


class TokenRefused(Unauthenticated):
    """Unknown, used, expired, of another MSP or for another machine: all the same from outside."""

    code = "enrolment_token_refused"
    sentence = (
        "The enrolment token is not valid for this machine, was used, or has expired. "
        "Ask your administrator for a new one."
    )


class SignatureRefused(Unauthenticated):
    """The message is not provably from an enrolled machine, is stale, or was seen before."""

    code = "signature_refused"
    sentence = (
        "The message's signature is not valid, is too old, or was used before. "
        "Check this machine's clock; if it is right, enrol the machine again."
    )


class EndpointHeld(NotPermitted):
    """A machine of that name exists, or a restore holds it; a person has to let it in."""

    code = "endpoint_held"
    sentence = (
        "This machine is waiting for approval: another one has its name, or Stepladder was restored from a backup. Ask "
        "an administrator to activate it."
    )
    remedy = Remedy.ENDPOINT_ACTIVATE


class EndpointRevoked(NotPermitted):
    """The machine is known, and a person ended its enrolment."""

    code = "endpoint_revoked"
    sentence = (
        "This machine was revoked, so nothing more can be asked or approved for it. Ask an administrator for a new "
        "enrolment."
    )


class EndpointNotHeld(Conflict):
    """Only a held endpoint can be activated."""

    code = "endpoint_not_held"
    sentence = "The endpoint is not held, so it does not have to be activated."


class EndpointState(StrEnum):
    """Whether a machine may ask."""

    ACTIVE = "active"
    HELD = "held"
    REVOKED = "revoked"


@dataclass(frozen=True)
class Endpoint:
    """An enrolled machine."""

    id: EndpointId
    customer_id: CustomerId
    name: str
    public_key: bytes
    state: EndpointState
    last_seen_at: datetime
    signed_after: datetime | None = None

    def may_be_replayed(self, created: datetime) -> bool:
        """Whether a restore may have forgotten the nonce of a message, also of one by a clock that is ahead."""
        return self.signed_after is not None and created <= self.signed_after + WINDOW

    def check_active(self) -> None:
        """Raises EndpointRevoked or EndpointHeld."""
        if self.state is EndpointState.REVOKED:
            raise EndpointRevoked
        if self.state is EndpointState.HELD:
            raise EndpointHeld


@dataclass(frozen=True)
class SignedMessage:
    """A message as it came over the wire, before anything in it is believed."""

    method: str
    url: str
    header_lines: list[tuple[str, str]]
    body: bytes

    def claimed_key_id(self) -> str:
        """Raises SignatureRefused."""
        try:
            return signing.claimed_key_id(dict(self.header_lines))
        except signing.SignatureRefused as error:
            raise SignatureRefused from error

    def check_digest(self) -> None:
        """Whether the body is the one that the headers speak of, before it is read. Raises SignatureRefused."""
        try:
            signing.check_digest(self.header_lines, self.body)
        except signing.SignatureRefused as error:
            raise SignatureRefused from error

    def verified(self, public_key: bytes, now: datetime) -> signing.Verified:
        """Raises SignatureRefused."""
        try:
            return signing.verify(
                method=self.method,
                url=self.url,
                header_lines=self.header_lines,
                body=self.body,
                public_key=Ed25519PublicKey.from_public_bytes(public_key),
                now=now,
            )
        except (signing.SignatureRefused, ValueError) as error:
            raise SignatureRefused from error


async def create_token(
    tx: Transaction,
    customer: Customer,
    *,
    endpoint_name: str | None = None,
    lifetime: timedelta = TOKEN_LIFETIME,
) -> str:
    """A token that enrols one machine of `customer`, once. Shown now and never again. Raises Invalid."""
    if not timedelta(0) < lifetime <= LONGEST_TOKEN_LIFETIME:
        raise Invalid("An enrolment token lives at most 7 days.")
    bound_to = None if endpoint_name is None else clean(endpoint_name, longest=LONGEST_ENDPOINT_NAME)
    token, token_id = ENROLMENT_TOKEN.new(), new_id()
    await tx.run(
        """insert into enrolment_token (id, msp_id, customer_id, token_hash, endpoint_name, created_at, expires_at)
           values (%(id)s, %(msp)s, %(customer)s, %(hash)s, %(name)s, %(now)s, %(expires)s)""",
        {
            "id": token_id,
            "msp": tx.msp_id,
            "customer": customer.id,
            "hash": hash_key(token),
            "name": bound_to,
            "now": tx.now,
            "expires": tx.now + lifetime,
        },
    )
    await record(tx, Tag.ENROLMENT_TOKEN_CREATED, token_id, customer_id=str(customer.id))
    return token


@dataclass
class _TokenRow:
    id: UUID
    customer_id: CustomerId
    endpoint_name: str | None
    expires_at: datetime
    endpoint_id: EndpointId | None


async def enrol(
    db: Database, msp_id: MspId, body: EnrolBody, message: SignedMessage, now: datetime
) -> Endpoint:
    """Enrol the machine that holds the key which `message` is signed with.

    The same token sent again with the same key gives the same endpoint, so a lost answer costs nothing.
    Raises TokenRefused, SignatureRefused, or Invalid for a name that nobody could read.
    """
    try:
        public_key = keys.decode(body.public_key)
    except ValueError as error:
        raise SignatureRefused from error
    if keys.is_of_small_order(public_key):
        raise SignatureRefused
    message.verified(public_key, now)
    if ENROLMENT_TOKEN.key_id(body.token) is None:
        raise TokenRefused
    name = clean(body.endpoint_name, longest=LONGEST_ENDPOINT_NAME)
    async with db.transaction(Actor(msp_id, ActorKind.SYSTEM, "enrolment")) as tx:
        token = await tx.maybe(
            _TokenRow,
            """select id, customer_id, endpoint_name, expires_at, endpoint_id
               from enrolment_token where token_hash = %(hash)s for update""",
            {"hash": hash_key(body.token)},
        )
        if token is None:
            raise TokenRefused
        if token.endpoint_id:
            return await _enrolled_before(tx, token.endpoint_id, public_key)
        if token.expires_at <= now or fold(token.endpoint_name or name) != fold(name):
            raise TokenRefused
        return await _create_endpoint(tx, token, body, name, public_key)


async def _enrolled_before(tx: Transaction, endpoint_id: EndpointId, public_key: bytes) -> Endpoint:
    endpoint = await find_endpoint(tx, endpoint_id)
    if (
        endpoint is None
        or bytes(endpoint.public_key) != public_key
        or endpoint.state is EndpointState.REVOKED
    ):
        raise TokenRefused
    return endpoint


async def _create_endpoint(
    tx: Transaction, token: _TokenRow, body: EnrolBody, name: str, public_key: bytes
) -> Endpoint:
    # Machines of one customer enrol one after another, or two of one name at once would both be the first.
    if not await hold_customer(tx, token.customer_id):
        raise TokenRefused
    twin = await tx.scalar(
        """select exists (select from endpoint where customer_id = %(customer)s
                          and folded_name = %(name)s and state <> 'revoked')""",
        {"customer": token.customer_id, "name": fold(name)},
    )
    state = EndpointState.HELD if twin else EndpointState.ACTIVE
    endpoint = Endpoint(EndpointId(new_id()), token.customer_id, name, public_key, state, tx.now)
    try:
        await tx.run(
            """insert into endpoint (id, msp_id, customer_id, name, folded_name, public_key, operating_system,
                                     agent_version, state, enrolled_at, last_seen_at)
               values (%(id)s, %(msp)s, %(customer_id)s, %(name)s, %(folded)s, %(public_key)s, %(system)s, %(version)s,
                       %(state)s, %(last_seen_at)s, %(last_seen_at)s)""",
            {
                **vars(endpoint),
                "msp": tx.msp_id,
                "folded": fold(name),
                "system": body.operating_system,
                "version": body.agent_version,
            },
        )
    except psycopg.errors.UniqueViolation as error:
        # The key belongs to an endpoint already: copied, or enrolled twice with two tokens.
        raise TokenRefused from error
    await tx.run(
        "update enrolment_token set used_at = %(now)s, endpoint_id = %(endpoint)s where id = %(id)s",
        {"now": tx.now, "endpoint": endpoint.id, "id": token.id},
    )
    tag = Tag.ENDPOINT_HELD if twin else Tag.ENDPOINT_ENROLLED
    await record(tx, tag, endpoint.id, customer_id=str(token.customer_id), token_id=str(token.id))
    return endpoint


async def forget_nonces(db: Database, actor: Actor) -> None:
    """Drop nonces that no message inside the window can repeat."""
    async with db.transaction(actor) as tx:
        await tx.run("delete from endpoint_nonce where seen_at < %(before)s", {"before": tx.now - NONCE_KEPT})


async def find_endpoint(tx: Transaction, endpoint_id: EndpointId) -> Endpoint | None:
    """The endpoint by its id."""
    return await tx.maybe(Endpoint, _ENDPOINT, {"id": endpoint_id})


async def take_turn(tx: Transaction, endpoint_id: EndpointId) -> None:
    """Wait until no other submit for this endpoint runs; a later one waits until this transaction ends.

    It stays active until then, too. Raises EndpointRevoked or EndpointHeld where it no longer is.
    """
    found = await _hold(tx, endpoint_id)
    if found is None:
        raise SignatureRefused
    found.check_active()


async def _hold(tx: Transaction, endpoint_id: EndpointId) -> Endpoint | None:
    """The endpoint as it is until the transaction ends."""
    return await tx.maybe(Endpoint, _ENDPOINT + " for no key update", {"id": endpoint_id})


async def activate(tx: Transaction, endpoint_id: str) -> Endpoint:
    """Let a held endpoint in. Raises NotFound, IdAmbiguous or EndpointNotHeld."""
    endpoint = await hold(tx, endpoint_id)
    if endpoint.state is not EndpointState.HELD:
        raise EndpointNotHeld
    return await change_state(tx, endpoint, EndpointState.ACTIVE, Tag.ENDPOINT_ACTIVATED)


async def hold(tx: Transaction, endpoint_id: str) -> Endpoint:
    """The endpoint of an id as it was typed, held until the transaction ends. Raises NotFound or IdAmbiguous."""
    typed = await find_typed(
        tx, "select id from endpoint where id between %(first)s and %(last)s", endpoint_id
    )
    endpoint = await _hold(tx, EndpointId(typed)) if typed else None
    if endpoint is None:
        raise NotFound(f"No endpoint has the id {endpoint_id!r}.", remedy=Remedy.ENDPOINT_LIST)
    return endpoint


async def change_state(tx: Transaction, endpoint: Endpoint, state: EndpointState, tag: Tag) -> Endpoint:
    """A held endpoint in another state."""
    await tx.run(
        "update endpoint set state = %(state)s where id = %(id)s", {"state": state, "id": endpoint.id}
    )
    await record(tx, tag, endpoint.id)
    return replace(endpoint, state=state)


def actor_for(msp_id: MspId, endpoint_id: EndpointId) -> Actor:
    """The actor that an endpoint is."""
    return Actor(msp_id, ActorKind.ENDPOINT, str(endpoint_id))
