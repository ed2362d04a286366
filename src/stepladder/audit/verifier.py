"""Verifying an export: needs the file and public keys, no database and nothing of the installation.

Every line is recomputed from the event's own bytes and must come out the same, byte for byte. A file that was cut
still holds together, so the signed head at its end is what it is measured by.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from stepladder_protocol import keys

from . import heads
from .chain import GENESIS, START, ChainBroken, Head, link_of
from .export import EVENT_STARTS, FORMAT, as_line, ending
from .heads import Marks, SignedHead

_LONGEST_LINE = 4 * 1024 * 1024
_HEAD_STARTS = b'{"head":'
_EVENT_FIELDS = {"msp_id", "at", "tag", "actor_kind", "actor_id", "subject", "facts"}


@dataclass(frozen=True)
class Verified:
    """A file that holds. With `keys_from_file` it only agrees with itself: its writer chose the keys, too."""

    msp_id: UUID
    events: int
    head: SignedHead
    keys_from_file: bool
    heads_compared: int


@dataclass(frozen=True)
class _Header:
    msp_id: UUID
    public_keys: dict[str, Ed25519PublicKey]


def verify_file(
    path: Path, public_keys: Mapping[str, str] | None = None, *, known: Iterable[SignedHead] = ()
) -> Verified:
    """`verify` for a file on disk."""
    with path.open("rb") as file:
        return verify(_lines(file), public_keys, known=known)


def verify(
    lines: Iterable[bytes], public_keys: Mapping[str, str] | None = None, *, known: Iterable[SignedHead] = ()
) -> Verified:
    """Follow an export from its first line to its signed head. Raises ChainBroken at the first bad place.

    Place 0 is the header; the head's place is behind the last event. `public_keys` are the MSP's audit keys by
    their id, encoded; without them the file's own are used and the answer says so. `known` heads, as the operating
    log keeps them, must lie on the chain: they show a chain that was rewritten.
    """
    rest = iter(lines)
    header = _header(next(rest, b""))
    trusted = header.public_keys if public_keys is None else _loaded(public_keys)
    marks = Marks(known, header.msp_id, trusted)
    head = START
    for line in rest:
        if line.startswith(_HEAD_STARTS):
            signed = _closing_head(line, head, header, trusted)
            _nothing_behind(rest, head)
            marks.need_reached(head)
            return Verified(header.msp_id, head.sequence, signed, public_keys is None, marks.heads)
        head = _followed(line, head, header)
        marks.compare(head.sequence, head.link)
    raise ChainBroken(head.sequence + 1, "the file ends here without its signed head; the rest was cut off")


def _lines(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(_LONGEST_LINE):
        yield line


def _header(line: bytes) -> _Header:
    values = _parsed(line)
    try:
        if values["format"] != FORMAT or as_line(values) != line:
            raise ChainBroken(0, f"the first line is not the header of {FORMAT}")
        public_keys = _loaded(values["public_keys"])
        if any(keys.key_id(key) != kid for kid, key in public_keys.items()):
            raise ChainBroken(0, "a key in the header is not the one that its id names")
        return _Header(UUID(values["msp_id"]), public_keys)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ChainBroken(0, f"the first line is not the header of {FORMAT}") from error


def _loaded(public_keys: Mapping[str, str]) -> dict[str, Ed25519PublicKey]:
    return {kid: keys.load_public_key(text) for kid, text in public_keys.items()}


def _followed(line: bytes, head: Head, header: _Header) -> Head:
    """The head after one event's line, recomputed from the event's bytes alone."""
    sequence = head.sequence + 1
    event = line[len(EVENT_STARTS) : len(line) - len(ending(GENESIS, GENESIS, sequence))]
    leaf = hashlib.sha256(b"\x00" + event).digest()
    link = link_of(head.link, leaf)
    if line != EVENT_STARTS + event + ending(leaf, link, sequence):
        raise ChainBroken(sequence, _what_is_wrong(line, sequence))
    values = _parsed(event)
    if not isinstance(values, dict) or values.keys() != _EVENT_FIELDS:
        raise ChainBroken(sequence, "it is not an event")
    if values["msp_id"] != str(header.msp_id):
        # The event is as it was hashed, so it is the header that was changed.
        raise ChainBroken(0, "the header names another MSP than the events")
    return Head(sequence, link)


def _what_is_wrong(line: bytes, sequence: int) -> str:
    """Why a line is not the one that belongs here, as well as it can be told."""
    values = _parsed(line)
    if not isinstance(values, dict) or not isinstance(values.get("event"), dict):
        return "its line is malformed"
    if values.get("sequence") != sequence:
        return f"missing; {str(values.get('sequence'))[:20]} comes next"
    return "it was altered, or does not follow the one before"


def _closing_head(
    line: bytes, head: Head, header: _Header, trusted: Mapping[str, Ed25519PublicKey]
) -> SignedHead:
    place = head.sequence + 1
    try:
        signed = heads.imported(_parsed(line))
        is_canonical = as_line(signed.exported()) == line
    except ValueError as error:
        raise ChainBroken(place, "the head's line is malformed") from error
    if not is_canonical:
        raise ChainBroken(place, "the head's line is malformed")
    if signed.kid not in trusted:
        raise ChainBroken(place, "the head is signed with a key that is not known")
    if not signed.is_signed_by(trusted[signed.kid]):
        raise ChainBroken(place, "the head's signature does not hold")
    if signed.msp_id != header.msp_id:
        raise ChainBroken(0, "the head is another MSP's")
    if signed.sequence > head.sequence:
        raise ChainBroken(place, f"missing; the signed head says there are {signed.sequence} events")
    if signed.sequence < head.sequence:
        raise ChainBroken(signed.sequence + 1, "it came after the head was signed")
    if signed.link != head.link:
        raise ChainBroken(head.sequence, "the signed head has another link; the chain was written again")
    return signed


def _nothing_behind(rest: Iterator[bytes], head: Head) -> None:
    if next(rest, None) is not None:
        raise ChainBroken(head.sequence + 1, "something follows the signed head")


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None
