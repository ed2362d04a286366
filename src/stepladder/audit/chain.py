"""The hash chain, without a database: leaves, links, and the verifier that names the first bad place.

leaf = SHA-256(0x00 | JCS(event)); link = SHA-256(0x02 | previous link | leaf).
JCS is canonical JSON, RFC 8785.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

GENESIS = bytes(32)


@dataclass(frozen=True)
class Event:
    """One event as it is hashed. It names people by id only; their names live in their own rows."""

    msp_id: UUID
    at: datetime
    tag: str
    actor_kind: str
    actor_id: str
    subject: str
    facts: dict[str, Any]

    def canonical(self) -> dict[str, Any]:
        """The JSON that is hashed and exported. Times are UTC with microseconds."""
        return {
            "msp_id": str(self.msp_id),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "tag": self.tag,
            "actor_kind": self.actor_kind,
            "actor_id": self.actor_id,
            "subject": self.subject,
            "facts": self.facts,
        }


@dataclass(frozen=True)
class Sealed:
    """An event with its place in the chain."""

    sequence: int
    event: Event
    leaf: bytes
    link: bytes


@dataclass(frozen=True)
class Head:
    """The end of a chain: how many events, and the last link."""

    sequence: int
    link: bytes


START = Head(0, GENESIS)


class ChainBroken(Exception):
    """The trail was altered. `sequence` is the first place where it does not hold."""

    def __init__(self, sequence: int, why: str) -> None:
        super().__init__(f"event {sequence}: {why}")
        self.sequence = sequence


def leaf_of(event: Event) -> bytes:
    """The event's own hash."""
    return hashlib.sha256(b"\x00" + rfc8785.dumps(event.canonical())).digest()


def link_of(previous: bytes, leaf: bytes) -> bytes:
    """The link that follows `previous`."""
    return hashlib.sha256(b"\x02" + previous + leaf).digest()


def follow(events: Iterable[Sealed], head: Head = START) -> Head:
    """Check `events` one after another from `head` on and return the new head. Raises ChainBroken."""
    for sealed in events:
        expected = head.sequence + 1
        if sealed.sequence != expected:
            raise ChainBroken(expected, f"missing; {sealed.sequence} comes next")
        if leaf_of(sealed.event) != sealed.leaf:
            raise ChainBroken(expected, "its content was altered")
        if link_of(head.link, sealed.leaf) != sealed.link:
            raise ChainBroken(expected, "it does not follow the one before")
        head = Head(sealed.sequence, sealed.link)
    return head
