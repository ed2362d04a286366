"""Ed25519 keys as they travel and rest: raw bytes in base64url without padding (RFC 4648 section 5)."""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


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
