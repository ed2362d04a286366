"""Rows of elevation requests and decisions. Statements only; the logic is in `policy`, the use cases in `service`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString
from uuid import UUID

from stepladder.audit.service import INSERT_EVENT, event_params
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound
from stepladder.kit.db import Transaction, jsonb
from stepladder.kit.entities import list_readings
from stepladder.kit.folding import fold
from stepladder.kit.ids import CustomerId, EndpointId, RequestId, RuleId, TechnicianId, parse_uuid
from stepladder.kit.paging import LEFT_AT_MOST, Part
from stepladder_protocol.messages import ElevationKind, RequestState, RequestStatus, SubmitBody

from .policy import Channel, Pending, RuleScope, Verdict, Withdrawal


class RequestNotFound(NotFound):
    """Missing, foreign and forbidden requests look the same."""

    code = "request_not_found"
    sentence = "There is no such elevation request, or you are not allowed to see it."


@dataclass(frozen=True)
class ElevationRequest:
    """One request with what became of it."""

    id: RequestId
    customer_id: CustomerId
    customer: str
    customer_label: str
    endpoint_id: EndpointId
    endpoint: str
    kind: ElevationKind
    state: RequestState
    requester_user: str
    requester_name: str | None
    requester_email: str | None
    program_name: str
    program_path: str
    arguments: list[str]
    sha256: str
    size: int
    publisher: str | None
    reason: str | None
    created_at: datetime
    expires_at: datetime
    settled_at: datetime | None
    verdict: Verdict | None
    decided_kind: ElevationKind | None
    channel: Channel | None
    decided_by: str | None
    decided_by_email: str | None
    decision_reason: str | None
    rule_id: RuleId | None = None
    rule_scope: RuleScope | None = None
    """Of a decision by rule: whose rule it is."""
    withdrawn_because: Withdrawal | None = None
    """Of a request that was cancelled by something else than its user."""

    @property
    def is_decided_by_technician(self) -> bool:
        """Whether a member of staff decided: nobody's standing rule, and no passing of time."""
        return self.verdict is not None and self.channel is not Channel.POLICY

    def status(self) -> RequestStatus:
        """What the asking endpoint may know. A key's name tells its user nothing, so it is not among it."""
        is_unnamed = self.channel is Channel.INTEGRATION_API and not self.decided_by_email
        return RequestStatus(
            request_id=str(self.id),
            state=self.state,
            created_at=self.created_at,
            expires_at=self.expires_at,
            decided_at=self.settled_at,
            decided_by=UNNAMED_DECIDER if is_unnamed else self.decided_by,
            decision_reason=_WITHDRAWN[self.withdrawn_because]
            if self.withdrawn_because
            else self.decision_reason,
        )


UNNAMED_DECIDER = "your IT support"
_WITHDRAWN = {Withdrawal.ENDPOINT_REVOKED: "This machine was revoked."}


_SELECT = """
    select r.id, r.customer_id, c.display_name as customer, r.customer_label, r.endpoint_id,
           e.name as endpoint, r.kind, r.state, r.requester_user, r.requester_name, r.requester_email,
           r.program_name, r.program_path, r.arguments, r.sha256, r.size, r.publisher, r.reason, r.created_at,
           r.expires_at, r.settled_at, d.verdict, d.kind as decided_kind, d.channel, d.reason as decision_reason,
           coalesce(t.name, k.name, case when d.channel = 'policy' then 'a standing rule' end) as decided_by,
           t.email as decided_by_email, d.rule_id,
           case when u.id is null then null when u.customer_id is null then 'msp' else 'customer' end as rule_scope,
           r.withdrawn_because
    from elevation_request r
    join customer c on c.id = r.customer_id
    join endpoint e on e.id = r.endpoint_id
    left join decision d on d.request_id = r.id
    left join technician t on t.id = d.technician_id
    left join rule u on u.id = d.rule_id
    left join inbound_key k on d.actor_kind = 'inbound_key' and k.key_id = d.actor_id and k.msp_id = r.msp_id
"""


IDS_BETWEEN: LiteralString = "select id from elevation_request where id between %(first)s and %(last)s"


@dataclass(frozen=True)
class Locked:
    """What deciding needs of a request, read under its row's lock."""

    id: RequestId
    customer_id: CustomerId
    endpoint_id: EndpointId
    customer_names: list[str]
    kind: ElevationKind
    state: RequestState
    expires_at: datetime
    requester_email: str | None
    is_revoked: bool
    """Whether its machine was revoked."""

    def pending(self) -> Pending:
        """The request as policy sees it."""
        return Pending(self.state, self.expires_at, self.requester_email, self.customer_id)

    def is_called(self, claimed: str) -> bool:
        """Whether `claimed` is a name of the request's own customer, now or when it was asked."""
        spellings = {fold(each) for each in list_readings(claimed)}
        return any(fold(name) in spellings for name in self.customer_names)


@dataclass(frozen=True)
class DecisionRow:
    """A decision as it is written."""

    request_id: RequestId
    verdict: Verdict
    kind: ElevationKind
    channel: Channel
    technician_id: TechnicianId | None
    reason: str | None
    rule_id: RuleId | None = None


def parse_id(text: str) -> RequestId:
    """A request's id as it was typed or sent. Raises RequestNotFound."""
    found = parse_uuid(text)
    if found is None:
        raise RequestNotFound
    return RequestId(found)


async def find(tx: Transaction, request_id: RequestId) -> ElevationRequest:
    """One request of the tenant. Raises RequestNotFound."""
    found = await tx.maybe(ElevationRequest, f"{_SELECT} where r.id = %(id)s", {"id": request_id})
    if found is None:
        raise RequestNotFound
    return found


async def list_pending(
    tx: Transaction, *, after: UUID, limit: int
) -> list[tuple[RequestId, CustomerId, EndpointId]]:
    """Pending requests behind that one, by id, with whose they are; held until the transaction ends."""
    rows = await tx.dicts(
        """select id, customer_id, endpoint_id from elevation_request
           where msp_id = %(msp)s and state = 'pending' and id > %(after)s order by id limit %(limit)s for share""",
        {"msp": tx.msp_id, "after": after, "limit": limit},
    )
    return [(row["id"], row["customer_id"], row["endpoint_id"]) for row in rows]


async def recent(
    tx: Transaction, *, state: RequestState | None, after: RequestId | None, limit: int
) -> Part[ElevationRequest]:
    """Requests, newest first, behind that one. Raises RequestNotFound where there is none of that id."""
    # Two statements, because one that is about either has one plan for both.
    of: LiteralString = "state = %(state)s" if state else "true"
    last: dict[str, Any] = {"msp": tx.msp_id, "state": state, **await _place_of(tx, after)}
    ids = await tx.dicts(
        f"""select id, created_at as at from elevation_request
            where msp_id = %(msp)s and {of} and (created_at, id) < (%(at)s, %(id)s)
            order by created_at desc, id desc limit %(limit)s""",  # noqa: S608  # of literals of this module
        {**last, "limit": limit},
    )
    if not ids:
        return Part([], 0)
    found = await tx.all(
        ElevationRequest,
        f"{_SELECT} where r.id = any(%(ids)s) order by r.created_at desc, r.id desc",
        {"ids": [row["id"] for row in ids]},
    )
    left = await tx.scalar(
        f"""select count(*) from (
                select from elevation_request
                where msp_id = %(msp)s and {of} and (created_at, id) < (%(at)s, %(id)s) limit {LEFT_AT_MOST}) x""",  # noqa: S608  # of literals of this module
        {**last, **ids[-1]},
    )
    return Part(found, left)


_NEWEST = {"at": datetime(9999, 1, 1, tzinfo=UTC), "id": UUID(int=2**128 - 1)}


async def _place_of(tx: Transaction, request_id: RequestId | None) -> dict[str, Any]:
    if request_id is None:
        return _NEWEST
    rows = await tx.dicts(
        "select id, created_at as at from elevation_request where id = %(id)s", {"id": request_id}
    )
    if not rows:
        raise RequestNotFound
    return rows[0]


async def list_labels(tx: Transaction, ids: Collection[RequestId]) -> dict[RequestId, str]:
    """What the customers of these requests were called when they were asked."""
    rows = await tx.dicts(
        "select id, customer_label from elevation_request where id = any(%(ids)s)", {"ids": list(ids)}
    )
    return {row["id"]: row["customer_label"] for row in rows}


async def lock(tx: Transaction, request_id: RequestId) -> Locked:
    """The request, held until the transaction ends. Raises RequestNotFound."""
    locked = await tx.maybe(
        Locked,
        """select r.id, r.customer_id, r.endpoint_id, array[c.name, c.display_name, r.customer_label] as customer_names,
                  r.kind, r.state, r.expires_at, r.requester_email, e.state = 'revoked' as is_revoked
           from elevation_request r join customer c on c.id = r.customer_id join endpoint e on e.id = r.endpoint_id
           where r.id = %(id)s for update of r""",
        {"id": request_id},
    )
    if locked is None:
        raise RequestNotFound
    return locked


async def has_decision(tx: Transaction, row: DecisionRow) -> bool:
    """Whether the standing decision is this very one, by the same actor over the same channel."""
    return bool(
        await tx.scalar(
            """select exists (select from decision where request_id = %(id)s and verdict = %(verdict)s
                   and actor_kind = %(actor_kind)s and actor_id = %(actor_id)s
                   and technician_id is not distinct from %(technician)s
                   and channel = %(channel)s and kind = %(kind)s)""",
            {
                "id": row.request_id,
                "verdict": row.verdict,
                "actor_kind": str(tx.actor.kind),
                "actor_id": tx.actor.id,
                "technician": row.technician_id,
                "channel": row.channel,
                "kind": row.kind,
            },
        )
    )


async def write_decision(tx: Transaction, row: DecisionRow) -> None:
    """Settle the request, write its decision and its audit event, in one statement."""
    tag = Tag.REQUEST_APPROVED if row.verdict is Verdict.APPROVED else Tag.REQUEST_DENIED
    facts = {
        "channel": row.channel,
        "kind": row.kind,
        "scope": "once",
        "technician_id": str(row.technician_id) if row.technician_id else None,
        **({"rule_id": str(row.rule_id)} if row.rule_id else {}),
    }
    await tx.run(
        """with settled as (
               update elevation_request set state = %(verdict)s, settled_at = %(at)s where id = %(request)s
           ), decided as (
               insert into decision (request_id, msp_id, verdict, kind, scope, channel, actor_kind, actor_id,
                                     technician_id, reason, decided_at, rule_id)
               values (%(request)s, %(msp_id)s, %(verdict)s, %(kind)s, 'once', %(channel)s, %(actor_kind)s,
                       %(actor_id)s, %(technician)s, %(reason)s, %(at)s, %(rule)s)
           ) """  # noqa: S608  # both are constants
        + INSERT_EVENT,
        {
            **event_params(tx.actor, tag, row.request_id, facts, tx.now),
            "request": row.request_id,
            "verdict": row.verdict,
            "kind": row.kind,
            "channel": row.channel,
            "technician": row.technician_id,
            "reason": row.reason,
            "rule": row.rule_id,
        },
    )


async def pending_of(tx: Transaction, endpoint_id: EndpointId) -> int:
    """How many requests of the endpoint are pending."""
    count: int = await tx.scalar(
        "select count(*) from elevation_request where endpoint_id = %(endpoint)s and state = 'pending'",
        {"endpoint": endpoint_id},
    )
    return count


async def insert(
    tx: Transaction,
    request_id: RequestId,
    body: SubmitBody,
    *,
    endpoint_id: EndpointId,
    customer_id: CustomerId,
    fingerprint: bytes,
) -> None:
    """Write a request. The endpoint's turn is taken, and its idempotency key is free.

    The MSP's row is shared with other submits, but not with connecting or removing what subscribes to them: that
    waits for requests under way, and they for it, so that no request falls in between.
    """
    await tx.run(
        """insert into elevation_request
               (id, msp_id, customer_id, customer_label, endpoint_id, idempotency_key, body_sha256, kind,
                state, requester_user, requester_name, requester_email, program_name, program_path,
                arguments, sha256, size, publisher, reason, created_at, expires_at)
           select %(id)s, m.id, c.id, c.display_name, %(endpoint)s, %(key)s, %(fingerprint)s, %(kind)s,
                  'pending', %(user)s, %(display_name)s, %(email)s, %(name)s, %(path)s,
                  %(arguments)s, %(sha256)s, %(size)s, %(publisher)s, %(reason)s, %(now)s,
                  %(now)s::timestamptz + make_interval(
                      secs => coalesce(c.request_lifetime_seconds, m.request_lifetime_seconds))
           from msp m join customer c on c.id = %(customer)s where m.id = %(msp)s for key share of m""",
        {
            "id": request_id,
            "msp": tx.msp_id,
            "customer": customer_id,
            "endpoint": endpoint_id,
            "key": body.idempotency_key,
            "fingerprint": fingerprint,
            "kind": str(body.kind),
            **body.requester.model_dump(),
            **body.program.model_dump(exclude={"arguments"}),
            "arguments": jsonb(body.program.arguments),
            "reason": body.reason,
            "now": tx.now,
        },
    )


async def cancel(tx: Transaction, request_id: RequestId) -> None:
    """Settle a locked, pending request as cancelled."""
    await tx.run(
        "update elevation_request set state = 'cancelled', settled_at = %(now)s where id = %(id)s",
        {"now": tx.now, "id": request_id},
    )


async def withdraw(tx: Transaction, endpoint_id: EndpointId, because: Withdrawal) -> list[RequestId]:
    """Settle the endpoint's pending requests as cancelled; returns which. A decision comes before or after."""
    rows = await tx.dicts(
        """update elevation_request set state = 'cancelled', settled_at = %(now)s, withdrawn_because = %(because)s
           where endpoint_id = %(endpoint)s and state = 'pending' returning id""",
        {"now": tx.now, "endpoint": endpoint_id, "because": because},
    )
    return [RequestId(row["id"]) for row in rows]


async def expire(tx: Transaction, *, limit: int) -> list[RequestId]:
    """Settle requests whose time is over; returns which. Rows that are being decided are left alone."""
    rows: list[dict[str, Any]] = await tx.dicts(
        """update elevation_request set state = 'expired', settled_at = %(now)s
           where id in (select id from elevation_request
                        where msp_id = %(msp)s and state = 'pending' and expires_at <= %(now)s
                        order by expires_at limit %(limit)s for update skip locked)
           returning id""",
        {"now": tx.now, "msp": tx.msp_id, "limit": limit},
    )
    return [RequestId(row["id"]) for row in rows]


async def expire_open(tx: Transaction) -> list[RequestId]:
    """Expire everything that is pending; returns which requests."""
    rows: list[dict[str, Any]] = await tx.dicts(
        """update elevation_request set state = 'expired', settled_at = %(now)s
           where msp_id = %(msp)s and state = 'pending' returning id""",
        {"now": tx.now, "msp": tx.msp_id},
    )
    return [RequestId(row["id"]) for row in rows]
