"""Use cases of standing rules: save, confirm, end, and find the one that decides a request."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.elevation.approvers import acting_technician
from stepladder.elevation.policy import Verdict
from stepladder.errors import Conflict, NotFound, NotPermitted
from stepladder.kit.db import Actor, ActorKind, Database, Transaction
from stepladder.kit.ids import CustomerId, RuleId, new_id
from stepladder.kit.typed_ids import find_typed
from stepladder.remedies import Remedy
from stepladder.tenancy.technicians import Role, Technician
from stepladder_protocol.messages import ElevationKind, SubmitBody

from . import queries
from .policy import MOST_AT_ONCE, Asked, Draft, RuleRefused, RuleState, Standing, check, choose
from .programs import is_interpreter
from .queries import Rule, SeenProgram

MOST_OF_A_SCOPE = 2000
CONFIRMING_ROLES = (Role.GLOBAL_ADMIN, Role.ADMIN)


class RuleNotFound(NotFound):
    """Missing, ended, foreign and another scope's rules look the same."""

    code = "rule_not_found"
    sentence = "There is no such rule here, or it has ended."
    remedy = Remedy.RULE_LIST


class TooManyRules(Conflict):
    """Rules that nobody reads are rules that nobody knows."""

    code = "too_many_rules"
    sentence = f"There are already {MOST_OF_A_SCOPE} rules here. End some that are no longer needed."


class NothingToConfirm(Conflict):
    """Only an approval by hash waits for a second person."""

    code = "nothing_to_confirm"


class NotAConfirmer(NotPermitted):
    """Confirming a rule decides for all requests that it will match."""

    code = "not_a_confirmer"
    sentence = "Only an active admin or global_admin can confirm a rule, and not the one who wrote it."


@dataclass(frozen=True)
class Scope:
    """Where rules belong: to one customer, or at the MSP itself for all of them."""

    customer_id: CustomerId | None = None


async def rules_of(tx: Transaction, scope: Scope) -> list[Rule]:
    """The rules of one scope that have not expired, oldest first."""
    return await queries.add_names(tx, await queries.of_scope(tx, scope.customer_id))


async def save(
    tx: Transaction, scope: Scope, drafts: Sequence[Draft], may_give: Collection[ElevationKind]
) -> list[Rule]:
    """Keep all of `drafts` or none: each changes the rule of its id or its meaning, or is a new one.

    `may_give` are the kinds that the caller may approve. Raises RuleRefused, KindNotAllowed, RuleNotFound or
    TooManyRules.
    """
    if not 1 <= len(drafts) <= MOST_AT_ONCE:
        raise RuleRefused(f"A list has between 1 and {MOST_AT_ONCE} rules.")
    for place, draft in enumerate(drafts):
        check(draft, tx.now, may_give, place)
    await queries.lock_rules(tx)
    await _refuse_known_interpreters(tx, drafts)
    known = await queries.of_scope(tx, scope.customer_id)
    targets = _targets(drafts, known)
    if len(known) + targets.count(None) > MOST_OF_A_SCOPE:
        raise TooManyRules
    ids = [await _write(tx, scope, draft, target) for draft, target in zip(drafts, targets, strict=True)]
    stored = {rule.id: rule for rule in await rules_of(tx, scope)}
    return [stored[rule_id] for rule_id in ids]


async def confirm(db: Database, looked_up_by: Actor, *, rule_id: str, email: str) -> Rule:
    """The second person's yes to a rule that approves.

    Raises NotFound, RuleNotFound, NothingToConfirm or NotAConfirmer.
    """
    async with acting_technician(db, looked_up_by, email) as (tx, technician):
        rule = await _held(tx, rule_id)
        _check_confirmer(rule, technician)
        state = rule.standing().state(tx.now)
        if state is RuleState.ACTIVE or rule.sha256 is None or state is RuleState.EXPIRED:
            raise NothingToConfirm(f"There is nothing to confirm. {state.sentence}")
        await _refuse_known_interpreters(tx, [_draft_of(rule)])
        await queries.confirm(tx, rule.id, technician.id)
        await record(tx, Tag.RULE_CONFIRMED, rule.id, confirmed_until=rule.expires_at.isoformat())
        return await _add_names(tx, await _held(tx, rule_id))


async def end(tx: Transaction, rule_id: str) -> Rule:
    """From the next request on the rule is not applied. It stays for what it decided. Raises RuleNotFound."""
    rule = await _held(tx, rule_id)
    await queries.end(tx, rule.id)
    await record(tx, Tag.RULE_ENDED, rule.id)
    return await _add_names(tx, rule)


async def describe(tx: Transaction, rule_id: str) -> tuple[Rule, list[SeenProgram]]:
    """A rule, and how machines called its file when they asked for it. Raises RuleNotFound."""
    rule = await _add_names(tx, await _held(tx, rule_id))
    return rule, await queries.seen(tx, [rule.sha256]) if rule.sha256 else []


async def list_rules(tx: Transaction, *, limit: int = 5000) -> list[Rule]:
    """The rules of every scope that nobody ended, newest first."""
    return await queries.add_names(tx, await queries.everywhere(tx, limit=limit))


async def deciding(tx: Transaction, body: SubmitBody, customer_id: CustomerId) -> Standing | None:
    """The rule that decides a new request, or None where people have to."""
    program = body.program
    asked = Asked(
        customer_id,
        body.kind,
        program.name,
        program.path,
        tuple(program.arguments),
        program.sha256,
        program.publisher,
    )
    return choose(await queries.about(tx, asked), asked, tx.now)


async def _held(tx: Transaction, rule_id: str) -> Rule:
    """The rule of an id as it was typed, held until the transaction ends. Raises RuleNotFound or IdAmbiguous."""
    typed = await find_typed(tx, queries.IDS_BETWEEN, rule_id)
    found = await queries.lock(tx, RuleId(typed)) if typed else None
    if found is None:
        raise RuleNotFound
    return found


async def _add_names(tx: Transaction, rule: Rule) -> Rule:
    (named,) = await queries.add_names(tx, [rule])
    return named


def _check_confirmer(rule: Rule, technician: Technician) -> None:
    wrote_it = rule.written_by_kind == ActorKind.TECHNICIAN and rule.written_by_id == str(technician.id)
    if not technician.is_active or technician.role not in CONFIRMING_ROLES or wrote_it:
        raise NotAConfirmer


async def _refuse_known_interpreters(tx: Transaction, drafts: Sequence[Draft]) -> None:
    """A hash says nothing of what the file is, but machines that asked for it may have."""
    places = {
        draft.match.sha256: place
        for place, draft in enumerate(drafts)
        if draft.verdict is Verdict.APPROVED and draft.match.sha256
    }
    if not places:
        return
    for program in await queries.seen(tx, list(places)):
        if is_interpreter(program.program_name, program.program_path):
            raise RuleRefused(
                "A machine asked for this file as a shell, an interpreter or a program that starts others. No rule can "
                "approve it; a person decides each time.",
                places[program.sha256],
            )


def _targets(drafts: Sequence[Draft], known: Sequence[Rule]) -> list[Rule | None]:
    """The rule that each draft changes, or None for a new one. Raises RuleNotFound or RuleRefused."""
    by_id, by_meaning = {rule.id: rule for rule in known}, {rule.meaning: rule for rule in known}
    targets: list[Rule | None] = []
    taken: set[object] = set()
    for place, draft in enumerate(drafts):
        same = by_meaning.get(draft.meaning)
        target = same if draft.id is None else by_id.get(RuleId(draft.id))
        if draft.id is not None and target is None:
            raise RuleNotFound
        if same is not None and target is not None and same.id != target.id:
            raise RuleRefused(f"Rule {same.id} already says the same.", place)
        names: set[object] = {draft.meaning, target.id if target else draft.meaning}
        if names & taken:
            raise RuleRefused("The same rule appears twice in the list.", place)
        taken |= names
        targets.append(target)
    return targets


async def _write(tx: Transaction, scope: Scope, draft: Draft, target: Rule | None) -> RuleId:
    if target is None:
        rule_id = RuleId(new_id())
        await queries.insert(tx, rule_id, draft, scope.customer_id)
        await record(tx, Tag.RULE_CREATED, rule_id, **_facts(draft, scope))
        return rule_id
    is_same, confirmed_until = target.meaning == draft.meaning, target.confirmed_until
    if is_same and (target.expires_at, target.note) == (draft.expires_at, draft.note):
        return target.id
    if confirmed_until is not None:
        # The confirmation covers what the rule meant, and until then; never more.
        confirmed_until = min(confirmed_until, draft.expires_at) if is_same else None
    await queries.update(tx, target.id, draft, confirmed_until)
    await record(tx, Tag.RULE_CHANGED, target.id, **_facts(draft, scope))
    return target.id


def _facts(draft: Draft, scope: Scope) -> dict[str, Any]:
    return {
        "customer_id": str(scope.customer_id) if scope.customer_id else None,
        "verdict": str(draft.verdict),
        "kind": str(draft.kind) if draft.kind else None,
        "sha256": draft.match.sha256,
        "expires_at": draft.expires_at.isoformat(),
    }


def _draft_of(rule: Rule) -> Draft:
    found = rule.standing()
    draft = Draft(found.verdict, found.match, found.expires_at, found.kind, found.arguments or ())
    return replace(draft, id=rule.id)
