"""Two clients that others wrote for the real HaloPSA drive the sandbox through their own code.

`halopsa` (PyPI, tried by its author on Halo 2.186) sends arrays, as the specification says. `haloitsm-python` sends bare
objects, which HaloPSA perhaps accepts (HaloPSA fact 7): it works only with that switch, and it updates at an
address that the specification does not have.
"""

from __future__ import annotations

import asyncio

import pytest
from tests.sandbox.conftest import SCOPES

from stepladder_sandbox.halopsa.demo import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLOSED,
    SETUP_CLIENT_ID,
    SETUP_CLIENT_SECRET,
)

HOSTED = "https://northstar.halopsa.com"
DRAFT = {
    "summary": "From a real client [SL-1]",
    "details": "Amelia asks to run Setup.exe",
    "tickettype_id": 1,
    "client_id": 1,
    "category_1": "Business Applications",
    "third_party_id_string": "SL-1",
}


@pytest.fixture
def halopsa(sandbox, monkeypatch):
    """Signs `halopsa` in. It knows only hosted addresses, so that its session leads them here."""
    import requests
    from HaloPSA import Halo

    class ToSandbox(requests.adapters.HTTPAdapter):
        def send(self, request, **options):
            request.url = request.url.replace(HOSTED, sandbox.url)
            return super().send(request, **options)

    sessions = []

    def session():
        made = requests.sessions.Session()
        made.trust_env = False
        made.mount(HOSTED, ToSandbox())
        sessions.append(made)
        return made

    monkeypatch.setattr(requests, "Session", session)
    yield lambda secret=CLIENT_SECRET, scope=SCOPES: Halo("northstar", CLIENT_ID, secret, scope=scope)
    for each in sessions:
        each.close()


async def test_halopsa_signs_in_creates_finds_reads_acts_and_closes(sandbox, halopsa):
    def work():
        halo = halopsa()
        created = halo.Tickets.update(**DRAFT)
        found = halo.Tickets.search(search="SL-1", pageinate=True, page_size=100, page_no=1, open_only=True)
        note = halo.Actions.update(ticket_id=created["id"], outcome="Resolved", note="Done", timetaken=0.0833)
        closed = halo.Tickets.update(id=created["id"], status_id=CLOSED)
        return created, found, note, closed, halo.Tickets.get(id=created["id"], includedetails=True)

    created, found, note, closed, read = await asyncio.to_thread(work)
    assert [row["id"] for row in found["tickets"]] == [created["id"]]
    assert found["record_count"] == 1
    assert (note["ticket_id"], note["outcome"]) == (created["id"], "Resolved")
    assert closed["hasbeenclosed"]
    assert (read["third_party_id_string"], read["timetaken"]) == ("SL-1", 0.0833)
    assert sandbox.tickets_with("SL-1")[0].is_closed


async def test_halopsa_reads_the_lists_it_knows(halopsa):
    def work():
        halo = halopsa()
        return (
            halo.Clients.search(search="northwind"),
            halo.Clients.get_all(),
            halo.Agents.search(search="dana@nikpot.example"),
            halo.Status.search(),
            halo.TicketTypes.search(),
            halo.Users.search(client_id=1),
            halo.Assets.search(client_id=1),
        )

    some, everybody, agents, statuses, types, users, assets = await asyncio.to_thread(work)
    assert {each["name"] for each in some["clients"]} == {"Northwind Traders", "Northwind Trading"}
    assert len(everybody) == 9
    assert [each["name"] for each in agents] == ["Dana Whitfield"]
    assert "Closed" in [each["name"] for each in statuses]
    assert "Incident" in [each["name"] for each in types]
    assert users["record_count"] == 3
    assert assets["record_count"] == 4


async def test_halopsa_understands_our_refusals(halopsa):
    with pytest.raises(ValueError, match="Make sure your client ID and secret are correct"):
        await asyncio.to_thread(halopsa, "wrong")
    halo = await asyncio.to_thread(halopsa)
    with pytest.raises(ValueError, match="Details was required"):
        await asyncio.to_thread(lambda: halo.Tickets.update(**DRAFT | {"details": None}))
    with pytest.raises(Exception, match="404"):
        await asyncio.to_thread(lambda: halo.Tickets.get(id=999999))
    with pytest.raises(PermissionError):
        await asyncio.to_thread(lambda: halo.Clients.update(name="New customer"))


@pytest.fixture
def haloitsm(sandbox):
    """`haloitsm-python`, which always asks for the scope `all`."""
    from halo import HaloClient

    made = []

    def client(client_id=SETUP_CLIENT_ID, secret=SETUP_CLIENT_SECRET):
        found = HaloClient(sandbox.url, client_id=client_id, client_secret=secret, max_retries=0)
        found.session.session.trust_env = False
        made.append(found)
        return found

    yield client
    for each in made:
        each.session.session.close()


async def test_haloitsm_python_signs_in_lists_creates_and_acts(sandbox, haloitsm):
    from halo.exceptions import HaloResourceNotFound, HaloValidationError

    def work():
        halo = haloitsm()
        with pytest.raises(HaloValidationError):
            halo.tickets.create(DRAFT)
        sandbox.switches.bare_object = "accepted"
        ticket = halo.tickets.create(DRAFT)
        ticket.add_action({"outcome": "Internal Note", "note": "Seen"})
        with pytest.raises(HaloResourceNotFound):
            ticket.update({"summary": "Renamed"})
        halo.post("/Tickets", json=[{"id": ticket.id, "summary": "Renamed"}])
        listed = halo.tickets.list(client_id=1, search="Renamed")
        customers = halo.clients.list(search="contoso")
        types = halo.ticket_types.list()
        return ticket, listed, halo.ticket(ticket.id, includedetails=True), customers, types

    ticket, listed, read, customers, types = await asyncio.to_thread(work)
    assert [each.id for each in listed] == [ticket.id]
    assert (read.summary, read.third_party_id_string) == ("Renamed", "SL-1")
    assert [each.name for each in customers] == ["Contoso Dental", "Contoso Dental Care"]
    assert "Incident" in [each.name for each in types]
    assert [action.note for action in sandbox.ticket(ticket.id).actions][1:] == ["Seen"]


async def test_haloitsm_python_gets_a_token_without_scopes_for_the_daily_credential(haloitsm):
    """It asks for `all`; the daily application has none of it, so that its token works nowhere."""
    from halo.exceptions import HaloAuthenticationError

    halo = haloitsm(CLIENT_ID, CLIENT_SECRET)
    with pytest.raises(HaloAuthenticationError):
        await asyncio.to_thread(halo.tickets.list)
    wrong = haloitsm(CLIENT_ID, "wrong")
    with pytest.raises(HaloAuthenticationError, match="credentials are invalid"):
        await asyncio.to_thread(wrong.tickets.list)
