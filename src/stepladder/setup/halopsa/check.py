"""Checking a set-up: every requirement of the guide, one finding each. A check is look and plan, and its trials.

Names are stable. What cannot be seen with the credential at hand is said to be unknown, never guessed. Nothing is
written in HaloPSA but the tickets of a self-test, where one was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from stepladder.connections.service import check as check_connection, ticket_system
from stepladder.connectors.halopsa.client import HaloClient
from stepladder.kit.db import Actor
from stepladder.kit.findings import Finding, Result
from stepladder.setup.engine.parts import Made
from stepladder.setup.engine.run import look_and_plan

from . import self_test
from .access import Credential, SetupWiring, Site, daily, site_of, wide
from .checks import access, machines, ours, parts
from .instance import Instance
from .parts import ACTIONS, DECISIONS
from .self_test import BUTTONS, Judged
from .service import memory_of, system_of
from .system import Options
from .trials import Trials


async def check(
    wiring: SetupWiring,
    actor: Actor,
    credential: Credential | None = None,
    *,
    start_self_test: bool = False,
    customer: str | None = None,
    workflow: str | None = None,
) -> list[Finding]:
    """Every finding. Raises NoConnector, SetupNotPermitted, NoLinkedCustomer."""
    site = await site_of(wiring, actor)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(daily(wiring, site))
        stronger = await stack.enter_async_context(wide(wiring, site, credential)) if credential else None
        lines = await check_connection(wiring.connections, actor)
        found = access.check_connection(lines)
        if found[0].result is Result.FAIL:
            return found
        _, connector = await stack.enter_async_context(ticket_system(wiring.connections, actor))
        trials = Trials(wiring, actor, site, client, connector)
        made = await memory_of(wiring, actor, site).recall()
        checkup = _Checkup(wiring, actor, site, client, stronger, made)
        found += await checkup.look_at_access(lines)
        judged = await trials.look()
        if start_self_test:
            judged = _with_waiting(judged, await trials.open(customer))
        async with wiring.connections.db.transaction(actor) as tx:
            found += await ours.check_rights(tx, site.connection_id, trials.cannot_close)
        return found + await checkup.look_at_parts(workflow, judged) + await checkup.look_at_us(judged)


@dataclass
class _Checkup:
    wiring: SetupWiring
    actor: Actor
    site: Site
    client: HaloClient
    stronger: HaloClient | None
    made: Mapping[str, Made]

    async def look_at_access(self, lines: list[Finding]) -> list[Finding]:
        """The daily credential, its agent, and what tickets refer to."""
        agent = await access.check_agent(self.client)
        permissions = await access.check_permissions(self.wiring, self.site, self.client, self.stronger)
        return [permissions, agent, *access.check_lines(lines)]

    async def look_at_parts(self, workflow: str | None, judged: Mapping[str, Judged]) -> list[Finding]:
        """What set-up would do: nothing, where all is well."""
        instance = Instance(self.stronger or self.client)
        options = Options(workflow=workflow, fill_client_references=True, tab=True, jit=True)
        system = await system_of(self.wiring, self.actor, self.site, instance, options)
        outlook = await look_and_plan(system, self.made)
        sights, items = outlook.seen.sights, {each.key: each for each in outlook.report.items}
        wiring = [
            await parts.check_wiring(
                instance,
                action,
                sights.get(action.key),
                items.get(action.key),
                judged.get(button),
                sees_methods=self.stronger is not None,
            )
            for action, button in zip(ACTIONS, BUTTONS, strict=True)
        ]
        return [
            *parts.check_parts(items, self.made, outlook.seen.stopped),
            *wiring,
            *parts.check_references(items, self.made),
        ]

    async def look_at_us(self, judged: Mapping[str, Judged]) -> list[Finding]:
        """What is on our side of the wire."""
        async with self.wiring.connections.db.transaction(self.actor) as tx:
            customers = await ours.check_customers(tx)
            key = await ours.check_key(tx, self.made.get(DECISIONS.key), judged)
            known = await machines.list_machines(tx)
        assets = await machines.check_assets(self.client, known)
        return [customers, assets, key, ours.check_url(self.site.base_url), *ours.check_self_tests(judged)]


def _with_waiting(judged: Mapping[str, Judged], waiting: list[self_test.SelfTest]) -> dict[str, Judged]:
    """With the tests that wait for their press: also where an earlier one of the same button is over."""
    fresh = {test.button: self_test.judge(test, None) for test in waiting}
    return {
        **fresh,
        **{button: each for button, each in judged.items() if button not in fresh or not each.is_over},
    }
