"""TEST-04: signed and chained formats outlive a version: what version 1 wrote always verifies.

The answers stand in a file that was made once and is never made again, so a changed prefix, field or spelling fails here.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from stepladder.audit import heads
from stepladder.audit.chain import GENESIS, Event, leaf_of, link_of
from stepladder_protocol import grants, keys, signing
from stepladder_protocol.messages import SignedGrant

KNOWN: dict[str, Any] = json.loads((Path(__file__).parent / "version_1.json").read_text(encoding="utf-8"))
PUBLIC = keys.load_public_key(KNOWN["public_key"])
NOW = datetime.fromisoformat(KNOWN["now"])


def test_leaves_and_links_of_the_trail() -> None:
    previous = GENESIS
    for known in KNOWN["chain"]:
        said = known["event"]
        event = Event(**{**said, "msp_id": UUID(said["msp_id"]), "at": datetime.fromisoformat(said["at"])})
        leaf = leaf_of(event)
        previous = link_of(previous, leaf)
        assert (event.canonical(), leaf.hex(), previous.hex()) == (said, known["leaf"], known["link"])


def test_a_signed_head() -> None:
    head = heads.imported(KNOWN["head"])
    assert head.is_signed_by(PUBLIC)
    assert head.link.hex() == KNOWN["chain"][-1]["link"]
    assert head.kid == keys.key_id(PUBLIC)


def test_a_grant() -> None:
    signed = SignedGrant.model_validate(KNOWN["grant"])
    grant = grants.verify_grant(
        signed, pinned_keys={"k1": PUBLIC}, audience="ep-1", issuer="msp.example", request_id="er-1", now=NOW
    )
    assert grant.arguments_sha256 == grants.arguments_digest(KNOWN["arguments"])
    assert signed.model_dump(mode="json") == KNOWN["grant"]


def test_a_signed_message() -> None:
    message = KNOWN["message"]
    verified = signing.verify(
        method=message["method"],
        url=message["url"],
        header_lines=message["headers"].items(),
        body=message["body"].encode(),
        public_key=PUBLIC,
        now=NOW,
    )
    assert (verified.key_id, verified.nonce) == ("ep-1", "once-only")
