"""Ed25519 keys as they travel and rest: raw bytes in base64url without padding (RFC 4648 section 5)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

# The points whose order divides eight, as y with the sign of x left out, also in their spellings above the prime
# (RFC 8032 section 5.1.7 takes any; libsodium's ge25519_has_small_order lists the same). Under such a key anybody can
# make a signature that holds. A test computes them.
_SIGN = 1 << 255
_OF_SMALL_ORDER = frozenset(
    int(number, 16)
    for number in (
        "00",
        "01",
        "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
        "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
        "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffee",
    )
)


def is_of_small_order(public: bytes) -> bool:
    """Whether a raw public key is one of those that anybody can sign for."""
    return int.from_bytes(public, "little") & ~_SIGN in _OF_SMALL_ORDER


def encode(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The opposite of `encode`. Raises ValueError on anything but the canonical form."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise ValueError("not base64url") from error
    if encode(raw) != text:
        raise ValueError("not canonical base64url")
    return raw


def public_key_text(key: Ed25519PrivateKey | Ed25519PublicKey) -> str:
    """The public half, encoded."""
    public = key.public_key() if isinstance(key, Ed25519PrivateKey) else key
    return encode(public.public_bytes_raw())


def load_public_key(text: str) -> Ed25519PublicKey:
    """Raises ValueError when `text` is not an Ed25519 public key."""
    return Ed25519PublicKey.from_public_bytes(decode(text))


def key_id(public: Ed25519PublicKey) -> str:
    """A short stable name for a key: the first 16 hex digits of its SHA-256."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:16]
