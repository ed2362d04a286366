"""What people do to tickets and customers behind an integration's back, by the API and at the screen."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal

import httpx2
import pytest
from tests.sandbox.conftest import Api, MovableClock

from stepladder_sandbox.halopsa.callers import ALL_RIGHTS
from stepladder_sandbox.halopsa.demo import CLOSED, NIK
from stepladder_sandbox.halopsa.testing import RunningSandbox

NORTHWIND, CONTOSO = 1, 2


@pytest.fixture
async def two(admin: Api) -> tuple[int, int]:
    """Two tickets, the first with a note and some time on it."""
    first = await admin.create(summary="First", third_party_id_string="SL-1")
    second = await admin.create(summary="Second")
    await admin.act(first["id"], note="Worked on it", timetaken=0.5)
    return first["id"], second["id"]


async def changed_since(api: Any, moment: Any, **more: Any) -> Any:
    return set(await api.found(lastupdatefromdate=moment.isoformat(), **more))


@pytest.fixture
def later(clock: MovableClock) -> Callable[[], datetime]:
    """Moves the clock and gives the moment from which a change is new."""

    def move() -> Any:
        clock.advance(60)
        return clock.now

    return move


# Merging ----------------------------------------------------------------------------------------------------------


async def test_a_merged_ticket_is_closed_and_says_where_it_went(
    admin: Api, sandbox: RunningSandbox, two: tuple[int, int], later: Callable[[], datetime]
) -> None:
    source, target = two
    since = later()
    answer = await admin.update(source, merged_into_id=target, domerge=True)
    assert answer.json()["merged_into_id"] == target
    merged = await admin.read(source)
    assert (merged["hasbeenclosed"], merged["status_id"]) == (True, CLOSED)
    notes = [each["note"] for each in (await admin.get("Actions", ticket_id=target)).json()["actions"]]
    assert notes[0] == "Worked on it"
    assert (await admin.read(target))["timetaken"] == 0.5
    assert await changed_since(admin, since) == {source, target}
    rows = (await admin.get("Tickets", third_party_id_string="SL-1")).json()["tickets"]
    assert [row["merged_into_id"] for row in rows] == [target]
    event = sandbox.events("ticket.updated")[-1]
    assert (event["merged_into_id"], event["closed_now"]) == (target, True)


@pytest.mark.parametrize("needed", [True, False])
async def test_without_the_flag_a_merge_is_taken_only_if_switched(
    admin: Api, sandbox: RunningSandbox, two: tuple[int, int], needed: bool
) -> None:
    sandbox.switches.merge_needs_domerge = needed
    source, target = two
    await admin.update(source, merged_into_id=target, summary="Renamed too")
    assert sandbox.ticket(source).merged_into_id == (0 if needed else target)
    assert sandbox.ticket(source).summary == "Renamed too"


async def test_a_merged_ticket_may_be_deleted_by_the_merge(
    admin: Api, sandbox: RunningSandbox, two: tuple[int, int], later: Callable[[], datetime]
) -> None:
    sandbox.switches.merge_leaves = "deleted"
    source, target = two
    since = later()
    await admin.update(source, merged_into_id=target, domerge=True)
    assert (await admin.get(f"Tickets/{source}")).status_code == 404
    assert await changed_since(admin, since, deleted="true") == {source}
    assert sandbox.events("ticket.deleted")[0]["reason"] == f"Merged into {target}"


@pytest.mark.parametrize("into", [999999, "itself"])
async def test_a_merge_into_nothing_or_itself_is_refused(
    admin: Api, sandbox: RunningSandbox, two: tuple[int, int], into: int | str
) -> None:
    source, _ = two
    answer = await admin.update(source, merged_into_id=source if into == "itself" else into, domerge=True)
    assert answer.status_code == 400
    assert not sandbox.ticket(source).is_closed


async def test_no_ticket_is_merged_twice_or_into_a_merged_one(admin: Api, two: tuple[int, int]) -> None:
    source, target = two
    third = (await admin.create())["id"]
    await admin.update(source, merged_into_id=target, domerge=True)
    assert (await admin.update(source, merged_into_id=target, domerge=True)).status_code == 201
    assert (await admin.update(source, merged_into_id=third, domerge=True)).status_code == 400
    assert (await admin.update(third, merged_into_id=source, domerge=True)).status_code == 400


# Moving, editing, deleting ---------------------------------------------------------------------------------------


async def test_a_moved_ticket_gets_site_and_user_of_its_new_customer(
    admin: Api, sandbox: RunningSandbox, later: Callable[[], datetime]
) -> None:
    ticket = await admin.create(site_id=11, user_id=500)
    since = later()
    await admin.update(ticket["id"], client_id=CONTOSO)
    moved = await admin.read(ticket["id"])
    assert (moved["client_name"], moved["site_id"], moved["user_name"]) == (
        "Contoso Dental",
        12,
        "General User",
    )
    assert ticket["id"] in await changed_since(admin, since, client_id=CONTOSO)
    assert ticket["id"] not in await admin.found(client_id=NORTHWIND)
    changed = sandbox.events("ticket.updated")[-1]["changed"]
    assert changed == ["client_id", "site_id", "user_id"]


async def test_a_move_may_name_site_and_user(admin: Api) -> None:
    ticket = await admin.create()
    await admin.update(ticket["id"], client_id=CONTOSO, site_id=12, user_id=502)
    moved = await admin.read(ticket["id"])
    assert (moved["site_id"], moved["user_id"]) == (12, 502)


async def test_a_move_to_a_customer_without_site_and_users_leaves_them_empty(
    admin: Api, sandbox: RunningSandbox
) -> None:
    sandbox.state.configure(sites=(), users=())
    ticket = await admin.create()
    await admin.update(ticket["id"], client_id=CONTOSO)
    assert (sandbox.ticket(ticket["id"]).site_id, sandbox.ticket(ticket["id"]).user_name) == (0, "")


async def test_edited_fields_deleting_and_undeleting_are_all_changes(
    admin: Api, sandbox: RunningSandbox, clock: MovableClock, later: Callable[[], datetime]
) -> None:
    ticket = await admin.create()
    since = later()
    value = {"name": "CFidemeumCustomerName", "value": "Somebody else"}
    await admin.update(ticket["id"], customfields=[value])
    assert await changed_since(admin, since) == {ticket["id"]}
    since = later()
    sandbox.reconfigure(
        agents=[
            {"id": each.id, "name": each.name, "rights": rights_of(each)}
            for each in sandbox.state.config.agents
        ]
    )
    await admin.sign_in_for_setup()
    assert (await admin.delete(f"Tickets/{ticket['id']}", reason="by mistake")).status_code == 200
    assert await changed_since(admin, since) == set()
    assert await changed_since(admin, since, deleted="true") == {ticket["id"]}
    row = (await admin.get("Tickets", deleted="true")).json()["tickets"][0]
    assert row["deleted"] is True
    since = later()
    await admin.update(ticket["id"], _recover=True, _validate_updates=True)
    assert await changed_since(admin, since) == {ticket["id"]}
    assert "deleted" not in await admin.read(ticket["id"])


def rights_of(agent: Any) -> Any:
    return {"clients": "modify", "delete_tickets": True, "administrator": agent.name == "Stepladder set-up"}


# Customers ---------------------------------------------------------------------------------------------------------


async def test_customers_are_written_with_their_scope_and_right(
    api: Api, admin: Api, later: Callable[[], datetime]
) -> None:
    assert (await api.post("Client", [{"id": NORTHWIND, "inactive": True}])).status_code == 403
    assert (await api.delete(f"Client/{NORTHWIND}")).status_code == 403
    since = later()
    changed = await admin.put("Client", id=NORTHWIND, inactive=True, name="Northwind Ltd")
    assert (changed["inactive"], changed["name"], changed["ref"]) == (True, "Northwind Ltd", "northwind")
    rows = (await api.get("Client", lastupdatefromdate=since.isoformat(), includeinactive="true")).json()
    assert [row["id"] for row in rows["clients"]] == [NORTHWIND]
    assert NORTHWIND not in [row["id"] for row in (await api.get("Client")).json()["clients"]]
    assert (await api.get(f"Client/{NORTHWIND}")).json()["inactive"] is True


async def test_a_new_customer_has_a_site_and_a_general_user(admin: Api) -> None:
    made = await admin.put("Client", name="Brand New", ref="new", is_vip=True)
    assert made["is_vip"]
    assert (await admin.get("Site", client_id=made["id"])).json()["record_count"] == 1
    users = (await admin.get("Users", client_id=made["id"])).json()["users"]
    assert [user["name"] for user in users] == ["General User"]
    assert (await admin.create(client_id=made["id"]))["client_name"] == "Brand New"


@pytest.mark.parametrize("position", ["deletable", "kept"])
async def test_a_deleted_customer_leaves_its_tickets(
    admin: Api, api: Api, sandbox: RunningSandbox, position: Literal["deletable", "kept"]
) -> None:
    sandbox.switches.client_with_tickets = position
    ticket = await api.create()
    answer = await admin.delete(f"Client/{NORTHWIND}")
    assert answer.status_code == (200 if position == "deletable" else 400)
    gone = position == "deletable"
    assert (await api.get(f"Client/{NORTHWIND}")).status_code == (404 if gone else 200)
    found = await api.read(ticket["id"])
    assert (found["client_id"], found["client_name"]) == (NORTHWIND, "" if gone else "Northwind Traders")
    assert ((await api.get("Asset", client_id=NORTHWIND)).json()["record_count"] == 0) is gone
    assert (await admin.delete("Client/8")).status_code == 200


# The same at the screen ---------------------------------------------------------------------------------------------


@pytest.fixture
def screen(guest: Api) -> Callable[..., Awaitable[httpx2.Response]]:
    async def send(path: Any, **form: Any) -> Any:
        return await guest.http.post(path, data=form)

    return send


async def test_a_ticket_is_merged_moved_edited_deleted_and_undeleted_at_the_screen(
    admin: Api,
    sandbox: RunningSandbox,
    screen: Callable[..., Awaitable[httpx2.Response]],
    guest: Api,
    two: tuple[int, int],
) -> None:
    source, target = two
    path = f"/tickets/{source}/change"
    assert (await screen(path, do="move", client_id=CONTOSO)).status_code == 303
    assert sandbox.ticket(source).client_id == CONTOSO
    await screen(path, do="fields", CFidemeumCustomerName="Zoë & Söhne", unknown="x")
    assert sandbox.ticket(source).custom[181] == "Zoë & Söhne"
    assert 'value="Zoë &amp; Söhne"' in (await guest.http.get(f"/tickets/{source}")).text
    await screen(path, do="merge", into=target)
    assert sandbox.ticket(source).merged_into_id == target
    markup = (await guest.http.get(f"/tickets/{source}")).text
    assert f'merged into <a href="/tickets/{target}">' in markup
    await screen(path, do="delete")
    gone = await guest.http.get(f"/tickets/{source}")
    assert gone.status_code == 404
    assert "Undelete it" in gone.text
    await screen(path, do="undelete")
    assert (await guest.http.get(f"/tickets/{source}")).status_code == 200
    assert sandbox.events("ticket.recovered")[0]["by"] == "Nik Potnis"


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"do": "merge", "into": "77777"}, "does not exist"),
        ({"do": "move", "client_id": "777"}, "does not exist"),
        ({"do": "undelete"}, None),
        ({"do": "nothing"}, None),
    ],
)
async def test_what_is_not_possible_at_the_screen_is_said(
    screen: Callable[..., Awaitable[httpx2.Response]],
    two: tuple[int, int],
    form: dict[str, str],
    says: str | None,
) -> None:
    answer = await screen(f"/tickets/{two[0]}/change", **form)
    assert answer.status_code == (400 if says else 303)
    assert not says or says in answer.text


async def test_a_ticket_that_was_never_there_cannot_be_undeleted(
    screen: Callable[..., Awaitable[httpx2.Response]], guest: Api, sandbox: RunningSandbox
) -> None:
    assert (await screen("/tickets/9999/change", do="undelete")).status_code == 400
    assert "Undelete it" not in (await guest.http.get("/tickets/9999")).text
    sandbox.reconfigure(agents=[{"id": 1, "name": "Unassigned"}])
    assert "There is no agent who can sign in" in (await screen("/tickets/2003/change", do="delete")).text


async def test_a_customer_changes_at_the_screen(
    screen: Callable[..., Awaitable[httpx2.Response]], guest: Api, sandbox: RunningSandbox
) -> None:
    path = f"/customers/{NORTHWIND}"
    assert (await screen(path, do="inactive")).headers["location"] == "/customers"
    assert sandbox.state.directory.clients[NORTHWIND].inactive
    await screen(path, do="active")
    await screen(path, do="edit", name="Northwind Ltd", ref="nw")
    client = sandbox.state.directory.clients[NORTHWIND]
    assert (client.inactive, client.name, client.ref) == (False, "Northwind Ltd", "nw")
    assert "Northwind Ltd" in (await guest.http.get("/customers")).text
    sandbox.switches.client_with_tickets = "kept"
    assert (await screen(path, do="delete")).status_code == 400
    sandbox.switches.client_with_tickets = "deletable"
    await screen(path, do="delete")
    assert NORTHWIND not in sandbox.state.directory.clients
    assert (await screen(path, do="delete")).status_code == 404
    assert [event["done"] for event in sandbox.events("configuration.changed")] == [
        "inactive",
        "active",
        "edit",
        "delete",
    ]
    sandbox.state.configure(clients=())
    assert "No customers are left" in (await guest.http.get("/customers")).text


async def test_forms_of_other_sites_change_nothing(guest: Api, sandbox: RunningSandbox) -> None:
    for path in ("/customers/1", "/tickets/2003/change", "/setup/runbooks/x"):
        answer = await guest.http.post(path, data={"do": "delete"}, headers={"Sec-Fetch-Site": "same-site"})
        assert answer.status_code == 403
    assert sandbox.ticket(2003).id == 2003


async def test_a_runbook_is_turned_on_and_off_at_the_screen(
    screen: Callable[..., Awaitable[httpx2.Response]], guest: Api, sandbox: RunningSandbox
) -> None:
    (runbook,) = sandbox.state.config.webhooks
    for position, active in (("on", True), ("off", False)):
        await screen(f"/setup/runbooks/{runbook.id}", do=position)
        assert sandbox.state.config.webhooks[0].active is active
    assert (await screen("/setup/runbooks/nothing", do="on")).status_code == 404
    markup = (await guest.http.get("/setup")).text
    assert "Idemeum - disable JIT accounts" in markup
    assert sandbox.state.config.integrations[0].header_value not in markup


def test_the_screen_may_do_everything() -> None:
    assert (ALL_RIGHTS.delete_tickets, ALL_RIGHTS.clients, ALL_RIGHTS.administrator) == (True, "modify", True)
    assert NIK
