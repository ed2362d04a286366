"""What a transaction promises beside its statements: one instant, and what follows its commit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import LiteralString
from uuid import uuid4

import pytest
from tests.support.clock import ManualClock

from stepladder.app import DatabaseUrls
from stepladder.kit.db import Actor, ActorKind, Database
from stepladder.kit.ids import MspId

ACTOR = Actor(MspId(uuid4()), ActorKind.OPERATOR, "test")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
async def db(urls: DatabaseUrls, clock: ManualClock) -> AsyncIterator[Database]:
    database = Database(urls.service, clock, pool_size=1)
    await database.open()
    yield database
    await database.close()


async def test_the_instant_is_read_once_and_when_it_is_asked_for(db: Database, clock: ManualClock) -> None:
    """Behind a lock, so that waiting for it does not make the instant old."""
    began = clock.now()
    async with db.transaction(ACTOR) as tx:
        clock.move(timedelta(seconds=5))
        first = tx.now
        clock.move(timedelta(seconds=5))
        assert first == began + timedelta(seconds=5)
        assert tx.now == tx.acting_as(ActorKind.SYSTEM, "policy").now == first


async def test_what_follows_a_commit_happens_in_order_and_only_after_it(db: Database) -> None:
    seen: list[str] = []
    async with db.transaction(ACTOR) as tx:
        tx.after_commit(lambda: seen.append("first"))
        tx.acting_as(ActorKind.SYSTEM, "policy").after_commit(lambda: seen.append("second"))
        assert not seen
    assert seen == ["first", "second"]


async def test_nothing_follows_what_was_undone(db: Database) -> None:
    seen: list[str] = []

    async def work() -> None:
        async with db.transaction(ACTOR) as tx:
            tx.after_commit(lambda: seen.append("never"))
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await work()
    assert not seen


class _Mood(StrEnum):
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True)
class _Row:
    mood: _Mood
    earlier: _Mood | None
    seen: list[_Mood]
    told: list[_Mood] | None
    name: str


_MOODS: LiteralString = """
    select %(mood)s::text as mood, %(earlier)s::text as earlier, %(seen)s::text[] as seen, null as told, 'x' as name"""


async def test_a_row_s_enums_come_back_as_enums_and_go_in_as_they_are(db: Database) -> None:
    async with db.transaction(ACTOR) as tx:
        asked = {"mood": _Mood.GOOD, "earlier": None, "seen": list(_Mood)}
        row = await tx.maybe(_Row, _MOODS, asked)
        (again,) = await tx.all(_Row, _MOODS, {**asked, "earlier": _Mood.BAD})
    assert row == _Row(_Mood.GOOD, None, [_Mood.GOOD, _Mood.BAD], None, "x")
    assert row is not None
    assert all(isinstance(each, _Mood) for each in (row.mood, *row.seen, again.earlier))


async def test_a_text_that_its_enum_does_not_know_is_refused_where_it_is_read(db: Database) -> None:
    with pytest.raises(ValueError, match="odd"):
        async with db.transaction(ACTOR) as tx:
            await tx.maybe(_Row, _MOODS, {"mood": "odd", "earlier": None, "seen": []})
