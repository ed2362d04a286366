"""Self-tests of the buttons: a marked ticket for each, and what arrives when it is pressed.

A self-test has an unguessable id of its own form, which is never the id of an elevation request. The integration API
hands a call with such an id here and nowhere else, so that nothing is ever approved by it. There is a ticket for each
button, because the first press closes its ticket.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from stepladder.access_keys.gate import KeyGate, ShownKey, Trace
from stepladder.access_keys.service import InboundKey, KeyAction
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import NotFound, NotPermitted
from stepladder.kit.db import Transaction
from stepladder.kit.entities import list_readings
from stepladder.kit.findings import Result
from stepladder.kit.folding import fold
from stepladder.kit.ids import ConnectionId, new_id, new_reference
from stepladder.mapping.queries import Linked
from stepladder.remedies import Remedy

_PREFIX = "selftest-"
APPROVE, DENY = "approve", "deny"
BUTTONS = (APPROVE, DENY)
_REMEMBERED = 50  # calls of one test; more say nothing new


class SelfTestKeyRefused(NotPermitted):
    """The key that arrived with a self-test is genuine and may not do this."""

    code = "self_test_key_refused"
    sentence = "The key in HaloPSA's integration does not allow that. Replace it."
    remedy = Remedy.SETUP_NEW_KEY


class SelfTestNotFound(NotFound):
    """There is no such self-test, or it is over."""

    code = "self_test_not_found"
    sentence = "There is no such self-test, or it has ended. Start another."
    remedy = Remedy.SETUP_SELF_TEST


@dataclass(frozen=True)
class SelfTest:
    """One test ticket."""

    id: UUID
    button: str
    token: str
    reference: str
    customer_name: str
    remote_customer_id: str
    remote_customer_name: str
    ticket_id: str | None
    arrived: list[str]
    names_match: bool | None
    opened_at: datetime
    closed_at: datetime | None

    def is_for(self, customer_name: str) -> bool:
        """Whether a press named the customer of this test, by the same comparison as a request's press."""
        return fold(self.customer_name) in {fold(each) for each in list_readings(customer_name)}


@dataclass(frozen=True)
class Judged:
    """What a test says, and whether it is over."""

    result: Result
    detail: str
    is_over: bool


_SELECT: LiteralString = """select id, button, token, reference, customer_name, remote_customer_id,
        remote_customer_name, ticket_id, arrived, names_match, opened_at, closed_at from self_test"""


def is_self_test(request_id: str) -> bool:
    """Whether an id has the form of a self-test's. No elevation request's has."""
    return request_id.startswith(_PREFIX)


async def note_arrival(gate: KeyGate, key: ShownKey, *, token: str, customer_name: str, verdict: str) -> None:
    """Remember which verdict arrived. Raises KeyRefused, TooManyCalls, SelfTestKeyRefused or SelfTestNotFound."""

    async def note(tx: Transaction, found: InboundKey) -> None:
        if not found.may(KeyAction.APPROVE if verdict == APPROVE else KeyAction.DENY):
            raise SelfTestKeyRefused
        test = await tx.maybe(
            SelfTest, _SELECT + " where token = %(token)s and closed_at is null for update", {"token": token}
        )
        if test is None:
            raise SelfTestNotFound
        await tx.run(
            """update self_test set arrived_at = %(now)s, names_match = %(match)s,
                      arrived = case when cardinality(arrived) < %(most)s then arrived || %(verdict)s::text
                                     else arrived end
               where id = %(id)s""",
            {
                "now": tx.now,
                "match": test.is_for(customer_name),
                "verdict": verdict,
                "most": _REMEMBERED,
                "id": test.id,
            },
        )
        await record(tx, Tag.SELF_TEST_ARRIVED, test.id, button=test.button, verdict=verdict)

    await gate.call(key, note, Trace(Tag.CALL_REFUSED, {"method": "POST", "call": "press_self_test"}))


async def start(tx: Transaction, connection_id: ConnectionId, button: str, where: Linked) -> SelfTest:
    """A new test of a button. Its row comes before its ticket."""
    test_id = new_id()
    await tx.run(
        """insert into self_test (id, msp_id, connection_id, button, token, reference, customer_name,
                                  remote_customer_id, remote_customer_name, arrived, opened_at)
           values (%(id)s, %(msp)s, %(connector)s, %(button)s, %(token)s, %(reference)s, %(customer_name)s,
                   %(remote_id)s, %(remote_name)s, '{}', %(now)s)""",
        {
            "id": test_id,
            "msp": tx.msp_id,
            "connector": connection_id,
            "button": button,
            "token": _PREFIX + secrets.token_urlsafe(32),
            "reference": new_reference(),
            "customer_name": where.display_name,
            "remote_id": where.remote_id,
            "remote_name": where.remote_name,
            "now": tx.now,
        },
    )
    await record(tx, Tag.SELF_TEST_OPENED, test_id, button=button)
    (test,) = await tx.all(SelfTest, _SELECT + " where id = %(id)s", {"id": test_id})
    return test


async def latest(tx: Transaction, connection_id: ConnectionId) -> dict[str, SelfTest]:
    """The newest test of each button."""
    newest: LiteralString = """ where id in (select distinct on (button) id from self_test
        where connection_id = %(id)s order by button, opened_at desc, id)"""
    rows = await tx.all(SelfTest, _SELECT + newest, {"id": connection_id})
    return {row.button: row for row in rows}


async def set_ticket(tx: Transaction, test: SelfTest, ticket_id: str) -> None:
    """Remember the test's ticket."""
    await tx.run(
        "update self_test set ticket_id = %(ticket)s where id = %(id)s",
        {"ticket": ticket_id, "id": test.id},
    )


async def end(tx: Transaction, test: SelfTest) -> None:
    """The test is over: its id is not known any more."""
    await tx.run(
        "update self_test set closed_at = %(now)s where id = %(id)s and closed_at is null",
        {"now": tx.now, "id": test.id},
    )


def judge(test: SelfTest, pressed: Sequence[str] | None) -> Judged:
    """What a test says. `pressed` are the buttons that its ticket shows as pressed, in order; None: cannot be seen."""
    if not test.arrived:
        return _nothing_arrived(test, pressed)
    button = test.button.capitalize()
    if pressed and len(pressed) == len(test.arrived):
        wrong = next((pair for pair in zip(pressed, test.arrived, strict=True) if pair[0] != pair[1]), None)
    else:
        # A call may come twice. What else arrived came from this button too, as far as can be known.
        wrong = next(((test.button, each) for each in test.arrived if each != test.button), None)
    if wrong:
        return Judged(Result.FAIL, f"{wrong[0].capitalize()} sent {wrong[1]}.", is_over=True)
    if pressed and test.button not in pressed:
        told = (
            f"In ticket {test.ticket_id}, which is for {button}, only {pressed[0].capitalize()} was pressed."
        )
        return Judged(Result.CANNOT_KNOW, f"{told} Press {button}.", is_over=False)
    if test.names_match is False:
        told = f"{button} sent {test.button}, with another customer name than the ticket's field holds."
        return Judged(Result.FAIL, told, is_over=True)
    return Judged(Result.PASS, f"{button} sent {test.button}.", is_over=True)


def _nothing_arrived(test: SelfTest, pressed: Sequence[str] | None) -> Judged:
    if not pressed:
        told = (
            f"Not pressed yet: open ticket {test.ticket_id} in HaloPSA and press {test.button.capitalize()}."
        )
        return Judged(Result.CANNOT_KNOW, told, is_over=False)
    told = f"{pressed[-1].capitalize()} was pressed in ticket {test.ticket_id}, and no call arrived."
    return Judged(Result.FAIL, told, is_over=test.button in pressed)
