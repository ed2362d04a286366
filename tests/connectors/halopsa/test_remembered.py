"""What is remembered of HaloPSA may not be true any more, and no optional part of a ticket holds it up."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st
from tests.connectors.halopsa.sandboxed import NORTHWIND, closing_of, connected, draft_for

from stepladder.connectors.base import Rejected
from stepladder.connectors.halopsa import parts
from stepladder.connectors.halopsa.matching import pick_asset
from stepladder.connectors.halopsa.parts import Part
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.records import Asset, Category, TicketType, User
from stepladder_sandbox.halopsa.testing import RunningSandbox

LAPTOP = "NW-LAP-014"
TRADING = RemoteCustomer("4", "Northwind Trading", is_active=True)
MINUTES = timedelta(minutes=31)


def wait(found: Any, time: timedelta = MINUTES) -> None:
    """Let time pass; the clock of these tests stands still by itself."""
    found.clock.move(time)


async def opened(halo: RunningSandbox, found: Any, **changes: Any) -> Any:
    draft = draft_for(changes.pop("customer", NORTHWIND), **{"endpoint_name": LAPTOP, **changes})
    return halo.ticket(int((await found.connector.open_ticket(draft)).id))


def change_asset(halo: RunningSandbox, **changes: Any) -> None:
    halo.reconfigure(
        assets=tuple(
            msgspec.structs.replace(each, **changes) if each.id == 300 else each
            for each in halo.state.config.assets
        )
    )


# Assets


async def test_an_asset_that_is_gone_does_not_keep_the_ticket_away(halo: RunningSandbox) -> None:
    """HALO-04: HaloPSA refuses the remembered id; the device is looked up anew, and found under its new one."""
    async with connected(halo) as found:
        assert (await opened(halo, found)).asset_ids == [300]
        change_asset(halo, id=350)
        assert (await opened(halo, found)).asset_ids == [350]
        halo.reconfigure(assets=())
        assert (await opened(halo, found)).asset_ids == []


async def test_an_asset_that_halopsa_lists_and_refuses_is_left_out(halo: RunningSandbox) -> None:
    """HALO-04: the ticket is tried once without it, and the next one does not try in vain."""
    async with connected(halo) as found:
        halo.fail_next("refused", method="POST", path="/api/tickets")
        ticket = await opened(halo, found)
        assert ticket.asset_ids == []
        before = found.calls
        assert (await opened(halo, found)).asset_ids == []
        assert found.calls - before == 1
        wait(found)
        assert (await opened(halo, found)).asset_ids == [300]


@pytest.mark.parametrize("change", [{"client_id": 2}, {"inactive": True}, {"inventory_number": "NW-LAP-015"}])
async def test_an_asset_that_moved_or_was_retired_is_not_attached_for_long(
    halo: RunningSandbox, change: dict[str, Any]
) -> None:
    """HALO-05: only the one active asset of this customer, and a hit is believed for minutes."""
    async with connected(halo) as found:
        assert (await opened(halo, found)).asset_ids == [300]
        change_asset(halo, **change)
        wait(found)
        assert (await opened(halo, found)).asset_ids == []


@pytest.mark.parametrize(
    ("endpoint", "tag", "is_it"),
    [
        ("FL-LAP-101.fabrikam.local", "FL-LAP-101", True),
        ("FL-LAP-100", "FL-LAP-100.fabrikam.local", True),
        ("fl-lap-100", "FL-LAP-100.Fabrikam.Local", True),
        ("FL-LAP-101.fabrikam.local", "FL-LAP-101.contoso.local", False),
        ("FL-LAP-101.fabrikam.local", "FL-LAP-10", False),
        ("10", "10.0.0.5", False),
    ],
)
async def test_short_and_full_name_of_a_device_meet(
    halo: RunningSandbox, endpoint: str, tag: str, is_it: bool
) -> None:
    """HALO-06: the agent may take the full name where the asset has the short one, and the other way about."""
    halo.reconfigure(assets=(Asset(id=700, inventory_number=tag, client_id=1, site_id=11),))
    async with connected(halo) as found:
        assert (await opened(halo, found, endpoint_name=endpoint)).asset_ids == ([700] if is_it else [])


def test_a_short_name_counts_only_where_it_can_mean_one_asset() -> None:
    """HALO-06: an exact name comes first, and two that could be meant are none."""
    full = {"id": 1, "inventory_number": "PC1.a.local", "client_id": 1}
    other = {"id": 2, "inventory_number": "PC1.b.local", "client_id": 1}
    short = {"id": 3, "inventory_number": "PC1", "client_id": 1}
    assert pick_asset([full], "PC1", "1") == full
    assert pick_asset([full, other], "PC1", "1") is None
    assert pick_asset([full, other, short], "PC1", "1") == short
    assert pick_asset([full, other], "PC1.a.local", "1") == full
    assert pick_asset([short], "PC1.a.local", "1") == short
    assert pick_asset([full, {**other, "inactive": True}], "PC1", "1") == full


async def test_who_or_what_is_new_in_halopsa_is_seen_after_a_minute(halo: RunningSandbox) -> None:
    """HALO-07: that nothing was found is remembered for a minute, not for half an hour."""
    new = {"requester_email": "new.joiner@northwind.example", "endpoint_name": "NW-NEW-1"}
    async with connected(halo) as found:
        assert (await opened(halo, found, **new)).user_id == 601
        halo.reconfigure(
            users=(
                *halo.state.config.users,
                User(id=701, name="New", client_id=1, site_id=11, emailaddress=new["requester_email"]),
            ),
            assets=(
                *halo.state.config.assets,
                Asset(id=701, inventory_number="NW-NEW-1", client_id=1, site_id=11),
            ),
        )
        wait(found, timedelta(seconds=61))
        ticket = await opened(halo, found, **new)
    assert (ticket.user_id, ticket.asset_ids) == (701, [701])


@pytest.mark.parametrize("others", [0, 130])
async def test_neither_asset_nor_user_of_one_customer_is_ever_anothers(
    halo: RunningSandbox, others: int
) -> None:
    """TEST-19: two customers with one device name and one e-mail, asking in turn while all is remembered.

    Their assets are remembered together, or one by one where a customer has many. No refusal mends what was mixed up,
    and nothing is looked up again, as it would be if one customer's answer stood where another's belongs.
    """
    email = "sam@shared.example"
    more = tuple(
        Asset(
            id=2000 + 1000 * client + n, inventory_number=f"X-{n:03}", client_id=client, site_id=10 + client
        )
        for client in (1, 4)
        for n in range(others)
    )
    halo.reconfigure(assets=(*halo.state.config.assets, *more))
    halo.reconfigure(
        users=(
            *halo.state.config.users,
            User(id=801, name="Sam", client_id=1, site_id=11, emailaddress=email),
            User(id=804, name="Sam", client_id=4, site_id=14, emailaddress=email),
        )
    )
    (theirs,) = [
        each.id
        for each in halo.state.config.assets
        if each.client_id == 4 and each.inventory_number == LAPTOP
    ]
    async with connected(halo) as found:
        for number in range(3):
            before = found.calls
            ours = await opened(halo, found, requester_email=email)
            other = await opened(halo, found, requester_email=email, customer=TRADING)
            assert (ours.asset_ids, ours.user_id) == ([300], 801)
            assert (other.asset_ids, other.user_id) == ([theirs], 804)
            assert number == 0 or found.calls - before == 2
    assert {event["status"] for event in halo.events("api.answer")} <= {200, 201}


# What a ticket can go without


async def test_fields_that_are_not_there_and_are_refused_are_left_out(halo: RunningSandbox) -> None:
    """HALO-08: tickets come without the buttons' fields, and with them soon after they are there."""
    fields = halo.state.config.custom_fields
    halo.switches.unknown_custom_field = "400"
    halo.reconfigure(custom_fields=())
    async with connected(halo) as found:
        ticket = await opened(halo, found)
        assert (ticket.custom, ticket.asset_ids) == ({}, [300])
        before = found.calls
        await opened(halo, found)
        assert found.calls - before == 1, "the next one does not try in vain"
        halo.reconfigure(custom_fields=fields)
        wait(found)
        assert len((await opened(halo, found)).custom) == 2


async def test_a_category_that_was_made_anew_is_found_by_the_ticket_that_it_was_refused_to(
    halo: RunningSandbox,
) -> None:
    """HALO-04: a refused write forgets what it was built on, the ticket type too."""
    async with connected(halo) as found:
        await opened(halo, found)
        halo.reconfigure(
            ticket_types=(TicketType(id=77, name="Incident"),),
            categories=(Category(id=5, value="Business Applications"),),
        )
        assert (await opened(halo, found)).tickettype_id == 77


async def test_an_agent_who_can_no_longer_be_assigned_is_looked_up_anew(halo: RunningSandbox) -> None:
    """HALO-04: a remembered agent who was disabled costs one ticket its assignment, and is then forgotten."""
    async with connected(halo) as found:
        dana = await found.connector.find_person("dana@nikpot.example")
        agents = halo.state.config.agents
        halo.reconfigure(
            agents=tuple(
                msgspec.structs.replace(each, isdisabled=True) if each.id == demo.DANA else each
                for each in agents
            )
        )
        draft = draft_for(NORTHWIND)
        ticket = await found.connector.open_ticket(draft)
        await found.connector.close_ticket(ticket.id, closing_of(draft, approver=dana))
        assert halo.ticket(int(ticket.id)).is_closed
        assert await found.connector.find_person("dana@nikpot.example") is None


async def test_the_first_refusal_is_told_where_nothing_helps(halo: RunningSandbox) -> None:
    """HALO-08: what HaloPSA said of the whole ticket, not of one that lacks half of it."""
    types = halo.state.config.ticket_types
    halo.reconfigure(
        ticket_types=(msgspec.structs.replace(types[0], mandatory=("CFroom", "category_1")), *types[1:])
    )
    async with connected(halo) as found:
        with pytest.raises(Rejected, match=r"CFroom was required"):
            await opened(halo, found)


@given(st.sets(st.sampled_from(["assets", "user_id", "category_1", "team", "customfields"])))
def test_each_part_is_left_out_once_and_what_is_needed_never(present: Collection[str]) -> None:
    """HALO-08: whole, then without each part that is there, then without all of them."""
    ticket = {"summary": "s", "tickettype_id": 1, "client_id": 1, **dict.fromkeys(present, "x")}
    attempts = parts.list_attempts(ticket)
    assert attempts[0] == parts.Attempt(ticket)
    alone = [each.without for each in attempts if len(each.without) == 1]
    assert len(alone) == len(set(alone)) <= len(Part)
    assert attempts[-1].ticket == {name: value for name, value in ticket.items() if name not in present}
    assert all(each.ticket.keys() >= {"summary", "tickettype_id", "client_id"} for each in attempts)
