"""The way of every API call: noted, counted, let through or befallen by a fault, carried out, answered."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import msgspec
from starlette.types import Receive, Scope, Send

from stepladder_sandbox.halopsa import wire
from stepladder_sandbox.halopsa.api import mishaps
from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, Query
from stepladder_sandbox.halopsa.api.routes import find_route
from stepladder_sandbox.halopsa.faultplan import BEFORE_COMMIT, Fault
from stepladder_sandbox.halopsa.refusals import Refused, reshaped
from stepladder_sandbox.halopsa.world import World

Sleep = Callable[[float], Awaitable[None]]
_encoder = msgspec.json.Encoder()


class Gateway:
    """The ASGI application below `/api` and `/auth` of one tenant."""

    def __init__(self, world: World, sleep: Sleep, prefix: str = "") -> None:
        self._world = world
        self._sleep = sleep
        self._prefix = prefix
        self._calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        call = await self._arrived(scope, receive)
        started = time.perf_counter()
        is_write = call.method == "POST" and call.path.startswith("/api/tickets")
        self._world.writes_under_way += is_write
        try:
            answer, fault = await self._befallen(call)
            if self._world.switches.list_member == "results" and call.method == "GET":
                answer.data = mishaps.under_results(answer.data)
            if self._world.switches.ids_as_strings:
                answer.data = mishaps.with_text_ids(answer.data)
        finally:
            self._world.writes_under_way -= is_write
        self._note_answer(call, answer, fault, time.perf_counter() - started)
        await _deliver(answer, scope, receive, send)

    async def _arrived(self, scope: Scope, receive: Receive) -> ApiCall:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        self._calls += 1
        headers = dict(scope["headers"])
        call = ApiCall(
            number=self._calls,
            method=scope["method"],
            path=scope["path"].lower().rstrip("/"),
            query=Query(scope["query_string"], ignored=self._world.switches.ignored_filters),
            headers=headers,
            body=body,
            base_url=f"{scope['scheme']}://{headers.get(b'host', b'').decode('latin-1')}{self._prefix}",
        )
        call.grant = self._world.tokens.check(call.bearer, self._world.now())
        return call

    def _note_arrival(self, call: ApiCall) -> None:
        world = self._world
        world.log.write(
            "api.call",
            call=call.number,
            method=call.method,
            path=call.path,
            query=call.query.for_log() or None,
            application_id=call.grant.application.client_id if call.grant else None,
            in_window=world.rate.count(world.now()),
        )

    def _note_answer(self, call: ApiCall, answer: Answer, fault: Fault | None, seconds: float) -> None:
        self._world.log.write(
            "api.answer",
            call=call.number,
            method=call.method,
            path=call.path,
            query=call.query.for_log() or None,
            status=answer.status if answer.ending in ("whole", "cut") else 0,
            ending=answer.ending,
            fault=fault.kind if fault else None,
            ms=round(seconds * 1000, 2),
        )

    async def _befallen(self, call: ApiCall) -> tuple[Answer, Fault | None]:
        """Carry out the call, unless an outage, the limit or a fault has something against it."""
        world = self._world
        self._note_arrival(call)
        if world.switches.outage != "off":
            return mishaps.outage(world), None
        if not self._within_limit(call):
            return self._limited(call), None
        fault = world.faults.pick(call.method, call.path)
        if fault is None:
            return await self._carried_out(call), None
        if fault.kind == "slow_before_commit":
            await self._sleep(fault.seconds)
        answer = mishaps.instead(world, call, fault) if fault.kind in BEFORE_COMMIT else None
        if answer is not None:
            self._note_fault(call, fault, commits=0)
            return answer, fault
        before = world.commits
        answer = await self._carried_out(call)
        self._note_fault(call, fault, commits=world.commits - before)
        if fault.kind == "slow":
            await self._sleep(fault.seconds)
        return mishaps.spoiled(world, answer, fault), fault

    def _note_fault(self, call: ApiCall, fault: Fault, *, commits: int) -> None:
        self._world.log.write(
            "fault.fired",
            call=call.number,
            fault=fault.kind,
            method=call.method,
            path=call.path,
            commits=commits,
        )

    def _within_limit(self, call: ApiCall) -> bool:
        if call.path.startswith("/auth/") and not self._world.switches.rate_limit_counts_token:
            return True
        return self._world.rate.take(self._world.now())

    def _limited(self, call: ApiCall) -> Answer:
        world = self._world
        wait = world.rate.seconds_to_wait(world.now())
        world.log.write(
            "rate.limited", call=call.number, retry_after_s=wait if world.switches.retry_after else None
        )
        body, retry_after = world.switches.rate_limit_body, world.switches.retry_after
        return mishaps.limit_reached(world, body=body, retry_after_s=wait if retry_after else None)

    async def _carried_out(self, call: ApiCall) -> Answer:
        if self._world.switches.latency_s > 0:
            await self._sleep(self._world.switches.latency_s)
        try:
            return self._handled(call)
        except Refused as refused:
            is_write = call.method != "GET" and call.path.startswith("/api/")
            return mishaps.refusal(
                reshaped(refused, self._world.switches.error_shape) if is_write else refused
            )

    def _handled(self, call: ApiCall) -> Answer:
        route = find_route(call.method, call.path)
        if route.needs_token:
            self._check_token(call)
        return route.handler(self._world, call, route.rest)

    def _check_token(self, call: ApiCall) -> None:
        """Raises Refused without a live token, or with one that has no scope at all (HaloPSA fact 3)."""
        if call.grant is None:
            raise Refused(self._world.switches.expired_token_status if call.bearer else 401)
        if not call.grant.scopes:
            raise Refused(self._world.switches.omitted_scope_status)


async def _deliver(answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    if answer.ending in ("dropped", "reset"):
        breaking = wire.drop if answer.ending == "dropped" else wire.reset
        await breaking(scope, receive)
        return
    body = _encoder.encode(answer.data) if answer.raw is None else answer.raw
    headers = [(b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", answer.media_type.encode()))
    headers += [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
    start = {"type": "http.response.start", "status": answer.status, "headers": headers}
    if answer.ending == "cut":
        await wire.cut(scope, receive, send, start, body)
        return
    await send(start)
    await send({"type": "http.response.body", "body": body})
