"""Who decides is read in the transaction that decides, and held there: a lock-out comes before a decision or after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.support.integrations import approval_rule, confirm, save, staff
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, count, until_held_up

from stepladder.access_keys.gate import KeyGate, ShownKey
from stepladder.access_keys.service import KeyRefused, revoke_key
from stepladder.elevation.approvers import ByKey, ByTechnician, Decider
from stepladder.elevation.policy import Ask, Channel, NotAnApprover, Verdict
from stepladder.elevation.rules.service import NotAConfirmer
from stepladder.kit.db import Transaction
from stepladder.tenancy import delegation
from stepladder.tenancy.technicians import Role, Technician, set_technician

RITA = "rita@nikpot.example"
Change = Callable[[Transaction, Tenant, Technician], Awaitable[Any]]


def at_the_command_line(tenant: Tenant) -> Decider:
    return ByTechnician(tenant.services.db, tenant.operator, RITA)


def at_a_button(tenant: Tenant, technician: str | None = RITA) -> Decider:
    gate = KeyGate(tenant.services.db, tenant.services.clock)
    return ByKey(gate, ShownKey.read(tenant.msp.id, tenant.key, "127.0.0.1"), technician)


async def lock_out(tx: Transaction, tenant: Tenant, who: Technician) -> None:
    await set_technician(tx, who, role=None, is_active=False)


async def demote(tx: Transaction, tenant: Tenant, who: Technician) -> None:
    await set_technician(tx, who, role=Role.READ_ONLY, is_active=None)


async def undelegate(tx: Transaction, tenant: Tenant, who: Technician) -> None:
    await delegation.undelegate(tx, tenant.customer, email=who.email)


async def delegate_to_read(tx: Transaction, tenant: Tenant, who: Technician) -> None:
    await delegation.delegate(tx, tenant.customer, email=who.email, role=Role.READ_ONLY)


async def rita(tenant: Tenant, role: Role) -> Technician:
    """A technician who decides by her role, or, if that says no, by delegation."""
    made = await staff(tenant, RITA, role)
    if not role.may_decide:
        async with tenant.services.db.transaction(tenant.operator) as tx:
            await delegation.delegate(tx, tenant.customer, email=RITA, role=Role.TECHNICIAN)
    return made


WAYS = pytest.mark.parametrize("way", [at_the_command_line, at_a_button])
CHANGES = pytest.mark.parametrize(
    ("role", "change"),
    [
        (Role.TECHNICIAN, lock_out),
        (Role.TECHNICIAN, demote),
        (Role.READ_ONLY, lock_out),
        (Role.READ_ONLY, undelegate),
        (Role.READ_ONLY, delegate_to_read),
    ],
)


@WAYS
@CHANGES
async def test_who_loses_the_right_between_look_up_and_decision_does_not_decide(
    tenant: Tenant, way: Callable[[Tenant], Decider], role: Role, change: Change
) -> None:
    who, asked = await rita(tenant, role), await tenant.submit()
    ask = Ask(asked.request_id, Verdict.APPROVED, Channel.CLI)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await change(tx, tenant, who)
        deciding = asyncio.create_task(tenant.services.elevation.decide(ask, way(tenant)))
        await until_held_up(tenant, deciding)
    with pytest.raises(NotAnApprover):
        await deciding
    assert await count(tenant, "select count(*) from decision") == 0


@WAYS
@CHANGES
async def test_a_right_is_not_taken_away_in_the_middle_of_a_decision(
    tenant: Tenant, way: Callable[[Tenant], Decider], role: Role, change: Change
) -> None:
    who, asked = await rita(tenant, role), await tenant.submit()
    ask = Ask(asked.request_id, Verdict.APPROVED, Channel.CLI)

    async def take_away() -> None:
        async with tenant.services.db.transaction(tenant.operator) as tx:
            await change(tx, tenant, who)

    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run("select from elevation_request where id = %(id)s for update", {"id": asked.request_id})
        deciding = asyncio.create_task(tenant.services.elevation.decide(ask, way(tenant)))
        await until_held_up(tenant, deciding)
        taking = asyncio.create_task(take_away())
        await until_held_up(tenant, deciding, taking)
        assert not taking.done()
    assert (await deciding).is_new
    await taking


async def test_a_key_that_is_revoked_between_look_up_and_decision_does_not_decide(tenant: Tenant) -> None:
    asked = await tenant.submit()
    ask = Ask(asked.request_id, Verdict.APPROVED, Channel.INTEGRATION_API)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await revoke_key(tx, tenant.key_id)
        deciding = asyncio.create_task(
            tenant.services.elevation.decide(ask, at_a_button(tenant, technician=None))
        )
        await until_held_up(tenant, deciding)
    with pytest.raises(KeyRefused):
        await deciding
    assert await count(tenant, "select count(*) from decision") == 0


async def test_a_key_is_not_revoked_in_the_middle_of_a_decision(tenant: Tenant) -> None:
    """Noting its use does not wait for that, or decisions would wait for each other."""
    asked = await tenant.submit()
    ask = Ask(asked.request_id, Verdict.APPROVED, Channel.INTEGRATION_API)

    async def revoke() -> None:
        async with tenant.services.db.transaction(tenant.operator) as tx:
            await revoke_key(tx, tenant.key_id)

    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run("select from elevation_request where id = %(id)s for update", {"id": asked.request_id})
        deciding = asyncio.create_task(
            tenant.services.elevation.decide(ask, at_a_button(tenant, technician=None))
        )
        await until_held_up(tenant, deciding)
        async with tenant.services.db.transaction(tenant.operator) as noting:
            use = "update inbound_key set last_used_at = now() where key_id = %(id)s"
            assert await noting.run(use, {"id": tenant.key_id})
        revoking = asyncio.create_task(revoke())
        await until_held_up(tenant, deciding, revoking)
        assert not revoking.done()
    assert (await deciding).is_new
    await revoking


@pytest.mark.parametrize("change", [lock_out, demote])
async def test_who_loses_the_right_meanwhile_confirms_no_rule(
    web: RunningWeb, tenant: Tenant, change: Change
) -> None:
    who = await staff(tenant, RITA, Role.ADMIN)
    (rule,) = await save(web, tenant, approval_rule(tenant))
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await change(tx, tenant, who)
        confirming = asyncio.create_task(confirm(tenant, rule["id"], RITA))
        await until_held_up(tenant, confirming)
    with pytest.raises(NotAConfirmer):
        await confirming
    assert await count(tenant, "select count(*) from rule where confirmed_by is not null") == 0


async def test_a_decision_is_the_technicians_own(tenant: Tenant) -> None:
    """Looked up by the operator, made in the technician's name, in one transaction."""
    who, asked = await rita(tenant, Role.TECHNICIAN), await tenant.submit()
    await tenant.services.elevation.decide(
        Ask(asked.request_id, Verdict.DENIED, Channel.CLI), at_the_command_line(tenant)
    )
    query = "select actor_kind || ' ' || actor_id from decision where technician_id = %(id)s"
    assert await count(tenant, query, id=who.id) == f"technician {who.id}"
