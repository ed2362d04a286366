"""A sandbox inside a test: real HTTP on a free loopback port, in the test's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from starlette.applications import Starlette
from uvicorn.server import ServerState

from stepladder_sandbox.halopsa.api.gateway import Sleep
from stepladder_sandbox.halopsa.app import Tenant, create_app
from stepladder_sandbox.halopsa.clock import Clock, system_clock
from stepladder_sandbox.halopsa.config import SandboxConfig
from stepladder_sandbox.halopsa.faultplan import Chance, FaultKind, FaultStep
from stepladder_sandbox.halopsa.history import MethodCall, Run
from stepladder_sandbox.halopsa.server import loopback_socket, server_config
from stepladder_sandbox.halopsa.switches import ErrorShape, Switches
from stepladder_sandbox.halopsa.tickets import Ticket
from stepladder_sandbox.halopsa.wire import SandboxProtocol


class RunningSandbox:
    """A sandbox that is up, with everything a test may want to look at or change."""

    def __init__(self, url: str, tenant: Tenant, others: Mapping[str, Tenant]) -> None:
        self.url = f"{url}{tenant.prefix}"
        """Base address without a trailing slash; the API is at `/api`, the tokens at `/auth/token`."""
        self.state = tenant.world
        self._outbound = tenant.outbound
        self._origin = url
        self._tenants = others

    def tenant(self, name: str) -> RunningSandbox:
        """Another tenant of the same sandbox, with a state of its own."""
        return RunningSandbox(self._origin, self._tenants[name.lower()], self._tenants)

    @property
    def switches(self) -> Switches:
        """Set a field, and the next call sees it."""
        return self.state.switches

    @property
    def log(self) -> list[dict[str, Any]]:
        """All events so far, oldest first."""
        return list(self.state.log)

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind, oldest first."""
        return [event for event in self.state.log if event["kind"] == kind]

    def ticket(self, ticket_id: int) -> Ticket:
        """A ticket that must exist."""
        found = self.state.store.get(ticket_id)
        if found is None:
            raise KeyError(ticket_id)
        return found

    def tickets_with(self, reference: str) -> list[Ticket]:
        """All tickets with this `third_party_id_string`, however the API's switches stand."""
        return self.state.store.with_reference(reference)

    def fail_next(
        self,
        fault: FaultKind,
        *,
        method: str = "*",
        path: str = "*",
        times: int = 1,
        skip: int = 0,
        seconds: float = 5.0,
        status: int = 400,
        error_shape: ErrorShape = "exception",
    ) -> None:
        """Let a fault befall the next calls that match, after letting `skip` of them pass."""
        self.state.faults.add(
            FaultStep(
                fault=fault,
                method=method,
                path=path,
                times=times,
                skip=skip,
                seconds=seconds,
                status=status,
                error_shape=error_shape,
            )
        )

    def fail_by_chance(
        self, seed: int, probabilities: dict[FaultKind, float], *, seconds: float = 5.0
    ) -> None:
        """Let faults befall calls at random; the same seed and order of calls give the same faults."""
        self.state.faults.set_chance(Chance(seed=seed, probabilities=probabilities, seconds=seconds))

    def stop_failing(self) -> None:
        """No more faults, and no outage."""
        self.state.faults.clear()
        self.switches.outage = "off"

    async def press(self, ticket_id: int, button: str, agent_id: int) -> list[MethodCall]:
        """Press the quick action whose name contains `button` as an agent, and say what its calls came to."""
        buttons = self.state.directory.buttons(self.ticket(ticket_id))
        button_id = next(each.id for each in buttons if button.lower() in each.outcome.lower())
        return await self._outbound.press(ticket_id, button_id, agent_id)

    async def press_on_portal(self, ticket_id: int, button: str, user_id: int) -> list[MethodCall]:
        """The same as a customer's own user, who sees only what "allow users" is on for."""
        buttons = self.state.directory.user_buttons(self.ticket(ticket_id))
        button_id = next((each.id for each in buttons if button.lower() in each.outcome.lower()), 0)
        return await self._outbound.press_on_portal(ticket_id, button_id, user_id)

    async def runbooks_done(self) -> list[Run]:
        """All runs of runbooks so far, once none of them is under way."""
        await self._outbound.runbooks.idle()
        return list(self.state.runs)

    def point_at(self, base_url: str, key: str) -> None:
        """Have the methods call another Stepladder, for one that is started after its sandbox."""
        if not self.state.config.integrations:
            raise ValueError("This sandbox has no custom integration.")
        changed = (
            msgspec.structs.replace(each, base_url=base_url, header_value=key)
            for each in self.state.config.integrations
        )
        self.reconfigure(integrations=tuple(changed))

    def reconfigure(self, **changes: Any) -> None:
        """Replace whole parts of the configuration, as an administrator does: `clients=(…)`, `agents=(…)`."""
        self.state.reconfigure({name: msgspec.to_builtins(value) for name, value in changes.items()})


@asynccontextmanager
async def running_sandbox(
    config: SandboxConfig,
    log_path: Path | None = None,
    *,
    clock: Clock = system_clock,
    sleep: Sleep = asyncio.sleep,
    more_tenants: Sequence[SandboxConfig] = (),
) -> AsyncIterator[RunningSandbox]:
    """Run a sandbox in the current event loop for as long as the block lasts; gives its first tenant."""
    app = create_app(config, more_tenants=more_tenants, clock=clock, sleep=sleep, log_path=log_path)
    tenants: Mapping[str, Tenant] = app.state.tenants
    async with served(app) as url:
        yield RunningSandbox(url, next(iter(tenants.values())), tenants)


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[str]:
    """Serve any application on a free loopback port of the current event loop; gives its address."""
    bound = loopback_socket("127.0.0.1", 0)
    port = bound.getsockname()[1]
    config, state = server_config(app), ServerState()
    config.load()
    async with app.router.lifespan_context(app):
        server = await asyncio.get_running_loop().create_server(
            lambda: SandboxProtocol(config, state, {}), sock=bound
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.close()
            await _end(state)


async def _end(state: ServerState) -> None:
    """Close all connections at once, without uvicorn's courtesy of waiting for slow answers."""
    for connection in list(state.connections):
        connection.transport.abort()
    tasks = list(state.tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
