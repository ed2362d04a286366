"""Names and display names of an MSP's customers are one namespace, and no look-up chooses silently among two."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.support.integrations import call, key_with
from tests.support.old_names import share
from tests.support.tenants import Tenant
from tests.support.web import DISABLE, RunningWeb, assert_problem, audit_events

from stepladder.access_keys import by_name as keys
from stepladder.access_keys.service import KeyAction
from stepladder.endpoints import tokens
from stepladder.endpoints.service import TOKEN_LIFETIME
from stepladder.errors import NotFound
from stepladder.kit.folding import fold
from stepladder.tenancy import customers, service as tenancy, technicians
from stepladder.tenancy.naming import CustomerAmbiguous
from stepladder.tenancy.service import NameTaken
from stepladder.tenancy.technicians import EmailTaken, TechnicianAmbiguous


async def create(tenant: Tenant, name: str, display_name: str) -> Any:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return await tenancy.create_customer(tx, name=name, display_name=display_name)


@pytest.mark.parametrize(
    ("name", "display_name"),
    [
        ("strasse2", "STRASSE"),
        ("STRASSE", "Another"),
        ("straSSe1", "Another"),
        ("other", "Strasse1"),
        ("other", "\u00a0straße\u2003"),
        ("other", "\uff53\uff54\uff52\uff41ße"),
    ],
)
async def test_a_name_that_folds_to_another_customers_is_refused(
    web: RunningWeb, tenant: Tenant, name: str, display_name: str
) -> None:
    """SEC-13, SEC-08: as name or as display name, whichever of the two the other one has."""
    await create(tenant, "strasse1", "straße")
    with pytest.raises(NameTaken):
        await create(tenant, name, display_name)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        with pytest.raises(NameTaken):
            await tenancy.rename_customer(tx, tenant.customer, name=name, display_name=display_name)


async def test_a_customer_may_have_one_name_twice_and_change_its_spelling(
    web: RunningWeb, tenant: Tenant
) -> None:
    made = await create(tenant, "fabrikam", "Fabrikam")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenancy.rename_customer(tx, made, name="FABRIKAM", display_name="fabrikam")


async def test_a_key_cannot_take_another_customers_name_for_its_own(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-08: the display name that a limited key sets is not the name of a customer beside it."""
    beta = await create(tenant, "beta", "Beta Ltd")
    limited = await key_with(tenant, KeyAction.MANAGE_CUSTOMERS, customers=[tenant.customer.id])
    answer = await call(
        web, tenant, "PATCH", "/customers/northwind/settings", {"displayName": "BETA"}, key=limited
    )
    assert_problem(answer, 409, "name_taken")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        assert (await tenancy.find_customer(tx, "beta")).id == beta.id


async def test_two_who_take_names_that_fall_together_at_once(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-13: one of them is refused, also where one takes it as a name and the other as a display name."""
    for number in range(10):
        names = (f"straße {number}", f"other {number}"), (f"another {number}", f"STRASSE {number}")
        results = await asyncio.gather(*(create(tenant, *each) for each in names), return_exceptions=True)
        assert sorted(type(each).__name__ for each in results) == ["Customer", "NameTaken"]


async def test_every_lookup_by_name_refuses_two_hits(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-08: of names that were given before they were one namespace, none is chosen; the id is the way out."""
    other = await create(tenant, "beta", "Beta Ltd")
    await share(tenant, tenant.customer, "beta")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        with pytest.raises(CustomerAmbiguous, match=str(other.id)):
            await tenancy.find_customer(tx, "beta")
        with pytest.raises(CustomerAmbiguous):
            await tokens.create_token_for(tx, "BETA", endpoint_name=None, lifetime=TOKEN_LIFETIME)
        with pytest.raises(CustomerAmbiguous):
            await keys.create_key(
                tx, name="KB", actions=[], modes=[], customers=["beta"], requires_technician=False,
                lifetime=TOKEN_LIFETIME, networks=[], calls_per_minute=None,
            )  # fmt: skip
        with pytest.raises(CustomerAmbiguous):
            await customers.find_called(tx, " beta ", None)
        assert (await tenancy.find_customer(tx, str(other.id))).id == other.id
        # Each is found by the name that it alone has.
        assert (await tenancy.find_customer(tx, "Beta Ltd")).id == other.id
    body = {"customerDisplayName": "beta", "technicianEmailAddress": tenant.technician.email}
    assert_problem(await web.press(tenant, DISABLE, body), 409, "customer_ambiguous")
    assert "jit_accounts.disable_asked" not in {event["tag"] for event in await audit_events(tenant)}
    # A key that serves one of the two is about that one, and learns nothing of the other.
    limited = await key_with(tenant, KeyAction.DISABLE_JIT, customers=[tenant.customer.id])
    assert (await web.press(tenant, DISABLE, body, key=limited)).status_code == 200


async def test_twins_of_before_can_be_told_apart_by_renaming_one(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-13: what is taken is refused, what was shared is kept until a person renames it, and then it is taken."""
    other = await create(tenant, "beta", "Beta Ltd")
    shared = await share(tenant, tenant.customer, "beta")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        with pytest.raises(NameTaken):
            await tenancy.create_customer(tx, name="BETA", display_name="Third")
        await tenancy.rename_customer(tx, shared, name=None, display_name="Northwind Traders")
        assert (await tenancy.find_customer(tx, "beta")).id == other.id
        assert not await tx.scalar("select shares_name from customer where id = %(id)s", {"id": shared.id})


async def test_a_technician_is_found_however_the_e_mail_is_spelled(web: RunningWeb, tenant: Tenant) -> None:
    """TEST-20: names and e-mails with ß, dotless i and a Kelvin sign, by the one folding."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        made = await technicians.create_technician(tx, email="Kai.Groß@nikpot.example", name="Kai")
        for spelled in ("kai.gross@nikpot.example", " \u212aAI.GROSS@NIKPOT.EXAMPLE "):
            assert (await technicians.find_technician(tx, spelled)).id == made.id
        with pytest.raises(NotFound):
            await technicians.find_technician(tx, "ka\u0131.gross@nikpot.example")
        with pytest.raises(EmailTaken):
            await technicians.create_technician(tx, email="KAI.GROSS@nikpot.example", name="Second")
        # Two of before: neither of them is let in as the other.
        await tx.run(
            "update technician set folded_email = %(folded)s where id = %(id)s",
            {"folded": fold("Kai.Groß@nikpot.example"), "id": tenant.technician.id},
        )
        with pytest.raises(TechnicianAmbiguous):
            await technicians.hold_technician(tx, "kai.gross@nikpot.example")
