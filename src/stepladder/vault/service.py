"""The vault: each MSP's data key, and the signing keys and secrets sealed under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from stepladder.kit import secret
from stepladder.kit.db import Transaction
from stepladder_protocol.keys import key_id

Purpose = Literal["grant", "audit"]


@dataclass
class _TenantKeyRow:
    version: int
    wrapped: bytes


@dataclass
class _SigningKeyRow:
    kid: str
    public_key: bytes
    sealed_private_key: bytes


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key of the MSP and the id that verifiers know it by."""

    kid: str
    private: Ed25519PrivateKey


class Vault:
    """Opens and seals for any MSP, with keys cached in memory once unwrapped."""

    def __init__(self, root_key: bytes) -> None:
        self._root_key = root_key
        self._tenant_keys: dict[tuple[UUID, int], bytes] = {}
        self._newest: dict[UUID, int] = {}
        self._signing_keys: dict[tuple[UUID, str], SigningKey] = {}

    async def check(self, tx: Transaction) -> None:
        """Open one sealed thing of the MSP: its data key. Raises SealBroken where this is not its root key."""
        await self._newest_key(tx)

    async def seal(self, tx: Transaction, place: secret.Place, plaintext: str) -> bytes:
        """`plaintext`, sealed for `place` under the MSP's newest key."""
        version, key = await self._newest_key(tx)
        return secret.seal(key, version, place, plaintext.encode())

    async def unseal(self, tx: Transaction, place: secret.Place, sealed: bytes) -> secret.Secret:
        """The opposite of `seal`. Raises SealBroken."""
        key = await self._key(tx, secret.key_version(sealed))
        return secret.Secret(secret.unseal(key, place, sealed).decode())

    async def create_keys(self, tx: Transaction) -> None:
        """The first data key and signing keys of a new MSP."""
        key = AESGCM.generate_key(256)
        wrapped = secret.seal(self._root_key, 1, self._wrap_place(tx.msp_id, 1), key)
        await tx.run(
            "insert into tenant_key (msp_id, version, wrapped, created_at) values (%(msp)s, 1, %(key)s, %(now)s)",
            {"msp": tx.msp_id, "key": wrapped, "now": tx.now},
        )
        self._tenant_keys[tx.msp_id, 1], self._newest[tx.msp_id] = key, 1
        for purpose in ("grant", "audit"):
            await self._create_signing_key(tx, purpose)

    async def signing_key(self, tx: Transaction, purpose: Purpose) -> SigningKey:
        """The MSP's present signing key for `purpose`."""
        cached = self._signing_keys.get((tx.msp_id, purpose))
        if cached:
            return cached
        row = await tx.maybe(
            _SigningKeyRow,
            """select kid, public_key, sealed_private_key from signing_key
               where purpose = %(purpose)s and retired_at is null order by created_at desc limit 1""",
            {"purpose": purpose},
        )
        if row is None:
            raise secret.SealBroken(f"the MSP has no signing key for {purpose}")
        key = await self._key(tx, secret.key_version(bytes(row.sealed_private_key)))
        place = self._signing_place(tx.msp_id, row.kid)
        raw = secret.unseal(key, place, bytes(row.sealed_private_key))
        found = SigningKey(row.kid, Ed25519PrivateKey.from_private_bytes(raw))
        self._signing_keys[tx.msp_id, purpose] = found
        return found

    async def public_keys(self, tx: Transaction, purpose: Purpose) -> dict[str, bytes]:
        """Every key that verifiers may meet, by id."""
        rows = await tx.all(
            _SigningKeyRow,
            "select kid, public_key, sealed_private_key from signing_key where purpose = %(purpose)s",
            {"purpose": purpose},
        )
        return {row.kid: bytes(row.public_key) for row in rows}

    async def _create_signing_key(self, tx: Transaction, purpose: str) -> None:
        private = Ed25519PrivateKey.generate()
        kid = key_id(private.public_key())
        version, key = await self._newest_key(tx)
        sealed = secret.seal(key, version, self._signing_place(tx.msp_id, kid), private.private_bytes_raw())
        await tx.run(
            """insert into signing_key (msp_id, purpose, kid, public_key, sealed_private_key, created_at)
               values (%(msp)s, %(purpose)s, %(kid)s, %(public)s, %(sealed)s, %(now)s)""",
            {
                "msp": tx.msp_id,
                "purpose": purpose,
                "kid": kid,
                "public": private.public_key().public_bytes_raw(),
                "sealed": sealed,
                "now": tx.now,
            },
        )

    async def _newest_key(self, tx: Transaction) -> tuple[int, bytes]:
        if tx.msp_id not in self._newest:
            self._newest[tx.msp_id] = await tx.scalar("select max(version) from tenant_key")
        version = self._newest[tx.msp_id]
        return version, await self._key(tx, version)

    async def _key(self, tx: Transaction, version: int) -> bytes:
        if (tx.msp_id, version) not in self._tenant_keys:
            row = await tx.maybe(
                _TenantKeyRow,
                "select version, wrapped from tenant_key where version = %(version)s",
                {"version": version},
            )
            if row is None:
                raise secret.SealBroken(f"there is no data key of version {version}")
            place = self._wrap_place(tx.msp_id, version)
            try:
                self._tenant_keys[tx.msp_id, version] = secret.unseal(
                    self._root_key, place, bytes(row.wrapped)
                )
            except secret.SealBroken as error:
                raise secret.SealBroken(
                    "This database was sealed with another root key than the one at hand. Restore the right one."
                ) from error
        return self._tenant_keys[tx.msp_id, version]

    @staticmethod
    def _wrap_place(msp_id: UUID, version: int) -> secret.Place:
        return secret.Place(msp_id, "tenant_key", "wrapped", str(version))

    @staticmethod
    def _signing_place(msp_id: UUID, kid: str) -> secret.Place:
        return secret.Place(msp_id, "signing_key", "sealed_private_key", kid)
