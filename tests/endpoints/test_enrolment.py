"""Threat T20: an enrolment token lets one machine in, once, soon, where it was meant; a twin waits for a person."""

from __future__ import annotations

import asyncio
import base64
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Desktop, Tenant
from tests.support.web import (
    Machine,
    MovedClock,
    RunningWeb,
    Wire,
    assert_problem,
    audit_events,
    count,
    enrolment,
    machine,
    other_id,
    sign,
    snapshot,
    until_held_up,
)

from stepladder.access_keys.format import ENROLMENT_TOKEN
from stepladder.endpoints import service as endpoints
from stepladder.errors import Invalid, NotFound
from stepladder.tenancy.service import Customer
from stepladder_protocol import ENDPOINT_API, keys


async def token_for(
    tenant: Tenant,
    customer: Customer | None = None,
    *,
    name: str | None = None,
    lifetime: timedelta = endpoints.TOKEN_LIFETIME,
) -> str:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await endpoints.create_token(
            tx,
            customer or tenant.customer,
            endpoint_name=name,
            lifetime=lifetime,
        )


async def refused(
    web: RunningWeb, tenant: Tenant, wire: Wire, code: str = "enrolment_token_refused"
) -> bytes:
    """The enrolment is refused and leaves nothing; gives the answer's body."""
    before, events = await snapshot(tenant), await audit_events(tenant)
    answer = await wire.to(web)
    assert_problem(answer, 401, code)
    assert (await snapshot(tenant), await audit_events(tenant)) == (before, events)
    return answer.content


async def as_machine(web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey, wire: Wire) -> Machine:
    """Enrol, and be the machine that came of it."""
    answer = await wire.to(web)
    assert answer.status_code == 201, answer.text
    async with tenant.services.db.transaction(tenant.operator) as tx:
        found = await endpoints.find_endpoint(tx, answer.json()["endpoint_id"])
    assert found
    return machine(tenant, Desktop(found, key))


@pytest.fixture
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


async def test_a_machine_enrols_and_may_ask(web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey) -> None:
    answer = await enrolment(tenant, await token_for(tenant), key).to(web)
    assert answer.status_code == 201
    found = answer.json()
    assert (found["state"], found["customer"], found["issuer"]) == (
        "active",
        "Northwind Traders",
        tenant.msp.host,
    )
    assert [set(each) for each in found["grant_keys"]] == [{"kid", "public_key"}]
    (event,) = await audit_events(tenant, found["endpoint_id"])
    assert event["tag"] == "endpoint.enrolled"
    asking = sign(key, found["endpoint_id"], "GET", f"{ENDPOINT_API}/endpoint", b"", host=tenant.msp.host)
    assert (await asking.to(web)).json() == found


async def test_a_token_used_by_another_key_is_refused(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    token = await token_for(tenant)
    first = (await enrolment(tenant, token, key).to(web)).json()
    for name in ("DESK-9", "DESK-10"):
        await refused(web, tenant, enrolment(tenant, token, Ed25519PrivateKey.generate(), name=name))
    assert (await enrolment(tenant, token, key).to(web)).json() == first


async def test_the_same_token_and_key_give_the_same_machine_however_late(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey, clock: MovedClock
) -> None:
    token = await token_for(tenant)
    first = (await enrolment(tenant, token, key).to(web)).json()
    events = await audit_events(tenant)
    for process in (web, other_process):
        clock.move(timedelta(hours=1))
        answer = await enrolment(tenant, token, key).to(process)
        assert (answer.status_code, answer.json()) == (201, first)
    assert await audit_events(tenant) == events


async def test_one_token_used_by_many_at_once_lets_one_in(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    token, before = await token_for(tenant), await count(tenant, "select count(*) from endpoint")
    answers = await asyncio.gather(
        *(
            enrolment(tenant, token, Ed25519PrivateKey.generate(), name=f"DESK-{number}").to(process)
            for number, process in enumerate((web, other_process) * 5)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 9
    assert await count(tenant, "select count(*) from endpoint") == before + 1


async def test_one_enrolment_sent_many_times_at_once_is_one_machine(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    token, before = await token_for(tenant), await count(tenant, "select count(*) from endpoint")
    answers = await asyncio.gather(
        *(enrolment(tenant, token, key).to(process) for process in (web, other_process) * 5)
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert await count(tenant, "select count(*) from endpoint") == before + 1


async def test_every_token_that_does_not_fit_is_refused_alike(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant, clock: MovedClock
) -> None:
    used = await token_for(tenant)
    assert (await enrolment(tenant, used, Ed25519PrivateKey.generate()).to(web)).status_code == 201
    expired = await token_for(tenant)
    clock.move(endpoints.TOKEN_LIFETIME)
    foreign = await token_for(other_msp)
    named = await token_for(tenant, name="RECEPTION")
    tokens = {
        "unknown": ENROLMENT_TOKEN.new(),
        "malformed": "enr_" + "x" * 60,
        "noise": "x" * 20,
        "a key for integrations": tenant.key,
        "used": used,
        "expired": expired,
        "another MSP's": foreign,
        "for another name": named,
    }
    answers = {
        what: await refused(
            web, tenant, enrolment(tenant, token, Ed25519PrivateKey.generate(), name="DESK-77")
        )
        for what, token in tokens.items()
    }
    assert len(set(answers.values())) == 1
    # The tokens that still live were not used up by it.
    assert (await enrolment(other_msp, foreign, Ed25519PrivateKey.generate()).to(web)).status_code == 201
    fitting = enrolment(tenant, named, Ed25519PrivateKey.generate(), name="Reception")
    assert (await fitting.to(web)).status_code == 201


async def test_a_token_works_until_the_moment_it_expires(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey, clock: MovedClock
) -> None:
    token = await token_for(tenant)
    clock.move(endpoints.TOKEN_LIFETIME - timedelta(seconds=30))
    assert (await enrolment(tenant, token, key).to(web)).status_code == 201


async def test_a_token_lives_a_week_at_most(tenant: Tenant) -> None:
    for lifetime in (timedelta(days=7, seconds=1), timedelta(0), timedelta(seconds=-1)):
        with pytest.raises(Invalid):
            await token_for(tenant, lifetime=lifetime)


async def test_a_token_decides_the_customer_and_nothing_in_the_message_does(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    other = await tenant.customer_called("other", "Other Ltd")
    answer = await enrolment(tenant, await token_for(tenant, other), key).to(web)
    assert answer.json()["customer"] == "Other Ltd"
    customer = await count(
        tenant, "select customer_id from endpoint where id = %(id)s", id=answer.json()["endpoint_id"]
    )
    assert customer == other.id


async def test_only_a_tokens_hash_is_kept(tenant: Tenant) -> None:
    token = await token_for(tenant)
    stored = await count(tenant, "select string_agg(to_jsonb(t)::text, '') from enrolment_token t")
    assert token.removeprefix("enr_")[9:] not in stored


async def test_an_enrolment_is_signed_with_the_key_it_brings(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    """Otherwise a captured token would enrol a key whose holder does not know of it."""
    token = await token_for(tenant)
    other = Ed25519PrivateKey.generate()
    await refused(web, tenant, enrolment(tenant, token, key, signed_by=other), "signature_refused")
    honest = enrolment(tenant, token, key)
    await refused(
        web, tenant, honest.altered(content=honest.content.replace(b"DESK-9", b"DESK-8")), "signature_refused"
    )
    unsigned = honest.altered(
        headers=tuple(line for line in honest.headers if not line[0].lower().startswith("sig"))
    )
    await refused(web, tenant, unsigned, "signature_refused")
    assert (await honest.to(web)).status_code == 201


@pytest.mark.parametrize("change", ["last", "zeros", "low order"])
async def test_a_public_key_that_is_none_is_refused(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey, change: str
) -> None:
    honest = keys.public_key_text(key)
    # The last character of 43 carries four spare bits: another spelling of the same bytes.
    spare = next(each for each in "BCDEFGHIJKLMNOP" if each not in honest[-1])
    text = {"last": honest[:-1] + spare, "zeros": "A" * 43, "low order": keys.encode(b"\x01" + bytes(31))}[
        change
    ]
    await refused(
        web, tenant, enrolment(tenant, await token_for(tenant), key, public_key=text), "signature_refused"
    )


async def test_a_name_with_a_character_that_no_text_has_is_refused(
    web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    token = await token_for(tenant)
    for field in ("endpoint_name", "operating_system", "agent_version"):
        odd: dict[str, Any] = {field: "x\x00"}
        assert_problem(await enrolment(tenant, token, key, **odd).to(web), 400, "body_refused")
    assert (await enrolment(tenant, token, key).to(web)).status_code == 201


# A machine of a name that exists


@pytest.mark.parametrize("spelled", ["DESK-1", "desk-1"])
async def test_a_twin_is_held_and_does_nothing_until_a_person_lets_it_in(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey, spelled: str
) -> None:
    twin = await as_machine(web, tenant, key, enrolment(tenant, await token_for(tenant), key, name=spelled))
    (event,) = await audit_events(tenant, twin.id)
    assert event["tag"] == "endpoint.held"
    asked = await tenant.submit()
    before = await snapshot(tenant)
    for process in (web, other_process):
        for wire in (
            twin.asking(),
            twin.looking(asked.request_id),
            twin.cancelling(asked.request_id),
            twin.fetching(asked.request_id),
        ):
            assert_problem(await wire.to(process), 403, "endpoint_held")
    assert await snapshot(tenant) == before
    # It may look whether it was let in.
    own = f"{ENDPOINT_API}/endpoint"
    assert (await twin.signed("GET", own).to(web)).json()["state"] == "held"
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await endpoints.activate(tx, twin.id)
    assert (await twin.signed("GET", own).to(web)).json()["state"] == "active"
    for process in (web, other_process):
        assert (await twin.asking().to(process)).status_code == 201
    assert [event["tag"] for event in await audit_events(tenant, twin.id)] == [
        "endpoint.held",
        "endpoint.activated",
    ]


async def test_the_machine_that_was_there_first_is_not_disturbed_by_a_twin(
    web: RunningWeb, tenant: Tenant, desk: Machine, key: Ed25519PrivateKey
) -> None:
    await as_machine(web, tenant, key, enrolment(tenant, await token_for(tenant), key, name="DESK-1"))
    assert (await desk.asking().to(web)).status_code == 201


async def test_a_name_is_a_customers_own(web: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey) -> None:
    other = await tenant.customer_called("other", "Other Ltd")
    answer = await enrolment(tenant, await token_for(tenant, other), key, name="DESK-1").to(web)
    assert answer.json()["state"] == "active"


async def test_of_two_machines_of_one_name_enrolled_at_once_one_is_held(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    for number in range(5):
        tokens = [await token_for(tenant) for _ in range(4)]
        answers = await asyncio.gather(
            *(
                enrolment(tenant, token, Ed25519PrivateKey.generate(), name=f"NEW-{number}").to(process)
                for token, process in zip(tokens, (web, other_process) * 2, strict=True)
            )
        )
        assert sorted(answer.json()["state"] for answer in answers) == ["active", "held", "held", "held"]


async def test_after_a_revocation_the_name_is_free_again(
    web: RunningWeb, tenant: Tenant, desk: Machine, key: Ed25519PrivateKey
) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, desk.id)
    answer = await enrolment(tenant, await token_for(tenant), key, name="DESK-1").to(web)
    assert answer.json()["state"] == "active"


# Keys that were used before


async def test_a_key_enrols_once(
    web: RunningWeb, tenant: Tenant, desk: Machine, key: Ed25519PrivateKey
) -> None:
    """A second token does not give a known key a second machine, or another customer."""
    other = await tenant.customer_called("other", "Other Ltd")
    copied = desk.desktop.key
    for customer in (tenant.customer, other):
        await refused(
            web, tenant, enrolment(tenant, await token_for(tenant, customer), copied, name="DESK-55")
        )
    assert (await desk.asking().to(web)).status_code == 201


async def test_a_revoked_machine_is_refused_at_once_everywhere_and_cannot_come_back(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant, key: Ed25519PrivateKey
) -> None:
    token = await token_for(tenant)
    made = await as_machine(web, tenant, key, enrolment(tenant, token, key))
    for process in (web, other_process):
        assert (await made.asking().to(process)).status_code == 201
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, made.id)
    for process in (web, other_process):
        for wire in (made.asking(), made.signed("GET", f"{ENDPOINT_API}/endpoint")):
            assert_problem(await wire.to(process), 403, "endpoint_revoked")
    await refused(web, tenant, enrolment(tenant, token, key))
    await refused(web, tenant, enrolment(tenant, await token_for(tenant), key))


async def test_letting_in_is_for_held_machines_of_the_own_msp_only(tenant: Tenant, other_msp: Tenant) -> None:

    for endpoint_id in (other_msp.desktop.id, other_id(), "x"):
        for change in (endpoints.activate, tenant.services.revocation.revoke):
            async with tenant.services.db.transaction(tenant.operator) as tx:
                with pytest.raises(NotFound):
                    await change(tx, endpoint_id)
    for revoked in (False, True):
        async with tenant.services.db.transaction(tenant.operator) as tx:
            if revoked:
                await tenant.services.revocation.revoke(tx, tenant.desktop.id)
            with pytest.raises(endpoints.EndpointNotHeld):
                await endpoints.activate(tx, tenant.desktop.id)


async def test_when_a_machine_was_last_seen_is_noted_every_few_minutes(
    web: RunningWeb, tenant: Tenant, desk: Machine, clock: MovedClock
) -> None:
    async def last_seen() -> object:
        return await count(tenant, "select last_seen_at from endpoint where id = %(id)s", id=UUID(desk.id))

    first = await last_seen()
    own = f"{ENDPOINT_API}/endpoint"
    clock.move(timedelta(minutes=4))
    await desk.signed("GET", own).to(web)
    assert await last_seen() == first
    clock.move(timedelta(minutes=2))
    await desk.signed("GET", own).to(web)
    assert await last_seen() != first


async def test_a_machine_that_is_revoked_meanwhile_is_not_let_in(web: RunningWeb, tenant: Tenant) -> None:
    """Both operators saw it held; the one who revokes it is first."""
    twin = await tenant.desktop_of(tenant.customer, tenant.desktop.endpoint.name)

    async def let_in() -> None:
        async with tenant.services.db.transaction(tenant.operator) as tx:
            await endpoints.activate(tx, twin.id)

    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, twin.id)
        letting_in = asyncio.create_task(let_in())
        await until_held_up(tenant, letting_in)
    with pytest.raises(endpoints.EndpointNotHeld):
        await letting_in
    state = "select state from endpoint where id = %(id)s"
    assert await count(tenant, state, id=twin.id) == "revoked"


async def test_a_machine_that_is_revoked_meanwhile_asks_for_nothing(tenant: Tenant) -> None:
    """Its message was signed and read before the revocation was committed."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, tenant.desktop.id)
        asking = asyncio.create_task(tenant.submit())
        await until_held_up(tenant, asking)
    with pytest.raises(endpoints.EndpointRevoked):
        await asking
    assert await count(tenant, "select count(*) from elevation_request") == 0


async def test_a_key_that_anybody_can_sign_for_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-15: the signature holds, and proves nothing."""
    token = await token_for(tenant)
    wire = enrolment(tenant, token, Ed25519PrivateKey.generate(), public_key=keys.encode(bytes(32)))
    anybodys = base64.b64encode(b"\x01" + bytes(63)).decode()
    await refused(web, tenant, wire.with_header("Signature", f"sl=:{anybodys}:"), "signature_refused")
