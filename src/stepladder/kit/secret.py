"""Secrets at rest: a type that never prints, and envelope encryption bound to the row.

Root key (outside the database) wraps one key per MSP; that key seals records with AES-256-GCM whose
associated data names MSP, table, column and row, so a ciphertext opens in its own place only
(docs/security-flow.md, "Secrets at rest"). Stored form: format byte, key version (4 bytes), nonce (12), ciphertext.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value did not open: wrong key, wrong place, or altered."""


class RootKeyRefused(Exception):
    """The root key file is missing, malformed, or readable by others."""


class Secret:
    """A secret string. Every way of printing it shows a mask; `reveal` is the only way in."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret itself, for the one call that needs it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(***)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@dataclass(frozen=True)
class Place:
    """Where a sealed value lives. It is part of what is authenticated."""

    msp_id: UUID
    table: str
    column: str
    row: str

    def associated_data(self, version: int) -> bytes:
        parts = ("stepladder/seal/v1", str(self.msp_id), self.table, self.column, self.row, str(version))
        return "\0".join(parts).encode()


def seal(key: bytes, version: int, place: Place, plaintext: bytes) -> bytes:
    """Encrypt `plaintext` so that it opens with the same key, version and place only."""
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plaintext, place.associated_data(version))
    return _FORMAT + version.to_bytes(4, "big") + nonce + sealed


def key_version(sealed: bytes) -> int:
    """The key version a sealed value names. Raises SealBroken."""
    if len(sealed) < 5 + _NONCE_BYTES + 16 or sealed[:1] != _FORMAT:
        raise SealBroken("unknown format")
    return int.from_bytes(sealed[1:5], "big")


def unseal(key: bytes, place: Place, sealed: bytes) -> bytes:
    """The plaintext. Raises SealBroken when anything differs from when it was sealed."""
    version = key_version(sealed)
    nonce, ciphertext = sealed[5 : 5 + _NONCE_BYTES], sealed[5 + _NONCE_BYTES :]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.associated_data(version))
    except InvalidTag as error:
        raise SealBroken("it was altered, moved, or sealed with another key") from error


def load_root_key(path: Path, *, create: bool) -> bytes:
    """The 256-bit root key in `path`; made on first start when `create`. Raises RootKeyRefused."""
    if not path.exists():
        if not create:
            raise RootKeyRefused(
                f"There is no root key at {path}, and this database was sealed with one. "
                "Restore it from where you keep it."
            )
        _write_new_root_key(path)
    mode = path.stat().st_mode
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RootKeyRefused(f"{path} is readable by others. Run: chmod 600 {path}")
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError as error:
        raise RootKeyRefused(f"{path} does not hold a root key (64 hexadecimal digits).") from error
    if len(key) != 32:
        raise RootKeyRefused(f"{path} does not hold a root key (64 hexadecimal digits).")
    return key


def _write_new_root_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A random name: a start that was killed here leaves its file behind, and in a container the next one has its pid.
    temporary = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, os.urandom(32).hex().encode("ascii") + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        # A link fails where the name exists: two processes starting at once agree on one key.
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    _sync_directory(path.parent)


def _sync_directory(directory: Path) -> None:
    """What is sealed from now on needs the key after a power loss too, and so the name it is found by."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
