"""The floor that a lifecycle is measured against: a signed request, a press, a signed look, and nothing else.

The same bare callable as in `floor.py`, for the same rows. It verifies the same signatures with the same code, because
without them there is nothing to compare; each call is one transaction, its statements sent one by one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

from stepladder.kit.ids import new_reference
from stepladder_protocol import signing

from .children import heard
from .floor import Call, Connection, decide_plainly, read_row, serve_bare

SUBMIT, APPROVE, READ = "/submit", "/approve", "/read/"
_LIFETIME = timedelta(days=4)
_ENDPOINT = "select id, customer_id, name, public_key, state, last_seen_at from endpoint where id = %s"
_NONCE = "insert into endpoint_nonce (endpoint_id, nonce, msp_id, seen_at) values (%s, %s, %s, %s)"
_CUSTOMER = "select display_name from customer where id = %s"
_REQUEST = """insert into elevation_request
    (id, msp_id, customer_id, customer_label, endpoint_id, idempotency_key, body_sha256, kind, state, requester_user,
     requester_name, requester_email, program_name, program_path, arguments, sha256, size, publisher, reason,
     created_at, expires_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, 'pending', %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"""
_EVENT = """insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
            values (%s, %s, 'elevation_request.submitted', 'endpoint', %s, %s, %s, %s)"""
_SWEEP = "select connection_id from ticket_sweep"
_LINK = """insert into ticket_link (id, msp_id, subject_kind, subject_id, customer_id, connection_id, asker_id,
                                    reference, desired, observed, note_seen, attempts, next_try_at, needs_attention,
                                    created_at)
           values (%s, %s, 'elevation_request', %s, %s, %s, %s, %s, 'open', 'absent', false, 0, %s, false, %s)"""
_STATUS = """select r.id, r.endpoint_id, r.state, r.created_at, r.expires_at, r.settled_at, k.name, d.reason
             from elevation_request r left join decision d on d.request_id = r.id
             left join inbound_key k on k.key_id = d.actor_id and k.msp_id = r.msp_id where r.id = %s"""


class Signed:
    """What a signed call brings."""

    def __init__(self, scope: Any, body: bytes) -> None:
        lines = [(name.decode(), value.decode()) for name, value in scope["headers"]]
        self.headers, self.body, self.at = lines, body, datetime.now(UTC)
        query = f"?{scope['query_string'].decode()}" if scope["query_string"] else ""
        self.url = f"http://{dict(lines)['host']}{scope['path']}{query}"
        self.method, self.path = scope["method"], scope["path"]
        self.endpoint_id = UUID(signing.claimed_key_id(dict(lines)))

    async def sender(self, connection: Connection, msp_id: UUID) -> Any:
        """The endpoint's row, once its signature holds and its nonce is used."""
        endpoint = await read_row(connection, _ENDPOINT, (self.endpoint_id,))
        verified = signing.verify(
            method=self.method,
            url=self.url,
            header_lines=self.headers,
            body=self.body,
            public_key=Ed25519PublicKey.from_public_bytes(bytes(endpoint[3])),
            now=self.at,
        )
        await connection.execute(_NONCE, (self.endpoint_id, verified.nonce, msp_id, self.at))
        return endpoint


async def submit(connection: Connection, msp_id: UUID, call: Signed) -> bytes:
    """Write a request, its event and its link."""
    endpoint = await call.sender(connection, msp_id)
    said, request_id = json.loads(call.body), uuid4()
    label = (await read_row(connection, _CUSTOMER, (endpoint[1],)))[0]
    expires_at, leaf = call.at + _LIFETIME, hashlib.sha256(call.body).digest()
    who, program = said["requester"], said["program"]
    values = (
        *(
            request_id,
            msp_id,
            endpoint[1],
            label,
            call.endpoint_id,
            said["idempotency_key"],
            leaf,
            said["kind"],
        ),
        *(who["user"], who["display_name"], who["email"], program["name"], program["path"]),
        *(
            Jsonb(program["arguments"]),
            program["sha256"],
            program["size"],
            program["publisher"],
            said["reason"],
        ),
        *(call.at, expires_at),
    )
    await connection.execute(_REQUEST, values)
    facts = Jsonb({"customer_id": str(endpoint[1]), "sha256": program["sha256"], "kind": said["kind"]})
    event = (msp_id, call.at, str(call.endpoint_id), str(request_id), facts, leaf)
    await connection.execute(_EVENT, event)
    connection_id = (await read_row(connection, _SWEEP, ()))[0]
    whose = (request_id, endpoint[1], connection_id, call.endpoint_id)
    link = (uuid4(), msp_id, *whose, new_reference(), call.at, call.at)
    await connection.execute(_LINK, link)
    return json.dumps({"request_id": str(request_id), "state": "pending"}).encode()


async def read(connection: Connection, msp_id: UUID, call: Signed) -> bytes:
    """The state of a request."""
    await call.sender(connection, msp_id)
    row = await read_row(connection, _STATUS, (UUID(call.path.rpartition("/")[2]),))
    told = {"request_id": str(row[0]), "state": row[2], "decided_at": str(row[5]), "decided_by": row[6]}
    return json.dumps(told).encode()


class CycleFloor:
    """The ASGI callable."""

    def __init__(self, pool: AsyncConnectionPool[Connection], msp_id: UUID) -> None:
        self._pool, self._msp_id = pool, msp_id
        self._begin = f"begin; set local stepladder.msp_id = '{msp_id}'".encode()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        work = self._work(scope, body)
        answer = await self._done(work) if work else b"{}"
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    def _work(self, scope: Any, body: bytes) -> Callable[[Connection], Awaitable[bytes]] | None:
        path = scope["path"]
        if path == SUBMIT:
            return lambda connection: submit(connection, self._msp_id, Signed(scope, body))
        if path.startswith(READ):
            return lambda connection: read(connection, self._msp_id, Signed(scope, body))
        if path == APPROVE:
            key = next(value for name, value in scope["headers"] if name == b"x-idemeum-api-key")
            return lambda connection: _approve(connection, Call(self._msp_id, key.decode(), body))
        return None

    async def _done(self, work: Callable[[Connection], Awaitable[bytes]]) -> bytes:
        async with self._pool.connection() as connection:
            await connection.execute(self._begin)
            try:
                answer = await work(connection)
            except BaseException:
                await connection.execute("rollback")
                raise
            await connection.execute("commit")
        return answer


async def _approve(connection: Connection, call: Call) -> bytes:
    await decide_plainly(connection, call)
    return json.dumps({"idemeumElevationRequestId": str(call.request_id), "status": "APPROVED"}).encode()


async def _serve() -> None:
    async for told in heard():
        await serve_bare(told, CycleFloor)
        return


if __name__ == "__main__":
    uvloop.run(_serve())
