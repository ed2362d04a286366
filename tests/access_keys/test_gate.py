"""The one choreography of calls with a key: read the key, act, undo and note what was refused, note the use."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support.tenants import Tenant
from tests.support.web import MovedClock, RunningWeb, assert_problem, audit_events, count

from stepladder.access_keys import service as inbound_keys
from stepladder.access_keys.gate import KeyGate, ShownKey, TooManyCalls, Trace
from stepladder.access_keys.service import InboundKey, KeyAction, KeyNotAllowed, KeyRefused
from stepladder.audit.service import record
from stepladder.audit.tags import Tag
from stepladder.errors import Conflict, Gone, Invalid, NotFound, NotPermitted, StepladderError
from stepladder.kit.db import Transaction
from stepladder.setup.halopsa.self_test import SelfTestKeyRefused, SelfTestNotFound, note_arrival

HOME, ABROAD = "203.0.113.9", "198.51.100.7"
TRACE = Trace(Tag.CALL_REFUSED, {"call": "a_call"})
REFUSALS = [NotPermitted, NotFound, Conflict, Gone, Invalid]


@pytest.fixture
def gate(tenant: Tenant, clock: MovedClock) -> KeyGate:
    return KeyGate(tenant.services.db, clock)


async def new_key(tenant: Tenant, address: str = HOME, **limits: Any) -> ShownKey:
    async with tenant.services.db.transaction(tenant.operator) as tx:
        _, text = await inbound_keys.create_key(
            tx, name="a key", actions=[KeyAction.READ], modes=[], **limits
        )
    return ShownKey.read(tenant.msp.id, text, address)


async def act(tx: Transaction, key: InboundKey) -> str:
    """Leave a mark and say which key it was."""
    await record(tx, Tag.MSP_CHANGED, key.id)
    return key.key_id


def refusing(refusal: type[StepladderError]) -> Any:
    async def refused(tx: Transaction, key: InboundKey) -> None:
        await act(tx, key)
        raise refusal

    return refused


async def marks(tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    """What calls left in the trail."""
    events = [each for each in await audit_events(tenant) if each["actor_kind"] == "inbound_key"]
    return [(each["tag"], each["facts"]) for each in events]


async def last_used(tenant: Tenant, key: ShownKey) -> Any:
    query = "select last_used_at from inbound_key where key_id = %(id)s"
    return await count(tenant, query, id=key.actor.id)


async def test_a_call_acts_as_its_key_and_the_use_is_noted(gate: KeyGate, tenant: Tenant) -> None:
    key = await new_key(tenant)
    assert await gate.call(key, act, TRACE) == key.actor.id
    (event,) = [each for each in await audit_events(tenant) if each["actor_id"] == key.actor.id]
    assert event["tag"] == "msp.changed"
    assert await last_used(tenant, key) is not None


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refused_call_is_undone_and_told_only_where_the_key_reached_too_far(
    gate: KeyGate, tenant: Tenant, refusal: type[StepladderError]
) -> None:
    key = await new_key(tenant)
    with pytest.raises(refusal):
        await gate.call(key, refusing(refusal), TRACE)
    told = [("integration_call.refused", {"call": "a_call", "code": refusal.code})]
    assert await marks(tenant) == (told if refusal in (NotPermitted, NotFound) else [])


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_key_is_in_use_whatever_its_call_was_answered(
    gate: KeyGate, tenant: Tenant, refusal: type[StepladderError]
) -> None:
    """A leaked key that finds nothing but refusals is seen in its new network all the same."""
    key = await new_key(tenant)
    await gate.call(key, act, TRACE)
    abroad = ShownKey.read(tenant.msp.id, key.text, ABROAD)
    with pytest.raises(refusal):
        await gate.call(abroad, refusing(refusal), TRACE)
    assert ("inbound_key.new_network", {"network": "198.51.100.0/24"}) in await marks(tenant)
    unused = await new_key(tenant)
    with pytest.raises(refusal):
        await gate.call(unused, refusing(refusal), TRACE)
    assert await last_used(tenant, unused) is not None


async def test_what_the_gate_itself_refuses_is_no_use_of_the_key(gate: KeyGate, tenant: Tenant) -> None:
    elsewhere = await new_key(tenant, ABROAD, networks=["203.0.113.0/24"])
    with pytest.raises(KeyRefused):
        await gate.call(elsewhere, act, TRACE)
    assert await marks(tenant) == [("inbound_key.elsewhere", {"network": "198.51.100.0/24"})]
    assert await last_used(tenant, elsewhere) is None
    busy = await new_key(tenant, calls_per_minute=1)
    used = [await gate.call(busy, act, TRACE) for _ in range(2)]
    with pytest.raises(TooManyCalls):
        await gate.call(busy, act, TRACE)
    assert len(await marks(tenant)) == 1 + len(used)


async def test_an_unexpected_failure_is_undone_and_no_refusal(gate: KeyGate, tenant: Tenant) -> None:
    key = await new_key(tenant)

    async def failing(tx: Transaction, found: InboundKey) -> None:
        await act(tx, found)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await gate.call(key, failing, TRACE)
    assert await marks(tenant) == []


async def test_a_key_is_not_shown_where_its_call_is(tenant: Tenant) -> None:
    assert tenant.key not in repr(ShownKey.read(tenant.msp.id, tenant.key, HOME))


async def test_ending_jit_accounts_without_the_right_is_told_as_every_other_call(
    web: RunningWeb, tenant: Tenant
) -> None:
    """SEC-25: each refusal of a genuine key is in the trail, and the answer does not say which part was unknown."""
    key = await new_key(tenant)
    members = {"customerDisplayName": "Nobody", "technicianEmailAddress": "nobody@nikpot.example"}
    for text, status, code in ((key.text, 403, KeyNotAllowed.code), (tenant.key, 404, NotFound.code)):
        answer = await web.press(tenant, "/api/integrations/entrajitaccounts", members, key=text)
        assert_problem(answer, status, code)
        told = {"method": "POST", "call": "disable_jit_accounts", "code": code}
        assert (await marks(tenant))[-1] == ("integration_call.refused", told)


async def test_a_self_test_that_is_refused_is_told_as_every_other_call(gate: KeyGate, tenant: Tenant) -> None:
    key, buttons = await new_key(tenant), ShownKey.read(tenant.msp.id, tenant.key, HOME)
    for shown, refusal in ((key, SelfTestKeyRefused), (buttons, SelfTestNotFound)):
        with pytest.raises(refusal):
            await note_arrival(gate, shown, token="selftest-none", customer_name="x", verdict="approve")
        told = {"method": "POST", "call": "press_self_test", "code": refusal.code}
        assert (await marks(tenant))[-1] == ("integration_call.refused", told)


async def test_the_networks_that_a_key_remembers_are_bounded(gate: KeyGate, tenant: Tenant) -> None:
    """TEST-10: the row of a key that is used from everywhere does not grow without end."""
    key = await new_key(tenant)
    for number in range(51):
        await gate.call(ShownKey.read(tenant.msp.id, key.text, f"198.51.{number}.7"), act, TRACE)
    seen = "select cardinality(seen_networks) from inbound_key where key_id = %(id)s"
    assert await count(tenant, seen, id=key.actor.id) == 50
