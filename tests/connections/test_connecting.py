"""Connecting, changing and removing the ticket system, and asking how it fares."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from structlog.testing import capture_logs
from tests.support.halo import connect, connector_row, drain, retry
from tests.support.tenants import new_tenant

from stepladder.connections import changing, service as connections
from stepladder.connections.service import CheckFailed, ConnectorExists, NoConnector
from stepladder.elevation.policy import Verdict
from stepladder.errors import Invalid, NotFound
from stepladder.kit.findings import Result
from stepladder.kit.secret import Secret
from stepladder.tickets.status import read_status
from stepladder_sandbox.halopsa import demo

NEW_SECRET = "c4n4ry00-51d7-4c2f-8d3e-7a9c1e5b2d46-93c1f7e2-4a6b-4d8c-b5e0-1f2a3b4c5d6e"


async def rows_of(services, tenant, table: str) -> list[dict]:
    async with services.db.transaction(tenant.operator) as tx:
        return await tx.dicts(f"select * from {table}")  # noqa: S608  # names of tables from these tests


def change_secret(halo, secret: str) -> None:
    (application,) = halo.state.config.applications
    halo.reconfigure(applications=(msgspec.structs.replace(application, client_secret=secret),))


# --- Adding --------------------------------------------------------------------------------------------------------


async def test_a_connection_is_checked_and_then_kept_with_its_secret_sealed(services, tenant, halo):
    await connect(services, tenant, halo)
    row = await connector_row(services, tenant)
    assert (row.kind, row.family, row.needs_attention) == ("halopsa", "ticket_system", False)
    assert demo.CLIENT_SECRET.encode() not in bytes(row.sealed_secret)
    assert demo.CLIENT_SECRET not in repr(row.settings)
    assert row.settings["ticket_type"] == "Incident"


FAILING = {
    "wrong secret": {"secret": "wrong"},
    "wrong client id": {"client_id": "00000000-0000-4000-8000-000000000000"},
    "missing ticket type": {"ticket_type": "Elevation"},
    "missing status": {"closed_status": "Shut"},
    "missing outcome": {"closing_outcome": "Done"},
    "wrong tenant": {"tenant": "southstar"},
    "nobody there": {"url": "http://127.0.0.1:9"},
    "not allowed": {"url": "https://127.0.0.1:9"},
}


@pytest.mark.parametrize("how", FAILING)
async def test_when_the_check_fails_nothing_is_kept(services, tenant, halo, how):
    values = {"url": halo.url, "client_id": demo.CLIENT_ID, **FAILING[how]}
    secret = values.pop("secret", demo.CLIENT_SECRET)
    with pytest.raises(CheckFailed, match="nothing was saved") as refused:
        await connections.add(
            services.connections, tenant.operator, kind="halopsa", settings=values, secret=Secret(secret)
        )
    assert await connector_row(services, tenant) is None
    assert await rows_of(services, tenant, "connection_lookup") == []
    assert [
        row for row in await rows_of(services, tenant, "audit_event") if row["tag"].startswith("connector")
    ] == []
    assert secret not in str(refused.value)
    assert str(refused.value).count("Sign-in") <= 1


async def test_the_sentence_of_a_failed_check_names_every_thing_that_fails(services, tenant, halo):
    with pytest.raises(CheckFailed) as refused:
        await connect(services, tenant, halo, ticket_type="Elevation", closed_status="Shut")
    assert "Ticket type: HaloPSA has no ticket type called 'Elevation'" in str(refused.value)
    assert "Closed status: HaloPSA has no status called 'Shut'" in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("jira", {}),
        ("halopsa", {"url": ""}),
        ("halopsa", {"url": "https://x.halopsa.com", "client_id": ""}),
        ("halopsa", {"url": "https://x.halopsa.com", "client_id": "y", "unknown": 1}),
        ("halopsa", {"url": "https://x.halopsa.com", "client_id": "y", "closure_minutes": -1}),
        ("halopsa", {"url": "https://x.halopsa.com", "client_id": "y", "ticket_type": ""}),
        ("halopsa", {"url": "https://u:p@x.halopsa.com", "client_id": "y"}),
    ],
)
async def test_settings_that_are_wrong_are_refused_before_anybody_is_called(services, tenant, kind, values):
    with pytest.raises(Invalid) as refused:
        await connections.add(
            services.connections, tenant.operator, kind=kind, settings=values, secret=Secret("x")
        )
    assert not isinstance(refused.value, CheckFailed)
    assert await connector_row(services, tenant) is None


@pytest.mark.parametrize("budget", [-1, 0, 19, 10_000_001])
async def test_a_budget_that_makes_no_sense_is_refused(services, tenant, halo, budget):
    with pytest.raises(Invalid, match="call budget"):
        await connect(services, tenant, halo, call_budget=budget)
    assert await connector_row(services, tenant) is None


async def test_there_is_one_ticket_system_per_msp(services, tenant, halo, connected):
    with pytest.raises(ConnectorExists):
        await connect(services, tenant, halo)
    other = await new_tenant(services)
    await connect(services, other, halo)


async def test_of_two_who_connect_at_once_one_is_refused(services, tenant, halo):
    results = await asyncio.gather(
        *(connect(services, tenant, halo) for _ in range(3)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert [type(each) for each in results if each is not None] == [ConnectorExists] * 2


async def test_requests_that_wait_when_the_connector_comes_get_their_ticket_and_settled_ones_none(
    services, tenant, halo
):
    waiting, denied = await tenant.submit(), await tenant.submit()
    await tenant.decide(denied.request_id, Verdict.DENIED)
    await connect(services, tenant, halo)
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    assert created["custom_fields"]["CFidemeumElevationRequestId"] == waiting.request_id


# --- The secret ----------------------------------------------------------------------------------------------------


async def test_a_new_secret_is_tested_and_then_used(services, tenant, halo, connected):
    before = await connector_row(services, tenant)
    change_secret(halo, NEW_SECRET)
    halo.state.tokens.revoke_all()
    await tenant.submit()
    await drain(services, tenant)
    assert (await connector_row(services, tenant)).needs_attention
    changed = await changing.change(services.connections, tenant.operator, secret=Secret(NEW_SECRET))
    assert all(finding.result is not Result.FAIL for finding in changed.findings)
    after = await connector_row(services, tenant)
    assert (after.id, after.needs_attention, after.paused_until, after.error) == (
        before.id,
        False,
        None,
        None,
    )
    await retry(services, tenant)
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_a_wrong_secret_leaves_the_old_one_in_use(services, tenant, halo, connected):
    before = await connector_row(services, tenant)
    with pytest.raises(CheckFailed):
        await changing.change(services.connections, tenant.operator, secret=Secret(NEW_SECRET))
    assert bytes((await connector_row(services, tenant)).sealed_secret) == bytes(before.sealed_secret)
    await tenant.submit()
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_without_a_connector_there_is_nothing_to_change(services, tenant):
    with pytest.raises(NoConnector):
        await changing.change(services.connections, tenant.operator, secret=Secret("x"))
    with pytest.raises(NoConnector):
        await connections.remove(services.connections, tenant.operator)
    with pytest.raises(NoConnector):
        await retry(services, tenant)


# --- Removing ------------------------------------------------------------------------------------------------------


async def test_removing_forgets_links_mappings_and_the_secret_and_leaves_the_tickets(
    services, tenant, halo, connected
):
    await tenant.submit()
    await drain(services, tenant)
    calls = len(halo.events("api.call"))
    await connections.remove(services.connections, tenant.operator)
    for table in (
        "connection",
        "drain",
        "ticket_link",
        "ticket_sweep",
        "customer_mapping",
        "mapping_run",
        "connection_lookup",
    ):
        assert await rows_of(services, tenant, table) == [], table
    assert len(halo.events("api.call")) == calls
    assert not halo.ticket(2001).is_closed


async def test_after_removal_requests_go_on_without_tickets_and_a_new_connector_starts_afresh(
    services, tenant, halo, connected
):
    first = await tenant.submit()
    await drain(services, tenant)
    await connections.remove(services.connections, tenant.operator)
    await tenant.decide(first.request_id)
    second = await tenant.submit()
    await connect(services, tenant, halo)
    await drain(services, tenant)
    created = halo.events("ticket.created")
    assert [each["custom_fields"]["CFidemeumElevationRequestId"] for each in created] == [
        first.request_id,
        second.request_id,
    ]


# --- How it fares --------------------------------------------------------------------------------------------------


async def status_of(services, tenant) -> dict:
    async with services.db.transaction(tenant.operator) as tx:
        return await read_status(tx)


async def test_the_status_counts_tickets_and_names_what_is_stuck_and_why(services, tenant, halo, connected):
    opened, closed = await tenant.submit(), await tenant.submit()
    await drain(services, tenant)
    await tenant.decide(closed.request_id)
    await drain(services, tenant)
    lost = await tenant.customer_called("lost", "Lost Ltd")
    stuck = await tenant.submit(await tenant.desktop_of(lost))
    await drain(services, tenant)
    status = await status_of(services, tenant)
    counts = status["tickets"]
    assert (counts["open"], counts["closed"], counts["gone"]) == (1, 1, 0)
    assert (counts["pending"], counts["needs_attention"]) == (1, 1)
    (row,) = status["waiting"]
    assert (str(row["request_id"]), row["customer"], row["desired"], row["observed"]) == (
        stuck.request_id,
        "Lost Ltd",
        "open",
        "absent",
    )
    assert row["attempts"] >= 1
    assert status["connector"]["needs_attention"] is False
    assert opened.request_id not in repr(status["waiting"])


async def test_the_status_without_a_connector_says_so(services, tenant):
    status = await status_of(services, tenant)
    assert status["connector"] is None
    assert status["waiting"] == []


async def test_a_connection_that_needs_attention_says_what_to_do(services, tenant, halo, connected):
    change_secret(halo, NEW_SECRET)
    halo.state.tokens.revoke_all()
    await tenant.submit()
    before = services.clock.now()
    await drain(services, tenant)
    status = await status_of(services, tenant)
    assert status["connector"]["needs_attention"]
    assert status["connector"]["error"] == "HaloPSA does not accept the client id and secret."
    assert status["connector"]["paused_until"] > before


async def test_retrying_makes_everything_due_that_waits_and_ends_the_pause(services, tenant, halo, connected):
    lost = await tenant.customer_called("lost", "Lost Ltd")
    await tenant.submit(await tenant.desktop_of(lost))
    change_secret(halo, NEW_SECRET)
    halo.state.tokens.revoke_all()
    await tenant.submit()
    await drain(services, tenant)
    change_secret(halo, demo.CLIENT_SECRET)
    await retry(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        due = await tx.scalar(
            "select count(*) from ticket_link where next_try_at <= %(now)s", {"now": tx.now}
        )
        assert due == 2
    row = await connector_row(services, tenant)
    assert (row.paused_until, row.failures, row.needs_attention, row.error) == (None, 0, False, None)
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_retrying_does_not_shorten_the_wait_after_a_lost_answer(services, tenant, halo):
    """Looking before the search has caught up could find nothing and make a second ticket."""
    await connect(services, tenant, halo, search_lag_seconds=300)
    halo.fail_next("drop_after_commit", method="POST", path="/api/tickets")
    await tenant.submit()
    await drain(services, tenant)
    assert await retry(services, tenant) == 0
    await drain(services, tenant)
    assert len(halo.events("ticket.created")) == 1


async def test_retrying_does_not_shorten_the_wait_after_a_lost_note(services, tenant, halo):
    await connect(services, tenant, halo, search_lag_seconds=300)
    asked = await tenant.submit()
    await drain(services, tenant)
    halo.fail_next("504_before_commit", method="POST", path="/api/actions")
    await tenant.decide(asked.request_id)
    await drain(services, tenant)
    assert await retry(services, tenant) == 0


async def test_a_missing_customer_is_not_found_by_another_msp(services, tenant, halo, connected):
    other = await new_tenant(services)
    await tenant.submit()
    await drain(services, tenant)
    assert (await status_of(services, other))["tickets"]["open"] == 0
    with pytest.raises(NotFound):
        await connections.remove(services.connections, other.operator)


# --- Secrets -------------------------------------------------------------------------------------------------------


async def test_no_secret_is_in_any_row_log_or_ticket_after_a_full_run_with_every_fault(
    services, tenant, halo, caplog
):
    """Threat T27: the client secret and every token are canaries."""
    change_secret(halo, NEW_SECRET)
    with capture_logs() as logs:
        application = halo.state.config.applications[0]
        await connections.add(
            services.connections,
            tenant.operator,
            kind="halopsa",
            settings={
                "url": halo.url,
                "client_id": application.client_id,
                "search_lag_seconds": 0,
                "press_wait_seconds": 0,
            },
            secret=Secret(NEW_SECRET),
            call_budget=1_000_000,
        )
        for fault in (
            "500",
            "502_html",
            "429_json",
            "expired_token",
            "html_login_page",
            "cut_json_after_commit",
            "reset_before",
        ):
            halo.fail_next(fault)
            status = await tenant.submit()
            await drain(services, tenant)
            await tenant.decide(status.request_id)
            await drain(services, tenant)
            await retry(services, tenant)
        change_secret(halo, "another")
        halo.state.tokens.revoke_all()
        await tenant.submit()
        await drain(services, tenant)
    tables = (
        "connection",
        "drain",
        "ticket_link",
        "connection_lookup",
        "customer_mapping",
        "audit_event",
        "elevation_request",
    )
    everything = [repr(await rows_of(services, tenant, table)) for table in tables]
    everything += [
        repr(logs),
        caplog.text,
        repr([vars_of(ticket) for ticket in halo.state.store.oldest_first()]),
    ]
    whole = "\n".join(everything)
    assert "HaloPSA does not accept the client id and secret." in whole
    assert NEW_SECRET not in whole
    assert halo.state.tokens.common_part not in whole


def vars_of(ticket) -> dict:
    return {name: getattr(ticket, name) for name in ticket.__slots__}
