"""Message signatures: what was signed is verified, and any change of it is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, example, given, strategies as st

from stepladder_protocol import signing

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
URL = "https://msp.example/api/endpoint/v1/elevation-requests/er-1?wait=50"
BODY = b'{"kind":"USER"}'


def signed(
    method: str = "POST",
    url: str = URL,
    body: Any = BODY,
    key: Any = KEY,
    now: Any = NOW,
    nonce: Any = None,
    key_id: str = "ep-1",
) -> Any:
    return signing.sign(method=method, url=url, body=body, key=key, key_id=key_id, now=now, nonce=nonce)


def verify(
    headers: Any, method: str = "POST", url: str = URL, body: Any = BODY, now: Any = NOW, key: Any = KEY
) -> Any:
    lines = headers.items() if isinstance(headers, dict) else headers
    return signing.verify(
        method=method, url=url, header_lines=lines, body=body, public_key=key.public_key(), now=now
    )


def test_a_signed_message_tells_who_sent_it_and_its_nonce() -> None:
    headers = signed(nonce="once-only")

    assert verify(headers) == signing.Verified("ep-1", "once-only", NOW)
    assert signing.claimed_key_id({name.lower(): value for name, value in headers.items()}) == "ep-1"


def test_header_names_are_taken_in_any_case() -> None:
    headers = signed()

    assert verify({name.upper(): value for name, value in headers.items()}) == verify(headers)


def test_each_message_gets_a_nonce_of_its_own() -> None:
    assert verify(signed()).nonce != verify(signed()).nonce


@given(
    name=st.sampled_from(["Content-Digest", "Signature-Input", "Signature"]),
    at=st.integers(0, 400),
    letter=st.characters(min_codepoint=0x20, max_codepoint=0x7E),
)
def test_changing_any_one_byte_of_any_signature_header_is_refused(name: str, at: int, letter: str) -> None:
    headers = signed()
    value = headers[name]
    at %= len(value)
    assume(value[at] != letter)

    with pytest.raises(signing.SignatureRefused):
        verify({**headers, name: value[:at] + letter + value[at + 1 :]})


@given(
    name=st.sampled_from(["Content-Digest", "Signature-Input", "Signature"]),
    at=st.integers(0, 400),
    more=st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=5),
)
@example(
    name="Signature-Input",
    at=len('sl=("@method" "@authority" "@path" "@query" "content-digest");created='),
    more="0",
)
@example(name="Signature-Input", at=len('sl=("@method"'), more=" ")
@example(name="Signature", at=400, more=";a")
@example(name="Signature", at=400, more=" ")
def test_adding_anything_to_a_signature_header_is_refused(name: str, at: int, more: str) -> None:
    headers = signed()
    value = headers[name]
    at = min(at, len(value))
    # HTTP itself strips blanks around a value and around the commas of a digest list.
    assume(name != "Content-Digest" or more.strip())

    with pytest.raises(signing.SignatureRefused):
        verify({**headers, name: value[:at] + more + value[at:]})


@given(at=st.integers(0, len(BODY) - 1), byte=st.integers(0, 255))
def test_changing_any_one_byte_of_the_body_is_refused(at: int, byte: int) -> None:
    body = BODY[:at] + bytes([byte]) + BODY[at + 1 :]
    assume(body != BODY)

    with pytest.raises(signing.SignatureRefused):
        verify(signed(), body=body)


@given(st.binary(max_size=40))
def test_no_other_body_is_taken_for_the_signed_one(body: bytes) -> None:
    assume(body != BODY)

    with pytest.raises(signing.SignatureRefused):
        verify(signed(), body=body)


def test_a_body_put_under_a_message_signed_without_one_is_refused() -> None:
    headers = signed(method="GET", body=b"")
    assert verify(headers, method="GET", body=b"")

    with pytest.raises(signing.SignatureRefused):
        verify(headers, method="GET", body=b"{}")


@pytest.mark.parametrize(
    "change",
    [
        {"method": "GET"},
        {"url": URL.replace("msp.example", "other.example")},
        {"url": URL.replace("er-1", "er-2")},
        {"url": URL.replace("wait=50", "wait=51")},
        {"url": URL.partition("?")[0]},
        {"key": Ed25519PrivateKey.generate()},
    ],
    ids=["method", "authority", "path", "query", "no query", "key"],
)
def test_a_signature_is_good_for_one_method_address_and_key_only(change: dict[str, Any]) -> None:
    with pytest.raises(signing.SignatureRefused):
        verify(signed(), **change)


@pytest.mark.parametrize("seconds", [-120, -1, 0, 1, 120])
def test_a_message_is_fresh_for_two_minutes_on_both_sides(seconds: int) -> None:
    assert verify(signed(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-86400, -121, 121, 86400])
def test_a_stale_or_early_message_is_refused(seconds: int) -> None:
    with pytest.raises(signing.SignatureRefused):
        verify(signed(), now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("name", ["Signature", "Signature-Input", "Content-Digest"])
def test_a_missing_or_doubled_header_is_refused(name: str) -> None:
    headers = signed()
    others = [(other, value) for other, value in headers.items() if other != name]

    for lines in (others, [*others, (name, headers[name]), (name, headers[name])]):
        with pytest.raises(signing.SignatureRefused):
            verify(lines)


def test_a_second_signature_beside_the_good_one_is_refused() -> None:
    good, other = signed(), signed(key_id="ep-2")
    both = {
        name: f"{good[name]}, {other[name].replace('sl=', 'x=', 1)}"
        for name in ("Signature", "Signature-Input")
    }

    with pytest.raises(signing.SignatureRefused):
        verify({**good, **both})
    with pytest.raises(signing.SignatureRefused):
        signing.claimed_key_id({"signature-input": both["Signature-Input"]})


@given(st.text(max_size=80))
def test_a_header_that_cannot_be_read_claims_no_one(text: str) -> None:
    with pytest.raises(signing.SignatureRefused):
        signing.claimed_key_id({"signature-input": text})


@pytest.mark.parametrize("nonce", ["n" * 65])
def test_a_nonce_too_long_to_remember_is_refused(nonce: str) -> None:
    with pytest.raises(signing.SignatureRefused):
        verify(signed(nonce=nonce))


@pytest.mark.parametrize(
    "text",
    [
        "sl=(" + '"@method" ' * 40_000 + ")",
        ",".join(f'a{number}=("x")' for number in range(40_000)),
        "sl=" + "(" * 5000,
    ],
    ids=["one list", "many labels", "brackets"],
)
def test_signature_headers_longer_than_any_genuine_ones_are_refused_unread(text: str) -> None:
    """SEC-04: parsing takes time by length, so length is looked at first."""
    with pytest.raises(signing.SignatureRefused, match="longer"):
        signing.claimed_key_id({"signature-input": text})
    with pytest.raises(signing.SignatureRefused, match="longer"):
        verify({**signed(), "Signature-Input": text})
    with pytest.raises(signing.SignatureRefused, match="longer"):
        signing.check_digest([("Content-Digest", text)], BODY)


def test_a_genuine_message_is_far_below_that_length() -> None:
    """SEC-04."""
    assert sum(len(value) for value in signed(nonce="n" * 64).values()) < signing.LONGEST_HEADERS / 4


@pytest.mark.parametrize("body", [b"", b"x", BODY + b" "])
def test_a_body_is_compared_with_its_digest_before_it_is_read(body: bytes) -> None:
    """SEC-17."""
    lines = list(signed().items())
    signing.check_digest(lines, BODY)
    with pytest.raises(signing.SignatureRefused):
        signing.check_digest(lines, body)
    with pytest.raises(signing.SignatureRefused):
        signing.check_digest([], body)
