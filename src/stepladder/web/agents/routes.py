"""The endpoint API, `/api/endpoint/v1`: what agents say. Every message is signed with the device key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import State

from stepladder.elevation.grants import Grants
from stepladder.elevation.service import Elevation
from stepladder.elevation.waiting import Waiters
from stepladder.endpoints import service as endpoints
from stepladder.endpoints.gate import EndpointGate
from stepladder.endpoints.service import Endpoint
from stepladder.kit.db import Database, Transaction
from stepladder.kit.ids import RequestId
from stepladder.tenancy.service import Msp, find_customer
from stepladder.vault.service import Vault
from stepladder.web.door.later import hold, put_off
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

from .messages import answer, read_body, signed_message, takes
from .question import Question

_PROBLEMS: dict[int | str, dict[str, object]] = {
    status: {"model": Problem, "content": {"application/problem+json": {}}}
    for status in (400, 401, 403, 404, 409, 410, 413, 429, 503)
}
Done = TypeVar("Done")
TAKEN = (EnrolBody, SubmitBody)
router = APIRouter(prefix=ENDPOINT_API, tags=["endpoint"], responses=_PROBLEMS)


@dataclass(frozen=True)
class EndpointApi:
    """What the routes need; put into the application's state where it is built."""

    db: Database
    vault: Vault
    elevation: Elevation
    grants: Grants
    waiters: Waiters
    gate: EndpointGate
    long_poll_seconds: float


Act = Callable[[Transaction, Endpoint], Awaitable[Done]]


def _api(request: Request) -> EndpointApi:
    state: State = request.app.state
    api: EndpointApi = state.endpoint_api
    return api


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _call(request: Request, act: Act[Done]) -> Done:
    """Do what an active machine asks, in the transaction that knows it."""

    async def act_if_active(tx: Transaction, endpoint: Endpoint) -> Done:
        endpoint.check_active()
        return await act(tx, endpoint)

    return await _call_of_any(request, act_if_active)


async def _call_of_any(request: Request, act: Act[Done]) -> Done:
    """The same for a machine that may be held."""
    message, msp_id = await signed_message(request), request.state.msp.id
    return await _api(request).gate.call(msp_id, message, _address(request), act)


Id = Annotated[UUID, Path(description="The elevation request's id.")]


@router.post("/enrol", status_code=201, response_model=EnrolAnswer, openapi_extra=takes(EnrolBody))
async def enrol(request: Request) -> Response:
    """Enrol this machine with a token. Signed with the new device key, whose id is the signature's key id."""
    api, msp = _api(request), request.state.msp
    message = await signed_message(request)
    message.check_digest()
    body = read_body(request, message.body, EnrolBody)
    endpoint = await api.gate.enrol(msp.id, body, message, _address(request))
    async with api.db.transaction(endpoints.actor_for(msp.id, endpoint.id)) as tx:
        return answer(await _enrolled(tx, api, msp, endpoint), 201)


@router.get("/endpoint", response_model=EnrolAnswer)
async def own_endpoint(request: Request) -> Response:
    """What the service knows of this machine, and the keys that sign grants."""
    api, msp = _api(request), request.state.msp
    return answer(await _call_of_any(request, lambda tx, endpoint: _enrolled(tx, api, msp, endpoint)))


@router.post(
    "/elevation-requests", status_code=201, response_model=RequestStatus, openapi_extra=takes(SubmitBody)
)
async def submit(request: Request) -> Response:
    """Ask for elevation. 200 instead of 201 when this idempotency key was seen before with the same body."""
    api, content = _api(request), await request.body()

    async def act(tx: Transaction, endpoint: Endpoint) -> tuple[RequestStatus, bool]:
        body = read_body(request, content, SubmitBody)
        return await api.elevation.submit_in(
            tx, endpoint, body, before_new=lambda: api.gate.count_new_request(endpoint)
        )

    status, is_new = await _call(request, act)
    return answer(status, 201 if is_new else 200)


@router.get("/elevation-requests/{request_id}", response_model=RequestStatus)
async def verdict(
    request: Request,
    request_id: Id,
    wait: Annotated[float, Query(ge=0, le=55, description="Seconds to wait for a verdict.")] = 0,
) -> Response:
    """The request's state: at once when it is settled, else after `wait` seconds at most. Ask again then."""
    api, target, question = _api(request), RequestId(request_id), None

    async def act(tx: Transaction, endpoint: Endpoint) -> RequestStatus:
        nonlocal question
        if wait:
            waiter = api.waiters.enter(endpoint.id, target)
            question = Question(api.elevation, tx.actor, waiter, min(wait, api.long_poll_seconds))
            hold(request, question)
        return await api.elevation.status_in(tx, endpoint.id, target)

    status = await _call(request, act)
    if question and status.state is RequestState.PENDING:
        question.known = status.model_dump_json().encode()
        return put_off()
    return answer(status)


@router.post("/elevation-requests/{request_id}/cancel", response_model=RequestStatus)
async def cancel(request: Request, request_id: Id) -> Response:
    """Withdraw a request that is pending. Cancelling twice is fine."""
    elevation, target = _api(request).elevation, RequestId(request_id)
    return answer(await _call(request, lambda tx, endpoint: elevation.cancel_in(tx, endpoint.id, target)))


@router.get("/elevation-requests/{request_id}/grant", response_model=SignedGrant)
async def grant(request: Request, request_id: Id) -> Response:
    """The signed grant of an approved request. Asking again returns the same one until it expires."""
    grants, host, target = _api(request).grants, request.state.msp.host, RequestId(request_id)

    async def act(tx: Transaction, endpoint: Endpoint) -> SignedGrant:
        return await grants.fetch(tx, endpoint.id, target, host, approved_after=endpoint.signed_after)

    return answer(await _call(request, act))


async def _enrolled(tx: Transaction, api: EndpointApi, msp: Msp, endpoint: Endpoint) -> EnrolAnswer:
    keys = await api.vault.public_keys(tx, "grant")
    customer = await find_customer(tx, str(endpoint.customer_id))
    return EnrolAnswer(
        endpoint_id=str(endpoint.id),
        state=endpoint.state,
        customer=customer.display_name,
        issuer=msp.host,
        grant_keys=[GrantKey(kid=kid, public_key=wire_keys.encode(raw)) for kid, raw in keys.items()],
    )
