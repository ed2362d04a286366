"""Signed heads: the end of a chain, vouched for by the MSP's audit key, so that it can be saved elsewhere.

A person who can write to the database can write a whole new chain. What they cannot do is make it end in a link that
left this machine before: in an export, or in the operating log, which `announce` writes to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stepladder.kit.db import Transaction
from stepladder.kit.log import get_logger
from stepladder.vault.service import Vault
from stepladder_protocol import keys

from .chain import GENESIS, START, ChainBroken, Head
from .service import head_of

CONTEXT = b"stepladder/audit-head/v1\0"
LOG_EVENT = "audit_head"
_log = get_logger("audit")


@dataclass(frozen=True)
class SignedHead:
    """So many events, the last link, when that was said, and by which key."""

    msp_id: UUID
    sequence: int
    link: bytes
    at: datetime
    kid: str
    signature: bytes = b""

    def statement(self) -> dict[str, Any]:
        """What is signed."""
        return {
            "msp_id": str(self.msp_id),
            "sequence": self.sequence,
            "link": self.link.hex(),
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "kid": self.kid,
        }

    def signed_bytes(self) -> bytes:
        """The bytes that the signature is over."""
        return CONTEXT + rfc8785.dumps(self.statement())

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Whether the signature is this key's, over exactly this head."""
        try:
            key.verify(self.signature, self.signed_bytes())
        except InvalidSignature:
            return False
        return True

    def exported(self) -> dict[str, Any]:
        """The head as JSON, in an export and in the log alike."""
        return {"head": self.statement(), "signature": keys.encode(self.signature)}


def imported(values: Any) -> SignedHead:
    """The opposite of `exported`. Raises ValueError for anything that is not exactly one."""
    try:
        said = values["head"]
        head = SignedHead(
            UUID(said["msp_id"]),
            said["sequence"],
            bytes.fromhex(said["link"]),
            datetime.fromisoformat(said["at"]),
            said["kid"],
            keys.decode(values["signature"]),
        )
        is_exact = type(head.sequence) is int and head.exported() == values
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("not a signed head") from error
    if not is_exact:
        raise ValueError("not a signed head")
    return head


async def sign(tx: Transaction, vault: Vault, head: Head) -> SignedHead:
    """`head`, signed with the MSP's present audit key."""
    key = await vault.signing_key(tx, "audit")
    bare = SignedHead(tx.msp_id, head.sequence, head.link, tx.now, key.kid)
    signature = key.private.sign(bare.signed_bytes())
    return SignedHead(bare.msp_id, bare.sequence, bare.link, bare.at, bare.kid, signature)


async def announce(tx: Transaction, vault: Vault) -> Head:
    """Write the MSP's signed head to the operating log; returns it. `due_heads` says when: each minute, if it grew.

    The log is written before the commit, so a process that dies in between announces the same head once more.
    """
    head = await head_of(tx)
    if head == START:
        return head
    signed = await sign(tx, vault, head)
    _log.info(LOG_EVENT, **signed.exported())
    await tx.run(
        """insert into audit_head (msp_id, sequence, announced_at) values (%(msp)s, %(sequence)s, %(now)s)
           on conflict (msp_id) do update set sequence = excluded.sequence, announced_at = excluded.announced_at""",
        {"msp": tx.msp_id, "sequence": head.sequence, "now": tx.now},
    )
    return head


class Marks:
    """The links that signed heads promise: a chain that they lie on was not rewritten. Others' heads are left out.

    Raises ChainBroken where a head is not signed by a trusted key, or two contradict each other.
    """

    def __init__(
        self, known: Iterable[SignedHead], msp_id: UUID, trusted: Mapping[str, Ed25519PublicKey]
    ) -> None:
        self._links: dict[int, bytes] = {0: GENESIS}
        self.heads = 0
        for head in known:
            if head.msp_id == msp_id:
                self._add(head, trusted.get(head.kid))

    def _add(self, head: SignedHead, key: Ed25519PublicKey | None) -> None:
        if key is None or not head.is_signed_by(key):
            raise ChainBroken(head.sequence, "a head that was to be compared is not signed by a known key")
        if self._links.setdefault(head.sequence, head.link) != head.link:
            raise ChainBroken(head.sequence, "two signed heads contradict each other")
        self.heads += 1

    def compare(self, sequence: int, link: bytes) -> None:
        """Raises ChainBroken where a head promised another link here."""
        if link != self._links.get(sequence, link):
            raise ChainBroken(sequence, "a head that was signed earlier has another link here")

    def need_reached(self, head: Head) -> None:
        """Raises ChainBroken where a head promised more events than there are."""
        if max(self._links) > head.sequence:
            raise ChainBroken(
                head.sequence + 1, f"missing; a signed head says there were {max(self._links)} events"
            )


def heads_in_log(lines: Iterable[str | bytes]) -> Iterator[SignedHead]:
    """The heads that an operating log in JSON holds; every other line is passed over."""
    for line in lines:
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict) and values.get("event") == LOG_EVENT:
            yield imported({name: values.get(name) for name in ("head", "signature")})
