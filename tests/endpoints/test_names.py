"""Machines whose names a person cannot tell apart have one name: the second is held until a person lets it in."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, assert_problem, enrolment

from stepladder.endpoints import service as endpoints


async def enrol(web: RunningWeb, tenant: Tenant, name: str, bound_to: str | None = None) -> Any:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, tenant.customer, endpoint_name=bound_to)
    return await enrolment(tenant, token, Ed25519PrivateKey.generate(), name=name).to(web)


@pytest.mark.parametrize(
    "second",
    [
        "LAPTOP-01 ",
        " LAPTOP-01",
        "LAPTOP-01\u00a0",
        "laptop-01",
        "\u3000Laptop-01\t",
        "\uff2c\uff21\uff30\uff34\uff2f\uff30-01",
    ],
)
async def test_a_second_machine_of_a_name_is_held_however_it_is_spelled(
    web: RunningWeb, tenant: Tenant, second: str
) -> None:
    """SEC-14: blanks, case and width make no other name."""
    assert (await enrol(web, tenant, "LAPTOP-01")).json()["state"] == "active"
    answer = await enrol(web, tenant, second)
    assert (answer.status_code, answer.json()["state"]) == (201, "held")


async def test_a_name_is_saved_without_outer_blanks(web: RunningWeb, tenant: Tenant) -> None:
    """SEC-14: the ticket says it as its asset is called."""
    made = (await enrol(web, tenant, "\u00a0LAPTOP  02 ")).json()
    async with tenant.services.db.transaction(tenant.operator) as tx:
        name = await tx.scalar("select name from endpoint where id = %(id)s", {"id": made["endpoint_id"]})
    assert name == "LAPTOP 02"


@pytest.mark.parametrize("name", ["LAPTOP\u200b-01", "LAPTOP-01\u202e", "\u2800", "LAP\u00adTOP", "  "])
async def test_a_name_with_characters_that_do_not_print_is_refused(
    web: RunningWeb, tenant: Tenant, name: str
) -> None:
    """SEC-14: it would look like another one's."""
    assert_problem(await enrol(web, tenant, name), 400)


async def test_a_token_for_a_name_is_for_it_however_it_is_spelled(web: RunningWeb, tenant: Tenant) -> None:
    assert (await enrol(web, tenant, " laptop-03", bound_to="LAPTOP-03\u00a0")).status_code == 201
    assert_problem(await enrol(web, tenant, "LAPTOP-4", bound_to="LAPTOP-3"), 401, "enrolment_token_refused")
