"""Use cases of the connector: adding it, checking it, removing it, asking how tickets fare. `changing` changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.connectors.base import BeforeCall, Finding, LookupStore, Places
from stepladder.connectors.ticket_system import TicketConnector
from stepladder.errors import Conflict, Invalid, NotFound
from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database, Transaction, jsonb
from stepladder.kit.ids import ConnectorId, new_id, new_reference
from stepladder.kit.secret import Place, Secret
from stepladder.reconcile.budget import capacity
from stepladder.vault.service import Vault

from . import queries
from .drift_rules import sentence
from .queries import Connector, DatabaseLookups

DEFAULT_CALL_BUDGET = 600


class ConnectorExists(Conflict):
    """One ticket system per MSP."""

    code = "connector_exists"
    sentence = "This MSP has a ticket connector already. Change it, or remove it first."


class NoConnector(NotFound):
    """The MSP has no ticket system connected."""

    code = "no_connector"
    sentence = "This MSP has no ticket connector. Add one with: stepladder connector add"


class CheckFailed(Invalid):
    """The remote does not allow what the daily path needs; nothing was kept."""

    code = "connector_check_failed"
    sentence = "The check of the connector failed."


class UnknownSetting(Invalid):
    """A misspelt name must not pass for a setting that is kept."""

    code = "unknown_setting"
    sentence = "There is no setting of that name. See: stepladder connector show"


@dataclass(frozen=True)
class Setting:
    """One setting of a connector, with the value it has if nobody sets it."""

    name: str
    value: Any
    is_default: bool


class ConnectorFactory(Protocol):
    """Builds a connector of a kind from its settings. Wired in `app`; nothing else constructs one."""

    def parse(self, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings, checked and with their defaults. Raises Invalid or UnknownSetting."""
        ...

    def places(self, kind: str, settings: dict[str, Any]) -> Places:
        """Where these settings lead. Raises Invalid."""
        ...

    def described(self, kind: str, settings: dict[str, Any]) -> list[Setting]:
        """Every setting that there is. Raises Invalid."""
        ...

    def build(
        self,
        kind: str,
        settings: dict[str, Any],
        secret: Secret,
        *,
        lookups: LookupStore,
        before_call: BeforeCall,
    ) -> TicketConnector:
        """A connector that is ready to call."""
        ...


@dataclass(frozen=True)
class Wiring:
    """What the use cases of tickets need."""

    db: Database
    vault: Vault
    clock: Clock
    factory: ConnectorFactory


def secret_place(tx: Transaction, connector_id: ConnectorId) -> Place:
    """Where a connector's secret is sealed."""
    return Place(tx.msp_id, "psa_connector", "sealed_secret", str(connector_id))


async def add_connector(
    wiring: Wiring,
    actor: Actor,
    *,
    kind: str,
    settings: dict[str, Any],
    secret: Secret,
    call_budget: int = DEFAULT_CALL_BUDGET,
    check: bool = True,
) -> tuple[ConnectorId, list[Finding]]:
    """Check the connection, then keep it. Raises Invalid, CheckFailed (nothing kept) or ConnectorExists."""
    parsed = wiring.factory.parse(kind, settings)
    check_budget(call_budget)
    async with wiring.db.transaction(actor) as tx:
        if await queries.connector(tx):
            raise ConnectorExists
    findings = await checked(wiring, kind, parsed, secret) if check else []
    connector_id, now = ConnectorId(new_id()), wiring.clock.now()
    async with wiring.db.transaction(actor) as tx:
        await queries.lock_connecting(tx)
        if await queries.connector(tx):
            raise ConnectorExists
        sealed = await wiring.vault.seal(tx, secret_place(tx, connector_id), secret.reveal())
        added = await tx.run(
            """insert into psa_connector (id, msp_id, kind, settings, sealed_secret, is_enabled, call_budget, tokens,
                                          tokens_at, failures, needs_attention, drain_fence, created_at)
               values (%(id)s, %(msp)s, %(kind)s, %(settings)s, %(secret)s, true, %(budget)s, %(tokens)s, %(now)s, 0,
                       false, 0, %(now)s) on conflict (msp_id) do nothing""",
            {
                "id": connector_id,
                "msp": tx.msp_id,
                "kind": kind,
                "settings": jsonb(parsed),
                "secret": sealed,
                "budget": call_budget,
                "tokens": capacity(call_budget),
                "now": now,
            },
        )
        if not added:
            raise ConnectorExists  # somebody else connected one at the same time
        await _link_waiting_requests(tx, connector_id)
        await record(tx, Tag.CONNECTOR_CREATED, connector_id, kind=kind)
    return connector_id, findings


async def check_connector(wiring: Wiring, actor: Actor) -> list[Finding]:
    """Look whether the daily path would work now, whatever was found out earlier. Raises NoConnector."""
    async with wiring.db.transaction(actor) as tx:
        found = await needed(tx)
        secret = await wiring.vault.unseal(tx, secret_place(tx, found.id), bytes(found.sealed_secret))
    return await findings_of(wiring, found.kind, found.settings, secret)


async def described(wiring: Wiring, actor: Actor) -> dict[str, Any]:
    """Every setting and how the connection fares, without the secret; `defaults` names what nobody has set.

    Raises NoConnector.
    """
    async with wiring.db.transaction(actor) as tx:
        found = await needed(tx)
    settings = wiring.factory.described(found.kind, found.settings)
    defaults = [each.name for each in settings if each.is_default]
    return {
        "kind": found.kind,
        **{each.name: each.value for each in settings},
        "call_budget": found.call_budget,
        "defaults": defaults + ["call_budget"] * (found.call_budget == DEFAULT_CALL_BUDGET),
        "paused_until": found.paused_until,
        "needs_attention": found.needs_attention,
        "error": found.error,
    }


async def remove_connector(wiring: Wiring, actor: Actor) -> None:
    """Disconnect the ticket system. Its tickets stay as they are; links and mappings are forgotten."""
    async with wiring.db.transaction(actor) as tx:
        await queries.lock_connecting(tx)
        found = await needed(tx)
        await tx.run("delete from ticket_link where connector_id = %(id)s", {"id": found.id})
        await tx.run("delete from psa_connector where id = %(id)s", {"id": found.id})
        await record(tx, Tag.CONNECTOR_REMOVED, found.id)


async def retry_now(tx: Transaction) -> int:
    """Make everything that waits due now: somebody repaired what was broken. Gives how many links."""
    found = await needed(tx)
    await tx.run(
        """update psa_connector set paused_until = null, failures = 0, needs_attention = false, error = null
           where id = %(id)s""",
        {"id": found.id},
    )
    return await queries.make_due(tx, found.id)


async def opened(wiring: Wiring, actor: Actor, before_call: BeforeCall) -> tuple[Connector, TicketConnector]:
    """The MSP's connector, ready to call. Close it when done. Raises NoConnector."""
    async with wiring.db.transaction(actor) as tx:
        found = await needed(tx)
        secret = await wiring.vault.unseal(tx, secret_place(tx, found.id), bytes(found.sealed_secret))
    lookups = DatabaseLookups(wiring.db, actor, found.id, wiring.clock)
    built = wiring.factory.build(found.kind, found.settings, secret, lookups=lookups, before_call=before_call)
    return found, built


async def drifted(tx: Transaction, limit: int) -> list[dict[str, Any]]:
    """Tickets of waiting requests that somebody changed in the remote, with what that means."""
    rows = await tx.dicts(
        """select l.request_id, c.display_name as customer, l.ticket_id, l.drift, l.drift_detail,
                  l.drift_since as since
           from ticket_link l join customer c on c.id = l.customer_id
           where l.desired = 'open' and l.ticket_id is not null and l.drift is not null
           order by l.created_at limit %(limit)s""",
        {"limit": limit},
    )
    return [{**row, "what": sentence(row["drift"], row.pop("drift_detail"))} for row in rows]


async def status(tx: Transaction, *, limit: int = 50) -> dict[str, Any]:
    """What is pending, failing or stuck, in plain words."""
    found = await queries.connector(tx)
    counts = await tx.dicts(
        """select count(*) filter (where next_try_at is not null) as pending,
                  count(*) filter (where next_try_at is not null and needs_attention) as needs_attention,
                  count(*) filter (where observed = 'open') as open,
                  count(*) filter (where observed = 'closed') as closed,
                  count(*) filter (where observed = 'gone') as gone,
                  count(*) filter (where desired = 'open' and drift is not null) as changed_by_people,
                  min(created_at) filter (where next_try_at is not null) as oldest_pending
           from ticket_link"""
    )
    rows = await tx.dicts(
        """select l.request_id, c.display_name as customer, l.desired, l.observed, l.ticket_id, l.attempts,
                  l.next_try_at, l.needs_attention, l.error_code, l.error, l.created_at
           from ticket_link l join customer c on c.id = l.customer_id
           where l.next_try_at is not null
           order by l.needs_attention desc, l.created_at limit %(limit)s""",
        {"limit": limit},
    )
    unmapped = await tx.dicts(
        """select c.display_name as customer, coalesce(m.state, 'unmapped') as state, m.detail, count(*) as requests
           from ticket_link l join customer c on c.id = l.customer_id
           left join customer_mapping m on m.customer_id = c.id
           where l.next_try_at is not null and l.ticket_id is null and c.deleted_at is null
             and m.state is distinct from 'mapped'
           group by c.id, m.customer_id order by requests desc, lower(c.display_name) limit %(limit)s""",
        {"limit": limit},
    )
    connector = None
    if found:
        connector = {
            "kind": found.kind,
            "paused_until": found.paused_until,
            "failures": found.failures,
            "needs_attention": found.needs_attention,
            "error": found.error,
            "drift_error": found.drift_error,
        }
    return {
        "connector": connector,
        "tickets": counts[0],
        "waiting": rows,
        "waiting_for_mapping": unmapped,
        "changed": await drifted(tx, limit),
    }


async def needed(tx: Transaction) -> Connector:
    """The MSP's connector. Raises NoConnector."""
    found = await queries.connector(tx)
    if found is None:
        raise NoConnector
    return found


async def checked(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> list[Finding]:
    """The findings of a connector with these settings. Raises CheckFailed, which names every line that fails."""
    findings = await findings_of(wiring, kind, settings, secret)
    failed = [f"{finding.name}: {finding.detail}" for finding in findings if finding.ok is False]
    if failed:
        raise CheckFailed("The check failed, so nothing was kept. " + " ".join(failed))
    return findings


async def findings_of(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> list[Finding]:
    """What a connector with these settings finds now."""
    connector = fresh(wiring, kind, settings, secret)
    try:
        return await connector.check()
    finally:
        await connector.aclose()


def fresh(wiring: Wiring, kind: str, settings: dict[str, Any], secret: Secret) -> TicketConnector:
    """A connector that remembers nothing. Close it when done."""
    return wiring.factory.build(kind, settings, secret, lookups=_Forgetful(), before_call=unbounded)


async def unbounded() -> None:
    """A check is a handful of calls by a person; it is not held up by the drain's budget."""


class _Forgetful:
    """A look-up store that remembers nothing: a check must see what is there now."""

    async def get(self, kind: str, name: str) -> None:
        return None

    async def put(self, kind: str, name: str, remote_id: str | None) -> None:
        return None

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        return None


async def _link_waiting_requests(tx: Transaction, connector_id: ConnectorId) -> None:
    """Requests that are pending when the connector arrives get their ticket; settled ones never had one."""
    ids = await tx.dicts("select id from elevation_request where state = 'pending' limit 10000")
    # In one statement: whoever asks meanwhile waits for this transaction.
    await tx.run(
        """insert into ticket_link (request_id, msp_id, customer_id, connector_id, reference, desired, observed,
                                    note_seen, attempts, next_try_at, needs_attention, created_at)
           select r.id, r.msp_id, r.customer_id, %(connector)s, w.reference, 'open', 'absent', false, 0, %(now)s, false,
                  %(now)s
           from unnest(%(ids)s::uuid[], %(references)s::text[]) as w(id, reference)
           join elevation_request r on r.id = w.id
           on conflict do nothing""",
        {
            "connector": connector_id,
            "ids": [row["id"] for row in ids],
            "references": [new_reference() for _ in ids],
            "now": tx.now,
        },
    )


def check_budget(budget: int) -> None:
    """Raises Invalid."""
    if not 20 <= budget <= 10_000_000:
        raise Invalid(
            "A call budget has at least 20 calls per 5 minutes. HaloPSA allows 700 for everybody together."
        )
