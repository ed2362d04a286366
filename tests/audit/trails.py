"""Trails made in memory: a chain of events, its export as lines, and the key that signs its head."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from stepladder.audit import export
from stepladder.audit.chain import GENESIS, START, Event, Head, Sealed, leaf_of, link_of
from stepladder.audit.heads import SignedHead
from stepladder_protocol import keys

MSP = UUID("5e7f1a52-0000-4000-8000-000000000001")
OTHER_MSP = UUID("5e7f1a52-0000-4000-8000-000000000002")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_event(number: int, **changes: Any) -> Event:
    values: dict[str, Any] = {
        "msp_id": MSP,
        "at": NOON + timedelta(seconds=number),
        "tag": "elevation_request.approved",
        "actor_kind": "technician",
        "actor_id": f"technician-{number % 3}",
        "subject": f"request-{number}",
        "facts": {"channel": "cli", "kind": "USER", "number": number},
    }
    return Event(**{**values, **changes})


def chained(events: list[Event], after: Head = START) -> list[Sealed]:
    sealed, head = [], after
    for event in events:
        leaf = leaf_of(event)
        head = Head(head.sequence + 1, link_of(head.link, leaf))
        sealed.append(Sealed(head.sequence, event, leaf, head.link))
    return sealed


@dataclass
class Trail:
    """A whole trail and its export."""

    events: list[Event]
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    @property
    def kid(self) -> str:
        return keys.key_id(self.key.public_key())

    @property
    def public_keys(self) -> dict[str, str]:
        return {self.kid: keys.public_key_text(self.key)}

    @cached_property
    def sealed(self) -> list[Sealed]:
        return chained(self.events)

    def head_at(self, sequence: int, msp_id: UUID = MSP) -> SignedHead:
        """The head as it was signed when the trail had so many events."""
        link = self.sealed[sequence - 1].link if sequence else GENESIS
        bare = SignedHead(msp_id, sequence, link, NOON + timedelta(days=1), self.kid)
        return SignedHead(msp_id, sequence, link, bare.at, self.kid, self.key.sign(bare.signed_bytes()))

    @property
    def header(self) -> bytes:
        return export.as_line(export.header(MSP, {self.kid: self.key.public_key().public_bytes_raw()}))

    @property
    def head(self) -> bytes:
        return export.as_line(self.head_at(len(self.events)).exported())

    @cached_property
    def lines(self) -> list[bytes]:
        return [self.header, *(export.event_line(sealed) for sealed in self.sealed), self.head]


def trail_of(count: int) -> Trail:
    return Trail([an_event(number) for number in range(1, count + 1)])
