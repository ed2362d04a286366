"""A second system that can be set up: shelves with boxes, lids, locks and labels. Nothing of HaloPSA is in it.

A process that sets it up may die before and after every call, and before, in and after every transaction.
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tests.tickets.staged import Died, Lines

from stepladder.access_keys.service import list_keys
from stepladder.audit.tags import Tag
from stepladder.connectors.base import RemoteGone, TryLater
from stepladder.kit.db import Actor
from stepladder.kit.ids import ConnectionId
from stepladder.setup.engine import run
from stepladder.setup.engine.apply import apply
from stepladder.setup.engine.memory import Memory, Words
from stepladder.setup.engine.parts import Ids, KeyRights, Part, Report, Row
from stepladder.setup.engine.plan import Planned
from stepladder.setup.engine.run import Outlook, look_and_plan
from stepladder.setup.engine.system import ABSENT, Refused, Shown, Sight, Things, User

BOX = Part("box", "box", "Box")
LID = Part("lid", "lid", "Lid", ("box",))
LOCK = Part("lock", "lock", "Lock", ("lid",), key_rights=KeyRights(("approve",), ("USER",)))
LABEL = Part("label", "label", "Label")
PARTS = (BOX, LID, LOCK, LABEL)
HAT = Part("hat", "hat", "Hat")
"""What only a person puts there."""
RIGHT = "right"


@dataclass
class Thing:
    """Something on a shelf, perhaps on top of something else."""

    id: str
    kind: str
    name: str
    value: str = RIGHT
    on: str = ""
    key: str = ""


@dataclass
class Shelves:
    """What is there, and how it misbehaves."""

    things: list[Thing] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    is_down: bool = False
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def put(self, part: Part, *, value: str = RIGHT, name: str = "", on: str = "") -> Thing:
        """Put a thing there, as a person does."""
        thing = Thing(str(next(self.numbers)), part.kind, name or part.name, value, on)
        self.things.append(thing)
        return thing

    def named(self, part: Part) -> list[Thing]:
        return [each for each in self.things if (each.kind, each.name) == (part.kind, part.name)]

    def shape(self) -> list[tuple[str, str, str, str]]:
        """What is there, under any number."""
        names = {each.id: each.name for each in self.things}
        return sorted((each.kind, each.name, each.value, names.get(each.on, "")) for each in self.things)


class Blueprint:
    """Everything has the right value, and stands on what it needs."""

    def differences(self, part: Part, row: Row, ids: Ids) -> list[str]:
        wrong = [] if row["value"] == RIGHT else [f"value is {row['value']}"]
        wrong += [] if row["name"] == part.name else [f"it is called {row['name']} now"]
        wrong += [f"it stands on {row['on']}" for need in part.needs if row["on"] != ids.get(need, row["on"])]
        return wrong

    def obstacle(self, part: Part) -> str:
        return ""

    def note(self, part: Part) -> str:
        return ""

    def key_steps(self, part: Part) -> tuple[str, ...]:
        return self.steps(part)

    def corrections(self, part: Part, row: Row | None, ids: Ids) -> tuple[str, ...]:
        return self.steps(part)

    def steps(self, part: Part) -> tuple[str, ...]:
        return () if part == LABEL else (f"Put a {part.name} there.",)

    def fingerprint(self, row: Row) -> bytes:
        return repr({name: value for name, value in row.items() if name != "key"}).encode()


class OnShelves(Things):
    """How things on shelves are reached."""

    def __init__(self, shelves: Shelves, lines: Lines) -> None:
        self.shelves, self.lines = shelves, lines

    async def look(self, part: Part, ids: Ids, known_id: str | None, *, afresh: bool = False) -> Sight:
        if part.kind in self.shelves.hidden:
            raise Refused("It is behind a curtain.")
        hits = self.shelves.named(part) or [each for each in self.shelves.things if each.id == known_id]
        if len(hits) > 1:
            return Sight(Shown.SEVERAL, tuple(each.id for each in hits))
        return Sight(Shown.ONE, (hits[0].id,), asdict(hits[0])) if hits else ABSENT

    async def create(self, part: Part, ids: Ids, key: str) -> tuple[str, Row]:
        await self._called(part)
        thing = self.shelves.put(part, on=ids[part.needs[0]] if part.needs else "")
        thing.key = key
        await self.lines.reached()
        return thing.id, asdict(thing)

    async def set_key(self, part: Part, remote_id: str, key: str) -> None:
        await self._called(part)
        self._thing(remote_id).key = key
        await self.lines.reached()

    async def read(self, part: Part, remote_id: str) -> Sight:
        return Sight(Shown.ONE, (remote_id,), asdict(self._thing(remote_id)))

    async def users(self, part: Part, remote_id: str, row: Row) -> list[User]:
        return [User(each.kind, each.id, each.name) for each in self.shelves.things if each.on == remote_id]

    async def delete(self, part: Part, remote_id: str) -> None:
        await self._called(part)
        self.shelves.things.remove(self._thing(remote_id))
        await self.lines.reached()

    async def _called(self, part: Part) -> None:
        await self.lines.reached()
        if self.shelves.is_down:
            raise TryLater("The lift is broken.", code="lift_broken")
        if part.kind in self.shelves.refused:
            raise Refused("The shelf is locked.")

    def _thing(self, remote_id: str) -> Thing:
        found = next((each for each in self.shelves.things if each.id == remote_id), None)
        if found is None:
            raise RemoteGone("It is not there.", code="thing_gone")
        return found


class ShelfSystem:
    """The shelves as the engine sets them up."""

    def __init__(self, shelves: Shelves, lines: Lines | None = None) -> None:
        self.blueprint, self.parts = Blueprint(), PARTS
        self._things = OnShelves(shelves, lines or Lines())

    async def prepare(self) -> None:
        return None

    def forget(self) -> None:
        """Nothing is remembered: who uses a thing is always looked up."""

    def things(self, kind: str) -> Things:
        return self._things


@dataclass
class Setup:
    """The shelves, our memory of them, and what an operator does with both."""

    db: Any
    lines: Lines
    actor: Actor
    connection_id: ConnectionId
    shelves: Shelves = field(default_factory=Shelves)

    @property
    def memory(self) -> Memory:
        words = Words("Shelves", made=Tag.HALOPSA_OBJECT_MADE, removed=Tag.HALOPSA_OBJECT_REMOVED)
        return Memory(self.db, self.actor, self.connection_id, words)

    @property
    def system(self) -> ShelfSystem:
        return ShelfSystem(self.shelves, self.lines)

    async def plan(self, **options: bool) -> Outlook:
        return await look_and_plan(self.system, await self.memory.recall(), **options)

    async def carry_out(self, outlook: Outlook) -> Report:
        return await apply(self.system, self.memory, outlook.known, outlook.planned)

    async def set_up(self, **options: bool) -> Report:
        return await run.set_up(self.system, self.memory, **options)

    async def remove(self, **options: bool) -> Report:
        return await run.remove(self.system, self.memory, **options)

    async def dies(self, work: Awaitable[Report], line: int) -> bool:
        """Do it in a process that dies on that line. False when it never got there."""
        self.lines.passed, self.lines.die_at = 0, line
        try:
            await work
        except Died:
            return True
        finally:
            self.lines.die_at = None
        return False

    async def start_over(self, shelves: Shelves, remembered: Mapping[str, Remembered]) -> None:
        """Other shelves, of which we remember this much."""
        for key in await self.memory.recall():
            await self.memory.forget(key)
        self.shelves = shelves
        for part in PARTS:
            await self._remember(part, remembered.get(part.key, Remembered.NOTHING))

    async def _remember(self, part: Part, remembered: Remembered) -> None:
        thing = next(iter(self.shelves.named(part)), None)
        if remembered is Remembered.NOTHING:
            return
        thing_key = await self.memory.intend(part)
        if remembered is Remembered.MADE and thing:
            thing.key = thing_key
            await self.memory.keep(part, thing.id, Blueprint().fingerprint(asdict(thing)))

    async def live_keys(self) -> set[str]:
        """The keys that set-up made and that are good."""
        async with self.db.transaction(self.actor) as tx:
            rows = await list_keys(tx)
        return {
            row["key_id"] for row in rows if not row["revoked_at"] and row["name"].startswith("Shelves: ")
        }

    def held_keys(self) -> set[str]:
        """The keys that things on the shelves hold."""
        return {each.key.split("_")[1] for each in self.shelves.things if each.key}


class Remembered(StrEnum):
    """What we know of a part when a run begins."""

    NOTHING = "nothing"
    INTENDED = "intended"
    """Its create was about to be sent, when the process died."""
    MADE = "made"


def has_actions(planned: Sequence[Planned]) -> bool:
    return any(each.actions for each in planned)
