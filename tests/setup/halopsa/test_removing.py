"""`--remove` undoes exactly what we made, and leaves what a person changed or needs."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.setup.halopsa.conftest import Stage, states

from stepladder.connections import service as connections
from stepladder.setup.engine.apply import SetupRunning, turn_at
from stepladder.setup.engine.memory import Memory
from stepladder.setup.engine.parts import State
from stepladder.setup.halopsa.access import site_of
from stepladder.setup.halopsa.references import References
from stepladder_sandbox.halopsa.records import Method, Outcome, Trigger


class Crashed(Exception):
    """The process ended here."""


async def test_after_removal_halopsa_is_as_it_was(stage: Stage) -> None:
    before = stage.configured()
    await stage.set_up(fill_client_references=True)
    planned = states(await stage.remove(dry_run=True))
    assert set(planned.values()) == {State.WOULD_REMOVE}
    removed = states(await stage.remove())
    assert set(removed.values()) == {State.REMOVED}
    assert removed.keys() == planned.keys()
    assert stage.configured() == before
    assert await stage.sql("select 1 from halopsa_object") == []
    assert (
        await stage.sql("select 1 from inbound_key where revoked_at is null and name like 'HaloPSA: %%'")
        == []
    )
    assert states(await stage.remove()) == {}


async def test_a_dry_removal_changes_nothing(stage: Stage) -> None:
    await stage.set_up()
    before, rows = stage.configured(), await stage.sql("select * from halopsa_object order by key")
    await stage.remove(dry_run=True)
    assert stage.configured() == before
    assert await stage.sql("select * from halopsa_object order by key") == rows


async def test_what_was_there_before_stays(stage: Stage) -> None:
    from stepladder_sandbox.halopsa import demo

    config = demo.demo_config(stage.tenant.msp.base_url, "by-hand")
    stage.halo.state.configure(custom_fields=config.custom_fields, integrations=config.integrations)
    before = stage.configured()
    await stage.set_up()
    await stage.remove()
    assert stage.configured() == before


@pytest.mark.parametrize(
    ("part", "name", "changes", "key", "also_left"),
    [
        (
            "outcomes",
            "Idemeum - deny elevation request",
            {"colour": "#000000"},
            "action.deny",
            {"method.deny", "integration.decisions", "field.customer_name", "field.request_id"},
        ),
        (
            "methods",
            "idemeum - disable JIT accounts",
            {"body": "{}"},
            "method.disable_jit",
            {"integration.jit"},
        ),
        ("tabs", "idemeum", {"icon": "fas fa-star"}, "tab.portal", set()),
        (
            "webhooks",
            "Idemeum - disable JIT accounts",
            {"active": False},
            "runbook.disable_jit",
            {"method.disable_jit", "integration.jit"},
        ),
        ("clients", "Northwind Traders", {"ref": "NW-1"}, "client_reference.1", set()),
        ("custom_fields", "CFidemeumCustomerName", {"label": "Customer"}, "field.customer_name", set()),
    ],
)
async def test_what_a_person_changed_is_left_with_all_that_it_needs(
    stage: Stage, part: str, name: str, changes: dict[str, Any], key: str, also_left: set[str]
) -> None:
    await stage.set_up(fill_client_references=True)
    stage.change(part, name, **changes)
    changed = stage.the(part, name)
    planned = states(await stage.remove(dry_run=True))
    removed = states(await stage.remove())
    left = {name for name, state in removed.items() if state is State.LEFT}
    assert left == {key} | also_left
    assert {name for name, state in planned.items() if state is State.LEFT} == left
    assert stage.the(part, name) == changed


async def test_what_somebody_built_upon_is_left(stage: Stage) -> None:
    await stage.set_up()
    deny = stage.the("methods", "idemeum - deny elevation request")
    jit = stage.the("integrations", "Idemeum JIT account integration")
    config = stage.halo.state.config
    stage.halo.state.configure(
        outcomes=(*config.outcomes, Outcome(id=900, outcome="Ours too", method_id=deny.id)),
        methods=(*config.methods, Method(id=901, name="another", path="/x", integration_id=jit.id)),
        triggers=(
            *config.triggers,
            Trigger(id=902, eventno=3, webhook_id=config.webhooks[0].id, name="New Ticket Logged"),
        ),
    )
    removed = states(await stage.remove())
    assert {key for key, state in removed.items() if state is State.LEFT} == {
        *("method.deny", "integration.decisions", "field.customer_name", "field.request_id"),
        *("integration.jit", "runbook.disable_jit", "method.disable_jit"),
    }


async def test_what_is_built_upon_while_the_removal_runs_is_left(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """References go first; meanwhile an administrator adds a method of their own."""
    await stage.set_up(fill_client_references=True)
    jit = stage.the("integrations", "Idemeum JIT account integration")
    theirs = Method(id=901, name="another", path="/x", integration_id=jit.id)
    delete = References.delete

    async def delete_and_add(self: References, part: Any, remote_id: str) -> None:
        await delete(self, part, remote_id)
        stage.halo.state.configure(methods=(*stage.halo.state.config.methods, theirs))

    monkeypatch.setattr(References, "delete", delete_and_add)
    report = await stage.remove()
    (left,) = [each for each in report.items if each.state is State.LEFT]
    assert (left.key, left.detail) == ("integration.jit", "It is still used by the method “another”.")
    assert stage.the("integrations", jit.name) == jit


async def test_a_reference_that_was_emptied_by_a_removal_that_died_is_gone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.set_up(fill_client_references=True)

    async def dying_forget(self: Memory, key: str, remote_id: str | None = None) -> None:
        raise Crashed

    with monkeypatch.context() as dying:
        dying.setattr(Memory, "forget", dying_forget)
        with pytest.raises(Crashed):
            await stage.remove()
    assert stage.the("clients", "Northwind Traders").ref == ""
    assert states(await stage.remove())["client_reference.1"] is State.GONE
    assert await stage.sql("select 1 from halopsa_object") == []


async def test_a_reference_that_landed_is_removed_from_a_customer_who_is_unlinked_since(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def dying_keep(self: Memory, part: Any, remote_id: str, fingerprint: Any) -> None:
        if part.kind == "client_reference":
            raise Crashed
        await keep(self, part, remote_id, fingerprint)

    before, keep = stage.configured(), Memory.keep
    with monkeypatch.context() as dying:
        dying.setattr(Memory, "keep", dying_keep)
        with pytest.raises(Crashed):
            await stage.set_up(fill_client_references=True)
    await stage.services.customers.unlink(stage.tenant.operator, stage.tenant.customer.display_name)
    assert states(await stage.remove())["client_reference.1"] is State.REMOVED
    assert stage.configured() == before


async def test_no_key_of_a_set_up_outlives_its_connection(stage: Stage) -> None:
    """What was made stays in HaloPSA; nothing remembers it any more, so its keys must open nothing."""
    await stage.set_up()
    made = stage.configured()
    await connections.remove(stage.services.connections, stage.tenant.operator)
    live = "select 1 from inbound_key where revoked_at is null and name like 'HaloPSA: %%'"
    assert await stage.sql(live) == []
    assert len(await stage.sql("select 1 from audit_event where tag = 'inbound_key.revoked'")) == 2
    assert stage.configured() == made


async def test_a_connection_is_not_removed_while_it_is_set_up(stage: Stage) -> None:
    """The set-up would make one more key, which nobody would revoke."""
    site = await site_of(stage.services.halopsa_setup, stage.tenant.operator)
    async with stage.services.db.exclusive(turn_at(site.connection_id)):
        with pytest.raises(SetupRunning):
            await connections.remove(stage.services.connections, stage.tenant.operator)
    await connections.remove(stage.services.connections, stage.tenant.operator)


async def test_a_place_in_the_workflow_goes_without_the_rest_of_it(stage: Stage) -> None:
    await stage.set_up()
    (workflow,) = stage.halo.state.config.workflows
    stage.halo.state.configure(
        workflows=(
            msgspec.structs.replace(workflow, note="changed", always_allowed=(*workflow.always_allowed, 12)),
        )
    )
    assert states(await stage.remove())["workflow.deny"] is State.REMOVED
    (workflow,) = stage.halo.state.config.workflows
    assert workflow.note == "changed"
    assert 12 in workflow.always_allowed
    assert len(workflow.always_allowed) == 4


async def test_what_is_gone_already_is_said_and_forgotten(stage: Stage) -> None:
    await stage.set_up()
    stage.drop("tabs", "idemeum")
    assert states(await stage.remove())["tab.portal"] is State.GONE
    assert await stage.sql("select 1 from halopsa_object") == []


async def test_what_the_api_does_not_delete_is_left_and_remembered(stage: Stage) -> None:
    await stage.set_up()
    stage.halo.switches.tabs_writable = "400"
    assert states(await stage.remove())["tab.portal"] is State.LEFT
    assert await stage.sql("select key from halopsa_object") == [{"key": "tab.portal"}]
