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

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.gate import KeyGate
from stepladder.access_keys.service import KeyAction
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.elevation.button import Buttons, KeyNotAllowed, Press
from stepladder.elevation.policy import Verdict
from stepladder.errors import NotFound
from stepladder.kit.clock import Clock
from stepladder.kit.db import Database, Transaction
from stepladder.kit.ids import MspId
from stepladder.mapping.service import customer_called_remotely
from stepladder.setup.halopsa import self_test
from stepladder.tenancy.service import Customer, find_customer_by_display_name
from stepladder.web.strict_json import BodyRefused, identifier, read_object, text
from stepladder_protocol.messages import ElevationKind

from .inbound import KEY_HEADER, address_of, check_media_type, key_of

PREFIX = "/api/integrations"
TECHNICIAN_HEADER = "x-stepladder-technician-email"
DECISION_TYPE = "application/vnd.dvmi.sdk.elevation.request.approval+json"
DISABLE_TYPE = "application/vnd.dvmi.entra.app.user.disable+json"
_DECISION_MEMBERS = ("idemeumElevationRequestId", "idemeumCustomerName")


@dataclass(frozen=True)
class IntegrationApi:
    """The calls that integrations make with a key."""

    db: Database
    clock: Clock
    buttons: Buttons
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
        msp_id: MspId = request.state.msp.id
        actor = inbound_keys.actor_for(msp_id, inbound_keys.claimed_key_id(key))
        async with self.gate.noting_refusals(actor), self.db.transaction(actor) as tx:
            found = await self.gate.authenticate(tx, key, address_of(request))
            if not found.may(KeyAction.DISABLE_JIT):
                raise KeyNotAllowed
            customer = await _customer(tx, customer_name)
            if not found.serves(customer.id):
                raise NotFound
            technician_id = await tx.scalar(
                "select id from technician where lower(email) = lower(%(email)s)", {"email": email}
            )
            if technician_id is None:
                raise NotFound
            await record(tx, Tag.JIT_DISABLE_ASKED, technician_id, customer_id=str(customer.id))
        await self.gate.note_use(msp_id, found, address_of(request))
        return _json({"status": "DISABLED"})

    async def _press(
        self, request: Request, key: str, value: dict[str, Any], verdict: Verdict, kind: ElevationKind | None
    ) -> Response:
        request_id = identifier(value, "idemeumElevationRequestId")
        if self_test.is_self_test(request_id):
            return await self._note_self_test(request, key, value, request_id, verdict)
        press = Press(
            key=key,
            request_id=request_id,
            customer_name=text(value, "idemeumCustomerName"),
            verdict=verdict,
            kind=kind,
            # Two lines of it are one list, as HTTP has it, and a list is nobody's address.
            technician_email=", ".join(request.headers.getlist(TECHNICIAN_HEADER)) or None,
            address=address_of(request),
        )
        decided = await self.buttons.press(request.state.msp.id, press)
        return _json({"idemeumElevationRequestId": str(decided.request_id), "status": decided.state.upper()})

    async def _note_self_test(
        self, request: Request, key: str, value: dict[str, Any], token: str, verdict: Verdict
    ) -> Response:
        """Remember what arrived from a test ticket. Nothing is decided: there is no request behind it."""
        await self_test.note_arrival(
            self.db,
            self.clock,
            self.gate,
            request.state.msp.id,
            key=key,
            address=address_of(request),
            token=token,
            customer_name=text(value, "idemeumCustomerName"),
            verdict=self_test.APPROVE if verdict is Verdict.APPROVED else self_test.DENY,
        )
        return _json({"idemeumElevationRequestId": token, "status": "SELF_TEST"})


async def _authentic(request: Request, media_type: str) -> tuple[str, bytes]:
    """The key and the body of a call that could be genuine. The key itself is checked with the database."""
    key = key_of(request)
    check_media_type(request, media_type)
    return key, await request.body()


async def _customer(tx: Transaction, display_name: str) -> Customer:
    """By display name, else by the name in HaloPSA that it is linked to: runbooks know no other. Raises NotFound."""
    try:
        return await find_customer_by_display_name(tx, display_name)
    except NotFound:
        return await customer_called_remotely(tx, display_name)


def _mode(value: dict[str, Any]) -> ElevationKind:
    try:
        return ElevationKind(value["userElevationMode"])
    except ValueError as error:
        raise BodyRefused('"userElevationMode" is either "USER" or "ADMIN".') from error


def _json(value: dict[str, Any]) -> Response:
    return Response(json.dumps(value).encode(), media_type="application/json")


__all__ = ["DECISION_TYPE", "DISABLE_TYPE", "KEY_HEADER", "PREFIX", "TECHNICIAN_HEADER", "IntegrationApi"]
