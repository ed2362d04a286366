"""HTTP message signatures (RFC 9421) between agent and service, over Ed25519.

Every message covers method, authority, path, query, time and nonce, and its body by Content-Digest
(RFC 9530). Verifying says only who sent it and that it is fresh; refusing a repeated nonce is the
receiver's work, because only the receiver remembers.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import http_sf
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    ContentDigest,
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import ED25519

TAG = "stepladder-endpoint-v1"
LABEL = "sl"
WINDOW = timedelta(seconds=120)
COVERED = ("@method", "@authority", "@path", "@query")
# Of all headers that a signature is in. A genuine one has some 400 bytes; parsing costs time by length.
LONGEST_HEADERS = 4096
_HEADERS = frozenset({"signature-input", "signature", "content-digest"})


class SignatureRefused(Exception):
    """The message is unsigned, altered, stale, or signed by another key."""


@dataclass
class _Message:
    method: str
    url: str
    headers: Any


class _Headers(dict[str, str]):
    """A plain dict is all the library needs where no header repeats."""


class _FieldLines:
    """Read-only header view that keeps repeated lines, so that a doubled header cannot hide one."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self._lines = list(lines)

    def items(self) -> list[tuple[str, str]]:
        return self._lines


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(
        self, *, private: Ed25519PrivateKey | None = None, public: Ed25519PublicKey | None = None
    ) -> None:
        self._private, self._public = private, public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:
        return self._private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self._public


class _Verifier(HTTPMessageVerifier):
    """The library's verifier with the clock passed in and the window cut on both sides."""

    def __init__(self, public: Ed25519PublicKey, now: datetime) -> None:
        super().__init__(signature_algorithm=ED25519, key_resolver=_OneKey(public=public))
        self._now = now

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        created = sig_input.params.get("created")
        if created is None or abs(self._now.timestamp() - created) > WINDOW.total_seconds():
            raise InvalidSignature("The message is older or newer than the window allows")


def sign(
    *,
    method: str,
    url: str,
    body: bytes,
    key: Ed25519PrivateKey,
    key_id: str,
    now: datetime | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """The headers to add to a message so that `verify` accepts it.

    `url` is absolute; `key_id` is the endpoint's id, or the key's own id while enrolling.
    """
    headers = _Headers()
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=_OneKey(private=key)).sign(
        _Message(method, url, headers),
        key_id=key_id,
        created=now or datetime.now(UTC),
        nonce=nonce or secrets.token_urlsafe(16),
        label=LABEL,
        tag=TAG,
        covered_component_ids=COVERED,
        body=body or None,
    )
    return dict(headers)


@dataclass(frozen=True)
class Verified:
    """Who signed (`key_id`), when they say, and the nonce to remember for at least twice the window."""

    key_id: str
    nonce: str
    created: datetime


def _refuse_long_headers(lines: Iterable[tuple[str, str]]) -> None:
    if sum(len(value) for name, value in lines if name in _HEADERS) > LONGEST_HEADERS:
        raise SignatureRefused("The signature headers are longer than any genuine ones.")


def check_digest(header_lines: Iterable[tuple[str, str]], body: bytes) -> None:
    """Whether the body is the one that Content-Digest names; who named it is not looked at.

    Raises SignatureRefused.
    """
    lines = [(name.lower(), value) for name, value in header_lines]
    _refuse_long_headers(lines)
    try:
        ContentDigest.verify(", ".join(value for name, value in lines if name == "content-digest"), body)
    except HTTPMessageSignaturesException as error:
        raise SignatureRefused("The body is not the one that was signed.") from error


def claimed_key_id(headers: Mapping[str, str]) -> str:
    """The key id a message claims, read before anything is believed. Raises SignatureRefused."""
    _refuse_long_headers(headers.items())
    try:
        parsed: Any = http_sf.parse(headers.get("signature-input", "").encode(), tltype="dictionary")
        claimed = [params.get("keyid") for _, params in parsed.values()]
    except Exception as error:
        # Each error of a parser of untrusted input means the same: there is no usable signature.
        raise SignatureRefused("The signature header cannot be read.") from error
    if len(claimed) != 1 or not isinstance(claimed[0], str):
        raise SignatureRefused("Exactly one signature with a key id is expected.")
    return claimed[0]


def _refuse_other_spellings(headers: _FieldLines) -> None:
    """Leading zeros, spare bits, blanks, the unsigned label: of one signature only one spelling is taken.

    Otherwise a copy that differs in a byte would pass, and a reader who compares raw messages would be misled.
    """
    for field in ("signature-input", "signature"):
        text = ", ".join(value for name, value in headers.items() if name == field)
        parsed: Any = http_sf.parse(text.encode(), tltype="dictionary")
        if list(parsed) != [LABEL] or http_sf.ser(parsed) != text:
            raise SignatureRefused("The signature headers are not in their one canonical form.")
        if field == "signature" and parsed[LABEL][1]:
            raise SignatureRefused("The signature carries parameters, which nothing signs.")


def verify(
    *,
    method: str,
    url: str,
    header_lines: Iterable[tuple[str, str]],
    body: bytes,
    public_key: Ed25519PublicKey,
    now: datetime,
) -> Verified:
    """Check one message against one key. Raises SignatureRefused for any fault."""
    message = _Message(method, url, _FieldLines((name.lower(), value) for name, value in header_lines))
    _refuse_long_headers(message.headers.items())
    try:
        results = _Verifier(public_key, now).verify(
            message, expect_tag=TAG, require_components=COVERED, body=body
        )
    except Exception as error:
        # The library parses untrusted input in several layers; each error of it means "no".
        raise SignatureRefused("The message's signature does not hold.") from error
    _refuse_other_spellings(message.headers)
    if len(results) != 1 or not results[0].nonce or len(results[0].nonce) > 64:
        raise SignatureRefused("Exactly one signature with a nonce of at most 64 characters is expected.")
    parameters = results[0].parameters
    created = datetime.fromtimestamp(float(parameters["created"]), UTC)
    return Verified(str(parameters["keyid"]), results[0].nonce, created)
