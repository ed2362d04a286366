"""Setting HaloPSA up by its API: made once, looked for first, never changed, undone exactly."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.setup.halopsa.conftest import Stage, states

from stepladder.connections.service import ticket_system
from stepladder.connectors.base import RemoteGone
from stepladder.setup.engine.apply import SetupRunning
from stepladder.setup.engine.parts import State
from stepladder.setup.engine.system import Refused
from stepladder.setup.halopsa import parts
from stepladder.setup.halopsa.access import site_of
from stepladder.setup.halopsa.instance import Instance
from stepladder.setup.halopsa.parts import Kind
from stepladder_sandbox.halopsa import demo

ALL = {part.key for part in parts.PARTS}


async def test_everything_is_made_in_an_empty_halopsa(stage: Stage) -> None:
    made = states(await stage.set_up())
    assert made == dict.fromkeys(ALL, State.MADE)
    config = stage.halo.state.config
    assert [(each.name, each.label) for each in config.custom_fields] == [
        ("CFidemeumCustomerName", "idemeum_customer_name"),
        ("CFidemeumElevationRequestId", "idemeum_elevation_request_id"),
    ]
    buttons = stage.the("integrations", "Idemeum API integration")
    assert (buttons.base_url, buttons.header_name) == (stage.tenant.msp.base_url, "X-Idemeum-Api-Key")
    approve = stage.the("methods", "idemeum - approve elevation request")
    deny = stage.the("methods", "idemeum - deny elevation request")
    assert (approve.path, approve.body) == ("/api/integrations/elevation/request/approve", demo.APPROVE_BODY)
    assert (deny.path, deny.body) == ("/api/integrations/elevation/request/deny", demo.DENY_BODY)
    assert approve.headers == deny.headers == {"Content-Type": demo.ACCEPT_DECISION}
    assert stage.the("outcomes", "Idemeum - deny elevation request").method_id == deny.id
    assert (
        stage.the("tabs", "idemeum").url
        == f"{stage.tenant.msp.base_url}?customerDisplayName=$CLIENT_REFERENCE"
    )


async def test_deny_is_wired_to_deny_and_customers_never_see_a_button(stage: Stage) -> None:
    report = await stage.set_up()
    for verdict in ("approve", "deny"):
        action = stage.the("outcomes", f"Idemeum - {verdict} elevation request")
        method = stage.the("methods", f"idemeum - {verdict} elevation request")
        assert (action.method_id, action.for_users, action.is_quick) == (method.id, False, True)
        assert action.new_status_id == demo.CLOSED
    assert any("Allow users to use this action" in note for note in report.notes)


async def test_the_key_is_fresh_and_may_only_approve_and_deny(stage: Stage) -> None:
    await stage.set_up()
    for name, actions, modes in (
        ("Idemeum API integration", ["approve", "deny"], ["USER"]),
        ("Idemeum JIT account integration", ["disable_jit"], []),
    ):
        key = stage.the("integrations", name).header_value
        rows = await stage.sql("select * from inbound_key where key_id = %(id)s", id=key.split("_")[1])
        assert (rows[0]["actions"], rows[0]["modes"]) == (actions, modes)


async def test_again_changes_nothing(stage: Stage) -> None:
    await stage.set_up(fill_client_references=True)
    before, keys = stage.configured(), await stage.sql("select * from inbound_key order by id")
    again = states(await stage.set_up(fill_client_references=True))
    assert set(again.values()) == {State.EXISTS}
    assert stage.configured() == before
    assert await stage.sql("select * from inbound_key order by id") == keys


async def test_a_dry_run_writes_nothing_anywhere(stage: Stage) -> None:
    tables = "select (select count(*) from inbound_key) k, (select count(*) from halopsa_object) o, (select count(*) from audit_event) a"
    before, rows = stage.configured(), await stage.sql(tables)
    planned = states(await stage.set_up(dry_run=True))
    assert planned == dict.fromkeys(ALL, State.WOULD_MAKE)
    assert stage.configured() == before
    assert await stage.sql(tables) == rows
    assert [
        each
        for each in stage.halo.events("api.call")
        if each["method"] != "GET" and each["path"] != "/auth/token"
    ] == []


async def test_a_set_up_by_hand_as_the_guide_says_is_recognised(stage: Stage) -> None:
    config = demo.demo_config(stage.tenant.msp.base_url, "by-hand")
    stage.halo.state.configure(
        **{
            name: getattr(config, name)
            for name in ("custom_fields", "integrations", "methods", "outcomes", "workflows")
        }
    )
    found = states(await stage.set_up())
    for part in parts.BUTTONS:
        assert found[part.key] is State.EXISTS, part.key


@pytest.mark.parametrize(
    ("part", "name", "changes", "key", "said"),
    [
        (
            "custom_fields",
            "CFidemeumCustomerName",
            {"label": "Customer"},
            "field.customer_name",
            "Field Label",
        ),
        (
            "integrations",
            "Idemeum API integration",
            {"base_url": "https://elsewhere.example"},
            "integration.decisions",
            "Base resource URL",
        ),
        ("methods", "idemeum - deny elevation request", {"body": "{}"}, "method.deny", "Body"),
        ("outcomes", "Idemeum - deny elevation request", {"for_users": True}, "action.deny", "Allow users"),
        (
            "outcomes",
            "Idemeum - approve elevation request",
            {"outcome": "Freigeben"},
            "action.approve",
            "Freigeben",
        ),
        ("tabs", "idemeum", {"url": "https://other.example"}, "tab.portal", "URL"),
        ("webhooks", "Idemeum - disable JIT accounts", {"active": False}, "runbook.disable_jit", "Active"),
    ],
)
async def test_what_a_person_changed_is_told_and_left(
    stage: Stage, part: str, name: str, changes: dict[str, Any], key: str, said: str
) -> None:
    await stage.set_up()
    stage.change(part, name, **changes)
    before = stage.configured()
    report = await stage.set_up()
    (item,) = [each for each in report.items if each.key == key]
    assert item.state is State.DIFFERS
    assert said in item.detail
    assert "left as it is" in item.detail
    assert stage.configured() == before


async def test_two_of_a_name_are_never_taken_for_the_first(stage: Stage) -> None:
    await stage.set_up()
    method = stage.the("methods", "idemeum - deny elevation request")
    import msgspec

    stage.halo.state.configure(
        methods=(
            *stage.halo.state.config.methods,
            msgspec.structs.replace(method, id=99, name="IDEMEUM - deny elevation request"),
        )
    )
    assert states(await stage.set_up())["method.deny"] is State.DOUBLED


async def test_what_was_deleted_by_hand_is_made_again(stage: Stage) -> None:
    await stage.set_up()
    stage.drop("outcomes", "Idemeum - deny elevation request")
    again = states(await stage.set_up())
    assert again["action.deny"] is State.MADE
    assert again["workflow.deny"] is State.MADE
    assert again["action.approve"] is State.EXISTS


async def test_client_references_are_filled_only_where_they_are_empty(stage: Stage) -> None:
    await stage.tenant.customer_called("adventure", "Adventure Works")
    await _map(stage)
    stage.change("clients", "Northwind Traders", ref="")
    found = states(await stage.set_up(fill_client_references=True))
    assert found["client_reference.1"] is State.MADE
    assert found["client_reference.6"] is State.DIFFERS
    assert stage.the("clients", "Northwind Traders").ref == "Northwind Traders"
    assert stage.the("clients", "Adventure Works").ref == "adventure-works"


async def _map(stage: Stage) -> None:
    async with ticket_system(stage.services.connections, stage.tenant.operator) as (found, connector):
        remotes = await connector.list_customers()
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await stage.services.customers.map_automatically(tx, found.id, remotes)


async def test_a_new_key_replaces_the_old_one_and_ends_it(stage: Stage) -> None:
    await stage.set_up()
    old = stage.the("integrations", "Idemeum API integration").header_value
    report = await stage.set_up(new_key=True)
    new = stage.the("integrations", "Idemeum API integration").header_value
    assert new != old
    assert set(states(report).values()) == {State.EXISTS}
    rows = await stage.sql("select key_id, revoked_at from inbound_key")
    revoked = {row["key_id"]: row["revoked_at"] for row in rows}
    assert revoked[old.split("_")[1]] is not None
    assert revoked[new.split("_")[1]] is None


async def test_no_new_key_is_sent_to_an_address_that_somebody_changed(stage: Stage) -> None:
    await stage.set_up()
    old = stage.the("integrations", "Idemeum API integration").header_value
    stage.change("integrations", "Idemeum API integration", base_url="https://elsewhere.example")
    assert states(await stage.set_up(new_key=True))["integration.decisions"] is State.DIFFERS
    assert stage.the("integrations", "Idemeum API integration").header_value == old


async def test_what_differs_is_corrected_and_not_made_a_second_time(stage: Stage) -> None:
    """HALO-15: the steps open the existing part and name what to change; none of them says New."""
    await stage.set_up()
    stage.change("methods", "idemeum - deny elevation request", path="/elsewhere")
    stage.change("integrations", "Idemeum API integration", base_url="https://elsewhere.example")
    stage.change("custom_fields", "CFidemeumCustomerName", label="x")
    items = {each.key: each for each in (await stage.set_up()).items}
    for key in ("method.deny", "integration.decisions", "field.customer_name"):
        assert items[key].state is State.DIFFERS
        assert not [step for step in items[key].clicks if "New" in step]
        assert "open the existing" in items[key].clicks[0]
        assert items[key].key_rights is None, "it has its key"
    assert [step for step in items["method.deny"].clicks if step.startswith("Change")] == [
        f"Change Method URL to: {parts.DENY_PATH}"
    ]


async def test_what_cannot_be_compared_is_looked_at_and_not_made_a_second_time(stage: Stage) -> None:
    """HALO-15: HaloPSA lists a method and does not show it; the steps say which values to look for."""
    await stage.set_up()
    number = stage.the("methods", "idemeum - deny elevation request").id
    path = f"/api/customintegrationmethod/{number}"
    stage.halo.fail_next("expired_token", method="GET", path=path, times=20)
    (item,) = [each for each in (await stage.set_up(dry_run=True)).items if each.key == "method.deny"]
    assert (item.state, "Compare them" in item.detail) == (State.BY_HAND, True)
    assert not [step for step in item.clicks if "New" in step]
    assert "open the existing" in item.clicks[0]
    assert f"See that Method URL is: {parts.DENY_PATH}" in item.clicks


async def test_a_plan_leaves_the_credential_for_the_run_behind_it(stage: Stage) -> None:
    """HALO-15: it is ended after a run, not after a plan."""
    planned, done = await stage.set_up(dry_run=True), await stage.set_up()
    removal, removed = await stage.remove(dry_run=True), await stage.remove()
    for report, ends in ((planned, False), (done, True), (removal, False), (removed, True)):
        assert any("End the temporary credential" in note for note in report.notes) is ends


async def test_no_button_is_built_upon_a_method_that_is_wrong(stage: Stage) -> None:
    """A method called deny that approves must not get a Deny button from us."""
    await stage.set_up()
    stage.change("methods", "idemeum - deny elevation request", path=parts.APPROVE_PATH)
    stage.drop("outcomes", "Idemeum - deny elevation request")
    found = states(await stage.set_up())
    assert found["method.deny"] is State.DIFFERS
    assert found["action.deny"] is State.BY_HAND
    assert not [each for each in stage.halo.state.config.outcomes if "deny" in each.outcome]


@pytest.mark.parametrize("answer", ["400", "403", "404"])
@pytest.mark.parametrize(
    ("switch", "keys"),
    [
        ("fields_writable", {"field.customer_name", "field.request_id"}),
        (
            "integrations_writable",
            {each.key for each in parts.BUTTONS[2:]} | {each.key for each in parts.RUNBOOK_PARTS},
        ),
        ("outcomes_writable", {"action.approve", "action.deny", "workflow.approve", "workflow.deny"}),
        ("workflow_writable", {"workflow.approve", "workflow.deny"}),
        ("tabs_writable", {"tab.portal"}),
        ("runbooks_writable", {"runbook.disable_jit", "runbook.trigger"}),
    ],
)
async def test_what_the_api_refuses_becomes_clicks_and_the_rest_is_made(
    stage: Stage, switch: str, keys: set[str], answer: str
) -> None:
    setattr(stage.halo.switches, switch, answer)
    report = await stage.set_up(workflow="Incident Management")
    found = states(report)
    by_hand = {key for key, state in found.items() if state is State.BY_HAND}
    if (switch, answer) == ("workflow_writable", "404"):
        keys = keys | {"action.approve", "action.deny"} & by_hand
    assert by_hand == keys
    assert {key for key, state in found.items() if state is State.MADE} == ALL - keys
    assert all(each.clicks for each in report.items if each.key in keys)
    rows = await stage.sql("select key from halopsa_object")
    assert {row["key"] for row in rows} == ALL - keys
    keys_left = await stage.sql(
        "select 1 from inbound_key where revoked_at is null and name like 'HaloPSA: %%'"
    )
    assert len(keys_left) == (0 if switch == "integrations_writable" else 2)


async def test_without_a_workflow_to_take_they_are_listed(stage: Stage) -> None:
    report = await stage.set_up(workflow="No such", dry_run=True)
    (item,) = [each for each in report.items if each.key == "workflow.deny"]
    assert item.state is State.BY_HAND
    assert "Incident Management" in item.detail


async def test_a_ticket_type_without_a_workflow_allows_every_action(stage: Stage) -> None:
    stage.change("ticket_types", "Incident", workflow_id=0)
    assert states(await stage.set_up())["workflow.deny"] is State.EXISTS


async def test_lists_in_the_other_shape_are_read_too(stage: Stage) -> None:
    stage.halo.switches.config_lists_wrapped = True
    stage.halo.switches.ids_as_strings = True
    stage.halo.switches.api_key_fields = "username"
    await stage.set_up()
    assert set(states(await stage.set_up()).values()) == {State.EXISTS}
    assert stage.the("integrations", "Idemeum API integration").header_name == "X-Idemeum-Api-Key"


async def test_the_number_of_the_system_use_is_learnt_from_another_action(stage: Stage) -> None:
    stage.halo.switches.method_needs_systemid = 17
    await stage.set_up(system_use=17)
    stage.drop("outcomes", "Idemeum - deny elevation request")
    await stage.set_up()
    assert stage.the("outcomes", "Idemeum - deny elevation request").systemid == 17


@pytest.mark.parametrize(
    "error", [RemoteGone("no such address", code="halopsa_gone"), Refused("no such address")]
)
async def test_what_is_listed_and_cannot_be_read_is_not_made_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await stage.set_up()
    before, whole = stage.configured(), Instance.whole

    async def unreadable(self: Instance, kind: Kind, remote_id: str) -> Any:
        if kind in (Kind.METHOD, Kind.ACTION):
            raise error
        return await whole(self, kind, remote_id)

    monkeypatch.setattr(Instance, "whole", unreadable)
    await stage.set_up()
    assert stage.configured() == before


async def test_of_two_who_set_up_at_once_one_is_told_to_wait_and_nothing_is_made_twice(stage: Stage) -> None:
    outcomes = await asyncio.gather(
        *(stage.set_up() for _ in range(4)), stage.remove(), return_exceptions=True
    )
    refused = [each for each in outcomes if isinstance(each, SetupRunning)]
    assert refused, outcomes
    await stage.set_up()
    names = [each.name for each in stage.halo.state.config.integrations]
    assert len(names) == len(set(names))


async def test_looking_only_waits_for_nobody(stage: Stage) -> None:
    site = await site_of(stage.services.halopsa_setup, stage.tenant.operator)
    async with stage.services.db.exclusive(f"halopsa setup {site.connection_id}") as is_ours:
        assert is_ours
        assert (await stage.set_up(dry_run=True)).stopped is None
        with pytest.raises(SetupRunning):
            await stage.set_up()
