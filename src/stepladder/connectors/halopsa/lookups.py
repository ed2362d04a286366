"""Ids by name: ticket type, category, urgency, impact, status, outcome, asset, agent. Cached, never assumed.

`Closed` is 9 only on stock systems (API.md 4.2). A name that is not there is remembered for a short while, so
that a missing asset does not cost a call per ticket.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from stepladder.connectors.base import LookupStore, NeedsAttention, Person, Rejected, RemoteGone
from stepladder.kit.clock import Clock

from . import matching
from .client import HaloClient, rows_in
from .config import HaloConfig

_FOUND_FOR = timedelta(hours=24)
_MISSING_FOR = timedelta(minutes=30)
IMPACT, URGENCY = 12, 27  # lookupid, API.md section 5
CONFIGURED_KINDS = ("ticket_type", "category", "urgency", "impact", "status", "outcome")
_USUAL_OUTCOMES = ("Resolved", "Close", "Closed", "Internal Note", "Private Note", "Note")


class Lookups:
    """Finds ids by name, through a store that outlives the process."""

    def __init__(self, client: HaloClient, config: HaloConfig, store: LookupStore, clock: Clock) -> None:
        self._client, self._config, self._store, self._clock = client, config, store, clock

    async def ticket_type(self) -> int:
        """Raises NeedsAttention."""
        found = await self._named(
            "ticket_type", self._config.ticket_type, "TicketType", "tickettypes", "name"
        )
        return _needed(found, "ticket type", self._config.ticket_type)

    async def closed_status(self) -> int:
        """Raises NeedsAttention."""
        found = await self._named(
            "status", self._config.closed_status, "Status", "statuses", "name", type="ticket"
        )
        return _needed(found, "status", self._config.closed_status)

    async def category(self) -> str | None:
        """The category's value if there is such a category. Tickets go without it otherwise."""
        found = await self._named(
            "category", self._config.category, "Category", "categories", "value", "category_name", type_id=1
        )
        return self._config.category if found else None

    async def urgency(self) -> int | None:
        """The urgency's value, or None: tickets go without it then."""
        return await self._lookup_value("urgency", self._config.urgency, URGENCY)

    async def impact(self) -> int | None:
        """The impact's value, or None: tickets go without it then."""
        return await self._lookup_value("impact", self._config.impact, IMPACT)

    async def outcome(self) -> int:
        """The outcome for the closing action. Raises NeedsAttention."""
        wanted = (self._config.closing_outcome,) if self._config.closing_outcome else _USUAL_OUTCOMES
        key = " | ".join(wanted)
        remembered = await self._remembered("outcome", key)
        if remembered is not _UNKNOWN:
            return _needed(remembered, "outcome", key)
        rows = await self._client.list_all("Outcome", "outcomes")
        hits = (matching.one_named(rows, ("outcome", "name"), name) for name in wanted)
        row = next((hit for hit in hits if hit), None)
        found = await self._remember("outcome", key, matching.text(row, "id") if row else None)
        return _needed(found, "outcome", key)

    async def asset(self, name: str, client_id: str) -> int | None:
        """The customer's asset of exactly this device name, or None. Without the right to look: None."""
        key = f"{client_id}/{name.casefold()}"
        remembered = await self._remembered("asset", key)
        if remembered is not _UNKNOWN:
            return _whole_or_none(remembered)
        try:
            rows = await self._client.list_all("Asset", "assets", search=name, client_id=client_id)
        except (NeedsAttention, Rejected, RemoteGone):
            # A ticket without its asset is better than none; the check-up says what is missing.
            rows = []
        row = matching.asset(rows, name, client_id)
        return _whole_or_none(await self._remember("asset", key, matching.text(row, "id") if row else None))

    async def person(self, email: str) -> Person | None:
        """The assignable agent with exactly this e-mail, or None."""
        remembered = await self._remembered("agent", email.casefold())
        if remembered is not _UNKNOWN:
            return _person(remembered)
        answer = await self._client.get("Agent", search=email, includeenabled=True)
        row = matching.assignable_agent(rows_in(answer, "agents"), email)
        return _person(await self._remember("agent", email.casefold(), _packed(row) if row else None))

    async def person_by_id(self, remote_id: str) -> Person | None:
        """The agent with this id, or None."""
        remembered = await self._remembered("agent_id", remote_id)
        if remembered is not _UNKNOWN:
            return _person(remembered)
        try:
            row = await self._client.get(f"Agent/{int(remote_id)}")
        except (RemoteGone, Rejected, NeedsAttention):
            # Reading agents may be refused; the ticket then closes without an assignment.
            row = None
        right = isinstance(row, dict) and matching.text(row, "id") == remote_id
        return _person(await self._remember("agent_id", remote_id, _packed(row) if right and row else None))

    async def forget_configured(self) -> None:
        """Look the configured names up again: HaloPSA just refused something that used their ids."""
        await self._store.forget(CONFIGURED_KINDS)

    async def _lookup_value(self, kind: str, name: str, lookup_id: int) -> int | None:
        return _whole_or_none(await self._named(kind, name, "Lookup", "lookup", "name", lookupid=lookup_id))

    async def _named(
        self, kind: str, name: str, path: str, wrapper: str, *fields: str, **params: Any
    ) -> str | None:
        remembered = await self._remembered(kind, name)
        if remembered is not _UNKNOWN:
            return str(remembered) if remembered else None
        rows = await self._client.list_all(path, wrapper, **params)
        row = matching.one_named(rows, fields, name)
        return await self._remember(kind, name, matching.text(row, "id") if row else None)

    async def _remembered(self, kind: str, name: str) -> Any:
        entry = await self._store.get(kind, name)
        if entry is None:
            return _UNKNOWN
        age = self._clock.now() - entry.fetched_at
        return entry.remote_id if age < (_FOUND_FOR if entry.remote_id else _MISSING_FOR) else _UNKNOWN

    async def _remember(self, kind: str, name: str, remote_id: str | None) -> str | None:
        await self._store.put(kind, name, remote_id)
        return remote_id


_UNKNOWN: Any = object()


def _needed(found: str | None, what: str, name: str) -> int:
    number = _whole_or_none(found)
    if number is None:
        raise NeedsAttention(
            f"HaloPSA has no {what} called {name!r}. Create it there, or set another name for the connector.",
            code=f"halopsa_no_{what.replace(' ', '_')}",
            whole_instance=True,
        )
    return number


def _whole_or_none(found: str | None) -> int | None:
    return matching.whole(found)


def _packed(row: matching.Row) -> str:
    return json.dumps([matching.text(row, name) for name in ("id", "name", "email")])


def _person(packed: str | None) -> Person | None:
    if not packed:
        return None
    remote_id, name, email = json.loads(packed)
    return Person(remote_id, name, email or None)
