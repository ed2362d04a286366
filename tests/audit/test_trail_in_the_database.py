"""The trail in the database: written beside each other, sealed without a gap, altered by nobody unnoticed."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import psycopg
import pytest
from hypothesis import given, strategies as st
from structlog.testing import capture_logs
from tests.support.hypothesis_profile import on_one_fixture
from tests.support.tenants import Tenant, new_tenant

from stepladder.app import DatabaseUrls, Services
from stepladder.audit import export, heads, verifier
from stepladder.audit.chain import START, ChainBroken
from stepladder.audit.service import SEAL_AT_ONCE, head_of, read, record, seal, verify
from stepladder.audit.tags import Tag
from stepladder.kit import postgres
from stepladder_protocol import keys


async def write(services: Services, tenant: Tenant, count: int, **facts: Any) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        for number in range(count):
            await record(tx, Tag.DECISION_REFUSED, f"subject-{number}", **facts)


async def sequences(services: Services, tenant: Tenant) -> list[int]:
    return [sealed.sequence async for batch in read(services.db, tenant.operator) for sealed in batch]


async def test_two_open_transactions_both_write_and_commit_in_either_order(
    services: Services, tenant: Tenant
) -> None:
    async with AsyncExitStack() as outer:
        slow = await outer.enter_async_context(services.db.transaction(tenant.operator))
        await record(slow, Tag.DECISION_REFUSED, "slow")
        async with services.db.transaction(tenant.operator) as quick:
            await record(quick, Tag.DECISION_REFUSED, "quick")
        await seal(services.db, tenant.operator)
        before = len(await sequences(services, tenant))
    await seal(services.db, tenant.operator)
    batches = [batch async for batch in read(services.db, tenant.operator)]
    subjects = [sealed.event.subject for batch in batches for sealed in batch]
    # What commits late is sealed late, and nothing is left out.
    assert (subjects.index("quick"), subjects.index("slow")) == (before - 1, before)


async def test_an_event_of_a_transaction_that_failed_is_not_in_the_trail(
    services: Services, tenant: Tenant
) -> None:
    before = await verify(services.db, tenant.operator)

    async def fail() -> None:
        async with services.db.transaction(tenant.operator) as tx:
            await record(tx, Tag.DECISION_REFUSED, "never")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await verify(services.db, tenant.operator) == before


async def test_sealing_beside_writers_leaves_no_gap(services: Services, tenant: Tenant) -> None:
    dice = random.Random(7)

    async def writer(number: int) -> None:
        async with services.db.transaction(tenant.operator) as tx:
            for _ in range(dice.randrange(1, 4)):
                await record(tx, Tag.DECISION_REFUSED, f"writer-{number}")

    async def sealer() -> int:
        return await seal(services.db, tenant.operator)

    before = (await verify(services.db, tenant.operator)).sequence
    works = [writer(number) for number in range(60)] + [sealer() for _ in range(20)]
    dice.shuffle(works)
    await asyncio.gather(*works)
    head = await verify(services.db, tenant.operator)
    async with services.db.transaction(tenant.operator) as tx:
        total = await tx.scalar("select count(*) from audit_event")
    assert head.sequence == total > before + 60
    assert await sequences(services, tenant) == list(range(1, total + 1))


async def test_of_two_sealers_each_event_is_sealed_by_one(services: Services, tenant: Tenant) -> None:
    await seal(services.db, tenant.operator)
    await write(services, tenant, SEAL_AT_ONCE + 50)
    counts = await asyncio.gather(*(seal(services.db, tenant.operator) for _ in range(4)))
    counts.append(await seal(services.db, tenant.operator))
    assert sum(counts) == SEAL_AT_ONCE + 50
    assert await sequences(services, tenant) == list(
        range(1, (await verify(services.db, tenant.operator)).sequence + 1)
    )


async def test_a_sealer_that_finds_another_at_work_leaves_it_to_that_one(
    services: Services, tenant: Tenant
) -> None:
    await write(services, tenant, 3)
    async with services.db.transaction(tenant.operator) as tx:
        await tx.run(
            "select pg_advisory_xact_lock(hashtextextended('stepladder.audit.' || %(msp)s::text, 0))",
            {"msp": tx.msp_id},
        )
        assert await seal(services.db, tenant.operator) == 0
    assert await seal(services.db, tenant.operator) > 0


async def test_one_msps_trail_holds_nothing_of_another(services: Services, tenant: Tenant) -> None:
    other = await new_tenant(services)
    await write(services, other, 5)
    await verify(services.db, other.operator)
    await verify(services.db, tenant.operator)
    batches = [batch async for batch in read(services.db, tenant.operator)]
    assert {sealed.event.msp_id for batch in batches for sealed in batch} == {tenant.msp.id}


FACTS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('abcé"\\ \n', max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.lists(FACTS, min_size=1, max_size=8))
@on_one_fixture(40)
async def test_whatever_plain_facts_an_event_has_it_hashes_the_same_when_read_back(
    services: Services, tenant: Tenant, facts: list[Any]
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        for each in facts:
            await record(tx, Tag.DECISION_REFUSED, "any", value=each)
    await verify(services.db, tenant.operator)


# --- Altered in the database ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_event set tag = 'x'",
        "update audit_event set leaf = ''",
        "delete from audit_event",
        "truncate audit_event",
    ],
)
async def test_the_services_role_can_only_add(services: Services, tenant: Tenant, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with services.db.transaction(tenant.operator) as tx:
            await tx.run(statement)


async def test_a_sealed_events_place_cannot_be_changed(services: Services, tenant: Tenant) -> None:
    await seal(services.db, tenant.operator)
    with pytest.raises(psycopg.errors.RestrictViolation):
        async with services.db.transaction(tenant.operator) as tx:
            await tx.run("update audit_event set sequence = sequence + 1000")


@pytest.fixture
def as_superuser(
    postgres_server: postgres.EmbeddedPostgres, urls: DatabaseUrls, tenant: Tenant
) -> Callable[..., None]:
    """Runs a statement as the owner of the machine can: no triggers, no policies."""
    name = psycopg.conninfo.conninfo_to_dict(urls.service)["dbname"]

    def run(statement: str, **values: Any) -> None:
        url = postgres_server.superuser_url.replace("/postgres?", f"/{name}?")
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("set session_replication_role = replica")
            connection.execute(statement, {**values, "msp": tenant.msp.id})

    return run


ALTERATIONS = {
    "edited": "update audit_event set tag = 'x' where msp_id = %(msp)s and sequence = 4",
    "facts edited": "update audit_event set facts = '{\"a\": 1}' where msp_id = %(msp)s and sequence = 4",
    "time moved": "update audit_event set at = at - interval '1 us' where msp_id = %(msp)s and sequence = 4",
    "hash edited": "update audit_event set leaf = link where msp_id = %(msp)s and sequence = 4",
    "deleted": "delete from audit_event where msp_id = %(msp)s and sequence = 4",
    "swapped": """update audit_event set tag = (select tag from audit_event where msp_id = %(msp)s and sequence = 1)
                  where msp_id = %(msp)s and sequence = 4""",
}


@pytest.mark.parametrize("how", ALTERATIONS)
async def test_what_is_altered_in_the_database_is_found_there_and_in_an_export(
    services: Services, tenant: Tenant, as_superuser: Callable[..., None], how: str
) -> None:
    await write(services, tenant, 5)
    assert (await verify(services.db, tenant.operator)).sequence > 5
    as_superuser(ALTERATIONS[how])
    with pytest.raises(ChainBroken) as broken:
        await verify(services.db, tenant.operator)
    assert broken.value.sequence == 4
    exported = await exported_lines(services, tenant)
    with pytest.raises(ChainBroken) as broken:
        verifier.verify(exported)
    assert broken.value.sequence == 4


# --- Export and heads ----------------------------------------------------------------------------------------------


async def exported_lines(services: Services, tenant: Tenant) -> list[bytes]:
    out = io.BytesIO()
    await export.write(services.db, services.vault, tenant.operator, services.clock, out)
    return out.getvalue().splitlines(keepends=True)


async def public_keys(services: Services, tenant: Tenant) -> dict[str, str]:
    async with services.db.transaction(tenant.operator) as tx:
        found = await services.vault.public_keys(tx, "audit")
    return {kid: keys.encode(raw) for kid, raw in found.items()}


async def test_an_export_holds_every_event_and_verifies_without_the_database(
    services: Services, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stepladder.audit.service.READ_AT_ONCE", 7)
    await write(services, tenant, 30)
    lines = await exported_lines(services, tenant)
    head = await verify(services.db, tenant.operator)
    found = verifier.verify(lines, await public_keys(services, tenant))
    assert (found.msp_id, found.events) == (tenant.msp.id, head.sequence)
    assert (found.head.sequence, found.head.link) == (head.sequence, head.link)


async def test_an_export_seals_what_was_not_sealed_yet(services: Services, tenant: Tenant) -> None:
    await write(services, tenant, 2)
    assert verifier.verify(await exported_lines(services, tenant)).events >= 2
    async with services.db.transaction(tenant.operator) as tx:
        assert await tx.scalar("select count(*) from audit_event where sequence is null") == 0


async def test_the_export_of_one_msp_is_not_accepted_with_anothers_keys(
    services: Services, tenant: Tenant
) -> None:
    other = await new_tenant(services)
    lines = await exported_lines(services, tenant)
    with pytest.raises(ChainBroken):
        verifier.verify(lines, await public_keys(services, other))


async def test_an_msp_without_events_announces_nothing(services: Services, tenant: Tenant) -> None:
    """The first seal has not happened: there is no head to vouch for."""
    with capture_logs() as logs:
        async with services.db.transaction(tenant.operator) as tx:
            assert await heads.announce(tx, services.vault) == START
    assert logs == []


async def test_heads_read_from_the_log_are_held_against_an_export(
    services: Services, tenant: Tenant, as_superuser: Callable[..., None]
) -> None:
    from structlog.processors import JSONRenderer

    await seal(services.db, tenant.operator)
    with capture_logs() as logs:
        async with services.db.transaction(tenant.operator) as tx:
            await heads.announce(tx, services.vault)
    log = [JSONRenderer()(None, "", dict(entry)) for entry in logs] + [
        "not json",
        '{"event": "other"}',
        "[1]",
    ]
    known = list(heads.heads_in_log(log))
    lines = await exported_lines(services, tenant)
    assert (
        verifier.verify(lines, await public_keys(services, tenant), known=known).events == known[0].sequence
    )
    # A person empties the trail and lets the service start a new one, as long as the old.
    as_superuser("delete from audit_event where msp_id = %(msp)s")
    await write(services, tenant, known[0].sequence + 2)
    lines = await exported_lines(services, tenant)
    assert verifier.verify(lines, await public_keys(services, tenant)).events == known[0].sequence + 2
    with pytest.raises(ChainBroken) as broken:
        verifier.verify(lines, await public_keys(services, tenant), known=known)
    assert broken.value.sequence == known[0].sequence
    with pytest.raises(ChainBroken) as broken:
        await verify(services.db, tenant.operator, await marks(services, tenant, known))
    assert broken.value.sequence == known[0].sequence


async def test_a_trail_cut_behind_its_announced_head_does_not_hold_against_the_log(
    services: Services, tenant: Tenant, as_superuser: Callable[..., None]
) -> None:
    """SEC-10: `audit verify --log` looks at the log in the database, too."""
    await write(services, tenant, 9)
    await seal(services.db, tenant.operator)
    async with services.db.transaction(tenant.operator) as tx:
        head = await head_of(tx)
        known = [await heads.sign(tx, services.vault, head)]
    assert await verify(services.db, tenant.operator, await marks(services, tenant, known)) == head
    as_superuser(
        "delete from audit_event where msp_id = %(msp)s and sequence > %(last)s", last=head.sequence - 3
    )
    assert (await verify(services.db, tenant.operator)).sequence == head.sequence - 3
    with pytest.raises(ChainBroken) as broken:
        await verify(services.db, tenant.operator, await marks(services, tenant, known))
    assert broken.value.sequence == head.sequence - 2


async def marks(services: Services, tenant: Tenant, known: list[heads.SignedHead]) -> heads.Marks:
    trusted = {kid: keys.load_public_key(text) for kid, text in (await public_keys(services, tenant)).items()}
    return heads.Marks(known, tenant.msp.id, trusted)
