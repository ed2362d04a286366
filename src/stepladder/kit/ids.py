"""Ids, one type per kind, all random UUIDs: unguessable, and made before the row is written."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable
from typing import NewType
from uuid import UUID, uuid4

MspId = NewType("MspId", UUID)
CustomerId = NewType("CustomerId", UUID)
TechnicianId = NewType("TechnicianId", UUID)
EndpointId = NewType("EndpointId", UUID)
RequestId = NewType("RequestId", UUID)
ConnectionId = NewType("ConnectionId", UUID)
LinkId = NewType("LinkId", UUID)
InboundKeyId = NewType("InboundKeyId", UUID)
RuleId = NewType("RuleId", UUID)


def new_id() -> UUID:
    """A fresh random id (122 bits)."""
    return uuid4()


def new_reference() -> str:
    """A ticket reference: `SL-` and 80 random bits in base32, safe to type and to search for.

    It must be unguessable, because a ticket that carries it is taken for ours
    (HaloPSA fact 8: no idempotency key).
    """
    return "SL-" + base64.b32encode(secrets.token_bytes(10)).decode("ascii")


def parse_uuid(text: str) -> UUID | None:
    """The UUID that `text` spells in its canonical form, or None for anything else."""
    try:
        value = UUID(text)
    except ValueError:
        return None
    return value if str(value) == text.lower() else None


def parse_uuids(texts: Iterable[str]) -> list[UUID]:
    """The UUIDs among `texts`, each once."""
    return [found for text in set(texts) if (found := parse_uuid(text))]
