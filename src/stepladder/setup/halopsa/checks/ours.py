"""On our side: what earlier work has shown, customers, the key, our own URL, and the self-tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from stepladder.kit.db import Transaction
from stepladder.kit.findings import Finding, Result
from stepladder.kit.ids import ConnectorId
from stepladder.setup.engine.memory import all_made
from stepladder.setup.halopsa.parts import DECISIONS
from stepladder.setup.halopsa.self_test import BUTTONS, Judged

from .remedies import NEW_KEY, SELF_TEST, some

_SOON = timedelta(days=30)


async def check_rights(tx: Transaction, connector_id: ConnectorId, cannot_close: str) -> list[Finding]:
    """Rights that only doing shows: what was done before is the proof."""
    (shown,) = await tx.dicts(
        """select exists(select from ticket_link where connector_id = %(id)s and ticket_id is not null)
                  or exists(select from self_test where connector_id = %(id)s and ticket_id is not null)
                      as adds_tickets,
                  exists(select from ticket_link where connector_id = %(id)s and observed = 'closed')
                  or exists(select from self_test where connector_id = %(id)s and closed_at is not null)
                      as closes_tickets""",
        {"id": connector_id},
    )
    findings = [_right(name, is_shown=is_shown) for name, is_shown in shown.items()]
    if cannot_close:
        remedy = "The agent's Permissions > Ticket permission: Can edit closed Tickets, and the others of the guide"
        findings[-1] = Finding("agent.closes_tickets", Result.FAIL, cannot_close, remedy)
    return findings


def _right(name: str, *, is_shown: bool) -> Finding:
    if is_shown:
        return Finding(f"agent.{name}", Result.PASS)
    told = "HaloPSA does not tell an agent's ticket permissions; the first ticket shows it."
    return Finding(f"agent.{name}", Result.CANNOT_KNOW, told, SELF_TEST)


async def check_customers(tx: Transaction) -> Finding:
    """Whether every customer is linked to one of HaloPSA's."""
    rows = await tx.dicts(
        """select c.display_name as name, m.state = 'mapped' as is_mapped from customer c
           left join customer_mapping m on m.customer_id = c.id
           where c.deleted_at is null order by lower(c.display_name) limit 20000"""
    )
    name, unmapped = "customers.mapped", [row["name"] for row in rows if not row["is_mapped"]]
    if not rows:
        return Finding(name, Result.CANNOT_KNOW, "There is no customer yet.", "stepladder customer create")
    if not unmapped:
        return Finding(name, Result.PASS, f"All {len(rows)} are linked.")
    told = f"{len(unmapped)} of {len(rows)} are not linked: {some(unmapped)}."
    remedy = "Run: stepladder customer map, then stepladder customer link for what is left"
    return Finding(name, Result.FAIL, told, remedy)


async def check_key(tx: Transaction, connector_id: ConnectorId, judged: Mapping[str, Judged]) -> Finding:
    """Whether the key that the buttons send is good, and for how long."""
    name, made = "key.decisions", (await all_made(tx, connector_id)).get(DECISIONS.key)
    rows = await tx.dicts(
        """select key_id, expires_at from inbound_key
           where revoked_at is null and expires_at > %(now)s and actions @> array['approve', 'deny']
           order by expires_at desc limit 1000""",
        {"now": tx.now},
    )
    ours = [row["expires_at"] for row in rows if made and row["key_id"] in made.key_ids]
    if not rows or (made and made.key_ids and not ours):
        told = "The key in HaloPSA is revoked or over, or there is none."
        return Finding(name, Result.FAIL, told, NEW_KEY)
    if not ours:
        if any(each.result is Result.PASS for each in judged.values()):
            return Finding(name, Result.PASS, "Shown by the self-test.")
        told = "Which key HaloPSA holds cannot be read back."
        return Finding(name, Result.CANNOT_KNOW, told, SELF_TEST)
    if ours[0] - tx.now < _SOON:
        return Finding(name, Result.WARNING, f"The key ends on {ours[0]:%Y-%m-%d}.", NEW_KEY)
    return Finding(name, Result.PASS, f"Good until {ours[0]:%Y-%m-%d}.")


def check_url(base_url: str) -> Finding:
    """The key travels to this URL with every press."""
    if urlsplit(base_url).scheme == "https":
        return Finding("address.https", Result.PASS, base_url)
    told = f"HaloPSA would send the key to {base_url} unencrypted."
    return Finding("address.https", Result.WARNING, told, "Serve it behind TLS: stepladder msp set --url")


def check_self_tests(judged: Mapping[str, Judged]) -> list[Finding]:
    """What each button has really sent."""
    return [_self_test(f"self_test.{button}", judged.get(button)) for button in BUTTONS]


def _self_test(name: str, judged: Judged | None) -> Finding:
    if judged is None:
        return Finding(name, Result.CANNOT_KNOW, "Not tested.", SELF_TEST)
    remedies = {
        Result.CANNOT_KNOW: "Then run: stepladder halopsa check",
        Result.FAIL: f"Correct the action and its method in HaloPSA, and test again. {SELF_TEST}",
    }
    return Finding(name, judged.result, judged.detail, remedies.get(judged.result, ""))
