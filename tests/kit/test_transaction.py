"""What a transaction promises beside its statements: one instant, and what follows its commit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
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
