"""Mapping with the sandbox: no wrong link among near names, what waits is seen and heals, and renaming keeps a link."""

from __future__ import annotations

import asyncio
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest
from tests.support.halo import connect, drain
from tests.support.old_names import share
from tests.support.tenants import Tenant, new_tenant

from stepladder.app import Services
from stepladder.connections import service as connections
from stepladder.connections.queries import find_ticket_system
from stepladder.connectors.base import TryLater
from stepladder.errors import NotFound
from stepladder.mapping import queries, run as mapping_run, service as mapping
from stepladder.mapping.policy import Found, How, MappingState
from stepladder.mapping.service import AmbiguousName, RemoteCustomerTaken
from stepladder.remedies import Remedy
from stepladder.tenancy import service as tenancy
from stepladder.tickets.status import list_customers, read_status
from stepladder_sandbox.halopsa.records import AzureTenant, Client
from stepladder_sandbox.halopsa.testing import RunningSandbox


async def remotes_of(services: Services, tenant: Tenant) -> Any:
    async with connections.ticket_system(services.connections, tenant.operator) as (_, connector):
        return await connector.list_customers()


async def run_mapping(services: Services, tenant: Tenant, **how: Any) -> Any:
    """What `stepladder customer map` does."""
    return await services.customers.map_all(tenant.operator, **how)


async def listed(services: Services, tenant: Tenant) -> dict[str, Any]:
    """Every customer's row by its display name."""
    async with services.db.transaction(tenant.operator) as tx:
        return {each["customer"]: each for each in await list_customers(tx)}


async def map_all(services: Services, tenant: Tenant, **how: Any) -> dict[str, Any]:
    """Both."""
    await run_mapping(services, tenant, **how)
    return await listed(services, tenant)


async def kept(services: Services, tenant: Tenant) -> list[list[dict[str, Any]]]:
    """All that a run may change."""
    tables = ("customer_mapping", "audit_event", "ticket_link", "connection", "mapping_run")
    async with services.db.transaction(tenant.operator) as tx:
        return [
            [dict(row) for row in await tx.dicts(f"select * from {table} order by 1")]  # noqa: S608  # names of our own
            for table in tables
        ]


async def link(services: Services, tenant: Tenant, customer: Any, remote_name: str) -> Any:
    remotes = await remotes_of(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        row = await find_ticket_system(tx)
        assert row is not None
        return await services.customers.link_by_name(
            tx, row.id, customer, remote_name=remote_name, remotes=remotes
        )


def add_clients(halo: RunningSandbox, *clients: Client) -> None:
    halo.reconfigure(clients=(*halo.state.config.clients, *clients))


async def test_among_130_near_names_over_pages_no_link_is_wrong(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
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


def list_msps(number: int) -> str:
    return f"{number:08x}-86f1-41af-91ab-2d7cd011db47"


@pytest.mark.parametrize("known", ["both", "array", "id", "off"])
async def test_among_150_near_names_directories_decide_where_they_are_known(
    services: Services,
    tenant: Tenant,
    halo: RunningSandbox,
    connected: None,
    known: Literal["both", "array", "id", "off"],
) -> None:
    """Of five customers each: the directory under another name; the name in another directory; both; a name alone;
    and our directory at a customer of another name while the name is another's. A server that passes over the
    question leaves the names, and then no directory can contradict them."""
    halo.switches.azure_tenants = known
    remotes, expected = [], {}
    for number in range(150):
        name, ours = f"Acme {number:03}", list_msps(number)
        near = ["{} Ltd", "The {}", "{}.", "{}  Co", "{}s"][number // 5 % 5].format(name)
        theirs = (AzureTenant(azure_tenant_id=ours.upper()),)
        others = (AzureTenant(azure_tenant_id=list_msps(9000 + number)),)
        by_directory: int | None
        by_name: int | None = None
        match number % 5:
            case 0:
                remotes.append(Client(id=2000 + number, name=near, azure_tenants=theirs))
                by_directory = 2000 + number
            case 1:
                remotes.append(Client(id=2000 + number, name=name, azure_tenants=others))
                by_directory, by_name = None, 2000 + number
            case 2:
                remotes.append(Client(id=2000 + number, name=name.upper(), azure_tenants=theirs))
                by_directory = by_name = 2000 + number
            case 3:
                remotes.append(Client(id=2000 + number, name=name))
                by_directory = by_name = 2000 + number
            case _:
                remotes.append(Client(id=2000 + number, name=name))
                remotes.append(Client(id=3000 + number, name=near, azure_tenants=theirs))
                by_directory, by_name = 3000 + number, 2000 + number
        expected[name] = by_name if known == "off" else by_directory
        async with services.db.transaction(tenant.operator) as tx:
            await tenancy.create_customer(
                tx, name=f"acme-{number}", display_name=name, directory_id=UUID(ours)
            )
    add_clients(halo, *sorted(remotes, key=lambda client: client.name, reverse=True))
    rows = await map_all(services, tenant)
    linked = {name: int(row["remote_id"]) for name, row in rows.items() if row["state"] == "mapped"}
    assert linked == {**{name: found for name, found in expected.items() if found}, "Northwind Traders": 1}
    if known != "off":
        assert {rows[f"Acme {number:03}"]["state"] for number in range(1, 150, 5)} == {"ambiguous"}
        assert {rows[f"Acme {number:03}"]["how"] for number in range(0, 150, 5)} == {"directory_id"}


async def test_a_thousand_customers_are_mapped_with_fifteen_calls_at_most(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    add_clients(halo, *(Client(id=2000 + number, name=f"Acme {number}") for number in range(1000)))
    async with services.db.transaction(tenant.operator) as tx:
        for number in range(1000):
            await tenancy.create_customer(tx, name=f"acme-{number}", display_name=f"Acme {number}")
    for _ in range(2):
        before = len(halo.events("api.call"))
        rows = await map_all(services, tenant)
        assert [row["state"] for row in rows.values()].count("mapped") == 1001
        assert len(halo.events("api.call")) - before <= 15


async def test_a_near_customer_and_its_device_do_not_get_each_others_tickets(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
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
            "2 active customers are called 'Umbra Co': 50 is 'Umbra Co', 51 is 'UMBRA CO'. Link it by hand.",
        ),
        (
            (Client(id=50, name="Umbra Co", inactive=True),),
            "inactive",
            "The only customer of that name is inactive in HaloPSA.",
        ),
    ],
)
async def test_an_unmapped_customers_requests_wait_visibly_and_heal_when_linked(
    services: Services,
    tenant: Tenant,
    halo: RunningSandbox,
    connected: None,
    clients: tuple[Client, ...],
    state: str,
    detail: str,
) -> None:
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
        status = await read_status(tx)
        (row,) = [each for each in await list_customers(tx) if each["customer"] == "Umbra Co"]
    assert (row["state"], row["detail"]) == (state, detail)
    assert {str(each["request_id"]) for each in status["waiting"]} == {each.request_id for each in waiting}
    assert status["waiting_for_mapping"] == [
        {"customer": "Umbra Co", "state": state, "detail": detail, "requests": 3}
    ]
    assert (row["waiting"], (await listed(services, tenant))["Northwind Traders"]["waiting"]) == (3, 0)
    for each in status["waiting"]:
        assert each["needs_attention"]
        assert each["error_code"] == "customer_not_mapped"
        assert each["error"].startswith(f"Umbra Co is not linked to a customer in HaloPSA ({state}).")
        assert each["remedy"] == Remedy.CUSTOMER_LINK
    assert not status["connector"]["needs_attention"]
    add_clients(halo, Client(id=60, name="Umbra Holding"))
    await link(services, tenant, umbra, "umbra HOLDING")
    await drain(services, tenant)
    healed = [event for event in halo.events("ticket.created") if event["client_id"] == 60]
    assert len(healed) == 3
    async with services.db.transaction(tenant.operator) as tx:
        status = await read_status(tx)
    assert (status["waiting"], status["waiting_for_mapping"]) == ([], [])
    assert (await listed(services, tenant))["Umbra Co"]["waiting"] == 0


async def test_renaming_on_either_side_keeps_the_link_and_shows_the_new_name(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    clients = [
        msgspec.structs.replace(client, name="Southwind GmbH") if client.id == 1 else client
        for client in halo.state.config.clients
    ]
    halo.reconfigure(clients=tuple(clients))
    async with services.db.transaction(tenant.operator) as tx:
        await tenancy.rename_customer(tx, tenant.customer, name="renamed", display_name="Renamed Traders")
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
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
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


async def test_a_remote_customer_that_becomes_inactive_is_shown(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
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


async def test_whose_display_name_it_is_comes_before_whose_name_it_is(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    """The older customer only happens to be called, in short, what the younger one is called in full."""
    add_clients(halo, Client(id=80, name="Umbra"))
    await tenant.customer_called("umbra", "Umbra Consulting of Old")
    younger = await tenant.customer_called("umbra-new", "Umbra of Today")
    await share(tenant, younger, "Umbra")
    rows = await map_all(services, tenant)
    assert (rows["Umbra"]["state"], rows["Umbra"]["remote_id"]) == ("mapped", "80")
    assert rows["Umbra Consulting of Old"]["state"] == "ambiguous"
    assert rows["Umbra Consulting of Old"]["detail"] == "'umbra' is already linked to 'Umbra'."


async def test_a_dry_run_tells_what_a_run_would_do_and_changes_nothing(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    for name in ("Contoso Dental", "Fabrikam Legal", "Tailspin Toys", "Nobody", "Litware"):
        await tenant.customer_called(name.lower(), name)
    await link(services, tenant, (await tenant_customer(services, tenant, "Tailspin Toys")), "Tailspin Toys")
    await tenant.submit(await tenant.desktop_of(await tenant_customer(services, tenant, "Contoso Dental")))
    clients = [
        msgspec.structs.replace(client, name="Southwind GmbH") if client.id == 1 else client
        for client in halo.state.config.clients
        if client.id != 7
    ]
    halo.reconfigure(clients=(*clients, Client(id=33, name="fabrikam legal")))
    before = await kept(services, tenant)
    told = {}
    for is_dry in (True, True, False):
        outcomes = await run_mapping(services, tenant, is_dry=is_dry)
        if is_dry:
            assert await kept(services, tenant) == before
        rows = mapping_run.rows(outcomes, (await listed(services, tenant)).values(), is_dry=is_dry)
        told[is_dry] = {row["customer"]: (row["state"], row["change"]) for row in rows}
    assert told[True] == {
        "Northwind Traders": ("mapped", "renamed in HaloPSA from 'Northwind Traders' to 'Southwind GmbH'"),
        "Contoso Dental": ("mapped", "would be linked"),
        "Fabrikam Legal": ("ambiguous", "was unmapped"),
        "Tailspin Toys": ("gone", "would be marked as gone"),
        "Nobody": ("unmapped", None),
        "Litware": ("inactive", "was unmapped"),
    }
    assert told[False] == {
        **told[True],
        "Contoso Dental": ("mapped", "linked"),
        "Tailspin Toys": ("gone", "gone from HaloPSA"),
    }
    now = await listed(services, tenant)
    assert {name: row["state"] for name, row in now.items()} == {
        name: state for name, (state, _) in told[True].items()
    }
    again = mapping_run.rows(await run_mapping(services, tenant), now.values(), is_dry=False)
    assert [row["customer"] for row in again if row["change"]] == ["Tailspin Toys"]
    await drain(services, tenant)
    assert [event["client_id"] for event in halo.events("ticket.created")] == [2]


async def tenant_customer(services: Services, tenant: Tenant, name: str) -> Any:
    async with services.db.transaction(tenant.operator) as tx:
        return await tenancy.find_customer(tx, name)


# --- Gone ----------------------------------------------------------------------------------------------------------


async def test_a_customer_that_was_deleted_in_halopsa_is_gone_and_found_again_when_there_is_one(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    clients = halo.state.config.clients
    halo.reconfigure(clients=clients[1:])
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["state"], row["remote_id"], row["detail"]) == (
        "gone",
        "1",
        "HaloPSA has no customer 1 any more; it was 'Northwind Traders'.",
    )
    waiting = await tenant.submit()
    await drain(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        (stuck,) = (await read_status(tx))["waiting"]
    assert "(gone)" in stuck["error"]
    assert (await listed(services, tenant))["Northwind Traders"]["waiting"] == 1
    halo.reconfigure(clients=(*clients[1:], Client(id=70, name="NORTHWIND TRADERS")))
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["state"], row["remote_id"], row["waiting"]) == ("mapped", "70", 0)
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    assert created["custom_fields"]["CFidemeumElevationRequestId"] == waiting.request_id
    async with services.db.transaction(tenant.operator) as tx:
        events = await tx.dicts("select tag, facts from audit_event where tag like 'customer.%%' order by id")
    assert [(row["tag"], row["facts"].get("remote_id")) for row in events[1:]] == [
        ("customer.mapped", "1"),
        ("customer.remote_gone", "1"),
        ("customer.mapped", "70"),
    ]


async def test_a_customer_that_is_only_missing_from_the_list_is_not_gone(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    """Neither an answer that may be cut short, nor a refusal to show one customer, is a proof."""
    await map_all(services, tenant)
    halo.fail_next("empty_list", path="/api/client")
    with pytest.raises(TryLater):
        await map_all(services, tenant)
    clients = halo.state.config.clients
    halo.reconfigure(clients=clients[1:])
    for fault in ("500", "html_login_page", "429_plain", "reset_before"):
        halo.fail_next(fault, path="/api/client/*", times=2)
        row = (await map_all(services, tenant))["Northwind Traders"]
        assert (row["state"], row["remote_id"]) == ("mapped", "1"), fault
        halo.stop_failing()
    halo.reconfigure(clients=clients)
    assert (await map_all(services, tenant))["Northwind Traders"]["detail"] is None


async def test_a_few_missing_customers_are_asked_for_in_a_run_and_the_others_in_the_next(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    names = [f"Acme {number:02}" for number in range(25)]
    clients = halo.state.config.clients
    add_clients(halo, *(Client(id=2000 + number, name=name) for number, name in enumerate(names)))
    for name in names:
        await tenant.customer_called(name)
    await map_all(services, tenant)
    halo.reconfigure(clients=clients)
    for gone in (4, 8, 12, 16):
        before = len([event for event in halo.events("api.call") if event["path"].startswith("/api/client/")])
        rows = await map_all(services, tenant)
        reads = [event for event in halo.events("api.call") if event["path"].startswith("/api/client/")]
        assert len(reads) - before <= 4
        assert [row["state"] for row in rows.values()].count("gone") == gone


# --- By hand -------------------------------------------------------------------------------------------------------


async def test_a_link_by_hand_needs_the_exact_name_in_any_case(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    for name in ("Contoso", "Contoso Denta", "contoso dental cares", "%", ""):
        with pytest.raises(NotFound):
            await link(services, tenant, tenant.customer, name)
    linked = await link(services, tenant, tenant.customer, "  contoso DENTAL ")
    assert (linked.id, linked.name) == ("2", "Contoso Dental")
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["how"], row["remote_id"], row["remote_name"]) == ("manual", "2", "Contoso Dental")


async def test_a_link_by_hand_is_refused_where_it_is_ambiguous_inactive_or_taken(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    add_clients(halo, Client(id=90, name="contoso dental"))
    with pytest.raises(AmbiguousName):
        await link(services, tenant, tenant.customer, "CONTOSO Dental")
    with pytest.raises(NotFound):
        await link(services, tenant, tenant.customer, "Litware")
    other = await tenant.customer_called("other", "Other")
    await link(services, tenant, other, "Fabrikam Legal")
    with pytest.raises(RemoteCustomerTaken, match="already linked to Other"):
        await link(services, tenant, tenant.customer, "fabrikam legal")
    assert (await link(services, tenant, other, "Fabrikam Legal")).id == "3"


async def test_an_unlinked_customer_can_be_linked_again_and_its_old_one_is_free(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        await mapping.unlink(tx, tenant.customer)
        (row,) = await list_customers(tx)
        assert (row["state"], row["remote_id"]) == ("unmapped", None)
        with pytest.raises(NotFound):
            await mapping.unlink(tx, tenant.customer)
    other = await tenant.customer_called("other", "Other")
    assert (await link(services, tenant, other, "Northwind Traders")).id == "1"


async def test_every_link_and_unlink_is_in_the_trail(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    await link(services, tenant, tenant.customer, "Contoso Dental")
    async with services.db.transaction(tenant.operator) as tx:
        await mapping.unlink(tx, tenant.customer)
        rows = await tx.dicts(
            "select tag, facts from audit_event where subject = %(id)s and tag like 'customer.%%mapped' order by id",
            {"id": str(tenant.customer.id)},
        )
    assert [(row["tag"], row["facts"].get("how"), row["facts"].get("remote_id")) for row in rows] == [
        ("customer.mapped", "display_name", "1"),
        ("customer.mapped", "manual", "2"),
        ("customer.unmapped", None, None),
    ]


async def test_two_msps_on_one_halopsa_do_not_see_each_others_links(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    other = await new_tenant(services)
    await connect(services, other, halo)
    await link(services, tenant, tenant.customer, "Contoso Dental")
    linked = await link(services, other, other.customer, "Contoso Dental")
    assert linked.id == "2"


async def test_two_who_link_the_same_remote_customer_at_once_cannot_both_have_it(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    other = await tenant.customer_called("other", "Other")
    results = await asyncio.gather(
        *(link(services, tenant, each, "Contoso Dental") for each in (tenant.customer, other)),
        map_all(services, tenant),
        return_exceptions=True,
    )
    assert [type(each) for each in results if isinstance(each, Exception)] == [RemoteCustomerTaken]
    rows = await listed(services, tenant)
    assert [row["remote_id"] for row in rows.values()].count("2") == 1


async def test_the_second_of_two_open_transactions_sees_what_the_first_linked(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    """The order is made certain here: the second one waits for the first to commit, and is then refused in words."""
    other = await tenant.customer_called("other", "Other")
    remotes = await remotes_of(services, tenant)
    waits = asyncio.Event()

    async def second() -> None:
        async with services.db.transaction(tenant.operator) as tx:
            row = await find_ticket_system(tx)
            assert row is not None
            waits.set()
            await services.customers.link_by_name(
                tx, row.id, other, remote_name="Contoso Dental", remotes=remotes
            )

    async with services.db.transaction(tenant.operator) as tx:
        row = await find_ticket_system(tx)
        assert row is not None
        await services.customers.link_by_name(
            tx,
            row.id,
            tenant.customer,
            remote_name="Contoso Dental",
            remotes=remotes,
        )
        late = asyncio.create_task(second())
        await waits.wait()
        await asyncio.sleep(0.2)
        assert not late.done()
    with pytest.raises(RemoteCustomerTaken, match="already linked to Northwind Traders"):
        await late


async def test_the_database_refuses_a_second_link_in_the_same_words(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    """The second wall, for a program that does not wait for the first."""
    await link(services, tenant, tenant.customer, "Contoso Dental")
    other = await tenant.customer_called("other", "Other")
    contoso = next(each for each in await remotes_of(services, tenant) if each.id == "2")
    found = Found(MappingState.MAPPED, How.MANUAL, contoso)

    async def write() -> None:
        async with services.db.transaction(tenant.operator) as tx:
            row = await find_ticket_system(tx)
            assert row is not None
            await queries.write(tx, row.id, [(other.id, found)])

    with pytest.raises(RemoteCustomerTaken):
        await write()


async def test_what_was_unlinked_by_hand_stays_so_until_it_is_asked_for_again(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    await map_all(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        await mapping.unlink(tx, tenant.customer)
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["state"], row["how"], row["remote_id"]) == ("unmapped", "manual", None)
    assert row["detail"].startswith(
        "Unlinked by hand from 'Northwind Traders'. No automatic run links it again."
    )
    waiting = await tenant.submit()
    await drain(services, tenant)
    assert halo.events("ticket.created") == []
    assert (await listed(services, tenant))["Northwind Traders"]["waiting"] == 1
    told = await run_mapping(services, tenant, again=[str(tenant.customer.id)], is_dry=True)
    assert [each.found.remote_id for each in told] == ["1"]
    assert (await listed(services, tenant))["Northwind Traders"]["state"] == "unmapped"
    row = (await map_all(services, tenant, again=[str(tenant.customer.id)]))["Northwind Traders"]
    assert (row["state"], row["how"], row["remote_id"]) == ("mapped", "display_name", "1")
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    assert created["custom_fields"]["CFidemeumElevationRequestId"] == waiting.request_id


async def test_a_link_by_hand_across_directories_is_made_and_says_so(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    """A person may know better than what was typed in; the difference stays visible."""
    tenants = (AzureTenant(azure_tenant_id=list_msps(2)),)
    add_clients(halo, Client(id=70, name="Umbra", azure_tenants=tenants))
    async with services.db.transaction(tenant.operator) as tx:
        await tenancy.set_directory(tx, tenant.customer, UUID(list_msps(1)))
    await link(services, tenant, tenant.customer, "Umbra")
    expected = (
        f"'Umbra' has the directory {list_msps(2)} in HaloPSA, and ours is {list_msps(1)}. The link stays."
    )
    assert (await listed(services, tenant))["Northwind Traders"]["detail"] == expected
    row = (await map_all(services, tenant))["Northwind Traders"]
    assert (row["state"], row["how"], row["detail"]) == ("mapped", "manual", expected)


async def test_a_deleted_customer_holds_nothing_and_its_last_ticket_is_closed_all_the_same(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    gone = await tenant.customer_called("contoso", "Contoso Dental")
    desktop = await tenant.desktop_of(gone)
    request = await tenant.submit(desktop)
    await drain(services, tenant)
    await tenant.decide(request.request_id)
    async with services.db.transaction(tenant.operator) as tx:
        await tx.run("update endpoint set state = 'revoked' where customer_id = %(id)s", {"id": gone.id})
    async with services.db.transaction(tenant.operator) as tx:
        await services.deletion.delete(tx, gone)
    heir = await tenant.customer_called("heir", "Heir")
    assert (await link(services, tenant, heir, "Contoso Dental")).id == "2"
    await drain(services, tenant)
    (created,) = halo.events("ticket.created")
    assert halo.ticket(created["ticket_id"]).is_closed
    assert "Contoso Dental" not in await listed(services, tenant)


async def test_without_a_connector_there_is_nothing_to_map(
    services: Services, tenant: Tenant, halo: RunningSandbox, connected: None
) -> None:
    remotes = await remotes_of(services, tenant)
    async with services.db.transaction(tenant.operator) as tx:
        row = await find_ticket_system(tx)
        assert row is not None
    await connections.remove(services.connections, tenant.operator)
    async with services.db.transaction(tenant.operator) as tx:
        with pytest.raises(connections.NoConnector):
            await services.customers.map_automatically(tx, row.id, remotes)
        with pytest.raises(connections.NoConnector):
            await services.customers.link_by_name(
                tx, row.id, tenant.customer, remote_name="x", remotes=remotes
            )
