"""Which remote row is the one we mean. Pure, exact, and never "the first that looks right".

Every search of HaloPSA is "like", and filters it does not know are ignored (HaloPSA facts 13, 14), so each
row that comes back is compared here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from stepladder.connectors.base import NeedsAttention
from stepladder.connectors.ticket_system import ListedTicket, RemoteCustomer, TicketDraft, TicketSeen
from stepladder.kit.folding import fold

Row = dict[str, Any]


@dataclass(frozen=True)
class EndUser:
    """A customer's user, as far as a ticket names them: HaloPSA takes a user only with their site (HaloPSA fact 9)."""

    id: int
    site_id: int


_ASSET_NAME_FIELDS = ("inventory_number", "key_field", "key_field2", "key_field3")
_NO_DATE = ("0001-01-01", "1900-01-01")
_LONG_FRACTION = re.compile(r"(\.[0-9]{6})[0-9]+")  # .NET writes seven decimals
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NO_GUID = "00000000-0000-0000-0000-000000000000"
_UNASSIGNED = 1  # the agent that means nobody (HaloPSA fact 22)


def get(row: Row, name: str) -> Any:
    """A field of a row, its name compared without regard to case."""
    if name in row:
        return row[name]
    return next((value for key, value in row.items() if key.lower() == name.lower()), None)


def text(row: Row, name: str) -> str:
    """A field as text; numbers as HaloPSA would write them; empty for null and absent."""
    value = get(row, name)
    return "" if value is None else str(value).strip()


def whole(value: Any) -> int | None:
    """An id that may come as 20, "20" or 20.0 (HaloPSA fact 25); None for anything else or below 1."""
    if isinstance(value, bool) or value is None:
        return None
    match = re.fullmatch(r"([0-9]{1,18})(\.0+)?", str(value).strip())
    number = int(match[1]) if match else 0
    return number if number > 0 else None


def truth(value: Any) -> bool:
    """A boolean in any of the ways HaloPSA writes one."""
    return str(value).strip().lower() in ("true", "1", "yes")


def moment(row: Row, name: str) -> datetime | None:
    """A date and time, in UTC where it names no zone (HaloPSA fact 10); None for "no date" and for what is none."""
    shown = text(row, name)
    try:
        at = datetime.fromisoformat(_LONG_FRACTION.sub(r"\1", shown))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return None if shown.startswith(_NO_DATE) else at


def same(one: str, other: str) -> bool:
    """Equal as names are."""
    return fold(one) == fold(other)


def mark(reference: str) -> str:
    """How a reference stands in summaries."""
    return f"[{reference}]"


def note_mark(reference: str) -> str:
    """How a reference ends our closing note: behind a sentence. A summary is none, so a quoted one is not the note."""
    return f". {mark(reference)}"


def has_note_mark(text: str, reference: str) -> bool:
    """Whether a text is our closing note, or one that an earlier version wrote and did not hear of."""
    return note_mark(reference) in text or f"Closing note {mark(reference)}" in text


def remark_mark(reference: str) -> str:
    """How a reference ends our remark."""
    return f"Still waiting {mark(reference)}"


def is_ours(row: Row, draft: TicketDraft) -> bool:
    """Whether a ticket carries our reference. It cannot be guessed, so a ticket that carries it is ours.

    The summary counts only where the reference field is empty, because a ticket rule may have cleared it, and only
    at its end, because what comes before may be a name that a user chose.
    """
    named = text(row, "third_party_id_string")
    if named:
        return named == draft.reference
    return text(row, "summary").endswith(mark(draft.reference))


def pick_ours(rows: Iterable[Row], draft: TicketDraft) -> Row | None:
    """Our ticket among `rows`. Raises NeedsAttention for two, or for one that stands at another customer."""
    ours = {text(row, "id"): row for row in rows if is_ours(row, draft)}
    if len(ours) > 1:
        raise NeedsAttention(
            f"Tickets {', '.join(sorted(ours))} both carry the reference {draft.reference}. "
            "Delete the one that is not needed; nothing more is created until then.",
            code="ticket_doubled",
        )
    for row in ours.values():
        if text(row, "client_id") and whole(get(row, "client_id")) != whole(draft.customer.id):
            raise NeedsAttention(
                f"Ticket {text(row, 'id')} is at another customer ({text(row, 'client_name')}). "
                f"Move it back to {draft.customer.name}.",
                code="ticket_at_other_customer",
            )
        return row
    return None


def is_closed(row: Row, closed_status_id: str | None) -> bool:
    """Whether a ticket is closed: it says so, or it has the closed status, or a real closing date."""
    if truth(get(row, "hasbeenclosed")):
        return True
    if closed_status_id and whole(get(row, "status_id")) == whole(closed_status_id):
        return True
    date = text(row, "dateclosed")
    return bool(date) and not date.startswith(_NO_DATE)


def read_seen(row: Row, closed_status_id: str | None) -> TicketSeen:
    """A ticket row in our words. Raises NeedsAttention for a row without an id."""
    ticket_id = whole(get(row, "id"))
    if ticket_id is None:
        raise NeedsAttention("HaloPSA answered a ticket without an id.", code="halopsa_unreadable")
    if not is_closed(row, closed_status_id):
        return TicketSeen(str(ticket_id), is_closed=False)  # a reopened ticket may still show its last closer
    closer = whole(get(row, "closure_agent_id"))
    return TicketSeen(
        str(ticket_id),
        is_closed=True,
        closed_by=str(closer) if closer and closer > _UNASSIGNED else None,
        closed_at=moment(row, "dateclosed"),
    )


def read_listed(row: Row, closed_status_id: str | None, fields: tuple[str, str]) -> ListedTicket | None:
    """A list row in our words; None for a row without an id. `fields` name the customer's and the request's field."""
    ticket_id, customer, merged = (whole(get(row, name)) for name in ("id", "client_id", "merged_into_id"))
    if ticket_id is None:
        return None
    customer_field, request_field = (_field(row, name) for name in fields)
    return ListedTicket(
        str(ticket_id),
        is_closed(row, closed_status_id),
        str(customer) if customer else None,
        text(row, "client_name") or None,
        str(merged) if merged else None,
        customer_field,
        request_field,
    )


def _field(row: Row, name: str) -> str | None:
    """A custom field's text, empty where it is there without a value; None where the row does not show it."""
    shown = get(row, "customfields")
    for field in shown if isinstance(shown, list) else ():
        if isinstance(field, dict) and same(text(field, "name"), name):
            return text(field, "value")
    return None


def pick_named(rows: Iterable[Row], fields: tuple[str, ...], name: str) -> Row | None:
    """The only active row one of whose `fields` is exactly `name`; None for none, and for more than one."""
    if not name.strip():
        return None  # or every row with an empty field would be meant
    hits = [
        row
        for row in rows
        if not truth(get(row, "inactive")) and any(same(text(row, f), name) for f in fields)
    ]
    return hits[0] if len(hits) == 1 else None


def read_customer(row: Row) -> RemoteCustomer | None:
    """A customer's row in our words; None for a row without an id."""
    number = whole(get(row, "id"))
    if number is None:
        return None
    return RemoteCustomer(
        str(number), text(row, "name"), not truth(get(row, "inactive")), directory_ids=_directories(row)
    )


def _directories(row: Row) -> tuple[str, ...]:
    """The customer's Entra directories, from either field that may have them; what is no GUID is none."""
    listed = get(row, "azure_tenants")
    holders = [
        row,
        *(each for each in (listed if isinstance(listed, list) else ()) if isinstance(each, dict)),
    ]
    found = {text(each, "azure_tenant_id").lower() for each in holders}
    return tuple(sorted(each for each in found if _GUID.fullmatch(each) and each != _NO_GUID))


def pick_asset(rows: Iterable[Row], name: str, client_id: str) -> Row | None:
    """The customer's only active asset with this device name. The key field depends on the asset's type.

    A device may be known by its short name on one side and by its full name on the other. That counts where no asset
    has exactly its name, and one only could be meant; two full names are never the same but exactly.
    """
    inside = [
        row
        for row in rows
        if whole(get(row, "client_id")) == whole(client_id) and not truth(get(row, "inactive"))
    ]
    names = [(row, [text(row, field) for field in _ASSET_NAME_FIELDS]) for row in inside]
    exact = [row for row, shown in names if any(same(each, name) for each in shown)]
    near = [row for row, shown in names if any(_is_short_of(each, name) for each in shown)]
    hits = exact or near
    return hits[0] if len(hits) == 1 and name.strip() else None


def cut_asset(row: Row) -> Row:
    """What of an asset it is picked by."""
    return {
        name: get(row, name)
        for name in ("id", "client_id", "inactive", *_ASSET_NAME_FIELDS)
        if get(row, name)
    }


def short_name(device: str) -> str:
    """What stands before the first dot of a device's name."""
    return device.strip().partition(".")[0]


def _is_short_of(one: str, other: str) -> bool:
    """Whether one of two names is the short form of the other. Numbers with dots are addresses, and have none."""
    short = short_name(one)
    is_one_short = ("." in one.strip()) != ("." in other.strip())
    return is_one_short and not short.isdecimal() and same(short, short_name(other))


def pick_end_user(rows: Iterable[Row], email: str, client_id: str) -> EndUser | None:
    """The customer's only active user with exactly this e-mail, if HaloPSA says at which site they are."""
    hits = [
        row
        for row in rows
        if whole(get(row, "client_id")) == whole(client_id)
        and same(text(row, "emailaddress"), email)
        and not truth(get(row, "inactive"))
    ]
    if len(hits) != 1 or not email.strip():
        return None
    user_id = whole(get(hits[0], "id"))
    site_id = whole(get(hits[0], "site_id_int")) or whole(get(hits[0], "site_id"))
    return EndUser(user_id, site_id) if user_id and site_id else None


def pick_assignable_agent(rows: Iterable[Row], email: str) -> Row | None:
    """The agent with exactly this e-mail who can be assigned: enabled, and not API-only (HaloPSA facts 19, 22)."""
    hits = [row for row in rows if same(text(row, "email"), email) and is_assignable(row)]
    return hits[0] if email.strip() and len(hits) == 1 else None


def is_person(row: Row) -> bool:
    """Whether an agent is a person: not the one that stands for nobody, not an application."""
    return (whole(get(row, "id")) or 0) > _UNASSIGNED and not truth(get(row, "isapiagent"))


def is_assignable(row: Row) -> bool:
    """Whether an agent is a person who can have a ticket."""
    return is_person(row) and not truth(get(row, "isdisabled"))
