"""Writing what belongs to customers, and agents: `/api/Site`, `/api/Users`, `/api/Asset`, `/api/Agent` (fact 20).

Reading them is `api.customers` and `api.lists`; this is what clients use that fill a HaloPSA.
"""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import ApiCall, require
from stepladder_sandbox.halopsa.api.customers import asset_object, site_object, user_object
from stepladder_sandbox.halopsa.api.lists import agent_object
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, number_or, text_or
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Agent, Asset, Site, User
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World


def _named(element: Element, field: str, old: str) -> str:
    name = text_or(element, field, old).strip()
    if not name:
        raise invalid("Please enter a Name")
    return name


def _client(world: World, element: Element, old: int) -> int:
    """The customer that a thing belongs to. Raises Refused."""
    client_id = number_or(element, "client_id", old)
    if client_id not in world.directory.clients:
        raise invalid(f"The value {client_id} for client_id does not exist.")
    return client_id


def _place(world: World, element: Element, old: User | Asset | None) -> tuple[int, int]:
    """Customer and site of a thing; each may follow from the other. Raises Refused."""
    site = world.directory.sites.get(number_or(element, "site_id", 0))
    if site:
        return site.client_id, site.id
    client_id = _client(world, element, old.client_id if old else 0)
    if old and old.client_id == client_id:
        return client_id, old.site_id
    first = world.directory.first_site(client_id)
    return client_id, first.id if first else 0


def _site(world: World, element: Element, old: Site | None) -> Site:
    return Site(
        id=old.id if old else world.next_id("sites"),
        client_id=_client(world, element, old.client_id if old else 0),
        name=_named(element, "name", old.name if old else ""),
        inactive=flag_or(element, "inactive", old.inactive if old else False),
    )


def _user(world: World, element: Element, old: User | None) -> User:
    client_id, site_id = _place(world, element, old)
    return User(
        id=old.id if old else world.next_id("users"),
        name=_named(element, "name", old.name if old else ""),
        client_id=client_id,
        site_id=site_id,
        emailaddress=text_or(element, "emailaddress", old.emailaddress if old else ""),
        login=text_or(element, "login", old.login if old else ""),
        inactive=flag_or(element, "inactive", old.inactive if old else False),
    )


def _asset(world: World, element: Element, old: Asset | None) -> Asset:
    client_id, site_id = _place(world, element, old)
    return Asset(
        id=old.id if old else world.next_id("assets"),
        inventory_number=_named(element, "inventory_number", old.inventory_number if old else ""),
        client_id=client_id,
        site_id=site_id,
        key_field=text_or(element, "key_field", old.key_field if old else ""),
        key_field2=text_or(element, "key_field2", old.key_field2 if old else ""),
        key_field3=text_or(element, "key_field3", old.key_field3 if old else ""),
        inactive=flag_or(element, "inactive", old.inactive if old else False),
    )


def _agent(world: World, element: Element, old: Agent | None) -> Agent:
    """Rights are the role's, which the API does not write here: those of an agent that is there stay."""
    made = old or Agent(id=0, name="")
    return Agent(
        id=old.id if old else world.next_id("agents"),
        name=_named(element, "name", made.name),
        email=text_or(element, "email", made.email),
        team=text_or(element, "team", made.team),
        jobtitle=text_or(element, "jobtitle", made.jobtitle),
        isdisabled=flag_or(element, "isdisabled", made.isdisabled),
        isapiagent=flag_or(element, "isapiagent", made.isapiagent),
        rights=made.rights,
    )


def _may_edit_customers(world: World, call: ApiCall) -> None:
    require(call, "edit", "customers")


def _may_edit_assets(world: World, call: ApiCall) -> None:
    require(call, "edit", "assets")


def _whole(show: Any) -> Any:
    return lambda world, thing, query: show(world, thing)


SITE = Kind(
    name="Site",
    part="sites",
    rows_name="sites",
    switch="",
    merged=_site,
    row=site_object,
    whole=_whole(site_object),
    check_allowed=_may_edit_customers,
)
USER = Kind(
    name="User",
    part="users",
    rows_name="users",
    switch="",
    merged=_user,
    row=user_object,
    whole=_whole(user_object),
    check_allowed=_may_edit_customers,
)
ASSET = Kind(
    name="Asset",
    part="assets",
    rows_name="assets",
    switch="",
    merged=_asset,
    row=asset_object,
    whole=_whole(asset_object),
    check_allowed=_may_edit_assets,
)
AGENT = Kind(
    name="Agent",
    part="agents",
    rows_name="agents",
    switch="",
    merged=_agent,
    row=lambda world, agent: agent_object(agent),
    whole=_whole(lambda world, agent: agent_object(agent)),
)
