"""Customers by the API: made by the rules of the command line, changed, and deleted without anything vanishing."""

from __future__ import annotations

import asyncio
import uuid
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.connections import plain_connection
from tests.support.integrations import NAME, call, denial_rule, everything, save, staff
from tests.support.tenants import Tenant
from tests.support.web import (
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    enrolment,
)

from stepladder.app import DatabaseUrls
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import ConnectionId, RequestId
from stepladder.tenancy.service import find_customer, list_customers
from stepladder.tenancy.technicians import Role


async def names(tenant: Tenant) -> list[str]:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        return [row["name"] for row in await list_customers(tx)]


async def revoke(tenant: Tenant, endpoint_id: str) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await tenant.services.revocation.revoke(tx, endpoint_id)


async def test_a_customer_is_made_with_its_display_name(web: RunningWeb, tenant: Tenant) -> None:
    answer = await call(
        web, tenant, "POST", "/customers", {"name": " fabrikam ", "displayName": "Fabrikam  GmbH"}
    )
    made = answer.json()
    assert (made["name"], made["displayName"]) == ("fabrikam", "Fabrikam GmbH")
    (event,) = await audit_events(tenant, made["id"])
    assert (event["tag"], event["actor_kind"], event["actor_id"]) == (
        "customer.created",
        "inbound_key",
        tenant.key_id,
    )
    assert event["facts"] == {}
    assert await names(tenant) == ["fabrikam", "northwind"]


@pytest.mark.parametrize("taken", [{"name": "NORTHWIND"}, {"name": "x", "displayName": "northwind TRADERS"}])
async def test_a_name_that_is_taken_is_refused(
    web: RunningWeb, tenant: Tenant, taken: dict[str, str]
) -> None:
    before = await everything(tenant)
    assert_problem(await call(web, tenant, "POST", "/customers", taken), 409, "name_taken")
    assert await everything(tenant) == before


@pytest.mark.parametrize("name", ["x" * 201, "a\x07b", "a\u202eb", "\u200b"])
async def test_a_name_that_cannot_be_shown_is_refused(web: RunningWeb, tenant: Tenant, name: str) -> None:
    answer = await call(web, tenant, "POST", "/customers", {"name": name})
    assert_problem(answer, 400)


async def test_the_same_name_is_another_customer_at_another_msp(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await other_msp.customer_called("fabrikam")
    assert (await call(web, tenant, "POST", "/customers", {"name": "fabrikam"})).status_code == 201


async def test_one_of_many_who_make_the_same_customer_at_once_makes_it(
    web: RunningWeb, tenant: Tenant
) -> None:
    answers = await asyncio.gather(
        *(call(web, tenant, "POST", "/customers", {"name": "fabrikam"}) for _ in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


# Settings.


async def test_settings_change_what_is_named_and_nothing_else(web: RunningWeb, tenant: Tenant) -> None:
    path = "/customers/northwind/settings"
    answer = await call(web, tenant, "PATCH", path, {"displayName": "Northwind International"})
    assert (answer.json()["displayName"], answer.json()["requestLifetimeSeconds"]) == (
        "Northwind International",
        345600,
    )
    answer = await call(web, tenant, "PATCH", path, {"requestLifetimeSeconds": 3600})
    assert (answer.json()["displayName"], answer.json()["requestLifetimeSeconds"]) == (
        "Northwind International",
        3600,
    )
    answer = await call(web, tenant, "PATCH", path, {"requestLifetimeSeconds": None, "displayName": NAME})
    assert (answer.json()["displayName"], answer.json()["requestLifetimeSeconds"]) == (NAME, 345600)
    changed = [
        event
        for event in await audit_events(tenant, str(tenant.customer.id))
        if event["tag"] == "customer.changed"
    ]
    assert [event["facts"] for event in changed] == [
        {},
        {"request_lifetime_seconds": 3600},
        {"request_lifetime_seconds": None},
        {},
    ]


async def test_a_customers_lifetime_is_that_of_its_requests_alone(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    other = await tenant.customer_called("other")
    await call(web, tenant, "PATCH", "/customers/northwind/settings", {"requestLifetimeSeconds": 60})
    short, usual = await tenant.submit(), await tenant.submit(await tenant.desktop_of(other))
    assert short.expires_at - short.created_at == timedelta(seconds=60)
    assert usual.expires_at - usual.created_at == timedelta(days=4)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"displayName": ""},
        {"displayName": None},
        {"displayName": ["x"]},
        {"displayName": "a\u202eb"},
        {"requestLifetimeSeconds": 59},
        {"requestLifetimeSeconds": 90 * 24 * 3600 + 1},
        {"requestLifetimeSeconds": 10**40},
        {"requestLifetimeSeconds": -60},
        {"requestLifetimeSeconds": True},
        {"requestLifetimeSeconds": 60.0},
        {"requestLifetimeSeconds": "60"},
        {"requestLifetimeSeconds": 60, "name": "x"},
        {"displayName": "good", "requestLifetimeSeconds": 1},
    ],
)
async def test_settings_that_make_no_sense_are_refused_whole(
    web: RunningWeb, tenant: Tenant, changes: dict[str, Any]
) -> None:
    before, events = await everything(tenant), await audit_events(tenant)
    assert_problem(await call(web, tenant, "PATCH", "/customers/northwind/settings", changes), 400)
    assert (await everything(tenant), await audit_events(tenant)) == (before, events)


async def test_a_display_name_of_another_customer_is_refused(web: RunningWeb, tenant: Tenant) -> None:
    await tenant.customer_called("other", "Other Ltd")
    before = await everything(tenant)
    for settings in (
        {"displayName": "OTHER ltd"},
        {"requestLifetimeSeconds": 60, "displayName": "Other Ltd"},
    ):
        answer = await call(web, tenant, "PATCH", "/customers/northwind/settings", settings)
        assert_problem(answer, 409, "name_taken")
    assert await everything(tenant) == before


# Deleting.


async def test_a_customer_with_machines_is_not_deleted_and_what_they_asked_ends_with_them(
    web: RunningWeb, tenant: Tenant
) -> None:
    before = await everything(tenant)
    found = assert_problem(await call(web, tenant, "DELETE", "/customers/northwind"), 409, "customer_in_use")
    assert "Revoke its machines" in found["detail"]
    assert await everything(tenant) == before
    asked = await tenant.submit()
    await revoke(tenant, tenant.desktop.id)
    state = "select state from elevation_request where id = %(id)s"
    assert await count(tenant, state, id=asked.request_id) == "cancelled"
    assert (await call(web, tenant, "DELETE", "/customers/northwind")).status_code == 204


async def test_nothing_that_the_trail_or_a_ticket_needs_vanishes_with_a_customer(
    web: RunningWeb, tenant: Tenant
) -> None:
    await staff(tenant, "rita@nikpot.example", Role.READ_ONLY)
    await call(
        web,
        tenant,
        "POST",
        "/customers/northwind/delegation",
        {"userEmail": "rita@nikpot.example", "role": "TECHNICIAN"},
    )
    await save(web, tenant, denial_rule(tenant, sha256="cd" * 32), path="/customers/northwind/rules")
    asked = await tenant.submit()
    await tenant.decide(asked.request_id)
    await revoke(tenant, tenant.desktop.id)
    before = await everything(tenant)
    assert (await call(web, tenant, "DELETE", "/customers/northwind")).status_code == 204
    after = await everything(tenant)
    for table in ("elevation_request", "decision", "endpoint", "technician", "ticket_link"):
        assert after[table] == before[table]
    assert [row["row"] | {"deleted_at": None} for row in after["customer"]] == [
        row["row"] for row in before["customer"]
    ]
    assert [row["row"] | {"ended_at": None} for row in after["rule"]] == [
        row["row"] for row in before["rule"]
    ]
    assert after["delegation"] == []
    async with tenant.services.db.transaction(tenant.operator) as tx:
        request = await tenant.services.elevation.get(tx, RequestId(uuid.UUID(asked.request_id)))
    assert (request.customer, request.endpoint) == (NAME, "DESK-1")
    (*_, deleted) = await audit_events(tenant, str(tenant.customer.id))
    assert (deleted["tag"], deleted["facts"]) == (
        "customer.deleted",
        {"delegations_removed": 1, "rules_ended": 1},
    )
    trail = await call(web, tenant, "GET", "/audit/events?name=Northwind%20Traders")
    assert {"customer.deleted", "elevation_request.approved"} <= {
        event["event"] for event in trail.json()["items"]
    }


async def test_a_deleted_customer_is_as_missing_as_one_that_never_was(
    web: RunningWeb, tenant: Tenant
) -> None:
    gone = await tenant.customer_called("gone", "Gone Ltd")
    assert (await call(web, tenant, "DELETE", "/customers/gone")).status_code == 204
    for method, path, body in (
        ("GET", "/customers/gone", None),
        ("GET", f"/customers/{gone.id}", None),
        ("GET", f"/customers/id/{gone.id}", None),
        ("GET", f"/customers/{gone.id}/devices", None),
        ("GET", "/customers/gone/rules", None),
        ("DELETE", "/customers/gone", None),
        ("PATCH", "/customers/Gone%20Ltd/settings", {"displayName": "x"}),
        ("POST", "/customers/gone/delegation", {"userEmail": tenant.technician.email, "role": "ADMIN"}),
    ):
        assert_problem(await call(web, tenant, method, path, body), 404, "not_found")
    assert "gone" not in (await call(web, tenant, "GET", "/customers")).text
    assert await names(tenant) == ["northwind"]
    disable = {"customerDisplayName": "Gone Ltd", "technicianEmailAddress": tenant.technician.email}
    assert_problem(await web.press(tenant, "/api/integrations/entrajitaccounts", disable), 404)


async def test_its_names_are_free_for_a_new_customer_that_is_not_the_old_one(
    web: RunningWeb, tenant: Tenant
) -> None:
    old = await tenant.customer_called("gone", "Gone Ltd")
    await call(web, tenant, "DELETE", "/customers/gone")
    made = (await call(web, tenant, "POST", "/customers", {"name": "gone", "displayName": "Gone Ltd"})).json()
    assert made["id"] != str(old.id)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        assert str((await find_customer(tx, "Gone Ltd")).id) == made["id"]
    # The trail by that name tells of both.
    trail = (await call(web, tenant, "GET", "/audit/events?name=gone")).json()["items"]
    assert {event["subject"] for event in trail} == {made["id"], str(old.id)}


async def test_a_token_of_a_deleted_customer_enrols_nothing(web: RunningWeb, tenant: Tenant) -> None:
    gone = await tenant.customer_called("gone")
    async with tenant.services.db.transaction(tenant.operator) as tx:
        token = await endpoints.create_token(tx, gone)
    await call(web, tenant, "DELETE", "/customers/gone")
    answer = await enrolment(tenant, token, Ed25519PrivateKey.generate()).to(web)
    assert_problem(answer, 401, "enrolment_token_refused")
    assert await count(tenant, "select count(*) from endpoint where customer_id = %(id)s", id=gone.id) == 0


async def test_a_machine_that_enrols_while_its_customer_is_deleted_is_in_or_out(
    web: RunningWeb, other_process: RunningWeb, tenant: Tenant
) -> None:
    """Whichever was first: no machine of a deleted customer, ever."""
    for number in range(12):
        customer = await tenant.customer_called(f"brief-{number}")
        async with tenant.services.db.transaction(tenant.operator) as tx:
            token = await endpoints.create_token(tx, customer)
        enrolled, deleted = await asyncio.gather(
            enrolment(tenant, token, Ed25519PrivateKey.generate()).to(web),
            call(other_process, tenant, "DELETE", f"/customers/brief-{number}"),
        )
        assert (enrolled.status_code, deleted.status_code) in {(201, 409), (401, 204)}
    strays = await count(
        tenant,
        "select count(*) from endpoint e join customer c on c.id = e.customer_id where c.deleted_at is not null",
    )
    assert strays == 0


async def test_a_deleted_customer_gives_its_remote_customer_free(tenant: Tenant, web: RunningWeb) -> None:
    """Where its tickets are stays known, for what is still to be closed; a successor may be linked to the same one."""
    connector = ConnectionId(uuid.uuid4())
    async with tenant.services.db.transaction(tenant.operator) as tx:
        await plain_connection(tx, connector)
    remotes = [RemoteCustomer("12", "Gone Ltd", is_active=True)]
    outcomes = []
    for _ in range(2):
        await tenant.customer_called("gone", "Gone Ltd")
        async with tenant.services.db.transaction(tenant.operator) as tx:
            found = await tenant.services.customers.map_automatically(tx, connector, remotes)
            outcomes += [each.found.state for each in found if each.customer.named.name == "gone"]
        await call(web, tenant, "DELETE", "/customers/gone")
    assert outcomes == ["mapped", "mapped"]
    assert await count(tenant, "select count(*) from customer_mapping where remote_id = '12'") == 2
    held = "select count(*) from customer_mapping where remote_id = '12' and state = 'mapped'"
    assert await count(tenant, held) == 1


async def test_the_database_lets_no_customer_and_no_rule_vanish(
    web: RunningWeb, tenant: Tenant, urls: DatabaseUrls
) -> None:
    """The second wall: the service's role has no right to remove either."""
    await save(web, tenant, denial_rule(tenant))
    for table in ("customer", "rule"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            async with tenant.services.db.transaction(tenant.operator) as tx:
                await tx.run(f"delete from {table}")  # noqa: S608 - names of our own
