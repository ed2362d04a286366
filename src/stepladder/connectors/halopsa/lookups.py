"""Ids by name: ticket type, category, urgency, impact, status, outcome, asset, end user, agent. Never assumed.

`Closed` is 9 only on stock systems (HaloPSA fact 19). For how long something found is believed, `memory` says.
"""

from __future__ import annotations

import json
from typing import Any

from stepladder.connectors.base import (
    Lookup,
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
from .memory import UNKNOWN, Memory
from .parts import Part

IMPACT, URGENCY = 12, 27  # lookupid, HaloPSA fact 23
_NOTES = ("Internal Note", "Private Note", "Note")
_USUAL_OUTCOMES = ("Resolved", "Close", "Closed", *_NOTES)


class Lookups:
    """Finds ids by name, through a store that outlives the process."""

    def __init__(self, client: HaloClient, config: HaloConfig, store: LookupStore, clock: Clock) -> None:
        self._client, self._config = client, config
        self._memory = Memory(store, clock)

    async def recall_for_ticket(self, device: str, email: str | None, client_id: str) -> None:
        """Ask the store once for everything that a new ticket needs."""
        self._memory.was_used = False
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
            wanted += [_asset_lookup(device, client_id), _assets_lookup(client_id)]
        if email and email.strip():
            wanted.append(_user_lookup(email, client_id))
        await self._memory.recall([*wanted, *map(_part_lookup, Part)])

    @property
    def is_from_memory(self) -> bool:
        """Whether something of the last new ticket was remembered, and may not be true any more."""
        return self._memory.was_used

    def _of_closing(self) -> list[Lookup]:
        """What closing a ticket needs beside the person."""
        _, outcomes = self._wanted_outcomes()
        return [Lookup("outcome", outcomes), Lookup("status", self._config.closed_status)]

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
        remembered = await self._memory.get(Lookup("outcome", key))
        if remembered is UNKNOWN:
            rows = _filled(await self._client.list_all("Outcome", "outcomes"), "outcome")
            hits = (matching.pick_named(rows, ("outcome", "name"), name) for name in wanted)
            ids = [matching.whole(matching.get(row, "id")) for row in hits if row]
            remembered = " ".join(str(each) for each in ids if each)
            if not remembered:
                raise _missing("outcome", key)
            await self._memory.keep(Lookup("outcome", key), remembered)
        return [int(each) for each in str(remembered).split()]

    async def prefer_outcome(self, outcome_id: int) -> None:
        """Take this one first from now on: the agent may use it, and may not use the one before."""
        others = [each for each in await self.outcomes() if each != outcome_id]
        _, key = self._wanted_outcomes()
        await self._memory.keep(Lookup("outcome", key), " ".join(str(each) for each in (outcome_id, *others)))

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
        remembered = await self._memory.get(Lookup("field", key))
        if remembered is UNKNOWN:
            try:
                rows = await self._client.list_all("FieldInfo", "fields")
            except (NeedsAttention, Rejected) as error:
                _raise_unless_refused(error)
                rows = []
            hits = (matching.pick_named(rows, ("name",), name) for name in names)
            ids = [matching.whole(matching.get(row, "id")) for row in hits if row]
            remembered = await self._memory.keep(
                Lookup("field", key), " ".join(str(each) for each in ids if each) or None
            )
        return [int(each) for each in str(remembered or "").split()]

    async def asset(self, name: str, client_id: str) -> int | None:
        """The customer's asset of this device name, or None. Without the right to look: None."""
        if not name.strip():
            return None
        key = _asset_lookup(name, client_id)
        remembered = await self._memory.get(key)
        if remembered is not UNKNOWN:
            return matching.whole(remembered)
        row = matching.pick_asset(await self._assets(client_id), name, client_id)
        if row:
            return matching.whole(matching.get(row, "id"))
        try:
            short = matching.short_name(name)
            rows = await self._client.list_all("Asset", "assets", search=short, client_id=client_id)
        except (NeedsAttention, Rejected) as error:
            # A ticket without its asset is better than none; the check-up says what is missing.
            _raise_unless_refused(error)
            rows = []
        row = matching.pick_asset(rows, name, client_id)
        return matching.whole(await self._memory.keep(key, matching.text(row, "id") if row else None))

    async def _assets(self, client_id: str) -> list[matching.Row]:
        """The customer's assets, in one call for all its devices; none where they do not fit into one page.

        One that is not among them may be new, or one of many: it is searched for by its name.
        """
        key = _assets_lookup(client_id)
        remembered = await self._memory.get(key)
        if remembered is UNKNOWN:
            try:
                rows = await self._client.whole_page("Asset", "assets", client_id=client_id)
            except (NeedsAttention, Rejected) as error:
                _raise_unless_refused(error)
                rows = None
            packed = json.dumps([matching.cut_asset(row) for row in rows or ()])
            remembered = await self._memory.keep(key, packed)
        found: list[matching.Row] = json.loads(remembered or "[]")
        return found

    async def end_user(self, email: str | None, client_id: str) -> EndUser | None:
        """The customer's user with exactly this e-mail, or None. Without the right to look: None."""
        if not email or not email.strip():
            return None
        key = _user_lookup(email, client_id)
        remembered = await self._memory.get(key)
        if remembered is not UNKNOWN:
            return _end_user(remembered)
        try:
            rows = await self._client.list_all("Users", "users", search=email.strip(), client_id=client_id)
        except (NeedsAttention, Rejected) as error:
            # A ticket of nobody in particular is better than none; the check-up says what is missing.
            _raise_unless_refused(error)
            rows = []
        found = matching.pick_end_user(rows, email, client_id)
        packed = json.dumps([found.id, found.site_id]) if found else None
        return _end_user(await self._memory.keep(key, packed))

    async def left_out(self) -> tuple[Part, ...]:
        """The parts that HaloPSA did not take of another ticket just now."""
        return tuple([part for part in Part if await self._memory.get(_part_lookup(part)) is None])

    async def leave_out(self, part: Part, device: str, email: str | None, client_id: str) -> None:
        """Go without this for a while: HaloPSA took a ticket only without it."""
        if part is Part.ASSET:
            await self._memory.keep(_asset_lookup(device, client_id), None)
        elif part is Part.USER:
            await self._memory.keep(_user_lookup(email or "", client_id), None)
        else:
            await self._memory.keep(_part_lookup(part), None)

    async def person(self, email: str) -> Person | None:
        """The assignable agent with exactly this e-mail, or None."""
        wanted = email.strip().casefold()
        if not wanted:
            return None
        # The person is looked for to be assigned while a ticket is closed: one question for all of that.
        await self._memory.recall([Lookup("agent", wanted), *self._of_closing()])
        remembered = await self._memory.get(Lookup("agent", wanted))
        if remembered is not UNKNOWN:
            return _person(remembered)
        rows = await self.agents(search=wanted)
        if not any(matching.same(matching.text(row, "email"), wanted) for row in rows):
            # A search may look into names only, so an empty answer to it is no answer.
            rows = await self.agents()
        row = matching.pick_assignable_agent(rows, wanted)
        return _person(await self._memory.keep(Lookup("agent", wanted), _packed(row) if row else None))

    async def agents(self, search: str | None = None) -> list[matching.Row]:
        """The agents whom HaloPSA shows."""
        return await self._client.list_all("Agent", "agents", search=search, includeenabled=True)

    async def find_person_by_id(self, remote_id: str) -> Person | None:
        """The agent with this id, or None; None also for what is no person: nobody, and API-only agents."""
        remembered = await self._memory.get(Lookup("agent_id", remote_id))
        if remembered is not UNKNOWN:
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
        return _person(
            await self._memory.keep(Lookup("agent_id", remote_id), _packed(found) if found else None)
        )

    async def forget(self) -> None:
        """Look everything up again: HaloPSA just refused something that was built on it."""
        await self._memory.forget()

    async def forget_people(self) -> None:
        """Look agents up again: one of them can no longer be assigned."""
        await self._memory.forget(("agent", "agent_id"))

    async def _needed(self, kind: str, name: str, path: str, wrapper: str, **params: Any) -> int:
        """The id of a thing without which nothing works. That it is missing is not remembered: it is being mended."""
        known = matching.whole(await self._memory.get(Lookup(kind, name)))
        if known:
            return known
        rows = _filled(await self._client.list_all(path, wrapper, **params), kind)
        row = matching.pick_named(rows, ("name",), name)
        number = matching.whole(matching.get(row, "id")) if row else None
        if number is None:
            raise _missing(kind, name)
        await self._memory.keep(Lookup(kind, name), str(number))
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
        remembered: str | None = await self._memory.get(Lookup(kind, name))
        if remembered is UNKNOWN:
            try:
                rows = await self._client.list_all(path, wrapper, **params)
            except (NeedsAttention, Rejected) as error:
                _raise_unless_refused(error)
                rows = []
            row = matching.pick_named(rows, fields, name)
            remembered = await self._memory.keep(
                Lookup(kind, name), matching.text(row, keep) if row else None
            )
        return remembered


def _filled(rows: list[matching.Row], kind: str) -> list[matching.Row]:
    """A list that cannot be empty. Remembering that nothing was on it would stop everything for a while."""
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


def _assets_lookup(client_id: str) -> Lookup:
    return Lookup("assets", "", client_id)


def _part_lookup(part: Part) -> Lookup:
    return Lookup("part", part)


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
