"""Buttons come from what is set up: actions, methods, workflow. The guide's mistakes can be made too."""

from __future__ import annotations

import json

import pytest

from stepladder_sandbox.halopsa.demo import APPROVE, CLOSED, DENY, NIK, bare_demo_config
from stepladder_sandbox.halopsa.outbound.press import CannotPress
from stepladder_sandbox.halopsa.testing import running_sandbox

REQUEST_ID = "8f3d2c1b-5a77-4b0e-9c0e-0f6d7f1f2a3b"
DECISION = "application/vnd.dvmi.sdk.elevation.request.approval+json"
AMELIA, BEN, CHLOE = 500, 501, 502


async def set_up(admin, url, key, *, deny="deny", allow_users=True):
    """Do by the API what the integration guide tells an administrator to do by hand."""
    for name in ("idemeumCustomerName", "idemeumElevationRequestId"):
        await admin.put("FieldInfo", name=name, label=name)
    integration = await admin.put(
        "CustomIntegration",
        name="Idemeum API integration",
        resourcebaseurl=url,
        authorizationtype=1,
        headername="X-Idemeum-Api-Key",
        new_client_secret=key,
        bearerlocation=0,
    )
    methods = {
        verdict: await admin.put(
            "CustomIntegrationMethod",
            integration_id=integration["id"],
            name=f"idemeum - {verdict} elevation request",
            path=f"/api/integrations/elevation/request/{verdict}",
            method=1,
            authorizationtype=-1,
            requesttype=1,
            headers=[{"key": "Content-Type", "value": DECISION}],
            requestbody='{"idemeumElevationRequestId": <<CFidemeumElevationRequestId>>}',
        )
        for verdict in ("approve", "deny")
    }
    actions = {
        verdict: await admin.put(
            "Outcome",
            outcome=f"Idemeum - {verdict} elevation request",
            buttonname=verdict.capitalize(),
            colour="#14632f" if verdict == "approve" else "#a1221d",
            integration_method_id=methods[deny if verdict == "deny" else "approve"]["id"],
            dontshowscreen=True,
            show_to_user=allow_users,
            newstatus=CLOSED,
        )
        for verdict in ("approve", "deny")
    }
    workflow = await admin.whole("Workflow", 1)
    for step in workflow["steps"]:
        step["actions"] += [
            {"action_id": each["id"], "start_step": step["step_id"], "end_step": 2, "seq": 90}
            for each in actions.values()
        ]
    await admin.put("Workflow", id=1, steps=workflow["steps"])
    return actions


async def a_ticket(client):
    value = {"name": "CFidemeumElevationRequestId", "value": REQUEST_ID}
    return (await client.create(customfields=[value], site_id=11, user_id=AMELIA))["id"]


@pytest.fixture
async def bare(clock):
    async with running_sandbox(bare_demo_config(), clock=clock) as sandbox:
        yield sandbox


@pytest.fixture
async def bare_admin(bare, client_of):
    async with client_of(bare.url) as admin:
        await admin.sign_in_for_setup()
        yield admin


@pytest.fixture
def button_names(guest):
    async def names(sandbox, ticket_id):
        buttons = sandbox.state.directory.buttons(sandbox.ticket(ticket_id))
        return [each.buttonname or each.outcome for each in buttons]

    return names


async def test_before_the_set_up_there_is_no_button_and_after_it_they_work(
    bare, bare_admin, stepladder, key, button_names
):
    await bare_admin.create()
    before = await a_ticket(bare_admin)
    assert await button_names(bare, before) == []
    await set_up(bare_admin, stepladder.url, key)
    ticket_id = await a_ticket(bare_admin)
    assert await button_names(bare, ticket_id) == ["Approve", "Deny"]
    await bare.press(ticket_id, "approve", NIK)
    (call,) = stepladder.calls
    assert call.path == "/api/integrations/elevation/request/approve"
    assert call.headers["x-idemeum-api-key"] == key
    assert call.headers["content-type"] == DECISION
    assert json.loads(call.body) == {"idemeumElevationRequestId": REQUEST_ID}
    assert bare.ticket(ticket_id).status_id == CLOSED


async def test_deny_wired_to_approve_as_the_guide_has_it_approves(bare, bare_admin, stepladder, key):
    await set_up(bare_admin, stepladder.url, key, deny="approve")
    await bare.press(await a_ticket(bare_admin), "deny", NIK)
    assert stepladder.calls[0].path.endswith("/approve")
    outcomes = [each for each in bare.state.config.outcomes if each.method_id]
    assert len({each.method_id for each in outcomes}) == 1


async def test_an_action_shows_as_a_button_only_while_its_step_allows_it(admin, api, sandbox, button_names):
    ticket_id = await a_ticket(api)
    assert await button_names(sandbox, ticket_id) == ["Approve elevation", "Deny elevation"]
    workflow = await admin.whole("Workflow", 1)
    workflow["steps"][1]["actions"] = []
    await admin.put("Workflow", id=1, steps=workflow["steps"])
    await sandbox.press(ticket_id, "approve", NIK)
    assert sandbox.ticket(ticket_id).workflow_step == 2
    assert await button_names(sandbox, ticket_id) == []
    with pytest.raises(CannotPress, match="no such button"):
        await sandbox._outbound.press(ticket_id, DENY, NIK)
    await admin.put("Workflow", id=1, always_allow_actions=[{"id": DENY}])
    assert await button_names(sandbox, ticket_id) == ["Deny elevation"]


async def test_a_ticket_follows_its_workflow_by_api_actions_too(admin, api, sandbox):
    ticket = await api.create()
    assert (ticket["workflow_name"], ticket["workflow_step"]) == ("Incident Management", 1)
    await api.act(ticket["id"], outcome="Internal Note")
    assert sandbox.ticket(ticket["id"]).workflow_step == 1
    await api.act(ticket["id"], outcome="Resolved")
    assert (await api.read(ticket["id"]))["workflow_step"] == 2


@pytest.mark.parametrize("limited", [False, True])
async def test_a_step_may_limit_the_api_as_well(admin, api, sandbox, limited):
    sandbox.switches.workflow_limits_api = limited
    await admin.put("Outcome", outcome="Not in any step")
    ticket = await api.create()
    answer = await api.act(ticket["id"], outcome="Not in any step")
    assert answer.status_code == (400 if limited else 201)
    assert not limited or "do not have access to this Action" in answer.text
    assert (await api.act(ticket["id"], outcome="Resolved")).status_code == 201


async def test_types_without_a_workflow_allow_every_action(admin, api, sandbox, button_names):
    await admin.put("Outcome", id=APPROVE, tickettypes=[])
    request = await api.create(tickettype_id=3)
    assert await button_names(sandbox, request["id"]) == ["Approve elevation"]
    await api.update(request["id"], tickettype_id=1)
    assert sandbox.ticket(request["id"]).workflow_id == 1
    await api.update(request["id"], tickettype_id=3)
    assert sandbox.ticket(request["id"]).workflow_id == 0


async def test_an_inactive_workflow_and_one_without_steps_bind_nothing(admin, api, sandbox):
    await admin.put("Workflow", id=1, active=False)
    assert sandbox.ticket((await api.create())["id"]).workflow_id == 0
    await admin.put("Workflow", id=1, active=True, steps=[])
    assert sandbox.ticket((await api.create())["id"]).workflow_id == 0


async def test_buttons_stand_in_the_order_of_their_sequence(admin, api, sandbox, button_names):
    ticket_id = await a_ticket(api)
    await admin.put("Outcome", id=DENY, sequence=-1)
    assert await button_names(sandbox, ticket_id) == ["Deny elevation", "Approve elevation"]
    await admin.put("Outcome", id=DENY, hidden=True)
    await admin.put("Outcome", id=APPROVE, dontshowscreen=False)
    assert await button_names(sandbox, ticket_id) == []


@pytest.mark.parametrize(
    ("colour", "tone"),
    [
        ("#14632f", "good"),
        ("#a1221d", "bad"),
        ("#2f6fde", "neutral"),
        ("#ffffff", "neutral"),
        ("red", "neutral"),
        ("#ff000g", "neutral"),
        ("", "neutral"),
    ],
)
async def test_a_button_looks_as_near_to_its_colour_as_can_be_read(admin, api, guest, sandbox, colour, tone):
    outcome = await admin.put(
        "Outcome", outcome="Mine", colour=colour, integration_method_id=1, dontshowscreen=True
    )
    await admin.put("Workflow", id=1, always_allow_actions=[{"id": outcome["id"]}])
    markup = (await guest.http.get(f"/tickets/{await a_ticket(api)}")).text
    assert f'class="press press-{tone}" name="button_id" value="{outcome["id"]}"' in markup


@pytest.mark.parametrize(
    ("change", "sent"), [({"authorizationtype": 0}, False), ({"authorizationtype": -1}, True), ({}, True)]
)
async def test_a_method_inherits_the_key_unless_it_has_none(
    admin, api, sandbox, stepladder, key, change, sent
):
    await admin.put("CustomIntegrationMethod", id=1, **change)
    await sandbox.press(await a_ticket(api), "approve", NIK)
    assert ("x-idemeum-api-key" in stepladder.calls[0].headers) is sent
    await admin.put("CustomIntegration", id=1, authorizationtype=2)
    await sandbox.press(await a_ticket(api), "approve", NIK)
    assert "x-idemeum-api-key" not in stepladder.calls[1].headers


async def test_a_key_may_go_into_the_query(admin, api, sandbox, stepladder, key):
    await admin.put("CustomIntegration", id=1, bearerlocation=1)
    parameters = [{"key": "ticket", "value": "<<ticket^id>>"}, {"key": "who", "value": "a&b"}]
    await admin.put("CustomIntegrationMethod", id=1, uri_params=parameters, path="/x?fixed=1")
    ticket_id = await a_ticket(api)
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    expected = f"/x?fixed=1&ticket={ticket_id}&who=a%26b&X-Idemeum-Api-Key={key}"
    assert call.url == stepladder.url + expected
    assert "x-idemeum-api-key" not in stepladder.calls[0].headers
    assert key not in json.dumps(sandbox.log)
    await admin.put("CustomIntegration", id=1, headername="")
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert call.url.endswith("who=a%26b")


async def test_a_get_method_sends_no_body(admin, api, sandbox, stepladder):
    await admin.put("CustomIntegrationMethod", id=1, method=0)
    await sandbox.press(await a_ticket(api), "approve", NIK)
    assert stepladder.calls[0].body == b""
    assert sandbox.events("method.called")[0]["verb"] == "GET"


async def test_an_action_without_the_right_system_use_does_nothing(admin, api, sandbox, stepladder):
    sandbox.switches.method_needs_systemid = 64
    ticket_id = await a_ticket(api)
    with pytest.raises(CannotPress, match="system use"):
        await sandbox.press(ticket_id, "approve", NIK)
    await admin.put("Outcome", id=APPROVE, systemid=64)
    await sandbox.press(ticket_id, "approve", NIK)
    assert len(stepladder.calls) == 1


async def test_the_log_of_calls_shows_administrators_the_key(admin, api, sandbox, stepladder, key):
    """It does so in the real one: what is answered in an error text is seen there as well (HaloPSA fact 26)."""
    ticket_id = await a_ticket(api)
    await sandbox.press(ticket_id, "approve", NIK)
    stepladder.status = 409
    await sandbox.press(ticket_id, "deny", NIK)
    denied, approved = (await admin.get("WebhookEvent")).json()
    assert json.loads(approved["requestheaders"])["X-Idemeum-Api-Key"] == key
    assert (approved["responsestatus"], approved["error"], approved["entity_id"]) == (200, False, ticket_id)
    assert (denied["responsestatus"], denied["error"]) == (409, True)
    assert (await admin.get(f"WebhookEvent/{denied['id']}")).json() == denied
    assert (await admin.get("WebhookEvent/nothing")).status_code == 404
    only = (await admin.get("WebhookEvent", integrationmethod_id=1)).json()
    assert [each["id"] for each in only] == [approved["id"]]
    assert key not in repr(sandbox.state.outgoing)


# The portal of customers' own users (threat T2) --------------------------------------------------------------


async def test_users_see_only_actions_that_are_allowed_to_them(admin, api, sandbox, guest):
    ticket_id = await a_ticket(api)
    markup = (await guest.http.get(f"/portal/tickets/{ticket_id}")).text
    assert "No action of this ticket has" in markup
    assert "Approve elevation" not in markup
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    markup = (await guest.http.get(f"/portal/tickets/{ticket_id}")).text
    assert "Approve elevation" in markup
    assert "Deny elevation" not in markup


async def test_a_user_who_presses_is_told_apart_from_agents(admin, api, sandbox, stepladder):
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    headers = [{"key": "X-Agent", "value": "[<<agent^email>>]"}]
    await admin.put("CustomIntegrationMethod", id=1, headers=headers)
    ticket_id = await a_ticket(api)
    (call,) = await sandbox.press_on_portal(ticket_id, "approve", AMELIA)
    assert (call.trigger, call.agent) == ("portal", "Amelia Hart")
    assert stepladder.calls[0].headers["x-agent"] == "[]"
    ticket = await api.read(ticket_id)
    assert (ticket["hasbeenclosed"], ticket["closure_agent_id"]) == (True, 0)
    action = (await api.get("Actions", ticket_id=ticket_id)).json()["actions"][0]
    assert (action["who"], action["who_agentid"]) == ("Amelia Hart", 0)
    event = sandbox.events("method.called")[0]
    assert (event["trigger"], event["user_id"], event.get("agent_id")) == ("portal", AMELIA, None)


async def test_who_is_not_of_the_customer_cannot_press(admin, api, sandbox):
    ticket_id = await a_ticket(api)
    with pytest.raises(CannotPress, match="no such button"):
        await sandbox.press_on_portal(ticket_id, "approve", AMELIA)
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    with pytest.raises(CannotPress, match="user of this ticket's customer"):
        await sandbox.press_on_portal(ticket_id, "approve", CHLOE)
    with pytest.raises(CannotPress, match="There is no ticket"):
        await sandbox._outbound.press_on_portal(9999, APPROVE, AMELIA)


async def test_the_portal_form_presses_and_remembers_who_one_is(admin, api, guest, stepladder):
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    ticket_id = await a_ticket(api)
    await api.act(ticket_id, note="Only for us", hiddenfromuser=True)
    await api.act(ticket_id, note="For everybody")
    form = {"button_id": APPROVE, "user_id": BEN}
    answer = await guest.http.post(f"/portal/tickets/{ticket_id}/press", data=form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/portal/tickets/{ticket_id}")
    markup = (await guest.http.get(f"/portal/tickets/{ticket_id}")).text
    assert f'<option value="{BEN}" selected>' in markup
    assert "For everybody" in markup
    assert "Only for us" not in markup
    assert "api/integrations" not in markup
    assert len(stepladder.calls) == 1
    as_amelia = (await guest.http.get(f"/portal/tickets/{ticket_id}", params={"user": AMELIA})).text
    assert f'<option value="{AMELIA}" selected>' in as_amelia


@pytest.mark.parametrize("form", [{"button_id": APPROVE, "user_id": CHLOE}, {"button_id": "x"}, {}])
async def test_a_portal_form_that_makes_no_sense_is_refused(admin, api, guest, stepladder, form):
    await admin.put("Outcome", id=APPROVE, show_to_user=True)
    answer = await guest.http.post(f"/portal/tickets/{await a_ticket(api)}/press", data=form)
    assert answer.status_code == 400
    assert stepladder.calls == []


async def test_a_portal_form_from_another_site_is_refused(admin, api, guest, stepladder):
    headers = {"Sec-Fetch-Site": "cross-site"}
    path = f"/portal/tickets/{await a_ticket(api)}/press"
    answer = await guest.http.post(path, data={"button_id": APPROVE, "user_id": AMELIA}, headers=headers)
    assert answer.status_code == 403
    assert (await guest.http.get("/portal/tickets/9999")).status_code == 404


async def test_a_customer_without_users_has_nobody_to_sign_in(api, guest, sandbox):
    ticket_id = await a_ticket(api)
    sandbox.reconfigure(users=())
    assert "has no users who could sign in" in (await guest.http.get(f"/portal/tickets/{ticket_id}")).text
