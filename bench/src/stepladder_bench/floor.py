"""The floor that deciding is measured against: the same reads and writes, and nothing else.

A bare ASGI callable on the server, event loop, parser, driver, pool, role and database of the product. It checks
nothing, knows no routes and builds no objects. `/plain` sends the statements one by one, as anyone would write them
first; `/joined` joins them the way the product does, into as few round trips. Both are one transaction a call.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

import psycopg
import uvicorn
import uvloop
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from .children import heard

Connection = psycopg.AsyncConnection[Any]
Decide = Callable[[Connection, "Call"], Awaitable[None]]

_READ_KEY = """select id, key_id, key_hash, name, actions, modes, customer_ids, requires_technician, expires_at,
                      revoked_at, last_used_at
               from inbound_key where key_id = %s"""
_LOCK = """select id, customer_id, endpoint_id, customer_label, kind, state, expires_at, requester_email
           from elevation_request where id = %s for update"""
_NAMES = "select name, display_name from customer where id = %s"
_UPDATE = "update elevation_request set state = 'approved', settled_at = %s where id = %s"
_DECISION = """insert into decision (request_id, msp_id, verdict, kind, scope, channel, actor_kind, actor_id,
                                     technician_id, reason, decided_at)
               values (%s, %s, 'approved', %s, 'once', 'integration_api', 'inbound_key', %s, null, null, %s)"""
_EVENT = """insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
            values (%s, %s, 'elevation_request.approved', 'inbound_key', %s, %s, %s, %s)"""
_LINK = """update ticket_link set desired = 'closed', attempts = 0, next_try_at = %s
           where subject_kind = 'elevation_request' and subject_id = %s returning connection_id"""

_LOCK_WITH_NAMES = """select r.id, r.customer_id, r.endpoint_id, array[c.name, c.display_name, r.customer_label],
                             r.kind, r.state, r.expires_at, r.requester_email
                      from elevation_request r join customer c on c.id = r.customer_id
                      where r.id = %s for update of r"""
_WRITE_ALL = """with settled as (
                    update elevation_request set state = 'approved', settled_at = %(at)s where id = %(request)s
                ), decided as (
                    insert into decision (request_id, msp_id, verdict, kind, scope, channel, actor_kind, actor_id,
                                          technician_id, reason, decided_at)
                    values (%(request)s, %(msp)s, 'approved', %(kind)s, 'once', 'integration_api', 'inbound_key',
                            %(key_id)s, null, null, %(at)s)
                )
                insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
                values (%(msp)s, %(at)s, 'elevation_request.approved', 'inbound_key', %(key_id)s, %(subject)s,
                        %(facts)s, %(leaf)s)"""


class Call:
    """What one call brings."""

    __slots__ = ("at", "facts", "key_id", "kind", "leaf", "msp_id", "request_id")

    def __init__(self, msp_id: UUID, key: str, body: bytes) -> None:
        asked = json.loads(body)
        self.msp_id = msp_id
        self.key_id = key.split("_")[1]
        self.request_id = UUID(asked["idemeumElevationRequestId"])
        self.kind = asked["userElevationMode"]
        self.at = datetime.now(UTC)
        self.facts = Jsonb(
            {"channel": "integration_api", "kind": self.kind, "scope": "once", "technician_id": None}
        )
        self.leaf = hashlib.sha256(body).digest()


async def decide_plainly(connection: Connection, call: Call) -> None:
    """Statement by statement."""
    await read_row(connection, _READ_KEY, (call.key_id,))
    request = await read_row(connection, _LOCK, (call.request_id,))
    await read_row(connection, _NAMES, (request[1],))
    await connection.execute(_UPDATE, (call.at, call.request_id))
    await connection.execute(_DECISION, (call.request_id, call.msp_id, call.kind, call.key_id, call.at))
    subject = str(call.request_id)
    await connection.execute(_EVENT, (call.msp_id, call.at, call.key_id, subject, call.facts, call.leaf))
    await read_row(connection, _LINK, (call.at, call.request_id))


async def decide_joined(connection: Connection, call: Call) -> None:
    """The same in the product's four round trips."""
    await read_row(connection, _READ_KEY, (call.key_id,))
    await read_row(connection, _LOCK_WITH_NAMES, (call.request_id,))
    values = {
        "at": call.at,
        "request": call.request_id,
        "msp": call.msp_id,
        "kind": call.kind,
        "key_id": call.key_id,
        "subject": str(call.request_id),
        "facts": call.facts,
        "leaf": call.leaf,
    }
    await connection.execute(_WRITE_ALL, values)
    await read_row(connection, _LINK, (call.at, call.request_id))


async def read_row(connection: Connection, query: LiteralString, values: tuple[Any, ...]) -> Any:
    """The row that must be there: a floor that finds nothing would be fast."""
    found = await (await connection.execute(query, values)).fetchone()
    if found is None:
        raise LookupError(query)
    return found


class Floor:
    """The ASGI callable."""

    def __init__(self, pool: AsyncConnectionPool[Connection], msp_id: UUID) -> None:
        self._pool, self._msp_id = pool, msp_id
        # Row security shows nothing without it; it goes with the begin, in one round trip.
        self._begin = f"begin; set local stepladder.msp_id = '{msp_id}'".encode()
        self._ways: dict[str, Decide] = {"/plain": decide_plainly, "/joined": decide_joined}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        way = self._ways.get(scope["path"])
        answer = await self._decided(way, scope, receive) if way else b"{}"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _decided(self, way: Decide, scope: Any, receive: Any) -> bytes:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        key = next(value for name, value in scope["headers"] if name == b"x-idemeum-api-key")
        call = Call(self._msp_id, key.decode(), body)
        async with self._pool.connection() as connection:
            await connection.execute(self._begin)
            try:
                await way(connection, call)
            except BaseException:
                await connection.execute("rollback")
                raise
            await connection.execute("commit")
        return json.dumps({"idemeumElevationRequestId": str(call.request_id), "status": "APPROVED"}).encode()


def opened_pool(url: str, size: int) -> AsyncConnectionPool[Connection]:
    """The pool as the product has it."""
    return AsyncConnectionPool(
        url,
        min_size=min(2, size),
        max_size=size,
        open=False,
        kwargs={
            "autocommit": True,
            "options": "-c timezone=UTC -c statement_timeout=15s -c lock_timeout=10s",
        },
    )


async def serve_bare(
    told: dict[str, Any], app: Callable[[AsyncConnectionPool[Connection], UUID], Any]
) -> None:
    """Serve a floor on uvicorn as it comes."""
    async with opened_pool(told["database_url"], told["pool"]) as pool:
        config = uvicorn.Config(
            app(pool, UUID(told["msp"])),
            host="127.0.0.1",
            port=told["port"],
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            proxy_headers=False,
            timeout_graceful_shutdown=1,
            backlog=4096,
        )
        await uvicorn.Server(config).serve()


async def _serve() -> None:
    async for told in heard():
        await serve_bare(told, Floor)
        return


if __name__ == "__main__":
    uvloop.run(_serve())
