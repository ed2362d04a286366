"""Fifty deciders at once over two channels: one decision each round, and every loser is told the winner's verdict."""

from __future__ import annotations

import asyncio
import os
import random
from uuid import UUID

import httpx2
import pytest

from stepladder.app import Services
from stepladder.elevation.rules import AlreadyDecided, Verdict
from stepladder.kit.ids import RequestId
from tests.support.tenants import Tenant
from tests.support.web import APPROVE, DECISION_TYPE, DENY, KEY_HEADER, running_web

ROUNDS = int(os.environ.get("STEPLADDER_RACE_ROUNDS", "200"))
DECIDERS = 50


@pytest.mark.campaign
@pytest.mark.xdist_group("races")
@pytest.mark.timeout(600)
async def test_fifty_deciders_at_once_make_one_decision(services: Services, tenant: Tenant) -> None:
    rng = random.Random(7)
    async with running_web(services) as web:
        limits = httpx2.Limits(max_connections=DECIDERS)
        async with httpx2.AsyncClient(base_url=web.url, limits=limits, timeout=60, trust_env=False) as client:
            for _ in range(ROUNDS):
                await _round(client, tenant, rng)


async def _round(client: httpx2.AsyncClient, tenant: Tenant, rng: random.Random) -> None:
    request_id = (await tenant.submit()).request_id
    verdicts = [rng.choice(list(Verdict)) for _ in range(DECIDERS)]
    told = await asyncio.gather(
        *(
            _press(client, tenant, request_id, verdict)
            if number % 2
            else _command(tenant, request_id, verdict)
            for number, verdict in enumerate(verdicts)
        )
    )
    async with tenant.services.db.transaction(tenant.operator) as tx:
        request = await tenant.services.elevation.get(tx, RequestId(UUID(request_id)))
        decisions = await tx.scalar(
            "select count(*) from decision where request_id = %(id)s", {"id": request.id}
        )
        events = await tx.scalar(
            """select count(*) from audit_event where subject = %(id)s
               and tag in ('elevation_request.approved', 'elevation_request.denied')""",
            {"id": request_id},
        )
    assert (decisions, events) == (1, 1)
    assert {state for state, _ in told} == {request.state}
    # A key's same call again is the same decision; only the command line has one winner by itself.
    assert sum(is_new for _, is_new in told) >= 1


async def _press(
    client: httpx2.AsyncClient, tenant: Tenant, request_id: str, verdict: Verdict
) -> tuple[str, bool]:
    content = {"idemeumElevationRequestId": request_id, "idemeumCustomerName": tenant.customer.name}
    if verdict is Verdict.APPROVED:
        content["userElevationMode"] = "USER"
    answer = await client.post(
        APPROVE if verdict is Verdict.APPROVED else DENY,
        json=content,
        headers={"Host": tenant.msp.host, KEY_HEADER: tenant.key, "Content-Type": DECISION_TYPE},
    )
    if answer.status_code == 200:
        return answer.json()["status"].lower(), True
    assert answer.status_code == 409, answer.text
    return answer.json()["state"], False


async def _command(tenant: Tenant, request_id: str, verdict: Verdict) -> tuple[str, bool]:
    try:
        decided = await tenant.decide(request_id, verdict)
    except AlreadyDecided as refusal:
        return str(refusal.state), False
    return str(decided.state), decided.is_new
