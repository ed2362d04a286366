"""Agents, and the lists that tickets choose from (HaloPSA fact 20): plain arrays, not paged, only read."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, Query
from stepladder_sandbox.halopsa.api.paging import by_id
from stepladder_sandbox.halopsa.records import Agent
from stepladder_sandbox.halopsa.tickets import UNASSIGNED
from stepladder_sandbox.halopsa.world import EVENTS, World

EVENT_LOOKUP = 64


def agents(world: World, call: ApiCall, rest: str) -> Answer:
    """The MSP's people: enabled and human unless asked otherwise."""
    if rest == "me":
        return Answer(data=agent_object(call.caller.agent))
    if rest:
        return Answer(data=agent_object(by_id(world.directory.agents, rest, "Agent")))
    query = call.query
    needle = query.text("search").lower()
    found = [
        agent_object(each)
        for each in world.config.agents
        if _listed(each, query) and _mentions(world, each, needle)
    ]
    return Answer(
        data={"record_count": len(found), "agents": found} if world.switches.agents_wrapped else found
    )


def _listed(agent: Agent, query: Query) -> bool:
    if query.flag("showall"):
        return True
    if agent.id == UNASSIGNED:
        return query.flag("includeunassigned")
    if agent.isapiagent and not query.flag("includeapiagents"):
        return False
    if agent.isdisabled:
        return query.flag("includedisabled")
    return query.flag("includeenabled", default=True)


def _mentions(world: World, agent: Agent, needle: str) -> bool:
    if world.switches.agent_search == "names":
        return needle in agent.name.lower()
    return needle in agent.name.lower() or needle in agent.email.lower()


def agent_object(agent: Agent) -> dict[str, Any]:
    """An agent as it is listed, read, and answered after a write."""
    return {
        "id": agent.id,
        "name": agent.name,
        "email": agent.email,
        "team": agent.team,
        "jobtitle": agent.jobtitle,
        "initials": "".join(part[0] for part in agent.name.split()[:2]).upper(),
        "is_agent": True,
        "isdisabled": agent.isdisabled,
        "isapiagent": agent.isapiagent,
        "use": "agent",
    }


def teams(world: World, call: ApiCall, rest: str) -> Answer:
    """Groups of agents."""
    return Answer(data=[{"id": each.id, "name": each.name} for each in world.config.teams])


def statuses(world: World, call: ApiCall, rest: str) -> Answer:
    """Ticket statuses. Which of them is closed can be told only by name (HaloPSA fact 19)."""
    return Answer(
        data=[
            {
                "id": each.id,
                "guid": f"00000000-0000-4000-8000-{each.id:012}",
                "name": each.name,
                "shortname": each.name,
                "type": 0,
                "colour": each.colour,
                "sequence": position,
            }
            for position, each in enumerate(world.config.statuses)
        ]
    )


def categories(world: World, call: ApiCall, rest: str) -> Answer:
    """Category values of one of the four levels."""
    type_id = call.query.integer("type_id")
    return Answer(
        data=[
            {"id": each.id, "value": each.value, "category_name": each.value, "type_id": each.type_id}
            for each in world.config.categories
            if not type_id or type_id == each.type_id
        ]
    )


def lookups(world: World, call: ApiCall, rest: str) -> Answer:
    """Values of a numbered list: 12 is Impact, 27 Urgency, 64 what can start a runbook."""
    lookup_id = call.query.integer("lookupid")
    if lookup_id == EVENT_LOOKUP:
        rows = [{"id": eventno, "lookupid": EVENT_LOOKUP, "name": name} for eventno, name in EVENTS.items()]
        return Answer(data=rows)
    return Answer(
        data=[
            {"id": each.id, "lookupid": each.lookupid, "name": each.name}
            for each in world.config.lookups
            if not lookup_id or lookup_id == each.lookupid
        ]
    )


def priorities(world: World, call: ApiCall, rest: str) -> Answer:
    """Priorities, whose `id` is a GUID (HaloPSA fact 23)."""
    sla_id = call.query.integer("slaid")
    return Answer(
        data=[
            {
                "id": each.guid,
                "priorityid": each.priorityid,
                "slaid": each.slaid,
                "name": each.name,
                "fixtime": each.fixtime,
                "ishidden": False,
            }
            for each in world.config.priorities
            if not sla_id or sla_id == each.slaid
        ]
    )


def slas(world: World, call: ApiCall, rest: str) -> Answer:
    """The agreements that priorities belong to."""
    numbers = sorted({each.slaid for each in world.config.priorities})
    return Answer(data=[{"id": number, "name": f"SLA {number}"} for number in numbers])


def suppliers(world: World, call: ApiCall, rest: str) -> Answer:
    """This MSP has none; clients that show a HaloPSA ask for them all the same."""
    return Answer(data={"record_count": 0, "suppliers": []})
