"""Mapping with the sandbox: no wrong link among near names, what waits is seen and heals, and renaming keeps a link."""

from __future__ import annotations

import msgspec
import pytest
from tests.support.halo import connect, drain
from tests.support.tenants import new_tenant

from stepladder.errors import NotFound
from stepladder.sandbox.halopsa.records import Client
from stepladder.tenancy import service as tenancy
from stepladder.tickets import mapping, service as tickets
from stepladder.tickets.mapping import AmbiguousName, RemoteCustomerTaken


async def remotes_of(services, tenant):
    _, connector = await tickets.opened(services.tickets, tenant.operator, tickets.unbounded)
    try:
        return await connector.list_customers()
    finally:
        await connector.aclose()


async def map_all(services, tenant) -> dict:
    """What `stepladder customer map` does; every customer's row by its display name."""
    remotes = await remotes_of(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        row = await tickets.queries.connector(tx)
        await mapping.map_automatically(tx, row.id, remotes, services.clock.now())
        return {each["customer"]: each for each in await mapping.listing(tx)}


async def link(services, tenant, customer, remote_name: str):
    remotes = await remotes_of(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        row = await tickets.queries.connector(tx)
        return await mapping.link_by_name(
            tx, row.id, customer, remote_name=remote_name, remotes=remotes, now=services.clock.now()
        )


def add_clients(halo, *clients: Client) -> None:
    halo.reconfigure(clients=(*halo.state.config.clients, *clients))


async def test_among_130_near_names_over_pages_no_link_is_wrong(services, tenant, halo, connected):
    """Every second remote customer has the exact name, the others differ by a sign, a space, a letter or a word."""
    twists = ["{} Ltd", "{}.", "The {}", "{}s", " {}x", "{}-", "{} (old)", "{}\u200b", "Acmé{}", "{}  Co"]
    remotes, expected = [], {}
    for number in range(130):
        name = f"Acme {number:03}"
        near = twists[number % len(twists)].format(name)
        remotes.append(Client(id=2000 + number, name=near))
        if number % 2:
            remotes.append(Client(id=3000 + number, name=name.upper()))
            expected[name] = str(3000 + number)
    add_clients(halo, *sorted(remotes, key=lambda client: client.name, reverse=True))
    for number in range(130):
        await tenant.customer_called(f"acme-{number}", f"Acme {number:03}")
    rows = await map_all(services, tenant)
    linked = {name: row["remote_id"] for name, row in rows.items() if row["state"] == "mapped"}
    assert linked == {**expected, "Northwind Traders": "1"}
    assert {row["state"] for name, row in rows.items() if name not in linked} == {"unmapped"}


async def test_a_near_customer_and_its_device_do_not_get_each_others_tickets(
    services, tenant, halo, connected
):
    trading = await tenant.customer_called("nt", "Northwind Trading")
    other = await tenant.desktop_of(trading, "NW-LAP-014")
    await tenant.submit(await tenant.desktop_of(tenant.customer, "NW-LAP-014"))
    await tenant.submit(other)
    await drain(services, tenant)
    created = {event["client_name"]: event for event in halo.events("ticket.created")}
    assert created["Northwind Traders"]["asset_ids"] == [300]
    assert created["Northwind Trading"]["asset_ids"] == [306]


@pytest.mark.parametrize(
    ("clients", "state", "detail"),
    [
        ((), "unmapped", "No customer is called 'Umbra Co' or 'umbra'."),
        (
            (Client(id=50, name="Umbra Co"), Client(id=51, name="UMBRA CO")),
            "ambiguous",
            "2 active customers are called 'Umbra Co'.",
        ),
        (
            (Client(id=50, name="Umbra Co", inactive=True),),
            "inactive",
            "The only customer of that name is inactive in HaloPSA.",
        ),
    ],
)
async def test_an_unmapped_customers_requests_wait_visibly_and_heal_when_linked(
    services, tenant, halo, connected, clients, state, detail
):
    add_clients(halo, *clients)
    umbra = await tenant.customer_called("umbra", "Umbra Co")
    desktop = await tenant.desktop_of(umbra)
    waiting = [await tenant.submit(desktop) for _ in range(3)]
    seen = await tenant.submit()
    await drain(services, tenant)
    # The mapped customer's ticket is not held up by those that wait.
    assert [
        event["custom_fields"]["CFidemeumElevationRequestId"] for event in halo.events("ticket.created")
    ] == [seen.request_id]
    async with services.db.transaction(tenant.operator) as tx:
        status = await tickets.status(tx)
        (row,) = [each for each in await mapping.listing(tx) if each["customer"] == "Umbra Co"]
    assert (row["state"], row["detail"]) == (state, detail)
    assert {str(each["request_id"]) for each in status["waiting"]} == {each.request_id for each in waiting}
    for each in status["waiting"]:
        assert each["needs_attention"]
        assert each["error_code"] == "customer_not_mapped"
        assert each["error"].startswith(f"Umbra Co is not linked to a customer in HaloPSA ({state}).")
        assert "stepladder customer link" in each["error"]
    assert not status["connector"]["needs_attention"]
    add_clients(halo, Client(id=60, name="Umbra Holding"))
    await link(services, tenant, umbra, "umbra HOLDING")
    await drain(services, tenant)
    healed = [event for event in halo.events("ticket.created") if event["client_id"] == 60]
    assert len(healed) == 3
    async with services.db.transaction(tenant.operator) as tx:
        assert (await tickets.status(tx))["waiting"] == []


async def test_renaming_on_either_side_keeps_the_link_and_shows_the_new_name(
    services, tenant, halo, connected
):
    await map_all(services, tenant)
    clients = [
        msgspec.structs.replace(client, name="Southwind GmbH") if client.id == 1 else client
        for client in halo.state.config.clients
    ]
    halo.reconfigure(clients=tuple(clients))
    async with services.db.transaction(tenant.operator) as tx:
        await tenancy.rename_customer(
            tx, services.clock.now(), tenant.customer, name="renamed", display_name="Renamed Traders"
        )
    rows = await map_all(services, tenant)
    assert (rows["Renamed Traders"]["remote_id"], rows["Renamed Traders"]["remote_name"]) == (
        "1",
        "Southwind GmbH",
    )
    await tenant.submit()
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    assert (created["client_id"], created["client_name"]) == (1, "Southwind GmbH")


async def test_a_new_remote_customer_with_the_old_name_does_not_take_over_the_link(
    services, tenant, halo, connected
):
    await map_all(services, tenant)
    clients = [
        msgspec.structs.replace(client, name="Southwind GmbH") if client.id == 1 else client
        for client in halo.state.config.clients
    ]
    halo.reconfigure(clients=(*clients, Client(id=70, name="Northwind Traders")))
    await map_all(services, tenant)
    await tenant.submit()
    await drain(services, tenant)
    assert halo.events("ticket.created")[0]["client_id"] == 1


async def test_a_remote_customer_that_becomes_inactive_is_shown(services, tenant, halo, connected):
    await map_all(services, tenant)
    clients = [
        msgspec.structs.replace(client, inactive=client.id == 1) for client in halo.state.config.clients
    ]
    halo.reconfigure(clients=tuple(clients))
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["state"], row["remote_id"], row["detail"]) == (
        "mapped",
        "1",
        "The customer is inactive in HaloPSA.",
    )
    halo.reconfigure(clients=tuple(msgspec.structs.replace(client, inactive=False) for client in clients))
    assert (await map_all(services, tenant))["Northwind Traders"]["detail"] is None


async def test_whose_display_name_it_is_comes_before_whose_name_it_is(services, tenant, halo, connected):
    """The older customer only happens to be called, in short, what the younger one is called in full."""
    add_clients(halo, Client(id=80, name="Umbra"))
    await tenant.customer_called("umbra", "Umbra Consulting of Old")
    await tenant.customer_called("umbra-new", "Umbra")
    rows = await map_all(services, tenant)
    assert (rows["Umbra"]["state"], rows["Umbra"]["remote_id"]) == ("mapped", "80")
    assert rows["Umbra Consulting of Old"]["state"] == "ambiguous"
    assert rows["Umbra Consulting of Old"]["detail"] == "'umbra' is linked to 'Umbra' already."


# --- By hand -------------------------------------------------------------------------------------------------------


async def test_a_link_by_hand_needs_the_exact_name_in_any_case(services, tenant, halo, connected):
    for name in ("Contoso", "Contoso Denta", "contoso dental cares", "%", ""):
        with pytest.raises(NotFound):
            await link(services, tenant, tenant.customer, name)
    linked = await link(services, tenant, tenant.customer, "  contoso DENTAL ")
    assert (linked.id, linked.name) == ("2", "Contoso Dental")
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["how"], row["remote_id"], row["remote_name"]) == ("manual", "2", "Contoso Dental")


async def test_a_link_by_hand_is_refused_where_it_is_ambiguous_inactive_or_taken(
    services, tenant, halo, connected
):
    add_clients(halo, Client(id=90, name="contoso dental"))
    with pytest.raises(AmbiguousName):
        await link(services, tenant, tenant.customer, "Contoso Dental")
    with pytest.raises(NotFound):
        await link(services, tenant, tenant.customer, "Litware")
    other = await tenant.customer_called("other", "Other")
    await link(services, tenant, other, "Fabrikam Legal")
    with pytest.raises(RemoteCustomerTaken, match="linked to Other already"):
        await link(services, tenant, tenant.customer, "fabrikam legal")
    assert (await link(services, tenant, other, "Fabrikam Legal")).id == "3"


async def test_an_unlinked_customer_can_be_linked_again_and_its_old_one_is_free(
    services, tenant, halo, connected
):
    await map_all(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        await mapping.unlink(tx, tenant.customer, services.clock.now())
        (row,) = await mapping.listing(tx)
        assert (row["state"], row["remote_id"]) == ("unmapped", None)
        with pytest.raises(NotFound):
            await mapping.unlink(tx, tenant.customer, services.clock.now())
    other = await tenant.customer_called("other", "Other")
    assert (await link(services, tenant, other, "Northwind Traders")).id == "1"


async def test_every_link_and_unlink_is_in_the_trail(services, tenant, halo, connected):
    await map_all(services, tenant)
    await link(services, tenant, tenant.customer, "Contoso Dental")
    async with services.db.transaction(tenant.operator) as tx:
        await mapping.unlink(tx, tenant.customer, services.clock.now())
        rows = await tx.dicts(
            "select tag, facts from audit_event where subject = %(id)s and tag like 'customer.%%mapped' order by id",
            {"id": str(tenant.customer.id)},
        )
    assert [(row["tag"], row["facts"].get("how"), row["facts"].get("remote_id")) for row in rows] == [
        ("customer.mapped", "display_name", "1"),
        ("customer.mapped", "manual", "2"),
        ("customer.unmapped", None, None),
    ]


async def test_two_msps_on_one_halopsa_do_not_see_each_others_links(services, tenant, halo, connected):
    other = await new_tenant(services)
    await connect(services, other, halo)
    await link(services, tenant, tenant.customer, "Contoso Dental")
    linked = await link(services, other, other.customer, "Contoso Dental")
    assert linked.id == "2"
