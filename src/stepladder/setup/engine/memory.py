"""What we remember of a set-up: each thing that we made, with the keys that it holds. Every call is one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from stepladder.access_keys.service import KeyAction, KeyRevoked, create_key, revoke_key
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId
from stepladder_protocol.messages import ElevationKind

from .parts import Made, Part


@dataclass(frozen=True)
class Words:
    """What the trail and the list of keys call the things of one system."""

    system: str
    made: Tag
    removed: Tag


async def revoke_all(tx: Transaction, connection_id: ConnectionId) -> None:
    """Refuse every key of a set-up from now on."""
    rows = await tx.dicts(
        "select key_ids from halopsa_object where connection_id = %(id)s limit 20000", {"id": connection_id}
    )
    await _revoke(tx, [key_id for row in rows for key_id in row["key_ids"]])


async def _revoke(tx: Transaction, key_ids: Sequence[str]) -> None:
    for key_id in key_ids:
        try:
            await revoke_key(tx, key_id)
        except KeyRevoked:
            continue


class Memory:
    """The things that we made in one remote system."""

    def __init__(self, db: Database, actor: Actor, connection_id: ConnectionId, words: Words) -> None:
        self._db, self._actor, self._id, self._words = db, actor, connection_id, words

    async def recall(self) -> dict[str, Made]:
        """All that is remembered, by the parts' keys."""
        async with self._transaction() as tx:
            rows = await tx.all(
                Made,
                """select key, kind, name, remote_id, fingerprint, key_ids from halopsa_object
                   where connection_id = %(id)s order by key limit 20000""",
                {"id": self._id},
            )
        return {row.key: row for row in rows}

    async def intend(self, part: Part) -> str:
        """Remember that a part is about to be made. Returns its fresh key; that of an attempt before is revoked."""
        async with self._transaction() as tx:
            await _revoke(tx, await self._key_ids(tx, part.key))
            key_ids, key = await self._fresh_key(tx, part)
            await tx.run(
                """insert into halopsa_object (connection_id, key, msp_id, kind, name, key_ids, intended_at)
                   values (%(connector)s, %(key)s, %(msp)s, %(kind)s, %(name)s, %(key_ids)s, %(now)s)
                   on conflict (connection_id, key) do update
                       set name = excluded.name, remote_id = null, fingerprint = null, key_ids = excluded.key_ids,
                           intended_at = excluded.intended_at, made_at = null""",
                self._row(tx, part, key_ids=key_ids),
            )
        return key

    async def keep(self, part: Part, remote_id: str, fingerprint: bytes) -> None:
        """Remember that a part was made, and how it looked then."""
        async with self._transaction() as tx:
            await tx.run(
                """update halopsa_object set remote_id = %(remote)s, fingerprint = %(fingerprint)s, made_at = %(now)s
                   where connection_id = %(connector)s and key = %(key)s""",
                self._row(tx, part, remote=remote_id, fingerprint=fingerprint),
            )
            await record(tx, self._words.made, remote_id, object=part.key)

    async def forget(self, key: str, remote_id: str | None = None) -> None:
        """A part was never made, or is gone, which the trail says. Its keys are refused from now on."""
        async with self._transaction() as tx:
            await _revoke(tx, await self._key_ids(tx, key))
            await tx.run(
                "delete from halopsa_object where connection_id = %(connector)s and key = %(key)s",
                {"connector": self._id, "key": key},
            )
            if remote_id:
                await record(tx, self._words.removed, remote_id, object=key)

    async def add_key(self, part: Part, remote_id: str) -> tuple[list[str], list[str], str]:
        """One more key for a part, also for one that we did not make. Returns the old ids, the new one, and the key."""
        async with self._transaction() as tx:
            old = await self._key_ids(tx, part.key)
            new, key = await self._fresh_key(tx, part)
            await tx.run(
                """insert into halopsa_object (connection_id, key, msp_id, kind, name, remote_id, key_ids, intended_at)
                   values (%(connector)s, %(key)s, %(msp)s, %(kind)s, %(name)s, %(remote)s, %(key_ids)s, %(now)s)
                   on conflict (connection_id, key) do update set key_ids = excluded.key_ids""",
                self._row(tx, part, remote=remote_id, key_ids=[*old, *new]),
            )
        return old, new, key

    async def settle_keys(self, part: Part, kept: Sequence[str]) -> None:
        """Only these keys of a part are good from now on."""
        async with self._transaction() as tx:
            held = await self._key_ids(tx, part.key)
            await _revoke(tx, [key_id for key_id in held if key_id not in kept])
            await tx.run(
                """update halopsa_object set key_ids = %(key_ids)s
                   where connection_id = %(connector)s and key = %(key)s""",
                self._row(tx, part, key_ids=list(kept)),
            )

    def _row(self, tx: Transaction, part: Part, **more: object) -> dict[str, object]:
        names = {"key": part.key, "kind": str(part.kind), "name": part.name}
        return {"connector": self._id, "msp": tx.msp_id, "now": tx.now, **names, **more}

    async def _key_ids(self, tx: Transaction, key: str) -> list[str]:
        held = await tx.scalar(
            "select key_ids from halopsa_object where connection_id = %(connector)s and key = %(key)s for update",
            {"connector": self._id, "key": key},
        )
        return list(held or ())

    async def _fresh_key(self, tx: Transaction, part: Part) -> tuple[list[str], str]:
        rights = part.key_rights
        if rights is None:
            return [], ""
        actions, modes = map(KeyAction, rights.actions), map(ElevationKind, rights.modes)
        name = f"{self._words.system}: {part.name}"
        key, text = await create_key(tx, name=name, actions=list(actions), modes=list(modes))
        return [key.key_id], text

    def _transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self._db.transaction(self._actor)
