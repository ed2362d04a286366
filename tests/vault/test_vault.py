"""The vault: what it seals opens in its own place, for its own MSP, under its own root key, and nowhere else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import psycopg
import pytest
from tests.support.tenants import Tenant

from stepladder.app import DatabaseUrls, Services
from stepladder.kit.secret import Place, SealBroken, load_root_key
from stepladder.settings import Settings
from stepladder.vault.service import Vault


@pytest.fixture
def vault(settings: Settings, services: Services) -> Vault:
    """A vault with nothing in its memory, as a process has it after a start."""
    return Vault(load_root_key(settings.root_key_path, create=False))


def place(tenant: Tenant, **changes: Any) -> Place:
    named = {"msp_id": tenant.msp.id, "table": "psa_connector", "column": "sealed_secret", "row": "7"}
    return Place(**{**named, **changes})


async def test_what_is_sealed_opens_in_its_place_also_after_a_start(
    services: Services, tenant: Tenant, vault: Vault
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret ü")
        for opening in (services.vault, vault):
            assert (await opening.unseal(tx, place(tenant), sealed)).reveal() == "the secret ü"
        assert b"the secret" not in sealed


async def test_the_same_secret_is_never_sealed_to_the_same_bytes(services: Services, tenant: Tenant) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        sealed = {await services.vault.seal(tx, place(tenant), "the secret") for _ in range(100)}
    assert len(sealed) == 100


async def test_in_another_place_it_does_not_open(
    services: Services, tenant: Tenant, other_msp: Tenant
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret")
        for moved in (
            {"row": "8"},
            {"column": "settings"},
            {"table": "technician"},
            {"msp_id": other_msp.msp.id},
            {"row": "7\0"},
        ):
            with pytest.raises(SealBroken):
                await services.vault.unseal(tx, place(tenant, **moved), sealed)


async def test_moved_to_another_msp_it_does_not_open_there(
    services: Services, tenant: Tenant, other_msp: Tenant
) -> None:
    """The whole row, with a place of the new MSP: as a person with access to the database would do it."""
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret")
    async with services.db.transaction(other_msp.operator) as tx:
        for claimed in (tenant, other_msp):
            with pytest.raises(SealBroken):
                await services.vault.unseal(tx, place(claimed), sealed)


async def test_with_another_root_key_nothing_opens(services: Services, tenant: Tenant) -> None:
    other = Vault(bytes(32))
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret")
        with pytest.raises(SealBroken):
            await other.unseal(tx, place(tenant), sealed)
        with pytest.raises(SealBroken):
            await other.signing_key(tx, "grant")


async def test_data_keys_swapped_between_msps_do_not_open(
    services: Services, tenant: Tenant, other_msp: Tenant, vault: Vault, urls: DatabaseUrls
) -> None:
    """As the owner, who may write any row."""
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret")
    with psycopg.connect(urls.owner) as owner:
        owner.execute(
            """update tenant_key set wrapped = (select wrapped from tenant_key where msp_id = %s) where msp_id = %s""",
            (other_msp.msp.id, tenant.msp.id),
        )
    async with services.db.transaction(tenant.operator) as tx:
        with pytest.raises(SealBroken):
            await vault.unseal(tx, place(tenant), sealed)


async def test_a_key_version_that_does_not_exist_does_not_open(services: Services, tenant: Tenant) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        sealed = await services.vault.seal(tx, place(tenant), "the secret")
        for version in (0, 2, 2**32 - 1):
            with pytest.raises(SealBroken):
                await services.vault.unseal(
                    tx, place(tenant), sealed[:1] + version.to_bytes(4, "big") + sealed[5:]
                )


async def test_signing_keys_are_an_msps_own_and_swapped_ones_do_not_open(
    services: Services, tenant: Tenant, other_msp: Tenant, vault: Vault, urls: DatabaseUrls
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        ours = {purpose: await services.vault.signing_key(tx, purpose) for purpose in ("grant", "audit")}  # type: ignore[arg-type]
    async with services.db.transaction(other_msp.operator) as tx:
        theirs = await services.vault.signing_key(tx, "grant")
        assert theirs.kid not in await services.vault.public_keys(tx, "audit")
    assert len({ours["grant"].kid, ours["audit"].kid, theirs.kid}) == 3
    with psycopg.connect(urls.owner) as owner:
        owner.execute(
            """update signing_key s set sealed_private_key =
                   (select sealed_private_key from signing_key o where o.msp_id = s.msp_id and o.kid <> s.kid)
               where s.msp_id = %s""",
            (tenant.msp.id,),
        )
    async with services.db.transaction(tenant.operator) as tx:
        with pytest.raises(SealBroken):
            await vault.signing_key(tx, "grant")


async def test_the_database_holds_no_private_key_in_clear(
    services: Services, tenant: Tenant, urls: DatabaseUrls
) -> None:
    async with services.db.transaction(tenant.operator) as tx:
        private = (await services.vault.signing_key(tx, "grant")).private.private_bytes_raw()
    with psycopg.connect(urls.owner) as owner:
        rows = owner.execute(
            "select wrapped from tenant_key union all select sealed_private_key from signing_key"
        )
        for (stored,) in rows:
            assert private not in bytes(stored)


async def test_an_msp_without_keys_seals_nothing(services: Services, tenant: Tenant, vault: Vault) -> None:
    """An actor of a made-up MSP is no way to a key."""
    from stepladder.kit.db import Actor, ActorKind

    nobody = Actor(uuid4(), ActorKind.OPERATOR, "x")  # type: ignore[arg-type]
    async with services.db.transaction(nobody) as tx:
        with pytest.raises(SealBroken):
            await vault.signing_key(tx, "grant")
        with pytest.raises(SealBroken):
            await vault.seal(tx, place(tenant, msp_id=nobody.msp_id), "x")
