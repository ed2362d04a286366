"""The integration API, to the letter of the documented product: paths, header, media types, field names.

Plain Starlette routes, because this is the hot path; their description is added to the OpenAPI document.
Cookies mean nothing here; the key in `X-Idemeum-Api-Key` does.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stepladder.access_keys.gate import KeyGate, ShownKey
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.elevation.approvers import ByKey
from stepladder.elevation.policy import Ask, Channel, Verdict
from stepladder.elevation.service import Elevation
from stepladder.errors import NotFound
from stepladder.kit.db import Transaction
from stepladder.kit.ids import TechnicianId
from stepladder.mapping.service import find_called_remotely
from stepladder.setup.halopsa import self_test
from stepladder.tenancy.service import Customer, find_customer_by_display_name, find_technician
from stepladder.web.strict_json import BodyRefused, identifier, read_object, text
from stepladder_protocol.messages import ElevationKind

from .inbound import KEY_HEADER, check_media_type, key_of, refused_call

PREFIX = "/api/integrations"
TECHNICIAN_HEADER = "x-stepladder-technician-email"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
DISABLE_TYPE = "application/vnd.dvmi.entra.app.user.disable+json"
_DECISION_MEMBERS = ("idemeumElevationRequestId", "idemeumCustomerName")


@dataclass(frozen=True)
class IntegrationApi:
    """The calls that integrations make with a key."""

    elevation: Elevation
    gate: KeyGate

    def routes(self) -> list[Route]:
        """The documented paths."""
        return [
            Route(f"{PREFIX}/elevation/request/approve", self.approve, methods=["POST"]),
            Route(f"{PREFIX}/elevation/request/deny", self.deny, methods=["POST"]),
            Route(f"{PREFIX}/entrajitaccounts", self.disable_jit_accounts, methods=["POST"]),
        ]

    async def approve(self, request: Request) -> Response:
        """POST /api/integrations/elevation/request/approve."""
        key, body = await _authentic(request, DECISION_TYPE)
        value = read_object(body, required=(*_DECISION_MEMBERS, "userElevationMode"))
        return await self._press(request, key, value, Verdict.APPROVED, _mode(value))

    async def deny(self, request: Request) -> Response:
        """POST /api/integrations/elevation/request/deny."""
        key, body = await _authentic(request, DECISION_TYPE)
        value = read_object(body, required=_DECISION_MEMBERS)
        return await self._press(request, key, value, Verdict.DENIED, None)

    async def disable_jit_accounts(self, request: Request) -> Response:
        """POST /api/integrations/entrajitaccounts.

        JIT accounts come with a later release. Until then there is never one to end: the call checks everything,
        leaves its trace, and answers what it will answer when there was none.
        """
        key, body = await _authentic(request, DISABLE_TYPE)
        value = read_object(body, required=("customerDisplayName", "technicianEmailAddress"))
        customer_name, email = text(value, "customerDisplayName"), text(value, "technicianEmailAddress")

        async def disable(tx: Transaction, found: InboundKey) -> None:
            found.check_may(KeyAction.DISABLE_JIT)
            customer = await _customer(tx, customer_name)
            if not found.serves(customer.id):
                raise NotFound
            technician_id = await _technician(tx, email)
            await record(tx, Tag.JIT_DISABLE_ASKED, technician_id, customer_id=str(customer.id))

        await self.gate.call(key, disable, refused_call(request, "disable_jit_accounts"))
        return _json({"status": "DISABLED"})

    async def _press(
        self,
        request: Request,
        key: ShownKey,
        value: dict[str, Any],
        verdict: Verdict,
        kind: ElevationKind | None,
    ) -> Response:
        request_id, name = identifier(value, "idemeumElevationRequestId"), text(value, "idemeumCustomerName")
        if self_test.is_self_test(request_id):
            # Nothing is decided: there is no request behind it.
            button = self_test.APPROVE if verdict is Verdict.APPROVED else self_test.DENY
            await self_test.note_arrival(self.gate, key, token=request_id, customer_name=name, verdict=button)
            return _json({"idemeumElevationRequestId": request_id, "status": "SELF_TEST"})
        # Two lines of it are one list, as HTTP has it, and a list is nobody's address.
        technician = ", ".join(request.headers.getlist(TECHNICIAN_HEADER)) or None
        ask = Ask(request_id, verdict, Channel.INTEGRATION_API, kind, claimed_customer=name)
        decided = await self.elevation.decide(ask, ByKey(self.gate, key, technician))
        return _json({"idemeumElevationRequestId": str(decided.request_id), "status": decided.state.upper()})


async def _authentic(request: Request, media_type: str) -> tuple[ShownKey, bytes]:
    """The key and the body of a call that could be genuine. The key itself is checked with the database."""
    key = key_of(request)
    check_media_type(request, media_type)
    return key, await request.body()


async def _customer(tx: Transaction, display_name: str) -> Customer:
    """By display name, else by the name in HaloPSA that it is linked to: runbooks know no other. Raises NotFound."""
    try:
        return await find_customer_by_display_name(tx, display_name)
    except NotFound:
        return await find_called_remotely(tx, display_name)


async def _technician(tx: Transaction, email: str) -> TechnicianId:
    """Raises NotFound, in the same words as for an unknown customer."""
    try:
        return (await find_technician(tx, email)).id
    except NotFound as error:
        raise NotFound from error


def _mode(value: dict[str, Any]) -> ElevationKind:
    try:
        return ElevationKind(value["userElevationMode"])
    except ValueError as error:
        raise BodyRefused('"userElevationMode" is either "USER" or "ADMIN".') from error


def _json(value: dict[str, Any]) -> Response:
    return Response(json.dumps(value).encode(), media_type="application/json")


__all__ = ["DECISION_TYPE", "DISABLE_TYPE", "KEY_HEADER", "PREFIX", "TECHNICIAN_HEADER", "IntegrationApi"]
