"""Drift at a HaloPSA: what people do on its screens, seen by the sweep over HTTP, in few calls."""

from __future__ import annotations

import random
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.campaigns import checker
from tests.support.clock import ManualClock
from tests.support.halo import connect, drain
from tests.support.installations import settings_in
from tests.support.tenants import Tenant, body, new_tenant

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.connections.queries import find_ticket_system
from stepladder.connectors.halopsa import payloads
from stepladder.elevation.policy import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.tickets import sweeps
from stepladder.tickets.status import read_status as status
from stepladder.tickets.sweeps import Sweep
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox
from stepladder_sandbox.halopsa.ticket_writes import update_ticket
from stepladder_sandbox.halopsa.tickets import Ticket

EVERY = timedelta(seconds=31)


@dataclass
class Site:
    """One MSP and its HaloPSA, on one clock."""

    services: Services
    tenant: Tenant
    halo: RunningSandbox
    clock: ManualClock

    async def open(self, count: int = 1) -> list[tuple[str, Ticket]]:
        """Requests that wait, each of a machine of its own where there are many, and their tickets."""
        ids, asking = [], self.tenant.desktop
        for number in range(count):
            if number and number % 25 == 0:
                asking = await self.tenant.desktop_of(self.tenant.customer, f"DESK-{number}")
            actor = endpoints.actor_for(self.tenant.msp.id, asking.endpoint.id)
            asked = body()
            asked = asked.model_copy(
                update={"program": asked.program.model_copy(update={"sha256": f"{number:064x}"})}
            )
            made, _ = await self.services.elevation.submit(actor, asking.endpoint, asked)
            ids.append(made.request_id)
        before = len(self.halo.events("ticket.created"))
        await drain(self.services, self.tenant)
        created = [event["ticket_id"] for event in self.halo.events("ticket.created")[before:]]
        tickets = {self._request_of(self.halo.ticket(each)): self.halo.ticket(each) for each in created}
        self.clock.move(EVERY)
        return [(each, tickets[each]) for each in ids]

    def _request_of(self, ticket: Ticket) -> str:
        field = next(each.id for each in self.halo.state.config.custom_fields if "Request" in each.name)
        return str(ticket.custom[field])

    async def sweep(self) -> list[dict[str, Any]]:
        """The calls that the next sweep makes."""
        self.clock.move(EVERY)
        before = len(checker.calls(self.halo.log))
        await drain(self.services, self.tenant)
        return [call for call in checker.calls(self.halo.log)[before:] if "token" not in call["path"]]

    def as_nik(self, ticket: Ticket, **changes: Any) -> None:
        caller = Caller.at_screen(self.halo.state.directory.agents[demo.NIK])
        update_ticket(self.halo.state, ticket, Element(changes, "[0]", any_case=True), caller)

    async def told(self) -> dict[str, str]:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            return {str(row["request_id"]): row["what"] for row in (await status(tx, limit=2000))["changed"]}

    async def sweep_row(self) -> Sweep:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            connection = await find_ticket_system(tx)
            row = await sweeps.find(tx, connection.id) if connection else None
        assert row is not None
        return row


@pytest.fixture
async def site(tmp_path: Path, urls: DatabaseUrls) -> AsyncIterator[Site]:
    clock = ManualClock()
    config = msgspec.structs.replace(demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())
    async with running_sandbox(config, clock=clock.now) as halo:
        halo.switches.rate_limit = 1_000_000
        settings = settings_in(tmp_path, outbound_allow=(halo.url,))
        async with open_services(settings, urls, clock=clock) as services:
            tenant = await new_tenant(services)
            await connect(services, tenant, halo, search_lag_seconds=60)
            yield Site(services, tenant, halo, clock)


OLD_SERVER = {"third_party_filter": False, "rows_carry_reference": False, "ids_as_strings": True}
SERVERS = [{}, OLD_SERVER, {"plain_dates": True, "null_when_empty": True}]


@pytest.mark.parametrize("server", SERVERS, ids=("new", "old", "odd"))
async def test_everything_that_people_do_is_seen(site: Site, server: dict[str, Any]) -> None:
    for name, value in server.items():
        setattr(site.halo.switches, name, value)
    opened = await site.open(6)
    (closed, moved, edited, merged, deleted, untouched) = opened
    assert await site.told() == {}
    site.as_nik(closed[1], status_id=demo.CLOSED)
    site.as_nik(moved[1], client_id=2)
    site.as_nik(edited[1], customfields=payloads.build_button_fields("Contoso", untouched[0]))
    site.as_nik(merged[1], merged_into_id=untouched[1].id, domerge=True)
    site.halo.state.store.delete(deleted[1], site.clock.now())
    await site.sweep()
    told = await site.told()
    assert "closed without a decision" in told[closed[0]]
    assert "is now at" in told[moved[0]]
    assert f"merged into ticket {untouched[1].id}" in told[merged[0]]
    assert "was deleted" in told[deleted[0]]
    assert told.keys() == {closed[0], moved[0], merged[0], deleted[0]}
    assert site._request_of(edited[1]) == edited[0], "a press would have decided another request"
    for _ in range(3):
        await site.sweep()
    remarks = [
        (ticket.id, action)
        for _, ticket in opened
        for action in ticket.actions
        if "Still waiting [" in action.note
    ]
    assert [ticket_id for ticket_id, _ in remarks] == [closed[1].id, untouched[1].id]
    assert all(action.hidden for _, action in remarks)


async def test_a_request_whose_ticket_was_closed_by_hand_is_decided_and_noted(site: Site) -> None:
    ((request_id, ticket),) = await site.open()
    site.as_nik(ticket, status_id=demo.CLOSED)
    for _ in range(3):
        await site.sweep()
    await site.tenant.decide(request_id, Verdict.APPROVED)
    await drain(site.services, site.tenant)
    notes = [action.note for action in ticket.actions if re.search(r"\. \[SL-\w+\]$", action.note)]
    assert len(notes) == 1
    assert "Approved by" in notes[0]
    assert ticket.is_closed


async def test_a_sweep_of_a_thousand_open_requests_costs_at_most_twenty_calls(site: Site) -> None:
    opened = await site.open(1000)
    whole = await site.sweep()
    assert 10 <= len(whole) <= 20, [call["path"] for call in whole]
    site.clock.move(timedelta(minutes=3))
    await site.sweep()
    assert len(await site.sweep()) == 2, "nothing changed"
    for _, ticket in opened[::100]:
        site.as_nik(ticket, status_id=demo.CLOSED)
    for _, ticket in opened[51::250]:
        site.halo.state.store.delete(ticket, site.clock.now())
    for _, ticket in opened[71::250]:
        site.as_nik(ticket, customfields=payloads.build_button_fields("Contoso", ""))
    assert len(await site.sweep()) <= 20
    await site.sweep()
    assert len(await site.told()) == 14
    for _, ticket in opened:
        site.as_nik(ticket, summary=f"{ticket.summary} x")
    remarked = {"/api/actions", "/api/outcome"} | {f"/api/tickets/{ticket.id}" for _, ticket in opened[::100]}
    busy = [call["path"] for call in await site.sweep() if call["path"] not in remarked]
    assert len(busy) <= 20, busy


@pytest.mark.parametrize(
    ("ignored", "finds", "says"), [(("lastupdatefromdate",), True, False), (("ticketids",), False, True)]
)
async def test_a_server_that_passes_over_a_filter_leads_to_no_wrong_finding(
    site: Site, ignored: tuple[str, ...], finds: bool, says: bool
) -> None:
    opened = await site.open(3)
    strangers = random.Random(1)
    for number in range(130):
        site.halo.state.store.add(
            Ticket(**{**_values(opened[0][1]), "id": 9000 + number, "summary": str(strangers.random())})
        )
    site.halo.switches.ignored_filters = ignored
    site.as_nik(opened[0][1], status_id=demo.CLOSED)
    await site.sweep()
    assert (set(await site.told()) == {opened[0][0]}) is finds
    assert bool((await site.sweep_row()).error) is says


def _values(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in Ticket.__dataclass_fields__}


async def test_without_the_right_to_see_fields_the_rest_is_compared(site: Site) -> None:
    site.halo.reconfigure(custom_fields=())
    made = await site.tenant.submit()
    await drain(site.services, site.tenant)
    site.clock.move(EVERY)
    (event,) = site.halo.events("ticket.created")
    site.as_nik(site.halo.ticket(event["ticket_id"]), status_id=demo.CLOSED)
    await site.sweep()
    assert list(await site.told()) == [made.request_id]
