"""Lists in parts: bounded, in one order, with a link to the part behind, and no silent end."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.integrations import NAME, READ, call, key_with
from tests.support.tenants import Tenant
from tests.support.web import RunningWeb, assert_problem

BASE = "/api/integrations"


async def read_all(web: RunningWeb, tenant: Tenant, path: str, **how: Any) -> list[list[dict[str, Any]]]:
    """Every part, by following the links."""
    parts: list[list[dict[str, Any]]] = []
    following: str | None = path
    while following:
        answer = await call(web, tenant, "GET", following, **how)
        assert answer.status_code == 200, answer.text
        parts.append(answer.json()["items"])
        following = answer.json().get("next", "").removeprefix(BASE)
    return parts


async def test_customers_come_in_parts_by_display_name(web: RunningWeb, tenant: Tenant) -> None:
    """OPS-08: each once, in the same order as in one piece, and `next` is null at the end."""
    for number in range(7):
        await tenant.customer_called(f"c-{number}", f"Customer {9 - number}")
    (whole,) = await read_all(web, tenant, "/customers")
    parts = await read_all(web, tenant, "/customers?limit=3")
    assert [len(part) for part in parts] == [3, 3, 2]
    assert [each for part in parts for each in part] == whole
    names = [each["displayName"] for each in whole]
    assert names == sorted(names, key=str.casefold)
    limited = await key_with(tenant, READ, customers=[tenant.customer.id])
    ((only,),) = await read_all(web, tenant, "/customers?limit=1", key=limited)
    assert only["displayName"] == NAME
    foreign = next(each["id"] for each in whole if each["displayName"] != NAME)
    assert_problem(await call(web, tenant, "GET", f"/customers?after={foreign}", key=limited), 404)


async def test_devices_come_in_parts_by_name(web: RunningWeb, tenant: Tenant) -> None:
    """OPS-08: also where several have one name."""
    for number in range(5):
        await tenant.desktop_of(tenant.customer, f"desk-{number % 3}")
    path = f"/customers/{tenant.customer.id}/devices"
    (whole,) = await read_all(web, tenant, path)
    parts = await read_all(web, tenant, f"{path}?limit=2")
    assert [len(part) for part in parts] == [2, 2, 2]
    assert [each for part in parts for each in part] == whole


@pytest.mark.parametrize(
    ("query", "status"),
    [("limit=0", 400), ("limit=1001", 400), ("limit=x", 400), ("limit=1&limit=2", 400), ("page=2", 400),
     ("after=0b7e9f0e-6f0e-4a53-9d0f-2f4b8f0c7a11", 404), ("after=x", 404)],
)  # fmt: skip
async def test_a_part_that_there_cannot_be_is_refused(
    web: RunningWeb, tenant: Tenant, query: str, status: int
) -> None:
    """OPS-08: none of them is answered with something else."""
    for path in ("/customers", f"/customers/{tenant.customer.id}/devices"):
        assert_problem(await call(web, tenant, "GET", f"{path}?{query}"), status)


async def test_the_trail_goes_on_from_where_a_page_ended(web: RunningWeb, tenant: Tenant) -> None:
    """OPS-04: events that happen meanwhile move nothing."""
    for _ in range(6):
        await tenant.submit()
    for about in ("", f"name={NAME}&"):
        answer = (await call(web, tenant, "GET", f"/audit/events?{about}size=200")).json()
        whole = answer["items"]
        assert answer["next"] is None
        seen, following = list[Any](), f"/audit/events?{about}size=3"
        while following:
            found = (await call(web, tenant, "GET", following)).json()
            seen += found["items"]
            following = (found["next"] or "").removeprefix(BASE)
            await tenant.submit()
        assert seen == whole


@pytest.mark.parametrize("after", ["x", "1-2-3", "-1", "99999999999999999999-1"])
async def test_a_place_that_no_page_said_is_refused(web: RunningWeb, tenant: Tenant, after: str) -> None:
    assert_problem(await call(web, tenant, "GET", f"/audit/events?after={after}"), 400)
