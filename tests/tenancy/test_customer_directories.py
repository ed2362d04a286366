"""The Entra directory of a customer: one form, one customer of the MSP, and in the trail."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from tests.support.tenants import new_tenant

from stepladder.tenancy import service as tenancy
from stepladder.tenancy.service import DirectoryIdRefused, DirectoryTaken, NameTaken, parse_directory_id

DIRECTORY = UUID("72f988bf-86f1-41af-91ab-2d7cd011db47")


async def create(services, tenant, name: str, directory_id=DIRECTORY):
    async with services.db.transaction(tenant.operator) as tx:
        return await tenancy.create_customer(tx, name=name, display_name=name, directory_id=directory_id)


async def set_directory(services, tenant, customer, directory_id):
    async with services.db.transaction(tenant.operator) as tx:
        await tenancy.set_directory(tx, customer, directory_id)


@given(st.uuids().filter(lambda found: found.int))
def test_an_id_is_taken_in_any_case_and_with_space_around_it(found):
    assert parse_directory_id(f" {str(found).upper()} ") == found


@pytest.mark.parametrize("word", ["none", " None ", "NONE"])
def test_none_is_no_directory(word):
    assert parse_directory_id(word) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "umbra.onmicrosoft.com",
        "72f988bf86f141af91ab2d7cd011db47",
        "{72f988bf-86f1-41af-91ab-2d7cd011db47}",
        "72f988bf-86f1-41af-91ab-2d7cd011db4",
        "72f988bf-86f1-41af-91ab-2d7cd011db470",
        "00000000-0000-0000-0000-000000000000",
        "https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47",
    ],
)
def test_anything_else_is_refused_and_told_what_to_look_for(text):
    with pytest.raises(DirectoryIdRefused, match="Tenant ID"):
        parse_directory_id(text)


async def test_a_directory_is_one_customers_of_the_msp(services, tenant):
    first = await create(services, tenant, "umbra")
    with pytest.raises(DirectoryTaken):
        await create(services, tenant, "acme")
    with pytest.raises(DirectoryTaken):
        await set_directory(services, tenant, tenant.customer, DIRECTORY)
    with pytest.raises(NameTaken):
        await create(services, tenant, "umbra", None)
    await set_directory(services, tenant, first, DIRECTORY)
    await set_directory(services, tenant, first, None)
    await set_directory(services, tenant, tenant.customer, DIRECTORY)


async def test_two_msps_may_know_the_same_directory(services, tenant):
    await create(services, tenant, "umbra")
    assert await create(services, await new_tenant(services), "umbra")


async def test_the_directory_of_a_deleted_customer_is_free(services, tenant):
    first = await create(services, tenant, "umbra")
    async with services.db.transaction(tenant.operator) as tx:
        await services.deletion.delete(tx, first)
    assert await create(services, tenant, "umbra")


async def test_every_change_is_in_the_trail(services, tenant):
    made = await create(services, tenant, "umbra")
    await set_directory(services, tenant, made, None)
    async with services.db.transaction(tenant.operator) as tx:
        rows = await tx.dicts(
            "select tag, facts from audit_event where subject = %(id)s order by id", {"id": str(made.id)}
        )
    assert [(row["tag"], row["facts"]) for row in rows] == [
        ("customer.created", {"directory_id": str(DIRECTORY)}),
        ("customer.changed", {"directory_id": None}),
    ]
