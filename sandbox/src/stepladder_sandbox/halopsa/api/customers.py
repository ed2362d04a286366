"""Reading customers and what is theirs: sites, end users, machines (HaloPSA fact 21)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, Query, require
from stepladder_sandbox.halopsa.api.paging import OTHER_PAGE_CAP, by_id, cut
from stepladder_sandbox.halopsa.elements import parse_moment
from stepladder_sandbox.halopsa.records import Asset, Client, Site, User
from stepladder_sandbox.halopsa.refusals import forbidden
from stepladder_sandbox.halopsa.world import World

_Thing = TypeVar("_Thing", Client, Site, User, Asset)


def _shown(things: Iterable[_Thing], query: Query, test: Callable[[_Thing], bool]) -> list[_Thing]:
    """Inactive things are hidden unless asked for; `includeactive=false` hides the others."""
    with_inactive, with_active = query.flag("includeinactive"), query.flag("includeactive", default=True)
    return [each for each in things if (with_inactive if each.inactive else with_active) and test(each)]


def _like(needle: str, *texts: str) -> bool:
    return any(needle in text.lower() for text in texts)


def _place(query: Query, client_id: int, site_id: int) -> bool:
    wanted_client, wanted_site = query.integer("client_id"), query.integer("site_id")
    return (not wanted_client or wanted_client == client_id) and (not wanted_site or wanted_site == site_id)


def _envelope(
    name: str, found: list[_Thing], query: Query, show: Callable[[_Thing], dict[str, Any]]
) -> Answer:
    rows, envelope = cut(found, query, cap=OTHER_PAGE_CAP)
    return Answer(data=envelope | {name: [show(each) for each in rows]})


def clients(world: World, call: ApiCall, rest: str) -> Answer:
    """Customers. An inactive one still answers by id (HaloPSA fact 21)."""
    require(call, "read", "customers")
    if rest:
        client = by_id(world.directory.clients, rest, "Client")
        return Answer(data=client_object(client) | _azure_tenants(world, client))
    needle, in_name = call.query.text("search").lower(), call.query.text("search_name_only").lower()
    since = parse_moment(call.query.text("lastupdatefromdate"))
    found = _shown(
        sorted(world.config.clients, key=lambda client: client.name.lower()),
        call.query,
        lambda client: (
            _like(needle, client.name, client.ref)
            and _like(in_name, client.name)
            and (since is None or _changed(world, client) >= since)
        ),
    )
    with_tenants = call.query.flag("includeazuretenants")

    def shown(client: Client) -> dict[str, Any]:
        return client_object(client) | (_azure_tenants(world, client) if with_tenants else {})

    return _envelope("clients", found, call.query, shown)


def _azure_tenants(world: World, client: Client) -> dict[str, Any]:
    """The customer's Entra directories. Which of the specification's two fields are filled is unknown."""
    known = world.switches.azure_tenants
    found: dict[str, Any] = {}
    if known in ("both", "array"):
        found["azure_tenants"] = [
            {"id": number, "client_id": client.id, **msgspec.structs.asdict(each)}
            for number, each in enumerate(client.azure_tenants, 1)
        ]
    if known in ("both", "id") and client.azure_tenants:
        found["azure_tenant_id"] = client.azure_tenants[0].azure_tenant_id
    return found


def _changed(world: World, client: Client) -> datetime:
    """When a customer was last changed; those that never were are as old as anything."""
    return world.client_changes.get(client.id, datetime.min.replace(tzinfo=UTC))


def client_object(client: Client) -> dict[str, Any]:
    """A customer as it is listed, read, and answered after a write."""
    return {
        "id": client.id,
        "name": client.name,
        "ref": client.ref,
        "inactive": client.inactive,
        "colour": client.colour,
        "toplevel_id": client.toplevel_id,
        "toplevel_name": client.toplevel_name,
        "is_vip": client.is_vip,
        "key": client.id,
        "table": 1,
        "use": "client",
        "customfields": [],
    }


def sites(world: World, call: ApiCall, rest: str) -> Answer:
    """Places of customers."""
    require(call, "read", "customers")
    if rest:
        return Answer(data=site_object(world, by_id(world.directory.sites, rest, "Site")))
    needle = call.query.text("search").lower()
    found = _shown(
        world.config.sites,
        call.query,
        lambda site: _like(needle, site.name) and _place(call.query, site.client_id, site.id),
    )
    return _envelope("sites", found, call.query, lambda site: site_object(world, site))


def site_object(world: World, site: Site) -> dict[str, Any]:
    """A place as it is listed, read, and answered after a write."""
    client_name = world.directory.client_name(site.client_id)
    return {
        "id": site.id,
        "name": site.name,
        "client_id": float(site.client_id),
        "client_name": client_name,
        "clientsite_name": f"{client_name}/{site.name}",
        "inactive": site.inactive,
        "use": "site",
    }


def users(world: World, call: ApiCall, rest: str) -> Answer:
    """End users. They have no scope of their own, but the agent's role can withhold them."""
    if call.caller.rights.users == "none":
        raise forbidden()
    if rest:
        return Answer(data=user_object(world, by_id(world.directory.users, rest, "User")))
    needle = call.query.text("search").lower()
    found = _shown(
        world.config.users,
        call.query,
        lambda user: (
            _like(needle, user.name, user.emailaddress, user.login)
            and _place(call.query, user.client_id, user.site_id)
        ),
    )
    return _envelope("users", found, call.query, lambda user: user_object(world, user))


def user_object(world: World, user: User) -> dict[str, Any]:
    """An end user, likewise."""
    site = world.directory.sites.get(user.site_id)
    return {
        "id": user.id,
        "name": user.name,
        "emailaddress": user.emailaddress,
        "login": user.login,
        "client_id": user.client_id,
        "client_name": world.directory.client_name(user.client_id),
        "site_id": float(user.site_id) if world.switches.user_site_as_double else user.site_id,
        "site_id_int": user.site_id,
        "site_name": site.name if site else "",
        "inactive": user.inactive,
        "use": "user",
    }


def assets(world: World, call: ApiCall, rest: str) -> Answer:
    """Machines. Their name may be the tag or a key field, and a search looks into all of them."""
    require(call, "read", "assets")
    if rest:
        return Answer(data=asset_object(world, by_id(world.directory.assets, rest, "Asset")))
    found = _shown(world.config.assets, call.query, lambda asset: _asset_matches(asset, call.query))
    return _envelope("assets", found, call.query, lambda asset: asset_object(world, asset))


def _asset_matches(asset: Asset, query: Query) -> bool:
    tag, needle = query.text("inventory_number").lower(), query.text("search").lower()
    keys = (
        ()
        if query.flag("search_inventory_number_only")
        else (asset.key_field, asset.key_field2, asset.key_field3)
    )
    return (
        (not tag or tag == asset.inventory_number.lower())
        and _like(needle, asset.inventory_number, *keys)
        and _place(query, asset.client_id, asset.site_id)
    )


def asset_object(world: World, asset: Asset) -> dict[str, Any]:
    """A machine, likewise."""
    return {
        "id": asset.id,
        "inventory_number": asset.inventory_number,
        "key_field": asset.key_field,
        "key_field2": asset.key_field2,
        "key_field3": asset.key_field3,
        "client_id": asset.client_id,
        "client_name": world.directory.client_name(asset.client_id),
        "site_id": asset.site_id,
        "assettype_id": asset.assettype_id,
        "assettype_name": asset.assettype_name,
        "inactive": asset.inactive,
        "use": "asset",
    }
