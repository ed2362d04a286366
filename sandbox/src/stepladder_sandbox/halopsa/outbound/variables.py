"""`<<variables>>` in the bodies and headers of custom methods (HaloPSA fact 27)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stepladder_sandbox.halopsa.records import Agent
from stepladder_sandbox.halopsa.switches import Switches
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.views import ticket_object
from stepladder_sandbox.halopsa.world import World

_VARIABLE = re.compile(r"<<([^<>!]+)(!?)>>")
_ABSENT = {"null": "null", "empty_string": '""', "nothing": ""}


class Missing:
    """Stands for a variable that names nothing, which is not the same as an empty one."""


MISSING = Missing()


class Variables:
    """What a template may name: the ticket's custom fields, paths into the ticket and the acting agent.

    A runbook has no acting agent, nor has a customer's user who presses on the portal.
    """

    def __init__(self, world: World, ticket: Ticket | None, agent: Agent | None) -> None:
        self._switches: Switches = world.switches
        self._custom: dict[str, Any] = {}
        self._roots: dict[str, Any] = {}
        if ticket:
            self._roots["ticket"] = _ticket(world, ticket)
            self._custom = {
                each["name"].lower(): each.get("value") for each in self._roots["ticket"]["customfields"]
            }
        if agent:
            self._roots["agent"] = _person(agent)

    def value(self, name: str) -> Any:
        """The value behind a name like `CFx` or `ticket^status^name`; MISSING where there is none."""
        path = [part.strip().lower() for part in name.split("^")]
        if len(path) == 1 and path[0] in self._custom:
            return self._custom[path[0]]
        found: Any = self._roots
        for part in path:
            if not isinstance(found, Mapping) or part not in found:
                return MISSING
            found = found[part]
        return found

    def in_body(self, template: str) -> str:
        """A body with every variable replaced: bare ones as JSON, those with `!` as raw text."""
        return _VARIABLE.sub(lambda match: self._as_json(match[1], raw=bool(match[2])), template)

    def in_header(self, template: str) -> str:
        """A header value. Headers know no JSON, so every variable is plain text, on one line."""
        filled = _VARIABLE.sub(lambda match: _plain(self.value(match[1])), template)
        return " ".join(filled.split())

    def _as_json(self, name: str, *, raw: bool) -> str:
        value = self.value(name)
        if raw:
            text = _plain(value)
            return _encoded(text)[1:-1] if self._switches.raw_variable_escaped else text
        if value is MISSING:
            return _ABSENT[self._switches.missing_variable]
        if value is None or value == "":
            return _ABSENT[self._switches.empty_variable]
        return _encoded(value)


def _encoded(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _plain(value: Any) -> str:
    if value is MISSING or value is None:
        return ""
    return value if isinstance(value, str) else _encoded(value)


def _ticket(world: World, ticket: Ticket) -> dict[str, Any]:
    """The ticket with what hangs on it, for paths like `ticket^client^name`."""
    directory = world.directory
    status, client = directory.status(ticket.status_id), directory.clients.get(ticket.client_id)
    assigned = directory.agents.get(ticket.agent_id)
    return ticket_object(world, ticket) | {
        "status": {"id": status.id, "name": status.name},
        "agent": _person(assigned) if assigned else None,
        "client": {
            "id": ticket.client_id,
            "name": directory.client_name(ticket.client_id),
            "ref": client.ref if client else "",
        },
        "client_reference": client.ref if client else "",
    }


def _person(agent: Agent) -> dict[str, Any]:
    return {"id": agent.id, "name": agent.name, "email": agent.email, "team": agent.team}
