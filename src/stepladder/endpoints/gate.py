"""The gate that every message of a machine passes: its signature, its nonce, and how often the machine speaks.

A machine that was heard here lately is verified by the key that is remembered of it, before the database is asked for
anything: a machine's key never changes. Its state is read at every message, so revoking acts on the next one.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from stepladder.access_keys.strangers import Strangers
from stepladder.errors import TooMany
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database, DatabaseUnavailable, Transaction
from stepladder.kit.ids import EndpointId, MspId, parse_uuid
from stepladder.kit.recent import Recent
from stepladder.reconcile.rates import Rates
from stepladder_protocol.messages import EnrolBody
from stepladder_protocol.signing import Verified

from .service import (
    Endpoint,
    EndpointRevoked,
    EndpointState,
    SignatureRefused,
    SignedMessage,
    TokenRefused,
    actor_for,
    enrol,
    find_endpoint,
)

Done = TypeVar("Done")
_SEEN_NOTED_EVERY = timedelta(minutes=5)


class TooManyMessages(TooMany):
    """One machine must not take what all share."""

    code = "too_many_messages"
    sentence = "This machine has sent too many messages. Wait as long as Retry-After says."


class TooManyAsked(TooMany):
    """Each new request is a ticket, so a machine that asks and withdraws in a loop would bury its customer."""

    code = "too_many_asked"
    sentence = "This machine has asked too often. Wait as long as Retry-After says."


class EndpointGate:
    """Knows who signed a message, and how often they may."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        strangers: Strangers,
        *,
        messages_per_minute: int,
        requests_per_minute: int,
    ) -> None:
        self._db, self._clock, self._strangers = db, clock, strangers
        self._keys: Recent[tuple[MspId, EndpointId], bytes] = Recent()
        self._messages = Rates(clock, per_minute=messages_per_minute)
        self._requests = Rates(clock, per_minute=requests_per_minute)

    async def call(
        self,
        msp_id: MspId,
        message: SignedMessage,
        address: str,
        act: Callable[[Transaction, Endpoint], Awaitable[Done]],
    ) -> Done:
        """Do what `message` asks, in the transaction that knows its sender and uses up its nonce, in every process.

        What is refused undoes that transaction, so its nonce is used up in another. Raises SignatureRefused,
        EndpointRevoked to the machine that proves to be the one that was revoked, TooManyMessages, TooManyRefusals
        and what `act` raises.
        """
        now = self._clock.now()
        claimed = parse_uuid(message.claimed_key_id())
        if claimed is None:
            raise SignatureRefused
        actor = actor_for(msp_id, EndpointId(claimed))
        verified = self._verified_by_memory(msp_id, EndpointId(claimed), message, now)
        if verified is None:
            self._strangers.check(address)
        is_known = False
        try:
            async with self._db.transaction(actor) as tx:
                verified = verified or await self._verified_by_row(tx, EndpointId(claimed), message, now)
                endpoint = await _known(tx, verified, now)
                is_known = True
                return await act(tx, endpoint)
        except SignatureRefused:
            self._strangers.refused(address)
            raise
        except DatabaseUnavailable:
            raise
        except Exception:
            if is_known and verified:
                with suppress(SignatureRefused):  # it came twice, and the other one was faster
                    async with self._db.transaction(actor) as tx:
                        await _known(tx, verified, now)
            raise

    async def enrol(self, msp_id: MspId, body: EnrolBody, message: SignedMessage, address: str) -> Endpoint:
        """As `service.enrol`, with a bound on what one address may have refused. Raises TooManyRefusals, too."""
        self._strangers.check(address)
        try:
            endpoint = await enrol(self._db, msp_id, body, message, self._clock.now())
        except (TokenRefused, SignatureRefused):
            self._strangers.refused(address)
            raise
        self._keys.keep((msp_id, endpoint.id), bytes(endpoint.public_key))
        return endpoint

    def count_new_request(self, endpoint: Endpoint) -> None:
        """Count one more request that the machine makes, and that would be a ticket. Raises TooManyAsked."""
        seconds = self._requests.count(endpoint.id)
        if seconds:
            raise TooManyAsked(retry_after=math.ceil(seconds))

    def _verified_by_memory(
        self, msp_id: MspId, endpoint_id: EndpointId, message: SignedMessage, now: datetime
    ) -> Verified | None:
        key = self._keys.get((msp_id, endpoint_id))
        return self._verified(endpoint_id, message, key, now) if key else None

    async def _verified_by_row(
        self, tx: Transaction, endpoint_id: EndpointId, message: SignedMessage, now: datetime
    ) -> Verified:
        endpoint = await find_endpoint(tx, endpoint_id)
        if endpoint is None:
            raise SignatureRefused
        key = bytes(endpoint.public_key)
        verified = self._verified(endpoint_id, message, key, now)
        self._keys.keep((tx.msp_id, endpoint_id), key)
        return verified

    def _verified(
        self, endpoint_id: EndpointId, message: SignedMessage, key: bytes, now: datetime
    ) -> Verified:
        verified = message.verified(key, now)
        if verified.key_id != str(endpoint_id):
            raise SignatureRefused
        # Counted once it is proven: no other can use up what this machine may say.
        seconds = self._messages.count(endpoint_id)
        if seconds:
            raise TooManyMessages(retry_after=math.ceil(seconds))
        return verified


@dataclass(frozen=True)
class _Heard(Endpoint):
    """An endpoint, and whether its nonce was used for the first time."""

    is_fresh: bool = False


async def _known(tx: Transaction, verified: Verified, now: datetime) -> Endpoint:
    """The endpoint that was verified, as it is now; its nonce is used up.

    Raises SignatureRefused or EndpointRevoked.
    """
    endpoint = await tx.maybe(
        _Heard,
        """with used as (
               insert into endpoint_nonce (endpoint_id, nonce, msp_id, seen_at)
               values (%(endpoint)s, %(nonce)s, %(msp)s, %(now)s) on conflict do nothing returning 1
           )
           select id, customer_id, name, public_key, state, last_seen_at, signed_after,
                  exists (select from used) as is_fresh
           from endpoint where id = %(endpoint)s""",
        {"endpoint": UUID(verified.key_id), "nonce": verified.nonce, "msp": tx.msp_id, "now": now},
    )
    if endpoint is None or not endpoint.is_fresh or endpoint.may_be_replayed(verified.created):
        raise SignatureRefused
    if endpoint.state is EndpointState.REVOKED:
        raise EndpointRevoked
    if now - endpoint.last_seen_at > _SEEN_NOTED_EVERY:
        await tx.run(
            "update endpoint set last_seen_at = %(now)s where id = %(id)s", {"now": now, "id": endpoint.id}
        )
    return endpoint
