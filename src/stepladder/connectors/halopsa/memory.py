"""What was looked up in HaloPSA, remembered for as long as it may be believed.

Everything that is remembered may be gone, moved, retired, renamed or new by now. So assets are believed for minutes,
because HaloPSA takes one of another customer without a word; people for hours and the names of settings for a day,
because a write with a wrong one of them is refused; that something is not there for a minute. A refused write forgets
what it was built on, and what a person tries by hand looks anew.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from stepladder.connectors.base import Lookup, LookupEntry, LookupStore
from stepladder.kit.clock import Clock

_LIVES = {"assets": timedelta(minutes=30), "asset": timedelta(minutes=10)} | dict.fromkeys(
    ("user", "agent", "agent_id", "field"), timedelta(hours=3)
)
_SETTINGS_FOR = timedelta(hours=24)
_MISSING_FOR = timedelta(minutes=1)
UNKNOWN: Any = object()


class Memory:
    """A store that outlives the process, and what it said, for as long as this object lives: one run of a drain."""

    def __init__(self, store: LookupStore, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._known: dict[Lookup, LookupEntry | None] = {}
        self.was_used = False
        """Whether something was believed since this was last set to False, rather than looked up."""

    async def recall(self, wanted: list[Lookup]) -> None:
        """Ask the store once for all of these."""
        missing = [lookup for lookup in wanted if lookup not in self._known]
        if missing:
            found = await self._store.get(missing)
            self._known |= {lookup: found.get(lookup) for lookup in missing}

    async def get(self, lookup: Lookup) -> Any:
        """What was found, None where nothing was, UNKNOWN where it is to be looked up."""
        await self.recall([lookup])
        entry = self._known[lookup]
        if entry is None:
            return UNKNOWN
        if self._clock.now() - entry.fetched_at >= _life_of(lookup, entry):
            return UNKNOWN
        self.was_used = True
        return entry.remote_id

    async def keep(self, lookup: Lookup, remote_id: str | None) -> str | None:
        """Remember it from now on; returns it."""
        await self._store.put(lookup, remote_id)
        self._known[lookup] = LookupEntry(remote_id, self._clock.now())
        return remote_id

    async def forget(self, kinds: tuple[str, ...] | None = None) -> None:
        """Look these kinds up anew, or everything."""
        await self._store.forget(kinds)
        self._known = {
            lookup: entry for lookup, entry in self._known.items() if kinds and lookup.kind not in kinds
        }


def _life_of(lookup: Lookup, entry: LookupEntry) -> timedelta:
    return _MISSING_FOR if entry.remote_id is None else _LIVES.get(lookup.kind, _SETTINGS_FOR)
