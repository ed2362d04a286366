"""Changing a connector: checked with the new values first, then kept whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import Finding
from stepladder.errors import Conflict, Invalid
from stepladder.kit.db import Actor, Transaction, jsonb
from stepladder.kit.ids import ConnectorId
from stepladder.kit.secret import Secret
from stepladder.reconcile.budget import capacity
from stepladder.tickets import queries
from stepladder.tickets.queries import Connector
from stepladder.tickets.service import Wiring, check_budget, checked, fresh, needed, secret_place

from . import policy as rules


class SecretNeeded(Invalid):
    """What goes to another address than before is only what somebody gave for it."""

    code = "secret_needed"
    sentence = (
        "The client secret would go to another address. Give the secret for it in the same command, with "
        "--secret-file: the stored one is sent nowhere else."
    )


class ConnectorChangedMeanwhile(Conflict):
    """Of two who change it at once, the second one looks again."""

    code = "connector_changed_meanwhile"
    sentence = (
        "Somebody else changed the connector at the same time, so nothing of yours was kept. Look at it with "
        "stepladder connector show, then try again."
    )


class OtherInstance(Conflict):
    """The ids that we have mean other customers and tickets there."""

    code = "other_instance"
    sentence = (
        "At that address the linked customers are not there under the same ids and names, so it is another HaloPSA. "
        "If it is the same, run stepladder customer map first. To go over to another one: stepladder connector "
        "remove, then stepladder connector add."
    )


class NothingToChange(Invalid):
    """Nothing was named."""

    code = "nothing_to_change"
    sentence = "Name at least one setting, as in category=Software, or give --secret-file or --call-budget."


@dataclass(frozen=True)
class Changed:
    """What a change came to. `names` is empty where everything was so already."""

    connector_id: ConnectorId
    names: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Linked:
    remote_id: str
    remote_name: str


async def set_secret(wiring: Wiring, actor: Actor, secret: Secret) -> list[Finding]:
    """Test a new secret, then swap it in; a wrong one leaves the old one in use. Raises as `change_connector`."""
    return list((await change_connector(wiring, actor, secret=secret)).findings)


async def change_connector(
    wiring: Wiring,
    actor: Actor,
    changes: rules.Changes | None = None,
    *,
    secret: Secret | None = None,
    call_budget: int | None = None,
) -> Changed:
    """Check the connector with the new values, then keep them.

    Raises NoConnector, Invalid, UnknownSetting, NothingToChange, SecretNeeded, CheckFailed, OtherInstance or
    ConnectorChangedMeanwhile; nothing is kept then.
    """
    if not changes and secret is None and call_budget is None:
        raise NothingToChange
    if call_budget is not None:
        check_budget(call_budget)
    async with wiring.db.transaction(actor) as tx:
        found = await needed(tx)
        used = secret or await wiring.vault.unseal(tx, secret_place(tx, found.id), bytes(found.sealed_secret))
    before = wiring.factory.parse(found.kind, found.settings)
    after = wiring.factory.parse(found.kind, rules.with_changes(found.settings, changes or {}))
    names = rules.changed_names(before, after)
    old, new = (wiring.factory.places(found.kind, each) for each in (before, after))
    if rules.needs_secret(old, new) and secret is None:
        raise SecretNeeded
    findings: list[Finding] = []
    if names or secret:
        findings = await checked(wiring, found.kind, after, used)
    if rules.moves(old, new):
        await _check_is_same(wiring, actor, found, after, used)
    if secret:
        names.append("secret")
    if call_budget not in (None, found.call_budget):
        names.append("call_budget")
    if names:
        async with wiring.db.transaction(actor) as tx:
            await _keep(
                wiring,
                tx,
                found,
                after,
                secret=secret,
                call_budget=call_budget or found.call_budget,
                names=names,
            )
    return Changed(found.id, tuple(names), tuple(findings))


async def _check_is_same(
    wiring: Wiring, actor: Actor, found: Connector, after: dict[str, object], secret: Secret
) -> None:
    """Raises OtherInstance."""
    connector = fresh(wiring, found.kind, after, secret)
    try:
        remotes = await connector.list_customers()
    finally:
        await connector.aclose()
    async with wiring.db.transaction(actor) as tx:
        linked = await tx.all(
            _Linked,
            """select remote_id, coalesce(remote_name, '') as remote_name from customer_mapping
               where connector_id = %(id)s and state = 'mapped' limit 20000""",
            {"id": found.id},
        )
        has_tickets = await tx.scalar(
            """select exists (select from ticket_link where connector_id = %(id)s and (
                   observed = 'open' or (observed = 'absent' and create_sent_at is not null)))""",
            {"id": found.id},
        )
    names = {row.remote_id: row.remote_name for row in linked}
    if not rules.is_same_instance(names, remotes, has_tickets=bool(has_tickets)):
        raise OtherInstance


async def _keep(
    wiring: Wiring,
    tx: Transaction,
    found: Connector,
    settings: dict[str, object],
    *,
    secret: Secret | None,
    call_budget: int,
    names: list[str],
) -> None:
    """Raises ConnectorChangedMeanwhile unless the row is as it was when the new values were checked."""
    sealed = bytes(found.sealed_secret)
    if secret:
        sealed = await wiring.vault.seal(tx, secret_place(tx, found.id), secret.reveal())
    # A drain that is at work has the old values. A new fence ends its lease, so that it calls nobody with them.
    kept = await tx.run(
        """update psa_connector set settings = %(settings)s, sealed_secret = %(secret)s,
                  call_budget = %(budget)s, tokens = least(tokens, %(tokens)s), drain_fence = drain_fence + 1,
                  paused_until = null, failures = 0, needs_attention = false, error = null
           where id = %(id)s and settings = %(old)s and sealed_secret = %(old_secret)s
             and call_budget = %(old_budget)s""",
        {
            "settings": jsonb(settings),
            "secret": sealed,
            "budget": call_budget,
            "tokens": capacity(call_budget),
            "id": found.id,
            "old": jsonb(found.settings),
            "old_secret": bytes(found.sealed_secret),
            "old_budget": found.call_budget,
        },
    )
    if not kept:
        raise ConnectorChangedMeanwhile
    await queries.forget_lookups(tx, found.id)
    await queries.make_due(tx, found.id)
    await record(tx, Tag.CONNECTOR_CHANGED, found.id, changed=names)
