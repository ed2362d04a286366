"""The trail as a file that can be verified without us, one JSON object a line.

First the header (format, MSP, public audit keys), then every event in its place, last the signed head. Each line is
canonical JSON, so a byte that was changed is a line that was changed; `verifier` reads it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, BinaryIO
from uuid import UUID

import rfc8785

from stepladder.kit.clock import Clock
from stepladder.kit.db import Actor, Database
from stepladder.vault.service import Vault
from stepladder_protocol import keys

from .chain import START, Head, Sealed
from .heads import SignedHead, sign
from .service import read, seal

FORMAT = "stepladder/audit-export/v1"


async def write(db: Database, vault: Vault, actor: Actor, clock: Clock, out: BinaryIO) -> SignedHead:
    """Seal what is open and write the whole trail to `out`, a batch at a time; returns the head it ends with.

    What stands in the database is written as it is, also where it was altered: an export is evidence too. The
    verifier tells.
    """
    await seal(db, actor)
    async with db.transaction(actor) as tx:
        public = await vault.public_keys(tx, "audit")
    out.write(as_line(header(actor.msp_id, public)))
    head = START
    async for batch in read(db, actor):
        out.write(b"".join(event_line(sealed) for sealed in batch))
        head = Head(batch[-1].sequence, batch[-1].link)
    async with db.transaction(actor) as tx:
        signed = await sign(tx, vault, head)
    out.write(as_line(signed.exported()))
    return signed


def header(msp_id: UUID, public_keys: Mapping[str, bytes]) -> dict[str, Any]:
    """The first line. Its keys serve those who have no better source for them."""
    encoded = {kid: keys.encode(raw) for kid, raw in public_keys.items()}
    return {"format": FORMAT, "msp_id": str(msp_id), "public_keys": encoded}


def event_line(sealed: Sealed) -> bytes:
    """One event with its place. Put together around the very bytes that are hashed."""
    return EVENT_STARTS + rfc8785.dumps(sealed.event.canonical()) + event_ending(sealed)


EVENT_STARTS = b'{"event":'


def event_ending(sealed: Sealed) -> bytes:
    """What stands behind the event's own JSON."""
    return ending(sealed.leaf, sealed.link, sealed.sequence)


def ending(leaf: bytes, link: bytes, sequence: int) -> bytes:
    """The end of an event's line. Its length depends on the sequence alone."""
    return f',"leaf":"{leaf.hex()}","link":"{link.hex()}","sequence":{sequence}}}\n'.encode("ascii")


def as_line(values: dict[str, Any]) -> bytes:
    """A line in canonical JSON."""
    return bytes(rfc8785.dumps(values)) + b"\n"
