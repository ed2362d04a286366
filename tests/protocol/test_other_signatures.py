"""Messages signed with the right key, and in another way than ours: refused, and never an error of a library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from http_message_signatures import HTTPMessageSigner
from http_message_signatures.algorithms import ED25519
from tests.protocol.test_signing import BODY, KEY, NOW, URL, signed, verify

from stepladder_protocol import signing

FULL = (*signing.COVERED, "content-digest")


def otherwise(
    covered: Sequence[str] = FULL,
    *,
    tag: str | None = signing.TAG,
    label: str = signing.LABEL,
    nonce: str | None = "n",
) -> dict[str, str]:
    """The headers of a message that the right key signed so."""
    headers = signing._Headers()
    message = signing._Message("POST", URL, headers)
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=signing._OneKey(private=KEY)).sign(
        message,
        key_id="ep-1",
        created=NOW,
        nonce=nonce,
        label=label,
        tag=tag,
        covered_component_ids=tuple(each for each in covered if each != "content-digest"),
        body=BODY if "content-digest" in covered else None,
    )
    return {"Content-Digest": signed()["Content-Digest"], **headers}


def test_signed_as_ours_it_is_taken() -> None:
    assert verify(otherwise()).nonce == "n"


@pytest.mark.parametrize(
    "covered",
    [("@method", "content-digest"), signing.COVERED, *(tuple(c for c in FULL if c != left) for left in FULL)],
    ids=str,
)
def test_a_signature_that_covers_less_is_refused(covered: Sequence[str]) -> None:
    """TEST-01: a caller who may choose what is signed could move a signature to another message."""
    with pytest.raises(signing.SignatureRefused):
        verify(otherwise(covered))


@pytest.mark.parametrize("tag", ["other", "", None])
def test_a_message_signed_for_another_purpose_is_refused(tag: str | None) -> None:
    """TEST-02."""
    with pytest.raises(signing.SignatureRefused):
        verify(otherwise(tag=tag))


def test_another_label_in_both_headers_is_refused() -> None:
    """TEST-03: one refusal, and no error of the parser."""
    headers = otherwise(label="x")
    with pytest.raises(signing.SignatureRefused):
        verify(headers)
    renamed = {name: value.replace("sl=", "x=", 1) for name, value in otherwise().items()}
    with pytest.raises(signing.SignatureRefused):
        verify(renamed)


@pytest.mark.parametrize(
    ("nonce", "is_taken"), [(None, False), ("", False), ("n" * 64, True), ("n" * 65, False)]
)
def test_a_nonce_has_between_1_and_64_characters(nonce: Any, is_taken: bool) -> None:
    """TEST-03."""
    headers = otherwise(nonce=nonce)
    if is_taken:
        assert verify(headers, body=BODY).nonce == nonce
        return
    with pytest.raises(signing.SignatureRefused):
        verify(headers, body=BODY)
