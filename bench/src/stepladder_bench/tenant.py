"""The sample MSP, made through the product's own use cases, and as many rows of a kind as a measurement needs.

One machine is enrolled and one request submitted the way agents do it. Thousands more are copies of those rows
under ids of their own, because making each through the product would take longer than what is measured.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql

from stepladder.access_keys.service import KeyAction, create_key
from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder.endpoints import service as endpoints
from stepladder.endpoints.service import Endpoint, SignedMessage
from stepladder.kit.db import Actor, ActorKind, Transaction, jsonb
from stepladder.kit.ids import ConnectionId, EndpointId, new_reference
from stepladder.kit.secret import Secret
from stepladder.tenancy import service as tenancy, technicians
from stepladder.tenancy.service import Customer, Msp
from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.messages import ElevationKind, EnrolBody, Program, Requester, SubmitBody
from stepladder_sandbox.halopsa.demo import CLIENT_ID, CLIENT_SECRET

APPROVE_PATH = "/api/integrations/elevation/request/approve"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
REQUESTS_PATH = f"{ENDPOINT_API}/elevation-requests"
CUSTOMER = ("northwind", "Northwind Traders")
EMAIL = "amelia.hart@northwind.example"
TECHNICIAN = ("nik@nikpot.example", "Nik Potnis")
UNBOUNDED_BUDGET = 10_000_000
_ROWS_AT_ONCE = 2000


@dataclass(frozen=True)
class Desktop:
    """An enrolled machine with its key."""

    endpoint: Endpoint
    key: Ed25519PrivateKey

    @property
    def id(self) -> str:
        return str(self.endpoint.id)


@dataclass(frozen=True)
class Tenant:
    """The MSP, its customer, its technician's e-mail, the key of its buttons, and one desktop."""

    services: Services
    msp: Msp
    operator: Actor
    customer: Customer
    email: str
    key: str
    desktop: Desktop

    async def connect(self, url: str, *, call_budget: int | None = None, check: bool = True) -> ConnectionId:
        """Add the connector to a HaloPSA; with its default budget where none is given."""
        budget = {} if call_budget is None else {"call_budget": call_budget}
        connection_id, _ = await connections.add(
            self.services.connections,
            self.operator,
            kind="halopsa",
            settings={"url": url, "client_id": CLIENT_ID},
            secret=Secret(CLIENT_SECRET),
            check=check,
            **budget,
        )
        return connection_id

    async def submit(self, desktop: Desktop | None = None) -> str:
        """Ask for elevation at the use case that the endpoint API calls; gives the request's id."""
        asking = (desktop or self.desktop).endpoint
        actor = endpoints.actor_for(self.msp.id, asking.id)
        status, _ = await self.services.elevation.submit(actor, asking, wanted())
        return status.request_id

    async def desktops(self, count: int) -> list[Desktop]:
        """So many more machines, named DESK-1 and so on."""
        made = [
            (uuid.uuid4(), f"DESK-{number}", Ed25519PrivateKey.generate()) for number in range(1, count + 1)
        ]
        rows = [
            {"id": str(id_), "name": name, "public_key": f"\\x{key.public_key().public_bytes_raw().hex()}"}
            for id_, name, key in made
        ]
        async with self.services.db.transaction(self.operator) as tx:
            await _copy(tx, "endpoint", "id", self.desktop.id, rows)
            found = [await endpoints.find_endpoint(tx, EndpointId(id_)) for id_, _, _ in made]
        return [Desktop(row, key) for row, (_, _, key) in zip(found, made, strict=True) if row]

    async def pending(self, askers: Sequence[Desktop], *, with_tickets: bool) -> list[str]:
        """A pending request for each of `askers`, in their order; where wanted with a ticket to be opened."""
        async with self.services.db.transaction(self.operator) as tx:
            template = await tx.scalar(
                """select id::text from elevation_request
                   where endpoint_id = %(own)s and state = 'pending' limit 1""",
                {"own": self.desktop.endpoint.id},
            )
        template = template or await self.submit()
        ids = [str(uuid.uuid4()) for _ in askers]
        for start in range(0, len(ids), _ROWS_AT_ONCE):
            chosen = ids[start : start + _ROWS_AT_ONCE]
            rows = [
                {"id": id_, "endpoint_id": asker.id, "idempotency_key": uuid.uuid4().hex}
                for id_, asker in zip(chosen, askers[start : start + _ROWS_AT_ONCE], strict=True)
            ]
            links = [{"id": id_, "subject_id": id_, "reference": new_reference()} for id_ in chosen]
            async with self.services.db.transaction(self.operator) as tx:
                await _copy(tx, "elevation_request", "id", template, rows)
                if with_tickets:
                    await _copy(tx, "ticket_link", "subject_id", template, links)
        return ids

    async def count(self, query: Any) -> int:
        """The number that a query of the tenant's own rows gives."""
        async with self.services.db.transaction(self.operator) as tx:
            return int(await tx.scalar(query))

    def approval(self, request_id: str) -> dict[str, str]:
        """The documented body of Approve."""
        return {
            "idemeumElevationRequestId": request_id,
            "idemeumCustomerName": self.customer.display_name,
            "userElevationMode": "USER",
        }


async def new_tenant(services: Services, url: str) -> Tenant:
    """An MSP reached at `url`, with a customer, a technician, a key and an enrolled machine."""
    msp = await tenancy.create_msp(
        services.db, services.vault, services.clock, name="Northstar IT", url=url, operator="bench"
    )
    operator = Actor(msp.id, ActorKind.OPERATOR, "bench")
    async with services.db.transaction(operator) as tx:
        customer = await tenancy.create_customer(tx, name=CUSTOMER[0], display_name=CUSTOMER[1])
        await technicians.create_technician(tx, email=TECHNICIAN[0], name=TECHNICIAN[1])
        _, text = await create_key(
            tx,
            name="HaloPSA buttons",
            actions=list(KeyAction),
            modes=[ElevationKind.USER],
            calls_per_minute=1_000_000,
        )
        token = await endpoints.create_token(tx, customer)
    desktop = await _enrol(services, msp, token)
    return Tenant(services, msp, operator, customer, TECHNICIAN[0], text, desktop)


async def add_customer(tenant: Tenant, name: str, display_name: str) -> Tenant:
    """The same MSP, looked at from another customer with a desktop of its own."""
    async with tenant.services.db.transaction(tenant.operator) as tx:
        customer = await tenancy.create_customer(tx, name=name, display_name=display_name)
        token = await endpoints.create_token(tx, customer)
    desktop = await _enrol(tenant.services, tenant.msp, token)
    return replace(tenant, customer=customer, desktop=desktop)


def wanted(email: str = EMAIL) -> SubmitBody:
    """A request to run one program; each time another one, for an equal request would join the first."""
    key = uuid.uuid4().hex
    return SubmitBody(
        idempotency_key=key,
        requester=Requester(user="amelia", display_name="Amelia Hart", email=email),
        program=Program(
            name="setup.exe",
            path=f"/opt/downloads/{key}/setup.exe",
            arguments=["--quiet"],
            sha256="ab" * 32,
            size=4_194_304,
            publisher="Example Software Ltd",
        ),
        reason="needed for the quarterly report",
    )


def press_headers(key: str, host: str) -> dict[str, str]:
    """The headers of a button's call."""
    return {"Host": host, "X-Idemeum-Api-Key": key, "Content-Type": DECISION_TYPE}


def signed_headers(
    key: Ed25519PrivateKey, key_id: str, *, method: str, host: str, path: str, body: bytes = b""
) -> dict[str, str]:
    """The headers of an agent's message."""
    headers = signing.sign(method=method, url=f"http://{host}{path}", body=body, key=key, key_id=key_id)
    kind = {"Content-Type": "application/json"} if body else {}
    return {"Host": host, **kind, **headers}


async def _enrol(services: Services, msp: Msp, token: str) -> Desktop:
    key = Ed25519PrivateKey.generate()
    body = EnrolBody(
        token=token,
        public_key=keys.public_key_text(key),
        endpoint_name="DESK-0",
        operating_system="Debian 12",
        agent_version="0.1.0",
    )
    content, path = body.model_dump_json().encode(), f"{ENDPOINT_API}/enrol"
    headers = signed_headers(
        key, keys.key_id(key.public_key()), method="POST", host=msp.host, path=path, body=content
    )
    message = SignedMessage("POST", f"http://{msp.host}{path}", list(headers.items()), content)
    endpoint = await endpoints.enrol(services.db, msp.id, body, message, services.clock.now())
    return Desktop(endpoint, key)


async def _copy(tx: Transaction, table: str, key: str, template: str, changes: list[dict[str, Any]]) -> None:
    """Copy one row once for each of `changes`, with those columns changed."""
    statement = sql.SQL(
        """insert into {table} select (jsonb_populate_record(t, n.changes)).* from {table} t
           cross join jsonb_array_elements(%(changes)s) as n(changes) where t.{key}::text = %(template)s"""
    ).format(table=sql.Identifier(table), key=sql.Identifier(key))
    await tx.connection.execute(statement, {"changes": jsonb(changes), "template": template})


def encoded(body: dict[str, str]) -> bytes:
    """A body as it is sent."""
    return json.dumps(body).encode()
