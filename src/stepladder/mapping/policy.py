"""Which remote customer one of ours is. Pure.

The Entra directory comes first, because it is the same on both sides under any name; then
equality of names as they are folded, display name first, then name (docs/connectors/halopsa.md, "Customers"). Only
active ones count, two hits are ambiguous, never "the first", and a name does not overrule a directory.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.kit.folding import fold
from stepladder.remedies import Remedy

_TOLD = 5


class MappingState(StrEnum):
    """How it stands with a customer's mapping."""

    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    AMBIGUOUS = "ambiguous"
    INACTIVE = "inactive"
    GONE = "gone"


class How(StrEnum):
    """How we know. Of an unmapped customer, `manual` means that a person wants it so."""

    DIRECTORY_ID = "directory_id"
    DISPLAY_NAME = "display_name"
    NAME = "name"
    MANUAL = "manual"


def find_remedy(state: str, how: str | None) -> Remedy | None:
    """What a person can do about a customer that a person unlinked."""
    is_held = state == MappingState.UNMAPPED and how == How.MANUAL
    return Remedy.CUSTOMER_MAP_AGAIN if is_held else None


@dataclass(frozen=True)
class Named:
    """What a customer of ours is found by. `directory_id` is a GUID in lower case."""

    display_name: str
    name: str
    directory_id: str | None = None


@dataclass(frozen=True)
class Found:
    """How it stands with one customer; `remote` only where it is linked, or was to one that is gone."""

    state: MappingState
    how: How | None = None
    remote: RemoteCustomer | None = None
    detail: str | None = None

    @property
    def is_linked(self) -> bool:
        return self.state is MappingState.MAPPED

    @property
    def remote_id(self) -> str | None:
        return self.remote.id if self.remote else None

    @property
    def remote_name(self) -> str | None:
        return self.remote.name if self.remote else None


class Remotes:
    """Remote customers by id, by name as it is folded, by directory; built once for many look-ups."""

    def __init__(self, remotes: Iterable[RemoteCustomer]) -> None:
        self.by_id: dict[str, RemoteCustomer] = {}
        self._by_name: dict[str, list[RemoteCustomer]] = {}
        self._by_directory: dict[str, list[RemoteCustomer]] = {}
        self._by_skeleton: dict[str, list[RemoteCustomer]] | None = None
        for remote in remotes:
            self.by_id[remote.id] = remote
            self._by_name.setdefault(fold(remote.name), []).append(remote)
            for directory_id in set(remote.directory_ids):
                self._by_directory.setdefault(directory_id, []).append(remote)

    def called(self, name: str) -> list[RemoteCustomer]:
        return self._by_name.get(fold(name), [])

    def resembling(self, name: str) -> list[RemoteCustomer]:
        """Active ones whose names only look like this one."""
        if self._by_skeleton is None:
            self._by_skeleton = {}
            for remote in self.by_id.values():
                self._by_skeleton.setdefault(_skeleton(remote.name), []).append(remote)
        return resembling(name, self._by_skeleton.get(_skeleton(name), []))

    def in_directory(self, directory_id: str | None) -> list[RemoteCustomer]:
        return self._by_directory.get(directory_id, []) if directory_id else []


def find(ours: Named, remotes: Remotes, taken: Mapping[str, str] | None = None) -> Found:
    """The mapping of one customer. `taken` names which remote ids belong to which of our customers already."""
    return _by_directory(ours, remotes, taken or {}) or _by_name(ours, remotes, taken or {})


def oddity(ours: Named, remote: RemoteCustomer) -> str | None:
    """What people should know of a link that stands all the same."""
    if not remote.is_active:
        return "The customer is inactive in HaloPSA."
    return f"{_other_directory(ours, remote)} The link stays." if _contradicts(ours, remote) else None


def is_same_instance(linked: Mapping[str, str], remotes: Iterable[RemoteCustomer]) -> bool:
    """Whether the instance with these remote customers is the one in which `linked` were linked.

    `linked` are the remote names of linked customers by remote id. Every one of them must be there under that id and
    name: customer 1 of another HaloPSA is another company.
    """
    names = {remote.id: fold(remote.name) for remote in remotes}
    return all(names.get(remote_id) == fold(name) for remote_id, name in linked.items())


def _by_directory(ours: Named, remotes: Remotes, taken: Mapping[str, str]) -> Found | None:
    """By the Entra directory; None where no remote customer has it."""
    hits = remotes.in_directory(ours.directory_id)
    active = [remote for remote in hits if remote.is_active]
    directory = f"the directory {ours.directory_id}"
    if len(active) > 1:
        return Found(MappingState.AMBIGUOUS, detail=f"{len(active)} active customers have {directory}.")
    if active:
        return _unless_taken(How.DIRECTORY_ID, active[0], active[0].name, taken)
    if hits:
        # Another one of the same name would be a guess against what both sides say.
        return Found(
            MappingState.INACTIVE, detail=f"The only customer with {directory} is inactive in HaloPSA."
        )
    return None


def _by_name(ours: Named, remotes: Remotes, taken: Mapping[str, str]) -> Found:
    inactive: Collection[RemoteCustomer] = []
    for how, wanted in ((How.DISPLAY_NAME, ours.display_name), (How.NAME, ours.name)):
        hits = remotes.called(wanted)
        active = [remote for remote in hits if remote.is_active]
        if len(active) > 1:
            return Found(
                MappingState.AMBIGUOUS,
                detail=f"{len(active)} active customers are called {wanted!r}: {told(active)}. Link it by hand.",
            )
        if active and _contradicts(ours, active[0]):
            detail = f"{_other_directory(ours, active[0])} Link it by hand if it is the same customer."
            return Found(MappingState.AMBIGUOUS, detail=detail)
        if active:
            return _unless_taken(how, active[0], wanted, taken)
        inactive = inactive or hits
    if inactive:
        return Found(MappingState.INACTIVE, detail="The only customer of that name is inactive in HaloPSA.")
    alike = remotes.resembling(ours.display_name) or remotes.resembling(ours.name)
    hint = f" {told(alike)}: that only looks the same. Link it by hand if it is meant." if alike else ""
    return Found(
        MappingState.UNMAPPED, detail=f"No customer is called {ours.display_name!r} or {ours.name!r}.{hint}"
    )


def resembling(name: str, remotes: Iterable[RemoteCustomer]) -> list[RemoteCustomer]:
    """Active ones whose names look like this one to a person, and are not: by marks, dashes, what does not print."""
    wanted, folded = _skeleton(name), fold(name)
    return [
        remote
        for remote in remotes
        if remote.is_active and wanted and _skeleton(remote.name) == wanted and fold(remote.name) != folded
    ]


def told(remotes: Iterable[RemoteCustomer]) -> str:
    """Remote customers by id, with their names as they are to the letter."""
    in_order = sorted(remotes, key=lambda remote: (len(remote.id), remote.id))
    shown = ", ".join(f"{remote.id} is {remote.name!r}" for remote in in_order[:_TOLD])
    return f"{shown} and {len(in_order) - _TOLD} more" if len(in_order) > _TOLD else shown


def _skeleton(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", fold(name)) if c.isalnum())


def _unless_taken(how: How, remote: RemoteCustomer, wanted: str, taken: Mapping[str, str]) -> Found:
    owner = taken.get(remote.id)
    if owner:
        return Found(MappingState.AMBIGUOUS, detail=f"{wanted!r} is already linked to {owner!r}.")
    return Found(MappingState.MAPPED, how, remote)


def _contradicts(ours: Named, remote: RemoteCustomer) -> bool:
    has_both = ours.directory_id is not None and bool(remote.directory_ids)
    return has_both and ours.directory_id not in remote.directory_ids


def _other_directory(ours: Named, remote: RemoteCustomer) -> str:
    theirs = ", ".join(remote.directory_ids)
    return f"{remote.name!r} has the directory {theirs} in HaloPSA, and ours is {ours.directory_id}."
