"""Which function answers which address."""

from __future__ import annotations

from dataclasses import dataclass

from stepladder_sandbox.halopsa.api import actions, auth, customers, lists, tickets
from stepladder_sandbox.halopsa.api.calls import Handler
from stepladder_sandbox.halopsa.api.setup import logs
from stepladder_sandbox.halopsa.api.setup.belongings import AGENT, ASSET, SITE, USER
from stepladder_sandbox.halopsa.api.setup.clients import CLIENT
from stepladder_sandbox.halopsa.api.setup.fieldinfo import FIELD_INFO
from stepladder_sandbox.halopsa.api.setup.integrations import CUSTOM_INTEGRATION, CUSTOM_INTEGRATION_METHOD
from stepladder_sandbox.halopsa.api.setup.kinds import handlers
from stepladder_sandbox.halopsa.api.setup.outcomes import OUTCOME
from stepladder_sandbox.halopsa.api.setup.runbooks import NOTIFICATION, WEBHOOK
from stepladder_sandbox.halopsa.api.setup.tabs import TABS
from stepladder_sandbox.halopsa.api.setup.workflows import TICKET_TYPE, WORKFLOW
from stepladder_sandbox.halopsa.refusals import Refused

_RESOURCES: dict[str, dict[str, Handler]] = {
    "tickets": {"GET": tickets.get, "POST": tickets.post, "DELETE": tickets.delete},
    "actions": {"GET": actions.get, "POST": actions.post},
    "client": handlers(CLIENT) | {"GET": customers.clients},
    "site": handlers(SITE) | {"GET": customers.sites},
    "users": handlers(USER) | {"GET": customers.users},
    "asset": handlers(ASSET) | {"GET": customers.assets},
    "agent": handlers(AGENT) | {"GET": lists.agents},
    "sla": {"GET": lists.slas},
    "supplier": {"GET": lists.suppliers},
    "team": {"GET": lists.teams},
    "status": {"GET": lists.statuses},
    "category": {"GET": lists.categories},
    "lookup": {"GET": lists.lookups},
    "priority": {"GET": lists.priorities},
    "outcome": handlers(OUTCOME),
    "fieldinfo": handlers(FIELD_INFO),
    "tickettype": {verb: answer for verb, answer in handlers(TICKET_TYPE).items() if verb != "DELETE"},
    "customintegration": handlers(CUSTOM_INTEGRATION),
    "customintegrationmethod": handlers(CUSTOM_INTEGRATION_METHOD),
    "workflow": handlers(WORKFLOW),
    "tabs": handlers(TABS),
    "webhook": handlers(WEBHOOK),
    "notification": handlers(NOTIFICATION),
    "automation": {"GET": logs.automations, "POST": logs.start_automation},
    "webhookevent": {"GET": logs.webhook_events},
    "application": {"GET": logs.applications},
}
_OPEN: dict[str, dict[str, Handler]] = {
    "/auth/token": {"POST": auth.token},
    "/auth/.well-known": {"GET": auth.discovery},
    "/api/authinfo": {"GET": auth.auth_info},
    "/api/instanceinfo": {"GET": auth.instance_info},
}
"""What answers without a token."""


@dataclass(frozen=True, slots=True)
class Route:
    """A handler with the part of the path that is left for it."""

    handler: Handler
    rest: str
    needs_token: bool


def find_route(method: str, path: str) -> Route:
    """The route of a call, by its path in lower case. Raises Refused, 404 or 405."""
    root, resource, rest = [*path.split("/", 3)[1:], "", ""][:3]
    found = _OPEN.get(f"/{root}/{resource}")
    needs_token = found is None
    if found is None:
        found = _RESOURCES.get(resource) if root == "api" else None
    if found is None:
        raise Refused(404)
    if method not in found:
        raise Refused(405)
    if found[method] is logs.start_automation:
        # Each caller who knows the address may start a runbook that is open to the outside (HaloPSA fact 26).
        needs_token = False
    return Route(found[method], rest, needs_token)
