"""The gate that every call with an inbound key passes: the key itself, how often it calls, and from where.

A key that leaked still opens only what it was made for (THREATS T5): networks and a rate narrow that further, and a
network that a key was never seen in leaves an event.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Invalid, TooMany
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import InboundKeyId, MspId
from stepladder.kit.log import get_logger
from stepladder.reconcile.budget import WINDOW_SECONDS, Bucket, Wait, capacity, take

from . import service as inbound_keys
from .service import InboundKey, KeyRefused

_SEEN_AT_MOST = 50
_PREFIX = {4: 24, 6: 48}
_log = get_logger("keys")


class TooManyCalls(TooMany):
    """More calls than the key may make."""

    code = "too_many_calls"
    sentence = (
        "This key makes more calls than it may. Wait as long as Retry-After says, or raise its limit: "
        "stepladder key limit"
    )


class KeyFromElsewhere(KeyRefused):
    """A genuine key from a network that it may not be used in. From outside it is refused like any other."""

    def __init__(self, key: InboundKey, network: str) -> None:
        super().__init__()
        self.key, self.network = key, network


def parsed_networks(texts: Sequence[str]) -> list[str]:
    """Networks as they are stored; an address is a network of one. Raises Invalid."""
    found = []
    for text in texts:
        try:
            found.append(str(ipaddress.ip_network(text.strip())))
        except ValueError as error:
            raise Invalid(f"{text!r} is not a network such as 203.0.113.0/24 or 2001:db8::/48.") from error
    return found


def network_of(address: str) -> str | None:
    """The network that an address is remembered as; None for what is no address."""
    try:
        parsed = _address(address)
    except ValueError:
        return None
    return str(ipaddress.ip_network(f"{parsed}/{_PREFIX[parsed.version]}", strict=False))


def is_within(address: str, networks: Sequence[str] | None) -> bool:
    """Whether an address is in one of the networks; always, where none are named."""
    if networks is None:
        return True
    try:
        parsed = _address(address)
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in networks)


class KeyGate:
    """Authenticates keys, in each transaction anew, so that revoking acts at once.

    How often a key called is counted in this process; several processes allow as often as much.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock
        self._buckets: dict[tuple[InboundKeyId, bool], tuple[int, Bucket]] = {}

    async def authenticate(self, tx: Transaction, text: str, address: str) -> InboundKey:
        """The stored key that `text` is, for a call from `address`. Raises KeyRefused or TooManyCalls.

        Inside `noting_refusals`, so that a genuine key from elsewhere leaves its event.
        """
        key = await inbound_keys.authenticate(tx, text)
        is_here = is_within(address, key.networks)
        # Only genuine keys are counted, and elsewhere by themselves: nobody there can use up the calls of those here.
        seconds = self._wait(key, is_here=is_here)
        if is_here and seconds:
            raise TooManyCalls(retry_after=math.ceil(seconds))
        if seconds:
            raise KeyRefused  # as from elsewhere, but there are events enough
        if not is_here:
            raise KeyFromElsewhere(key, network_of(address) or "unknown")
        return key

    @asynccontextmanager
    async def noting_refusals(self, actor: Actor) -> AsyncIterator[None]:
        """Around the transaction: what was refused in it is written down after it was undone."""
        try:
            yield
        except KeyFromElsewhere as refusal:
            async with self._db.transaction(actor) as tx:
                await record(tx, Tag.INBOUND_KEY_ELSEWHERE, refusal.key.id, network=refusal.network)
            raise

    async def note_use(self, msp_id: MspId, key: InboundKey, address: str) -> None:
        """Remember that the key is in use and from where, outside the transaction of the call."""
        network = network_of(address)
        if network and network not in key.seen_networks and len(key.seen_networks) < _SEEN_AT_MOST:
            await self._note_network(msp_id, key, network)
        await inbound_keys.note_use(self._db, msp_id, key, self._clock.now())

    def _wait(self, key: InboundKey, *, is_here: bool) -> float:
        """Count one call; gives the seconds to wait where it is one too many, else 0."""
        budget = round(key.calls_per_minute * WINDOW_SECONDS / 60)
        full = (budget, Bucket(capacity(budget), self._clock.now()))
        known = self._buckets.get((key.id, is_here), full)
        # Another limit than before starts anew.
        _, bucket = known if known[0] == budget else full
        taken = take(bucket, budget, self._clock.now())
        self._buckets[key.id, is_here] = (budget, taken.bucket)
        return taken.seconds if isinstance(taken, Wait) else 0.0

    async def _note_network(self, msp_id: MspId, key: InboundKey, network: str) -> None:
        async with self._db.transaction(inbound_keys.actor_for(msp_id, key.key_id)) as tx:
            is_added = await tx.run(
                """update inbound_key set seen_networks = seen_networks || %(network)s::text
                   where id = %(id)s and not %(network)s = any(seen_networks)""",
                {"network": network, "id": key.id},
            )
            # The first one is where the key belongs, as far as anybody knows.
            is_news = bool(is_added and key.seen_networks)
            if is_news:
                await record(tx, Tag.INBOUND_KEY_NEW_NETWORK, key.id, network=network)
        if is_news:
            _log.warning("key_in_new_network", key_id=key.key_id, network=network)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    parsed = ipaddress.ip_address(text)
    # A socket that takes both kinds tells an IPv4 caller as ::ffff:203.0.113.9.
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    return mapped or parsed
