"""The HaloPSA connector keeps the contract, over HTTP against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from tests.connectors.halopsa.sandboxed import connected
from tests.contracts.ticket_connector import DIRECTORIES, TicketConnectorContract

from stepladder.connectors.halopsa import payloads
from stepladder.connectors.ticket_system import RemoteCustomer, TicketConnector, TicketDraft
from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.closing import set_status
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.faultplan import FAULT_KINDS
from stepladder_sandbox.halopsa.records import AzureTenant, Client
from stepladder_sandbox.halopsa.testing import RunningSandbox
from stepladder_sandbox.halopsa.ticket_writes import create_ticket, update_ticket

EMAIL_OF_THE_API_AGENT = "api@nikpot.example"


class HaloRemote:
    """The contract's view of a sandbox."""

    customer = RemoteCustomer("1", "Northwind Traders", True)
    inactive_customer = RemoteCustomer("10", "Litware", False)
    customer_in_directories: RemoteCustomer | None = RemoteCustomer("20", "Umbra", True, DIRECTORIES)
    assignable_email = "dana@nikpot.example"
    api_only_email = EMAIL_OF_THE_API_AGENT
    disabled_email = "robin@nikpot.example"
    end_user_email = "amelia.hart@northwind.example"

    def __init__(self, connector: TicketConnector, halo: RunningSandbox) -> None:
        self.connector, self.halo = connector, halo
        tenants = tuple(AzureTenant(azure_tenant_id=each.upper()) for each in DIRECTORIES)
        self._add_clients(Client(id=20, name="Umbra", azure_tenants=tenants))
        if halo.switches.azure_tenants == "off":
            self.customer_in_directories = None
        agents = halo.state.config.agents
        halo.reconfigure(
            agents=tuple(
                msgspec.structs.replace(agent, email=EMAIL_OF_THE_API_AGENT) if agent.isapiagent else agent
                for agent in agents
            )
        )
        # `*` befalls what comes first, a look-up or the call itself; the others the very write.
        self.mishaps: dict[str, Callable[[], None]] = {
            f"{word}: {kind}": partial(halo.fail_next, kind, method=method, path=path, seconds=0.01)
            for kind in FAULT_KINDS
            for word, method, path in (("any", "*", "*"), ("write", "POST", "/api/*"))
        }

    def mend(self) -> None:
        self.halo.stop_failing()

    def fill_customers(self, count: int) -> None:
        self._add_clients(
            *(Client(id=1000 + number, name=f"Customer {number}") for number in range(1, count + 1))
        )

    def _add_clients(self, *more: Client) -> None:
        self.halo.reconfigure(clients=(*self.halo.state.config.clients, *more))

    def count(self, reference: str) -> int:
        return len(self.halo.tickets_with(reference))

    def add(self, draft: TicketDraft) -> str:
        wanted = payloads.build_ticket(
            draft, type_id=1, category="Business Applications", urgency=None, impact=None, asset_id=None
        )
        caller = Caller.at_screen(self.halo.state.directory.agents[demo.API_AGENT])
        return str(create_ticket(self.halo.state, Element(wanted, "[0]", any_case=True), caller).id)

    def delete(self, ticket_id: str) -> None:
        self.halo.state.store.delete(self.halo.ticket(int(ticket_id)), self.now())

    def hold_open(self, ticket_id: str) -> None:
        child = self.halo.ticket(int(self.add_child_of(ticket_id)))
        assert child.parent_id == int(ticket_id)
        self.halo.switches.open_children_block_closing = True

    def add_child_of(self, ticket_id: str) -> str:
        wanted = {
            "summary": "A child",
            "details": "x",
            "category_1": "Network",
            "client_id": 1,
            "parent_id": int(ticket_id),
        }
        caller = Caller.at_screen(self.halo.state.directory.agents[demo.NIK])
        return str(create_ticket(self.halo.state, Element(wanted, "[0]", any_case=True), caller).id)

    def close_by_hand(self, ticket_id: str) -> None:
        caller = Caller.at_screen(self.halo.state.directory.agents[demo.NIK])
        ticket = self.halo.ticket(int(ticket_id))
        set_status(self.halo.state, ticket, demo.CLOSED, caller)
        self.halo.state.store.touch(ticket, self.now())

    def notes(self, ticket_id: str) -> list[str]:
        ticket = self.halo.ticket(int(ticket_id))
        return [action.note for action in ticket.actions if not action.is_system]

    def is_closed(self, ticket_id: str) -> bool:
        return self.halo.ticket(int(ticket_id)).is_closed

    def move(self, ticket_id: str, customer: RemoteCustomer) -> None:
        self.update(ticket_id, client_id=int(customer.id))

    def merge(self, ticket_id: str, into: str) -> None:
        self.update(ticket_id, merged_into_id=int(into), domerge=True)

    def edit_fields(self, ticket_id: str, customer_name: str, request_id: str) -> None:
        self.update(ticket_id, customfields=payloads.build_button_fields(customer_name, request_id))

    def update(self, ticket_id: str, **changes: Any) -> None:
        caller = Caller.at_screen(self.halo.state.directory.agents[demo.NIK])
        element = Element(changes, "[0]", any_case=True)
        update_ticket(self.halo.state, self.halo.ticket(int(ticket_id)), element, caller)

    def now(self) -> datetime:
        return self.halo.state.now()

    def pass_time(self) -> None:
        for ticket in self.halo.state.store.oldest_first():
            ticket.last_update -= timedelta(hours=1)

    def assigned_to(self, ticket_id: str) -> str | None:
        agent_id = self.halo.ticket(int(ticket_id)).agent_id
        return str(agent_id) if agent_id > 1 else None

    def end_user_of(self, ticket_id: str) -> str | None:
        user = self.halo.state.directory.users[self.halo.ticket(int(ticket_id)).user_id]
        return user.emailaddress or None


class TestHaloPSA(TicketConnectorContract):
    @pytest.fixture
    async def remote(self, halo: RunningSandbox) -> AsyncIterator[HaloRemote]:
        async with connected(halo) as found:
            yield HaloRemote(found.connector, halo)


class TestHaloPSAOfBefore(TicketConnectorContract):
    """An old server, whose list ignores the filter by reference, and whose rows do not carry it."""

    @pytest.fixture
    async def remote(self, halo: RunningSandbox) -> AsyncIterator[HaloRemote]:
        halo.switches.third_party_filter = False
        halo.switches.rows_carry_reference = False
        halo.switches.create_status = 200
        halo.switches.null_when_empty = True
        halo.switches.agents_wrapped = True
        halo.switches.ids_as_strings = True
        halo.switches.plain_dates = True
        halo.switches.action_includes_ticket = False
        halo.switches.expired_token_status = 400
        halo.switches.azure_tenants = "off"
        async with connected(halo) as found:
            yield HaloRemote(found.connector, halo)

    @pytest.mark.skip("such a server shows deleted tickets to nobody; docs/connectors/halopsa.md tells")
    async def test_a_deleted_ticket_is_for_a_person_and_is_never_found(self, remote) -> None: ...

    @pytest.mark.skip("the same; the list by ids still shows that it is missing")
    async def test_tickets_that_changed_since_are_listed_and_no_others(self, remote) -> None: ...

    @pytest.mark.skip("the same faults as above, and 600 calls")
    async def test_whatever_goes_wrong_is_one_of_the_four_kinds(self, remote) -> None: ...
