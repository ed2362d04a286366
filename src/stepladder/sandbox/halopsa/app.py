"""Putting the parts of the sandbox together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from stepladder.sandbox.halopsa.api.gateway import Gateway, Sleep
from stepladder.sandbox.halopsa.clock import Clock, system_clock
from stepladder.sandbox.halopsa.config import SandboxConfig
from stepladder.sandbox.halopsa.control import control_routes
from stepladder.sandbox.halopsa.outbound.press import Outbound
from stepladder.sandbox.halopsa.pages.routes import page_routes
from stepladder.sandbox.halopsa.ticket_writes import seed_tickets
from stepladder.sandbox.halopsa.world import World


def create_app(
    config: SandboxConfig,
    *,
    clock: Clock = system_clock,
    sleep: Sleep = asyncio.sleep,
    log_path: Path | None = None,
    outbound_transport: httpx2.AsyncBaseTransport | None = None,
) -> Starlette:
    """A sandbox of its own, with API, control API and pages.

    Clock, sleep and the way out are passed in, so that a whole world can run in one process and its own time.
    """
    world = World(config, clock=clock, log_path=log_path)
    seed_tickets(world)
    outbound = Outbound(world, outbound_transport)

    @asynccontextmanager
    async def until_the_end(app: Starlette) -> AsyncIterator[None]:
        yield
        await outbound.aclose()
        world.log.close()

    api = _ApiRoute(Gateway(world, sleep))
    routes = [api, *control_routes(world, outbound), *page_routes(world, outbound)]
    app = Starlette(routes=routes, lifespan=until_the_end)
    app.state.world = world
    app.state.outbound = outbound
    return app


class _ApiRoute(BaseRoute):
    """Everything below `/api` and `/auth`, in any case: HaloPSA's paths have none (API.md section 1)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and scope["path"].lower().startswith(("/api/", "/auth/"))
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gateway(scope, receive, send)
