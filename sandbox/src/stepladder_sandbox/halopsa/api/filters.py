"""Which tickets a list shows (HaloPSA facts 12 to 14): all must match, searches are "like", others are ignored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from stepladder_sandbox.halopsa.api.calls import Query
from stepladder_sandbox.halopsa.elements import parse_moment
from stepladder_sandbox.halopsa.tickets import Ticket, TicketStore
from stepladder_sandbox.halopsa.world import World

Test = Callable[[Ticket], bool]

_EXACT = {
    "client_id": "client_id",
    "site_id": "site_id",
    "user_id": "user_id",
    "agent_id": "agent_id",
    "status_id": "status_id",
    "requesttype_id": "tickettype_id",
    "parent_id": "parent_id",
}
_IN_LIST = {"client_ids": "client_id", "status": "status_id"}
_LIKE = {
    "search_summary": "summary",
    "search_details": "details",
    "search_user_name": "user_name",
    "search_reportedby": "reportedby",
}
_ORDERS: dict[str, Callable[[Ticket], Any]] = {
    "dateoccurred": lambda ticket: ticket.dateoccurred,
    "last_update": lambda ticket: ticket.last_update,
    "lastactiondate": lambda ticket: ticket.last_update,
    "summary": lambda ticket: ticket.summary.lower(),
    "client_name": lambda ticket: ticket.client_id,
    "status_id": lambda ticket: ticket.status_id,
}


def select(world: World, query: Query) -> Sequence[Ticket]:
    """The tickets that a list call asks for, in its order: by id, newest first, unless it says otherwise."""
    order = query.text("order").lower()
    downwards = query.flag("orderdesc") if order else True
    candidates = _narrowed(world, query)
    if candidates is None:
        found = list(world.store.newest_first() if downwards else world.store.oldest_first())
    else:
        found = sorted(candidates, key=lambda ticket: ticket.id, reverse=downwards)
    # One test after the other: a tenth of the time of asking all of them about each ticket.
    for test in [*_tests(world, query), *_not_lagging(world)]:
        found = [ticket for ticket in found if test(ticket)]
    if order in _ORDERS:
        found.sort(key=_ORDERS[order], reverse=downwards)
    return found


def _narrowed(world: World, query: Query) -> Iterable[Ticket] | None:
    """The fewest tickets that are known to hold all hits, by way of an index; nothing if there is none to use."""
    indexes = _INDEXES if world.switches.third_party_filter else _INDEXES_OF_AN_OLD_SERVER
    return next(
        (found for found in (index(world.store, query) for index in indexes) if found is not None), None
    )


_Index = Callable[[TicketStore, Query], Iterable[Ticket] | None]


def _deleted(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    return store.deleted() if query.flag("deleted") else None


def _by_reference(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    reference = query.text("third_party_id_string")
    return store.with_reference(reference) if reference else None


def _by_ids(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    ids = query.integers("ticketids")
    return store.many(ids) if ids else None


def _by_change(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    since = parse_moment(query.text("lastupdatefromdate"))
    return store.changed_since(since) if since else None


def _by_client(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    client_id = query.integer("client_id")
    return store.of_client(client_id) if client_id else None


def _by_summary(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    words = query.text("search_summary").lower()
    return store.with_summary(words) if words else None


def _open(store: TicketStore, query: Query) -> Iterable[Ticket] | None:
    return store.open() if query.flag("open_only") else None


_INDEXES_OF_AN_OLD_SERVER: tuple[_Index, ...] = (_by_ids, _by_change, _by_client, _by_summary, _open)
_INDEXES: tuple[_Index, ...] = (_deleted, _by_reference, *_INDEXES_OF_AN_OLD_SERVER)


def _tests(world: World, query: Query) -> Iterable[Test]:
    yield from _third_party(world, query)
    yield from _by_number(query)
    yield from _by_words(world, query)
    yield from _by_date(query)
    if query.flag("open_only"):
        yield lambda ticket: not ticket.is_closed
    if query.flag("closed_only"):
        yield lambda ticket: ticket.is_closed


def _third_party(world: World, query: Query) -> Iterable[Test]:
    if not world.switches.third_party_filter:
        return
    if reference := query.text("third_party_id_string").lower():
        yield lambda ticket: ticket.third_party_id_string.lower() == reference
    if number := query.integer("third_party_id"):
        yield lambda ticket: ticket.third_party_id == number


def _equals(field: str, wanted: int) -> Test:
    return lambda ticket: getattr(ticket, field) == wanted


def _within(field: str, wanted: set[int]) -> Test:
    return lambda ticket: getattr(ticket, field) in wanted


def _contains(field: str, needle: str) -> Test:
    return lambda ticket: needle in getattr(ticket, field).lower()


def _by_number(query: Query) -> Iterable[Test]:
    for name, field in _EXACT.items():
        if (number := query.integer(name)) is not None:
            yield _equals(field, number)
    for name, field in _IN_LIST.items():
        if numbers := query.integers(name):
            yield _within(field, numbers)
    if ids := query.integers("ticketids"):
        yield _within("id", ids)
    if asset_id := query.integer("asset_id"):
        yield lambda ticket: asset_id in ticket.asset_ids


def _by_words(world: World, query: Query) -> Iterable[Test]:
    for name, field in _LIKE.items():
        if needle := query.text(name).lower():
            yield _contains(field, needle)
    if digits := query.text("search_id"):
        yield lambda ticket: digits in str(ticket.id)
    if tag := query.text("search_inventory_number").lower():
        assets = {each.id for each in world.config.assets if tag in each.inventory_number.lower()}
        yield lambda ticket: not assets.isdisjoint(ticket.asset_ids)
    if words := query.text("search").lower():
        in_actions = query.flag("searchactions")
        yield lambda ticket: _mentions(ticket, words, in_actions=in_actions)


def _mentions(ticket: Ticket, words: str, *, in_actions: bool) -> bool:
    texts = (ticket.summary, ticket.details, ticket.user_name, ticket.reportedby, str(ticket.id))
    if any(words in text.lower() for text in texts):
        return True
    return in_actions and any(words in action.note.lower() for action in ticket.actions)


def _by_date(query: Query) -> Iterable[Test]:
    if since := parse_moment(query.text("lastupdatefromdate")):
        yield lambda ticket: ticket.last_update >= since
    field = {"dateoccured": "dateoccurred", "datecleared": "dateclosed"}.get(query.text("datesearch").lower())
    if not field:
        return
    start, end = parse_moment(query.text("startdate")), parse_moment(query.text("enddate"))
    yield lambda ticket: _between(getattr(ticket, field), start, end)


def _between(value: datetime | None, start: datetime | None, end: datetime | None) -> bool:
    if value is None:
        return False
    return (start is None or value >= start) and (end is None or value <= end)


def _not_lagging(world: World) -> Iterable[Test]:
    """Hides tickets that the search index does not know yet, if there are any (HaloPSA fact 15)."""
    now, lagging = world.now(), world.store.lagging
    for ticket_id in [
        key for key, ticket in lagging.items() if not ticket.searchable_at or ticket.searchable_at <= now
    ]:
        del lagging[ticket_id]
    if lagging:
        hidden = frozenset(lagging)
        yield lambda ticket: ticket.id not in hidden
