"""Asking for what is asked for already: the same key again, or an equal request while one is pending.

An idempotency key always means one request, whether it made the request or joined it. Everything here runs while the
endpoint's turn is taken (`endpoints.take_turn`), so two keys, or one key twice, cannot pass each other.
"""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, TooMany
from stepladder.kit.db import Transaction, jsonb
from stepladder.kit.ids import EndpointId, RequestId
from stepladder_protocol.messages import SubmitBody

MAX_REPEATS_OF_A_REQUEST = 50


class IdempotencyKeyReused(Conflict):
    """The key named another request."""

    code = "idempotency_key_reused"
    sentence = "That idempotency key was used for another request. Use a new one."


class TooManyRepeats(TooMany):
    """Each repeat leaves a row, and a program that asks without end must not."""

    code = "too_many_repeats"
    sentence = (
        f"This has been asked for {MAX_REPEATS_OF_A_REQUEST} times while it is waiting for a decision. "
        "Wait until it is decided, or cancel it."
    )


@dataclass(frozen=True)
class Meant:
    """The request that a key means, and whether another key had made it."""

    id: RequestId
    joined: bool


async def known(tx: Transaction, endpoint_id: EndpointId, key: str, fingerprint: bytes) -> Meant | None:
    """The request that this key means, if it was used before. Raises IdempotencyKeyReused for another body."""
    used = await tx.maybe(
        _Used,
        """select id, body_sha256, false as joined from elevation_request
           where endpoint_id = %(endpoint)s and idempotency_key = %(key)s
           union all
           select request_id, body_sha256, true from joined_request
           where endpoint_id = %(endpoint)s and idempotency_key = %(key)s""",
        {"endpoint": endpoint_id, "key": key},
    )
    if used is None:
        return None
    if bytes(used.body_sha256) != fingerprint:
        raise IdempotencyKeyReused
    return Meant(used.id, used.joined)


async def join(
    tx: Transaction, endpoint_id: EndpointId, body: SubmitBody, fingerprint: bytes
) -> Meant | None:
    """Let a new key mean the equal pending request; None if there is none. Raises TooManyRepeats."""
    request_id = await equal_pending(tx, endpoint_id, body)
    if request_id is None:
        return None
    repeats: int = await tx.scalar(
        "select count(*) from joined_request where request_id = %(request)s", {"request": request_id}
    )
    if repeats >= MAX_REPEATS_OF_A_REQUEST:
        raise TooManyRepeats
    await tx.run(
        """insert into joined_request (endpoint_id, idempotency_key, msp_id, request_id, body_sha256, joined_at)
           values (%(endpoint)s, %(key)s, %(msp)s, %(request)s, %(fingerprint)s, %(now)s)""",
        {
            "endpoint": endpoint_id,
            "key": body.idempotency_key,
            "msp": tx.msp_id,
            "request": request_id,
            "fingerprint": fingerprint,
            "now": tx.now,
        },
    )
    await record(tx, Tag.REQUEST_JOINED, request_id, repeats=repeats + 1)
    return Meant(request_id, joined=True)


async def equal_pending(tx: Transaction, endpoint_id: EndpointId, body: SubmitBody) -> RequestId | None:
    """The endpoint's pending request that asks for the same: everything but key and reason is the same.

    Its row is locked, so a decision, a cancelling or an expiry that is under way comes before or after the joining,
    never in between: nobody joins what is settled.
    """
    found: RequestId | None = await tx.scalar(
        EQUAL_PENDING, {**asked(body), "endpoint": endpoint_id, "now": tx.now}
    )
    return found


EQUAL_PENDING = """
    select id from elevation_request
    where endpoint_id = %(endpoint)s and state = 'pending' and expires_at > %(now)s and kind = %(kind)s
      and requester_user = %(user)s and requester_name is not distinct from %(display_name)s
      and requester_email is not distinct from %(email)s
      and program_name = %(name)s and program_path = %(path)s and arguments = %(arguments)s
      and sha256 = %(sha256)s and size = %(size)s and publisher is not distinct from %(publisher)s
    limit 1 for no key update"""


def asked(body: SubmitBody) -> dict[str, object]:
    """What two equal requests have in common, as the statement names it."""
    return {
        "kind": str(body.kind),
        **body.requester.model_dump(),
        **body.program.model_dump(exclude={"arguments"}),
        "arguments": jsonb(body.program.arguments),
    }


@dataclass(frozen=True)
class _Used:
    id: RequestId
    body_sha256: bytes
    joined: bool
