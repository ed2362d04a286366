"""The trail by the API: newest first, in bounded pages, by time and by customer, with names for reading."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.support.integrations import (
    NAME,
    approval_rule,
    call,
    confirm,
    denial_rule,
    key_with,
    save,
    staff,
)
from tests.support.tenants import Tenant
from tests.support.web import (
    MovedClock,
    RunningWeb,
    assert_problem,
    audit_events,
    count,
    machine,
)

from stepladder.access_keys.service import KeyAction
from stepladder.audit.service import record, seal, verify
from stepladder.audit.tags import Tag
from stepladder.tenancy.technicians import Role
from stepladder.web.integrations.bodies import EventsAsked

EVENTS = "/audit/events"


async def page(web: RunningWeb, tenant: Tenant, query: str = "", **how: Any) -> dict[str, Any]:
    answer = await call(web, tenant, "GET", EVENTS + query, **how)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def happen(tenant: Tenant, many: int) -> None:
    """So many events, one after the other."""
    for number in range(many):
        async with tenant.services.db.transaction(tenant.operator) as tx:
            await record(tx, Tag.MSP_CHANGED, tenant.msp.id, number=number)


async def test_the_trail_is_read_newest_first_and_nobody_elses(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    found = await page(web, tenant)
    written = await audit_events(tenant)
    assert [event["event"] for event in found["items"]] == [event["tag"] for event in reversed(written)]
    assert (found["page"], found["size"], found["hasMore"]) == (1, 100, False)
    assert str(other_msp.customer.id) not in str(found)
    moments = [datetime.fromisoformat(event["at"]) for event in found["items"]]
    assert moments == sorted(moments, reverse=True)


async def test_names_are_beside_the_ids_and_not_in_the_trail_itself(web: RunningWeb, tenant: Tenant) -> None:
    asked = await tenant.submit()
    await tenant.decide(asked.request_id)
    await web.deny(tenant, (await tenant.submit()).request_id, NAME)
    (rule,) = await save(web, tenant, approval_rule(tenant))
    await confirm(tenant, rule["id"])
    items = {(event["event"], event["actorKind"]): event for event in (await page(web, tenant))["items"]}
    by_person = items["elevation_request.approved", "technician"]
    assert by_person.keys() == {
        "sequence", "at", "event", "actorKind", "actorId", "actorName", "subject", "subjectName", "facts",
    }  # fmt: skip
    assert (by_person["actorName"], by_person["subject"], by_person["subjectName"]) == (
        "Nik Potter",
        asked.request_id,
        "setup.exe",
    )
    by_key = items["elevation_request.denied", "inbound_key"]
    assert (by_key["actorId"], by_key["actorName"]) == (tenant.key_id, "HaloPSA buttons")
    by_machine = items["elevation_request.submitted", "endpoint"]
    assert (by_machine["actorId"], by_machine["actorName"]) == (tenant.desktop.id, "DESK-1")
    by_operator = items["customer.created", "operator"]
    assert (by_operator["actorId"], by_operator["actorName"], by_operator["subjectName"]) == (
        "test",
        None,
        NAME,
    )
    assert items["technician.created", "operator"]["subjectName"] in ("Nik Potter", "Grace")
    assert items["inbound_key.created", "operator"]["subjectName"] == "HaloPSA buttons"
    assert items["endpoint.enrolled", "system"]["subjectName"] == "DESK-1"
    assert items["rule.confirmed", "technician"]["actorName"] == "Grace"
    kept = str(await audit_events(tenant))
    for name in ("Nik Potter", "Grace", NAME, "Ada"):
        assert name not in kept


async def test_an_event_has_its_place_in_the_chain_once_it_is_sealed(web: RunningWeb, tenant: Tenant) -> None:
    assert {event["sequence"] for event in (await page(web, tenant))["items"]} == {None}
    sealed = await seal(tenant.services.db, tenant.operator)
    found = (await page(web, tenant))["items"]
    assert [event["sequence"] for event in found] == list(range(sealed, 0, -1))


async def test_everything_the_wider_calls_write_is_in_the_chain(web: RunningWeb, tenant: Tenant) -> None:
    await call(web, tenant, "POST", "/customers", {"name": "new"})
    await call(web, tenant, "PATCH", "/customers/new/settings", {"requestLifetimeSeconds": 60})
    await save(web, tenant, denial_rule(tenant), path="/customers/new/rules")
    await tenant.submit()
    await call(web, tenant, "DELETE", "/customers/new")
    await call(web, tenant, "GET", "/customers/new")
    head = await verify(tenant.services.db, tenant.operator)
    assert head.sequence == len(await audit_events(tenant))


# Pages.


@pytest.mark.parametrize("size", [1, 3, 7, 200])
async def test_pages_are_the_whole_trail_without_gap_or_overlap(
    web: RunningWeb, tenant: Tenant, size: int
) -> None:
    await happen(tenant, 25)
    whole = (await page(web, tenant, "?size=200"))["items"]
    found: list[dict[str, Any]] = []
    for number in range(1, 200):
        part = await page(web, tenant, f"?size={size}&page={number}")
        assert (part["page"], part["size"], len(part["items"]) <= size) == (number, size, True)
        found += part["items"]
        if not part["hasMore"]:
            break
    assert found == whole
    behind = await page(web, tenant, f"?size={size}&page={number + 1}")
    assert (behind["items"], behind["hasMore"]) == ([], False)


async def test_events_of_one_instant_keep_their_order_from_page_to_page(
    web: RunningWeb, tenant: Tenant
) -> None:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        for number in range(10):
            await record(tx, Tag.MSP_CHANGED, tenant.msp.id, number=number)
    found = []
    for number in range(1, 6):
        found += [
            event["facts"]["number"] for event in (await page(web, tenant, f"?size=2&page={number}"))["items"]
        ]
    assert found == list(range(9, -1, -1))


@pytest.mark.parametrize(
    "query",
    [
        "?size=0", "?size=201", "?size=-1", "?size=1.5", "?size=", "?size=abc", "?size=1e2", "?size=%31%00", "?size=٣", "?page=0",
        "?page=-1", "?page=x", "?page=9999999999", "?page=999999999&size=200", "?page=1&page=2", "?size=10&size=10",
        "?range=last_90d&range=last_1d", "?range=90d", "?range=last_0d", "?range=last_090d", "?range=last_99999d",
        "?range=last_9999d", "?range=all", "?range=", "?range=last_90D", "?range=last_90d%0a", "?range=last_٣d", "?name=&name=x",
        "?customer=x", "?from=2020-01-01",
    ],
)  # fmt: skip
async def test_a_query_of_the_wrong_form_is_refused(web: RunningWeb, tenant: Tenant, query: str) -> None:
    assert_problem(await call(web, tenant, "GET", EVENTS + query), 400)


async def test_the_range_reaches_back_exactly_so_far(
    web: RunningWeb, tenant: Tenant, clock: MovedClock
) -> None:
    before = len(await audit_events(tenant))
    clock.move(timedelta(days=90, minutes=1))
    await happen(tenant, 2)
    assert len((await page(web, tenant))["items"]) == 2
    assert len((await page(web, tenant, "?range=last_90d"))["items"]) == 2
    assert len((await page(web, tenant, "?range=last_91d"))["items"]) == before + 2
    clock.move(timedelta(hours=2))
    assert len((await page(web, tenant, "?range=last_1h"))["items"]) == 0
    assert len((await page(web, tenant, "?range=last_3h"))["items"]) == 2


# By customer.


async def test_by_name_the_trail_is_what_is_about_that_customer(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    other = await tenant.customer_called("other", "Other Ltd")
    await staff(tenant, "rita@nikpot.example", Role.READ_ONLY)
    desktop = await tenant.desktop_of(other)
    asked = await tenant.submit(desktop)
    await tenant.decide(asked.request_id)
    await machine(tenant, desktop).fetching(asked.request_id).to(web)
    (rule,) = await save(web, tenant, denial_rule(tenant), path="/customers/other/rules")
    body = {"userEmail": "rita@nikpot.example", "role": "ADMIN"}
    await call(web, tenant, "POST", "/customers/other/delegation", body)
    disable = {"customerDisplayName": "Other Ltd", "technicianEmailAddress": tenant.technician.email}
    await web.press(tenant, "/api/integrations/entrajitaccounts", disable)
    await tenant.submit()
    for name in ("other", "OTHER%20LTD", str(other.id)):
        found = (await page(web, tenant, f"?name={name}"))["items"]
        assert [event["event"] for event in reversed(found)] == [
            "customer.created",
            "enrolment_token.created",
            "endpoint.enrolled",
            "elevation_request.submitted",
            "elevation_request.approved",
            "grant.issued",
            "rule.created",
            "delegation.given",
            "jit_account.disable_asked",
        ]
    assert rule["id"] in {event["subject"] for event in found}


async def test_a_name_that_nobody_has_is_not_found(
    web: RunningWeb, tenant: Tenant, other_msp: Tenant
) -> None:
    await other_msp.customer_called("theirs")
    answers = set()
    for name in ("nobody", "theirs", "", "%25", "north"):
        answer = await call(web, tenant, "GET", f"{EVENTS}?name={name}")
        assert_problem(answer, 404, "not_found")
        answers.add(answer.content)
    assert len(answers) == 1


async def test_a_key_for_some_customers_reads_only_their_part(web: RunningWeb, tenant: Tenant) -> None:
    other = await tenant.customer_called("other")
    await tenant.submit(await tenant.desktop_of(other))
    await tenant.submit()
    key = await key_with(tenant, KeyAction.READ_AUDIT, customers=[other.id])
    found = (await page(web, tenant, key=key))["items"]
    assert found == (await page(web, tenant, "?name=other"))["items"]
    assert {event["event"] for event in found} == {
        "customer.created",
        "enrolment_token.created",
        "endpoint.enrolled",
        "elevation_request.submitted",
    }
    assert_problem(await call(web, tenant, "GET", f"{EVENTS}?name=northwind", key=key), 404, "not_found")
    nobody = await key_with(tenant, KeyAction.READ_AUDIT, customers=[])
    assert (await page(web, tenant, key=nobody))["items"] == []


async def test_a_subject_that_is_no_id_breaks_nothing(web: RunningWeb, tenant: Tenant) -> None:
    """What a button named is recorded as it came, where it was no id at all."""
    await web.approve(tenant, "4711", NAME)
    (event, *_) = (await page(web, tenant))["items"]
    assert (event["event"], event["subject"], event["subjectName"]) == (
        "decision.refused",
        "unreadable",
        None,
    )


async def test_reading_a_page_uses_the_index(web: RunningWeb, tenant: Tenant) -> None:
    """By time and by nothing else: the trail of other MSPs and of other times is not touched."""
    await happen(tenant, 300)
    async with tenant.services.db.transaction(tenant.operator) as tx:
        # A table as small as this one is read otherwise; what is asked is whether the index gives the order.
        for other_way in ("seqscan", "bitmapscan", "sort"):
            await tx.run(f"set local enable_{other_way} = off")
        plan = await tx.dicts(
            """explain select e.* from audit_event e where e.msp_id = %(msp)s and e.at >= %(since)s
               order by e.at desc, e.id desc limit 100""",
            {"msp": tenant.msp.id, "since": tenant.services.clock.now() - timedelta(days=90)},
        )
    shown = str(plan)
    assert "Index Scan Backward using ix_audit_event_at" in shown
    assert "Sort" not in shown
    assert await count(tenant, "select count(*) from audit_event") > 300


def test_the_description_takes_every_range_that_is_read() -> None:
    described = EventsAsked.model_json_schema()["properties"]["range"]["pattern"]
    assert all(re.search(described, text) for text in ("last_90d", "last_3660d", "last_9999h"))
