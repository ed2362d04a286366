"""The three documented calls, to the letter: paths, header, media types, member names. HaloPSA's buttons make them.

Plain functions beside the table of the other calls, because deciding is the hot path, and because a body that no
template can have made is refused before the database is asked. Cookies mean nothing here; the key does.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

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
from stepladder.kit.entities import list_readings
from stepladder.mapping.service import find_called_remotely
from stepladder.setup.halopsa import self_test
from stepladder.tenancy.service import Customer, find_customer_by_display_name
from stepladder.tenancy.technicians import find_technician_by_email
from stepladder.web.strict_json import read_as
from stepladder_protocol.messages import ElevationKind

from .answers import AccountsEnded, Pressed, PressStatus
from .bodies import Approval, Denial, EndOfAccounts
from .inbound import PREFIX, body_for, key_of, refused_call, respond
from .table import Operation

TECHNICIAN_HEADER = "x-stepladder-technician-email"
APPROVE = Operation(
    "POST", f"{PREFIX}/elevation/request/approve", "Approve an elevation request", Approval, None, Pressed
)
DENY = Operation(
    "POST", f"{PREFIX}/elevation/request/deny", "Deny an elevation request", Denial, None, Pressed
)
DISABLE = Operation(
    "POST",
    f"{PREFIX}/entrajitaccounts",
    "End a technician's JIT accounts",
    EndOfAccounts,
    None,
    AccountsEnded,
)


@dataclass(frozen=True)
class Buttons:
    """What HaloPSA's buttons and runbooks call with a key."""

    elevation: Elevation
    gate: KeyGate

    def routes(self) -> list[Route]:
        """The documented paths."""
        return [
            Route(APPROVE.path, self.approve, methods=["POST"]),
            Route(DENY.path, self.deny, methods=["POST"]),
            Route(DISABLE.path, self.disable_jit_accounts, methods=["POST"]),
        ]

    async def approve(self, request: Request) -> Response:
        """POST /api/integrations/elevation/request/approve."""
        key = key_of(request)
        press = read_as(await body_for(request, Approval), Approval)
        return await self._press(request, key, press, Verdict.APPROVED, press.kind)

    async def deny(self, request: Request) -> Response:
        """POST /api/integrations/elevation/request/deny."""
        key = key_of(request)
        press = read_as(await body_for(request, Denial), Denial)
        return await self._press(request, key, press, Verdict.DENIED, None)

    async def disable_jit_accounts(self, request: Request) -> Response:
        """POST /api/integrations/entrajitaccounts.

        JIT accounts come with a later release. Until then there is never one to end: the call checks everything,
        leaves its trace, and answers what it will answer when there was none.
        """
        key = key_of(request)
        body = read_as(await body_for(request, EndOfAccounts), EndOfAccounts)

        async def disable(tx: Transaction, found: InboundKey) -> None:
            found.check_may(KeyAction.DISABLE_JIT)
            customer = await _customer(tx, body.customer_name, found)
            if not found.serves(customer.id):
                raise NotFound
            technician = await find_technician_by_email(tx, body.technician_email)
            await record(tx, Tag.JIT_DISABLE_ASKED, technician.id, customer_id=str(customer.id))

        await self.gate.call(key, disable, refused_call(request, "disable_jit_accounts"))
        return respond(request, AccountsEnded(status="DISABLED"))

    async def _press(
        self, request: Request, key: ShownKey, press: Denial, verdict: Verdict, kind: ElevationKind | None
    ) -> Response:
        if self_test.is_self_test(press.request_id):
            # Nothing is decided: there is no request behind it.
            button = self_test.APPROVE if verdict is Verdict.APPROVED else self_test.DENY
            await self_test.note_arrival(
                self.gate, key, token=press.request_id, customer_name=press.customer_name, verdict=button
            )
            return respond(request, Pressed(request_id=press.request_id, status=PressStatus.SELF_TEST))
        # Two lines of it are one list, as HTTP has it, and a list is nobody's address.
        technician = ", ".join(request.headers.getlist(TECHNICIAN_HEADER)) or None
        ask = Ask(
            press.request_id, verdict, Channel.INTEGRATION_API, kind, claimed_customer=press.customer_name
        )
        decided = await self.elevation.decide(ask, ByKey(self.gate, key, technician))
        return respond(request, Pressed(request_id=str(decided.request_id), status=PressStatus[verdict.name]))


async def _customer(tx: Transaction, display_name: str, key: InboundKey) -> Customer:
    """By display name, else by the name in HaloPSA that it is linked to: runbooks know no other.

    Raises NotFound, or CustomerAmbiguous where the name leads to two that the key serves.
    """
    for name in list_readings(display_name):
        with suppress(NotFound):
            return await find_customer_by_display_name(tx, name, key.customer_ids)
        with suppress(NotFound):
            return await find_called_remotely(tx, name)
    raise NotFound
