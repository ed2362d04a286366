"""Putting the parts of the sandbox together: one application for each tenant, and one before them all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from stepladder_sandbox.halopsa.api.gateway import Gateway, Sleep
from stepladder_sandbox.halopsa.clock import Clock, system_clock
from stepladder_sandbox.halopsa.config import BadSeed, SandboxConfig
from stepladder_sandbox.halopsa.control import control_routes
from stepladder_sandbox.halopsa.outbound.press import Outbound
from stepladder_sandbox.halopsa.pages.routes import page_routes
from stepladder_sandbox.halopsa.tenants import SharedSignIn, TenantRoute
from stepladder_sandbox.halopsa.ticket_writes import seed_tickets
from stepladder_sandbox.halopsa.world import World


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant with what is its own: state, calls out, API."""

    world: World
    outbound: Outbound
    gateway: Gateway
    prefix: str


def create_app(
    config: SandboxConfig,
    *,
    more_tenants: Sequence[SandboxConfig] = (),
    clock: Clock = system_clock,
    sleep: Sleep = asyncio.sleep,
    log_path: Path | None = None,
    outbound_transport: httpx2.AsyncBaseTransport | None = None,
) -> Starlette:
    """A sandbox of its own, with API, control API and pages. Raises BadSeed for tenants of the same name.

    The first tenant is at the root, each of the others below `/t/<tenant>`. Clock, sleep and the way out are
    passed in, so that a whole world can run in one process and its own time.
    """
    tenants: dict[str, Tenant] = {}
    for each in (config, *more_tenants):
        name = each.tenant.lower()
        if name in tenants:
            raise BadSeed(f"two tenants are called {name}")
        prefix = f"/t/{name}" if tenants else ""
        world = World(each, clock=clock, log_path=log_path)
        seed_tickets(world)
        outbound = Outbound(world, outbound_transport, sleep)
        tenants[name] = Tenant(world, outbound, Gateway(world, sleep, prefix), prefix)

    _share_secrets(tenants.values())

    @asynccontextmanager
    async def until_the_end(app: Starlette) -> AsyncIterator[None]:
        yield
        for tenant in tenants.values():
            await tenant.outbound.aclose()
            tenant.world.log.close()

    first = next(iter(tenants.values()))
    routes: list[BaseRoute] = []
    if len(tenants) > 1:
        apps: dict[str, ASGIApp] = {name: _app_of(each) for name, each in tenants.items() if each.prefix}
        routes = [
            TenantRoute(apps),
            SharedSignIn({name: each.gateway for name, each in tenants.items()}, first.gateway),
        ]
    app = _app_of(first, before=routes, lifespan=until_the_end)
    app.state.world = first.world
    app.state.outbound = first.outbound
    app.state.tenants = tenants
    return app


def _share_secrets(tenants: Collection[Tenant]) -> None:
    """No log may hold any tenant's secret: a caller may send one's to another."""
    for writer in tenants:
        for owner in tenants:
            for secret in (*owner.world.config.secrets(), owner.world.tokens.common_part):
                writer.world.log.hide(secret)


def _app_of(
    tenant: Tenant, *, before: Sequence[BaseRoute] = (), lifespan: Lifespan[Starlette] | None = None
) -> Starlette:
    routes = [
        *before,
        _ApiRoute(tenant.gateway),
        *control_routes(tenant.world, tenant.outbound),
        *page_routes(tenant.world, tenant.outbound, tenant.prefix),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


class _ApiRoute(BaseRoute):
    """Everything below `/api` and `/auth`, in any case: HaloPSA's paths have none (HaloPSA fact 1)."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_ours = scope["type"] == "http" and scope["path"].lower().startswith(("/api/", "/auth/"))
        return (Match.FULL if is_ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._gateway(scope, receive, send)
