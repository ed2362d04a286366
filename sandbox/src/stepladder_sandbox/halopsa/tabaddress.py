"""The address of a custom tab: `$VARIABLE`s filled from the ticket (HaloPSA fact 28; the encoding is unknown)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, quote_plus, urlsplit

from stepladder_sandbox.halopsa.fields import custom_by_name
from stepladder_sandbox.halopsa.records import Agent
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.world import World

_VARIABLE = re.compile(r"\{\$([A-Za-z0-9_]+)\}|\$([A-Za-z0-9_]+)")
_HOST = re.compile(r"[a-z0-9.-]+|\[[0-9a-f:.]+\]")
_ENCODINGS: Mapping[str, Callable[[str], str]] = {
    "percent": lambda value: quote(value, safe=""),
    "plus": quote_plus,
    "spaces": lambda value: value.replace(" ", "%20"),
    "none": lambda value: value,
}


def filled(world: World, url: str, ticket: Ticket, agent: Agent | None) -> str:
    """The address for one ticket. What is no variable stays as it is, as does what surrounds variables."""
    values = _values(world, ticket, agent)
    encode = _ENCODINGS[world.switches.tab_url_encoding]

    def value_of(match: re.Match[str]) -> str:
        value = values.get((match[1] or match[2]).upper())
        return match[0] if value is None else encode(value)

    return _VARIABLE.sub(value_of, url)


def _values(world: World, ticket: Ticket, agent: Agent | None) -> dict[str, str]:
    directory = world.directory
    client, site = directory.clients.get(ticket.client_id), directory.sites.get(ticket.site_id)
    user = directory.users.get(ticket.user_id)
    found = {
        "ID": str(ticket.id),
        "SUMMARY": ticket.summary,
        "STATUS": directory.status(ticket.status_id).name,
        "CLIENT_ID": str(ticket.client_id),
        "CLIENT_NAME": directory.client_name(ticket.client_id),
        "CLIENT_REFERENCE": client.ref if client else "",
        "SITE_NAME": site.name if site else "",
        "USER_NAME": ticket.user_name,
        "USER_EMAIL": user.emailaddress if user else "",
        "AGENT_NAME": agent.name if agent else "",
        "AGENT_EMAIL": agent.email if agent else "",
        "THIRD_PARTY_ID": ticket.third_party_id_string,
    }
    return found | {name.upper(): str(value) for name, value in custom_by_name(world, ticket).items()}


def origin_of(url: str) -> str:
    """Scheme, host and port of a web address; empty for one that no frame could show."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")
