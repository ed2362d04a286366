"""On our side: what earlier work has shown, customers, the key, our own URL, and the self-tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from stepladder.access_keys.held import is_any_held
from stepladder.access_keys.service import KeyAction, good_until
from stepladder.kit.db import Transaction
from stepladder.kit.findings import Finding, Result
from stepladder.kit.ids import ConnectionId
from stepladder.mapping.policy import MappingState
from stepladder.mapping.queries import all_ours
from stepladder.remedies import Remedy
from stepladder.setup.engine.parts import Made
from stepladder.setup.halopsa.self_test import BUTTONS, Judged
from stepladder.tickets.status import find_written

from .names import list_some

_SOON = timedelta(days=30)


async def check_rights(tx: Transaction, connection_id: ConnectionId, cannot_close: str) -> list[Finding]:
    """Rights that only doing shows: what was done before, a test too, is the proof."""
    (tests,) = await tx.dicts(
        """select count(ticket_id) > 0 as opened, count(closed_at) > 0 as closed,
                  count(ticket_id) > count(closed_at) as waiting
           from self_test where connection_id = %(id)s""",
        {"id": connection_id},
    )
    written = await find_written(tx, connection_id)
    todo = Remedy.SETUP_CHECK if tests["waiting"] else Remedy.SETUP_SELF_TEST
    findings = [
        _right("adds_tickets", todo, is_shown=tests["opened"] or written.opened),
        _right("closes_tickets", todo, is_shown=tests["closed"] or written.closed),
    ]
    if cannot_close:
        advice = "The agent's Permissions > Ticket permission: Can edit closed Tickets, and the others of the guide"
        findings[-1] = Finding("agent.closes_tickets", Result.FAIL, cannot_close, advice)
    return findings


def _right(name: str, todo: Remedy, *, is_shown: bool) -> Finding:
    if is_shown:
        return Finding(f"agent.{name}", Result.PASS)
    told = "HaloPSA does not show an agent's ticket permissions; the first ticket shows it."
    advice = "Press the buttons of the self-test, then check again." if todo is Remedy.SETUP_CHECK else ""
    return Finding(f"agent.{name}", Result.CANNOT_KNOW, told, advice, todo)


async def check_customers(tx: Transaction) -> Finding:
    """Whether every customer is linked to one of HaloPSA's."""
    customers = await all_ours(tx)
    unmapped = [each for each in customers if each.before.state is not MappingState.MAPPED]
    names = sorted((each.named.display_name for each in unmapped), key=str.lower)
    if not customers:
        told = "There is no customer yet."
        return Finding("customers.mapped", Result.CANNOT_KNOW, told, remedy=Remedy.CUSTOMER_CREATE)
    if not names:
        return Finding("customers.mapped", Result.PASS, f"All {len(customers)} are linked.")
    told = f"{len(names)} of {len(customers)} are not linked: {list_some(names)}."
    advice = "Map the customers, then link by hand those that are left."
    return Finding("customers.mapped", Result.FAIL, told, advice, Remedy.CUSTOMER_MAP)


async def check_key(tx: Transaction, made: Made | None, judged: Mapping[str, Judged]) -> Finding:
    """Whether the key that the buttons send is good, and for how long."""
    name = "key.decisions"
    good = await good_until(tx, KeyAction.APPROVE, KeyAction.DENY)
    ours = [end for key_id, end in good.items() if made and key_id in made.key_ids]
    if not ours and made and await is_any_held(tx, made.key_ids):
        told = "A declared restore holds the key. Compare it with what you know, then release it."
        return Finding(name, Result.FAIL, told, remedy=Remedy.RESTORE_RELEASE)
    if not good or (made and made.key_ids and not ours):
        told = "The key in HaloPSA is revoked or expired, or there is none."
        return Finding(name, Result.FAIL, told, remedy=Remedy.SETUP_NEW_KEY)
    if not ours:
        if any(each.result is Result.PASS for each in judged.values()):
            return Finding(name, Result.PASS, "Shown by the self-test.")
        told = "Which key HaloPSA holds cannot be read back."
        return Finding(name, Result.CANNOT_KNOW, told, remedy=Remedy.SETUP_SELF_TEST)
    end = max(ours)
    if end - tx.now < _SOON:
        return Finding(
            name, Result.WARNING, f"The key expires on {end:%Y-%m-%d}.", remedy=Remedy.SETUP_NEW_KEY
        )
    return Finding(name, Result.PASS, f"Good until {end:%Y-%m-%d}.")


def check_url(base_url: str) -> Finding:
    """The key travels to this URL with every press."""
    if urlsplit(base_url).scheme == "https":
        return Finding("address.https", Result.PASS, base_url)
    told = f"HaloPSA would send the key to {base_url} unencrypted."
    advice = "Serve it behind TLS, and say at which https URL."
    return Finding("address.https", Result.WARNING, told, advice, Remedy.MSP_SET_URL)


def check_self_tests(judged: Mapping[str, Judged]) -> list[Finding]:
    """What each button has really sent."""
    return [_self_test(f"self_test.{button}", judged.get(button)) for button in BUTTONS]


def _self_test(name: str, judged: Judged | None) -> Finding:
    if judged is None:
        return Finding(name, Result.CANNOT_KNOW, "Not tested.", remedy=Remedy.SETUP_SELF_TEST)
    todo: dict[Result, tuple[str, Remedy]] = {
        Result.CANNOT_KNOW: ("Then check again.", Remedy.SETUP_CHECK),
        Result.FAIL: (
            "Correct the action and its method in HaloPSA, then test again.",
            Remedy.SETUP_SELF_TEST,
        ),
    }
    return Finding(name, judged.result, judged.detail, *todo.get(judged.result, ()))
