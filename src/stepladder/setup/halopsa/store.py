"""Rows about what we made in HaloPSA. Statements only."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.kit.db import Transaction
from stepladder.kit.ids import ConnectorId

from .objects import Part


@dataclass(frozen=True)
class Made:
    """A thing that we made, or were about to make, or only gave a key to."""

    key: str
    kind: str
    name: str
    remote_id: str | None
    fingerprint: bytes | None
    key_ids: list[str]

    @property
    def is_ours(self) -> bool:
        return self.remote_id is not None and self.fingerprint is not None


async def all_made(tx: Transaction, connector_id: ConnectorId) -> dict[str, Made]:
    """Everything that is remembered, by its key."""
    rows = await tx.all(
        Made,
        """select key, kind, name, remote_id, fingerprint, key_ids from halopsa_object
           where connector_id = %(id)s order by key limit 20000""",
        {"id": connector_id},
    )
    return {row.key: row for row in rows}


async def intend(tx: Transaction, connector_id: ConnectorId, part: Part, *, key_ids: list[str]) -> None:
    """Remember that a part is about to be made."""
    await tx.run(
        """insert into halopsa_object (connector_id, key, msp_id, kind, name, key_ids, intended_at)
           values (%(connector)s, %(key)s, %(msp)s, %(kind)s, %(name)s, %(key_ids)s, %(now)s)
           on conflict (connector_id, key) do update
               set name = excluded.name, remote_id = null, fingerprint = null, key_ids = excluded.key_ids,
                   intended_at = excluded.intended_at, made_at = null""",
        {
            "connector": connector_id,
            "key": part.key,
            "msp": tx.msp_id,
            "kind": str(part.kind),
            "name": part.name,
            "key_ids": key_ids,
            "now": tx.now,
        },
    )


async def made(
    tx: Transaction,
    connector_id: ConnectorId,
    part: Part,
    *,
    remote_id: str,
    fingerprint: bytes,
) -> None:
    """Remember that a part was made, and how it looked then."""
    await tx.run(
        """update halopsa_object set remote_id = %(remote)s, fingerprint = %(fingerprint)s, made_at = %(now)s
           where connector_id = %(connector)s and key = %(key)s""",
        {
            "remote": remote_id,
            "fingerprint": fingerprint,
            "now": tx.now,
            "connector": connector_id,
            "key": part.key,
        },
    )
    await record(tx, Tag.HALOPSA_OBJECT_MADE, remote_id, object=part.key)


async def set_keys(
    tx: Transaction,
    connector_id: ConnectorId,
    part: Part,
    *,
    remote_id: str,
    key_ids: list[str],
) -> None:
    """Remember which inbound keys an integration may hold, also one that we did not make."""
    await tx.run(
        """insert into halopsa_object (connector_id, key, msp_id, kind, name, remote_id, key_ids, intended_at)
           values (%(connector)s, %(key)s, %(msp)s, %(kind)s, %(name)s, %(remote)s, %(key_ids)s, %(now)s)
           on conflict (connector_id, key) do update set key_ids = excluded.key_ids""",
        {
            "connector": connector_id,
            "key": part.key,
            "msp": tx.msp_id,
            "kind": str(part.kind),
            "name": part.name,
            "remote": remote_id,
            "key_ids": key_ids,
            "now": tx.now,
        },
    )


async def forget(tx: Transaction, connector_id: ConnectorId, key: str) -> None:
    """A part is not there (any more), or not ours."""
    await tx.run(
        "delete from halopsa_object where connector_id = %(connector)s and key = %(key)s",
        {"connector": connector_id, "key": key},
    )
