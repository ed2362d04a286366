"""What is set up, on one page: which button calls what, who sees it, and what runs when a ticket closes."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from stepladder_sandbox.halopsa.flows import EXECUTE_METHOD, read_steps
from stepladder_sandbox.halopsa.pages import present
from stepladder_sandbox.halopsa.pages.site import Site, form_of
from stepladder_sandbox.halopsa.records import Method, Outcome, Webhook


class SetupPages:
    """The overview, and the switch of each runbook."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    async def overview(self, request: Request) -> Response:
        """All configuration objects. Keys are not shown."""
        world = self._world
        return self._site.page(
            "setup.html",
            integrations=world.config.integrations,
            methods=[(each, self._address(each)) for each in world.config.methods],
            actions=[self._action(each) for each in world.config.outcomes],
            workflows=[(each, read_steps(each.steps)) for each in world.config.workflows],
            types={each.workflow_id: each.name for each in world.config.ticket_types if each.workflow_id},
            tabs=world.config.tabs,
            runbooks=[self._runbook(each) for each in world.config.webhooks if each.type == 1],
            fields=world.config.custom_fields,
            outcomes={each.id: each.outcome for each in world.config.outcomes},
        )

    def _address(self, method: Method) -> str:
        integration = self._world.directory.integrations.get(method.integration_id)
        return f"{method.verb} {integration.base_url if integration else ''}{method.path}"

    def _action(self, outcome: Outcome) -> dict[str, Any]:
        method = self._world.directory.methods.get(outcome.method_id)
        return {
            "outcome": outcome,
            "tone": present.tone_of(outcome),
            "method": method.name if method else "",
            "status": self._world.directory.status(outcome.new_status_id).name,
        }

    def _runbook(self, webhook: Webhook) -> dict[str, Any]:
        world = self._world
        called = (each for each in read_steps(webhook.steps) if each.auto_action == EXECUTE_METHOD)
        methods = (world.directory.methods.get(each.auto_action_type) for each in called)
        return {
            "webhook": webhook,
            "events": [each.name for each in world.config.triggers if each.webhook_id == webhook.id],
            "methods": [each.name for each in methods if each],
            "runs": sum(each.runbook_id == webhook.id for each in world.runs),
        }

    async def switch(self, request: Request) -> Response:
        """Turn a runbook on or off."""
        form, world = await form_of(request), self._world
        wanted = request.path_params["webhook_id"]
        if wanted.lower() not in world.directory.webhooks:
            return self._site.problem(404, "There is no such runbook", "It may have been deleted.")
        active = form.get("do") == "on"
        world.configure(
            webhooks=tuple(
                msgspec.structs.replace(each, active=active) if each.id == wanted else each
                for each in world.config.webhooks
            )
        )
        world.log.write("configuration.changed", what="Webhook", done=form.get("do"), id=wanted, by="screen")
        return self._site.back_to("/setup")
