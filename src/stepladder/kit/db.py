"""The one door to tenant data: a transaction that belongs to an actor, held to that actor's MSP.

The tables are SQLAlchemy tables (for migrations and the drift check); statements are plain SQL on psycopg
(decision 0002). The role that runs them owns nothing, and row security compares every row with the setting
that this door makes at the start of a transaction. Without an actor no row of any tenant can be seen.
"""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg.rows import dict_row, scalar_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from stepladder.errors import Unavailable

from . import hangup
from .clock import Clock
from .ids import MspId
from .rows import Row, row_of

Connection = psycopg.AsyncConnection[Any]
Cursor = psycopg.AsyncCursor[Any]
Params = Mapping[str, Any]

SESSION = {
    "timezone": "UTC",
    "statement_timeout": "15s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "30s",
}
SESSION_OPTIONS = " ".join(f"-c {name}={value}" for name, value in SESSION.items())
_CONNECT_ATTEMPTS = 3
_PATIENCE_SECONDS = 10.0
# While the database is known to be away. A connection to one that is back takes milliseconds.
_SHORT_PATIENCE_SECONDS = 1.0
# An attempt to connect again is given up soon, because the pool waits twice as long between two tries each time; the
# next one who asks begins another.
RECONNECT_SECONDS = 3.0


class ActorKind(StrEnum):
    """Who acts. The kind and the id go into every audit event."""

    TECHNICIAN = "technician"
    ENDPOINT = "endpoint"
    INBOUND_KEY = "inbound_key"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """The caller, known to belong to one MSP. Only authentication code makes one."""

    msp_id: MspId
    kind: ActorKind
    id: str


class DatabaseUnavailable(Unavailable):
    """PostgreSQL does not answer."""

    code = "database_unavailable"
    sentence = "The database does not answer. Nothing was changed; try again."


@dataclass
class _Course:
    """What all names of one transaction share: its instant, and what follows its commit."""

    clock: Clock
    afterwards: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def now(self) -> datetime:
        return self.clock.now()


class NotHeld(Exception):
    """What a transaction was to hold is not there (any more)."""


class Transaction:
    """Statements of one actor, committed together. Rows come back as the class that is asked for, with its enums."""

    def __init__(
        self, actor: Actor, connection: Connection, course: _Course, held: Mapping[str, Any] | None = None
    ) -> None:
        self.actor = actor
        self.connection = connection
        self.held = held or {}
        """The row that the statement found which was given as `holding`."""
        self._course = course

    @property
    def msp_id(self) -> MspId:
        return self.actor.msp_id

    @property
    def now(self) -> datetime:
        """The instant of this transaction: read when it is first asked for, and the same until the end.

        Ask behind the locks that the instant is compared with rows of: waiting for one takes time.
        """
        return self._course.now

    def after_commit(self, act: Callable[[], None]) -> None:
        """Call `act` once this transaction is committed, and only then. It must not raise."""
        self._course.afterwards.append(act)

    def acting_as(self, kind: ActorKind, actor_id: str) -> Transaction:
        """The same transaction in another name of the same MSP."""
        other = copy.copy(self)
        other.actor = Actor(self.msp_id, kind, actor_id)
        return other

    async def maybe(self, row: type[Row], query: LiteralString, params: Params | None = None) -> Row | None:
        """The only row, or None."""
        async with self.connection.cursor(row_factory=row_of(row)) as cursor:
            await cursor.execute(query, params)
            return await cursor.fetchone()

    async def all(self, row: type[Row], query: LiteralString, params: Params | None = None) -> list[Row]:
        """Every row. The statement itself must bound how many there can be."""
        async with self.connection.cursor(row_factory=row_of(row)) as cursor:
            await cursor.execute(query, params)
            return await cursor.fetchall()

    async def scalar(self, query: LiteralString, params: Params | None = None) -> Any:
        """The first column of the first row, or None."""
        async with self.connection.cursor(row_factory=scalar_row) as cursor:
            await cursor.execute(query, params)
            return await cursor.fetchone()

    async def dicts(self, query: LiteralString, params: Params | None = None) -> list[dict[str, Any]]:
        """Rows as dictionaries, for listings that are only shown."""
        async with self.connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(query, params)
            return await cursor.fetchall()

    async def run(self, query: LiteralString, params: Params | None = None) -> int:
        """How many rows the statement touched."""
        cursor = await self.connection.execute(query, params)
        return cursor.rowcount


class Database:
    """The pool of the service's role, and the ways to use it."""

    def __init__(self, url: str, clock: Clock, *, pool_size: int = 10) -> None:
        self.url = url
        self._clock = clock
        self.pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            url,
            min_size=min(2, pool_size),
            max_size=pool_size,
            open=False,
            timeout=_PATIENCE_SECONDS,
            reconnect_timeout=RECONNECT_SECONDS,
            kwargs={"autocommit": True, "options": SESSION_OPTIONS},
            name="stepladder",
        )
        self._is_away = False

    async def open(self) -> None:
        """Connect. Raises DatabaseUnavailable."""
        try:
            await self.pool.open(wait=True, timeout=15)
        except PoolTimeout as error:
            raise DatabaseUnavailable from error

    async def close(self) -> None:
        await self.pool.close()

    @asynccontextmanager
    async def transaction(self, actor: Actor, *, holding: str | None = None) -> AsyncIterator[Transaction]:
        """One transaction of `actor`, committed when the block ends and undone when it raises.

        `holding` is a statement of constants only that locks what the transaction depends on, in the same round
        trip. Raises NotHeld where it finds no row, and DatabaseUnavailable where the connection is lost; whether a
        commit that was under way happened is then unknown, which is why every use case can be asked again.
        """
        # A UUID's text cannot break out of the literal; one round trip instead of two.
        begin = f"begin; set local stepladder.msp_id = '{UUID(str(actor.msp_id))}'"
        course = _Course(self._clock)
        async with self._begun(f"{begin}; {holding}" if holding else begin) as (connection, cursor):
            held = await _row_of_last(cursor) if holding else None
            yield Transaction(actor, connection, course, held)
        for act in course.afterwards:
            act()

    async def crossing(self, query: LiteralString, params: Params | None = None) -> list[dict[str, Any]]:
        """Call one of the owner's functions that look across tenants (`migrations/functions.sql`).

        They return ids and due times, nothing else of any tenant. No table can be read this way.
        """
        async with (
            self._begun("begin read only") as (connection, _),
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(query, params)
            return await cursor.fetchall()

    async def notify(self, channel: LiteralString, payload: str) -> None:
        """Tell listening processes. Outside any transaction that writes: notifying serialises commits."""
        async with self._connection() as (connection, _):
            await connection.execute("select pg_notify(%s, %s)", (channel, payload))

    @asynccontextmanager
    async def exclusive(self, what: str) -> AsyncIterator[bool]:
        """Whether `what` is this block's alone, in all processes, until it ends. A process that dies lets go of it."""
        async with self._connection() as (connection, _):
            asked = "select pg_try_advisory_lock(hashtextextended(%s, 0))"
            row = await (await connection.execute(asked, (what,))).fetchone()
            is_ours = bool(row and row[0])
            try:
                yield is_ours
            finally:
                if is_ours and not connection.broken:
                    await connection.execute("select pg_advisory_unlock(hashtextextended(%s, 0))", (what,))

    @asynccontextmanager
    async def _begun(self, begin: str) -> AsyncIterator[tuple[Connection, Cursor]]:
        async with self._connection(begin) as (connection, cursor):
            try:
                yield connection, cursor
            except BaseException:
                if not connection.broken:
                    await connection.execute("rollback")
                raise
            await connection.execute("commit")

    @asynccontextmanager
    async def _connection(self, first: str = "select 1") -> AsyncIterator[tuple[Connection, Cursor]]:
        """A live connection. One that died while idle is replaced, as long as nothing was done on it."""
        try:
            connection, cursor = await self._take(first)
        except (PoolClosed, PoolTimeout) as error:
            raise DatabaseUnavailable from error
        try:
            yield connection, cursor
        except psycopg.OperationalError as error:
            if connection.broken:
                self._is_away = True
                raise DatabaseUnavailable from error
            raise
        finally:
            await self.pool.putconn(connection)

    async def _take(self, first: str) -> tuple[Connection, Cursor]:
        for attempt in range(1, _CONNECT_ATTEMPTS + 1):
            connection = await self.pool.getconn(_SHORT_PATIENCE_SECONDS if self._is_away else None)
            hangup.begin()
            try:
                cursor = await connection.execute(first.encode())
            except psycopg.OperationalError as error:
                was_dead = connection.broken
                self._is_away = self._is_away or was_dead
                await self.pool.putconn(connection)
                if not was_dead:
                    raise  # The database answers: what is to be held is locked, for example.
                if attempt == _CONNECT_ATTEMPTS:
                    raise DatabaseUnavailable from error
            except BaseException:
                await self.pool.putconn(connection)
                raise
            else:
                self._is_away = False
                return connection, cursor
        raise AssertionError("the loop returns or raises")


async def _row_of_last(cursor: Cursor) -> dict[str, Any]:
    """The row that the last of several statements found. Raises NotHeld where it found none."""
    while cursor.nextset():
        pass
    row = await cursor.fetchone()
    if row is None:
        raise NotHeld
    return {column.name: value for column, value in zip(cursor.description or (), row, strict=True)}


def jsonb(value: Any) -> Jsonb:
    """A value for a jsonb column."""
    return Jsonb(value)
