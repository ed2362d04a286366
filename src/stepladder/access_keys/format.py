"""Inbound API keys and enrolment tokens as strings: how they are made, read, and hashed.

A key is `pak_` + 8 characters of key id + `_` + 43 base62 characters (256 bits) + 6 characters of check.
The check is a cut of SHA-256 over all before it: typing errors and noise are dropped without a database call. What is
stored is the SHA-256 of the whole, enough for 256 random bits.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
from dataclasses import dataclass

_ALPHABET = string.digits + string.ascii_letters
_ID_LENGTH, _BODY_LENGTH, _CHECK_LENGTH = 8, 43, 6


@dataclass(frozen=True)
class KeyFormat:
    """A family of keys, told apart by its prefix."""

    prefix: str

    @property
    def length(self) -> int:
        return len(self.prefix) + 2 + _ID_LENGTH + _BODY_LENGTH + _CHECK_LENGTH

    def new(self) -> str:
        """A new key. It is shown once and saved only as a hash."""
        head = f"{self.prefix}_{_random(_ID_LENGTH)}_{_random(_BODY_LENGTH)}"
        return head + _check(head)

    def key_id(self, key: str) -> str | None:
        """The id part of a well-formed key, or None for anything that cannot be one."""
        if len(key) != self.length or not key.isascii() or not key.startswith(f"{self.prefix}_"):
            return None
        head, check = key[:-_CHECK_LENGTH], key[-_CHECK_LENGTH:]
        if not hmac.compare_digest(_check(head), check):
            return None
        return key[len(self.prefix) + 1 : len(self.prefix) + 1 + _ID_LENGTH]


INBOUND_KEY = KeyFormat("pak")
ENROLMENT_TOKEN = KeyFormat("enr")


def hash_key(key: str) -> bytes:
    """What is stored of a key."""
    return hashlib.sha256(key.encode("ascii")).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _check(head: str) -> str:
    number = int.from_bytes(hashlib.sha256(head.encode("ascii")).digest()[:8], "big")
    characters = []
    for _ in range(_CHECK_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        characters.append(_ALPHABET[rest])
    return "".join(characters)
