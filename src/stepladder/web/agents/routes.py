"""The endpoint API, `/api/endpoint/v1`: what agents say. Every message is signed with the device key."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.datastructures import State

from stepladder.elevation.grants import Grants
from stepladder.elevation.service import Elevation
from stepladder.elevation.waiting import Waiters
from stepladder.endpoints import service as endpoints
from stepladder.endpoints.service import Endpoint, SignedMessage
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database
from stepladder.kit.ids import RequestId
from stepladder.tenancy.service import Msp, find_customer
from stepladder.vault.service import Vault
from stepladder.web import strict_json
from stepladder_protocol import ENDPOINT_API, keys as wire_keys
from stepladder_protocol.messages import (
    EnrolAnswer,
    EnrolBody,
    GrantKey,
    Problem,
    RequestState,
    RequestStatus,
    SignedGrant,
    SubmitBody,
)

_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 410, 413, 429, 503)
}
router = APIRouter(prefix=ENDPOINT_API, tags=["endpoint"], responses=_PROBLEMS)


@dataclass(frozen=True)
class EndpointApi:
    """What the routes need; put into the application's state where it is built."""

    db: Database
    clock: Clock
    vault: Vault
    elevation: Elevation
    grants: Grants
    waiters: Waiters
    long_poll_seconds: float


@dataclass(frozen=True)
class Caller:
    """The endpoint that signed the message."""

    msp: Msp
    endpoint: Endpoint
    actor: Actor


def _api(request: Request) -> EndpointApi:
    state: State = request.app.state
    api: EndpointApi = state.endpoint_api
    return api


async def _message(request: Request) -> SignedMessage:
    scope = request.scope
    query = f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
    path = scope.get("raw_path", scope["path"].encode()).decode("latin-1")
    lines = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    url = f"{scope['scheme']}://{request.headers.get('host', '')}{path}{query}"
    body = await request.body()
    if body:
        # The signature covers the text; what was read from it has to be the only way to read it.
        strict_json.read(body)
    return SignedMessage(request.method, url, lines, body)


async def _any_caller(request: Request) -> Caller:
    api, msp = _api(request), request.state.msp
    endpoint = await endpoints.authenticate(api.db, msp.id, await _message(request), api.clock.now())
    return Caller(msp, endpoint, endpoints.actor_for(msp.id, endpoint.id))


async def _caller(caller: Annotated[Caller, Depends(_any_caller)]) -> Caller:
    caller.endpoint.check_active()
    return caller


Api = Annotated[EndpointApi, Depends(_api)]
AnyCaller = Annotated[Caller, Depends(_any_caller)]
ActiveCaller = Annotated[Caller, Depends(_caller)]
Id = Annotated[UUID, Path(description="The elevation request's id.")]


@router.post("/enrol", status_code=201)
async def enrol(body: EnrolBody, request: Request, api: Api) -> EnrolAnswer:
    """Enrol this machine with a token. Signed with the new device key, whose id is the signature's key id."""
    msp: Msp = request.state.msp
    endpoint = await endpoints.enrol(api.db, msp.id, body, await _message(request), api.clock.now())
    return await _enrolled(api, msp, endpoint)


@router.get("/endpoint")
async def own_endpoint(caller: AnyCaller, api: Api) -> EnrolAnswer:
    """What the service knows of this machine, and the keys that sign grants."""
    return await _enrolled(api, caller.msp, caller.endpoint)


@router.post("/elevation-requests", status_code=201)
async def submit(body: SubmitBody, caller: ActiveCaller, api: Api, response: Response) -> RequestStatus:
    """Ask for elevation. 200 instead of 201 when this idempotency key was seen before with the same body."""
    status, is_new = await api.elevation.submit(caller.actor, caller.endpoint, body)
    if not is_new:
        response.status_code = 200
    return status


@router.get("/elevation-requests/{request_id}")
async def verdict(
    request_id: Id,
    caller: ActiveCaller,
    api: Api,
    wait: Annotated[float, Query(ge=0, le=55, description="Seconds to wait for a verdict.")] = 0,
) -> RequestStatus:
    """The request's state: at once when it is settled, else after `wait` seconds at most. Ask again then."""
    target = RequestId(request_id)
    # Registered before the state is read, so that nothing can happen unseen in between.
    async with api.waiters.registered(target) as news:
        status = await api.elevation.status_for(caller.actor, caller.endpoint.id, target)
        if status.state is not RequestState.PENDING or wait == 0:
            return status
        try:
            await asyncio.wait_for(news.wait(), min(wait, api.long_poll_seconds))
        except TimeoutError:
            return status
    return await api.elevation.status_for(caller.actor, caller.endpoint.id, target)


@router.post("/elevation-requests/{request_id}/cancel")
async def cancel(request_id: Id, caller: ActiveCaller, api: Api) -> RequestStatus:
    """Withdraw a request that is pending. Cancelling twice is fine."""
    return await api.elevation.cancel(caller.actor, caller.endpoint.id, RequestId(request_id))


@router.get("/elevation-requests/{request_id}/grant")
async def grant(request_id: Id, caller: ActiveCaller, api: Api) -> SignedGrant:
    """The signed grant of an approved request. Asking again returns the same one until it expires."""
    endpoint = caller.endpoint
    return await api.grants.fetch(
        caller.actor,
        endpoint.id,
        RequestId(request_id),
        caller.msp.host,
        approved_after=endpoint.signed_after,
    )


async def _enrolled(api: EndpointApi, msp: Msp, endpoint: Endpoint) -> EnrolAnswer:
    async with api.db.transaction(endpoints.actor_for(msp.id, endpoint.id)) as tx:
        keys = await api.vault.public_keys(tx, "grant")
        customer = await find_customer(tx, str(endpoint.customer_id))
    return EnrolAnswer(
        endpoint_id=str(endpoint.id),
        state=endpoint.state,
        customer=customer.display_name,
        issuer=msp.host,
        grant_keys=[GrantKey(kid=kid, public_key=wire_keys.encode(raw)) for kid, raw in keys.items()],
    )
