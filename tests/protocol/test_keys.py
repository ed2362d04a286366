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


# The curve of RFC 8032 section 5.1, to compute what the table lists.
P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int]


def added(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    x = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P)
    y = (y1 * y2 + x1 * x2) * pow(1 - product, -1, P)
    return x % P, y % P


def eight_times(point: Point) -> Point:
    for _ in range(3):
        point = added(point, point)
    return point


def points_at(y: int) -> list[Point]:
    """The points with this y: two, one, or none."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    roots = {each for each in (root, root * pow(2, (P - 1) // 4, P) % P) if each * each % P == square}
    return [(x, y) for each in roots for x in {each, -each % P}]


def points_of_small_order() -> set[Point]:
    """All eight, found by taking the large prime out of points that are easy to find."""
    prime = 2**252 + 27742317777372353535851937790883648493
    found: set[Point] = set()
    for y in range(2, 40):
        for point in points_at(y):
            result: Point = (0, 1)
            for bit in f"{prime:b}":
                result = added(result, result)
                if bit == "1":
                    result = added(result, point)
            found.add(result)
    return found


def test_every_key_that_anybody_can_sign_for_is_known() -> None:
    """SEC-15: the points of small order, in each spelling of 32 bytes."""
    points = points_of_small_order()
    assert len(points) == 8
    assert all(eight_times(point) == (0, 1) for point in points)
    ys = {y for _, y in points}
    spellings = {each | sign << 255 for y in ys for each in (y, y + P) if each < 2**255 for sign in (0, 1)}
    for spelled in spellings:
        assert keys.is_of_small_order(spelled.to_bytes(32, "little"))
    assert len(keys._OF_SMALL_ORDER) * 2 == len(spellings)


@given(st.binary(min_size=32, max_size=32))
def test_no_genuine_key_is_taken_for_one_of_small_order(seed: bytes) -> None:
    assert not keys.is_of_small_order(
        Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    )
