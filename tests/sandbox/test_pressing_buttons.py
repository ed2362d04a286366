"""Quick actions: what is sent to Stepladder, and what happens to the ticket (HaloPSA facts 26, 27)."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from stepladder_sandbox.halopsa.demo import APPROVE, CLOSED, DANA, DENY, FORMER, NEW, NIK
from stepladder_sandbox.halopsa.outbound.press import BODY_LIMIT, CannotPress
from stepladder_sandbox.halopsa.records import CustomField, Method
from stepladder_sandbox.halopsa.testing import served

REQUEST_ID = "8f3d2c1b-5a77-4b0e-9c0e-0f6d7f1f2a3b"


def fields(**values):
    names = {"customer": "CFidemeumCustomerName", "request": "CFidemeumElevationRequestId"}
    return [{"name": names[key], "value": value} for key, value in values.items()]


@pytest.fixture
async def ticket_id(api):
    created = await api.create(customfields=fields(customer="Northwind Traders", request=REQUEST_ID))
    return created["id"]


async def sent_with(sandbox, stepladder, ticket_id, body, headers=None):
    """The body and headers that a method with this template sends."""
    method = Method(id=1, name="probe", path="/probe", headers=headers or {}, body=body)
    sandbox.reconfigure(methods=(method,))
    await sandbox.press(ticket_id, "approve", NIK)
    return stepladder.calls[-1].body.decode(), stepladder.calls[-1].headers


async def test_approve_is_sent_as_the_integration_guide_writes_it(sandbox, stepladder, ticket_id, key):
    await sandbox.press(ticket_id, "approve", NIK)
    (call,) = stepladder.calls
    assert call.path == "/api/integrations/elevation/request/approve"
    assert call.headers["x-idemeum-api-key"] == key
    assert call.headers["content-type"] == "application/vnd.dvmi.sdk.elevation.request.approval+json"
    assert json.loads(call.body) == {
        "idemeumElevationRequestId": REQUEST_ID,
        "idemeumCustomerName": "Northwind Traders",
        "userElevationMode": "USER",
    }


async def test_deny_goes_to_its_own_address_without_a_mode(sandbox, stepladder, ticket_id):
    await sandbox.press(ticket_id, "deny", NIK)
    (call,) = stepladder.calls
    assert call.path == "/api/integrations/elevation/request/deny"
    assert json.loads(call.body).keys() == {"idemeumElevationRequestId", "idemeumCustomerName"}


async def test_the_action_is_noted_in_the_name_of_who_pressed_and_the_ticket_closes(api, sandbox, ticket_id):
    (call,) = await sandbox.press(ticket_id, "approve", DANA)
    assert (call.status, call.is_success) == (200, True)
    ticket = await api.read(ticket_id)
    assert (ticket["hasbeenclosed"], ticket["status_id"], ticket["closure_agent_id"]) == (True, CLOSED, DANA)
    action = (await api.get("Actions", ticket_id=ticket_id)).json()["actions"][0]
    assert (action["outcome"], action["who"]) == ("Idemeum - approve elevation request", "Dana Whitfield")
    assert "actionby_application_id" not in action


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("status", [409, 500])
async def test_a_failed_call_closes_the_ticket_all_the_same_or_not(
    api, sandbox, stepladder, ticket_id, closes, status
):
    sandbox.switches.close_even_if_call_failed = closes
    stepladder.status = status
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert (call.status, call.is_success) == (status, False)
    ticket = await api.read(ticket_id)
    assert ticket["status_id"] == (CLOSED if closes else NEW)
    assert (await api.get("Actions", ticket_id=ticket_id)).json()["record_count"] == 2


async def test_no_answer_at_all_is_a_failed_call(sandbox, ticket_id, key):
    sandbox.point_at("http://127.0.0.1:9", key)
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert (call.status, call.is_success) == (0, False)
    assert call.error.startswith("ConnectError")


@pytest.mark.parametrize("seconds", [10.0, 0.05])
async def test_a_call_gives_up_after_its_time(sandbox, ticket_id, seconds, key):
    async def never_answer(reader, writer):
        await reader.read()
        writer.close()

    assert sandbox.switches.call_timeout_s == 10.0
    sandbox.switches.call_timeout_s = seconds
    if seconds < 1:
        server = await asyncio.start_server(never_answer, "127.0.0.1", 0)
        async with server:
            sandbox.point_at(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", key)
            (call,) = await sandbox.press(ticket_id, "approve", NIK)
        assert call.error.startswith("ReadTimeout")
    else:
        (call,) = await sandbox.press(ticket_id, "approve", NIK)
        assert call.is_success


@pytest.mark.parametrize("followed", [False, True])
async def test_a_redirect_is_not_followed_unless_switched(sandbox, stepladder, ticket_id, followed):
    sandbox.switches.follow_redirects = followed
    stepladder.status, stepladder.headers = 307, {"Location": "http://127.0.0.1:9/elsewhere"}
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert call.status == (0 if followed else 307)


@pytest.mark.parametrize("twice", [False, True])
async def test_the_very_same_call_may_arrive_twice(api, sandbox, stepladder, ticket_id, twice):
    sandbox.switches.repeat_call = twice
    await sandbox.press(ticket_id, "approve", NIK)
    assert len(stepladder.calls) == (2 if twice else 1)
    assert len({call.body for call in stepladder.calls}) == 1
    assert (await api.get("Actions", ticket_id=ticket_id)).json()["record_count"] == 2


async def test_a_late_press_on_a_closed_ticket_still_calls(sandbox, stepladder, ticket_id):
    await sandbox.press(ticket_id, "approve", NIK)
    await sandbox.press(ticket_id, "deny", DANA)
    assert len(stepladder.calls) == 2
    closings = [event["closed_now"] for event in sandbox.events("ticket.updated")]
    assert closings.count(True) == 1


async def test_who_cannot_press_is_told_why(sandbox, ticket_id):
    press = sandbox._outbound.press
    for ticket, button, agent in (
        (999999, APPROVE, NIK),
        (ticket_id, 7, NIK),
        (ticket_id, DENY, FORMER),
        (ticket_id, DENY, 1),
    ):
        with pytest.raises(CannotPress):
            await press(ticket, button, agent)
    sandbox.reconfigure(integrations=())
    with pytest.raises(CannotPress, match="No custom integration"):
        await press(ticket_id, APPROVE, NIK)
    with pytest.raises(ValueError, match="no custom integration"):
        sandbox.point_at("http://127.0.0.1:9", "any")


async def test_a_ticket_deleted_during_the_call_gets_no_action(sandbox, stepladder, ticket_id, key):
    ticket = sandbox.ticket(ticket_id)

    async def delete_meanwhile(request):
        sandbox.state.store.delete(ticket)
        return await stepladder.answer(request)

    app = Starlette(routes=[Route("/{path:path}", delete_meanwhile, methods=["POST"])])
    async with served(app) as url:
        sandbox.point_at(url, key)
        (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert call.is_success
    assert len(ticket.actions) == 1


async def test_a_header_may_hold_variables_such_as_who_pressed(sandbox, stepladder, ticket_id):
    headers = {"X-Agent": "<<agent^email>>", "X-Ticket": "HALO-<<ticket^id>>", "X-None": "<<nothing>>"}
    _, sent = await sent_with(sandbox, stepladder, ticket_id, "{}", headers)
    assert sent["x-agent"] == "nik@nikpot.example"
    assert sent["x-ticket"] == f"HALO-{ticket_id}"
    assert sent["x-none"] == ""
    assert sent["content-type"] == "application/json"


@pytest.mark.parametrize(
    ("value", "bare"),
    [
        ("Northwind", '"Northwind"'),
        ('Say "hi"', '"Say \\"hi\\""'),
        ("C:\\temp", '"C:\\\\temp"'),
        ("two\nlines", '"two\\nlines"'),
        ("Zoë & Söhne", '"Zoë & Söhne"'),
        ("42", '"42"'),
        ("<<ticket^id>>", '"<<ticket^id>>"'),
    ],
)
async def test_a_bare_text_variable_is_its_json(api, sandbox, stepladder, value, bare):
    ticket = await api.create(customfields=fields(customer=value))
    body, _ = await sent_with(sandbox, stepladder, ticket["id"], '{"k": <<CFidemeumCustomerName>>}')
    assert body == f'{{"k": {bare}}}'
    assert json.loads(body) == {"k": value}


async def test_numbers_stay_numbers_also_inside_a_string(api, sandbox, stepladder):
    sandbox.reconfigure(custom_fields=(CustomField(id=190, name="CFcount", kind="number"),))
    ticket = await api.create(customfields=[{"id": 190, "value": "7.5"}])
    template = '{"n": <<CFcount>>, "id": <<ticket^id>>, "s": "T-<<ticket^id>>"}'
    body, _ = await sent_with(sandbox, stepladder, ticket["id"], template)
    assert json.loads(body) == {"n": 7.5, "id": ticket["id"], "s": f"T-{ticket['id']}"}


async def test_paths_and_whole_objects_can_be_named(sandbox, stepladder, ticket_id):
    template = "[<<ticket^status^name>>, <<ticket^client^name>>, <<agent^email>>, <<ticket>>]"
    body, _ = await sent_with(sandbox, stepladder, ticket_id, template)
    status, client, email, whole = json.loads(body)
    assert (status, client, email) == ("New", "Northwind Traders", "nik@nikpot.example")
    assert whole["id"] == ticket_id


SPELLINGS = {"null": '{"k": null}', "empty_string": '{"k": ""}', "nothing": '{"k": }'}


@pytest.mark.parametrize("position", SPELLINGS)
@pytest.mark.parametrize("value", ["", None])
async def test_an_empty_field_becomes_null_an_empty_string_or_nothing(
    api, sandbox, stepladder, position, value
):
    sandbox.switches.empty_variable = position
    ticket = await api.create(customfields=fields(customer=value))
    body, _ = await sent_with(sandbox, stepladder, ticket["id"], '{"k": <<CFidemeumCustomerName>>}')
    assert body == SPELLINGS[position]


@pytest.mark.parametrize("position", SPELLINGS)
@pytest.mark.parametrize("name", ["CFmisspelt", "ticket^nothing", "ticket^id^deeper"])
async def test_a_missing_field_becomes_null_an_empty_string_or_nothing(
    sandbox, stepladder, ticket_id, position, name
):
    sandbox.switches.missing_variable = position
    body, _ = await sent_with(sandbox, stepladder, ticket_id, f'{{"k": <<{name}>>}}')
    assert body == SPELLINGS[position]


@pytest.mark.parametrize("escaped", [False, True])
async def test_a_raw_variable_is_not_escaped_unless_switched(api, sandbox, stepladder, escaped):
    sandbox.switches.raw_variable_escaped = escaped
    ticket = await api.create(customfields=fields(customer='Say "hi"\nnow'))
    body, _ = await sent_with(sandbox, stepladder, ticket["id"], '{"k": "<<CFidemeumCustomerName!>>"}')
    assert body == ('{"k": "Say \\"hi\\"\\nnow"}' if escaped else '{"k": "Say "hi"\nnow"}')


async def test_a_line_break_in_a_value_cannot_add_a_header(api, sandbox, stepladder):
    ticket = await api.create(customfields=fields(customer="a\r\nX-Evil: 1"))
    headers = {"X-Customer": "<<CFidemeumCustomerName>>"}
    _, sent = await sent_with(sandbox, stepladder, ticket["id"], "{}", headers)
    assert sent["x-customer"] == "a X-Evil: 1"
    assert "x-evil" not in sent


async def test_bodies_are_kept_only_in_part(sandbox, stepladder, ticket_id):
    stepladder.body = "x" * 10_000
    (call,) = await sandbox.press(ticket_id, "approve", NIK)
    assert len(call.response_body) == BODY_LIMIT
    (event,) = sandbox.events("method.called")
    assert len(event["response_body"]) == BODY_LIMIT


async def test_a_button_wired_to_the_wrong_method_calls_the_wrong_method(sandbox, stepladder, ticket_id):
    """The integration guide's own text wires Deny to the approve method; an administrator may have followed it."""
    outcomes = tuple(
        msgspec.structs.replace(each, method_id=1) if each.id == DENY else each
        for each in sandbox.state.config.outcomes
    )
    sandbox.reconfigure(outcomes=outcomes)
    await sandbox.press(ticket_id, "deny", NIK)
    assert stepladder.calls[0].path.endswith("/approve")
