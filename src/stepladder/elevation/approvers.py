"""Who decides: the one place that makes an approver of a key or a technician, in the transaction that decides.

What an approver is made of is held there until the decision is committed: locking a technician out, or revoking a
key, waits for a decision under way, and a decision for that. A session and a chat user will be further ways in.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol

from stepladder.access_keys.gate import KeyGate, ShownKey, Trace
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound, NotPermitted
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import parse_uuid
from stepladder.tenancy.delegation import hold_deciding_customers
from stepladder.tenancy.technicians import Technician, hold_technician
from stepladder_protocol.messages import ElevationKind

from .policy import Approver, Ask, Decided, NotAnApprover, Verdict
from .queries import parse_id

Decide = Callable[[Transaction, Approver], Awaitable[Decided]]
_ACTIONS = {Verdict.APPROVED: KeyAction.APPROVE, Verdict.DENIED: KeyAction.DENY}


class TechnicianRequired(NotPermitted):
    """The key wants to know who pressed."""

    code = "technician_required"
    sentence = (
        "This key requires the e-mail of the technician who decides, in the header "
        "X-Stepladder-Technician-Email."
    )


class Decider(Protocol):
    """A way to say who decides."""

    async def within(self, ask: Ask, decide: Decide) -> Decided:
        """Call `decide` with the transaction of the decision and with the approver that was found in it."""
        ...


@dataclass(frozen=True)
class ByTechnician:
    """A technician who is known by e-mail: the command line. Raises NotFound."""

    db: Database
    looked_up_by: Actor
    email: str

    async def within(self, ask: Ask, decide: Decide) -> Decided:
        async with acting_technician(self.db, self.looked_up_by, self.email) as (tx, technician):
            return await decide(tx, await _approver_of(tx, technician))


@dataclass(frozen=True)
class ByKey:
    """An integration's key: the buttons in HaloPSA. The key's own rights are the bound; the call can only narrow.

    The technician is a claim: where an integration names one, it must be an active technician who may decide.
    Raises KeyRefused, TooManyCalls, KeyNotAllowed, RequestNotFound, TechnicianRequired or NotAnApprover.
    """

    gate: KeyGate
    key: ShownKey
    technician_email: str | None

    async def within(self, ask: Ask, decide: Decide) -> Decided:
        async def act(tx: Transaction, key: InboundKey) -> Decided:
            key.check_may(_ACTIONS[ask.verdict])
            parse_id(ask.request_id)
            return await decide(tx, await self._approver(tx, key))

        facts = {"verdict": str(ask.verdict), "channel": str(ask.channel)}
        trace = Trace(Tag.DECISION_REFUSED, facts, parse_uuid(ask.request_id) or "unreadable")
        return await self.gate.call(self.key, act, trace, holds_key=True)

    async def _approver(self, tx: Transaction, key: InboundKey) -> Approver:
        approver = await self._named(tx, key)
        return replace(
            approver,
            kinds=frozenset(key.modes),
            customers=None if key.customer_ids is None else frozenset(key.customer_ids),
        )

    async def _named(self, tx: Transaction, key: InboundKey) -> Approver:
        if not self.technician_email:
            if key.requires_technician:
                raise TechnicianRequired
            return Approver(may_decide=True, email=None, kinds=frozenset())
        try:
            technician = await hold_technician(tx, self.technician_email)
        except NotFound as error:
            raise NotAnApprover from error
        approver = await _approver_of(tx, technician)
        if not approver.may_decide and not approver.delegated:
            raise NotAnApprover
        return approver


@asynccontextmanager
async def acting_technician(
    db: Database, looked_up_by: Actor, email: str
) -> AsyncIterator[tuple[Transaction, Technician]]:
    """A transaction in a technician's name, in which they stay what they are. Raises NotFound."""
    async with db.transaction(looked_up_by) as tx:
        technician = await hold_technician(tx, email)
        yield tx.acting_as(ActorKind.TECHNICIAN, str(technician.id)), technician


async def _approver_of(tx: Transaction, technician: Technician) -> Approver:
    """What the technician may decide: everything by their role, or requests of the customers delegated to them."""
    may_decide = technician.is_active and technician.role.may_decide
    needs_delegation = technician.is_active and not may_decide
    return Approver(
        may_decide=may_decide,
        email=technician.email,
        kinds=frozenset(ElevationKind),
        delegated=await hold_deciding_customers(tx, technician.id) if needs_delegation else frozenset(),
        technician_id=technician.id,
    )
