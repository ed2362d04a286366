"""Grants: one for each approved request, always the same, signed, short-lived, and for its own machine only."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.support.clock import ManualClock
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, body, new_tenant
from tests.support.web import (
    Machine,
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
    other_id,
    snapshot,
)

from stepladder.app import DatabaseUrls, open_services
from stepladder.elevation.grants import APPROVAL_KEPT, GRANT_LIFETIME, GrantExpired
from stepladder.elevation.policy import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import RequestId
from stepladder_protocol import ENDPOINT_API, keys
from stepladder_protocol.grants import GrantRefused, arguments_digest, verify_grant
from stepladder_protocol.messages import ElevationKind, SignedGrant

NAME = "Northwind Traders"


async def approved(tenant: Tenant, **changes: Any) -> str:
    asked = await tenant.submit(**changes)
    await tenant.decide(asked.request_id)
    return asked.request_id


async def pinned(web: RunningWeb, desk: Machine) -> tuple[str, dict[str, object]]:
    """The issuer and the keys that the machine was given when it enrolled."""
    own = (await desk.signed("GET", f"{ENDPOINT_API}/endpoint").to(web)).json()
    return own["issuer"], {key["kid"]: keys.load_public_key(key["public_key"]) for key in own["grant_keys"]}


async def test_a_grant_holds_under_the_pinned_key_and_says_what_was_approved(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    wanted = body()
    asked = (await desk.asking(wanted).to(web)).json()["request_id"]
    assert (await web.approve(tenant, asked, NAME)).status_code == 200
    signed = SignedGrant.model_validate_json((await desk.fetching(asked).to(web)).content)
    issuer, trusted = await pinned(web, desk)
    grant = verify_grant(
        signed,
        pinned_keys=trusted,  # type: ignore[arg-type]
        audience=desk.id,
        issuer=issuer,
        request_id=asked,
        now=clock.now(),
    )
    assert issuer == tenant.msp.host
    assert grant.file.model_dump() == wanted.program.model_dump(
        include={"path", "sha256", "size", "publisher"}
    )
    assert grant.arguments_sha256 == arguments_digest(wanted.program.arguments)
    assert (grant.person, grant.kind) == (wanted.requester.user, ElevationKind.USER)
    assert grant.expires_at - grant.not_before == GRANT_LIFETIME == timedelta(minutes=10)


async def test_a_grant_does_not_hold_under_another_msps_key(
    web: RunningWeb, tenant: Tenant, desk: Machine, other_msp: Tenant, clock: MovedClock
) -> None:
    asked = await approved(tenant)
    signed = SignedGrant.model_validate_json((await desk.fetching(asked).to(web)).content)
    _, theirs = await pinned(web, machine(other_msp))
    (key,) = theirs.values()
    for trusted in (theirs, {signed.kid: key}):
        with pytest.raises(GrantRefused):
            verify_grant(
                signed,
                pinned_keys=trusted,  # type: ignore[arg-type]
                audience=desk.id,
                issuer=tenant.msp.host,
                request_id=asked,
                now=clock.now(),
            )


async def test_fetching_again_gives_the_same_bytes_in_every_process(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    asked = await approved(tenant)
    first = await desk.fetching(asked).to(web)
    assert first.status_code == 200
    for process in (web, other_process, web):
        clock.move(timedelta(minutes=1))
        assert (await desk.fetching(asked).to(process)).content == first.content
    assert await count(tenant, "select count(*) from elevation_grant") == 1


async def test_fetched_many_times_at_once_there_is_one_grant(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    for _ in range(5):
        asked = await approved(tenant)
        answers = await asyncio.gather(
            *(desk.fetching(asked).to(process) for process in (web, other_process) for _ in range(6))
        )
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        issued = [event for event in await audit_events(tenant, asked) if event["tag"] == "grant.issued"]
        assert len(issued) == 1
        assert (
            await count(tenant, "select count(*) from elevation_grant where request_id = %(id)s", id=asked)
            == 1
        )


async def test_two_requests_have_two_grants_that_share_no_nonce(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    nonces = {
        (await desk.fetching(await approved(tenant)).to(web)).json()["grant"]["nonce"] for _ in range(5)
    }
    assert len(nonces) == 5


@pytest.mark.parametrize("state", ["pending", "denied", "cancelled", "expired", "due"])
async def test_there_is_no_grant_but_for_an_approved_request(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock, state: str
) -> None:
    asked = (await tenant.submit()).request_id
    match state:
        case "denied":
            await tenant.decide(asked, Verdict.DENIED)
        case "cancelled":
            await desk.cancelling(asked).to(web)
        case "expired" | "due":
            clock.move(timedelta(days=5))
            if state == "expired":
                await tenant.services.elevation.expire_due(tenant.operator)
    found = assert_problem(await desk.fetching(asked).to(web), 409, "not_approved")
    assert found["state"] == ("pending" if state == "due" else state)
    assert await count(tenant, "select count(*) from elevation_grant") == 0


async def test_a_grant_is_for_the_machine_that_asked(
    web: RunningWeb, tenant: Tenant, desk: Machine, other_msp: Tenant
) -> None:
    twin = machine(tenant, await tenant.desktop_of(tenant.customer, "DESK-5"))
    asked = await approved(tenant)
    for one in (twin, machine(other_msp)):
        answer, nothing = await one.fetching(asked).to(web), await one.fetching(other_id()).to(web)
        assert_problem(answer, 404, "request_not_found")
        assert answer.content == nothing.content
    assert await count(tenant, "select count(*) from elevation_grant") == 0
    # Also once it exists.
    assert (await desk.fetching(asked).to(web)).status_code == 200
    assert_problem(await twin.fetching(asked).to(web), 404, "request_not_found")


async def test_an_expired_grant_is_gone_and_never_made_anew(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    asked = await approved(tenant)
    first = (await desk.fetching(asked).to(web)).json()
    clock.move(GRANT_LIFETIME - timedelta(seconds=30))
    assert (await desk.fetching(asked).to(web)).json() == first
    clock.move(timedelta(seconds=30))
    before = await snapshot(tenant)
    for _ in range(2):
        assert_problem(await desk.fetching(asked).to(web), 410, "grant_expired")
    assert await snapshot(tenant) == before


async def test_an_approval_that_nobody_fetched_lapses(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    early, late = await approved(tenant), await approved(tenant)
    clock.move(APPROVAL_KEPT - timedelta(minutes=1))
    assert (await desk.fetching(early).to(web)).status_code == 200
    clock.move(timedelta(minutes=2))
    assert_problem(await desk.fetching(late).to(web), 410, "grant_expired")
    assert await count(tenant, "select count(*) from elevation_grant") == 1


async def test_a_revoked_machine_is_given_no_grant(web: RunningWeb, tenant: Tenant, desk: Machine) -> None:
    asked = await approved(tenant)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, desk.id)
    assert_problem(await desk.fetching(asked).to(web), 403, "endpoint_revoked")
    assert await count(tenant, "select count(*) from elevation_grant") == 0


async def test_the_decided_kind_is_granted_and_not_the_asked_one(
    web: RunningWeb, tenant: Tenant, desk: Machine
) -> None:
    asked = await tenant.submit(kind=ElevationKind.ADMIN)
    assert (await web.approve(tenant, asked.request_id, NAME, mode="USER")).status_code == 200
    assert (await desk.fetching(asked.request_id).to(web)).json()["grant"]["kind"] == "USER"


async def test_the_instant_of_expiry_is_expired(tmp_path: Path, urls: DatabaseUrls) -> None:
    """TEST-12: of a grant, and of an approval whose grant nobody fetched."""
    clock = ManualClock()
    async with open_services(settings_in(tmp_path), urls, clock=clock) as services:
        tenant = await new_tenant(services)
        machine = tenant.desktop.endpoint

        async def fetch(request_id: str) -> SignedGrant:
            actor = endpoints.actor_for(tenant.msp.id, machine.id)
            async with services.db.transaction(actor) as tx:
                return await services.grants.fetch(
                    tx, machine.id, RequestId(UUID(request_id)), tenant.msp.host
                )

        fetched, left = [(await tenant.submit()).request_id for _ in range(2)]
        await tenant.decide(fetched)
        await tenant.decide(left)
        approved_at = clock.now()
        await fetch(fetched)
        clock.move(GRANT_LIFETIME - timedelta(microseconds=1))
        await fetch(fetched)
        clock.move(timedelta(microseconds=1))
        with pytest.raises(GrantExpired):
            await fetch(fetched)
        clock.move(approved_at + APPROVAL_KEPT - clock.now())
        with pytest.raises(GrantExpired):
            await fetch(left)
