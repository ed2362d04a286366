"""What all configuration objects have in common: list, one by id, create, change, delete. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from stepladder_sandbox.halopsa.api.calls import Answer, ApiCall, Handler, Query, require_setup
from stepladder_sandbox.halopsa.api.paging import OTHER_PAGE_CAP, cut
from stepladder_sandbox.halopsa.elements import Element, parse_elements
from stepladder_sandbox.halopsa.refusals import forbidden, invalid, not_found
from stepladder_sandbox.halopsa.world import World


class Thing(Protocol):
    """A configured record."""

    @property
    def id(self) -> Any: ...


_Thing = TypeVar("_Thing", bound=Thing)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[_Thing]):
    """One kind of configuration object: where it is kept, how it is written, and how it is shown."""

    name: str
    part: str
    """Which list of the configuration it is."""
    rows_name: str
    """What its list is called where lists are wrapped."""
    switch: str
    """The switch that says whether the API may write it."""
    merged: Callable[[World, Element, _Thing | None], _Thing]
    """The record that a write makes of what there is. Raises Refused."""
    row: Callable[[World, _Thing], dict[str, Any]]
    whole: Callable[[World, _Thing, Query], dict[str, Any]]
    chosen: Callable[[World, Query, _Thing], bool] = lambda world, query, thing: True
    is_open: bool = False
    """Read by the daily scopes too."""
    is_paged: bool = False
    after_delete: Callable[[World, _Thing], None] = lambda world, thing: None
    check_allowed: Callable[[World, ApiCall], None] = require_setup
    """Raises Refused for who may not write it, nor read it unless it is open."""


def handlers(kind: Kind[Any]) -> dict[str, Handler]:
    """The verbs of a kind."""

    def get(world: World, call: ApiCall, rest: str) -> Answer:
        """The list, or one thing by id."""
        return _read(kind, world, call, rest)

    def post(world: World, call: ApiCall, rest: str) -> Answer:
        """Create or change."""
        return _write(kind, world, call, rest)

    def delete(world: World, call: ApiCall, rest: str) -> Answer:
        """Delete one thing."""
        return _delete(kind, world, call, rest)

    return {"GET": get, "POST": post, "DELETE": delete}


def _read(kind: Kind[_Thing], world: World, call: ApiCall, rest: str) -> Answer:
    if _position(kind, world) == "404":
        raise not_found(kind.name)
    if not kind.is_open:
        kind.check_allowed(world, call)
    if rest:
        return Answer(data=kind.whole(world, _find(kind, world, rest), call.query))
    found = [each for each in _all(kind, world) if kind.chosen(world, call.query, each)]
    return _listed(kind, world, call.query, found)


def _listed(kind: Kind[_Thing], world: World, query: Query, found: Sequence[_Thing]) -> Answer:
    envelope: dict[str, Any] = {"record_count": len(found)}
    if kind.is_paged:
        found, envelope = cut(found, query, cap=OTHER_PAGE_CAP)
    rows = [kind.row(world, each) for each in found]
    wrapped = world.switches.config_lists_wrapped
    return Answer(data=envelope | {kind.rows_name: rows} if wrapped else rows)


def _write(kind: Kind[_Thing], world: World, call: ApiCall, rest: str) -> Answer:
    _check_writable(kind, world, call)
    if rest:
        raise not_found("Resource")
    switches = world.switches
    elements = parse_elements(
        call.body,
        bare_accepted=switches.bare_object == "accepted",
        any_case=switches.case_insensitive_fields,
    )
    creates = not elements[-1].text("id")
    written = [_put(kind, world, call, element) for element in elements]
    shown = [kind.whole(world, each, Query(b"includedetails=true")) for each in written]
    status = switches.create_status if creates else 201
    return Answer(status=status, data=shown if call.query.flag("returnall") else shown[-1])


def _put(kind: Kind[_Thing], world: World, call: ApiCall, element: Element) -> _Thing:
    wanted = element.text("id")
    old = _find(kind, world, wanted.lower()) if wanted and wanted != "0" else None
    new = kind.merged(world, element, old)
    others = [each for each in _all(kind, world) if each.id != new.id]
    position = _all(kind, world).index(old) if old else len(others)
    world.configure(**{kind.part: (*others[:position], new, *others[position:])})
    note(world, call, kind.name, "changed" if old else "created", new)
    return new


def _delete(kind: Kind[_Thing], world: World, call: ApiCall, rest: str) -> Answer:
    _check_writable(kind, world, call)
    gone = _find(kind, world, rest)
    kind.after_delete(world, gone)
    left = tuple(each for each in _all(kind, world) if each.id != gone.id)
    world.configure(**{kind.part: left})
    note(world, call, kind.name, "deleted", gone)
    return Answer(data={"id": gone.id})


def note(world: World, call: ApiCall, what: str, done: str, thing: Thing) -> None:
    """State in the log what was set up, by whom."""
    world.log.write(
        "configuration.changed",
        call=call.number,
        what=what,
        done=done,
        id=thing.id,
        name=getattr(thing, "name", None) or getattr(thing, "outcome", None),
        by=call.caller.agent.name,
        application_id=call.caller.application_id,
    )


def _all(kind: Kind[_Thing], world: World) -> tuple[_Thing, ...]:
    found: tuple[_Thing, ...] = getattr(world.config, kind.part)
    return found


def _find(kind: Kind[_Thing], world: World, wanted: str) -> _Thing:
    """The thing with this id, in lower case. Raises Refused (404)."""
    found = next((each for each in _all(kind, world) if str(each.id).lower() == wanted), None)
    if found is None:
        raise not_found(kind.name)
    return found


def _position(kind: Kind[_Thing], world: World) -> str:
    position: str = getattr(world.switches, kind.switch) if kind.switch else "on"
    return position


def _check_writable(kind: Kind[_Thing], world: World, call: ApiCall) -> None:
    """Raises Refused: for the caller, or for what the API cannot do (the switches, all "U")."""
    kind.check_allowed(world, call)
    match _position(kind, world):
        case "400":
            raise invalid(f"{kind.name} cannot be changed by the API.")
        case "403":
            raise forbidden()
        case "404":
            raise not_found(kind.name)


def guid_of(part: int, number: int) -> str:
    """The GUID that goes with a number; each kind has its own part, so that no two are equal."""
    return f"00000000-0000-4000-{part:04x}-{number:012x}"


def flag_or(element: Element, name: str, default: bool) -> bool:  # noqa: FBT001  # reads as `value or default`
    """A boolean that keeps its value where it is not given."""
    given = element.choice(name)
    return default if given is None else given


def text_or(element: Element, name: str, default: str) -> str:
    """A text that keeps its value where it is not given."""
    given = element.text(name)
    return default if given is None else given


def number_or(element: Element, name: str, default: int) -> int:
    """A number that keeps its value where it is not given."""
    given = element.integer(name)
    return default if given is None else given
