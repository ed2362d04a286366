"""One MSP of the installation: what its staff, machines, scripts and HaloPSA do, each by the product's own use cases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from callers import REQUESTS, Machine, Wire, ask_to_enrol, call_with_key, make_body, press_button
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.support.clock import ManualClock

from stepladder.app import Services
from stepladder.elevation import by_technician
from stepladder.elevation.rules import Channel, Verdict
from stepladder.endpoints import service as endpoints
from stepladder.halopsa_setup import check as checking, service as setting_up
from stepladder.halopsa_setup.access import Credential
from stepladder.kit.db import Actor, ActorKind, Transaction
from stepladder.kit.ids import ConnectorId, RequestId, parse_uuid
from stepladder.kit.secret import Secret
from stepladder.sandbox.halopsa import demo
from stepladder.sandbox.halopsa.callers import Caller
from stepladder.sandbox.halopsa.elements import Element
from stepladder.sandbox.halopsa.testing import RunningSandbox
from stepladder.sandbox.halopsa.ticket_writes import update_ticket
from stepladder.sandbox.halopsa.tickets import Ticket
from stepladder.tenancy import inbound_keys, service as tenancy
from stepladder.tenancy.inbound_keys import KeyAction
from stepladder.tenancy.service import Customer, Msp, Role
from stepladder.tickets import mapping_run, service as tickets
from stepladder.tickets.service import opened, unbounded
from stepladder_protocol.messages import ElevationKind

OPERATOR = "ada@stepladder-host"


@dataclass
class Site:
    """What belongs to one MSP, with the texts and keys that only its people and machines know."""

    services: Services
    application: Any
    clock: ManualClock
    halo: RunningSandbox
    msp: Msp
    customers: dict[str, Customer] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    machines: dict[str, Machine] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    asked_on: dict[str, str] = field(default_factory=dict)
    rules: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    connector_id: ConnectorId | None = None
    last_sent: Wire = field(init=False)
    """The last request for elevation that a machine sent, as it went over the wire."""

    @property
    def operator(self) -> Actor:
        return Actor(self.msp.id, ActorKind.OPERATOR, OPERATOR)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction of the operator, a moment after the one before."""
        self.clock.move(timedelta(seconds=7))
        async with self.services.db.transaction(self.operator) as tx:
            yield tx

    # --- Staff, customers, keys, machines ---

    async def hire(self, email: str, name: str, role: Role, *, active: bool = True) -> None:
        async with self.write() as tx:
            made = await tenancy.create_technician(tx, self.now, email=email, name=name, role=role)
            if not active:
                await tenancy.set_technician(tx, self.now, made, role=None, is_active=False)

    async def add_customer(self, name: str, display_name: str, directory: str | None = None) -> Customer:
        async with self.write() as tx:
            made = await tenancy.create_customer(
                tx,
                self.now,
                name=name,
                display_name=display_name,
                directory_id=parse_uuid(directory) if directory else None,
            )
        self.customers[name] = made
        return made

    async def make_key(
        self, name: str, *actions: KeyAction, customers: tuple[str, ...] = (), **limits: Any
    ) -> str:
        """A key; gives its id."""
        async with self.write() as tx:
            key, self.keys[name] = await inbound_keys.create_key(
                tx,
                self.now,
                name=name,
                actions=list(actions),
                modes=[ElevationKind.USER],
                customer_ids=[self.customers[each].id for each in customers] or None,
                **limits,
            )
        return key.key_id

    async def make_token(self, label: str, customer: str, **how: Any) -> str:
        async with self.write() as tx:
            made = await endpoints.create_token(tx, self.now, self.customers[customer], **how)
        self.tokens[label] = made
        return made

    async def enrol(self, customer: str, name: str, label: str = "") -> Machine:
        """A machine enrolled the way an agent does it; held where another of its name is there."""
        token = await self.make_token(f"used by {label or name}", customer)
        key = Ed25519PrivateKey.generate()
        wire = ask_to_enrol(self.msp.host, token, key, name, self.now)
        answer = (await self.send(wire, 201)).json()
        self.machines[label or name] = made = Machine(answer["endpoint_id"], key, self.msp.host)
        return made

    # --- Requests and decisions ---

    async def send(self, wire: Wire, status: int, *, address: str = "192.0.2.10") -> Any:
        answer = await wire.send_to(self.application, address=address)
        assert answer.status_code == status, (wire.url, answer.status_code, answer.text)
        return answer

    async def ask(
        self, label: str, machine: str, *, like: str = "", status: int = 201, **changes: Any
    ) -> str:
        """Ask for elevation as a machine's user; gives the request's id. `like` is a label whose program is asked for."""
        self.clock.move(timedelta(milliseconds=10))
        content = make_body(label, like or label, **changes).model_dump_json().encode()
        wire = self.machines[machine].sign("POST", REQUESTS, self.now, content)
        answer = await self.send(wire, status)
        self.requests[label], self.asked_on[label] = answer.json()["request_id"], machine
        self.last_sent = wire
        return self.requests[label]

    async def cancel(self, label: str) -> None:
        await self._send_signed("POST", label, "/cancel")

    async def fetch_grant(self, label: str) -> None:
        """Fetch the grant of an approved request, and keep it."""
        self.answers[label] = (await self._send_signed("GET", label, "/grant")).json()

    async def _send_signed(self, method: str, label: str, path: str) -> Any:
        machine = self.machines[self.asked_on[label]]
        return await self.send(
            machine.sign(method, f"{REQUESTS}/{self.requests[label]}{path}", self.now), 200
        )

    async def decide(
        self, label: str, email: str, verdict: Verdict = Verdict.APPROVED, reason: str | None = None
    ) -> None:
        """Decide on the command line, as a technician."""
        await by_technician.decide(
            self.services.elevation,
            self.services.db,
            self.operator,
            msp_id=self.msp.id,
            email=email,
            request_id=RequestId(parse_uuid(self.requests[label])),
            verdict=verdict,
            kind=None,
            channel=Channel.CLI,
            reason=reason,
        )

    async def press(self, label: str, verb: str, agent_id: int = demo.NIK) -> None:
        """Press a button in the request's ticket; HaloPSA's call reaches the application."""
        (call,) = await self.halo.press((await self.find_ticket(label)).id, verb, agent_id)
        assert call.status == 200, call

    async def call_button(self, label: str, verb: str, customer: str, key: str, technician: str = "") -> None:
        """The same call, sent by a script with a key of its own."""
        wire = press_button(
            self.msp.host, verb, self.requests[label], customer, self.keys[key], technician=technician
        )
        await self.send(wire, 200)

    async def read(self, key: str, path: str, status: int, *, address: str = "192.0.2.10") -> None:
        await self.send(
            call_with_key(self.msp.host, f"/api/integrations{path}", self.keys[key]), status, address=address
        )

    # --- HaloPSA ---

    async def connect(self, **settings: Any) -> None:
        application = self.halo.state.config.applications[0]
        self.connector_id, _ = await tickets.add_connector(
            self.services.tickets,
            self.operator,
            kind="halopsa",
            settings={"url": self.halo.url, "client_id": application.client_id, **settings},
            secret=Secret(application.client_secret),
        )

    async def map_customers(self) -> None:
        row, connector = await opened(self.services.tickets, self.operator, unbounded)
        try:
            await mapping_run.run(
                connector, row.id, lambda: self.services.db.transaction(self.operator), self.clock.now
            )
        finally:
            await connector.aclose()

    async def set_up(self) -> None:
        report = await setting_up.set_up(self.services.halopsa_setup, self.operator, CREDENTIAL)
        assert report.stopped is None, report.stopped
        assert {str(item.state) for item in report.items} == {"made"}, report.items
        for integration in self.halo.state.config.integrations:
            self.keys[f"set up: {integration.name}"] = integration.header_value

    async def check(self, **how: Any) -> None:
        await checking.check(self.services.halopsa_setup, self.operator, CREDENTIAL, **how)

    async def drain(self) -> None:
        """Run the drain until nothing is due."""
        assert self.connector_id
        while await self.services.drain.run(self.msp.id, self.connector_id):
            pass

    async def drain_in(self, **ahead: float) -> None:
        self.clock.move(timedelta(**ahead))
        await self.drain()

    async def find_ticket(self, label: str) -> Ticket:
        """The one ticket of a request."""
        (found,) = self.halo.tickets_with((await self.read_link(label))["reference"])
        return found

    async def edit(self, label: str, **changes: Any) -> None:
        """Change a request's ticket as an agent at the screen."""
        state = self.halo.state
        caller = Caller.at_screen(state.directory.agents[demo.NIK])
        update_ticket(state, await self.find_ticket(label), Element(changes, "[0]", any_case=True), caller)

    async def delete_ticket(self, label: str) -> None:
        self.halo.state.store.delete(await self.find_ticket(label), self.now)

    # --- Looking ---

    async def read_rows(self, query: Any, **params: Any) -> list[dict[str, Any]]:
        async with self.services.db.transaction(self.operator) as tx:
            return await tx.dicts(query, params)

    async def read_links(self) -> dict[str, dict[str, Any]]:
        """Every ticket link by its request's label."""
        # A request that was joined is known by the label that made it.
        labels = {request_id: label for label, request_id in reversed(self.requests.items())}
        rows = await self.read_rows(
            """select request_id, reference, desired, observed, ticket_id, create_sent_at, note_sent_at, note_seen,
                      attempts, next_try_at, needs_attention, error_code, drift, drift_detail, drift_since,
                      remark_sent_at, remark_seen, mended
               from ticket_link order by created_at, reference"""
        )
        return {labels[str(row.pop("request_id"))]: row for row in rows}

    async def read_link(self, label: str) -> dict[str, Any]:
        return (await self.read_links())[label]

    async def expect(self, label: str, **values: Any) -> None:
        """Fail where a link is not in the state that the story brought it to."""
        link = await self.read_link(label)
        assert {name: _drop_instant(link[name]) for name in values} == values, (label, link)


CREDENTIAL = Credential(demo.SETUP_CLIENT_ID, Secret(demo.SETUP_CLIENT_SECRET))


async def create_site(
    services: Services, application: Any, clock: ManualClock, halo: RunningSandbox, name: str, url: str
) -> Site:
    """A new MSP."""
    msp = await tenancy.create_msp(
        services.db, services.vault, services.clock, name=name, url=url, operator=OPERATOR
    )
    return Site(services, application, clock, halo, msp)


def _drop_instant(value: Any) -> Any:
    """Whether there is an instant is what matters, not which."""
    return "set" if isinstance(value, datetime) else value
