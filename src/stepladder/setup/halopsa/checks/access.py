"""Getting in: whether HaloPSA lets the daily credential do exactly what it should, and shows what tickets refer to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.connectors.halopsa.config import SCOPES
from stepladder.connectors.halopsa.matching import get, same, text, truth
from stepladder.kit.findings import Finding, Result
from stepladder.remedies import Remedy
from stepladder.setup.engine.system import Refused
from stepladder.setup.halopsa.access import SetupWiring, Site, daily
from stepladder.setup.halopsa.instance import Instance

# Permissions that this integration must not have. HaloPSA knows all of these names.
_MORE_SCOPES = (
    "all all:standard admin edit:customers edit:assets read:crm edit:crm read:contracts edit:contracts read:suppliers "
    "edit:suppliers read:items edit:items read:projects edit:projects read:sales edit:sales read:quotes edit:quotes "
    "read:invoices edit:invoices read:reporting read:kb edit:kb read:calendar edit:calendar read:software edit:software"
)
_FEATURE = "The agent's Permissions > Feature access: {} Access Level, Read Only"
_LOOKUP = "Create it in HaloPSA, or give the name of another in the setting {}."
LINES = {
    "agent.reads_customers": ("Permission read:customers", _FEATURE.format("Client")),
    "agent.reads_users": ("Users", _FEATURE.format("Users")),
    "agent.reads_assets": ("Permission read:assets", _FEATURE.format("Asset")),
    "lookup.ticket_type": ("Ticket type", _LOOKUP.format("ticket_type")),
    "lookup.category": ("Category", _LOOKUP.format("category")),
    "lookup.urgency": ("Urgency", _LOOKUP.format("urgency")),
    "lookup.impact": ("Impact", _LOOKUP.format("impact")),
    "lookup.team": ("Team", _LOOKUP.format("team")),
    "lookup.closed_status": ("Closed status", _LOOKUP.format("closed_status")),
    "lookup.closing_outcome": ("Closing outcome", _LOOKUP.format("closing_outcome")),
}
"""Which line of the connector's own check answers a requirement, and what to do where it is no pass."""


def check_connection(lines: Sequence[Finding]) -> list[Finding]:
    """Whether it works at all, by the connector's own check. If not, nothing else is worth a try."""
    first, *more = lines
    if first.result is Result.PASS:
        return [Finding("connection", Result.PASS), Finding("agent.reads_tickets", Result.PASS)]
    failed = Finding("connection", first.result, first.detail, remedy=Remedy.CONNECTION_CHECK)
    if not more:
        return [failed]
    return [Finding("connection", Result.PASS), replace(failed, name="agent.reads_tickets")]


def check_lines(lines: Sequence[Finding]) -> list[Finding]:
    """What the agent may read, and what tickets refer to. The guide asks for all of it, so a warning is a failure."""
    by_name = {each.name: each for each in lines if each.result is not Result.PASS}
    wrong = {name: by_name.get(line) for name, (line, _) in LINES.items()}
    return [
        Finding(name, Result.FAIL, each.detail, LINES[name][1], _remedy(name))
        if each
        else Finding(name, Result.PASS)
        for name, each in wrong.items()
    ]


def _remedy(name: str) -> Remedy | None:
    return Remedy.CONNECTION_CHANGE if name.startswith("lookup.") else None


async def check_permissions(
    wiring: SetupWiring, site: Site, client: HaloClient, stronger: HaloClient | None
) -> Finding:
    """Exactly the four documented permissions; more is more than a stolen secret should open."""
    name, wanted = "application.permissions", set(SCOPES.split())
    scopes = await _scopes_of_application(site, stronger) if stronger else None
    if scopes is None:
        scopes = await _scopes_of_token(wiring, site, client)
    where = "Configuration > Integrations > HaloPSA API > the application > Permissions"
    advice = f"{where}: {', '.join(sorted(wanted))}"
    if scopes is None:
        return Finding(
            name, Result.CANNOT_KNOW, "HaloPSA does not show them.", remedy=Remedy.SETUP_CHECK_WITH_CREDENTIAL
        )
    if wanted - scopes:
        return Finding(name, Result.FAIL, f"Missing: {', '.join(sorted(wanted - scopes))}.", advice)
    if scopes - wanted:
        return Finding(
            name, Result.WARNING, f"More than needed: {', '.join(sorted(scopes - wanted))}.", advice
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


async def check_agent(client: HaloClient) -> Finding:
    """Whether nobody can sign in as the agent of the daily credential."""
    name = "agent.api_only"
    try:
        me = await client.get("Agent/me")
    except ConnectorError as error:
        return Finding(name, Result.CANNOT_KNOW, error.message)
    if isinstance(me, dict) and truth(get(me, "isapiagent")):
        return Finding(name, Result.PASS)
    advice = "Configuration > Teams and agents > Agents > the agent: Is an API-only Agent"
    told = "It is an agent who can sign in. An API-only agent cannot."
    return Finding(name, Result.WARNING, told, advice)
