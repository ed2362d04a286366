"""Grants: believed only whole, in force, and signed by a pinned key for this endpoint and request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given, strategies as st
from pydantic import ValidationError

from stepladder_protocol import grants, keys
from stepladder_protocol.messages import ElevationKind, Grant, GrantFile, SignedGrant

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
EXPECTED = {"audience": "ep-1", "issuer": "https://msp.example", "request_id": "er-1"}
GRANT = Grant(
    **EXPECTED,
    person="ada",
    file=GrantFile(path="/usr/bin/tool", sha256="ab" * 32, size=1234, publisher="Debian package tool 1.0"),
    arguments_sha256=grants.arguments_digest(["--quiet"]),
    kind=ElevationKind.USER,
    not_before=NOW,
    expires_at=NOW + timedelta(minutes=10),
    nonce="one-time-number",
)
SIGNED = grants.sign_grant(GRANT, kid="k1", key=KEY)


def verify(signed: Any = SIGNED, now: Any = NOW, pinned: Any = None, **expected: Any) -> Any:
    pinned = {"k1": KEY.public_key()} if pinned is None else pinned
    return grants.verify_grant(signed, pinned_keys=pinned, now=now, **{**EXPECTED, **expected})


def as_sent(signed: Any = SIGNED) -> Any:
    return signed.model_dump_json()


def received(text: str) -> Any:
    return SignedGrant.model_validate_json(text, strict=True)


def test_a_grant_survives_the_wire() -> None:
    assert verify(received(as_sent())) == GRANT


@given(at=st.integers(0, len(as_sent()) - 1), letter=st.characters(min_codepoint=0x20, max_codepoint=0x7E))
def test_after_changing_any_one_byte_it_is_refused(at: int, letter: str) -> None:
    """The only spelling that may differ is one that means the very same grant, such as a space for nothing."""
    sent = as_sent()
    assume(sent[at] != letter)
    try:
        grant = verify(received(sent[:at] + letter + sent[at + 1 :]))
    except (ValidationError, grants.GrantRefused):
        return
    assert grant == GRANT


def leaves(value: Any, path: Any = ()) -> Iterator[Any]:
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield from leaves(inner, (*path, name))
        else:
            yield (*path, name)


FIELDS = sorted(leaves(json.loads(as_sent())))


@given(field=st.sampled_from(FIELDS), data=st.data())
def test_after_changing_any_field_to_another_value_it_is_refused(field: tuple[str, ...], data: Any) -> None:
    sent = json.loads(as_sent())
    inner = sent
    for name in field[:-1]:
        inner = inner[name]
    others = (
        st.text(max_size=20)
        | st.integers(0, 2**60)
        | st.booleans()
        | st.none()
        | st.sampled_from(["ADMIN", "k2", "EdDSA", "none", "2027-01-01T00:00:00Z", "cd" * 32])
    )
    other = data.draw(others)
    assume((type(other), other) != (type(inner[field[-1]]), inner[field[-1]]))
    inner[field[-1]] = other

    with pytest.raises((ValidationError, grants.GrantRefused)):
        verify(received(json.dumps(sent)))


@pytest.mark.parametrize("field", FIELDS, ids=".".join)
def test_a_missing_field_is_refused(field: tuple[str, ...]) -> None:
    sent = json.loads(as_sent())
    inner = sent
    for name in field[:-1]:
        inner = inner[name]
    del inner[field[-1]]

    with pytest.raises((ValidationError, grants.GrantRefused)):
        verify(received(json.dumps(sent)))


def test_a_field_that_is_not_known_is_refused_for_it_may_be_a_limit() -> None:
    sent = json.loads(as_sent())
    sent["grant"]["only_on_mondays"] = True

    with pytest.raises(ValidationError):
        received(json.dumps(sent))


@pytest.mark.parametrize("expected", EXPECTED)
def test_a_grant_for_another_machine_issuer_or_request_is_refused(expected: str) -> None:
    with pytest.raises(grants.GrantRefused, match="another machine, issuer or request"):
        verify(**{expected: "someone-else"})


def test_a_grant_of_a_key_that_is_not_pinned_is_refused() -> None:
    forged = grants.sign_grant(GRANT, kid="k1", key=OTHER_KEY)
    with pytest.raises(grants.GrantRefused):
        verify(forged)
    with pytest.raises(grants.GrantRefused):
        verify(grants.sign_grant(GRANT, kid="k2", key=KEY))
    with pytest.raises(grants.GrantRefused):
        verify(pinned={})


def test_a_pinned_key_does_not_vouch_under_another_pinned_keys_name() -> None:
    both = {"k1": KEY.public_key(), "k2": OTHER_KEY.public_key()}
    renamed = SIGNED.model_copy(update={"kid": "k2"})

    with pytest.raises(grants.GrantRefused):
        verify(renamed, pinned=both)


@pytest.mark.parametrize("algorithm", ["none", "ed25519", "EdDSA", "HS256", ""])
def test_another_algorithm_is_refused_not_tried(algorithm: str) -> None:
    with pytest.raises(grants.GrantRefused):
        verify(SIGNED.model_copy(update={"alg": algorithm}))


@pytest.mark.parametrize("signature", ["", "AAAA", "é", SIGNED.signature + "=", keys.encode(bytes(64))])
def test_a_signature_in_any_other_form_is_refused(signature: str) -> None:
    with pytest.raises(grants.GrantRefused):
        verify(SIGNED.model_copy(update={"signature": signature}))


def test_what_was_signed_for_another_purpose_is_no_grant() -> None:
    bare = keys.encode(KEY.sign(GRANT.model_dump_json().encode()))

    with pytest.raises(grants.GrantRefused):
        verify(SIGNED.model_copy(update={"signature": bare}))


@pytest.mark.parametrize("seconds", [-120, 0, 599])
def test_a_grant_is_in_force_from_its_start_less_the_skew_until_its_end(seconds: int) -> None:
    assert verify(now=NOW + timedelta(seconds=seconds)) == GRANT


@pytest.mark.parametrize("seconds", [-86400, -121, 600, 601, 86400])
def test_a_grant_outside_its_time_is_refused(seconds: int) -> None:
    with pytest.raises(grants.GrantRefused):
        verify(now=NOW + timedelta(seconds=seconds))


@given(st.lists(st.text(max_size=8), max_size=5), st.lists(st.text(max_size=8), max_size=5))
def test_the_arguments_digest_tells_any_two_lists_apart(one: list[str], other: list[str]) -> None:
    assert (grants.arguments_digest(one) == grants.arguments_digest(other)) == (one == other)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=4), st.data())
def test_the_arguments_digest_knows_where_one_argument_ends(arguments: list[str], data: Any) -> None:
    at = data.draw(st.integers(0, len(arguments) - 1))
    cut = data.draw(st.integers(0, len(arguments[at])))
    split = [*arguments[:at], arguments[at][:cut], arguments[at][cut:], *arguments[at + 1 :]]

    assert grants.arguments_digest(split) != grants.arguments_digest(arguments)
