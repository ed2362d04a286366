"""What a decided request leaves in HaloPSA, from the request to the closed ticket: once, with anything in the way.

The table has a line for each way in which a decision comes and each thing that can be in its way. On each line, the
ticket ends closed, with one note that says who, what, for whom, how and when, and with five minutes.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

import msgspec
import psycopg
import pytest
from tests.support.halo import drain, retry
from tests.support.tenants import Tenant
from tests.support.web import running_web

from stepladder.app import DatabaseUrls, Services
from stepladder.connections.changing import change
from stepladder.elevation.policy import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import RequestId
from stepladder.tenancy import technicians
from stepladder.tenancy.technicians import Technician
from stepladder.tickets.status import read_status
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import set_status
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Rights, TicketType
from stepladder_sandbox.halopsa.switches import ErrorShape
from stepladder_sandbox.halopsa.testing import RunningSandbox
from stepladder_sandbox.halopsa.ticket_writes import create_ticket
from stepladder_sandbox.halopsa.tickets import Action, Ticket

NOBODY = 1
SHAPES: tuple[ErrorShape, ...] = get_args(ErrorShape)


@dataclass
class Case:
    """One tenant, its HaloPSA, and the one request that this is about."""

    services: Services
    tenant: Tenant
    halo: RunningSandbox
    decider: Technician
    request_id: str = ""

    async def ask(self) -> None:
        self.request_id = (await self.tenant.submit()).request_id
        await self.drain()

    async def drain(self) -> None:
        await drain(self.services, self.tenant)

    async def decide(self, verdict: Verdict = Verdict.APPROVED) -> None:
        await self.tenant.decide(self.request_id, verdict, self.decider)

    async def again(self) -> None:
        """A person repaired it and asks for another try at once."""
        await retry(self.services, self.tenant)
        await self.drain()

    async def status(self) -> dict[str, Any]:
        async with self.services.db.transaction(self.tenant.operator) as tx:
            return await read_status(tx)

    @property
    def ticket(self) -> Ticket:
        """The one ticket of the request. Fails when there are more, or none."""
        found = [
            each for each in self.halo.state.store.newest_first() if self.request_id in each.custom.values()
        ]
        (ticket,) = found
        return ticket

    def notes(self) -> list[Action]:
        return [each for each in self.ticket.actions if re.search(r"\. \[SL-\w+\]$", each.note)]

    def configure_agent(self, agent_id: int, **changes: Any) -> None:
        agents = self.halo.state.config.agents
        self.halo.reconfigure(
            agents=tuple(
                msgspec.structs.replace(each, **changes) if each.id == agent_id else each for each in agents
            )
        )

    def assert_closed(self, beginning: str, *, agent_id: int = NOBODY) -> None:
        """The ticket is closed, by one note that begins so, with its time."""
        ticket = self.ticket
        assert (ticket.is_closed, ticket.status_id) == (True, demo.CLOSED)
        (note,) = self.notes()
        assert re.fullmatch(
            rf"{re.escape(beginning)}.*, \d\d? \w{{3}} \d{{4}} \d\d:\d\d UTC\. (Once, for|For) Ada Lovelace \(ada\) "
            rf"<ada@customer\.example>, setup\.exe on DESK-1\. Request {self.request_id}\. \[SL-\w+\]",
            note.note,
        ), note.note
        assert (note.timetaken, ticket.timetaken) == (0.0833, 0.0833)
        assert ticket.agent_id == agent_id
        assert ticket.closure_note == note.note


@pytest.fixture
async def case(services: Services, tenant: Tenant, halo: RunningSandbox, connected: None) -> Case:
    async with services.db.transaction(tenant.operator) as tx:
        decider = await technicians.create_technician(tx, email="Dana@NikPot.example", name="Dana Whitfield")
    return Case(services, tenant, halo, decider)


async def nothing(case: Case) -> None:
    """Nothing stands in the way."""


def agent(**changes: Any) -> Callable[[Case], Awaitable[None]]:
    """The decider's agent in HaloPSA is like this."""

    async def arrange(case: Case) -> None:
        case.configure_agent(demo.DANA, **changes)

    return arrange


def switch(**positions: Any) -> Callable[[Case], Awaitable[None]]:
    async def arrange(case: Case) -> None:
        case.halo.switches.change(positions)

    return arrange


async def two_with_that_email(case: Case) -> None:
    case.configure_agent(demo.NIK, email="dana@nikpot.example")


async def closed_by_hand(case: Case) -> None:
    nik = Caller.at_screen(case.halo.state.directory.agents[demo.NIK])
    set_status(case.halo.state, case.ticket, demo.CLOSED, nik)


async def nobody_may_be_seen(case: Case) -> None:
    """Reading agents is refused, on the look-up and on its repetition with a fresh token."""
    case.halo.fail_next("expired_token", method="GET", path="/api/agent", times=2)


# What stands in the way between ticket and closing, and whom the ticket then has.
IN_THE_WAY: dict[str, tuple[Callable[[Case], Awaitable[None]], int]] = {
    "nothing": (nothing, demo.DANA),
    "a busy agent": (switch(busy_agents=(demo.DANA,)), demo.DANA),
    "a busy agent, who does not ride": (
        switch(busy_agents=(demo.DANA,), action_new_agent=False),
        demo.DANA,
    ),
    "a disabled agent": (agent(isdisabled=True), NOBODY),
    "an API-only agent": (agent(isapiagent=True), NOBODY),
    "an agent with another e-mail": (agent(email="dana@elsewhere.example"), NOBODY),
    "two agents with that e-mail": (two_with_that_email, NOBODY),
    "agents that may not be read": (nobody_may_be_seen, NOBODY),
    "an outcome that is not permitted": (switch(outcomes_not_permitted=("Resolved",)), demo.DANA),
    "an action that moves nothing": (
        switch(action_new_status=False, action_new_agent=False, action_closure_note=False),
        demo.DANA,
    ),
    "an answer without the ticket": (switch(action_includes_ticket=False), demo.DANA),
    "closed by hand": (closed_by_hand, demo.DANA),
}


@pytest.mark.parametrize("verdict", list(Verdict))
@pytest.mark.parametrize("way", IN_THE_WAY)
async def test_a_technicians_decision_closes_the_ticket_to_the_letter(
    case: Case, way: str, verdict: Verdict
) -> None:
    arrange, agent_id = IN_THE_WAY[way]
    await case.ask()
    await arrange(case)
    await case.decide(verdict)
    await case.drain()
    case.assert_closed(f"{verdict.value.title()} by Dana Whitfield on the command line", agent_id=agent_id)
    assert (await case.status())["waiting"] == []


@pytest.mark.parametrize(
    ("how", "opened_first"),
    [("cancelled", True), ("expired", True), ("expired", False)],  # withdrawn before: see test_turns
)
async def test_what_nobody_decided_closes_the_ticket_and_says_so(
    case: Case, urls: DatabaseUrls, how: str, opened_first: bool
) -> None:
    elevation, tenant = case.services.elevation, case.tenant
    case.request_id = (await tenant.submit()).request_id
    if opened_first:
        await case.drain()
    if how == "cancelled":
        actor = endpoints.actor_for(tenant.msp.id, tenant.desktop.endpoint.id)
        await elevation.cancel(actor, tenant.desktop.endpoint.id, RequestId(UUID(case.request_id)))
    else:
        async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
            await connection.execute(
                "update elevation_request set expires_at = created_at where id = %s", (case.request_id,)
            )
        await elevation.expire_due(tenant.operator)
    await case.drain()
    (note,) = case.notes()
    assert note.note.startswith("Cancelled: Ada" if how == "cancelled" else "Expired: nobody decided before ")
    # USE-08: nobody worked on it, so nothing is booked.
    assert (case.ticket.is_closed, case.ticket.agent_id, note.timetaken) == (True, NOBODY, 0)


async def test_an_msp_may_book_time_on_what_nobody_decided(case: Case) -> None:
    """USE-08: a setting of its own."""
    await change(case.services.connections, case.tenant.operator, {"untouched_minutes": "3"})
    case.request_id = (await case.tenant.submit()).request_id
    await case.drain()
    actor = endpoints.actor_for(case.tenant.msp.id, case.tenant.desktop.endpoint.id)
    endpoint_id, request_id = case.tenant.desktop.endpoint.id, RequestId(UUID(case.request_id))
    await case.services.elevation.cancel(actor, endpoint_id, request_id)
    await case.drain()
    assert case.ticket.timetaken == 0.05


async def test_a_revoked_machine_s_ticket_is_closed_and_says_why(case: Case) -> None:
    """USE-09: what waits is withdrawn with the machine, and the technician who looks at the ticket reads it there."""
    await case.ask()
    async with case.services.db.transaction(case.tenant.operator) as tx:
        await case.services.revocation.revoke(tx, case.tenant.desktop.id)
    await case.drain()
    (note,) = case.notes()
    assert note.note.startswith("Cancelled: the machine DESK-1 was revoked. Ada Lovelace (ada)")
    assert (case.ticket.is_closed, note.timetaken) == (True, 0)


# The button, which closes the ticket itself

PRESSED = {"approve": "Approved", "deny": "Denied"}


@pytest.mark.parametrize("button", PRESSED)
@pytest.mark.parametrize("presser", [demo.NIK, demo.DANA])
@pytest.mark.parametrize("twice", [False, True])
async def test_a_button_that_closed_the_ticket_leaves_one_note_with_whoever_pressed(
    case: Case, button: str, presser: int, twice: bool
) -> None:
    case.halo.switches.repeat_call = twice
    async with running_web(case.services) as web:
        case.halo.point_at(web.url, case.tenant.key)
        case.halo.reconfigure(
            methods=tuple(
                msgspec.structs.replace(each, headers={**each.headers, "Host": case.tenant.msp.host})
                for each in case.halo.state.config.methods
            )
        )
        await case.ask()
        calls = await case.halo.press(case.ticket.id, button, presser)
    assert [call.status for call in calls] == [200] * (2 if twice else 1)
    assert case.ticket.is_closed
    await case.services.clock.sleep(0.1)
    await case.drain()
    name = case.halo.state.directory.agents[presser].name
    case.assert_closed(f"{PRESSED[button]} by {name} in HaloPSA", agent_id=presser)


async def test_without_the_right_to_edit_closed_tickets_the_status_says_so_until_it_is_given(
    case: Case,
) -> None:
    await case.ask()
    await closed_by_hand(case)
    case.configure_agent(demo.API_AGENT, rights=Rights(edit_closed=False))
    case.halo.state.tokens.revoke_all()
    await case.decide()
    await case.drain()
    assert case.notes() == []
    (shown,) = (await case.status())["waiting"]
    assert "its agent the rights that go with it" in shown["error"]
    assert shown["needs_attention"]
    case.configure_agent(demo.API_AGENT, rights=Rights())
    await case.again()
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)
    assert (await case.status())["waiting"] == []


# What holds a ticket open


def child_of(case: Case) -> Ticket:
    wanted = {
        "summary": "A child",
        "details": "x",
        "category_1": "Network",
        "client_id": 1,
        "parent_id": case.ticket.id,
    }
    nik = Caller.at_screen(case.halo.state.directory.agents[demo.NIK])
    return create_ticket(case.halo.state, Element(wanted, "[0]", any_case=True), nik)


@pytest.mark.parametrize("rides", [True, False])
async def test_an_open_child_ticket_is_told_tried_again_and_heals_when_it_is_closed(
    case: Case, rides: bool
) -> None:
    case.halo.switches.open_children_block_closing = True
    case.halo.switches.action_new_status = rides
    await case.ask()
    child = child_of(case)
    await case.decide()
    for tries in (1, 2, 3):
        await (case.drain() if tries == 1 else case.again())
        (waiting,) = (await case.status())["waiting"]
        assert (waiting["needs_attention"], waiting["desired"], waiting["observed"]) == (
            True,
            "closed",
            "open",
        )
        assert waiting["error"].startswith("HaloPSA refuses the change of the ticket. It says: ")
        assert "open child Tickets" in waiting["error"]
        assert len(case.notes()) == 1
        assert not case.ticket.is_closed
    nik = Caller.at_screen(case.halo.state.directory.agents[demo.NIK])
    set_status(case.halo.state, child, demo.CLOSED, nik)
    await case.again()
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)
    assert (await case.status())["waiting"] == []


async def test_where_no_outcome_is_permitted_the_status_says_so_until_one_is(case: Case) -> None:
    case.halo.switches.outcomes_not_permitted = ("Resolved", "Internal Note", "Private Note", "Note")
    await case.ask()
    await case.decide()
    await case.drain()
    (waiting,) = (await case.status())["waiting"]
    assert waiting["error"] == (
        "HaloPSA refuses the note. It says: You do not have access to this Action (at the moment)"
    )
    assert case.notes() == []
    case.halo.switches.outcomes_not_permitted = ()
    await case.again()
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)


# Every shape in which HaloPSA says no (HaloPSA fact 29)

UNSAID = ("html", "empty")


def assert_told(waiting: dict[str, Any], what: str, words: str, shape: ErrorShape) -> None:
    """The status has one sentence that a technician understands: what was refused, and why."""
    sentence = waiting["error"]
    if shape == "ok_with_error":
        assert sentence.startswith("HaloPSA answers a write with an error inside a success. It says: ")
        assert words in sentence
        return
    assert waiting["needs_attention"]
    if shape in UNSAID:
        assert sentence.startswith(f"HaloPSA refuses {what}. It does not say why; often ")
        assert sentence.endswith(".")
    else:
        assert sentence.startswith(f"HaloPSA refuses {what}. It says: ")
        assert words in sentence
    assert sentence.isprintable()
    assert not re.search(r"[{}<>]|Exception|resultCode", sentence)


async def mended(case: Case, shape: ErrorShape) -> None:
    """Try again; what says no and yes at once is of unknown outcome, and waits for HaloPSA's search to catch up."""
    for _ in range(4 if shape == "ok_with_error" else 1):
        await case.services.clock.sleep(0.25 if shape == "ok_with_error" else 0)
        await case.again()


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_refused_create_ends_in_a_sentence_and_heals(case: Case, shape: ErrorShape) -> None:
    kinds = case.halo.state.config.ticket_types
    case.halo.reconfigure(ticket_types=(TicketType(id=1, name="Incident", mandatory=("CFroom",)),))
    case.halo.switches.error_shape = shape
    case.request_id = (await case.tenant.submit()).request_id
    await case.drain()
    (waiting,) = (await case.status())["waiting"]
    assert_told(waiting, "the new ticket", "CFroom was required", shape)
    case.halo.reconfigure(ticket_types=kinds)
    await mended(case, shape)
    await case.decide()
    await case.drain()
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_refused_note_ends_in_a_sentence_and_heals(case: Case, shape: ErrorShape) -> None:
    await case.ask()
    case.halo.switches.outcomes_not_permitted = ("Resolved", "Internal Note", "Private Note", "Note")
    case.halo.switches.error_shape = shape
    await case.decide()
    await case.drain()
    (waiting,) = (await case.status())["waiting"]
    assert_told(waiting, "the note", "You do not have access to this Action", shape)
    assert not case.ticket.is_closed
    case.halo.switches.outcomes_not_permitted = ()
    await mended(case, shape)
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_refused_close_ends_in_a_sentence_and_heals(case: Case, shape: ErrorShape) -> None:
    await case.ask()
    child = child_of(case)
    case.halo.switches.open_children_block_closing = True
    case.halo.switches.error_shape = shape
    await case.decide()
    await case.drain()
    (waiting,) = (await case.status())["waiting"]
    assert_told(waiting, "the change of the ticket", "open child Tickets", shape)
    nik = Caller.at_screen(case.halo.state.directory.agents[demo.NIK])
    set_status(case.halo.state, child, demo.CLOSED, nik)
    await mended(case, shape)
    case.assert_closed("Approved by Dana Whitfield", agent_id=demo.DANA)
