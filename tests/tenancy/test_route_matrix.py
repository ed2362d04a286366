"""Every route, with everything of another MSP that could be named in it: as if it did not exist."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import uuid4

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Tenant
from tests.support.web import (
    APPROVE,
    DENY,
    DISABLE,
    RunningWeb,
    approval,
    audit_events,
    denial,
    enrolment,
    machine,
    snapshot,
)

from stepladder.access_keys.format import ENROLMENT_TOKEN
from stepladder.endpoints import service as endpoints
from stepladder_protocol import ENDPOINT_API

Call = Callable[[RunningWeb, Tenant, "Things"], Awaitable[httpx2.Response]]


@dataclass(frozen=True)
class Things:
    """What can be named in a message: of the own MSP, of another, or of nobody."""

    pending: str
    approved: str
    endpoint_id: str
    customer: str
    technician: str
    key: str
    token: str


async def things_of(tenant: Tenant) -> Things:
    approved = await tenant.submit()
    await tenant.decide(approved.request_id)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, tenant.customer)
        # Names of its own, so that no equal one of ours is met by chance.
        display = f"Customer {uuid4().hex}"
        await tx.run("update customer set display_name = %(name)s", {"name": display})
        email = f"{uuid4().hex}@theirs.example"
        await tx.run("update technician set email = %(email)s", {"email": email})
    pending = await tenant.submit()
    return Things(
        pending.request_id, approved.request_id, tenant.desktop.id, display, email, tenant.key, token
    )


def nothing() -> Things:
    return Things(
        str(uuid4()),
        str(uuid4()),
        str(uuid4()),
        f"Customer {uuid4().hex}",
        f"{uuid4().hex}@theirs.example",
        "",
        ENROLMENT_TOKEN.new(),
    )


CALLS: dict[str, Call] = {
    "approve their request under their name": lambda web, us, it: web.press(
        us, APPROVE, approval(it.pending, it.customer)
    ),
    "approve their request under our name": lambda web, us, it: web.press(
        us, APPROVE, approval(it.pending, "Northwind Traders")
    ),
    "approve what they decided": lambda web, us, it: web.press(
        us, APPROVE, approval(it.approved, it.customer)
    ),
    "approve by their id and machine": lambda web, us, it: web.press(
        us, APPROVE, approval(it.endpoint_id, it.customer)
    ),
    "approve as their technician": lambda web, us, it: web.press(
        us, APPROVE, approval(it.pending, it.customer), technician=it.technician
    ),
    "deny their request": lambda web, us, it: web.press(us, DENY, denial(it.pending, it.customer)),
    "deny what they decided": lambda web, us, it: web.press(us, DENY, denial(it.approved, it.customer)),
    "end accounts of their technician at our customer": lambda web, us, it: web.press(
        us, DISABLE, {"customerDisplayName": "Northwind Traders", "technicianEmailAddress": it.technician}
    ),
    "end accounts of our technician at their customer": lambda web, us, it: web.press(
        us, DISABLE, {"customerDisplayName": it.customer, "technicianEmailAddress": us.technician.email}
    ),
    "end accounts of theirs": lambda web, us, it: web.press(
        us, DISABLE, {"customerDisplayName": it.customer, "technicianEmailAddress": it.technician}
    ),
    "enrol with their token": lambda web, us, it: enrolment(us, it.token, Ed25519PrivateKey.generate()).to(
        web
    ),
    "look at their request": lambda web, us, it: machine(us).looking(it.pending).to(web),
    "wait for their request": lambda web, us, it: machine(us).looking(it.pending, wait=30).to(web),
    "look at what they decided": lambda web, us, it: machine(us).looking(it.approved).to(web),
    "withdraw their request": lambda web, us, it: machine(us).cancelling(it.pending).to(web),
    "fetch their grant": lambda web, us, it: machine(us).fetching(it.approved).to(web),
    "speak as their machine": lambda web, us, it: (
        machine(us).signed("GET", f"{ENDPOINT_API}/endpoint", key_id=it.endpoint_id).to(web)
    ),
    "read their ticket's page": lambda web, us, it: web.client.get(
        f"/elevation-requests/{it.pending}", headers={"Host": us.msp.host}
    ),
}


@pytest.mark.parametrize("what", CALLS)
async def test_what_belongs_to_another_msp_does_not_exist(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, what: str
) -> None:
    theirs = await things_of(other_msp)
    before, events = await snapshot(other_msp), await audit_events(other_msp)
    own = await snapshot(tenant)
    foreign = await CALLS[what](web, tenant, theirs)
    missing = await CALLS[what](web, tenant, nothing())
    assert (foreign.status_code, foreign.content) == (missing.status_code, missing.content)
    assert (await snapshot(other_msp), await audit_events(other_msp)) == (before, events)
    assert await snapshot(tenant) == own
    for word in (theirs.customer, theirs.technician, other_msp.msp.name):
        assert word not in foreign.text


async def test_their_key_and_their_machine_are_nobody_here(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    theirs = await things_of(other_msp)
    own = await tenant.submit()
    before = await snapshot(tenant)
    for path, members in (
        (APPROVE, approval(own.request_id, "Northwind Traders")),
        (DENY, denial(own.request_id, "Northwind Traders")),
        (
            DISABLE,
            {"customerDisplayName": "Northwind Traders", "technicianEmailAddress": tenant.technician.email},
        ),
    ):
        assert (await web.press(tenant, path, members, key=theirs.key)).status_code == 401
    stranger = machine(other_msp)
    for wire in (
        stranger.signed("GET", f"{ENDPOINT_API}/endpoint", host=tenant.msp.host),
        stranger.signed("GET", f"{ENDPOINT_API}/elevation-requests/{own.request_id}", host=tenant.msp.host),
        stranger.signed(
            "POST", f"{ENDPOINT_API}/elevation-requests/{own.request_id}/cancel", host=tenant.msp.host
        ),
        stranger.signed(
            "GET", f"{ENDPOINT_API}/elevation-requests/{own.request_id}/grant", host=tenant.msp.host
        ),
    ):
        assert (await wire.to(web)).status_code == 401
    assert await snapshot(tenant) == before
