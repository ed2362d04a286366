"""Customers, assets, people and the lists that tickets choose from (HaloPSA facts 20 to 24)."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from tests.sandbox.conftest import Api

from stepladder_sandbox.halopsa.demo import API_AGENT, CLOSED, DANA, FORMER, NIK, SETUP_AGENT
from stepladder_sandbox.halopsa.records import AzureTenant, Client
from stepladder_sandbox.halopsa.testing import RunningSandbox

ACTIVE_CUSTOMERS = 9


async def names(api: Any, path: Any, collection: Any, **params: Any) -> Any:
    answer = (await api.get(path, **params)).json()
    rows = answer[collection] if isinstance(answer, dict) else answer
    return [row.get("name") or row.get("inventory_number") for row in rows]


async def test_customers_are_wrapped_active_and_in_order(api: Api) -> None:
    answer = (await api.get("Client")).json()
    assert answer["record_count"] == ACTIVE_CUSTOMERS
    listed = [row["name"] for row in answer["clients"]]
    assert listed == sorted(listed)
    assert "Litware" not in listed
    assert answer["clients"][0].keys() >= {"id", "name", "ref", "inactive", "toplevel_name", "use", "key"}


async def test_a_customer_search_is_like_and_finds_near_names_too(api: Api) -> None:
    assert await names(api, "Client", "clients", search="NORTHWIND TRAD") == [
        "Northwind Traders",
        "Northwind Trading",
    ]
    assert await names(api, "Client", "clients", search_name_only="contoso") == [
        "Contoso Dental",
        "Contoso Dental Care",
    ]
    assert await names(api, "Client", "clients", search="wwi") == ["Wide World Importers"]


async def test_inactive_customers_come_when_asked_for_and_always_by_id(api: Api) -> None:
    assert "Litware" in await names(api, "Client", "clients", includeinactive="true")
    assert await names(api, "Client", "clients", includeinactive="true", includeactive="false") == ["Litware"]
    assert (await api.get("Client/10")).json()["inactive"] is True
    assert (await api.get("Client/999")).status_code == 404


async def test_customers_may_share_a_name_and_need_all_pages(api: Api, sandbox: RunningSandbox) -> None:
    many = tuple(Client(id=100 + number, name=f"Customer {number:03}") for number in range(118))
    sandbox.reconfigure(clients=(*many, Client(id=300, name="Twin"), Client(id=301, name="Twin")))
    assert len(await names(api, "Client", "clients")) == 50
    assert len(await names(api, "Client", "clients", count=1000)) == 120
    page = (await api.get("Client", pageinate="true", page_size=50, page_no=3)).json()
    assert (page["page_no"], page["record_count"], len(page["clients"])) == (3, 120, 20)
    assert await names(api, "Client", "clients", search="twin") == ["Twin", "Twin"]


DIRECTORIES = ("72f988bf-86f1-41af-91ab-2d7cd011db47", "11111111-2222-4333-8444-555555555555")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ("both", {"azure_tenants", "azure_tenant_id"}),
        ("array", {"azure_tenants"}),
        ("id", {"azure_tenant_id"}),
        ("off", set()),
    ],
)
async def test_a_customers_entra_directories_come_when_asked_for(
    api: Api, sandbox: RunningSandbox, known: Literal["both", "array", "id", "off"], expected: set[str]
) -> None:
    sandbox.switches.azure_tenants = known
    tenants = tuple(AzureTenant(azure_tenant_id=each, azure_tenant_name="Umbra") for each in DIRECTORIES)
    sandbox.reconfigure(
        clients=(Client(id=1, name="Umbra", azure_tenants=tenants), Client(id=2, name="Acme"))
    )
    fields = {"azure_tenants", "azure_tenant_id"}
    acme, umbra = (await api.get("Client", includeazuretenants="true")).json()["clients"]
    assert umbra.keys() & fields == expected
    assert acme.keys() & fields == expected - {"azure_tenant_id"}
    assert [each.keys() & fields for each in (await api.get("Client")).json()["clients"]] == [set(), set()]
    assert (await api.get("Client/1")).json().keys() & fields == expected
    if "azure_tenants" in expected:
        assert [each["azure_tenant_id"] for each in umbra["azure_tenants"]] == list(DIRECTORIES)
    if "azure_tenant_id" in expected:
        assert umbra["azure_tenant_id"] == DIRECTORIES[0]


async def test_a_customer_that_is_renamed_keeps_its_entra_directories(
    admin: Api, sandbox: RunningSandbox
) -> None:
    tenants = (AzureTenant(azure_tenant_id=DIRECTORIES[0]),)
    sandbox.reconfigure(clients=(Client(id=1, name="Umbra", azure_tenants=tenants),))
    await admin.put("Client", id=1, name="Umbra Holding")
    renamed = (await admin.get("Client/1")).json()
    assert (renamed["name"], renamed["azure_tenant_id"]) == ("Umbra Holding", DIRECTORIES[0])


async def test_team_and_source_of_a_ticket_are_kept_as_given(api: Api) -> None:
    made = await api.create(team="Infrastructure", source="7")
    assert (made["team"], made["source"]) == ("Infrastructure", 7)
    assert (await api.create())["team"] == "1st Line Support"
    assert [(row["team"], row["source"]) for row in (await api.get("Tickets")).json()["tickets"]][1:2] == [
        ("Infrastructure", 7)
    ]


async def test_assets_are_found_by_tag_and_by_key_field_within_a_customer(api: Api) -> None:
    assert await names(api, "Asset", "assets", search="nw-lap-014") == ["NW-LAP-014", "NW-LAP-014"]
    assert await names(api, "Asset", "assets", search="NW-LAP-014", client_id=1) == ["NW-LAP-014"]
    assert await names(api, "Asset", "assets", search="nw-desk") == ["AST-00117"]
    assert await names(api, "Asset", "assets", search="nw-desk", search_inventory_number_only="true") == []
    assert await names(api, "Asset", "assets", inventory_number="ast-00117") == ["AST-00117"]
    assert await names(api, "Asset", "assets", search="AMELIA", site_id=11) == ["AMELIA-PC"]
    assert (await api.get("Asset/302")).json()["key_field"] == "NW-DESK-003"


async def agent_ids(api: Any, **params: Any) -> Any:
    return [agent["id"] for agent in (await api.get("Agent", **params)).json()]


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({}, [NIK, DANA]),
        ({"includeapiagents": "true"}, [NIK, DANA, API_AGENT, SETUP_AGENT]),
        ({"includedisabled": "True"}, [NIK, DANA, FORMER]),
        ({"includedisabled": "1", "includeenabled": "false"}, [FORMER]),
        ({"includeunassigned": "true"}, [1, NIK, DANA]),
        ({"showall": "true"}, [1, NIK, DANA, API_AGENT, SETUP_AGENT, FORMER]),
        ({"search": "dana@nikpot"}, [DANA]),
        ({"search": "NIKPOT"}, [NIK, DANA]),
        ({"search": "robin"}, []),
    ],
)
async def test_agents_are_enabled_humans_unless_asked_otherwise(
    api: Api, params: dict[str, str], ids: list[int]
) -> None:
    assert await agent_ids(api, **params) == ids


async def test_an_agent_says_what_it_is(api: Api) -> None:
    me = (await api.get("Agent/me")).json()
    assert (me["id"], me["isapiagent"], me["isdisabled"]) == (API_AGENT, True, False)
    assert (await api.get(f"Agent/{NIK}")).json()["email"] == "nik@nikpot.example"


@pytest.mark.parametrize("wrapped", [False, True])
async def test_agents_come_bare_or_wrapped(api: Api, sandbox: RunningSandbox, wrapped: bool) -> None:
    sandbox.switches.agents_wrapped = wrapped
    answer = (await api.get("Agent")).json()
    assert isinstance(answer, dict) is wrapped
    assert not wrapped or answer["record_count"] == len(answer["agents"]) == 2


@pytest.mark.parametrize("double", [True, False])
async def test_a_users_site_is_written_as_a_double(api: Api, sandbox: RunningSandbox, double: bool) -> None:
    sandbox.switches.user_site_as_double = double
    answer = await api.get("Users", search="amelia.hart")
    assert ('"site_id":11.0' in answer.text) is double
    assert answer.json()["users"][0]["site_id_int"] == 11


async def test_users_belong_to_a_customer_and_a_site(api: Api) -> None:
    assert await names(api, "Users", "users", client_id=1) == ["Amelia Hart", "Ben Okafor", "General User"]
    assert await names(api, "Users", "users", site_id=13, search="dev") == ["Dev Patel"]
    assert (await api.get("Users/500")).json()["emailaddress"] == "amelia.hart@northwind.example"


async def test_sites_belong_to_a_customer(api: Api) -> None:
    assert [site["id"] for site in (await api.get("Site", client_id=3)).json()["sites"]] == [13]
    assert (await api.get("Site/13")).json()["clientsite_name"] == "Fabrikam Legal/Main"


async def test_statuses_and_types_are_bare_arrays(api: Api) -> None:
    statuses = (await api.get("Status", type="ticket")).json()
    assert {status["name"]: status["id"] for status in statuses}["Closed"] == CLOSED
    kinds = (await api.get("TicketType")).json()
    assert (kinds[0]["id"], kinds[0]["name"]) == (1, "Incident")


async def test_a_type_by_id_lists_its_fields(api: Api) -> None:
    kind = (await api.get("TicketType/1")).json()
    fields = [field["fieldinfo"]["name"] for field in kind["fields"][0]["group"]["fields"]]
    assert "CFidemeumElevationRequestId" in fields


async def test_the_names_of_the_integration_guide_can_be_looked_up(api: Api) -> None:
    assert "Business Applications" in [
        each["value"] for each in (await api.get("Category", type_id=1)).json()
    ]
    assert (await api.get("Category", type_id=2)).json() == []
    impacts = {each["name"]: each["id"] for each in (await api.get("Lookup", lookupid=12)).json()}
    urgencies = {each["name"]: each["id"] for each in (await api.get("Lookup", lookupid=27)).json()}
    assert (impacts["Single User Affected"], urgencies["Medium"]) == (3, 2)


async def test_a_priority_is_a_guid_with_a_number_beside_it(api: Api) -> None:
    first = (await api.get("Priority", slaid=1)).json()[0]
    assert len(first["id"]) == 36
    assert first["priorityid"] == 1


async def test_outcomes_depend_on_the_ticket_type(api: Api) -> None:
    of_incident = [each["outcome"] for each in (await api.get("Outcome", tickettype_id=1)).json()]
    of_problem = [each["outcome"] for each in (await api.get("Outcome", tickettype_id=4)).json()]
    assert of_problem == ["Internal Note", "Private Note"]
    assert set(of_incident) > set(of_problem)


async def test_custom_fields_are_listed_with_their_variables(api: Api) -> None:
    fields = {each["name"]: each for each in (await api.get("FieldInfo")).json()}
    assert fields["CFidemeumCustomerName"]["variable_name"] == "$CFidemeumCustomerName"


async def test_teams_are_listed(api: Api) -> None:
    assert [team["name"] for team in (await api.get("Team")).json()] == ["1st Line Support", "Infrastructure"]


@pytest.mark.parametrize("member", ["own", "results"])
async def test_lists_come_under_their_own_name_or_all_under_another(
    api: Api, sandbox: RunningSandbox, member: str
) -> None:
    sandbox.switches.list_member = member  # type: ignore[assignment]  # one of two
    for path, own in (("Agent", None), ("Status", None), ("Client", "clients"), ("Tickets", "tickets")):
        answer = (await api.get(path)).json()
        rows = answer if isinstance(answer, list) else answer["results" if member == "results" else own]
        assert isinstance(rows, list)
        assert isinstance(answer, list) is (own is None and member == "own")
        assert isinstance(answer, list) or answer["record_count"] >= len(rows)
    one = (await api.get(f"Agent/{NIK}")).json()
    assert one["id"] == NIK


async def test_the_search_for_agents_may_look_into_names_only(api: Api, sandbox: RunningSandbox) -> None:
    assert await agent_ids(api, search="nik@nikpot") == [NIK]
    sandbox.switches.agent_search = "names"
    assert await agent_ids(api, search="nik@nikpot") == []
    assert await agent_ids(api, search="Nik P") == [NIK]


async def test_what_clients_fill_a_halopsa_with_is_written_and_read(admin: Api) -> None:
    """HALO-21: users, sites, assets and agents are made, changed and deleted; SLAs and suppliers are listed."""
    site = await admin.put("Site", client_id=1, name="Branch")
    user = await admin.put("Users", name="Zoe", site_id=site["id"], emailaddress="zoe@x.example")
    asset = await admin.put("Asset", inventory_number="NW-NEW", client_id=1)
    agent = await admin.put("Agent", name="Kim", email="kim@nikpot.example")
    assert (site["name"], user["client_id"], asset["client_id"]) == ("Branch", 1, 1)
    assert (await admin.get("Users", search="zoe@x.example")).json()["users"][0]["site_id"] == site["id"]
    assert [each["id"] for each in (await admin.get("Asset", search="NW-NEW")).json()["assets"]] == [
        asset["id"]
    ]
    changed = await admin.put("Asset", id=asset["id"], client_id=2)
    assert (changed["inventory_number"], changed["client_id"]) == ("NW-NEW", 2)
    assert await agent_ids(admin, search="kim") == [agent["id"]]
    assert (await admin.delete(f"Users/{user['id']}")).status_code == 200
    assert (await admin.get("Users", search="zoe@x.example")).json()["users"] == []
    assert (await admin.get("SLA")).json()[0]["id"] == 1
    assert (await admin.get("Supplier")).json()["record_count"] == 0


async def test_what_belongs_to_nobody_is_refused(admin: Api, api: Api) -> None:
    """HALO-21: as for customers, a name and a customer are needed, and the daily scopes write none of it."""
    assert (await admin.post("Users", [{"name": "", "client_id": 1}])).status_code == 400
    assert (await admin.post("Asset", [{"inventory_number": "X", "client_id": 987}])).status_code == 400
    assert (await api.post("Users", [{"name": "Zoe", "client_id": 1}])).status_code == 403


async def test_one_seeded_agent_may_delete_tickets(admin: Api, api: Api) -> None:
    """HALO-21: clients that clean up behind themselves stop at a 401 otherwise."""
    ticket = await api.create()
    assert (await api.delete(f"Tickets/{ticket['id']}")).status_code == 401
    assert (await admin.delete(f"Tickets/{ticket['id']}")).status_code == 200
