"""How names and ids may be spelled on the wire: what is borne is written down, and no more than that is taken."""

from __future__ import annotations

import pytest
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, assert_problem

STREET = "Demo  Straße PAM"


async def ask(tenant: Tenant) -> str:
    customer = await tenant.customer_called("street", STREET)
    return (await tenant.submit(await tenant.desktop_of(customer))).request_id


@pytest.mark.parametrize(
    "claimed",
    [
        "Demo Straße PAM",
        "DEMO STRASSE PAM",
        " Demo Straße PAM\u3000",
        "\u00a0Demo\u00a0Straße\u2003PAM ",
        "Demo Stra&szlig;e PAM",
        "STREET",
    ],
)
async def test_a_name_is_borne_in_each_spelling_that_folds_to_it(
    web: RunningWeb, tenant: Tenant, claimed: str
) -> None:
    """SEC-13: a press by the one folding that names are made and found by."""
    assert (await web.approve(tenant, await ask(tenant), claimed)).status_code == 200


@pytest.mark.parametrize(
    "claimed",
    [
        "DemoStraße PAM",
        "Demo-Straße PAM",
        "Demo Stra\u00dfe PAM.",
        "Demo Str\u0430\u00dfe PAM",
        "Demo Straße\u200b PAM",
        "\u200bDemo Straße PAM",
        "Demo Straße P\u0410M",
        "Demo Stra&amp;szlig;e PAM",
        "Demo Strase PAM",
    ],
)
async def test_no_other_spelling_is_taken_for_a_name(web: RunningWeb, tenant: Tenant, claimed: str) -> None:
    """SEC-13: not one with a mark, a dash, another alphabet's letter or a character that does not print."""
    assert_problem(await web.approve(tenant, await ask(tenant), claimed), 404, "request_not_found")


@pytest.mark.parametrize("form", ["{id} ", " {id}", "\u00a0{id}\t", "{ID}"])
async def test_an_id_is_borne_with_outer_blanks_and_in_capitals(
    web: RunningWeb, tenant: Tenant, form: str
) -> None:
    """SEC-24: as HaloPSA's templates may put them, and as RFC 9562 wants them read."""
    request_id = await ask(tenant)
    spelled = form.format(id=request_id, ID=request_id.upper())
    answer = await web.approve(tenant, spelled, "street")
    assert (answer.status_code, answer.json()["idemeumElevationRequestId"]) == (200, request_id)


@pytest.mark.parametrize(
    "form",
    ["{{{id}}}", "urn:uuid:{id}", "{bare}", "{id}.", "'{id}'", "{id}\u200b", "{head} {tail}", "{wide}"],
)
async def test_no_other_form_of_an_id_is_taken(web: RunningWeb, tenant: Tenant, form: str) -> None:
    """SEC-24: what a UUID's reader elsewhere would pass over is none here."""
    request_id = await ask(tenant)
    spelled = form.format(
        id=request_id,
        bare=request_id.replace("-", ""),
        head=request_id[:9],
        tail=request_id[9:],
        wide="".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in request_id),
    )
    assert_problem(await web.approve(tenant, spelled, "street"), 404, "request_not_found")
