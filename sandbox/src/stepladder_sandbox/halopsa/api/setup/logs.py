"""What HaloPSA tells of its own doing: calls it made, runbooks it ran, applications it knows. Only read."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, require_setup
from stepladder_sandbox.halopsa.api.paging import OTHER_PAGE_CAP, cut
from stepladder_sandbox.halopsa.history import OutgoingCall, Run
from stepladder_sandbox.halopsa.records import Application
from stepladder_sandbox.halopsa.refusals import Refused, not_found
from stepladder_sandbox.halopsa.views import moment
from stepladder_sandbox.halopsa.world import World


def webhook_events(world: World, call: ApiCall, rest: str) -> Answer:
    """Outgoing calls, newest first, with the headers that were sent: the key among them (HaloPSA fact 26)."""
    require_setup(world, call)
    if rest:
        found = next((each for each in world.outgoing if each.id == rest), None)
        if found is None:
            raise not_found("WebhookEvent")
        return Answer(data=_event(world, found))
    method_id, run_id = call.query.integer("integrationmethod_id"), call.query.integer("automation_id")
    events = [
        each
        for each in reversed(world.outgoing)
        if (not method_id or each.method_id == method_id) and (not run_id or each.run_id == run_id)
    ]
    rows, _ = cut(events, call.query, cap=OTHER_PAGE_CAP)
    return Answer(data=[_event(world, each) for each in rows])


def _event(world: World, event: OutgoingCall) -> dict[str, Any]:
    return {
        "id": event.id,
        "integration_method_id": event.method_id,
        "integation_method_name": event.method_name,
        "timestamp": moment(world, event.at),
        "status": 1 if event.is_success else 2,
        "duration": event.ms / 1000,
        "requestheaders": event.request_headers,
        "requestbody": event.request_body,
        "responsestatus": event.status,
        "responsebody": event.response_body,
        "automation_id": event.run_id,
        "entity_id": event.ticket_id,
        "error": not event.is_success,
    }


def automations(world: World, call: ApiCall, rest: str) -> Answer:
    """Runs of runbooks, newest first."""
    require_setup(world, call)
    if rest:
        run = next((each for each in world.runs if str(each.id) == rest), None)
        if run is None:
            raise not_found("Automation")
        return Answer(data=_run(world, run))
    rows, envelope = cut(list(reversed(world.runs)), call.query, cap=OTHER_PAGE_CAP)
    return Answer(data=envelope | {"automations": [_run(world, each) for each in rows]})


def start_automation(world: World, call: ApiCall, rest: str) -> Answer:
    """Start a runbook from outside: only one that may be started there, else 401 ("P": HCL)."""
    runbook = world.directory.webhooks.get(rest)
    if runbook is None or runbook.type != 1:
        raise not_found("Automation")
    if runbook.runbook_start_type != 1 or not runbook.active:
        raise Refused(401)
    return Answer(data={"id": world.on_start(runbook).id})


def _run(world: World, run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "runbook_id": run.runbook_id,
        "runbook_name": run.runbook_name,
        "ticket_id": run.ticket_id,
        "status": run.status,
        "error": run.error,
        "steps_executed": run.steps_executed,
        "runbook_step_name": run.step_name,
        "timestamp": moment(world, run.at),
    }


def applications(world: World, call: ApiCall, rest: str) -> Answer:
    """API applications, never with their secrets."""
    require_setup(world, call)
    found = list(world.directory.applications.values())
    if rest:
        found = [each for each in found if each.client_id.lower() == rest]
        if not found:
            raise not_found("Application")
        return Answer(data=_application(world, found[0]))
    return Answer(data=[_application(world, each) for each in found])


def _application(world: World, application: Application) -> dict[str, Any]:
    return {
        "id": application.client_id,
        "clientId": application.client_id,
        "displayName": application.name,
        "grant_type": "client_credentials",
        "loginas_agent_id": application.agent_id,
        "loginas_agent_name": world.directory.agent_name(application.agent_id),
        "allowagents": True,
        "inactive": False,
        "scopes": [{"id": number, "name": each} for number, each in enumerate(application.scopes, 1)],
    }
