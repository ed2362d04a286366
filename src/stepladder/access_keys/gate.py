"""The gate that every call with an inbound key passes: the key itself, how often it calls, and from where.

A key that leaked still opens only what it was made for: networks and a rate narrow that further, and a network that a
key was never seen in leaves an event. What calls do is theirs; the gate knows no feature above it.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Gone, Invalid, NotFound, NotPermitted, StepladderError, TooMany
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import MspId
from stepladder.kit.log import get_logger
from stepladder.reconcile.rates import Rates
from stepladder.remedies import Remedy

from . import service as inbound_keys
from .format import hash_key
from .networks import is_within, network_of
from .service import InboundKey, KeyRefused
from .strangers import Strangers

Done = TypeVar("Done")
_SEEN_AT_MOST = 50
_log = get_logger("keys")


class TooManyCalls(TooMany):
    """More calls than the key may make."""

    code = "too_many_calls"
    sentence = "This key has made too many calls. Wait as long as Retry-After says, or raise the key's limit."
    remedy = Remedy.KEY_LIMIT


class KeyFromElsewhere(KeyRefused):
    """A genuine key from a network that it must not be used in. From outside it is refused like any other."""

    def __init__(self, key: InboundKey, network: str) -> None:
        super().__init__()
        self.key, self.network = key, network


@dataclass(frozen=True)
class ShownKey:
    """A key as a call shows it, and where the call comes from. Nothing of it is believed yet, not even the actor."""

    actor: Actor
    text: str = field(repr=False)
    address: str

    @classmethod
    def read(cls, msp_id: MspId, text: str, address: str) -> ShownKey:
        """A key that could be genuine. Raises KeyRefused for a text that no key has, without a database call."""
        return cls(inbound_keys.actor_for(msp_id, inbound_keys.claimed_key_id(text)), text, address)


@dataclass(frozen=True)
class Trace:
    """What a call leaves in the trail when its genuine key does not allow what it asks for; the code is added."""

    tag: Tag
    facts: Mapping[str, Any]
    subject: UUID | str | None = None
    """What the event is about; the key itself if None."""


class KeyGate:
    """Lets calls in by their key, and notes what became of them.

    How often a key called is counted in this process; several processes allow as often as much.
    """

    def __init__(self, db: Database, clock: Clock, strangers: Strangers | None = None) -> None:
        self._db, self._clock = db, clock
        self._strangers = strangers or Strangers(clock)
        self._rates = Rates(clock)

    async def call(
        self,
        shown: ShownKey,
        act: Callable[[Transaction, InboundKey], Awaitable[Done]],
        trace: Trace,
        *,
        holds_key: bool = False,
    ) -> Done:
        """Do what a call asks, in the transaction that reads its key: revoking a key acts on the next call.

        With `holds_key`, revoking or limiting it waits for this call, and this call for that.

        What is refused undoes that transaction, so its event is written in another. A key is in use even if its call
        is refused: the first use in a new network is told even if all that a thief's calls find are refusals.
        Raises KeyRefused, TooManyRefusals, TooManyCalls and what `act` raises.
        """
        key: InboundKey | None = None
        proof = hash_key(shown.text)
        self._strangers.check(shown.address, proof)
        try:
            async with self._db.transaction(shown.actor) as tx:
                key = await self._authenticate(tx, shown, holds_key=holds_key)
                done = await act(tx, key)
        except KeyFromElsewhere as refusal:
            self._strangers.prove(proof)
            await self._record(shown, Tag.INBOUND_KEY_ELSEWHERE, refusal.key.id, network=refusal.network)
            raise
        except KeyRefused:
            self._strangers.refused(shown.address)
            raise
        except (NotPermitted, NotFound, Conflict, Gone, Invalid) as refusal:
            if key:
                await self._note_refusal(shown, key, refusal, trace)
            raise
        self._strangers.prove(proof)
        await self._note_use(shown, key)
        return done

    async def _authenticate(self, tx: Transaction, shown: ShownKey, *, holds_key: bool) -> InboundKey:
        """The stored key that was shown. Raises KeyRefused or TooManyCalls."""
        now = self._clock.now()
        key = await inbound_keys.authenticate(tx, shown.actor.id, shown.text, now, holds=holds_key)
        is_here = is_within(shown.address, key.networks)
        # Only genuine keys are counted, and elsewhere by themselves: nobody there can use up the calls of those here.
        seconds = self._wait(key, is_here=is_here)
        if is_here and seconds:
            raise TooManyCalls(retry_after=math.ceil(seconds))
        if seconds:
            raise KeyRefused  # as from elsewhere, but there are events enough
        if not is_here:
            raise KeyFromElsewhere(key, network_of(shown.address) or "unknown")
        return key

    async def _note_refusal(
        self, shown: ShownKey, key: InboundKey, refusal: StepladderError, trace: Trace
    ) -> None:
        """A genuine key that reaches for more than it has is worth seeing; one that is late or unreadable is not."""
        if isinstance(refusal, NotPermitted | NotFound):
            await self._record(shown, trace.tag, trace.subject or key.id, **trace.facts, code=refusal.code)
        await self._note_use(shown, key)

    async def _note_use(self, shown: ShownKey, key: InboundKey) -> None:
        """Remember that the key is in use and from where, outside the transaction of the call."""
        network = network_of(shown.address)
        if network and network not in key.seen_networks and len(key.seen_networks) < _SEEN_AT_MOST:
            await self._note_network(shown, key, network)
        await inbound_keys.note_use(self._db, shown.actor, key, self._clock.now())

    async def _note_network(self, shown: ShownKey, key: InboundKey, network: str) -> None:
        async with self._db.transaction(shown.actor) as tx:
            is_added = await tx.run(
                """update inbound_key set seen_networks = seen_networks || %(network)s::text
                   where id = %(id)s and not %(network)s = any(seen_networks)""",
                {"network": network, "id": key.id},
            )
            # The first one counts as the key's own network.
            is_news = bool(is_added and key.seen_networks)
            if is_news:
                await record(tx, Tag.INBOUND_KEY_NEW_NETWORK, key.id, network=network)
        if is_news:
            _log.warning("key_in_new_network", key_id=key.key_id, network=network)

    async def _record(self, shown: ShownKey, tag: Tag, subject: UUID | str, **facts: Any) -> None:
        async with self._db.transaction(shown.actor) as tx:
            await record(tx, tag, subject, **facts)

    def _wait(self, key: InboundKey, *, is_here: bool) -> float:
        """Count one call; returns the seconds to wait if it is one too many, else 0."""
        return self._rates.count((key.id, is_here), key.calls_per_minute)
