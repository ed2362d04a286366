"""Customers, and what happens to them while tickets are open: renamed, inactive, deleted."""

from __future__ import annotations

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from stepladder_sandbox.halopsa.api.setup.clients import leave
from stepladder_sandbox.halopsa.pages.site import Site, form_of
from stepladder_sandbox.halopsa.records import Client
from stepladder_sandbox.halopsa.refusals import Refused, words_of


class CustomerPages:
    """The list of customers with its controls."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._world = site.world

    async def list(self, request: Request) -> Response:
        """All customers, active or not."""
        clients = sorted(self._world.config.clients, key=lambda each: each.name.lower())
        lines = [(each, len(self._world.store.of_client(each.id))) for each in clients]
        return self._site.page("customers.html", lines=lines)

    async def change(self, request: Request) -> Response:
        """Change one customer."""
        form, client_id = await form_of(request), request.path_params["client_id"]
        client = self._world.directory.clients.get(client_id)
        if client is None:
            return self._site.problem(404, "There is no such customer", "It may have been deleted.")
        try:
            self._changed(client, form)
        except Refused as refused:
            return self._site.problem(400, "Not possible", words_of(refused))
        return self._site.back_to("/customers")

    def _changed(self, client: Client, form: dict[str, str]) -> None:
        """Carry out one change. Raises Refused."""
        world, done = self._world, form.get("do", "")
        others = [each for each in world.config.clients if each.id != client.id]
        new = client
        match done:
            case "delete":
                leave(world, client)
                world.configure(clients=tuple(others))
            case "active" | "inactive":
                new = msgspec.structs.replace(client, inactive=done == "inactive")
            case "edit":
                name, ref = form.get("name", "").strip() or client.name, form.get("ref", client.ref).strip()
                new = msgspec.structs.replace(client, name=name, ref=ref)
        if done != "delete":
            world.configure(clients=tuple(new if each is client else each for each in world.config.clients))
            world.client_changes[client.id] = world.now()
        world.log.write(
            "configuration.changed", what="Client", done=done, id=client.id, name=new.name, by="screen"
        )
