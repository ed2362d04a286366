"""The list of tickets, and one ticket with its buttons, its tabs and what can be done to it."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from stepladder_sandbox.halopsa.callers import Caller
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.outbound.press import CannotPress
from stepladder_sandbox.halopsa.pages import present
from stepladder_sandbox.halopsa.pages.site import WHO, Site, form_of, is_fragment, number_in
from stepladder_sandbox.halopsa.refusals import Refused, words_of
from stepladder_sandbox.halopsa.tabaddress import filled, origin_of
from stepladder_sandbox.halopsa.ticket_writes import delete_ticket, write_ticket
from stepladder_sandbox.halopsa.tickets import Ticket

PAGE_SIZE = 25


class TicketPages:
    """The views of tickets."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    async def list(self, request: Request) -> Response:
        """The list: newest first, in pages, open or closed or all."""
        return self._site.page("tickets.html", **self._listed(request))

    async def list_live(self, request: Request) -> Response:
        """Only the part of the list that changes."""
        return self._site.page("_tickets.html", **self._listed(request))

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

    async def one(self, request: Request) -> Response:
        """One ticket with its buttons."""
        ticket = self._ticket(request)
        if ticket is None:
            return self._not_there(request)
        return self._site.page("ticket.html", **self._shown(ticket), **self._acting(request, ticket))

    async def one_live(self, request: Request) -> Response:
        """Only the part of a ticket that changes."""
        ticket = self._ticket(request)
        if ticket is None:
            return self._not_there(request)
        return self._site.page("_ticket_live.html", **self._shown(ticket))

    async def tab(self, request: Request) -> Response:
        """A custom tab: another site's page in a frame, and the policy that allows just that origin."""
        ticket = self._ticket(request)
        if ticket is None:
            return self._not_there(request)
        tabs = self._world.directory.tabs_of(ticket)
        tab = next((each for each in tabs if each.id == request.path_params["tab_id"]), None)
        if tab is None:
            return self._site.problem(404, "There is no such tab", "It may have been removed.")
        url = filled(self._world, tab.url, ticket, self._site.agent(request))
        origin = origin_of(url)
        return self._site.page(
            "tab.html",
            frame=origin,
            **self._headed(request, ticket),
            tab=tab,
            url=url,
            origin=origin,
            sandbox=self._world.switches.iframe_sandbox,
        )

    def _ticket(self, request: Request) -> Ticket | None:
        return self._world.store.get(request.path_params["ticket_id"])

    def _not_there(self, request: Request) -> Response:
        number = request.path_params["ticket_id"]
        is_deleted = self._world.store.get_deleted(number) is not None
        return self._site.page("no_ticket.html", 404, number=number, is_deleted=is_deleted)

    def _headed(self, request: Request, ticket: Ticket) -> dict[str, Any]:
        """Head and tabs, which the ticket's own page and those of its tabs have in common."""
        world, agent = self._world, self._site.agent(request)
        return {
            "ticket": ticket,
            "status": present.status_badge(world, ticket.status_id),
            "tabs": [
                (each, filled(world, each.url, ticket, agent)) for each in world.directory.tabs_of(ticket)
            ],
        }

    def _shown(self, ticket: Ticket) -> dict[str, Any]:
        world, outbound = self._world, self._site.outbound
        return {
            "ticket": ticket,
            "status": present.status_badge(world, ticket.status_id),
            "properties": present.properties(world, ticket),
            "custom_fields": present.custom_fields(world, ticket),
            "timeline": present.timeline(
                world, ticket, outbound.history(ticket.id), outbound.runbooks.of_ticket(ticket.id)
            ),
        }

    def _acting(self, request: Request, ticket: Ticket) -> dict[str, Any]:
        directory, agent = self._world.directory, self._site.agent(request)
        return {
            "tabs": self._headed(request, ticket)["tabs"],
            "buttons": [(each, present.tone_of(each)) for each in directory.buttons(ticket)],
            "people": directory.people(),
            "acting_id": agent.id if agent else 0,
            "customers": sorted(self._world.config.clients, key=lambda each: each.name.lower()),
            "fields": present.field_values(self._world, ticket),
            "for_users": len(directory.user_buttons(ticket)),
        }

    async def press(self, request: Request) -> Response:
        """Press a quick action and show what the call came to."""
        form, ticket_id = await form_of(request), request.path_params["ticket_id"]
        agent_id = number_in(form, "agent_id")
        try:
            calls = await self._site.outbound.press(ticket_id, number_in(form, "button_id"), agent_id)
        except CannotPress as wrong:
            template = "_problem.html" if is_fragment(request) else "problem.html"
            return self._site.problem(400, "Not possible", str(wrong), template=template)
        if is_fragment(request):
            answer = self._site.page(
                "_result.html", results=[present.result(call) for call in calls], button=calls[-1].button
            )
            answer.headers["HX-Trigger"] = "pressed"
        else:
            answer = self._site.back_to(f"/tickets/{ticket_id}")
        answer.set_cookie(WHO, str(agent_id), httponly=True, samesite="strict")
        return answer

    async def change(self, request: Request) -> Response:
        """Do to a ticket what people do: merge, move, edit fields, delete, undelete. No right is missing for it."""
        form, ticket_id = await form_of(request), request.path_params["ticket_id"]
        agent = self._site.agent(request)
        if agent is None:
            return self._site.problem(400, "Not possible", "There is no agent who can sign in.")
        try:
            self._changed(form, ticket_id, Caller.administrator(agent))
        except Refused as refused:
            return self._site.problem(400, "Not possible", words_of(refused) or "HaloPSA refuses it.")
        return self._site.back_to(f"/tickets/{ticket_id}")

    def _changed(self, form: dict[str, str], ticket_id: int, caller: Caller) -> None:
        """Carry out one change. Raises Refused."""
        if form.get("do") == "delete":
            delete_ticket(self._world, ticket_id, form.get("reason", ""), caller)
            return
        wanted: dict[str, Any] = {"id": ticket_id}
        match form.get("do"):
            case "merge":
                wanted |= {"merged_into_id": number_in(form, "into"), "domerge": True}
            case "move":
                wanted |= {"client_id": number_in(form, "client_id")}
            case "fields":
                names = (each.name for each in self._world.config.custom_fields)
                wanted["customfields"] = [
                    {"name": each, "value": form[each]} for each in names if each in form
                ]
            case "undelete":
                wanted |= {"_recover": True}
        write_ticket(self._world, Element(wanted, "[0]", any_case=True), caller)
