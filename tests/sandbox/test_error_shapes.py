"""Every error body of HaloPSA fact 29 can be had for a write: by a switch, or by a planned fault."""

from __future__ import annotations

from typing import get_args

import pytest

from stepladder_sandbox.halopsa.switches import ErrorShape

SHAPES = [shape for shape in get_args(ErrorShape) if shape != "natural"]
CALLS = {
    "ticket": lambda api: api.try_create(details=None),
    "update": lambda api: api.update(999999, summary="x"),
    "action": lambda api: api.act(2003, outcome=None),
    "field": lambda api: api.post("FieldInfo", [{"name": "two words"}]),
}


SAYS = {
    "exception": lambda body: body["ClassName"] == "System.Exception" and body["Message"],
    "message": lambda body: body.keys() == {"Message"} and body["Message"],
    "result_code": lambda body: body["resultCode"] and body["errorMessage"],
    "oauth": lambda body: body["error"] and body["error_description"],
    "model_state": lambda body: body["[0].id"][0],
    "model_state_bare": lambda body: body["id"][0],
    "ok_with_error": lambda body: body["error"] and body["report"]["load_error"],
}
PLAIN = {"text": ("CODE:APP03/2 ", "text/plain"), "html": ("<!DOCTYPE html>", "text/html"), "empty": ("", "")}


def check(answer, shape, *, says, status=400):
    assert answer.status_code == (200 if shape == "ok_with_error" else status)
    if shape in SAYS:
        assert says in SAYS[shape](answer.json())
    else:
        start, kind = PLAIN[shape]
        assert answer.text.startswith(start)
        assert answer.headers.get("content-type", "").startswith(kind)
        assert (says in answer.text) is (shape != "empty")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("call", CALLS)
async def test_a_switch_gives_every_refused_write_the_same_shape(admin, sandbox, call, shape):
    natural = await CALLS[call](admin)
    sandbox.switches.error_shape = shape
    answer = await CALLS[call](admin)
    check(answer, shape, says=natural.json()["Message"], status=natural.status_code)


@pytest.mark.parametrize("shape", SHAPES)
async def test_a_planned_fault_refuses_a_good_write_in_any_shape(api, sandbox, shape):
    before = sandbox.state.commits
    sandbox.fail_next("refused", method="POST", path="/api/tickets", error_shape=shape)
    assert (await api.get("Tickets")).status_code == 200
    check(await api.try_create(), shape, says="The value is not valid.")
    assert sandbox.state.commits == before
    assert (await api.try_create()).status_code == 201


async def test_a_planned_refusal_has_any_status_and_natural_is_the_plainest(api, sandbox, guest):
    script = [{"fault": "refused", "status": 409, "error_shape": "natural"}]
    answer = await guest.http.post("/sandbox/faults", json={"script": script})
    assert answer.json()["script"][0]["error_shape"] == "natural"
    refused = await api.try_create()
    assert (refused.status_code, refused.json()) == (409, {"Message": "The value is not valid."})
    sandbox.fail_next("refused", status=404, error_shape="empty")
    assert (await api.delete("Tickets/2003")).status_code == 404


async def test_reads_token_calls_and_missing_rights_keep_their_own_shape(api, sandbox):
    sandbox.switches.error_shape = "text"
    assert (await api.get("Tickets/999999")).json() == {"Message": "Ticket not found"}
    assert (await api.post("Workflow", [])).content == b""
    assert (await api.ask_token(client_secret="wrong")).json()["error"] == "invalid_client"
    nothing = await api.post("NoSuchThing", [])
    assert nothing.text == "CODE:APP03/2 The request was refused."
    unreadable = await api.post("Tickets", "text")
    assert "Cannot deserialize" in unreadable.text


async def test_what_is_escaped_in_a_page_cannot_become_markup(admin, sandbox):
    sandbox.switches.error_shape = "html"
    answer = await admin.post("Tickets", [{"id": 2003, "status_id": "<b>9</b>"}])
    assert "<b>" not in answer.text
