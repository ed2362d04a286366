"""Grants: signed by the service, believed by the agent only after every field was checked.

The signature is Ed25519 over a domain prefix and the canonical JSON (RFC 8785) of header and grant,
so that nothing signed for another purpose can pass as a grant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .keys import decode, encode
from .messages import Grant, SignedGrant

ALGORITHM = "Ed25519"
DOMAIN = b"stepladder/grant/v1\0"
CLOCK_SKEW = timedelta(seconds=120)


class GrantRefused(Exception):
    """The grant must not be used; the message says which check failed."""


def arguments_digest(arguments: list[str]) -> str:
    """SHA-256 over the canonical JSON of the argument list: where one argument ends is part of it."""
    return hashlib.sha256(rfc8785.dumps(arguments)).hexdigest()


def _signed_bytes(kid: str, grant: Grant) -> bytes:
    return DOMAIN + rfc8785.dumps({"alg": ALGORITHM, "kid": kid, "grant": grant.model_dump(mode="json")})


def sign_grant(grant: Grant, *, kid: str, key: Ed25519PrivateKey) -> SignedGrant:
    """Sign `grant` with the key that agents know as `kid`."""
    signature = encode(key.sign(_signed_bytes(kid, grant)))
    return SignedGrant(alg=ALGORITHM, kid=kid, grant=grant, signature=signature)


def verify_grant(
    signed: SignedGrant,
    *,
    pinned_keys: Mapping[str, Ed25519PublicKey],
    audience: str,
    issuer: str,
    request_id: str,
    now: datetime,
) -> Grant:
    """The grant, if it was signed by a pinned key for this endpoint and request and is in force.

    The file's hash and the arguments are the caller's to compare, at the moment of use.
    Raises GrantRefused.
    """
    key = pinned_keys.get(signed.kid)
    if signed.alg != ALGORITHM or key is None:
        raise GrantRefused("it was not signed with a key this machine trusts")
    try:
        key.verify(decode(signed.signature), _signed_bytes(signed.kid, signed.grant))
    except (InvalidSignature, ValueError) as error:
        raise GrantRefused("its signature does not hold") from error
    grant = signed.grant
    if (grant.audience, grant.issuer, grant.request_id) != (audience, issuer, request_id):
        raise GrantRefused("it was issued for another machine, issuer or request")
    if now < grant.not_before - CLOCK_SKEW:
        raise GrantRefused("it is not valid yet; check this machine's clock")
    if now >= grant.expires_at:
        raise GrantRefused("it has expired; ask again")
    return grant
