"""Use cases of endpoints: enrolment tokens, enrolling, and knowing who signed a message."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stepladder.access_keys.format import ENROLMENT_TOKEN, hash_key
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound, NotPermitted, Unauthenticated
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import CustomerId, EndpointId, MspId, new_id, parse_uuid
from stepladder.kit.typed_ids import find_typed
from stepladder.remedies import Remedy
from stepladder.tenancy.customers import hold as hold_customer
from stepladder.tenancy.names import name_customers
from stepladder.tenancy.service import Customer
from stepladder_protocol import keys, signing
from stepladder_protocol.messages import EnrolBody

TOKEN_LIFETIME = timedelta(hours=1)
LONGEST_TOKEN_LIFETIME = timedelta(days=7)
NONCE_KEPT = timedelta(minutes=20)
_SEEN_NOTED_EVERY = timedelta(minutes=5)


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
    """A machine of that name exists; a person has to let the new one in."""

    code = "endpoint_held"
    sentence = (
        "This machine is waiting for approval, because another machine with this name is already enrolled. Ask an "
        "administrator to activate it."
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
    token, token_id = ENROLMENT_TOKEN.new(), new_id()
    await tx.run(
        """insert into enrolment_token (id, msp_id, customer_id, token_hash, endpoint_name, created_at, expires_at)
           values (%(id)s, %(msp)s, %(customer)s, %(hash)s, %(name)s, %(now)s, %(expires)s)""",
        {
            "id": token_id,
            "msp": tx.msp_id,
            "customer": customer.id,
            "hash": hash_key(token),
            "name": endpoint_name,
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
    used_at: datetime | None
    endpoint_id: EndpointId | None


async def enrol(
    db: Database, msp_id: MspId, body: EnrolBody, message: SignedMessage, now: datetime
) -> Endpoint:
    """Enrol the machine that holds the key which `message` is signed with.

    The same token sent again with the same key gives the same endpoint, so a lost answer costs nothing.
    Raises TokenRefused or SignatureRefused.
    """
    try:
        public_key = keys.decode(body.public_key)
    except ValueError as error:
        raise SignatureRefused from error
    message.verified(public_key, now)
    if ENROLMENT_TOKEN.key_id(body.token) is None:
        raise TokenRefused
    async with db.transaction(Actor(msp_id, ActorKind.SYSTEM, "enrolment")) as tx:
        token = await tx.maybe(
            _TokenRow,
            """select id, customer_id, endpoint_name, expires_at, used_at, endpoint_id
               from enrolment_token where token_hash = %(hash)s for update""",
            {"hash": hash_key(body.token)},
        )
        if token is None:
            raise TokenRefused
        if token.endpoint_id:
            return await _enrolled_before(tx, token.endpoint_id, public_key)
        if (
            token.expires_at <= now
            or (token.endpoint_name or body.endpoint_name).lower() != body.endpoint_name.lower()
        ):
            raise TokenRefused
        return await _create_endpoint(tx, token, body, public_key)


async def _enrolled_before(tx: Transaction, endpoint_id: EndpointId, public_key: bytes) -> Endpoint:
    endpoint = await find_endpoint(tx, endpoint_id)
    if (
        endpoint is None
        or bytes(endpoint.public_key) != public_key
        or endpoint.state is EndpointState.REVOKED
    ):
        raise TokenRefused
    return endpoint


async def _create_endpoint(tx: Transaction, token: _TokenRow, body: EnrolBody, public_key: bytes) -> Endpoint:
    # Machines of one customer enrol one after another, or two of one name at once would both be the first.
    if not await hold_customer(tx, token.customer_id):
        raise TokenRefused
    twin = await tx.scalar(
        """select exists (select from endpoint where customer_id = %(customer)s
                          and lower(name) = lower(%(name)s) and state <> 'revoked')""",
        {"customer": token.customer_id, "name": body.endpoint_name},
    )
    state = EndpointState.HELD if twin else EndpointState.ACTIVE
    endpoint = Endpoint(
        EndpointId(new_id()), token.customer_id, body.endpoint_name, public_key, state, tx.now
    )
    try:
        await tx.run(
            """insert into endpoint (id, msp_id, customer_id, name, public_key, operating_system, agent_version,
                                     state, enrolled_at, last_seen_at)
               values (%(id)s, %(msp)s, %(customer_id)s, %(name)s, %(public_key)s, %(system)s, %(version)s,
                       %(state)s, %(last_seen_at)s, %(last_seen_at)s)""",
            {
                **vars(endpoint),
                "msp": tx.msp_id,
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


async def authenticate(db: Database, msp_id: MspId, message: SignedMessage, now: datetime) -> Endpoint:
    """The endpoint that signed `message`. Its nonce is used up, in every process.

    Raises SignatureRefused, and EndpointRevoked to the machine that proves to be the one that was revoked.
    """
    claimed = parse_uuid(message.claimed_key_id())
    if claimed is None:
        raise SignatureRefused
    async with db.transaction(actor_for(msp_id, EndpointId(claimed))) as tx:
        endpoint = await find_endpoint(tx, EndpointId(claimed))
        if endpoint is None:
            raise SignatureRefused
        verified = message.verified(bytes(endpoint.public_key), now)
        if verified.key_id != str(endpoint.id):
            raise SignatureRefused
        if endpoint.state is EndpointState.REVOKED:
            raise EndpointRevoked
        fresh = await tx.run(
            """insert into endpoint_nonce (endpoint_id, nonce, msp_id, seen_at)
               values (%(endpoint)s, %(nonce)s, %(msp)s, %(now)s) on conflict do nothing""",
            {"endpoint": endpoint.id, "nonce": verified.nonce, "msp": msp_id, "now": now},
        )
        if not fresh:
            raise SignatureRefused
        if now - endpoint.last_seen_at > _SEEN_NOTED_EVERY:
            await tx.run(
                "update endpoint set last_seen_at = %(now)s where id = %(id)s",
                {"now": now, "id": endpoint.id},
            )
    return endpoint


async def forget_nonces(db: Database, actor: Actor) -> None:
    """Drop nonces that no message inside the window can repeat."""
    async with db.transaction(actor) as tx:
        await tx.run("delete from endpoint_nonce where seen_at < %(before)s", {"before": tx.now - NONCE_KEPT})


async def find_endpoint(tx: Transaction, endpoint_id: EndpointId) -> Endpoint | None:
    """The endpoint by its id."""
    return await _find(tx, endpoint_id)


async def _find(tx: Transaction, endpoint_id: EndpointId, lock: LiteralString = "") -> Endpoint | None:
    query: LiteralString = "select id, customer_id, name, public_key, state, last_seen_at from endpoint"
    return await tx.maybe(Endpoint, query + " where id = %(id)s" + lock, {"id": endpoint_id})


async def take_turn(tx: Transaction, endpoint_id: EndpointId) -> None:
    """Wait until no other submit for this endpoint runs; a later one waits until this transaction ends.

    A revocation counts as one: it comes before or after. Raises EndpointRevoked.
    """
    lock = "select state from endpoint where id = %(endpoint)s for no key update"
    if await tx.scalar(lock, {"endpoint": endpoint_id}) == EndpointState.REVOKED:
        raise EndpointRevoked


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
    endpoint = await _find(tx, EndpointId(typed), " for no key update") if typed else None
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


async def list_endpoints(tx: Transaction, *, limit: int = 5000) -> list[dict[str, Any]]:
    """Endpoints with their customer, by name."""
    rows = await tx.dicts(
        """select id, name, customer_id as customer, state, operating_system, agent_version, enrolled_at, last_seen_at
           from endpoint order by lower(name) limit %(limit)s""",
        {"limit": limit},
    )
    names = await name_customers(tx, [row["customer"] for row in rows])
    return [{**row, "customer": names[row["customer"]]} for row in rows]


def actor_for(msp_id: MspId, endpoint_id: EndpointId) -> Actor:
    """The actor that an endpoint is."""
    return Actor(msp_id, ActorKind.ENDPOINT, str(endpoint_id))
