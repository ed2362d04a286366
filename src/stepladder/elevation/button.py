"""Deciding by an integration's key: the buttons in HaloPSA.

The key carries its own actions, modes and customers; the body can only narrow. Whoever pressed the button is a
claim: where an integration sends the person's e-mail they must be an active technician and not the requester.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from stepladder.access_keys.gate import KeyGate, ShownKey, Trace
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound, NotPermitted
from stepladder.kit.db import Transaction
from stepladder.kit.ids import RequestId, parse_uuid
from stepladder.tenancy.delegation import deciding_customers
from stepladder.tenancy.service import Technician, find_technician
from stepladder_protocol.messages import ElevationKind

from .policy import Approver, Channel, NotAnApprover, Verdict
from .service import Ask, Decided, Elevation, RequestNotFound


class TechnicianRequired(NotPermitted):
    """The key wants to know who pressed."""

    code = "technician_required"
    sentence = (
        "This key requires the e-mail of the technician who decides, in the header "
        "X-Stepladder-Technician-Email."
    )


@dataclass(frozen=True)
class Press:
    """A press of a button, as it came in."""

    key: ShownKey
    request_id: str
    customer_name: str
    verdict: Verdict
    kind: ElevationKind | None
    technician_email: str | None


class Buttons:
    """Decides what buttons ask for."""

    def __init__(self, elevation: Elevation, gate: KeyGate) -> None:
        self._elevation, self._gate = elevation, gate

    async def press(self, press: Press) -> Decided:
        """Decide. Raises KeyRefused, TooManyCalls, KeyNotAllowed, RequestNotFound and the refusals of `rules`."""

        async def decide(tx: Transaction, key: InboundKey) -> Decided:
            ask = await self._ask(tx, key, press)
            return await self._elevation.decide(tx, ask, claimed_customer=press.customer_name)

        facts = {"verdict": str(press.verdict), "channel": str(Channel.INTEGRATION_API)}
        trace = Trace(Tag.DECISION_REFUSED, facts, parse_uuid(press.request_id) or "unreadable")
        return await self._gate.call(press.key, decide, trace)

    async def _ask(self, tx: Transaction, key: InboundKey, press: Press) -> Ask:
        action = KeyAction.APPROVE if press.verdict is Verdict.APPROVED else KeyAction.DENY
        key.check_may(action)
        request_id = parse_uuid(press.request_id)
        if request_id is None:
            raise RequestNotFound
        technician = await self._technician(tx, key, press.technician_email)
        delegated = await self._delegated(tx, technician)
        approver = Approver(
            may_decide=delegated is None,
            email=technician.email if technician else None,
            kinds=frozenset(ElevationKind(mode) for mode in key.modes),
            customers=None if key.customer_ids is None else frozenset(key.customer_ids),
            delegated=delegated or frozenset(),
        )
        return Ask(
            RequestId(request_id),
            press.verdict,
            press.kind,
            Channel.INTEGRATION_API,
            approver,
            technician.id if technician else None,
        )

    async def _technician(self, tx: Transaction, key: InboundKey, email: str | None) -> Technician | None:
        if not email:
            if key.requires_technician:
                raise TechnicianRequired
            return None
        try:
            technician = await find_technician(tx, email)
        except NotFound as error:
            raise NotAnApprover from error
        if not technician.is_active:
            raise NotAnApprover
        return technician

    @staticmethod
    async def _delegated(tx: Transaction, technician: Technician | None) -> frozenset[UUID] | None:
        """The only customers that the technician may decide for; None where nothing but the key limits them."""
        if technician is None or technician.role.may_decide:
            return None
        delegated = await deciding_customers(tx, technician.id)
        if not delegated:
            raise NotAnApprover
        return delegated
