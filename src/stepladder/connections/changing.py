"""Changing a connection: checked with the new values first, then saved whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Invalid
from stepladder.kit.db import Actor, Transaction, jsonb
from stepladder.kit.findings import Finding
from stepladder.kit.ids import ConnectionId
from stepladder.kit.secret import Secret
from stepladder.reconcile import instances
from stepladder.remedies import Remedy

from . import policy, queries
from .queries import Connection
from .service import Wiring, build_fresh, check_budget, need_instance, run_check, secret_place, unseal
from .subscribers import Recognition


class SecretNeeded(Invalid):
    """What goes to another address than before is only what was given for it."""

    code = "secret_needed"
    sentence = (
        "The client secret would go to another address. Give the secret again, together with the new address: the "
        "saved one is sent nowhere else."
    )
    remedy = Remedy.CONNECTION_CHANGE_WITH_SECRET


class ConnectorChangedMeanwhile(Conflict):
    """Of two who change it at once, the second one looks again."""

    code = "connector_changed_meanwhile"
    sentence = (
        "Another person changed the connector at the same time, so your change was not saved. Look at its settings, "
        "then try again."
    )
    remedy = Remedy.CONNECTION_SHOW


class OtherInstance(Conflict):
    """The ids that we have mean other customers and tickets there."""

    code = "other_instance"
    sentence = (
        "At that address the linked customers do not have the same ids and names, so it is another HaloPSA. If it is "
        "the same one, map the customers first. To change to another one, remove the connector and add the new one."
    )
    remedy = Remedy.CUSTOMER_MAP


class NothingToChange(Invalid):
    """Nothing was named."""

    code = "nothing_to_change"
    sentence = "Name at least one setting (as in category=Software), or give a new secret or call budget."
    remedy = Remedy.CONNECTION_CHANGE


@dataclass(frozen=True)
class Changed:
    """What a change came to. `names` is empty where everything was so already."""

    connection_id: ConnectionId
    names: tuple[str, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _Before:
    """The connection as it was when the new values were checked."""

    connection: Connection
    secret: Secret
    call_budget: int


async def change(
    wiring: Wiring,
    actor: Actor,
    changes: policy.Changes | None = None,
    *,
    secret: Secret | None = None,
    call_budget: int | None = None,
) -> Changed:
    """Check the connection with the new values, then save them.

    Raises NoConnector, Invalid, UnknownSetting, NothingToChange, SecretNeeded, CheckFailed, OtherInstance or
    ConnectorChangedMeanwhile; nothing is saved then.
    """
    if not changes and secret is None and call_budget is None:
        raise NothingToChange
    if call_budget is not None:
        check_budget(call_budget)
    old = await _read(wiring, actor)
    found, kind = old.connection, wiring.kinds.get(old.connection.kind)
    before = kind.parse(found.settings)
    after = kind.parse(policy.with_changes(found.settings, changes or {}))
    names = policy.changed_names(before, after)
    leads, led = kind.places(after), kind.places(before)
    if policy.needs_secret(led, leads) and secret is None:
        raise SecretNeeded
    findings: list[Finding] = []
    if names or secret:
        findings = await run_check(wiring, found.kind, after, secret or old.secret)
    if policy.moves(led, leads):
        await _refuse_other(wiring, actor, found, after, secret or old.secret)
    if secret:
        names.append("secret")
    if call_budget not in (None, old.call_budget):
        names.append("call_budget")
    if names:
        async with wiring.db.transaction(actor) as tx:
            await _save(wiring, tx, old, after, secret=secret, call_budget=call_budget, names=names)
    return Changed(found.id, tuple(names), tuple(findings))


async def _read(wiring: Wiring, actor: Actor) -> _Before:
    async with wiring.db.transaction(actor) as tx:
        found, secret = await unseal(wiring, tx)
        return _Before(found, secret, (await need_instance(tx, found.id)).call_budget)


async def _refuse_other(
    wiring: Wiring, actor: Actor, found: Connection, after: dict[str, object], secret: Secret
) -> None:
    """Raises OtherInstance unless what we know is there, or there is nothing that could be taken for another's."""
    connector = build_fresh(wiring, found.kind, after, secret)
    try:
        said = [await subscriber.recognise(actor, found, connector) for subscriber in wiring.subscribers]
    finally:
        await connector.aclose()
    is_proven = Recognition.SAME in said
    if Recognition.OTHER in said or (Recognition.NEEDS_PROOF in said and not is_proven):
        raise OtherInstance


async def _save(
    wiring: Wiring,
    tx: Transaction,
    old: _Before,
    settings: dict[str, object],
    *,
    secret: Secret | None,
    call_budget: int | None,
    names: list[str],
) -> None:
    """Raises ConnectorChangedMeanwhile unless the row is as it was when the new values were checked."""
    found = old.connection
    sealed = bytes(found.sealed_secret)
    if secret:
        sealed = await wiring.vault.seal(tx, secret_place(tx, found.id), secret.reveal())
    is_saved = await tx.run(
        """update connection set settings = %(settings)s, sealed_secret = %(secret)s
           where id = %(id)s and settings = %(old)s and sealed_secret = %(old_secret)s""",
        {
            "settings": jsonb(settings),
            "secret": sealed,
            "id": found.id,
            "old": jsonb(found.settings),
            "old_secret": bytes(found.sealed_secret),
        },
    )
    if not is_saved or (await need_instance(tx, found.id)).call_budget != old.call_budget:
        raise ConnectorChangedMeanwhile
    # A drain that is at work has the old values, and calls nobody with them.
    await instances.restart(tx, found.id, call_budget=call_budget or old.call_budget)
    await queries.forget_lookups(tx, found.id)
    for subscriber in wiring.subscribers:
        await subscriber.changed(tx, found)
    await record(tx, Tag.CONNECTOR_CHANGED, found.id, changed=names)
