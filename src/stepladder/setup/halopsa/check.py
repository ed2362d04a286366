"""Checking a set-up: every requirement of the guide, one line each: pass, warning, FAIL or cannot know.

Names are stable. What cannot be seen with the credential at hand is said to be unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from stepladder.connections.queries import NoLookups
from stepladder.connections.service import ticket_system
from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import SCOPES
from stepladder.connectors.halopsa.lookups import Lookups
from stepladder.connectors.halopsa.matching import Row, get, same, text, truth, whole
from stepladder.kit.db import Actor, Transaction

from . import objects, self_test, store
from .access import Credential, SetupWiring, Site, daily, site_of, wide
from .clicks import T2
from .instance import Instance, Refused
from .objects import Kind, Part
from .plan import Item, State
from .self_test import Verdict
from .service import Options, Run
from .trials import Trials

_SOON = timedelta(days=30)
_SHOWN = 10
# Scopes that this integration must not have; all are known to HaloPSA (API.md section 1).
_MORE_SCOPES = (
    "all all:standard admin edit:customers edit:assets read:crm edit:crm read:contracts edit:contracts read:suppliers "
    "edit:suppliers read:items edit:items read:projects edit:projects read:sales edit:sales read:quotes edit:quotes "
    "read:invoices edit:invoices read:reporting read:kb edit:kb read:calendar edit:calendar read:software edit:software"
)
_WITH_CREDENTIAL = "Give a stronger credential to see it: --client-id, and its secret."
_SET_UP = "Run: stepladder halopsa setup"
_TEST = "Run: stepladder halopsa check --self-test"


class Result(StrEnum):
    """What a check came to."""

    PASS = "pass"  # noqa: S105  # a word of the output
    WARNING = "warning"
    FAIL = "FAIL"
    UNKNOWN = "cannot know"


@dataclass(frozen=True)
class Check:
    """One line."""

    name: str
    result: Result
    detail: str = ""
    todo: str = ""


async def check(
    wiring: SetupWiring,
    actor: Actor,
    credential: Credential | None = None,
    *,
    start_self_test: bool = False,
    customer: str | None = None,
    workflow: str | None = None,
) -> list[Check]:
    """Every check. Raises NoConnector, SetupNotPermitted, NoLinkedCustomer."""
    site = await site_of(wiring, actor)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(daily(wiring, site))
        stronger = await stack.enter_async_context(wide(wiring, site, credential)) if credential else None
        _, connector = await stack.enter_async_context(ticket_system(wiring.connections, actor))
        trials = Trials(wiring, actor, site, client, connector)
        return await _Checker(
            wiring, actor, site, client, stronger, trials, start_self_test, customer, workflow
        ).all()


@dataclass
class _Checker:
    wiring: SetupWiring
    actor: Actor
    site: Site
    client: HaloClient
    stronger: HaloClient | None
    trials: Trials
    start_self_test: bool
    customer: str | None
    workflow: str | None
    found: list[Check] = field(default_factory=list)

    async def all(self) -> list[Check]:
        if not await self._connection():
            return self.found
        await self._scopes()
        await self._agent()
        await self._lookups()
        verdicts = await self.trials.look()
        await self._seen_rights()
        waiting = await self.trials.open(self.customer) if self.start_self_test else []
        for test in waiting:
            verdicts.setdefault(test.button, self_test.judge(test, None))
            if test.closed_at is None and verdicts[test.button].is_over:
                verdicts[test.button] = self_test.judge(test, None)
        await self._parts(verdicts)
        await self._customers()
        await self._keys(verdicts)
        self._address()
        self._self_tests(verdicts)
        return self.found

    def _add(self, name: str, result: Result, detail: str = "", todo: str = "") -> None:
        self.found.append(Check(name, result, detail, todo))

    # --- Getting in ------------------------------------------------------------------------------------------------

    async def _connection(self) -> bool:
        try:
            await self.client.get("Tickets", pageinate=True, page_size=1, page_no=1)
        except ConnectorError as error:
            is_permission = error.code == "halopsa_forbidden"
            name = "agent.reads_tickets" if is_permission else "connection"
            if is_permission:
                self._add("connection", Result.PASS)
            self._add(name, Result.FAIL, error.message, "See: stepladder connector check")
            return is_permission
        self._add("connection", Result.PASS)
        self._add("agent.reads_tickets", Result.PASS)
        return True

    async def _scopes(self) -> None:
        """Exactly the four documented permissions; more is more than a stolen secret should open."""
        name, wanted = "application.permissions", set(SCOPES.split())
        scopes = await self._scopes_of_application()
        if scopes is None:
            scopes = await self._scopes_of_token()
        where = "Configuration > Integrations > HaloPSA API > the application > Permissions"
        todo = f"{where}: {', '.join(sorted(wanted))}"
        if scopes is None:
            self._add(name, Result.UNKNOWN, "HaloPSA does not tell them.", _WITH_CREDENTIAL)
        elif wanted - scopes:
            self._add(name, Result.FAIL, f"Missing: {', '.join(sorted(wanted - scopes))}.", todo)
        elif scopes - wanted:
            self._add(name, Result.WARNING, f"More than needed: {', '.join(sorted(scopes - wanted))}.", todo)
        else:
            self._add(name, Result.PASS)

    async def _scopes_of_application(self) -> set[str] | None:
        if self.stronger is None:
            return None
        try:
            rows = await Instance(self.stronger).read("Application", "applications")
        except Refused:
            return None
        row = next((row for row in rows if same(text(row, "clientId"), self.site.config.client_id)), None)
        scopes = get(row, "scopes") if row else None
        return {text(each, "name") for each in scopes if isinstance(each, dict)} if scopes else None

    async def _scopes_of_token(self) -> set[str] | None:
        """What a token comes with that asks for more. A refusal of the whole request says nothing."""
        granted = set(self.client.granted)
        async with daily(self.wiring, self.site, scopes=f"{SCOPES} {_MORE_SCOPES}") as client:
            try:
                await client.get("Agent/me")
            except (NeedsAttention, Rejected):
                return granted if granted and set(SCOPES.split()) - granted else None
            return set(client.granted) or None

    async def _agent(self) -> None:
        try:
            me = await self.client.get("Agent/me")
            is_api = isinstance(me, dict) and truth(get(me, "isapiagent"))
            todo = "Configuration > Teams and agents > Agents > the agent: Is an API-only Agent"
            result = Result.PASS if is_api else Result.WARNING
            detail = "" if is_api else "It is an agent who can sign in. An API-only agent cannot."
            self._add("agent.api_only", result, detail, "" if is_api else todo)
        except ConnectorError as error:
            self._add("agent.api_only", Result.UNKNOWN, error.message)
        for what, path in (("customers", "Client"), ("users", "Users"), ("assets", "Asset")):
            await self._reads(what, path)

    async def _reads(self, what: str, path: str) -> None:
        name = f"agent.reads_{what}"
        try:
            await self.client.get(path, pageinate=True, page_size=1, page_no=1)
        except ConnectorError as error:
            todo = f"The agent's Permissions > Feature access: {path} Access Level, Read Only"
            self._add(name, Result.FAIL, error.message, todo)
        else:
            self._add(name, Result.PASS)

    async def _seen_rights(self) -> None:
        """Rights that only doing shows: what was done before is the proof."""
        async with self._transaction() as tx:
            rows = await tx.dicts(
                """select exists(select from ticket_link where connector_id = %(id)s and ticket_id is not null)
                          or exists(select from self_test where connector_id = %(id)s and ticket_id is not null)
                              as adds_tickets,
                          exists(select from ticket_link where connector_id = %(id)s and observed = 'closed')
                          or exists(select from self_test where connector_id = %(id)s and closed_at is not null)
                              as closes_tickets""",
                {"id": self.site.connector_id},
            )
        if self.trials.cannot_close:
            todo = "The agent's Permissions > Ticket permission: Can edit closed Tickets, and the others of the guide"
            self._add("agent.closes_tickets", Result.FAIL, self.trials.cannot_close, todo)
            del rows[0]["closes_tickets"]
        for right, is_shown in rows[0].items():
            detail = (
                ""
                if is_shown
                else "HaloPSA does not tell an agent's ticket permissions; the first ticket shows it."
            )
            self._add(
                f"agent.{right}",
                Result.PASS if is_shown else Result.UNKNOWN,
                detail,
                "" if is_shown else _TEST,
            )

    async def _lookups(self) -> None:
        config = self.site.config
        lookups = Lookups(self.client, config, NoLookups(), self.wiring.clock)
        wanted: list[tuple[str, str, Callable[[], Awaitable[Any]]]] = [
            ("ticket_type", config.ticket_type, lookups.ticket_type),
            ("category", config.category, lookups.category),
            ("urgency", config.urgency, lookups.urgency),
            ("impact", config.impact, lookups.impact),
            ("team", config.team, lookups.team),
            ("closed_status", config.closed_status, lookups.closed_status),
            ("closing_outcome", config.closing_outcome or "one of the usual", lookups.outcomes),
        ]
        for name, value, look in wanted:
            todo = f"Create it in HaloPSA, or name another: stepladder connector set {name}=…"
            try:
                found = await look()
            except ConnectorError as error:
                self._add(f"lookup.{name}", Result.FAIL, error.message, todo)
                continue
            if found is None and value:
                self._add(
                    f"lookup.{name}", Result.FAIL, f"HaloPSA shows no “{value}”, or more than one.", todo
                )
            else:
                self._add(f"lookup.{name}", Result.PASS)

    # --- What was set up -------------------------------------------------------------------------------------------

    async def _parts(self, verdicts: dict[str, Verdict]) -> None:
        instance = Instance(self.stronger or self.client)
        options = Options(workflow=self.workflow, dry_run=True, fill_client_references=True)
        run = Run(self.wiring, self.actor, self.site, instance, options, adopts=False)
        stopped = (await run.all()).stopped
        for part in objects.PARTS:
            item = run.items.get(part.key)
            if item is None:
                self._add(part.key, Result.UNKNOWN, stopped or "")
            else:
                self.found.append(_line(item, part))
        for action, button in zip(objects.ACTIONS, self_test.BUTTONS, strict=True):
            await self._wiring(run, action, button, verdicts.get(button))
        self._references(run)

    async def _wiring(self, run: Run, action: Part, button: str, verdict: Verdict | None) -> None:
        """Whether a button sends its own verdict: the published guide wires Deny to the approve method (T3)."""
        name, title = f"wiring.{button}", button.capitalize()
        todo = f"Configuration > Tickets > Actions > {action.name} > Method: {objects.BY_KEY[action.needs[0]].name}"
        row = run.seen.get(action.key)
        if row is None:
            is_missing = (item := run.items.get(action.key)) is not None and item.is_missing
            result = Result.FAIL if is_missing else Result.UNKNOWN
            self._add(
                name, result, f"There is no {title} button." if is_missing else "It cannot be seen.", _SET_UP
            )
            return
        sends = await self._sends(run, row)
        if sends == button:
            self._add(name, Result.PASS, f"{title} sends {button}.")
        elif sends:
            self._add(name, Result.FAIL, f"{title} sends {sends}.", todo)
        elif verdict and verdict.ok:
            self._add(name, Result.PASS, f"Shown by the self-test: {verdict.detail}")
        elif self.stronger:
            self._add(name, Result.FAIL, f"{title} calls no method that sends a verdict here.", todo)
        else:
            self._add(
                name,
                Result.UNKNOWN,
                "What the method sends cannot be seen.",
                f"{_WITH_CREDENTIAL} Or: {_TEST}",
            )

    async def _sends(self, run: Run, action: Row) -> str:
        """The verdict that an action's method sends, by its path; by its name only where that is plainly wrong."""
        method_id = whole(get(action, "integration_method_id"))
        if self.stronger and method_id:
            try:
                method = await run.instance.whole(Kind.METHOD, str(method_id))
            except (Refused, ConnectorError):
                return ""
            path = text(method, "path").rstrip("/")
            ways = {objects.APPROVE_PATH: self_test.APPROVE, objects.DENY_PATH: self_test.DENY}
            return next((verdict for way, verdict in ways.items() if way.endswith(path) and path), "")
        name = text(action, "integration_method_name")
        own = next(part for part in objects.ACTIONS if same(part.name, text(action, "outcome")))
        for other in objects.ACTIONS:
            if other != own and same(name, objects.BY_KEY[other.needs[0]].name):
                return other.key.partition(".")[2]
        return ""

    def _references(self, run: Run) -> None:
        items = [each for each in run.items.values() if each.kind is Kind.REFERENCE]
        wrong = [each.name for each in items if each.state is not State.EXISTS]
        if not items:
            self._add("customers.references", Result.UNKNOWN, "No customer is linked.")
        elif wrong:
            detail = f"The custom tab finds no customer for: {_some(wrong)}."
            todo = "Run: stepladder halopsa setup --fill-client-references; it fills empty ones only."
            self._add("customers.references", Result.WARNING, detail, todo)
        else:
            self._add("customers.references", Result.PASS)

    # --- On our side -----------------------------------------------------------------------------------------------

    async def _customers(self) -> None:
        async with self._transaction() as tx:
            rows = await tx.dicts(
                """select c.display_name as name, m.state = 'mapped' as is_mapped from customer c
                   left join customer_mapping m on m.customer_id = c.id
                   where c.deleted_at is null order by lower(c.display_name) limit 20000"""
            )
        unmapped = [row["name"] for row in rows if not row["is_mapped"]]
        if not rows:
            self._add(
                "customers.mapped", Result.UNKNOWN, "There is no customer yet.", "stepladder customer create"
            )
        elif unmapped:
            detail = f"{len(unmapped)} of {len(rows)} are not linked: {_some(unmapped)}."
            todo = "Run: stepladder customer map, then stepladder customer link for what is left"
            self._add("customers.mapped", Result.FAIL, detail, todo)
        else:
            self._add("customers.mapped", Result.PASS, f"All {len(rows)} are linked.")

    async def _keys(self, verdicts: dict[str, Verdict]) -> None:
        name, now = "key.decisions", self.wiring.clock.now()
        async with self._transaction() as tx:
            made = (await store.all_made(tx, self.site.connector_id)).get(objects.DECISIONS.key)
            rows = await tx.dicts(
                """select key_id, expires_at from inbound_key
                   where revoked_at is null and expires_at > %(now)s and actions @> array['approve', 'deny']
                   order by expires_at desc limit 1000""",
                {"now": now},
            )
        ours = [row for row in rows if made and row["key_id"] in made.key_ids]
        replace = "Run: stepladder halopsa setup --new-key"
        if not rows or (made and made.key_ids and not ours):
            self._add(name, Result.FAIL, "The key in HaloPSA is revoked or over, or there is none.", replace)
        elif not ours:
            is_shown = any(each.ok for each in verdicts.values())
            detail = "Shown by the self-test." if is_shown else "Which key HaloPSA holds cannot be read back."
            self._add(name, Result.PASS if is_shown else Result.UNKNOWN, detail, "" if is_shown else _TEST)
        elif ours[0]["expires_at"] - now < _SOON:
            self._add(name, Result.WARNING, f"The key ends on {ours[0]['expires_at']:%Y-%m-%d}.", replace)
        else:
            self._add(name, Result.PASS, f"Good until {ours[0]['expires_at']:%Y-%m-%d}.")

    def _address(self) -> None:
        """The key travels to this address with every press."""
        parts = urlsplit(self.site.base_url)
        if parts.scheme == "https":
            self._add("address.https", Result.PASS, self.site.base_url)
        else:
            detail = f"HaloPSA would send the key to {self.site.base_url} unencrypted."
            self._add(
                "address.https", Result.WARNING, detail, "Serve it behind TLS: stepladder msp set --url"
            )

    def _self_tests(self, verdicts: dict[str, Verdict]) -> None:
        for button in self_test.BUTTONS:
            verdict = verdicts.get(button)
            name = f"self_test.{button}"
            if verdict is None:
                self._add(name, Result.UNKNOWN, "Not tested.", _TEST)
            elif verdict.ok is None:
                self._add(name, Result.UNKNOWN, verdict.detail, "Then run: stepladder halopsa check")
            elif verdict.ok:
                self._add(name, Result.PASS, verdict.detail)
            else:
                todo = f"Correct the action and its method in HaloPSA, and test again. {_TEST}"
                self._add(name, Result.FAIL, verdict.detail, todo)

    def _transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.wiring.connections.db.transaction(self.actor)


def _line(item: Item, part: Part) -> Check:
    """A part's line. What only JIT accounts need is a warning where it is missing, and a failure where it is wrong."""
    if item.state is State.EXISTS:
        return Check(part.key, Result.PASS, item.detail)
    where = next((each.replace(" > New", "") for each in item.clicks if each.startswith("Configuration")), "")
    if item.is_missing:
        result = Result.WARNING if part.key in objects.OPTIONAL else Result.FAIL
        needed = " It is needed for JIT accounts only." if part.key in objects.OPTIONAL else ""
        return Check(part.key, result, f"“{part.name}” is missing.{needed}", _SET_UP)
    if item.state in (State.DIFFERS, State.DOUBLED):
        detail = item.detail.removesuffix("; left as it is.")
        hint = f" {T2}" if "Allow users" in detail else ""
        return Check(
            part.key,
            Result.FAIL,
            f"“{part.name}”: {detail}",
            f"Correct it at {where}.{hint}" if where else "",
        )
    return Check(part.key, Result.UNKNOWN, item.detail, _WITH_CREDENTIAL)


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
