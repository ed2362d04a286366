"""Writing `/api/Client`: customers become inactive, get another name, or go altogether."""

from __future__ import annotations

from typing import Any

from stepladder_sandbox.halopsa.api.calls import ApiCall, Query, require
from stepladder_sandbox.halopsa.api.customers import client_object
from stepladder_sandbox.halopsa.api.setup.kinds import Kind, flag_or, text_or
from stepladder_sandbox.halopsa.directory import GENERAL_USER
from stepladder_sandbox.halopsa.elements import Element
from stepladder_sandbox.halopsa.records import Client, Site, User
from stepladder_sandbox.halopsa.refusals import invalid
from stepladder_sandbox.halopsa.world import World


def _merged(world: World, element: Element, old: Client | None) -> Client:
    name = text_or(element, "name", old.name if old else "").strip()
    if not name:
        raise invalid("Please enter a Name")
    new = Client(
        id=old.id if old else world.next_id("clients"),
        name=name,
        ref=text_or(element, "ref", old.ref if old else ""),
        inactive=flag_or(element, "inactive", old.inactive if old else False),
        is_vip=flag_or(element, "is_vip", old.is_vip if old else False),
        colour=text_or(element, "colour", old.colour if old else "#5a86bd"),
        azure_tenants=old.azure_tenants if old else (),
    )
    if old is None:
        _settle(world, new)
    world.client_changes[new.id] = world.now()
    return new


def _settle(world: World, client: Client) -> None:
    """Give a new customer the site and the General User that every customer has."""
    site = Site(id=world.next_id("sites"), client_id=client.id)
    user = User(id=world.next_id("users"), name=GENERAL_USER, client_id=client.id, site_id=site.id)
    world.configure(sites=(*world.config.sites, site), users=(*world.config.users, user))


def leave(world: World, client: Client) -> None:
    """What goes with a customer who is deleted: sites, users, machines. Tickets stay. Raises Refused."""
    if world.switches.client_with_tickets == "kept" and world.store.of_client(client.id):
        raise invalid("This Client cannot be deleted as it has Tickets.")
    config = world.config
    world.configure(
        sites=tuple(each for each in config.sites if each.client_id != client.id),
        users=tuple(each for each in config.users if each.client_id != client.id),
        assets=tuple(each for each in config.assets if each.client_id != client.id),
    )


def _may_edit(world: World, call: ApiCall) -> None:
    require(call, "edit", "customers")


def _whole(world: World, client: Client, query: Query) -> dict[str, Any]:
    return client_object(client)


CLIENT = Kind(
    name="Client",
    part="clients",
    rows_name="clients",
    switch="",
    merged=_merged,
    row=lambda world, client: client_object(client),
    whole=_whole,
    after_delete=leave,
    check_allowed=_may_edit,
)
