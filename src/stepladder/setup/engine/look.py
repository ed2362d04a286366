"""Looking: reads what there is in the system, part by part. Writes nothing, neither there nor here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from stepladder.connectors.base import RemoteGone, TryLater

from .parts import Ids, Made, Part
from .system import ABSENT, Held, Refused, Shown, Sight, System


@dataclass
class Seen:
    """What was seen, by the parts' keys. `stopped` says why the look ended early."""

    sights: dict[str, Sight] = field(default_factory=dict)
    stopped: str | None = None


async def look(system: System, made: Mapping[str, Made]) -> Seen:
    """Look at every part, in order. Trouble with the system ends it early."""
    seen, ids = Seen(), dict[str, str]()
    try:
        await system.prepare()
        for part in system.parts:
            seen.sights[part.key] = sight = await look_at(system, part, ids, made.get(part.key))
            if len(sight.ids) == 1:
                ids[part.key] = sight.ids[0]
    except TryLater as error:
        seen.stopped = stopped_by(error)
    return seen


async def look_at(
    system: System, part: Part, ids: Ids, made: Made | None = None, *, afresh: bool = False
) -> Sight:
    """One part. `ids` are those of the parts that it depends on."""
    try:
        known_id = made.remote_id if made else None
        return await system.things(part.kind).look(part, ids, known_id, afresh=afresh)
    except Refused as error:
        return Sight(Shown.HIDDEN, note=str(error))


def stopped_by(error: TryLater) -> str:
    """Why a run ended early, and what to do."""
    return f"{error.message} Run it again: it continues where this run stopped."


async def look_at_made(system: System, made: Mapping[str, Made], sights: Mapping[str, Sight]) -> list[Held]:
    """The things that we made as they are now, last made first; `sights` are of the first look. Raises TryLater."""
    order = {part.key: number for number, part in enumerate(system.parts)}
    last_first = sorted(made.values(), key=lambda each: order.get(each.key, len(order)), reverse=True)
    return [await look_again(system, each, sights.get(each.key, ABSENT)) for each in last_first]


async def look_again(system: System, made: Made, sight: Sight = ABSENT) -> Held:
    """One of them, with what depends on it unless it was changed; as in `sight` where it is not known to be ours."""
    if not made.is_ours or made.remote_id is None:
        return Held(made, sight)
    things = system.things(made.kind)
    try:
        sight = await things.read(made.part, made.remote_id)
        is_as_made = system.blueprint.fingerprint(sight.row or {}) == made.fingerprint
        users = await things.users(made.part, made.remote_id, sight.row or {}) if is_as_made else []
    except RemoteGone:
        return Held(made, ABSENT)
    except Refused as error:
        return Held(made, Sight(Shown.HIDDEN, note=str(error)))
    return Held(made, sight, tuple(users))
