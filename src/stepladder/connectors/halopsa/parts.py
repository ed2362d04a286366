"""The parts that a new ticket can go without. What HaloPSA does not take of them must not keep the ticket away.

Pure: tickets in, tickets out. What was looked up may be gone since, and a field may not be there at all; HaloPSA then
refuses the whole ticket, and does not always say for what.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Ticket = dict[str, Any]


class Part(StrEnum):
    """A part, left out as a whole."""

    ASSET = "asset"
    USER = "user"
    NAMES = "names"
    FIELDS = "fields"


_MEMBERS: dict[Part, tuple[str, ...]] = {
    Part.ASSET: ("assets",),
    Part.USER: ("user_id", "site_id"),
    Part.NAMES: ("category_1", "urgency", "impact", "team", "source"),
    Part.FIELDS: ("customfields",),
}


@dataclass(frozen=True)
class Attempt:
    """A ticket to send, and what it goes without."""

    ticket: Ticket
    without: tuple[Part, ...] = ()


def strip(ticket: Ticket, without: tuple[Part, ...]) -> Ticket:
    """The ticket without these parts."""
    gone = {member for part in without for member in _MEMBERS[part]}
    return {name: value for name, value in ticket.items() if name not in gone}


def list_attempts(ticket: Ticket) -> list[Attempt]:
    """The ticket whole; then without each part that it has, one at a time; then without any."""
    present = tuple(part for part in Part if any(member in ticket for member in _MEMBERS[part]))
    fewer = [(part,) for part in present] + ([present] if len(present) > 1 else [])
    return [Attempt(ticket)] + [Attempt(strip(ticket, without), without) for without in fewer]
