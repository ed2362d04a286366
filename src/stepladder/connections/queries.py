"""Rows of connections. Statements only; no rule, no HTTP."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from stepladder.connectors.base import Lookup, LookupEntry
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import ConnectionId, CustomerId

from .kinds import Family


@dataclass(frozen=True)
class Connection:
    """A connection's row."""

    id: ConnectionId
    customer_id: CustomerId | None
    family: Family
    kind: str
    settings: dict[str, Any]
    sealed_secret: bytes


@dataclass(frozen=True)
class _Remembered:
    kind: str
    scope: str
    name: str
    remote_id: str | None
    fetched_at: datetime


_SELECT: LiteralString = (
    "select id, customer_id, family, kind, settings, sealed_secret from connection where is_enabled and"
)


async def find_ticket_system(tx: Transaction) -> Connection | None:
    """The MSP's ticket system, if one is connected."""
    return await tx.maybe(Connection, f"{_SELECT} family = %(family)s", {"family": str(Family.TICKET_SYSTEM)})


async def find(tx: Transaction, connection_id: ConnectionId) -> Connection | None:
    """One connection."""
    return await tx.maybe(Connection, f"{_SELECT} id = %(id)s", {"id": connection_id})


async def has_any(tx: Transaction) -> bool:
    """Whether the MSP has a connection of any kind."""
    return bool(
        await tx.scalar("select exists (select from connection where msp_id = %(msp)s)", {"msp": tx.msp_id})
    )


async def forget_lookups(
    tx: Transaction, connection_id: ConnectionId, kinds: tuple[str, ...] | None = None
) -> None:
    """Forget what was looked up of these kinds, or everything."""
    await tx.run(
        """delete from connection_lookup
           where connection_id = %(id)s and (%(kinds)s::text[] is null or kind = any(%(kinds)s))""",
        {"id": connection_id, "kinds": list(kinds) if kinds else None},
    )


class DatabaseLookups:
    """The look-up store of one connection, in the database."""

    def __init__(self, db: Database, actor: Actor, connection_id: ConnectionId) -> None:
        self._db, self._actor, self._id = db, actor, connection_id

    async def get(self, wanted: Collection[Lookup]) -> dict[Lookup, LookupEntry]:
        async with self._db.transaction(self._actor) as tx:
            rows = await tx.all(
                _Remembered,
                """select l.kind, l.scope, l.name, l.remote_id, l.fetched_at
                   from unnest(%(kinds)s::text[], %(scopes)s::text[], %(names)s::text[]) as w(kind, scope, name)
                   join connection_lookup l on l.connection_id = %(id)s and l.kind = w.kind and l.scope = w.scope
                                           and l.name = w.name""",
                {
                    "id": self._id,
                    "kinds": [each.kind for each in wanted],
                    "scopes": [each.scope for each in wanted],
                    "names": [each.name for each in wanted],
                },
            )
        return {
            Lookup(row.kind, row.name, row.scope): LookupEntry(row.remote_id, row.fetched_at) for row in rows
        }

    async def put(self, lookup: Lookup, remote_id: str | None) -> None:
        async with self._db.transaction(self._actor) as tx:
            await tx.run(
                """insert into connection_lookup (connection_id, kind, scope, name, msp_id, remote_id, fetched_at)
                   values (%(id)s, %(kind)s, %(scope)s, %(name)s, %(msp)s, %(remote)s, %(now)s)
                   on conflict (connection_id, kind, scope, name)
                   do update set remote_id = excluded.remote_id, fetched_at = excluded.fetched_at""",
                {**vars(lookup), "id": self._id, "msp": tx.msp_id, "remote": remote_id, "now": tx.now},
            )

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        async with self._db.transaction(self._actor) as tx:
            await forget_lookups(tx, self._id, kinds)


class NoLookups:
    """A store that remembers nothing: a check must see what is there now."""

    async def get(self, wanted: Collection[Lookup]) -> dict[Lookup, LookupEntry]:
        return {}

    async def put(self, lookup: Lookup, remote_id: str | None) -> None:
        return None

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        return None
