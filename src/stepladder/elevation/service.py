"""Use cases of elevation: submit, read, cancel, decide, expire. There is one way to decide."""

from __future__ import annotations

import hashlib
import html
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from stepladder.audit.service import event_params, record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, NotFound, StepladderError
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction, jsonb
from stepladder.kit.ids import CustomerId, EndpointId, RequestId, TechnicianId, new_id
from stepladder_protocol.messages import ElevationKind, RequestState, RequestStatus, SubmitBody

from .rules import AlreadyDecided, Approver, Channel, Pending, RequestExpired, Verdict, check_decision
from .subscribers import AfterCommit, Subscriber

if TYPE_CHECKING:
    from stepladder.endpoints.service import Endpoint

After = Callable[[AfterCommit | None], None]
MAX_PENDING_PER_ENDPOINT = 25
EXPIRE_AT_ONCE = 500


class IdempotencyKeyReused(Conflict):
    """The key named another request."""

    code = "idempotency_key_reused"
    sentence = "That idempotency key was used for another request. Use a new one."


class TooManyPending(StepladderError):
    """One desktop must not bury the approvers."""

    code = "too_many_pending"
    sentence = (
        f"This machine has {MAX_PENDING_PER_ENDPOINT} requests waiting already. "
        "Wait until some are decided, or cancel some."
    )


class RequestNotFound(NotFound):
    """Missing, foreign and forbidden requests look the same."""

    code = "request_not_found"
    sentence = "There is no such elevation request, or it is not yours to see."


@dataclass(frozen=True)
class ElevationRequest:
    """One request with what became of it."""

    id: RequestId
    customer_id: CustomerId
    customer: str
    customer_label: str
    endpoint_id: EndpointId
    endpoint: str
    kind: str
    state: str
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
    verdict: str | None
    decided_kind: str | None
    channel: str | None
    decided_by: str | None
    decided_by_email: str | None
    decision_reason: str | None

    def status(self) -> RequestStatus:
        """What the asking endpoint may know."""
        return RequestStatus(
            request_id=str(self.id),
            state=RequestState(self.state),
            created_at=self.created_at,
            expires_at=self.expires_at,
            decided_at=self.settled_at,
            decided_by=self.decided_by,
            decision_reason=self.decision_reason,
        )


_SELECT = """
    select r.id, r.customer_id, c.display_name as customer, r.customer_label, r.endpoint_id,
           e.name as endpoint, r.kind, r.state, r.requester_user, r.requester_name, r.requester_email,
           r.program_name, r.program_path, r.arguments, r.sha256, r.size, r.publisher, r.reason, r.created_at,
           r.expires_at, r.settled_at, d.verdict, d.kind as decided_kind, d.channel, d.reason as decision_reason,
           coalesce(t.name, k.name) as decided_by, t.email as decided_by_email
    from elevation_request r
    join customer c on c.id = r.customer_id
    join endpoint e on e.id = r.endpoint_id
    left join decision d on d.request_id = r.id
    left join technician t on t.id = d.technician_id
    left join inbound_key k on d.actor_kind = 'inbound_key' and k.key_id = d.actor_id and k.msp_id = r.msp_id
"""


@dataclass(frozen=True)
class Ask:
    """A decision as somebody asks for it, over any channel."""

    request_id: RequestId
    verdict: Verdict
    kind: ElevationKind | None
    channel: Channel
    approver: Approver
    technician_id: TechnicianId | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Decided:
    """The decision that stands."""

    request_id: RequestId
    state: RequestState
    is_new: bool


@dataclass
class _Locked:
    id: RequestId
    customer_id: CustomerId
    customer_names: list[str]
    kind: str
    state: str
    expires_at: datetime
    requester_email: str | None


class Elevation:
    """The use cases, with what they need passed in. `settled` tells waiting agents, after the commit."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        *,
        subscribers: Sequence[Subscriber] = (),
        settled: Callable[[Sequence[RequestId]], None] = lambda _: None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._subscribers = subscribers
        self._tell_settled = settled

    async def submit(self, actor: Actor, endpoint: Endpoint, body: SubmitBody) -> tuple[RequestStatus, bool]:
        """Accept a request; the flag says whether it is new. The same key and body give the same request.

        Raises IdempotencyKeyReused or TooManyPending.
        """
        fingerprint = hashlib.sha256(body.model_dump_json().encode()).digest()
        async with self._work(actor) as (tx, after):
            known = await self._known(tx, endpoint.id, body.idempotency_key, fingerprint)
            if known:
                return known.status(), False
            await self._check_room(tx, endpoint.id)
            now = self._clock.now()
            request_id = RequestId(new_id())
            inserted = await self._insert(tx, request_id, endpoint, body, fingerprint, now)
            if not inserted:
                # The same message arrived twice at once; the other one has committed by now.
                known = await self._known(tx, endpoint.id, body.idempotency_key, fingerprint)
                if known is None:
                    raise IdempotencyKeyReused
                return known.status(), False
            await record(
                tx,
                Tag.REQUEST_SUBMITTED,
                request_id,
                now,
                customer_id=str(endpoint.customer_id),
                sha256=body.program.sha256,
                kind=str(body.kind),
            )
            for subscriber in self._subscribers:
                after(await subscriber.submitted(tx, request_id, endpoint.customer_id, now))
            return (await self.get(tx, request_id)).status(), True

    async def get(self, tx: Transaction, request_id: RequestId) -> ElevationRequest:
        """One request of the tenant. Raises RequestNotFound."""
        found = await tx.maybe(ElevationRequest, f"{_SELECT} where r.id = %(id)s", {"id": request_id})
        if found is None:
            raise RequestNotFound
        return found

    async def status_for(self, actor: Actor, endpoint_id: EndpointId, request_id: RequestId) -> RequestStatus:
        """The status of an endpoint's own request. Raises RequestNotFound."""
        async with self._db.transaction(actor) as tx:
            request = await self.get(tx, request_id)
        if request.endpoint_id != endpoint_id:
            raise RequestNotFound
        return request.status()

    async def recent(
        self, tx: Transaction, *, state: str | None = None, limit: int = 100
    ) -> list[ElevationRequest]:
        """Requests, newest first."""
        return await tx.all(
            ElevationRequest,
            f"""{_SELECT} where (%(state)s::text is null or r.state = %(state)s)
                order by r.created_at desc limit %(limit)s""",
            {"state": state, "limit": limit},
        )

    async def cancel(self, actor: Actor, endpoint_id: EndpointId, request_id: RequestId) -> RequestStatus:
        """Withdraw an endpoint's own request. Raises RequestNotFound, AlreadyDecided or RequestExpired."""
        now = self._clock.now()
        async with self._work(actor) as (tx, after):
            request = await self._lock(tx, request_id)
            if (await self.get(tx, request_id)).endpoint_id != endpoint_id:
                raise RequestNotFound
            if request.state == RequestState.CANCELLED:
                return (await self.get(tx, request_id)).status()
            if request.state == RequestState.EXPIRED or now >= request.expires_at:
                raise RequestExpired
            if request.state != RequestState.PENDING:
                raise AlreadyDecided(RequestState(request.state))
            await tx.run(
                "update elevation_request set state = 'cancelled', settled_at = %(now)s where id = %(id)s",
                {"now": now, "id": request_id},
            )
            await record(tx, Tag.REQUEST_CANCELLED, request_id, now)
            await self._settle(tx, [request_id], now, after)
            return (await self.get(tx, request_id)).status()

    async def decide(
        self, tx: Transaction, ask: Ask, after: After, claimed_customer: str | None = None
    ) -> Decided:
        """Decide in `tx`: lock, rule, decision, audit event, everybody's new wish, all or nothing.

        Use `deciding` around it. `claimed_customer` is a check, never a selector: it must be a name of the
        request's own customer, now or when it was asked. Raises RequestNotFound and the refusals of `rules`.
        """
        request = await self._lock(tx, ask.request_id)
        if not ask.approver.serves(request.customer_id):
            raise RequestNotFound
        if claimed_customer is not None and not _is_called(request, claimed_customer):
            raise RequestNotFound
        now = self._clock.now()
        kind = ask.kind or ElevationKind(request.kind)
        pending = Pending(RequestState(request.state), request.expires_at, request.requester_email)
        try:
            check_decision(pending, ask.approver, verdict=ask.verdict, kind=kind, now=now)
        except AlreadyDecided as refusal:
            if refusal.state == ask.verdict.state and await self._was_same(tx, ask, kind):
                return Decided(ask.request_id, refusal.state, is_new=False)
            raise
        await self._write_decision(tx, ask, kind, now)
        await self._settle(tx, [ask.request_id], now, after)
        return Decided(ask.request_id, ask.verdict.state, is_new=True)

    def deciding(self, actor: Actor) -> AbstractAsyncContextManager[tuple[Transaction, After]]:
        """A transaction in which `decide` is called; what follows the commit is done when it ends."""
        return self._work(actor)

    async def expire_due(self, actor: Actor) -> int:
        """Settle requests that nobody decided in time; gives how many."""
        now = self._clock.now()
        async with self._work(actor) as (tx, after):
            rows = await tx.dicts(
                """update elevation_request set state = 'expired', settled_at = %(now)s
                   where id in (select id from elevation_request
                                where msp_id = %(msp)s and state = 'pending' and expires_at <= %(now)s
                                order by expires_at limit %(limit)s for update skip locked)
                   returning id""",
                {"now": now, "msp": tx.msp_id, "limit": EXPIRE_AT_ONCE},
            )
            ids = [RequestId(row["id"]) for row in rows]
            for request_id in ids:
                await record(tx, Tag.REQUEST_EXPIRED, request_id, now)
            if ids:
                await self._settle(tx, ids, now, after)
        return len(ids)

    @asynccontextmanager
    async def _work(self, actor: Actor) -> AsyncIterator[tuple[Transaction, After]]:
        """A transaction, and a list of what to do once it is committed (and only then)."""
        todo: list[AfterCommit] = []

        def after(action: AfterCommit | None) -> None:
            if action:
                todo.append(action)

        async with self._db.transaction(actor) as tx:
            yield tx, after
        for action in todo:
            action()

    async def _settle(
        self,
        tx: Transaction,
        ids: list[RequestId],
        now: datetime,
        after: After,
    ) -> None:
        for subscriber in self._subscribers:
            after(await subscriber.settled(tx, ids, now))
        after(lambda: self._tell_settled(ids))

    async def _lock(self, tx: Transaction, request_id: RequestId) -> _Locked:
        locked = await tx.maybe(
            _Locked,
            """select r.id, r.customer_id, array[c.name, c.display_name, r.customer_label] as customer_names, r.kind,
                      r.state, r.expires_at, r.requester_email
               from elevation_request r join customer c on c.id = r.customer_id
               where r.id = %(id)s for update of r""",
            {"id": request_id},
        )
        if locked is None:
            raise RequestNotFound
        return locked

    async def _was_same(self, tx: Transaction, ask: Ask, kind: ElevationKind) -> bool:
        """Whether the standing decision is this very ask, sent again."""
        return bool(
            await tx.scalar(
                """select exists (select from decision where request_id = %(id)s and verdict = %(verdict)s
                       and actor_kind = %(actor_kind)s and actor_id = %(actor_id)s
                       and channel = %(channel)s and kind = %(kind)s)""",
                {
                    "id": ask.request_id,
                    "verdict": str(ask.verdict),
                    "actor_kind": str(tx.actor.kind),
                    "actor_id": tx.actor.id,
                    "channel": str(ask.channel),
                    "kind": str(kind),
                },
            )
        )

    async def _write_decision(self, tx: Transaction, ask: Ask, kind: ElevationKind, now: datetime) -> None:
        tag = Tag.REQUEST_APPROVED if ask.verdict is Verdict.APPROVED else Tag.REQUEST_DENIED
        facts = {
            "channel": str(ask.channel),
            "kind": str(kind),
            "scope": "once",
            "technician_id": str(ask.technician_id) if ask.technician_id else None,
        }
        await tx.run(
            """with settled as (
                   update elevation_request set state = %(verdict)s, settled_at = %(at)s where id = %(request)s
               ), decided as (
                   insert into decision (request_id, msp_id, verdict, kind, scope, channel, actor_kind, actor_id,
                                         technician_id, reason, decided_at)
                   values (%(request)s, %(msp_id)s, %(verdict)s, %(kind)s, 'once', %(channel)s, %(actor_kind)s,
                           %(actor_id)s, %(technician)s, %(reason)s, %(at)s)
               )
               insert into audit_event (msp_id, at, tag, actor_kind, actor_id, subject, facts, leaf)
               values (%(msp_id)s, %(at)s, %(tag)s, %(actor_kind)s, %(actor_id)s, %(subject)s, %(facts)s,
                       %(leaf)s)""",
            {
                **event_params(tx.actor, tag, ask.request_id, facts, now),
                "request": ask.request_id,
                "verdict": str(ask.verdict),
                "kind": str(kind),
                "channel": str(ask.channel),
                "technician": ask.technician_id,
                "reason": ask.reason,
            },
        )

    async def _known(
        self, tx: Transaction, endpoint_id: EndpointId, key: str, fingerprint: bytes
    ) -> ElevationRequest | None:
        row = await tx.dicts(
            """select id, body_sha256 from elevation_request
               where endpoint_id = %(endpoint)s and idempotency_key = %(key)s""",
            {"endpoint": endpoint_id, "key": key},
        )
        if not row:
            return None
        if bytes(row[0]["body_sha256"]) != fingerprint:
            raise IdempotencyKeyReused
        return await self.get(tx, row[0]["id"])

    async def _check_room(self, tx: Transaction, endpoint_id: EndpointId) -> None:
        pending = await tx.scalar(
            "select count(*) from elevation_request where endpoint_id = %(endpoint)s and state = 'pending'",
            {"endpoint": endpoint_id},
        )
        if pending >= MAX_PENDING_PER_ENDPOINT:
            raise TooManyPending

    async def _insert(
        self,
        tx: Transaction,
        request_id: RequestId,
        endpoint: Endpoint,
        body: SubmitBody,
        fingerprint: bytes,
        now: datetime,
    ) -> bool:
        lifetime = await tx.scalar(
            "select request_lifetime_seconds from msp where id = %(id)s", {"id": tx.msp_id}
        )
        rows = await tx.run(
            """insert into elevation_request
                   (id, msp_id, customer_id, customer_label, endpoint_id, idempotency_key, body_sha256, kind, state,
                    requester_user, requester_name, requester_email, program_name, program_path, arguments,
                    sha256, size, publisher, reason, created_at, expires_at)
               values (%(id)s, %(msp)s, %(customer)s,
                       (select display_name from customer where id = %(customer)s), %(endpoint)s, %(key)s, %(fingerprint)s, %(kind)s, 'pending',
                       %(user)s, %(display_name)s, %(email)s, %(name)s, %(path)s, %(arguments)s, %(sha256)s,
                       %(size)s, %(publisher)s, %(reason)s, %(now)s, %(expires)s)
               on conflict (endpoint_id, idempotency_key) do nothing""",
            {
                "id": request_id,
                "msp": tx.msp_id,
                "customer": endpoint.customer_id,
                "endpoint": endpoint.id,
                "key": body.idempotency_key,
                "fingerprint": fingerprint,
                "kind": str(body.kind),
                **body.requester.model_dump(),
                **body.program.model_dump(exclude={"arguments"}),
                "arguments": jsonb(body.program.arguments),
                "reason": body.reason,
                "now": now,
                "expires": now + timedelta(seconds=lifetime),
            },
        )
        return rows == 1


def _is_called(request: _Locked, claimed: str) -> bool:
    # HaloPSA may send HTML entities for the characters of a name (API.md section 6.2).
    spellings = {claimed.strip().casefold(), html.unescape(claimed).strip().casefold()}
    return any(name.casefold() in spellings for name in request.customer_names)
