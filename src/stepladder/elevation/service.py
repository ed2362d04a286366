"""Use cases of elevation: submit, read, cancel, decide, expire. There is one way to decide."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from stepladder.audit.service import Entry, record, record_each
from stepladder.audit.tags import Tag
from stepladder.endpoints.service import Endpoint, EndpointRevoked, take_turn
from stepladder.errors import TooMany
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import EndpointId, RequestId, RuleId, new_id
from stepladder.kit.paging import Part
from stepladder.kit.typed_ids import find_typed
from stepladder_protocol.messages import RequestState, RequestStatus, SubmitBody

from . import joining, queries
from .approvers import Decider
from .policy import (
    AlreadyDecided,
    Approver,
    Ask,
    Channel,
    Decided,
    RequestExpired,
    Verdict,
    Withdrawal,
    check_decision,
)
from .queries import DecisionRow, ElevationRequest, RequestNotFound
from .rules import service as standing
from .rules.policy import Standing
from .subscribers import Subscriber

MAX_PENDING_PER_ENDPOINT = 25
EXPIRE_AT_ONCE = 500


class TooManyPending(TooMany):
    """One desktop must not bury the approvers."""

    code = "too_many_pending"
    sentence = (
        f"This machine already has {MAX_PENDING_PER_ENDPOINT} pending requests. "
        "Wait until some are decided, or cancel some."
    )


class Elevation:
    """The use cases, with what they need passed in. `settled` tells waiting agents, after the commit."""

    def __init__(
        self,
        db: Database,
        *,
        subscribers: Sequence[Subscriber] = (),
        settled: Callable[[Sequence[RequestId]], None] = lambda _: None,
    ) -> None:
        self._db = db
        self._subscribers = subscribers
        self._tell_settled = settled

    async def submit(self, actor: Actor, endpoint: Endpoint, body: SubmitBody) -> tuple[RequestStatus, bool]:
        """Accept a request; the flag says whether it is new. The same key and body return the same request.

        One that asks for what waits already joins it, unless a standing rule decides it at once: then it never waits.
        Raises EndpointRevoked or EndpointHeld where the machine is no longer active, IdempotencyKeyReused,
        TooManyPending or TooManyRepeats.
        """
        async with self._db.transaction(actor) as tx:
            return await self.submit_in(tx, endpoint, body)

    async def submit_in(
        self,
        tx: Transaction,
        endpoint: Endpoint,
        body: SubmitBody,
        *,
        before_new: Callable[[], None] = lambda: None,
    ) -> tuple[RequestStatus, bool]:
        """The same in the transaction that knows the endpoint. `before_new` may refuse what would be a new request."""
        fingerprint = hashlib.sha256(body.model_dump_json(exclude_defaults=True).encode()).digest()
        # Submits for one endpoint take turns, so what is read from here on stays so.
        await take_turn(tx, endpoint.id)
        meant = await joining.known(tx, endpoint.id, body.idempotency_key, fingerprint)
        rule = None if meant else await standing.deciding(tx, body, endpoint.customer_id)
        if not meant and not rule:
            meant = await joining.join(tx, endpoint.id, body, fingerprint)
        if meant:
            status = await self._told(tx, meant.id)
            return status.model_copy(update={"joined": meant.joined}), False
        before_new()
        request_id = await self._accept(tx, endpoint, body, fingerprint=fingerprint)
        if rule:
            await self._decide_by_rule(tx, request_id, endpoint, body, rule)
        return await self._told(tx, request_id), True

    async def get(self, tx: Transaction, request_id: RequestId) -> ElevationRequest:
        """One request of the tenant. Raises RequestNotFound."""
        return await queries.find(tx, request_id)

    async def find(self, tx: Transaction, text: str) -> ElevationRequest:
        """The same by an id as it was typed, whole or its beginning. Raises RequestNotFound or IdAmbiguous."""
        request_id = await find_typed(tx, queries.IDS_BETWEEN, text)
        if request_id is None:
            raise RequestNotFound
        return await queries.find(tx, RequestId(request_id))

    async def status_for(self, actor: Actor, endpoint_id: EndpointId, request_id: RequestId) -> RequestStatus:
        """The status of an endpoint's own request. Raises RequestNotFound."""
        async with self._db.transaction(actor) as tx:
            return await self.status_in(tx, endpoint_id, request_id)

    async def status_in(
        self, tx: Transaction, endpoint_id: EndpointId, request_id: RequestId
    ) -> RequestStatus:
        """The same in the transaction that knows the endpoint."""
        request = await queries.find(tx, request_id)
        if request.endpoint_id != endpoint_id:
            raise RequestNotFound
        return request.status()

    async def recent(
        self,
        tx: Transaction,
        *,
        state: RequestState | None = None,
        after: str | None = None,
        limit: int = 100,
    ) -> Part[ElevationRequest]:
        """Requests, newest first; those behind the one with the id `after`. Raises RequestNotFound."""
        behind = queries.parse_id(after.strip()) if after else None
        return await queries.recent(tx, state=state, after=RequestId(behind) if behind else None, limit=limit)

    async def cancel(self, actor: Actor, endpoint_id: EndpointId, request_id: RequestId) -> RequestStatus:
        """Withdraw an endpoint's own request. Raises RequestNotFound, AlreadyDecided or RequestExpired."""
        async with self._db.transaction(actor) as tx:
            return await self.cancel_in(tx, endpoint_id, request_id)

    async def cancel_in(
        self, tx: Transaction, endpoint_id: EndpointId, request_id: RequestId
    ) -> RequestStatus:
        """The same in the transaction that knows the endpoint."""
        request = await queries.lock(tx, request_id)
        if request.endpoint_id != endpoint_id:
            raise RequestNotFound
        state = request.state
        if state is RequestState.EXPIRED or (state is RequestState.PENDING and tx.now >= request.expires_at):
            raise RequestExpired
        if state not in (RequestState.PENDING, RequestState.CANCELLED):
            raise AlreadyDecided(state)
        if state is RequestState.PENDING:
            await queries.cancel(tx, request_id)
            await record(tx, Tag.REQUEST_CANCELLED, request_id)
            await self._withdrawn(tx, [request_id])
        return await self._told(tx, request_id)

    async def withdraw_all(self, tx: Transaction, endpoint_id: EndpointId, because: Withdrawal) -> None:
        """Withdraw what an endpoint has pending, for another reason than that its user wants to."""
        ids = await queries.withdraw(tx, endpoint_id, because)
        for request_id in ids:
            await record(tx, Tag.REQUEST_CANCELLED, request_id, because=str(because))
        await self._withdrawn(tx, ids)

    async def decide(self, ask: Ask, by: Decider) -> Decided:
        """Decide, in one transaction: who decides, rule, decision, audit event, everybody's new wish, all or nothing.

        Raises RequestNotFound, EndpointRevoked and the refusals of `policy` and `approvers`.
        """
        return await by.within(ask, lambda tx, approver: self._decide(tx, ask, approver))

    async def _decide(self, tx: Transaction, ask: Ask, approver: Approver) -> Decided:
        request = await queries.lock(tx, queries.parse_id(ask.request_id))
        is_meant = ask.claimed_customer is None or request.is_called(ask.claimed_customer)
        if not is_meant or not approver.serves(request.customer_id):
            raise RequestNotFound
        kind = ask.kind or request.kind
        row = DecisionRow(
            request.id, ask.verdict, kind, ask.channel, approver.technician_id, ask.reason, ask.rule_id
        )
        try:
            check_decision(request.pending(), approver, verdict=ask.verdict, kind=kind, now=tx.now)
        except AlreadyDecided as refusal:
            if refusal.state == ask.verdict.state and await queries.has_decision(tx, row):
                return Decided(request.id, refusal.state, is_new=False)
            raise
        if request.is_revoked and ask.verdict is Verdict.APPROVED:
            raise EndpointRevoked
        await queries.write_decision(tx, row)
        await self._settle(tx, [request.id])
        return Decided(request.id, ask.verdict.state, is_new=True)

    async def expire_due(self, actor: Actor) -> int:
        """Expire requests that nobody decided in time; returns how many."""
        async with self._db.transaction(actor) as tx:
            ids = await queries.expire(tx, limit=EXPIRE_AT_ONCE)
            if ids:
                await record_each(tx, [Entry(Tag.REQUEST_EXPIRED, each) for each in ids])
                await self._settle(tx, ids)
        return len(ids)

    async def expire_all(self, tx: Transaction) -> int:
        """Expire everything that is pending: a restored copy does not know what was decided since. Returns how many."""
        ids = await queries.expire_open(tx)
        for request_id in ids:
            await record(tx, Tag.REQUEST_EXPIRED, request_id)
        if ids:
            await self._settle(tx, ids)
        return len(ids)

    @staticmethod
    async def _told(tx: Transaction, request_id: RequestId) -> RequestStatus:
        return (await queries.find(tx, request_id)).status()

    async def _accept(
        self,
        tx: Transaction,
        endpoint: Endpoint,
        body: SubmitBody,
        *,
        fingerprint: bytes,
    ) -> RequestId:
        """Write a new request and everybody's wish for it. Raises TooManyPending."""
        if await queries.pending_of(tx, endpoint.id) >= MAX_PENDING_PER_ENDPOINT:
            raise TooManyPending
        request_id = RequestId(new_id())
        await queries.insert(
            tx,
            request_id,
            body,
            endpoint_id=endpoint.id,
            customer_id=endpoint.customer_id,
            fingerprint=fingerprint,
        )
        await record(
            tx,
            Tag.REQUEST_SUBMITTED,
            request_id,
            customer_id=str(endpoint.customer_id),
            sha256=body.program.sha256,
            kind=str(body.kind),
        )
        for subscriber in self._subscribers:
            await subscriber.submitted(tx, request_id, endpoint.customer_id, endpoint.id)
        return request_id

    async def _decide_by_rule(
        self,
        tx: Transaction,
        request_id: RequestId,
        endpoint: Endpoint,
        body: SubmitBody,
        rule: Standing,
    ) -> None:
        """Decide the request that was just submitted by its standing rule, the way that people do."""
        by_policy = tx.acting_as(ActorKind.SYSTEM, "policy")
        approver = Approver(
            may_decide=True,
            email=None,
            kinds=frozenset([body.kind]),
            customers=frozenset([endpoint.customer_id]),
        )
        rule_id = RuleId(rule.id)
        ask = Ask(str(request_id), rule.verdict, Channel.POLICY, body.kind, reason=rule.note, rule_id=rule_id)
        await self._decide(by_policy, ask, approver)
        await record(by_policy, Tag.RULE_USED, rule_id, request_id=str(request_id))

    async def _withdrawn(self, tx: Transaction, ids: list[RequestId]) -> None:
        for subscriber in self._subscribers:
            for request_id in ids:
                await subscriber.withdrawn(tx, request_id)
        tx.after_commit(lambda: self._tell_settled(ids))

    async def _settle(self, tx: Transaction, ids: list[RequestId]) -> None:
        for subscriber in self._subscribers:
            await subscriber.settled(tx, ids)
        tx.after_commit(lambda: self._tell_settled(ids))


__all__ = ["Elevation", "ElevationRequest", "RequestNotFound"]
