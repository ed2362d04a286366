"""Addresses of the pages. The live part of a page is a fragment of its own, fetched again and again."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from stepladder.sandbox.halopsa.outbound.press import CannotPress, Outbound
from stepladder.sandbox.halopsa.pages import present
from stepladder.sandbox.halopsa.pages.calls import newest_calls
from stepladder.sandbox.halopsa.tickets import Ticket
from stepladder.sandbox.halopsa.world import World

_HERE = Path(__file__).parent
_STATIC = _HERE.parent / "static"
PAGE_SIZE = 25
WHO = "sandbox_agent"
"""Cookie that remembers which agent the person at the screen acts as."""

_SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page_routes(world: World, outbound: Outbound) -> list[BaseRoute]:
    """All pages, and the files they need."""
    pages = Pages(world, outbound)
    return [
        Route("/", pages.tickets),
        Route("/live/tickets", pages.tickets_live),
        Route("/tickets/{ticket_id:int}", pages.ticket),
        Route("/live/tickets/{ticket_id:int}", pages.ticket_live),
        Route("/tickets/{ticket_id:int}/press", pages.press, methods=["POST"]),
        Route("/log", pages.log),
        Route("/live/log", pages.log_live),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]


class Pages:
    """The views of one sandbox."""

    def __init__(self, world: World, outbound: Outbound) -> None:
        self._world = world
        self._outbound = outbound
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters["linked"] = present.linked

    def _page(self, template: str, code: int = 200, **values: Any) -> Response:
        markup = self._templates.get_template(template).render(tenant=self._world.config.tenant, **values)
        return HTMLResponse(markup, code, headers=_SECURITY)

    async def tickets(self, request: Request) -> Response:
        """The list: newest first, in pages, open or closed or all."""
        return self._page("tickets.html", **self._listed(request))

    async def tickets_live(self, request: Request) -> Response:
        """Only the part of the list that changes."""
        return self._page("_tickets.html", **self._listed(request))

    def _listed(self, request: Request) -> dict[str, Any]:
        show = request.query_params.get("show", "open")
        show = show if show in ("open", "closed", "all") else "open"
        found = [
            ticket
            for ticket in self._world.store.newest_first()
            if show == "all" or ticket.is_closed == (show == "closed")
        ]
        last = max(1, -(-len(found) // PAGE_SIZE))
        given = request.query_params.get("page", "")
        page = min(last, max(1, int(given))) if given.isdecimal() else 1
        lines = [
            present.line(self._world, ticket) for ticket in found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        ]
        return {"lines": lines, "show": show, "page": page, "last": last, "total": len(found)}

    async def ticket(self, request: Request) -> Response:
        """One ticket with its buttons."""
        ticket = self._ticket(request)
        if ticket is None:
            return self._not_there(request)
        return self._page("ticket.html", **self._shown(ticket), **self._acting(request, ticket))

    async def ticket_live(self, request: Request) -> Response:
        """Only the part of a ticket that changes."""
        ticket = self._ticket(request)
        if ticket is None:
            return self._not_there(request)
        return self._page("_ticket_live.html", **self._shown(ticket))

    def _ticket(self, request: Request) -> Ticket | None:
        return self._world.store.get(request.path_params["ticket_id"])

    def _not_there(self, request: Request) -> Response:
        number = request.path_params["ticket_id"]
        return self._page(
            "problem.html", 404, title=f"There is no ticket {number}", text="It may have been deleted."
        )

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        world = self._world
        return {
            "ticket": ticket,
            "status": present.status_badge(world, ticket.status_id),
            "properties": present.properties(world, ticket),
            "custom_fields": present.custom_fields(world, ticket),
            "timeline": present.timeline(world, ticket, self._outbound.history(ticket.id)),
        }

    def _acting(self, request: Request, ticket: Ticket) -> dict[str, Any]:
        people = self._world.directory.people()
        who = request.cookies.get(WHO, "")
        return {
            "buttons": self._world.directory.buttons(ticket.tickettype_id),
            "people": people,
            "acting_id": int(who) if who.isdecimal() else (people[0].id if people else 0),
        }

    async def press(self, request: Request) -> Response:
        """Press a quick action and show what the call came to; other sites cannot make a browser do it."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return self._page(
                "problem.html", 403, title="Refused", text="This form was sent from another site."
            )
        form = dict(parse_qsl((await request.body()).decode("latin-1")))
        button_id, agent_id = (
            int(form.get(name, "")) if form.get(name, "").isdecimal() else 0
            for name in ("button_id", "agent_id")
        )
        ticket_id = request.path_params["ticket_id"]
        try:
            calls = await self._outbound.press(ticket_id, button_id, agent_id)
        except CannotPress as wrong:
            return self._page(
                "_problem.html" if _is_fragment(request) else "problem.html",
                400,
                title="Not possible",
                text=str(wrong),
            )
        if _is_fragment(request):
            answer = self._page(
                "_result.html", results=[present.result(call) for call in calls], button=calls[-1].button
            )
            answer.headers["HX-Trigger"] = "pressed"
        else:
            answer = RedirectResponse(f"/tickets/{ticket_id}", 303, headers=_SECURITY)
        answer.set_cookie(WHO, str(agent_id), httponly=True, samesite="strict")
        return answer

    async def log(self, request: Request) -> Response:
        """The newest calls in both directions."""
        return self._page("log.html", **self._logged())

    async def log_live(self, request: Request) -> Response:
        """Only the part of the log that changes."""
        return self._page("_log.html", **self._logged())

    def _logged(self) -> dict[str, Any]:
        world = self._world
        return {
            "calls": newest_calls(world),
            "in_window": world.rate.count(world.now()),
            "limit": world.switches.rate_limit,
            "window_s": round(world.switches.rate_window_s),
        }


def _is_fragment(request: Request) -> bool:
    """True if htmx asks, which puts the answer into the page that is there."""
    return request.headers.get("hx-request") == "true"
