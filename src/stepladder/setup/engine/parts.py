"""The words of set-up: parts, how they stand, what we remember of them, and the report. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from stepladder.remedies import Remedy

Row = dict[str, Any]
Ids = Mapping[str, str]
"""The remote id of each part that is there, by the part's key."""


class State(StrEnum):
    """How a part stands, in the words that are printed."""

    EXISTS = "exists"
    WOULD_MAKE = "would be made"
    MADE = "made"
    DIFFERS = "differs"
    DOUBLED = "more than one"
    BY_HAND = "by hand"
    NOT_POSSIBLE = "not possible here"
    WOULD_REMOVE = "would be removed"
    REMOVED = "removed"
    LEFT = "left"
    GONE = "gone already"


@dataclass(frozen=True)
class KeyRights:
    """What an inbound key may do, in the words of its use cases."""

    actions: tuple[str, ...]
    modes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One thing to be there. `needs` are the keys of the parts that it depends on."""

    key: str
    kind: str
    name: str
    needs: tuple[str, ...] = ()
    key_rights: KeyRights | None = None
    """What the inbound key may do that it holds, which is made with it and revoked with it."""

    def item(self, state: State, detail: str = "", **more: Any) -> Item:
        """A line about this part."""
        return Item(self.key, self.kind, self.name, state, detail, key_rights=self.key_rights, **more)


@dataclass(frozen=True)
class Item:
    """One line of a plan or of its result."""

    key: str
    kind: str
    name: str
    state: State
    detail: str = ""
    remote_id: str | None = None
    clicks: tuple[str, ...] = ()
    is_missing: bool = False
    """Looked for and not there, whether or not it can be made."""
    is_ours: bool = False
    """There, and made by us."""
    key_rights: KeyRights | None = None
    """What its key may do; who makes it by hand makes the key first."""
    remedy: Remedy | None = None


@dataclass(frozen=True)
class Report:
    """A plan, or what became of it. `stopped` says why it ended early; running it again goes on."""

    items: tuple[Item, ...]
    notes: tuple[str, ...] = ()
    stopped: str | None = None


@dataclass(frozen=True)
class Made:
    """A thing that we made, or were about to make (no `remote_id`), or only gave a key to (no `fingerprint`)."""

    key: str
    kind: str
    name: str
    remote_id: str | None
    fingerprint: bytes | None
    key_ids: list[str]

    @property
    def part(self) -> Part:
        return Part(self.key, self.kind, self.name)

    @property
    def is_ours(self) -> bool:
        return self.remote_id is not None and self.fingerprint is not None
