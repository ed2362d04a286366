"""Use cases of connections: add, check, describe, open, retry, remove. `changing` changes one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import BeforeCall, Connector
from stepladder.connectors.ticket_system import TicketConnector
from stepladder.errors import Conflict, Invalid, NotFound
from stepladder.kit.db import Actor, Database, Transaction, jsonb
from stepladder.kit.findings import Finding, Result
from stepladder.kit.ids import ConnectionId, new_id
from stepladder.kit.secret import Place, Secret
from stepladder.reconcile import instances
from stepladder.remedies import Remedy
from stepladder.tenancy.service import lock_msp
from stepladder.vault.service import Vault

from . import queries
from .kinds import Family, Kinds
from .queries import Connection, DatabaseLookups, NoLookups
from .subscribers import Subscriber

DEFAULT_CALL_BUDGET = 600


class ConnectorExists(Conflict):
    """One ticket system per MSP."""

    code = "connector_exists"
    sentence = "This MSP already has a ticket connector. Change it, or remove it first."


class NoConnector(NotFound):
    """The MSP has no ticket system connected."""

    code = "no_connector"
    sentence = "This MSP has no ticket connector."
    remedy = Remedy.CONNECTION_ADD


class CheckFailed(Invalid):
    """The remote does not allow what the daily path needs; nothing was saved."""

    code = "connector_check_failed"
    sentence = "The check of the connector failed."


@dataclass(frozen=True)
class Wiring:
    """What the use cases of connections need."""

    db: Database
    vault: Vault
    kinds: Kinds
    subscribers: Sequence[Subscriber] = ()


def secret_place(tx: Transaction, connection_id: ConnectionId) -> Place:
    """Where a connection's secret is sealed.

    The table had this name when the first secrets were sealed, and the name is part of the seal.
    """
    return Place(tx.msp_id, "psa_connector", "sealed_secret", str(connection_id))


async def add(
    wiring: Wiring,
    actor: Actor,
    *,
    kind: str,
    settings: dict[str, Any],
    secret: Secret,
    call_budget: int = DEFAULT_CALL_BUDGET,
    check: bool = True,
) -> tuple[ConnectionId, list[Finding]]:
    """Check the connection, then save it. Raises Invalid, CheckFailed (nothing is saved) or ConnectorExists."""
    made_of = wiring.kinds.get(kind)
    parsed = made_of.parse(settings)
    check_budget(call_budget)
    async with wiring.db.transaction(actor) as tx:
        await _refuse_second(tx, made_of.family)
    findings = await run_check(wiring, kind, parsed, secret) if check else []
    connection = Connection(ConnectionId(new_id()), None, made_of.family, kind, parsed, b"")
    async with wiring.db.transaction(actor) as tx:
        # A submit at the same time waits for this transaction, so no request falls between asking and connecting.
        await lock_msp(tx)
        await _refuse_second(tx, made_of.family)
        await _insert(wiring, tx, connection, secret)
        if made_of.work:
            await instances.create(tx, connection.id, made_of.work, call_budget=call_budget)
        for subscriber in wiring.subscribers:
            await subscriber.connected(tx, connection)
        await record(tx, Tag.CONNECTOR_CREATED, connection.id, kind=kind)
    return connection.id, findings


async def check(wiring: Wiring, actor: Actor) -> list[Finding]:
    """Look whether the daily path would work now, without what was remembered. Raises NoConnector."""
    async with wiring.db.transaction(actor) as tx:
        found, secret = await unseal(wiring, tx)
        await queries.forget_lookups(tx, found.id)
    return await find_out(wiring, found.kind, found.settings, secret)


async def describe(wiring: Wiring, actor: Actor) -> dict[str, Any]:
    """Every setting and how the connection fares, without the secret; `defaults` names what nobody has set.

    Raises NoConnector.
    """
    async with wiring.db.transaction(actor) as tx:
        found = await need_ticket_system(tx)
        instance = await need_instance(tx, found.id)
    settings = wiring.kinds.get(found.kind).describe(found.settings)
    defaults = [each.name for each in settings if each.is_default]
    return {
        "kind": found.kind,
        **{each.name: each.value for each in settings},
        "call_budget": instance.call_budget,
        "defaults": defaults + ["call_budget"] * (instance.call_budget == DEFAULT_CALL_BUDGET),
        "paused_until": instance.paused_until,
        "needs_attention": instance.needs_attention,
        "error": instance.error,
    }


async def remove(wiring: Wiring, actor: Actor) -> None:
    """Disconnect the ticket system. What it holds stays as it is; what we know of it is forgotten."""
    async with wiring.db.transaction(actor) as tx:
        await lock_msp(tx)
        found = await need_ticket_system(tx)
        # The drain first, as it takes its rows in that order: it ends what it is writing, and then has no lease.
        await instances.remove(tx, found.id)
        for subscriber in wiring.subscribers:
            await subscriber.removing(tx, found)
        await tx.run("delete from connection where id = %(id)s", {"id": found.id})
        await record(tx, Tag.CONNECTOR_REMOVED, found.id)


async def retry(wiring: Wiring, actor: Actor) -> tuple[ConnectionId, int]:
    """Try everything again now: something was repaired. Returns whose, and how many things are due."""
    async with wiring.db.transaction(actor) as tx:
        found = await need_ticket_system(tx)
        await queries.forget_lookups(tx, found.id)
        await instances.resume(tx, found.id)
        due = [await subscriber.retried(tx, found) for subscriber in wiring.subscribers]
    return found.id, sum(due)


async def open_connector(
    wiring: Wiring, tx: Transaction, connection: Connection, before_call: BeforeCall
) -> Connector:
    """The connector of a connection, ready to call. Close it when done."""
    secret = await wiring.vault.unseal(tx, secret_place(tx, connection.id), bytes(connection.sealed_secret))
    lookups = DatabaseLookups(wiring.db, tx.actor, connection.id)
    kind = wiring.kinds.get(connection.kind)
    return kind.build(connection.settings, secret, lookups=lookups, before_call=before_call)


@asynccontextmanager
async def ticket_system(wiring: Wiring, actor: Actor) -> AsyncIterator[tuple[Connection, TicketConnector]]:
    """The MSP's ticket system for what a person does by hand, outside the drain's budget. Raises NoConnector.

    A person who tries something looks at what is there now, so what was looked up before is forgotten.
    """
    async with wiring.db.transaction(actor) as tx:
        found = await need_ticket_system(tx)
        await queries.forget_lookups(tx, found.id)
        connector = await open_connector(wiring, tx, found, unbounded)
    try:
        yield found, as_ticket_system(connector)
    finally:
        await connector.aclose()


def as_ticket_system(connector: Connector) -> TicketConnector:
    """The connector of a connection of that family."""
    return cast("TicketConnector", connector)


async def unseal(wiring: Wiring, tx: Transaction) -> tuple[Connection, Secret]:
    """The MSP's ticket system and its secret. Raises NoConnector."""
    found = await need_ticket_system(tx)
    return found, await wiring.vault.unseal(tx, secret_place(tx, found.id), bytes(found.sealed_secret))


async def need_ticket_system(tx: Transaction) -> Connection:
    """The MSP's ticket system. Raises NoConnector."""
    found = await queries.find_ticket_system(tx)
    if found is None:
        raise NoConnector
    return found


async def need_instance(tx: Transaction, connection_id: ConnectionId) -> instances.Instance:
    """How the instance of a connection fares. Raises NoConnector."""
    found = await instances.find(tx, connection_id)
    if found is None:
        raise NoConnector
    return found


async def run_check(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> list[Finding]:
    """What a connector with these settings finds. Raises CheckFailed, which names every line that fails."""
    findings = await find_out(wiring, kind, settings, secret)
    failed = [f"{finding.name}: {finding.detail}" for finding in findings if finding.result is Result.FAIL]
    if failed:
        raise CheckFailed("The check failed, so nothing was saved. " + " ".join(failed))
    return findings


async def find_out(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> list[Finding]:
    """What a connector with these settings finds now."""
    connector = build_fresh(wiring, kind, settings, secret)
    try:
        return await connector.check()
    finally:
        await connector.aclose()


def build_fresh(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> Connector:
    """A connector that remembers nothing. Close it when done."""
    return wiring.kinds.get(kind).build(settings, secret, lookups=NoLookups(), before_call=unbounded)


async def unbounded() -> None:
    """A check is a handful of calls by a person; it is not held up by the drain's budget."""


def check_budget(budget: int) -> None:
    """Raises Invalid."""
    if not 20 <= budget <= 10_000_000:
        raise Invalid("A call budget has between 20 and 10,000,000 calls per 5 minutes.")


async def _refuse_second(tx: Transaction, family: Family) -> None:
    if family is Family.TICKET_SYSTEM and await queries.find_ticket_system(tx):
        raise ConnectorExists


async def _insert(wiring: Wiring, tx: Transaction, connection: Connection, secret: Secret) -> None:
    """Raises ConnectorExists where another one was faster."""
    sealed = await wiring.vault.seal(tx, secret_place(tx, connection.id), secret.reveal())
    added = await tx.run(
        """insert into connection (id, msp_id, customer_id, family, kind, settings, sealed_secret, is_enabled,
                                   created_at)
           values (%(id)s, %(msp)s, %(customer_id)s, %(family)s, %(kind)s, %(settings)s, %(sealed)s, true, %(now)s)
           on conflict do nothing""",
        {
            **vars(connection),
            "family": str(connection.family),
            "settings": jsonb(connection.settings),
            "msp": tx.msp_id,
            "sealed": sealed,
            "now": tx.now,
        },
    )
    if not added:
        raise ConnectorExists
