"""Whose ticket it is: the customer's user with exactly that e-mail, with their site; nobody in particular otherwise."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st
from tests.connectors.halopsa.sandboxed import NORTHWIND, Reply, connected, draft_for, scripted
from tests.connectors.halopsa.test_permissions import allow
from tests.support.clock import ManualClock

from stepladder.connectors.base import Rejected, TryLater
from stepladder.connectors.halopsa.lookups import Lookups
from stepladder.connectors.halopsa.matching import EndUser, pick_end_user
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit.findings import Result
from stepladder_sandbox.halopsa.faultplan import FaultKind
from stepladder_sandbox.halopsa.records import User
from stepladder_sandbox.halopsa.testing import RunningSandbox

AMELIA = "amelia.hart@northwind.example"
AMELIAS_ID, GENERAL_USER, SITE = 500, 601, 11


def asked_by(email: str | None = AMELIA, customer: Any = NORTHWIND) -> Any:
    return draft_for(customer, requester_email=email)


def add_user(halo: RunningSandbox, **changes: Any) -> None:
    values = {"id": 700, "name": "Second Amelia", "client_id": 1, "site_id": 11, "emailaddress": AMELIA}
    halo.reconfigure(users=(*halo.state.config.users, User(**{**values, **changes})))


def change_amelia(halo: RunningSandbox, **changes: Any) -> None:
    users = halo.state.config.users
    halo.reconfigure(
        users=tuple(
            msgspec.structs.replace(each, **changes) if each.id == AMELIAS_ID else each for each in users
        )
    )


def looked_up(halo: RunningSandbox) -> int:
    return [event["path"] for event in halo.events("api.call")].count("/api/users")


async def opened(halo: RunningSandbox, found: Any, draft: Any) -> Any:
    return halo.ticket(int((await found.connector.open_ticket(draft)).id))


async def test_the_ticket_stands_under_the_user_at_their_site_and_keeps_the_address(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        ticket = await opened(halo, found, asked_by())
    assert (ticket.user_id, ticket.user_name, ticket.site_id) == (AMELIAS_ID, "Amelia Hart", SITE)
    assert ticket.reportedby == AMELIA


@pytest.mark.parametrize("double", [True, False])
async def test_a_site_is_read_however_it_is_written(halo: RunningSandbox, double: bool) -> None:
    halo.switches.user_site_as_double = double
    halo.switches.ids_as_strings = not double
    async with connected(halo) as found:
        assert (await opened(halo, found, asked_by())).user_id == AMELIAS_ID


NOBODY = {
    "unknown": lambda halo: "nobody@northwind.example",
    "part": lambda halo: "hart@northwind.example",
    "another customer's": lambda halo: "dev.patel@fabrikam.example",
    "two of them": add_user,
    "inactive": lambda halo: change_amelia(halo, inactive=True),
    "moved away": lambda halo: change_amelia(halo, client_id=3, site_id=13),
    "without a site": lambda halo: change_amelia(halo, site_id=0),
}


@pytest.mark.parametrize("arrange", NOBODY.values(), ids=NOBODY)
async def test_who_is_not_certainly_meant_is_not_named(
    halo: RunningSandbox, arrange: Callable[..., Any]
) -> None:
    email = arrange(halo) or AMELIA
    async with connected(halo) as found:
        ticket = await opened(halo, found, asked_by(email))
    assert (ticket.user_id, ticket.reportedby) == (GENERAL_USER, email)


async def test_an_inactive_namesake_does_not_hide_the_user(halo: RunningSandbox) -> None:
    add_user(halo, inactive=True)
    async with connected(halo) as found:
        assert (await opened(halo, found, asked_by())).user_id == AMELIAS_ID


async def test_without_an_address_nobody_is_looked_for(halo: RunningSandbox) -> None:
    async with connected(halo) as found:
        for email in (None, "", " "):
            assert (await opened(halo, found, asked_by(email))).user_id == GENERAL_USER
    assert looked_up(halo) == 0


async def test_without_the_right_to_read_users_tickets_go_without_and_the_check_says_so(
    halo: RunningSandbox,
) -> None:
    allow(halo, users="none")
    async with connected(halo) as found:
        assert (await opened(halo, found, asked_by())).user_id == GENERAL_USER
        (finding,) = [each for each in await found.connector.check() if each.name == "Users"]
    assert (finding.result, "General User" in finding.detail) == (Result.WARNING, True)


async def test_a_user_is_believed_for_hours_and_that_there_is_none_for_a_minute(
    halo: RunningSandbox,
) -> None:
    clock = ManualClock()
    async with connected(halo, clock=clock) as found:
        for _ in range(3):
            await opened(halo, found, asked_by())
            await opened(halo, found, asked_by(AMELIA.upper()))
            await opened(halo, found, asked_by("new@northwind.example"))
        assert looked_up(halo) == 2
        add_user(halo, emailaddress="new@northwind.example")
        clock.move(timedelta(seconds=61))
        assert (await opened(halo, found, asked_by("new@northwind.example"))).user_id == 700
        await opened(halo, found, asked_by())
        assert looked_up(halo) == 3
        clock.move(timedelta(hours=3))
        await opened(halo, found, asked_by())
        assert looked_up(halo) == 4


async def test_a_user_whom_halopsa_does_not_take_does_not_keep_the_ticket_away(halo: RunningSandbox) -> None:
    clock = ManualClock()
    async with connected(halo, clock=clock) as found:
        await opened(halo, found, asked_by())
        # What was remembered is not true any more: HaloPSA answers 400 for a user of another customer.
        change_amelia(halo, client_id=3, site_id=13)
        draft = asked_by()
        ticket = await opened(halo, found, draft)
        assert (ticket.user_id, len(halo.tickets_with(draft.reference))) == (GENERAL_USER, 1)
        before = len(halo.events("api.call"))
        await opened(halo, found, asked_by())
        # The next ticket does not try in vain again, and does not look again at once.
        assert len(halo.events("api.call")) == before + 1
        change_amelia(halo, client_id=1, site_id=11)
        clock.move(timedelta(seconds=61))
        assert (await opened(halo, found, asked_by())).user_id == AMELIAS_ID


async def test_a_ticket_refused_for_another_reason_is_refused_with_and_without_its_user(
    halo: RunningSandbox,
) -> None:
    async with connected(halo) as found:
        draft = asked_by(customer=RemoteCustomer("987654", "Nobody", is_active=True))
        with pytest.raises(Rejected):
            await found.connector.open_ticket(draft)
    assert halo.tickets_with(draft.reference) == []


@pytest.mark.parametrize("fault", ["drop_after_commit", "504_after_commit"])
async def test_a_create_whose_outcome_is_unknown_is_not_tried_without_the_user(
    halo: RunningSandbox, fault: FaultKind
) -> None:
    async with connected(halo) as found:
        await opened(halo, found, asked_by())
        halo.fail_next(fault, method="POST", path="/api/tickets", seconds=0.01)
        draft = asked_by()
        with pytest.raises(TryLater) as unknown:
            await found.connector.open_ticket(draft)
    assert (unknown.value.may_have_happened, len(halo.tickets_with(draft.reference))) == (True, 1)


async def test_a_server_that_ignores_every_filter_names_nobody_wrongly() -> None:
    rows = [
        {"id": 1, "emailaddress": AMELIA, "client_id": 2, "site_id": 12.0},
        {"id": 2, "emailaddress": "ben@northwind.example", "client_id": 1, "site_id": 11.0},
    ]
    async with (
        scripted(Reply(body={"record_count": 2, "users": rows})) as script,
        connected(script.url) as found,
    ):
        lookups = Lookups(found.client, found.config, found.lookups, found.clock)
        assert await lookups.end_user(AMELIA, "1") is None
    assert "search=amelia.hart%40northwind.example&client_id=1" in script.asked[0][1]


# The rule by itself

EMAILS = st.sampled_from([AMELIA, AMELIA.upper(), f" {AMELIA} ", "ben@x.example", "", None])
ROWS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([1, "2", 3.0, None, 0]),
        "emailaddress": EMAILS,
        "client_id": st.sampled_from([1, "1", 1.0, 2, None]),
        "site_id": st.sampled_from([20.0, "20.0", 20, 0, None, 20.5]),
        "inactive": st.sampled_from([True, "true", 1, False, None]),
    },
    optional={"site_id_int": st.sampled_from([20, "20", 0])},
)


@given(st.lists(ROWS, max_size=4), EMAILS.filter(lambda email: email is not None))
def test_only_the_one_active_row_of_that_customer_with_that_address_is_meant(
    rows: list[dict[str, Any]], email: str
) -> None:
    found = pick_end_user(rows, email, "1")
    meant = [
        row
        for row in rows
        if str(row["client_id"]) in ("1", "1.0")
        and (row["emailaddress"] or "").strip().lower() == email.strip().lower()
        and str(row["inactive"]).lower() not in ("true", "1")
    ]
    if found is None:
        ids = [row["id"] for row in meant]
        sites = [str(row.get("site_id_int") or row["site_id"]) for row in meant]
        assert len(meant) != 1 or not email.strip() or ids[0] in (None, 0) or sites[0] not in ("20", "20.0")
    else:
        (row,) = meant
        assert found == EndUser(int(row["id"]), 20)
        assert email.strip()
