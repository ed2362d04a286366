"""Factories: a tenant with everything a story needs, made through the product's own use cases."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.service import KeyAction
from stepladder.app import Services
from stepladder.elevation.approvers import ByTechnician
from stepladder.elevation.policy import Ask, Channel, Decided, Verdict
from stepladder.endpoints import service as endpoints
from stepladder.endpoints.service import Endpoint, SignedMessage
from stepladder.kit.db import Actor, ActorKind
from stepladder.tenancy import service as tenancy, technicians
from stepladder.tenancy.service import Customer, Msp
from stepladder.tenancy.technicians import Technician
from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.messages import (
    ElevationKind,
    EnrolBody,
    Program,
    Requester,
    RequestStatus,
    SubmitBody,
)


@dataclass
class Desktop:
    """An enrolled machine with its key."""

    endpoint: Endpoint
    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        return str(self.endpoint.id)


@dataclass
class Tenant:
    """One MSP and what belongs to it."""

    services: Services
    msp: Msp
    operator: Actor
    customer: Customer
    technician: Technician
    key: str
    key_id: str
    desktop: Desktop
    others: list[Customer] = field(default_factory=list)

    async def submit(self, desktop: Desktop | None = None, **changes: Any) -> RequestStatus:
        """Ask for elevation as a desktop's user."""
        asking = desktop or self.desktop
        actor = endpoints.actor_for(self.msp.id, asking.endpoint.id)
        status, _ = await self.services.elevation.submit(actor, asking.endpoint, body(**changes))
        return status

    async def decide(
        self, request_id: str, verdict: Verdict = Verdict.APPROVED, technician: Technician | None = None
    ) -> Decided:
        """Decide as a technician on the command line."""
        by = ByTechnician(self.services.db, self.operator, (technician or self.technician).email)
        return await self.services.elevation.decide(Ask(request_id, verdict, Channel.CLI), by)

    async def customer_called(self, name: str, display_name: str | None = None) -> Customer:
        async with self.services.db.transaction(self.operator) as tx:
            return await tenancy.create_customer(tx, name=name, display_name=display_name or name)

    async def desktop_of(self, customer: Customer, name: str = "DESK-2") -> Desktop:
        return await enrolled(self.services, self.msp, self.operator, customer, name)


def body(**changes: Any) -> SubmitBody:
    """A request to run a real-looking program; change what the test is about.

    With another key it is about another program, for an equal one would join the first.
    """
    key = changes.get("idempotency_key", uuid.uuid4().hex)
    values: dict[str, Any] = {
        "idempotency_key": key,
        "kind": ElevationKind.USER,
        "requester": Requester(user="ada", display_name="Ada Lovelace", email="ada@customer.example"),
        "program": Program(
            name="setup.exe",
            path=f"/opt/{key}/setup.exe",
            arguments=["--quiet"],
            sha256="ab" * 32,
            size=4096,
            publisher="Example Software Ltd",
        ),
        "reason": "needed for the quarterly report",
    }
    return SubmitBody(**{**values, **changes})


def signed(
    desktop_key: Ed25519PrivateKey,
    key_id: str,
    method: str,
    path: str,
    content: bytes,
    host: str = "msp.test",
    now: datetime | None = None,
) -> SignedMessage:
    """A signed message as the web layer would hand it on."""
    url = f"http://{host}{path}"
    headers = signing.sign(method=method, url=url, body=content, key=desktop_key, key_id=key_id, now=now)
    lines = [(name.lower(), value) for name, value in headers.items()]
    return SignedMessage(method, url, lines, content)


async def enrolled(services: Services, msp: Msp, operator: Actor, customer: Customer, name: str) -> Desktop:
    """A machine enrolled the way an agent does it."""
    async with services.db.transaction(operator) as tx:
        token = await endpoints.create_token(tx, customer)
    key = Ed25519PrivateKey.generate()
    wire = EnrolBody(
        token=token,
        public_key=keys.public_key_text(key),
        endpoint_name=name,
        operating_system="Debian 12",
        agent_version="0.1.0",
    )
    content = wire.model_dump_json().encode()
    message = signed(key, keys.key_id(key.public_key()), "POST", f"{ENDPOINT_API}/enrol", content)
    endpoint = await endpoints.enrol(services.db, msp.id, wire, message, datetime.now(UTC))
    return Desktop(endpoint, key)


async def new_tenant(services: Services, *, host: str | None = None, name: str = "Northstar MSP") -> Tenant:
    """An MSP of its own for one test."""
    url = f"https://{host or f'{uuid.uuid4().hex[:12]}.msp.test'}" if "://" not in (host or "") else str(host)
    msp = await tenancy.create_msp(
        services.db, services.vault, services.clock, name=name, url=url, operator="test"
    )
    operator = Actor(msp.id, ActorKind.OPERATOR, "test")
    async with services.db.transaction(operator) as tx:
        customer = await tenancy.create_customer(tx, name="northwind", display_name="Northwind Traders")
        technician = await technicians.create_technician(tx, email="nik@nikpot.example", name="Nik Potter")
        key, text = await inbound_keys.create_key(
            tx,
            name="HaloPSA buttons",
            actions=list(KeyAction),
            modes=[ElevationKind.USER],
            calls_per_minute=1_000_000,
        )
    desktop = await enrolled(services, msp, operator, customer, "DESK-1")
    return Tenant(services, msp, operator, customer, technician, text, key.key_id, desktop)
