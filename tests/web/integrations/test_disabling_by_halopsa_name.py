"""A runbook in HaloPSA names the customer as HaloPSA does; it reaches the customer that is linked to it, and no other."""

from __future__ import annotations

import pytest
from tests.support.connections import plain_connection
from tests.support.tenants import Tenant
from tests.support.web import DISABLE, RunningWeb, assert_problem, audit_events

from stepladder.kit.folding import fold
from stepladder.tenancy.service import Customer


async def connect(tenant: Tenant) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await plain_connection(tx)


async def link(
    tenant: Tenant, customer: Customer, remote_id: str, remote_name: str, state: str = "mapped"
) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tx.run(
            """insert into customer_mapping (customer_id, msp_id, connection_id, state, remote_id, remote_name,
                                             folded_remote_name, checked_at)
               select %(customer)s, msp_id, id, %(state)s, %(remote)s, %(name)s, %(folded)s, now() from connection""",
            {
                "customer": customer.id,
                "state": state,
                "remote": remote_id,
                "name": remote_name,
                "folded": fold(remote_name),
            },
        )


async def ask(web: RunningWeb, tenant: Tenant, name: str) -> str | None:
    """The id of the customer that was reached."""
    members = {"customerDisplayName": name, "technicianEmailAddress": tenant.technician.email}
    before = len(await audit_events(tenant))
    answer = await web.press(tenant, DISABLE, members)
    if answer.status_code != 200:
        assert_problem(answer, 404, "not_found")
        return None
    (event,) = [
        each for each in (await audit_events(tenant))[before:] if each["tag"] == "jit_account.disable_asked"
    ]
    return str(event["facts"]["customer_id"])


async def test_a_linked_customer_is_found_by_its_name_in_halopsa(web: RunningWeb, tenant: Tenant) -> None:
    await connect(tenant)
    assert await ask(web, tenant, "NW Group") is None
    await link(tenant, tenant.customer, "7", "NW Group")
    assert await ask(web, tenant, "nw group") == str(tenant.customer.id)
    assert await ask(web, tenant, "NW Group Ltd") is None


async def test_a_display_name_of_ours_comes_first(web: RunningWeb, tenant: Tenant) -> None:
    other = await tenant.customer_called("other", "NW Group")
    await connect(tenant)
    await link(tenant, tenant.customer, "7", "NW Group")
    assert await ask(web, tenant, "NW Group") == str(other.id)


@pytest.mark.parametrize("state", ["unmapped", "gone", "inactive"])
async def test_who_is_not_linked_is_not_found_by_it(web: RunningWeb, tenant: Tenant, state: str) -> None:
    await connect(tenant)
    await link(tenant, tenant.customer, "7", "NW Group", state)
    assert await ask(web, tenant, "NW Group") is None


async def test_of_two_of_the_same_name_none_is_taken(web: RunningWeb, tenant: Tenant) -> None:
    await connect(tenant)
    await link(tenant, tenant.customer, "7", "NW Group")
    await link(tenant, await tenant.customer_called("second"), "8", "NW Group")
    assert await ask(web, tenant, "NW Group") is None


async def test_another_msps_links_are_not_seen(web: RunningWeb, tenant: Tenant, other_msp: Tenant) -> None:
    await connect(other_msp)
    await link(other_msp, other_msp.customer, "7", "NW Group")
    await connect(tenant)
    assert await ask(web, tenant, "NW Group") is None
