"""OPS-01, threat T32: a restored copy is noticed, starts closed, and makes no second ticket."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta
from uuid import UUID

import pytest
from tests.restoring.installation import Installation, declare
from tests.support.integrations import HASH, confirm, staff
from tests.support.memory.connector import Mishap
from tests.support.tenants import signed
from tests.support.web import audit_events
from tests.tickets.staged import Stage

from stepladder import restoring, server
from stepladder.access_keys import service as keys
from stepladder.access_keys.service import KeyRefused
from stepladder.access_keys.strangers import Strangers
from stepladder.connectors.base import TryLater
from stepladder.elevation.grants import GrantExpired, NotApproved
from stepladder.elevation.policy import Verdict
from stepladder.elevation.rules import service as standing
from stepladder.elevation.rules.policy import Draft, Match
from stepladder.elevation.rules.service import Scope
from stepladder.endpoints import service as endpoints
from stepladder.endpoints.gate import EndpointGate
from stepladder.endpoints.service import Endpoint, EndpointState, SignatureRefused, SignedMessage
from stepladder.kit.db import Transaction
from stepladder.kit.ids import RequestId
from stepladder.restoring import RestoredCopy, WitnessUnreadable
from stepladder.tenancy.technicians import Role, list_technicians
from stepladder_protocol import ENDPOINT_API
from stepladder_protocol.messages import ElevationKind
from stepladder_protocol.signing import WINDOW


async def uses_key(stage: Stage) -> None:
    tenant = stage.tenant
    actor = keys.actor_for(tenant.msp.id, tenant.key_id)
    async with stage.services.db.transaction(actor) as tx:
        await keys.authenticate(tx, tenant.key_id, tenant.key, stage.clock.now())


def says(stage: Stage) -> SignedMessage:
    """A signed message of the tenant's machine, made now."""
    desktop = stage.tenant.desktop
    return signed(desktop.key, desktop.id, "GET", f"{ENDPOINT_API}/endpoint", b"", now=stage.clock.now())


async def hears(stage: Stage, message: SignedMessage) -> EndpointState:
    async def state(tx: Transaction, endpoint: Endpoint) -> EndpointState:
        return endpoint.state

    clock = stage.services.clock
    gate = EndpointGate(
        stage.services.db, clock, Strangers(clock), messages_per_minute=1000, requests_per_minute=1000
    )
    return await gate.call(stage.tenant.msp.id, message, "203.0.113.1", state)


async def release(stage: Stage) -> dict[str, int]:
    return await restoring.release(stage.services.db, stage.tenant.operator, machines_too=True, key_ids=None)


async def test_an_older_copy_is_noticed_and_a_present_one_is_not(installation: Installation) -> None:
    await installation.remember()
    backup = installation.back_up()
    async with installation.restored(backup) as stage:
        await installation.witness.check(stage.services.db)
    await installation.stage.tenant.submit()
    await installation.remember()
    async with installation.restored(backup) as stage:
        with pytest.raises(RestoredCopy):
            await installation.witness.check(stage.services.db)
        with pytest.raises(RestoredCopy):
            await installation.witness.update(stage.services.db)


async def test_a_copy_that_grew_on_in_another_way_is_noticed(installation: Installation) -> None:
    backup = installation.back_up()
    await installation.stage.tenant.submit()
    await installation.remember()
    async with installation.restored(backup) as stage:
        for _ in range(3):
            await stage.tenant.submit()
        with pytest.raises(RestoredCopy):
            await Installation(stage, installation.server, installation.urls).remember()


async def test_a_service_whose_database_is_put_back_under_it_ends_in_order(
    installation: Installation,
) -> None:
    """As by a person who stops it; the next start is refused with the reason."""
    backup = installation.back_up()
    await installation.stage.tenant.submit()
    await installation.remember()
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopped.set)
    try:
        async with installation.restored(backup) as stage:
            await server.watch(stage.services)
            await stopped.wait()
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"x": 1}', '{"x": {"sequence": 1}}'])
async def test_a_witness_that_cannot_be_read_is_no_witness_of_anything(
    installation: Installation, text: str
) -> None:
    """In doubt nothing is served: a damaged file must not hide a restore, and ends in no traceback."""
    await installation.remember()
    services = installation.stage.services
    (services.settings.data_dir / "witness.json").write_text(text)
    with pytest.raises(WitnessUnreadable):
        await installation.witness.check(services.db)


async def test_once_declared_it_is_the_installations_database(installation: Installation) -> None:
    backup = installation.back_up()
    await installation.stage.tenant.submit()
    await installation.remember()
    async with installation.restored(backup) as stage:
        done = await declare(stage)
        installation.witness.forget()
        await Installation(stage, installation.server, installation.urls).remember()
        events = await audit_events(stage.tenant, str(stage.tenant.msp.id))
        assert [each["facts"] for each in events if each["tag"] == "msp.restored"] == [done]


async def test_a_restore_that_another_host_declared_is_declared_for_all(installation: Installation) -> None:
    """Each host remembers by itself, and declaring twice would close what was released."""
    backup = installation.back_up()
    installation.stage.clock.move(timedelta(minutes=1))
    await installation.stage.tenant.submit()
    await installation.remember()
    installation.stage.clock.move(timedelta(minutes=1))
    async with installation.restored(backup) as stage:
        await declare(stage)
        await installation.witness.check(stage.services.db)


async def test_keys_and_machines_revoked_since_stay_out_until_they_are_released(
    installation: Installation,
) -> None:
    stage = installation.stage
    await uses_key(stage)
    assert await hears(stage, says(stage)) is EndpointState.ACTIVE
    backup = installation.back_up()
    captured = says(stage)
    async with installation.restored(backup) as stage:
        done = await declare(stage)
        assert (done["keys_held"], done["machines_held"], done["technicians_locked_out"]) == (1, 1, 1)
        with pytest.raises(KeyRefused):
            await uses_key(stage)
        async with stage.services.db.transaction(stage.tenant.operator) as tx:
            assert [each["is_active"] for each in await list_technicians(tx)] == [False]
        assert await release(stage) == {"keys_released": 1, "machines_released": 1}
        await uses_key(stage)
        with pytest.raises(SignatureRefused):
            await hears(stage, captured)
        stage.clock.move(2 * WINDOW)
        later = says(stage)
        assert await hears(stage, later) is EndpointState.ACTIVE


async def test_a_machine_that_was_revoked_or_held_before_is_not_released(installation: Installation) -> None:
    stage = installation.stage
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await stage.services.revocation.revoke(tx, stage.tenant.desktop.id)
        await keys.revoke_key(tx, stage.tenant.key_id)
    async with installation.restored(installation.back_up()) as stage:
        await declare(stage)
        assert await release(stage) == {"keys_released": 0, "machines_released": 0}
        with pytest.raises(KeyRefused):
            await uses_key(stage)


async def test_open_requests_and_unused_approvals_expire(installation: Installation) -> None:
    stage = installation.stage
    pending = (await stage.tenant.submit()).request_id
    approved = (await stage.tenant.submit()).request_id
    await stage.tenant.decide(approved)
    async with installation.restored(installation.back_up()) as stage:
        assert (await declare(stage))["requests_expired"] == 1
        tenant = stage.tenant
        actor = endpoints.actor_for(tenant.msp.id, tenant.desktop.endpoint.id)
        async with stage.services.db.transaction(actor) as tx:
            machine = await endpoints.find_endpoint(tx, tenant.desktop.endpoint.id)
        assert machine
        for request_id, refusal in ((pending, NotApproved), (approved, GrantExpired)):
            with pytest.raises(refusal):
                async with stage.services.db.transaction(actor) as tx:
                    await stage.services.grants.fetch(
                        tx,
                        machine.id,
                        RequestId(UUID(request_id)),
                        "https://msp.test",
                        approved_after=machine.signed_after,
                    )


async def test_a_ticket_that_was_opened_after_the_backup_is_found_and_closed(
    installation: Installation,
) -> None:
    """The link's open was never tried in the copy; still no second ticket is made."""
    request_id = (await installation.stage.tenant.submit()).request_id
    backup = installation.back_up()
    await installation.stage.settle()
    first = await installation.stage.ticket(request_id)
    async with installation.restored(backup) as stage:
        await declare(stage)
        await stage.settle()
        again = await stage.ticket(request_id)
        assert (again.id, again.is_closed, len(again.notes)) == (first.id, True, 1)


async def test_a_note_that_was_written_after_the_backup_is_not_written_again(
    installation: Installation,
) -> None:
    stage = installation.stage
    request_id = (await stage.tenant.submit()).request_id
    await stage.settle()
    backup = installation.back_up()
    await stage.tenant.decide(request_id)
    await stage.settle()
    async with installation.restored(backup) as stage:
        await declare(stage)
        await stage.settle()
        assert len((await stage.ticket(request_id)).notes) == 1


async def test_while_halopsa_is_down_nothing_is_made_unseen(installation: Installation) -> None:
    request_id = (await installation.stage.tenant.submit()).request_id
    backup = installation.back_up()
    await installation.stage.settle()
    async with installation.restored(backup) as stage:
        await declare(stage)
        stage.remote.mishaps.extend([Mishap(TryLater("Not now.", code="memory_down"))] * 3)
        stage.clock.move(timedelta(minutes=5))
        await stage.run()
        await stage.settle()
        assert (await stage.ticket(request_id)).is_closed


async def test_rules_that_approve_wait_for_a_person_again(installation: Installation) -> None:
    """They may have been ended after the backup."""
    tenant = installation.stage.tenant
    draft = Draft(
        Verdict.APPROVED,
        Match(HASH),
        installation.stage.clock.now() + timedelta(days=1),
        ElevationKind.USER,
        ("--quiet",),
        "known program",
    )
    async with tenant.services.db.transaction(tenant.operator) as tx:
        (rule,) = await standing.save(tx, Scope(), [draft], list(ElevationKind))
    await staff(tenant, "grace@nikpot.example", Role.ADMIN)
    await confirm(tenant, str(rule.id))
    assert (await tenant.submit()).state == "approved"
    async with installation.restored(installation.back_up()) as stage:
        assert (await declare(stage))["rules_to_confirm"] == 1
        await release(stage)
        assert (await stage.tenant.submit()).state == "pending"
