"""Deciding by an integration's key: the buttons in HaloPSA.

The key carries its own actions, modes and customers; the body can only narrow. Whoever pressed the button is a
claim: where an integration sends the person's e-mail they must be an active technician and not the requester.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.gate import KeyGate
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound, NotPermitted, StepladderError
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction
from stepladder.kit.ids import MspId, RequestId, parse_uuid
from stepladder.tenancy.delegation import deciding_customers
from stepladder.tenancy.service import Technician, find_technician
from stepladder_protocol.messages import ElevationKind

from .policy import Approver, Channel, NotAnApprover, Verdict
from .service import Ask, Decided, Elevation, RequestNotFound


class KeyNotAllowed(NotPermitted):
    """The key is genuine and may not do this."""

    code = "key_not_allowed"
    sentence = "This key may not do that. Make a key with the needed action: stepladder key create --action"


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

    key: str
    request_id: str
    customer_name: str
    verdict: Verdict
    kind: ElevationKind | None
    technician_email: str | None
    address: str
    """The network address of whoever called."""


class Buttons:
    """Decides what buttons ask for."""

    def __init__(self, db: Database, clock: Clock, elevation: Elevation, gate: KeyGate) -> None:
        self._db, self._clock, self._elevation, self._gate = db, clock, elevation, gate

    async def press(self, msp_id: MspId, press: Press) -> Decided:
        """Decide. Raises KeyRefused, TooManyCalls, KeyNotAllowed, RequestNotFound and the refusals of `rules`."""
        actor = inbound_keys.actor_for(msp_id, inbound_keys.claimed_key_id(press.key))
        try:
            async with self._gate.noting_refusals(actor), self._db.transaction(actor) as tx:
                key = await self._gate.authenticate(tx, press.key, press.address)
                ask = await self._ask(tx, key, press)
                decided = await self._elevation.decide(tx, ask, claimed_customer=press.customer_name)
        except (NotFound, NotPermitted) as refusal:
            await self._note_refusal(actor, press, refusal)
            raise
        await self._gate.note_use(msp_id, key, press.address)
        return decided

    async def _ask(self, tx: Transaction, key: InboundKey, press: Press) -> Ask:
        action = KeyAction.APPROVE if press.verdict is Verdict.APPROVED else KeyAction.DENY
        if not key.may(action):
            raise KeyNotAllowed
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

    async def _note_refusal(self, actor: Actor, press: Press, refusal: StepladderError) -> None:
        subject = parse_uuid(press.request_id)
        async with self._db.transaction(actor) as tx:
            await record(
                tx,
                Tag.DECISION_REFUSED,
                subject or "unreadable",
                code=refusal.code,
                verdict=str(press.verdict),
                channel=str(Channel.INTEGRATION_API),
            )
