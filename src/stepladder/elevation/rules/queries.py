"""Rows of standing rules. Statements only; `policy` says what may be saved and what applies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, LiteralString

from stepladder.access_keys.names import name_keys
from stepladder.elevation.policy import Verdict
from stepladder.kit.db import ActorKind, Transaction, jsonb
from stepladder.kit.ids import CustomerId, RuleId, TechnicianId, parse_uuids
from stepladder.tenancy.names import name_customers, name_technicians
from stepladder_protocol.messages import ElevationKind

from .policy import Asked, Draft, Match, Standing

_SELECT: LiteralString = """select id, customer_id, verdict, kind, sha256, publisher, program_name, arguments, note,
    written_by_kind, written_by_id, created_at, expires_at, confirmed_by as confirmed_by_id, confirmed_until
    from rule"""


IDS_BETWEEN: LiteralString = (
    "select id from rule where id between %(first)s and %(last)s and ended_at is null"
)


@dataclass(frozen=True)
class Rule:
    """A standing rule with everything that people may know of it."""

    id: RuleId
    customer_id: CustomerId | None
    verdict: Verdict
    kind: ElevationKind | None
    sha256: str | None
    publisher: str | None
    program_name: str | None
    arguments: list[str] | None
    note: str | None
    written_by_kind: ActorKind
    written_by_id: str
    created_at: datetime
    expires_at: datetime
    confirmed_by_id: TechnicianId | None
    confirmed_until: datetime | None
    customer: str | None = None
    written_by_name: str | None = None
    confirmed_by: str | None = None
    """The names: `add_names` reads them for people; what applies rules needs none."""

    def standing(self) -> Standing:
        """The rule as it is applied."""
        return Standing(
            id=self.id,
            customer_id=self.customer_id,
            verdict=self.verdict,
            kind=self.kind,
            match=Match(self.sha256, self.publisher, self.program_name),
            arguments=None if self.arguments is None else tuple(self.arguments),
            expires_at=self.expires_at,
            confirmed_until=self.confirmed_until,
            note=self.note,
        )

    @property
    def meaning(self) -> tuple[object, ...]:
        """What the rule says, as `Draft.meaning` has it."""
        found = self.standing()
        return (found.verdict, found.kind, found.match.key, found.arguments)


@dataclass(frozen=True)
class SeenProgram:
    """How machines called a file that a rule would be about."""

    sha256: str
    program_name: str
    program_path: str


async def lock_rules(tx: Transaction) -> None:
    """Writers of the MSP's rules take turns until the transaction ends."""
    await tx.run(
        "select pg_advisory_xact_lock(hashtextextended('stepladder.rules.' || %(msp)s::text, 0))",
        {"msp": tx.msp_id},
    )


async def about(tx: Transaction, asked: Asked) -> list[Standing]:
    """The rules that may decide a request."""
    found = await tx.all(
        Rule,
        _SELECT
        + """ where msp_id = %(msp)s and match_key = any(%(keys)s) and ended_at is null
                and expires_at > %(now)s and (customer_id is null or customer_id = %(customer)s)""",
        {"msp": tx.msp_id, "keys": asked.rule_keys(), "now": tx.now, "customer": asked.customer_id},
    )
    return [rule.standing() for rule in found]


async def of_scope(tx: Transaction, customer_id: CustomerId | None) -> list[Rule]:
    """The rules of the MSP itself, or of one customer, that have not expired or been ended, oldest first."""
    return await tx.all(
        Rule,
        _SELECT
        + """ where msp_id = %(msp)s and ended_at is null and expires_at > %(now)s
                and customer_id is not distinct from %(customer)s::uuid
              order by created_at, id limit 10000""",
        {"msp": tx.msp_id, "now": tx.now, "customer": customer_id},
    )


async def everywhere(tx: Transaction, *, limit: int) -> list[Rule]:
    """The rules of every scope that nobody ended, newest first."""
    return await tx.all(
        Rule,
        _SELECT + " where msp_id = %(msp)s and ended_at is null order by created_at desc, id limit %(limit)s",
        {"msp": tx.msp_id, "limit": limit},
    )


async def lock(tx: Transaction, rule_id: RuleId) -> Rule | None:
    """One rule that nobody ended, held until the transaction ends."""
    return await tx.maybe(
        Rule, _SELECT + " where id = %(id)s and ended_at is null for update", {"id": rule_id}
    )


async def add_names(tx: Transaction, rules: Sequence[Rule]) -> list[Rule]:
    """The rules with what their customers, and those who wrote and confirmed them, are called."""
    by: dict[str, list[str]] = {}
    for rule in rules:
        by.setdefault(rule.written_by_kind, []).append(rule.written_by_id)
    confirmers = [rule.confirmed_by_id for rule in rules if rule.confirmed_by_id]
    customers = await name_customers(tx, [rule.customer_id for rule in rules if rule.customer_id])
    keys = await name_keys(tx, by.get(ActorKind.INBOUND_KEY, []))
    technicians = await name_technicians(tx, [*confirmers, *parse_uuids(by.get(ActorKind.TECHNICIAN, []))])
    people = {str(each): name for each, name in technicians.items()}
    writers: dict[str, Mapping[str, str]] = {ActorKind.INBOUND_KEY: keys, ActorKind.TECHNICIAN: people}
    return [
        replace(
            rule,
            customer=customers.get(rule.customer_id) if rule.customer_id else None,
            written_by_name=writers.get(rule.written_by_kind, {}).get(rule.written_by_id),
            confirmed_by=people.get(str(rule.confirmed_by_id)),
        )
        for rule in rules
    ]


async def insert(tx: Transaction, rule_id: RuleId, draft: Draft, customer_id: CustomerId | None) -> None:
    """Write a new rule."""
    await tx.run(
        """insert into rule (id, msp_id, customer_id, verdict, kind, match_key, sha256, publisher, program_name,
                             arguments, note, written_by_kind, written_by_id, created_at, expires_at)
           values (%(id)s, %(msp)s, %(customer)s, %(verdict)s, %(kind)s, %(key)s, %(sha256)s, %(publisher)s,
                   %(program_name)s, %(arguments)s, %(note)s, %(by_kind)s, %(by_id)s, %(now)s, %(expires)s)""",
        {
            **_params(draft),
            "id": rule_id,
            "msp": tx.msp_id,
            "customer": customer_id,
            "by_kind": tx.actor.kind,
            "by_id": tx.actor.id,
            "now": tx.now,
        },
    )


async def update(tx: Transaction, rule_id: RuleId, draft: Draft, confirmed_until: datetime | None) -> None:
    """Write what a rule says now, who says so, and until when that is confirmed."""
    await tx.run(
        """update rule set verdict = %(verdict)s, kind = %(kind)s, match_key = %(key)s, sha256 = %(sha256)s,
                  publisher = %(publisher)s, program_name = %(program_name)s, arguments = %(arguments)s,
                  note = %(note)s, expires_at = %(expires)s, written_by_kind = %(by_kind)s,
                  written_by_id = %(by_id)s, confirmed_until = %(confirmed)s::timestamptz,
                  confirmed_by = case when %(confirmed)s::timestamptz is not null then confirmed_by end
           where id = %(id)s""",
        {
            **_params(draft),
            "id": rule_id,
            "by_kind": tx.actor.kind,
            "by_id": tx.actor.id,
            "confirmed": confirmed_until,
        },
    )


async def confirm(tx: Transaction, rule_id: RuleId, technician_id: TechnicianId) -> None:
    """Write that a technician confirmed the rule, until it expires."""
    await tx.run(
        "update rule set confirmed_by = %(technician)s, confirmed_until = expires_at where id = %(id)s",
        {"technician": technician_id, "id": rule_id},
    )


async def end(tx: Transaction, rule_id: RuleId) -> None:
    """Write that the rule is over."""
    await tx.run("update rule set ended_at = %(now)s where id = %(id)s", {"now": tx.now, "id": rule_id})


async def end_all(tx: Transaction, customer_id: CustomerId) -> int:
    """Write that every rule of a customer is over; returns how many. The caller records why."""
    return await tx.run(
        "update rule set ended_at = %(now)s where customer_id = %(id)s and ended_at is null",
        {"now": tx.now, "id": customer_id},
    )


async def seen(tx: Transaction, hashes: list[str]) -> list[SeenProgram]:
    """How machines called these files when they asked for them. Reads every request, so not for the hot path."""
    return await tx.all(
        SeenProgram,
        """select distinct sha256, program_name, program_path from elevation_request
           where msp_id = %(msp)s and sha256 = any(%(hashes)s) limit 10000""",
        {"msp": tx.msp_id, "hashes": hashes},
    )


def _params(draft: Draft) -> dict[str, Any]:
    approves = draft.verdict is Verdict.APPROVED
    return {
        "verdict": draft.verdict,
        "kind": draft.kind,
        "key": draft.match.key,
        "sha256": draft.match.sha256,
        "publisher": draft.match.publisher,
        "program_name": draft.match.program_name,
        "arguments": jsonb(list(draft.arguments)) if approves else None,
        "note": draft.note,
        "expires": draft.expires_at,
    }


async def unconfirm_all(tx: Transaction) -> int:
    """Have every rule that approves wait for a confirmation again; returns how many."""
    return await tx.run(
        """update rule set confirmed_by = null, confirmed_until = null
           where msp_id = %(msp)s and ended_at is null and confirmed_until is not null""",
        {"msp": tx.msp_id},
    )
