"""Configuration objects through the API: who may, what is kept, what never comes back, and what may be refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal

import msgspec
import pytest
from tests.sandbox.conftest import Api, MovableClock

from stepladder_sandbox.halopsa.demo import (
    APPROVE,
    CLOSED,
    DENY,
    INCIDENT_WORKFLOW,
    RUNBOOK,
    SETUP_CLIENT_ID,
    SETUP_CLIENT_SECRET,
    TAB,
    bare_demo_config,
)
from stepladder_sandbox.halopsa.records import Rights
from stepladder_sandbox.halopsa.testing import RunningSandbox, running_sandbox

KINDS: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "FieldInfo": ({"name": "elevationReason", "label": "Reason"}, "fields_writable", 181),
    "CustomIntegration": ({"name": "Mine"}, "integrations_writable", 1),
    "CustomIntegrationMethod": (
        {"name": "m", "integration_id": 1, "path": "/x", "method": 1},
        "integrations_writable",
        1,
    ),
    "Outcome": ({"outcome": "Mine"}, "outcomes_writable", APPROVE),
    "Workflow": ({"name": "Mine", "active": True}, "workflow_writable", INCIDENT_WORKFLOW),
    "Tabs": ({"name": "Mine", "url": "https://example.test/?c=$ID"}, "tabs_writable", TAB),
    "Webhook": ({"name": "Mine", "type": 1}, "runbooks_writable", RUNBOOK),
    "Notification": ({"eventno": 39, "webhook_id": RUNBOOK}, "runbooks_writable", 1),
}
OPEN = {"FieldInfo", "Outcome"}
REFUSED = object()


def ids(rows: Any) -> Any:
    return [row["id"] for row in rows]


# Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_the_daily_credential_may_not_write_and_hardly_read(api: Api, kind: str) -> None:
    body, _, existing = KINDS[kind]
    for answer in (
        await api.post(kind, [body]),
        await api.delete(f"{kind}/{existing}"),
        *([] if kind in OPEN else [await api.get(kind), await api.get(f"{kind}/{existing}")]),
    ):
        assert (answer.status_code, answer.content) == (403, b"")
    if kind in OPEN:
        assert (await api.get(kind)).status_code == 200


@pytest.mark.parametrize("kind", ["Automation", "WebhookEvent", "Application"])
async def test_the_logs_are_for_administrators(api: Api, admin: Api, kind: str) -> None:
    assert (await api.get(kind)).status_code == 403
    assert (await admin.get(kind)).status_code == 200


@pytest.mark.parametrize(
    ("scope", "status"), [("all", 200), ("admin", 200), ("all:standard", 403), ("read:tickets", 403)]
)
async def test_it_takes_the_scope_all_or_admin(
    sandbox: RunningSandbox, guest: Api, scope: str, status: int
) -> None:
    application = sandbox.state.config.setup_application
    assert application is not None
    scopes = ("all", "admin", "all:standard", "read:tickets")
    sandbox.reconfigure(setup_application=msgspec.structs.replace(application, scopes=scopes))
    await guest.sign_in_for_setup(scope)
    assert (await guest.get("Workflow")).status_code == status
    sandbox.switches.standard_scope_configures = True
    assert (await guest.get("Workflow")).status_code == (200 if scope == "all:standard" else status)


async def test_the_scope_is_nothing_without_the_administrator_role(
    sandbox: RunningSandbox, guest: Api
) -> None:
    agents = tuple(
        msgspec.structs.replace(each, rights=Rights()) if each.name == "Stepladder set-up" else each
        for each in sandbox.state.config.agents
    )
    sandbox.reconfigure(agents=agents)
    await guest.sign_in_for_setup()
    assert (await guest.get("Workflow")).status_code == 403


async def test_the_wider_credential_is_temporary(sandbox: RunningSandbox, guest: Api) -> None:
    sandbox.reconfigure(setup_application=None)
    answer = await guest.ask_token(client_id=SETUP_CLIENT_ID, client_secret=SETUP_CLIENT_SECRET, scope="all")
    assert answer.status_code == 401


async def test_the_wider_credential_does_the_daily_work_too(admin: Api) -> None:
    assert (await admin.try_create()).status_code == 201


# What all kinds have in common -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_an_object_is_created_listed_read_changed_and_deleted(
    admin: Api, sandbox: RunningSandbox, kind: str
) -> None:
    body, _, _ = KINDS[kind]
    created = await admin.put(kind, **body)
    assert created["id"] in ids((await admin.get(kind)).json())
    assert (await admin.whole(kind, created["id"]))["id"] == created["id"]
    changed = await admin.put(kind, id=created["id"], note="kept as it came", somethingelse=7)
    assert changed == created | {"note": "kept as it came", "somethingelse": 7}
    gone = await admin.delete(f"{kind}/{created['id']}")
    assert (gone.status_code, gone.json()) == (200, {"id": created["id"]})
    assert (await admin.get(f"{kind}/{created['id']}")).status_code == 404
    assert created["id"] not in ids((await admin.get(kind)).json())
    assert (await admin.delete(f"{kind}/{created['id']}")).status_code == 404
    assert (await admin.post(kind, [{"id": created["id"], "name": "back"}])).status_code == 404
    events = sandbox.events("configuration.changed")
    assert [(event["what"], event["done"]) for event in events] == [
        (kind, done) for done in ("created", "changed", "deleted")
    ]
    assert events[0]["application_id"] == SETUP_CLIENT_ID


@pytest.mark.parametrize("kind", KINDS)
async def test_a_number_is_never_used_twice(admin: Api, kind: str) -> None:
    body, _, _ = KINDS[kind]
    first = await admin.put(kind, **body)
    await admin.delete(f"{kind}/{first['id']}")
    assert (await admin.put(kind, **body))["id"] != first["id"]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_the_api_may_not_do_is_a_switch(admin: Api, sandbox: RunningSandbox, kind: str) -> None:
    body, switch, existing = KINDS[kind]
    for position in ("400", "403", "404"):
        setattr(sandbox.switches, switch, position)
        assert (await admin.post(kind, [body])).status_code == int(position)
        assert (await admin.delete(f"{kind}/{existing}")).status_code == int(position)
        assert (await admin.get(kind)).status_code == (404 if position == "404" else 200)
    setattr(sandbox.switches, switch, "on")
    await admin.put(kind, **body)


async def test_every_part_can_be_refused_by_name(admin: Api, sandbox: RunningSandbox) -> None:
    sandbox.switches.fields_writable = "400"
    sandbox.switches.integrations_writable = "400"
    sandbox.switches.outcomes_writable = "403"
    sandbox.switches.workflow_writable = "403"
    sandbox.switches.tabs_writable = "404"
    sandbox.switches.runbooks_writable = "404"
    statuses = {kind: (await admin.post(kind, [KINDS[kind][0]])).status_code for kind in KINDS}
    assert list(statuses.values()) == [400, 400, 400, 403, 403, 404, 404, 404]
    assert (await admin.post("TicketType", [{"id": 3, "workflow_id": 1}])).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
async def test_lists_come_bare_or_wrapped(admin: Api, sandbox: RunningSandbox, kind: str) -> None:
    bare = (await admin.get(kind)).json()
    assert isinstance(bare, list)
    sandbox.switches.config_lists_wrapped = True
    wrapped = (await admin.get(kind)).json()
    assert wrapped["record_count"] == len(bare)
    assert bare in wrapped.values()


async def test_several_at_once_are_answered_by_the_last_or_by_all(admin: Api) -> None:
    two = [{"name": "one", "url": "https://a.test"}, {"name": "two", "url": "https://b.test"}]
    assert (await admin.post("Tabs", two)).json()["name"] == "two"
    answer = await admin.post("Tabs", [{"name": "three"}, {"name": "four"}], returnall="true")
    assert [each["name"] for each in answer.json()] == ["three", "four"]
    assert (await admin.post("Tabs/7", two)).status_code == 404
    assert (await admin.post("Tabs", {"name": "bare"})).status_code == 400


@pytest.mark.parametrize(
    ("kind", "body", "says"),
    [
        ("FieldInfo", {"label": "no name"}, "valid Field Name"),
        ("FieldInfo", {"name": "two words"}, "valid Field Name"),
        ("FieldInfo", {"name": "IDEMEUMcustomerName"}, "already exists"),
        ("CustomIntegration", {"resourcebaseurl": "https://x.test"}, "enter a Name"),
        ("CustomIntegrationMethod", {"integration_id": 1, "path": "/x"}, "enter a Name"),
        ("CustomIntegrationMethod", {"name": "m", "integration_id": 99}, "choose an Integration"),
        ("CustomIntegrationMethod", {"name": "m", "integration_id": 1, "method": 5}, "choose a Method"),
        ("Outcome", {"buttonname": "x"}, "enter an Action Name"),
        ("Outcome", {"outcome": "x", "newstatus": 77}, "newstatus does not exist"),
        ("Outcome", {"outcome": "x", "integration_method_id": 77}, "choose a Method"),
        ("Workflow", {"active": True}, "enter a Name"),
        ("Tabs", {"url": "https://x.test"}, "enter a Name"),
        ("Webhook", {"name": "bare"}, "valid URL"),
        ("Webhook", {"name": "bare", "type": 0, "url": "ftp://x"}, "valid URL"),
        ("Webhook", {"type": 1}, "enter a Name"),
        ("Webhook", {"name": "IDEMEUM - disable JIT accounts", "type": 1}, "must be unique"),
        ("Notification", {"eventno": 39}, "choose a Webhook"),
        ("Notification", {"eventno": 39, "webhook_id": "nobody"}, "choose a Webhook"),
        ("Notification", {"webhook_id": RUNBOOK}, "choose an Event"),
        ("TicketType", {"name": "New"}, "Ticket Types"),
        ("TicketType", {"id": 1, "workflow_id": 77}, "choose a Workflow"),
        ("Client", {"ref": "x"}, "enter a Name"),
    ],
)
async def test_what_makes_no_sense_is_refused(admin: Api, kind: str, body: dict[str, Any], says: str) -> None:
    answer = await admin.post(kind, [body])
    assert answer.status_code == 400
    assert says in answer.json()["Message"]


@pytest.mark.parametrize("kind", ["Workflow", "Webhook"])
@pytest.mark.parametrize("steps", [[{"name": "no number"}], ["text"], {"step_id": 1}, [{"step_id": "x"}]])
async def test_steps_that_cannot_be_read_are_refused(
    admin: Api, kind: str, steps: list[dict[str, str] | str] | dict[str, int]
) -> None:
    answer = await admin.post(kind, [{"name": "x", "type": 1, "steps": steps}])
    assert answer.status_code == 400
    assert "steps" in next(iter(answer.json()))


# One kind after the other ------------------------------------------------------------------------------------------


async def test_a_custom_field_is_created_without_cf_and_read_with_it(
    admin: Api, api: Api, sandbox: RunningSandbox
) -> None:
    field = await admin.put("FieldInfo", name="elevationRisk", label="Risk", inputtype=1)
    assert (field["name"], field["label"], field["variable_name"]) == (
        "CFelevationRisk",
        "Risk",
        "$CFelevationRisk",
    )
    ticket = await api.create(customfields=[{"name": "cfelevationrisk", "value": 3}])
    assert {"id": field["id"], "value": 3.0}.items() <= ticket["customfields"][-1].items()
    twice = await admin.put("FieldInfo", name="CFelevationRisk")
    assert twice["name"] == "CFCFelevationRisk"
    await admin.delete(f"FieldInfo/{field['id']}")
    left = [each["name"] for each in (await api.read(ticket["id"]))["customfields"]]
    assert left[2:] == ["CFCFelevationRisk"]


@pytest.mark.parametrize("change", [{"name": "other"}, {"type": 4}])
async def test_name_and_type_of_a_field_stay_whatever_is_asked(
    admin: Api, sandbox: RunningSandbox, change: dict[str, Any]
) -> None:
    field = await admin.put("FieldInfo", name="stays", type=0)
    for same in ({"name": "stays"}, {"name": "CFstays", "type": 0, "label": "New label"}):
        await admin.put("FieldInfo", id=field["id"], **same)
    changed = await admin.put("FieldInfo", id=field["id"], **change)
    assert (changed["name"], changed["type"], changed["label"]) == ("CFstays", 0, "New label")
    sandbox.switches.field_rename = "400"
    assert (await admin.post("FieldInfo", [{"id": field["id"], **change}])).status_code == 400


@pytest.mark.parametrize("fields", [("headername", "new_client_secret"), ("username", "new_password")])
async def test_a_key_is_written_and_never_read_back(
    admin: Api, sandbox: RunningSandbox, fields: tuple[Literal["headername", "username"], str], tmp_path: Path
) -> None:
    sandbox.switches.api_key_fields = fields[0]
    secret = "sl_in_Zz9-never-shown"
    made = await admin.put(
        "CustomIntegration",
        name="Mine",
        resourcebaseurl="https://msp.example/",
        authorizationtype=1,
        **dict(zip(fields, ("X-Idemeum-Api-Key", secret), strict=True)),
    )
    kept = sandbox.state.directory.integrations[made["id"]]
    assert (kept.header_name, kept.header_value) == ("X-Idemeum-Api-Key", secret)
    assert (made["resourcebaseurl"], made[fields[0]]) == ("https://msp.example", "X-Idemeum-Api-Key")
    sandbox.switches.base_url_slash = "kept"
    with_slash = await admin.put("CustomIntegration", id=made["id"], resourcebaseurl="https://msp.example/")
    assert with_slash["resourcebaseurl"] == "https://msp.example/"
    whole = await admin.get(f"CustomIntegration/{made['id']}", includedetails="true", includemethods="true")
    assert secret not in whole.text + json.dumps(made) + repr(kept)
    assert fields[1] not in whole.text
    await admin.put("CustomIntegration", id=made["id"], name="Renamed", **{fields[1]: ""})
    assert sandbox.state.directory.integrations[made["id"]].header_value == secret
    await admin.post("Tickets", [{"summary": f"leak {secret}"}])
    assert secret not in json.dumps(sandbox.log)


async def test_the_wrong_pair_of_fields_leaves_the_integration_without_a_key(
    admin: Api, sandbox: RunningSandbox
) -> None:
    sandbox.switches.api_key_fields = "username"
    made = await admin.put("CustomIntegration", name="x", headername="X-Key", new_client_secret="s")
    assert sandbox.state.directory.integrations[made["id"]].header_value == ""


async def test_methods_have_rows_for_headers_and_parameters_which_are_replaced_as_a_whole(admin: Api) -> None:
    rows = [{"key": "Content-Type", "value": "application/json"}, {"key": "", "value": "dropped"}]
    made = await admin.put(
        "CustomIntegrationMethod",
        name="m",
        integration_id=1,
        path="/x",
        method=4,
        requesttype=1,
        requestbody='{"id": <<ticket^id>>}',
        headers=rows,
        uri_params=[{"key": "t", "value": "<<ticket^id>>"}],
    )
    assert made["method"] == 4
    assert [(row["key"], row["value"]) for row in made["headers"]] == [("Content-Type", "application/json")]
    assert made["integration_name"] == "Idemeum API integration"
    row = (await admin.get("CustomIntegrationMethod", integration_id=1)).json()[-1]
    assert row["id"] == made["id"]
    assert "requestbody" not in row
    assert (await admin.get("CustomIntegrationMethod", integration_id=9)).json() == []
    changed = await admin.put("CustomIntegrationMethod", id=made["id"], headers=[])
    assert (changed["headers"], changed["requestbody"]) == ([], '{"id": <<ticket^id>>}')


async def test_methods_come_in_pages_and_go_with_their_integration(admin: Api) -> None:
    other = await admin.put("CustomIntegration", name="Other")
    wanted = [{"name": f"m{number}", "integration_id": other["id"], "path": "/x"} for number in range(60)]
    await admin.post("CustomIntegrationMethod", wanted)
    assert len((await admin.get("CustomIntegrationMethod", integration_id=other["id"])).json()) == 50
    page = {"pageinate": "true", "page_size": 25, "page_no": 3}
    assert len((await admin.get("CustomIntegrationMethod", integration_id=other["id"], **page)).json()) == 10
    await admin.delete(f"CustomIntegration/{other['id']}")
    assert (await admin.get("CustomIntegrationMethod", integration_id=other["id"])).json() == []
    assert len((await admin.get("CustomIntegrationMethod")).json()) == 3


async def test_an_action_has_all_that_the_guide_asks_for(admin: Api) -> None:
    made = await admin.put(
        "Outcome",
        outcome="Idemeum - approve",
        buttonname="Approve",
        icon="fas fa-check",
        colour="#14632f",
        sequence=5,
        systemid=23,
        integration_method_id=1,
        dontshowscreen=True,
        show_to_user=True,
        newstatus=CLOSED,
        tickettypes=[{"value": "1", "label": "Incident"}],
    )
    assert made.items() >= {"integration_method_name": "idemeum - approve elevation request"}.items()
    assert (made["dontshowscreen"], made["show_to_user"], made["newstatus"]) == (True, True, CLOSED)
    assert made["tickettypes"] == [{"value": "1", "label": "Incident"}]
    row = next(each for each in (await admin.get("Outcome")).json() if each["id"] == made["id"])
    assert (row["buttonname"], row["icon"], row["colour"], row["sequence"]) == (
        "Approve",
        "fas fa-check",
        "#14632f",
        5,
    )
    assert "show_to_user" not in row
    stays = await admin.put("Outcome", id=made["id"], newstatus=-1)
    assert stays["newstatus"] == -1
    assert made["id"] not in ids((await admin.get("Outcome", tickettype_id=3)).json())


async def test_hidden_actions_and_forms_are_listed_only_when_asked_for(admin: Api) -> None:
    hidden = await admin.put("Outcome", outcome="Hidden", hidden=True, dontshowscreen=True)
    form = await admin.put("Outcome", outcome="Form")
    listed = ids((await admin.get("Outcome")).json())
    assert hidden["id"] not in listed
    assert form["id"] in listed
    assert hidden["id"] in ids((await admin.get("Outcome", showhidden="true")).json())
    assert form["id"] not in ids((await admin.get("Outcome", quick_only="true")).json())


async def test_a_workflow_is_read_thin_or_whole_and_its_steps_are_replaced_as_a_whole(admin: Api) -> None:
    (row,) = (await admin.get("Workflow")).json()
    assert row.keys() == {"id", "guid", "name", "active", "note"}
    assert "steps" not in (await admin.get("Workflow/1")).json()
    whole = await admin.whole("Workflow", 1)
    assert [step["name"] for step in whole["steps"]] == ["Triage", "Done"]
    names = [each["action_name"] for each in whole["steps"][0]["actions"]]
    assert names == ["Resolved", "Idemeum - approve elevation request", "Idemeum - deny elevation request"]
    assert ids(whole["always_allow_actions"]) == [7, 8, 12]
    assert whole["in_use"]
    fewer = await admin.put("Workflow", id=1, steps=whole["steps"][:1], always_allow_actions=[])
    assert (len(fewer["steps"]), fewer["always_allow_actions"]) == (1, [])


async def test_inactive_workflows_are_listed_only_when_asked_for(admin: Api) -> None:
    made = await admin.put("Workflow", name="Not yet")
    assert made["active"] is False
    assert made["id"] not in ids((await admin.get("Workflow")).json())
    assert made["id"] in ids((await admin.get("Workflow", includeinactive="true")).json())


async def test_a_type_of_tickets_has_a_workflow_and_tabs(admin: Api, api: Api) -> None:
    made = await admin.put(
        "TicketType",
        id=3,
        workflow_id=1,
        allowall_iframe_customtabs=False,
        allowed_iframe_customtabs=[{"iframetab_id": TAB}],
    )
    assert (made["workflow_id"], made["workflow_name"]) == (1, "Incident Management")
    assert made["allowed_iframe_customtabs"][0]["iframetab_name"] == "Stepladder"
    assert made["fields"][0]["group"]["fields"][0]["fieldinfo"]["name"] == "CFidemeumCustomerName"
    assert (await admin.put("TicketType", id=3, workflow_id=0))["workflow_id"] == 0
    assert (await api.get("TicketType/3")).json()["name"] == "Service Request"
    assert (await admin.delete("TicketType/3")).status_code == 405


async def test_a_runbook_is_a_webhook_of_type_1_whose_updates_merge(admin: Api) -> None:
    steps = [{"step_id": 1, "name": "Success", "steptype": 3, "isend": True, "actions": []}]
    made = await admin.put("Webhook", name="Mine", type=1, steps=steps, active=False, _is_new=True)
    plain = await admin.put("Webhook", name="Plain", type=0, url="https://x.test/hook")
    assert len(made["id"]) == 36
    assert "_is_new" not in made
    assert ids((await admin.get("Webhook", type=1)).json()) == [RUNBOOK, made["id"]]
    assert ids((await admin.get("Webhook", type=0)).json()) == [plain["id"]]
    assert "steps" not in (await admin.get(f"Webhook/{made['id']}")).json()
    renamed = await admin.put("Webhook", id=made["id"].upper(), name="Renamed")
    assert (renamed["name"], renamed["steps"], renamed["active"]) == ("Renamed", steps, False)


async def test_events_of_a_runbook_are_a_view_unless_switched(admin: Api, sandbox: RunningSandbox) -> None:
    event = {"eventno": 39, "name": "Ticket Closed"}
    made = await admin.put("Webhook", name="Mine", type=1, events=[event])
    assert made["events"] == []
    bound = await admin.put("Notification", guid=None, webhook_id=made["id"], type=-2, **event)
    assert [each["id"] for each in (await admin.whole("Webhook", made["id"]))["events"]] == [bound["id"]]
    assert ids((await admin.get("Notification", webhook_id=made["id"])).json()) == [bound["id"]]
    sandbox.switches.webhook_events_writable = True
    changed = await admin.put("Webhook", id=made["id"], events=[{"eventno": 3}])
    assert [each["name"] for each in changed["events"]] == ["New Ticket Logged"]
    await admin.delete(f"Webhook/{made['id']}")
    assert ids((await admin.get("Notification")).json()) == [1]


async def test_a_copied_guid_takes_the_trigger_over(admin: Api) -> None:
    mine = await admin.put("Webhook", name="Mine", type=1)
    original = await admin.whole("Notification", 1)
    taken = await admin.put("Notification", guid=original["guid"].upper(), eventno=39, webhook_id=mine["id"])
    assert taken["id"] == 1
    assert (await admin.whole("Webhook", RUNBOOK))["events"] == []


async def test_the_events_are_a_lookup(api: Api) -> None:
    rows = (await api.get("Lookup", lookupid=64)).json()
    assert {row["id"]: row["name"] for row in rows} == {3: "New Ticket Logged", 39: "Ticket Closed"}


async def test_applications_are_told_without_secrets(admin: Api) -> None:
    answer = await admin.get("Application")
    assert {each["displayName"] for each in answer.json()} == {"Stepladder", "Stepladder set-up"}
    assert SETUP_CLIENT_SECRET not in answer.text
    one = (await admin.get(f"Application/{SETUP_CLIENT_ID}")).json()
    assert [scope["name"] for scope in one["scopes"]] == ["all", "admin"]
    assert one["loginas_agent_name"] == "Stepladder set-up"
    assert (await admin.get("Application/nobody")).status_code == 404


async def test_a_reset_takes_back_what_was_set_up(admin: Api, sandbox: RunningSandbox, guest: Api) -> None:
    await admin.put("Tabs", name="Mine")
    await guest.http.post("/sandbox/reset")
    assert [each.name for each in sandbox.state.config.tabs] == ["Stepladder"]


async def test_the_bare_demo_has_nothing_of_ours_and_can_be_given_all_of_it(
    client_of: Callable[[str], AbstractAsyncContextManager[Api]], clock: MovableClock
) -> None:
    async with running_sandbox(bare_demo_config(), clock=clock) as sandbox, client_of(sandbox.url) as admin:
        await admin.sign_in_for_setup()
        for kind in KINDS:
            rows = (await admin.get(kind)).json()
            left = {"Outcome": 3, "Workflow": 1}.get(kind, 0)
            assert len(rows) == left
        field = await admin.put("FieldInfo", name="idemeumElevationRequestId")
        assert field["name"] == "CFidemeumElevationRequestId"
        assert DENY not in ids((await admin.get("Outcome")).json())
