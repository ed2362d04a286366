"""The plan of a set-up is what apply carries out and what a check reads; neither look nor plan writes anything."""

from __future__ import annotations

import msgspec
from tests.setup.halopsa.conftest import CREDENTIAL, Stage, states

from stepladder.connections.changing import change
from stepladder.connections.service import check as check_connection
from stepladder.kit.findings import Result
from stepladder.setup.engine.apply import apply
from stepladder.setup.engine.parts import State
from stepladder.setup.engine.run import Outlook, look_and_plan
from stepladder.setup.halopsa.access import site_of, wide
from stepladder.setup.halopsa.checks.access import LINES
from stepladder.setup.halopsa.instance import Instance
from stepladder.setup.halopsa.service import memory_of, system_of
from stepladder.setup.halopsa.system import Options

DENY = "Idemeum - deny elevation request"


async def _outlook(stage: Stage) -> Outlook:
    wiring, actor = stage.services.halopsa_setup, stage.tenant.operator
    site, options = await site_of(wiring, actor), Options(fill_client_references=True, tab=True, jit=True)
    async with wide(wiring, site, CREDENTIAL) as client:
        system = await system_of(wiring, actor, site, Instance(client), options)
        return await look_and_plan(system, await memory_of(wiring, actor, site).recall())


async def test_apply_does_what_the_dry_run_says_and_nothing_else(stage: Stage) -> None:
    stage.change("clients", "Northwind Traders", ref="kept")
    stage.halo.state.configure(custom_fields=())
    planned = (await stage.set_up(fill_client_references=True, dry_run=True)).items
    done = (await stage.set_up(fill_client_references=True)).items
    assert [each.key for each in done] == [each.key for each in planned]
    for before, after in zip(planned, done, strict=True):
        made = before.state is State.WOULD_MAKE
        assert after.state is (State.MADE if made else before.state)
        assert after.detail == before.detail
        assert after.clicks == before.clicks


async def test_a_reference_that_a_person_fills_between_plan_and_apply_is_left(stage: Stage) -> None:
    wiring, actor = stage.services.halopsa_setup, stage.tenant.operator
    site, options = await site_of(wiring, actor), Options(fill_client_references=True, tab=True, jit=True)
    async with wide(wiring, site, CREDENTIAL) as client:
        system = await system_of(wiring, actor, site, Instance(client), options)
        memory = memory_of(wiring, actor, site)
        outlook = await look_and_plan(system, await memory.recall())
        assert {each.key: each.state for each in outlook.report.items}[
            "client_reference.1"
        ] is State.WOULD_MAKE
        stage.change("clients", "Northwind Traders", ref="NW-1")
        done = await apply(system, memory, outlook.known, outlook.planned)
    assert {each.key: each.state for each in done.items}["client_reference.1"] is State.DIFFERS
    assert stage.the("clients", "Northwind Traders").ref == "NW-1"


async def test_behind_a_set_up_the_plan_is_empty(stage: Stage) -> None:
    assert [each for each in (await _outlook(stage)).planned if each.actions]
    await stage.set_up(fill_client_references=True)
    assert [each for each in (await _outlook(stage)).planned if each.actions] == []


async def test_a_check_writes_nothing_in_halopsa(stage: Stage) -> None:
    await stage.set_up()
    seen = len(stage.halo.events("api.call"))
    await stage.check()
    calls = [each for each in stage.halo.events("api.call")[seen:] if each["path"] != "/auth/token"]
    assert {each["method"] for each in calls} == {"GET"}


async def test_a_check_says_what_stepladder_made(stage: Stage) -> None:
    stage.halo.state.configure(custom_fields=())
    await stage.set_up(jit=False)
    stage.change("tabs", "idemeum", url="https://other.example")
    found = await stage.check()
    assert found["method.deny"].detail == "Made by Stepladder."
    assert found["workflow.deny"].detail == "In the workflow “Incident Management”. Made by Stepladder."
    assert "Made by Stepladder" not in found["tab.portal"].detail
    assert {
        each.is_ours for each in (await stage.set_up(dry_run=True)).items if each.state is State.EXISTS
    } == {True}


async def test_a_button_that_was_renamed_is_told_and_does_not_break_the_check(stage: Stage) -> None:
    await stage.set_up()
    stage.change("outcomes", DENY, outcome="Ablehnen")
    for stronger in (True, False):
        found = await stage.check(stronger=stronger)
        assert found["wiring.deny"].result is (Result.PASS if stronger else Result.CANNOT_KNOW)
    assert found["action.deny"].result is Result.FAIL
    assert "Ablehnen" in found["action.deny"].detail


async def test_a_button_of_a_method_that_was_made_again_is_told_to_call_another(stage: Stage) -> None:
    await stage.set_up()
    stage.drop("methods", "idemeum - deny elevation request")
    planned = states(await stage.set_up(dry_run=True))
    assert (planned["method.deny"], planned["action.deny"]) == (State.WOULD_MAKE, State.DIFFERS)
    done = states(await stage.set_up())
    assert (done["method.deny"], done["action.deny"]) == (State.MADE, State.DIFFERS)


async def test_a_customer_that_halopsa_does_not_show_has_no_steps(stage: Stage) -> None:
    stage.halo.state.configure(
        clients=tuple(
            msgspec.structs.replace(each, id=77) if each.id == 1 else each
            for each in stage.halo.state.config.clients
        )
    )
    report = await stage.set_up(fill_client_references=True)
    (item,) = [each for each in report.items if each.key == "client_reference.1"]
    assert (item.state, item.clicks) == (State.NOT_POSSIBLE, ())


async def test_each_requirement_that_the_connectors_check_answers_is_a_line_of_it(stage: Stage) -> None:
    await change(stage.services.connections, stage.tenant.operator, {"team": "Infrastructure"})
    lines = await check_connection(stage.services.connections, stage.tenant.operator)
    assert {line for line, _ in LINES.values()} <= {each.name for each in lines}
