"""The token endpoint and the two layers of permission (HaloPSA facts 1 to 5)."""

from __future__ import annotations

import msgspec
import pytest

from stepladder_sandbox.halopsa.demo import API_AGENT, CLIENT_SECRET
from stepladder_sandbox.halopsa.records import Rights


async def test_a_token_lasts_an_hour_and_names_its_scopes(guest):
    answer = await guest.ask_token()
    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    assert set(token["scope"].split()) == {"read:tickets", "edit:tickets", "read:customers", "read:assets"}


async def test_tokens_differ(guest):
    first, second = [(await guest.ask_token()).json()["access_token"] for _ in range(2)]
    assert first != second


@pytest.mark.parametrize(
    "wrong", [{"client_secret": "wrong"}, {"client_id": "nobody"}, {"client_secret": ""}]
)
async def test_wrong_credentials_are_an_invalid_client(guest, wrong):
    answer = await guest.ask_token(**wrong)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.json()["error_uri"].startswith("https://")


async def test_one_unknown_scope_fails_the_whole_request(guest):
    answer = await guest.ask_token(scope="read:tickets read:users")
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


async def test_another_grant_is_not_supported(guest):
    answer = await guest.ask_token(grant_type="password")
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize("position", ["dropped", "refused"])
async def test_a_scope_the_application_lacks_is_dropped_or_refuses_the_request(guest, sandbox, position):
    sandbox.switches.ungranted_scope = position
    answer = await guest.ask_token(scope="read:tickets read:projects")
    if position == "dropped":
        assert answer.json()["scope"] == "read:tickets"
    else:
        assert answer.status_code == 400


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_without_scope_is_issued_and_works_nowhere(guest, sandbox, status):
    sandbox.switches.omitted_scope_status = status
    await guest.sign_in(scope="")
    assert (await guest.get("Tickets")).status_code == status
    assert (await guest.get("Status")).status_code == status


async def test_the_tenant_may_be_left_out_and_may_come_as_query_or_field(guest):
    for answer in (
        await guest.ask_token(),
        await guest.ask_token("?tenant=northstar"),
        await guest.ask_token(tenant="northstar"),
    ):
        assert answer.status_code == 200


@pytest.mark.parametrize(("required", "status"), [(False, 200), (True, 500)])
async def test_a_shared_server_needs_the_tenant(guest, sandbox, required, status):
    sandbox.switches.tenant_required = required
    assert (await guest.ask_token()).status_code == status
    assert (await guest.ask_token("?tenant=northstar")).status_code == 200


@pytest.mark.parametrize("position", ["500", "html"])
async def test_a_wrong_tenant_gets_no_json(guest, sandbox, position):
    sandbox.switches.wrong_tenant = position
    answer = await guest.ask_token("?tenant=somebody-else")
    assert not answer.is_success
    assert answer.status_code == 500 if position == "500" else answer.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("seconds", [3600, 5])
async def test_a_token_ends_when_it_says(guest, sandbox, clock, seconds):
    sandbox.switches.token_lifetime_s = seconds
    await guest.sign_in()
    clock.advance(seconds - 1)
    assert (await guest.get("Tickets")).status_code == 200
    clock.advance(1)
    assert (await guest.get("Tickets")).status_code == 401


@pytest.mark.parametrize("status", [401, 400])
async def test_an_expired_token_gets_401_and_sometimes_400(guest, sandbox, clock, status):
    sandbox.switches.expired_token_status = status
    await guest.sign_in()
    clock.advance(3600)
    assert (await guest.get("Tickets")).status_code == status


async def test_no_token_at_all_gets_401_without_a_body(guest):
    answer = await guest.get("Tickets")
    assert (answer.status_code, answer.content) == (401, b"")


@pytest.mark.parametrize(
    ("scope", "allowed"),
    [
        ("read:tickets", {"Tickets"}),
        ("edit:tickets", {"Tickets"}),
        ("read:customers", {"Client", "Site"}),
        ("read:assets", {"Asset"}),
    ],
)
async def test_each_scope_opens_its_own_resources_only(guest, scope, allowed):
    await guest.sign_in(scope=scope)
    for resource in ("Tickets", "Client", "Site", "Asset"):
        answer = await guest.get(resource)
        assert answer.status_code == (200 if resource in allowed else 403), resource
        assert answer.status_code == 200 or not answer.content


async def test_agents_statuses_and_lists_need_no_scope_of_their_own(guest):
    await guest.sign_in(scope="read:assets")
    for resource in (
        "Agent",
        "Agent/me",
        "Users",
        "Status",
        "TicketType",
        "Outcome",
        "Lookup",
        "FieldInfo",
        "Team",
    ):
        assert (await guest.get(resource)).status_code == 200, resource


async def test_reading_tickets_does_not_allow_writing_them(guest):
    await guest.sign_in(scope="read:tickets")
    assert (await guest.try_create()).status_code == 403
    assert (await guest.act(2001)).status_code == 403
    assert (await guest.delete("Tickets/2001")).status_code == 403


def with_rights(sandbox, **rights):
    changed = Rights(**rights)
    return tuple(
        msgspec.structs.replace(agent, rights=changed) if agent.id == API_AGENT else agent
        for agent in sandbox.state.config.agents
    )


@pytest.mark.parametrize(
    ("rights", "resource"),
    [
        ({"tickets": "none"}, "Tickets"),
        ({"clients": "none"}, "Client"),
        ({"assets": "none"}, "Asset"),
        ({"users": "none"}, "Users"),
    ],
)
async def test_the_agents_role_withholds_what_the_scopes_would_allow(guest, sandbox, rights, resource):
    sandbox.reconfigure(agents=with_rights(sandbox, **rights))
    await guest.sign_in()
    answer = await guest.get(resource)
    assert (answer.status_code, answer.content) == (403, b"")


@pytest.mark.parametrize("rights", [{"tickets": "read"}, {"add_tickets": False}])
async def test_without_the_right_to_add_tickets_a_create_is_forbidden(guest, sandbox, rights):
    sandbox.reconfigure(agents=with_rights(sandbox, **rights))
    await guest.sign_in()
    assert (await guest.try_create()).status_code == 403


async def test_a_right_given_later_needs_a_new_token(guest, sandbox):
    sandbox.reconfigure(agents=with_rights(sandbox, clients="none"))
    await guest.sign_in()
    sandbox.reconfigure(agents=with_rights(sandbox))
    assert (await guest.get("Client")).status_code == 403
    await guest.sign_in()
    assert (await guest.get("Client")).status_code == 200


async def test_an_application_whose_agent_is_gone_gets_no_token(guest, sandbox):
    sandbox.reconfigure(agents=tuple(each for each in sandbox.state.config.agents if each.id != API_AGENT))
    assert (await guest.ask_token()).status_code == 401


async def test_discovery_is_open_to_everyone(guest, sandbox):
    info = (await guest.get("authinfo")).json()
    assert info == {"auth_url": f"{sandbox.url}/auth", "tenant_id": "northstar", "allow_all_origins": False}
    assert (await guest.get("InstanceInfo")).json()["api_url"] == f"{sandbox.url}/api"
    found = (await guest.http.get("/auth/.well-known/openid-configuration")).json()
    assert found["token_endpoint"] == f"{sandbox.url}/auth/token"


async def test_addresses_have_no_case(api):
    for path in ("/api/Tickets", "/api/tickets", "/API/TICKETS", "/Api/Tickets/"):
        assert (await api.http.get(path)).status_code == 200, path


async def test_an_unknown_address_is_not_found_and_a_wrong_method_not_allowed(api):
    assert (await api.get("Nothing")).status_code == 404
    assert (await api.http.get("/auth/nothing")).status_code == 404
    assert (await api.http.get("/auth/.well-known/jwks")).status_code == 404
    assert (await api.http.put("/api/Tickets", json=[])).status_code == 405


async def test_the_secret_is_not_in_any_representation(sandbox):
    assert CLIENT_SECRET not in repr(sandbox.state.config)
