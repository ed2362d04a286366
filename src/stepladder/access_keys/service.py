"""Inbound keys: what an integration sends in `X-Idemeum-Api-Key`, and what it may do with it."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, LiteralString
from uuid import UUID

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid, NotFound, NotPermitted, Unauthenticated
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import InboundKeyId, MspId, new_id
from stepladder.kit.typed_ids import FEWEST, IdAmbiguous
from stepladder.remedies import Remedy
from stepladder_protocol.messages import ElevationKind

from .format import INBOUND_KEY, hash_key

LONGEST_LIFE = timedelta(days=366)
DEFAULT_CALLS_PER_MINUTE = 300
_USE_NOTED_EVERY = timedelta(hours=1)


class KeyAction(StrEnum):
    """What a key may be allowed to do."""

    APPROVE = "approve"
    DENY = "deny"
    DISABLE_JIT = "disable_jit"
    READ = "read"
    MANAGE_CUSTOMERS = "manage_customers"
    MANAGE_DELEGATION = "manage_delegation"
    MANAGE_RULES = "manage_rules"
    READ_AUDIT = "read_audit"


class KeyRefused(Unauthenticated):
    """No key, a malformed, unknown, foreign, expired or revoked one: all the same from outside."""

    code = "key_refused"
    sentence = "The header X-Idemeum-Api-Key does not hold a valid key of this MSP."
    remedy = Remedy.KEY_CREATE


class KeyNotAllowed(NotPermitted):
    """The key is genuine and does not allow this."""

    code = "key_not_allowed"
    sentence = "This key does not allow that. Use a key that has the action."
    remedy = Remedy.KEY_CREATE_WITH_ACTION


class KeyRevoked(Conflict):
    """It was revoked already."""

    code = "key_revoked"
    sentence = "The key has already been revoked."


@dataclass(frozen=True)
class InboundKey:
    """A key as it is stored: everything but itself."""

    id: InboundKeyId
    key_id: str
    key_hash: bytes
    name: str
    actions: list[KeyAction]
    modes: list[ElevationKind]
    customer_ids: list[UUID] | None
    requires_technician: bool
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    networks: list[str] | None = None
    calls_per_minute: int = DEFAULT_CALLS_PER_MINUTE
    seen_networks: list[str] = field(default_factory=list)
    held_at: datetime | None = None

    def may(self, action: KeyAction) -> bool:
        return action in self.actions

    def check_may(self, action: KeyAction) -> None:
        """Raises KeyNotAllowed."""
        if not self.may(action):
            raise KeyNotAllowed

    def serves(self, customer_id: UUID) -> bool:
        return self.customer_ids is None or customer_id in self.customer_ids


_SELECT: LiteralString = """select id, key_id, key_hash, name, actions, modes, customer_ids, requires_technician,
    expires_at, revoked_at, last_used_at, networks, calls_per_minute, seen_networks, held_at from inbound_key"""
_BY_KEY_ID: LiteralString = _SELECT + " where key_id = %(key_id)s"


async def create_key(
    tx: Transaction,
    *,
    name: str,
    actions: list[KeyAction],
    modes: list[ElevationKind],
    customer_ids: list[UUID] | None = None,
    requires_technician: bool = False,
    lifetime: timedelta = timedelta(days=365),
    networks: list[str] | None = None,
    calls_per_minute: int = DEFAULT_CALLS_PER_MINUTE,
) -> tuple[InboundKey, str]:
    """A new key and its text, which is never to be seen again. Raises Invalid."""
    if not actions:
        raise Invalid(f"Name at least one action the key may do: {', '.join(KeyAction)}.")
    if not timedelta(0) < lifetime <= LONGEST_LIFE:
        raise Invalid(
            "A key lives at most 366 days. Two keys can be valid at once, so that one can replace the other."
        )
    if not name.strip() or len(name) > 200:
        raise Invalid("A key's name has between 1 and 200 characters.")
    _check_rate(calls_per_minute)
    text = INBOUND_KEY.new()
    key = InboundKey(
        InboundKeyId(new_id()),
        INBOUND_KEY.key_id(text) or "",
        hash_key(text),
        name.strip(),
        actions,
        modes,
        customer_ids,
        requires_technician,
        tx.now + lifetime,
        None,
        None,
        networks,
        calls_per_minute,
    )
    await tx.run(
        """insert into inbound_key (id, msp_id, key_id, key_hash, name, actions, modes, customer_ids,
                                    requires_technician, created_at, expires_at, networks, calls_per_minute)
           values (%(id)s, %(msp)s, %(key_id)s, %(key_hash)s, %(name)s, %(actions)s, %(modes)s,
                   %(customer_ids)s, %(requires_technician)s, %(now)s, %(expires_at)s, %(networks)s,
                   %(calls_per_minute)s)""",
        {**vars(key), "msp": tx.msp_id, "now": tx.now},
    )
    await record(tx, Tag.INBOUND_KEY_CREATED, key.id, key_id=key.key_id, actions=key.actions, modes=key.modes)
    return key, text


@dataclass(frozen=True)
class Limits:
    """New limits of a key. `networks` None means anywhere."""

    networks: list[str] | None
    calls_per_minute: int


async def limit_key(tx: Transaction, key_id: str, change: Callable[[Limits], Limits]) -> Limits:
    """Change where and how often a key may be used, from the next call on. Raises NotFound, KeyRevoked or Invalid."""
    found = await _held(tx, key_id)
    limits = change(Limits(found.networks, found.calls_per_minute))
    _check_rate(limits.calls_per_minute)
    await tx.run(
        "update inbound_key set networks = %(networks)s, calls_per_minute = %(calls)s where id = %(id)s",
        {"networks": limits.networks, "calls": limits.calls_per_minute, "id": found.id},
    )
    await record(
        tx,
        Tag.INBOUND_KEY_LIMITED,
        found.id,
        networks=limits.networks,
        calls_per_minute=limits.calls_per_minute,
    )
    return limits


async def revoke_key(tx: Transaction, key_id: str) -> None:
    """From the next request on, in every process, the key is refused. Raises NotFound or KeyRevoked."""
    found = await _held(tx, key_id)
    await tx.run(
        "update inbound_key set revoked_at = %(now)s where id = %(id)s", {"now": tx.now, "id": found.id}
    )
    await record(tx, Tag.INBOUND_KEY_REVOKED, found.id, key_id=found.key_id)


async def _held(tx: Transaction, key_id: str) -> InboundKey:
    """A key that is not revoked, held until the transaction ends. Raises NotFound, IdAmbiguous or KeyRevoked."""
    found = await tx.all(
        InboundKey,
        _SELECT + " where id::text = %(text)s or starts_with(key_id, %(beginning)s) limit 2 for update",
        {"text": key_id, "beginning": key_id if len(key_id) >= FEWEST else None},
    )
    if not found:
        raise NotFound(f"No key has the id {key_id!r}.", remedy=Remedy.KEY_LIST)
    if len(found) > 1:
        raise IdAmbiguous
    if found[0].revoked_at:
        raise KeyRevoked
    return found[0]


def _check_rate(calls_per_minute: int) -> None:
    if not 1 <= calls_per_minute <= 1_000_000:
        raise Invalid("A key may make between 1 and 1,000,000 calls a minute.")


async def list_keys(tx: Transaction, *, limit: int = 1000) -> list[dict[str, Any]]:
    """Keys, newest first, without anything that could be used as one."""
    return await tx.dicts(
        """select key_id, name, actions, modes, customer_ids, requires_technician, created_at, expires_at,
                  revoked_at, held_at, last_used_at, networks, calls_per_minute, seen_networks
           from inbound_key order by created_at desc limit %(limit)s""",
        {"limit": limit},
    )


async def good_until(tx: Transaction, *actions: KeyAction) -> dict[str, datetime]:
    """The ids of the keys that may do all of this now, and until when."""
    rows = await tx.dicts(
        """select key_id, expires_at from inbound_key
           where revoked_at is null and held_at is null and expires_at > %(now)s and actions @> %(actions)s
           limit 20000""",
        {"now": tx.now, "actions": list(actions)},
    )
    return {row["key_id"]: row["expires_at"] for row in rows}


def claimed_key_id(text: str) -> str:
    """The id of a key that could be genuine. Raises KeyRefused, without a database call."""
    key_id = INBOUND_KEY.key_id(text)
    if key_id is None:
        raise KeyRefused
    return key_id


def actor_for(msp_id: MspId, key_id: str) -> Actor:
    """The actor of a key: who may look it up, and who acts once it is proven."""
    return Actor(msp_id, ActorKind.INBOUND_KEY, key_id)


async def authenticate(
    tx: Transaction, key_id: str, text: str, now: datetime, *, holds: bool = False
) -> InboundKey:
    """The stored key that `text` is. Read at every call, so that revoking acts at once. Raises KeyRefused.

    With `holds` it stays as it is until the transaction ends; noting its use does not wait for that.
    `now` is not the transaction's own instant, which belongs behind the locks that are still to come.
    """
    query = _BY_KEY_ID + " for key share" if holds else _BY_KEY_ID
    found = await tx.maybe(InboundKey, query, {"key_id": key_id})
    if found is None or not hmac.compare_digest(bytes(found.key_hash), hash_key(text)):
        raise KeyRefused
    if found.revoked_at or found.held_at or found.expires_at <= now:
        raise KeyRefused
    return found


async def note_use(db: Database, actor: Actor, key: InboundKey, now: datetime) -> None:
    """Remember that the key is in use, once an hour, outside the deciding transaction.

    Every decision would otherwise wait for the one before it, on the key's own row.
    """
    if key.last_used_at and now - key.last_used_at < _USE_NOTED_EVERY:
        return
    async with db.transaction(actor) as tx:
        await tx.run(
            """update inbound_key set last_used_at = %(now)s
               where id = %(id)s and last_used_at is not distinct from %(seen)s""",
            {"now": now, "id": key.id, "seen": key.last_used_at},
        )
