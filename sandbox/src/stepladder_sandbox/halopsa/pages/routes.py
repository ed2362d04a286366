"""Addresses of the pages. The live part of a page is a fragment of its own, fetched again and again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from stepladder_sandbox.halopsa.outbound.press import Outbound
from stepladder_sandbox.halopsa.pages.calls import newest_calls
from stepladder_sandbox.halopsa.pages.customers import CustomerPages
from stepladder_sandbox.halopsa.pages.portal import PortalPages
from stepladder_sandbox.halopsa.pages.setup import SetupPages
from stepladder_sandbox.halopsa.pages.site import HERE, SentFromElsewhere, Site
from stepladder_sandbox.halopsa.pages.tickets import TicketPages
from stepladder_sandbox.halopsa.world import World

View = Callable[[Request], Awaitable[Response]]
_STATIC = HERE.parent / "static"


def page_routes(world: World, outbound: Outbound, prefix: str = "") -> list[BaseRoute]:
    """All pages of a tenant, and the files they need. `prefix` is what stands before all of them."""
    site = Site(world, outbound, prefix)
    tickets, portal = TicketPages(site), PortalPages(site)
    customers, setup, log = CustomerPages(site), SetupPages(site), LogPages(site)
    return [
        Route("/", tickets.list),
        Route("/live/tickets", tickets.list_live),
        Route("/tickets/{ticket_id:int}", tickets.one),
        Route("/live/tickets/{ticket_id:int}", tickets.one_live),
        Route("/tickets/{ticket_id:int}/tabs/{tab_id:int}", tickets.tab),
        _form(site, "/tickets/{ticket_id:int}/press", tickets.press),
        _form(site, "/tickets/{ticket_id:int}/change", tickets.change),
        Route("/portal/tickets/{ticket_id:int}", portal.one),
        _form(site, "/portal/tickets/{ticket_id:int}/press", portal.press),
        Route("/customers", customers.list),
        _form(site, "/customers/{client_id:int}", customers.change),
        Route("/setup", setup.overview),
        _form(site, "/setup/runbooks/{webhook_id}", setup.switch),
        Route("/log", log.page),
        Route("/live/log", log.live),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


def _form(site: Site, path: str, view: View) -> Route:
    """An address that a form is sent to, but not by another site."""

    async def guarded(request: Request) -> Response:
        try:
            return await view(request)
        except SentFromElsewhere:
            return site.problem(403, "Refused", "This form was sent from another site.")

    return Route(path, guarded, methods=["POST"])


class LogPages:
    """The newest calls in both directions."""

    def __init__(self, site: Site) -> None:
        self._site = site

    async def page(self, request: Request) -> Response:
        """The whole page."""
        return self._site.page("log.html", **self._logged())

    async def live(self, request: Request) -> Response:
        """Only the part that changes."""
        return self._site.page("_log.html", **self._logged())

    def _logged(self) -> dict[str, Any]:
        world = self._site.world
        return {
            "calls": newest_calls(world),
            "in_window": world.rate.count(world.now()),
            "limit": world.switches.rate_limit,
            "window_s": round(world.switches.rate_window_s),
        }
