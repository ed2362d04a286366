"""Ids by name: ticket type, category, urgency, impact, status, outcome, asset, end user, agent. Cached, never assumed.

`Closed` is 9 only on stock systems (HaloPSA fact 19). A name that is not there is remembered for a short while, so
that a missing asset does not cost a call per ticket.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from stepladder.connectors.base import (
    Lookup,
    LookupEntry,
    LookupStore,
    NeedsAttention,
    Rejected,
    RemoteGone,
    TryLater,
)
from stepladder.connectors.ticket_system import Person
from stepladder.kit.clock import Clock

from . import matching
from .client import HaloClient
from .config import HaloConfig
from .matching import EndUser

_FOUND_FOR = timedelta(hours=24)
_MISSING_FOR = timedelta(minutes=30)
IMPACT, URGENCY = 12, 27  # lookupid, HaloPSA fact 23
CONFIGURED_KINDS = ("ticket_type", "category", "urgency", "impact", "team", "status", "outcome")
_NOTES = ("Internal Note", "Private Note", "Note")
_USUAL_OUTCOMES = ("Resolved", "Close", "Closed", *_NOTES)


class Lookups:
    """Finds ids by name, through a store that outlives the process."""

    def __init__(self, client: HaloClient, config: HaloConfig, store: LookupStore, clock: Clock) -> None:
        self._client, self._config, self._store, self._clock = client, config, store, clock
        self._known: dict[Lookup, LookupEntry | None] = {}
        """What the store said, for as long as this object lives: one run of a drain."""

    async def recall_for_ticket(self, device: str, email: str | None, client_id: str) -> None:
        """Ask the store once for everything that a new ticket needs."""
        config = self._config
        named = (
            ("ticket_type", config.ticket_type),
            ("category", config.category),
            ("urgency", config.urgency),
            ("impact", config.impact),
            ("team", config.team),
        )
        wanted = [Lookup(kind, name) for kind, name in named if name.strip()]
        if device.strip():
            wanted.append(_asset_lookup(device, client_id))
        if email and email.strip():
            wanted.append(_user_lookup(email, client_id))
        await self._recall(wanted)

    def _of_closing(self) -> list[Lookup]:
        """What closing a ticket needs beside the person."""
        _, outcomes = self._wanted_outcomes()
        return [Lookup("outcome", outcomes), Lookup("status", self._config.closed_status)]

    async def _recall(self, wanted: list[Lookup]) -> None:
        missing = [lookup for lookup in wanted if lookup not in self._known]
        if missing:
            found = await self._store.get(missing)
            self._known |= {lookup: found.get(lookup) for lookup in missing}

    async def ticket_type(self) -> int:
        """Raises NeedsAttention."""
        return await self._needed("ticket_type", self._config.ticket_type, "TicketType", "tickettypes")

    async def closed_status(self) -> int:
        """Raises NeedsAttention."""
        return await self._needed("status", self._config.closed_status, "Status", "statuses", type="ticket")

    async def category(self) -> str | None:
        """The category's value if there is such a category. Tickets go without it otherwise."""
        name, fields = self._config.category, ("value", "category_name")
        found = await self._optional("category", name, "Category", "categories", fields, type_id=1)
        return name if found else None

    async def urgency(self) -> int | None:
        """The urgency's value, or None: tickets go without it then."""
        return await self._optional(
            "urgency", self._config.urgency, "Lookup", "lookup", ("name",), lookupid=URGENCY
        )

    async def impact(self) -> int | None:
        """The impact's value, or None: tickets go without it then."""
        return await self._optional(
            "impact", self._config.impact, "Lookup", "lookup", ("name",), lookupid=IMPACT
        )

    async def team(self) -> str | None:
        """The team's name as HaloPSA writes it, or None: HaloPSA chooses the team then."""
        return await self._optional_text("team", self._config.team, "Team", "teams", ("name",), keep="name")

    async def outcomes(self) -> list[int]:
        """The outcomes for the closing action, best first. Raises NeedsAttention where there is none."""
        wanted, _ = self._wanted_outcomes()
        return await self._outcomes(wanted)

    async def note_outcomes(self, *, closes: bool) -> list[int]:
        """The outcomes for what is a note and nothing else, best first. Raises NeedsAttention.

        For the note that `closes` a matter a chosen outcome is the only one.
        """
        wanted, _ = self._wanted_outcomes()
        if closes and self._config.closing_outcome:
            return await self._outcomes(wanted)
        return await self._outcomes((*_NOTES, *(name for name in wanted if name not in _NOTES)))

    async def _outcomes(self, wanted: tuple[str, ...]) -> list[int]:
        key = " | ".join(wanted)
        remembered = await self._remembered(Lookup("outcome", key))
        if remembered is _UNKNOWN:
            rows = _filled(await self._client.list_all("Outcome", "outcomes"), "outcome")
            hits = (matching.pick_named(rows, ("outcome", "name"), name) for name in wanted)
            ids = [matching.whole(matching.get(row, "id")) for row in hits if row]
            remembered = " ".join(str(each) for each in ids if each)
            if not remembered:
                raise _missing("outcome", key)
            await self._remember(Lookup("outcome", key), remembered)
        return [int(each) for each in str(remembered).split()]

    async def prefer_outcome(self, outcome_id: int) -> None:
        """Take this one first from now on: the agent may use it, and may not use the one before."""
        others = [each for each in await self.outcomes() if each != outcome_id]
        _, key = self._wanted_outcomes()
        await self._remember(Lookup("outcome", key), " ".join(str(each) for each in (outcome_id, *others)))

    def _wanted_outcomes(self) -> tuple[tuple[str, ...], str]:
        wanted = (self._config.closing_outcome,) if self._config.closing_outcome else _USUAL_OUTCOMES
        return wanted, " | ".join(wanted)

    async def has_custom_fields(self, names: tuple[str, ...]) -> bool:
        """Whether there are ticket fields of these names."""
        rows = await self._client.list_all("FieldInfo", "fields")
        return all(matching.pick_named(rows, ("name",), name) for name in names)

    async def field_ids(self, names: tuple[str, ...]) -> list[int]:
        """The ids of those ticket fields that there are and that may be seen."""
        key = " | ".join(names)
        remembered = await self._remembered(Lookup("field", key))
        if remembered is _UNKNOWN:
            try:
                rows = await self._client.list_all("FieldInfo", "fields")
            except (NeedsAttention, Rejected) as error:
                _raise_unless_refused(error)
                rows = []
            hits = (matching.pick_named(rows, ("name",), name) for name in names)
            ids = [matching.whole(matching.get(row, "id")) for row in hits if row]
            remembered = await self._remember(
                Lookup("field", key), " ".join(str(each) for each in ids if each) or None
            )
        return [int(each) for each in str(remembered or "").split()]

    async def asset(self, name: str, client_id: str) -> int | None:
        """The customer's asset of exactly this device name, or None. Without the right to look: None."""
        if not name.strip():
            return None
        key = _asset_lookup(name, client_id)
        remembered = await self._remembered(key)
        if remembered is not _UNKNOWN:
            return matching.whole(remembered)
        try:
            rows = await self._client.list_all("Asset", "assets", search=name, client_id=client_id)
        except (NeedsAttention, Rejected) as error:
            # A ticket without its asset is better than none; the check-up says what is missing.
            _raise_unless_refused(error)
            rows = []
        row = matching.pick_asset(rows, name, client_id)
        return matching.whole(await self._remember(key, matching.text(row, "id") if row else None))

    async def end_user(self, email: str | None, client_id: str) -> EndUser | None:
        """The customer's user with exactly this e-mail, or None. Without the right to look: None."""
        if not email or not email.strip():
            return None
        key = _user_lookup(email, client_id)
        remembered = await self._remembered(key)
        if remembered is not _UNKNOWN:
            return _end_user(remembered)
        try:
            rows = await self._client.list_all("Users", "users", search=email.strip(), client_id=client_id)
        except (NeedsAttention, Rejected) as error:
            # A ticket of nobody in particular is better than none; the check-up says what is missing.
            _raise_unless_refused(error)
            rows = []
        found = matching.pick_end_user(rows, email, client_id)
        packed = json.dumps([found.id, found.site_id]) if found else None
        return _end_user(await self._remember(key, packed))

    async def forget_end_user(self, email: str | None, client_id: str) -> None:
        """Go without this user for a while: HaloPSA did not take a ticket for them."""
        await self._remember(_user_lookup(email or "", client_id), None)

    async def person(self, email: str) -> Person | None:
        """The assignable agent with exactly this e-mail, or None."""
        wanted = email.strip().casefold()
        if not wanted:
            return None
        # The person is looked for to be assigned while a ticket is closed: one question for all of that.
        await self._recall([Lookup("agent", wanted), *self._of_closing()])
        remembered = await self._remembered(Lookup("agent", wanted))
        if remembered is not _UNKNOWN:
            return _person(remembered)
        rows = await self._client.list_all("Agent", "agents", search=wanted, includeenabled=True)
        row = matching.pick_assignable_agent(rows, wanted)
        return _person(await self._remember(Lookup("agent", wanted), _packed(row) if row else None))

    async def find_person_by_id(self, remote_id: str) -> Person | None:
        """The agent with this id, or None; None also for what is no person: nobody, and API-only agents."""
        remembered = await self._remembered(Lookup("agent_id", remote_id))
        if remembered is not _UNKNOWN:
            return _person(remembered)
        try:
            row = await self._client.get(f"Agent/{int(remote_id)}")
        except RemoteGone:
            row = None
        except (NeedsAttention, Rejected) as error:
            # Reading agents may be refused; the ticket then closes without an assignment.
            _raise_unless_refused(error)
            row = None
        is_it = isinstance(row, dict) and matching.whole(matching.get(row, "id")) == int(remote_id)
        found = row if is_it and matching.is_person(row) else None
        return _person(await self._remember(Lookup("agent_id", remote_id), _packed(found) if found else None))

    async def forget_configured(self) -> None:
        """Look the configured names up again: HaloPSA just refused something that used their ids."""
        await self._store.forget(CONFIGURED_KINDS)
        self._known = {
            each: entry for each, entry in self._known.items() if each.kind not in CONFIGURED_KINDS
        }

    async def _needed(self, kind: str, name: str, path: str, wrapper: str, **params: Any) -> int:
        """The id of a thing without which nothing works. That it is missing is not remembered: it is being mended."""
        known = matching.whole(await self._remembered(Lookup(kind, name)))
        if known:
            return known
        rows = _filled(await self._client.list_all(path, wrapper, **params), kind)
        row = matching.pick_named(rows, ("name",), name)
        number = matching.whole(matching.get(row, "id")) if row else None
        if number is None:
            raise _missing(kind, name)
        await self._remember(Lookup(kind, name), str(number))
        return number

    async def _optional(
        self, kind: str, name: str, path: str, wrapper: str, fields: tuple[str, ...], **params: Any
    ) -> int | None:
        """The id of a thing that tickets can go without: not set, not there, or not to be seen."""
        found = await self._optional_text(kind, name, path, wrapper, fields, keep="id", **params)
        return matching.whole(found)

    async def _optional_text(
        self,
        kind: str,
        name: str,
        path: str,
        wrapper: str,
        fields: tuple[str, ...],
        *,
        keep: str,
        **params: Any,
    ) -> str | None:
        """The same, but the value of the thing's field `keep`."""
        if not name.strip():
            return None
        remembered: str | None = await self._remembered(Lookup(kind, name))
        if remembered is _UNKNOWN:
            try:
                rows = await self._client.list_all(path, wrapper, **params)
            except (NeedsAttention, Rejected) as error:
                _raise_unless_refused(error)
                rows = []
            row = matching.pick_named(rows, fields, name)
            remembered = await self._remember(Lookup(kind, name), matching.text(row, keep) if row else None)
        return remembered

    async def _remembered(self, lookup: Lookup) -> Any:
        await self._recall([lookup])
        entry = self._known[lookup]
        if entry is None:
            return _UNKNOWN
        age = self._clock.now() - entry.fetched_at
        return entry.remote_id if age < (_FOUND_FOR if entry.remote_id else _MISSING_FOR) else _UNKNOWN

    async def _remember(self, lookup: Lookup, remote_id: str | None) -> str | None:
        await self._store.put(lookup, remote_id)
        self._known[lookup] = LookupEntry(remote_id, self._clock.now())
        return remote_id


_UNKNOWN: Any = object()


def _filled(rows: list[matching.Row], kind: str) -> list[matching.Row]:
    """A list that cannot be empty. Remembering that nothing was on it would stop everything for half an hour."""
    if not rows:
        raise TryLater(
            f"HaloPSA shows an empty list instead of a {kind.replace('_', ' ')}. If this continues, the "
            "application's agent is not allowed to see them.",
            code="halopsa_empty_list",
        )
    return rows


def _missing(kind: str, name: str) -> NeedsAttention:
    return NeedsAttention(
        f"HaloPSA has no {kind.replace('_', ' ')} called {name!r}, or more than one. Create it there, or set "
        "another name for the connector.",
        code=f"halopsa_no_{kind}",
        whole_instance=True,
    )


def _raise_unless_refused(error: NeedsAttention | Rejected) -> None:
    """Pass over a refusal of this one look-up; what stops every call is not passed over."""
    if isinstance(error, NeedsAttention) and error.code != "halopsa_forbidden":
        raise error


def _user_lookup(email: str, client_id: str) -> Lookup:
    return Lookup("user", email.strip().casefold(), client_id)


def _asset_lookup(device: str, client_id: str) -> Lookup:
    return Lookup("asset", device.casefold(), client_id)


def _end_user(packed: str | None) -> EndUser | None:
    return EndUser(*json.loads(packed)) if packed else None


def _packed(row: matching.Row) -> str:
    number = matching.whole(matching.get(row, "id"))
    return json.dumps([str(number), matching.text(row, "name"), matching.text(row, "email")])


def _person(packed: str | None) -> Person | None:
    if not packed:
        return None
    remote_id, name, email = json.loads(packed)
    return Person(remote_id, name, email or None)
