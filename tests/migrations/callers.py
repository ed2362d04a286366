"""Callers that need nothing of the product but its application: machines that sign, scripts and HaloPSA with a key.

The maker of an old installation and the tests of today's program share it, so it knows the wire and nothing else.
"""

from __future__ import annotations

import hashlib
import json
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder_protocol import ENDPOINT_API, keys, signing
from stepladder_protocol.messages import ElevationKind, EnrolBody, Program, Requester, SubmitBody

KEY_HEADER = "X-Idemeum-Api-Key"
TECHNICIAN_HEADER = "X-Stepladder-Technician-Email"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
DECIDE = "/api/integrations/elevation/request"
REQUESTS = f"{ENDPOINT_API}/elevation-requests"


@dataclass(frozen=True)
class Wire:
    """A message as it goes over the wire; the same one can be sent twice."""

    method: str
    url: str
    headers: dict[str, str]
    content: bytes = b""

    async def send_to(self, application: Any, *, address: str = "192.0.2.10") -> httpx2.Response:
        """Send it to the application, which sees it come from `address`."""
        transport = httpx2.ASGITransport(application, client=(address, 4711))
        async with httpx2.AsyncClient(transport=transport) as client:
            return await client.request(
                self.method, self.url, headers=self.headers, content=self.content or None
            )


@dataclass(frozen=True)
class Machine:
    """An enrolled machine's id and key, and the host that it was enrolled with."""

    id: str
    key: Ed25519PrivateKey
    host: str

    def sign(self, method: str, path: str, now: datetime, body: bytes = b"") -> Wire:
        """A message that this machine signs at `now`."""
        url = f"http://{self.host}{path}"
        headers = signing.sign(method=method, url=url, body=body, key=self.key, key_id=self.id, now=now)
        return Wire(method, url, headers | ({"Content-Type": "application/json"} if body else {}), body)


def ask_to_enrol(host: str, token: str, key: Ed25519PrivateKey, name: str, now: datetime) -> Wire:
    """What a machine called `name` sends to be enrolled, signed with its new key."""
    body = EnrolBody(
        token=token,
        public_key=keys.public_key_text(key),
        endpoint_name=name,
        operating_system="Debian 12",
        agent_version="0.1.0",
    )
    newcomer = Machine(keys.key_id(key.public_key()), key, host)
    return newcomer.sign("POST", f"{ENDPOINT_API}/enrol", now, body.model_dump_json().encode())


def call_with_key(host: str, path: str, key: str) -> Wire:
    """What a script reads with its key."""
    return Wire("GET", f"http://{host}{path}", {KEY_HEADER: key})


def press_button(
    host: str, verb: str, request_id: str, customer: str, key: str, *, technician: str = ""
) -> Wire:
    """What HaloPSA sends when `approve` or `deny` is pressed."""
    members = {"idemeumElevationRequestId": request_id, "idemeumCustomerName": customer}
    if verb == "approve":
        members["userElevationMode"] = "USER"
    headers = {KEY_HEADER: key, "Content-Type": DECISION_TYPE}
    if technician:
        headers[TECHNICIAN_HEADER] = technician
    return Wire("POST", f"http://{host}{DECIDE}/{verb}", headers, json.dumps(members).encode())


def make_body(label: str, program: str, **changes: Any) -> SubmitBody:
    """A request, everything about it told by its label."""
    digest = hashlib.sha256(program.encode()).hexdigest()
    name = f"{program.replace(' ', '-')}.exe"
    values: dict[str, Any] = {
        "idempotency_key": hashlib.sha256(f"key of {label}".encode()).hexdigest()[:32],
        "kind": ElevationKind.USER,
        "requester": Requester(
            user="amelia", display_name="Amelia Hart", email="amelia.hart@northwind.example"
        ),
        "program": Program(
            name=name,
            path=f"/opt/setup/{name}",
            arguments=["--quiet"],
            sha256=digest,
            size=1000 + random.Random(program).randrange(9000),
            publisher="Example Software Ltd",
        ),
        "reason": f"because of: {label}",
    }
    return SubmitBody(**{**values, **changes})
