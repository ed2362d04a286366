"""Which remote customer is which of ours. Pure.

Case-insensitive equality, display name first, then name; only active ones; two hits are ambiguous, never
"the first" (the seed document, "Customers mapping"; API.md section 5).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from stepladder.connectors.base import RemoteCustomer


class MappingState(StrEnum):
    """How it stands with a customer's mapping."""

    MAPPED = "mapped"
    UNMAPPED = "unmapped"
    AMBIGUOUS = "ambiguous"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class Found:
    """The outcome for one customer; `remote` only where it is mapped."""

    state: MappingState
    how: str | None = None
    remote: RemoteCustomer | None = None
    detail: str | None = None


class RemoteNames:
    """Remote customers by their name without regard to case; built once for many look-ups."""

    def __init__(self, remotes: Iterable[RemoteCustomer]) -> None:
        self._by_name: dict[str, list[RemoteCustomer]] = {}
        for remote in remotes:
            self._by_name.setdefault(_key(remote.name), []).append(remote)

    def called(self, name: str) -> list[RemoteCustomer]:
        return self._by_name.get(_key(name), [])


def find(display_name: str, name: str, names: RemoteNames, taken: Mapping[str, str] | None = None) -> Found:
    """The mapping of one customer. `taken` names which remote ids belong to which of our customers already."""
    inactive: Collection[RemoteCustomer] = []
    for how, wanted in (("display_name", display_name), ("name", name)):
        hits = names.called(wanted)
        active = [remote for remote in hits if remote.is_active]
        if len(active) > 1:
            return Found(
                MappingState.AMBIGUOUS, detail=f"{len(active)} active customers are called {wanted!r}."
            )
        if active:
            owner = (taken or {}).get(active[0].id)
            if owner:
                return Found(MappingState.AMBIGUOUS, detail=f"{wanted!r} is linked to {owner!r} already.")
            return Found(MappingState.MAPPED, how, active[0])
        inactive = inactive or hits
    if inactive:
        return Found(MappingState.INACTIVE, detail="The only customer of that name is inactive in HaloPSA.")
    return Found(MappingState.UNMAPPED, detail=f"No customer is called {display_name!r} or {name!r}.")


def _key(name: str) -> str:
    return name.strip().casefold()
