"""Getting in: whether HaloPSA lets the daily credential do exactly what it should, and shows what tickets refer to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import SCOPES
from stepladder.connectors.halopsa.lookups import Lookups
from stepladder.connectors.halopsa.matching import get, same, text, truth
from stepladder.kit.findings import Finding, Result
from stepladder.setup.engine.system import Refused
from stepladder.setup.halopsa.access import SetupWiring, Site, daily
from stepladder.setup.halopsa.instance import Instance

from .remedies import WITH_CREDENTIAL

# Permissions that this integration must not have. HaloPSA knows all of these names.
_MORE_SCOPES = (
    "all all:standard admin edit:customers edit:assets read:crm edit:crm read:contracts edit:contracts read:suppliers "
    "edit:suppliers read:items edit:items read:projects edit:projects read:sales edit:sales read:quotes edit:quotes "
    "read:invoices edit:invoices read:reporting read:kb edit:kb read:calendar edit:calendar read:software edit:software"
)
_ONE = {"pageinate": True, "page_size": 1, "page_no": 1}


async def check_connection(client: HaloClient) -> list[Finding]:
    """Whether it works at all. Nothing else is worth a try where the first finding is a failure."""
    try:
        await client.get("Tickets", **_ONE)
    except ConnectorError as error:
        remedy = "See: stepladder connector check"
        if error.code != "halopsa_forbidden":
            return [Finding("connection", Result.FAIL, error.message, remedy)]
        reads = Finding("agent.reads_tickets", Result.FAIL, error.message, remedy)
        return [Finding("connection", Result.PASS), reads]
    return [Finding("connection", Result.PASS), Finding("agent.reads_tickets", Result.PASS)]


async def check_permissions(
    wiring: SetupWiring, site: Site, client: HaloClient, stronger: HaloClient | None
) -> Finding:
    """Exactly the four documented permissions; more is more than a stolen secret should open."""
    name, wanted = "application.permissions", set(SCOPES.split())
    scopes = await _scopes_of_application(site, stronger) if stronger else None
    if scopes is None:
        scopes = await _scopes_of_token(wiring, site, client)
    where = "Configuration > Integrations > HaloPSA API > the application > Permissions"
    remedy = f"{where}: {', '.join(sorted(wanted))}"
    if scopes is None:
        return Finding(name, Result.CANNOT_KNOW, "HaloPSA does not tell them.", WITH_CREDENTIAL)
    if wanted - scopes:
        return Finding(name, Result.FAIL, f"Missing: {', '.join(sorted(wanted - scopes))}.", remedy)
    if scopes - wanted:
        return Finding(
            name, Result.WARNING, f"More than needed: {', '.join(sorted(scopes - wanted))}.", remedy
        )
    return Finding(name, Result.PASS)


async def _scopes_of_application(site: Site, stronger: HaloClient) -> set[str] | None:
    try:
        rows = await Instance(stronger).read("Application", "applications")
    except Refused:
        return None
    row = next((row for row in rows if same(text(row, "clientId"), site.config.client_id)), None)
    scopes = get(row, "scopes") if row else None
    return {text(each, "name") for each in scopes if isinstance(each, dict)} if scopes else None


async def _scopes_of_token(wiring: SetupWiring, site: Site, client: HaloClient) -> set[str] | None:
    """What a token comes with that asks for more. A refusal of the whole request says nothing."""
    granted = set(client.granted)
    async with daily(wiring, site, scopes=f"{SCOPES} {_MORE_SCOPES}") as asking:
        try:
            await asking.get("Agent/me")
        except (NeedsAttention, Rejected):
            return granted if granted and set(SCOPES.split()) - granted else None
        return set(asking.granted) or None


async def check_agent(client: HaloClient) -> list[Finding]:
    """The agent that the daily credential acts as."""
    paths = (("customers", "Client"), ("users", "Users"), ("assets", "Asset"))
    return [await _api_only(client), *[await _reads(client, what, path) for what, path in paths]]


async def _api_only(client: HaloClient) -> Finding:
    name = "agent.api_only"
    try:
        me = await client.get("Agent/me")
    except ConnectorError as error:
        return Finding(name, Result.CANNOT_KNOW, error.message)
    if isinstance(me, dict) and truth(get(me, "isapiagent")):
        return Finding(name, Result.PASS)
    remedy = "Configuration > Teams and agents > Agents > the agent: Is an API-only Agent"
    told = "It is an agent who can sign in. An API-only agent cannot."
    return Finding(name, Result.WARNING, told, remedy)


async def _reads(client: HaloClient, what: str, path: str) -> Finding:
    try:
        await client.get(path, **_ONE)
    except ConnectorError as error:
        remedy = f"The agent's Permissions > Feature access: {path} Access Level, Read Only"
        return Finding(f"agent.reads_{what}", Result.FAIL, error.message, remedy)
    return Finding(f"agent.reads_{what}", Result.PASS)


async def check_lookups(wiring: SetupWiring, site: Site, client: HaloClient) -> list[Finding]:
    """What tickets refer to by name, each there exactly once."""
    config = site.config
    lookups = Lookups(client, config, _Forgetful(), wiring.tickets.clock)
    wanted: list[tuple[str, str, Callable[[], Awaitable[Any]]]] = [
        ("ticket_type", config.ticket_type, lookups.ticket_type),
        ("category", config.category, lookups.category),
        ("urgency", config.urgency, lookups.urgency),
        ("impact", config.impact, lookups.impact),
        ("team", config.team, lookups.team),
        ("closed_status", config.closed_status, lookups.closed_status),
        ("closing_outcome", config.closing_outcome or "one of the usual", lookups.outcomes),
    ]
    return [await _lookup(name, value, look_up) for name, value, look_up in wanted]


async def _lookup(name: str, value: str, look_up: Callable[[], Awaitable[Any]]) -> Finding:
    remedy = f"Create it in HaloPSA, or name another: stepladder connector set {name}=…"
    try:
        found = await look_up()
    except ConnectorError as error:
        return Finding(f"lookup.{name}", Result.FAIL, error.message, remedy)
    if found is None and value:
        told = f"HaloPSA shows no “{value}”, or more than one."
        return Finding(f"lookup.{name}", Result.FAIL, told, remedy)
    return Finding(f"lookup.{name}", Result.PASS)


class _Forgetful:
    """A look-up store that remembers nothing: a check must see what is there now."""

    async def get(self, kind: str, name: str) -> None:
        return None

    async def put(self, kind: str, name: str, remote_id: str | None) -> None:
        return None

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        return None
