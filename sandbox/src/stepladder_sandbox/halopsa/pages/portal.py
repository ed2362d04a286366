"""What a customer's own user sees of a ticket, and the actions that "allow users" gives them (threat T2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from stepladder_sandbox.halopsa.outbound.press import CannotPress
from stepladder_sandbox.halopsa.pages import present
from stepladder_sandbox.halopsa.pages.site import Site, form_of, number_in
from stepladder_sandbox.halopsa.records import User
from stepladder_sandbox.halopsa.tickets import Ticket

USER = "sandbox_user"


class PortalPages:
    """The end users' view. There is no log-in: one chooses who one is."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    async def one(self, request: Request) -> Response:
        """One ticket, without what only agents may see."""
        ticket = self._world.store.get(request.path_params["ticket_id"])
        if ticket is None:
            return self._site.problem(404, "There is no such ticket", "It may have been deleted.")
        users = self._users(ticket)
        user = _chosen(request, ticket, users)
        buttons = self._world.directory.user_buttons(ticket)
        return self._site.page(
            "portal.html",
            ticket=ticket,
            status=present.status_badge(self._world, ticket.status_id),
            customer=self._world.directory.client_name(ticket.client_id),
            users=users,
            acting_id=user.id if user else 0,
            buttons=[(each, present.tone_of(each)) for each in buttons],
            timeline=present.public_timeline(self._world, ticket),
        )

    def _users(self, ticket: Ticket) -> list[User]:
        return [
            each
            for each in self._world.config.users
            if each.client_id == ticket.client_id and not each.inactive
        ]

    async def press(self, request: Request) -> Response:
        """Press an action as that user. They are told no more than that it was done."""
        form, ticket_id = await form_of(request), request.path_params["ticket_id"]
        user_id = number_in(form, "user_id")
        try:
            await self._site.outbound.press_on_portal(ticket_id, number_in(form, "button_id"), user_id)
        except CannotPress as wrong:
            return self._site.problem(400, "Not possible", str(wrong))
        answer = self._site.back_to(f"/portal/tickets/{ticket_id}")
        answer.set_cookie(USER, str(user_id), httponly=True, samesite="strict")
        return answer


def _chosen(request: Request, ticket: Ticket, users: list[User]) -> User | None:
    """Who is signed in: as the address says, or as before, or who the ticket is for."""
    given = request.query_params.get("user", "") or request.cookies.get(USER, "")
    wanted = (given, str(ticket.user_id))
    found = (user for each in wanted for user in users if str(user.id) == each)
    return next(found, users[0] if users else None)
