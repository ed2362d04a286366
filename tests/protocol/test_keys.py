"""Keys as text: one spelling each way, and nothing else is taken."""

from __future__ import annotations

import string
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, strategies as st

from stepladder_protocol import keys

BASE64URL = string.ascii_letters + string.digits + "-_"


@given(st.binary(max_size=200))
def test_what_is_encoded_decodes_to_itself(raw: bytes) -> None:
    assert keys.decode(keys.encode(raw)) == raw


@given(st.text(max_size=60))
def test_of_any_text_only_the_canonical_spelling_decodes(text: str) -> None:
    try:
        raw = keys.decode(text)
    except ValueError:
        return
    assert keys.encode(raw) == text


@given(st.binary(min_size=1, max_size=64), st.data())
def test_changing_one_letter_changes_the_bytes_or_is_refused(raw: bytes, data: Any) -> None:
    text = keys.encode(raw)
    at = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(BASE64URL.replace(text[at], "")))
    with suppress(ValueError):
        assert keys.decode(text[:at] + letter + text[at + 1 :]) != raw


@given(st.binary(min_size=32, max_size=32))
def test_a_public_key_survives_the_wire_and_keeps_its_name(seed: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)

    loaded = keys.load_public_key(keys.public_key_text(private))

    assert loaded.public_bytes_raw() == private.public_key().public_bytes_raw()
    assert keys.key_id(loaded) == keys.key_id(private.public_key())
    assert len(keys.key_id(loaded)) == 16


@pytest.mark.parametrize("text", ["", "AAAA", "é" * 43, "=" * 43, "A" * 42, "A" * 44, "A" * 42 + "="])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64url|32 bytes"):
        keys.load_public_key(text)
