"""Single bad moments, each of which would break a promise if one line of the product were missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import psycopg
import pytest

from stepladder.app import DatabaseUrls
from tests.campaigns import checker
from tests.campaigns.stage import SEARCH_LAG_SECONDS, Fuse, Onward, stage

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(300), pytest.mark.xdist_group("bad_moments")]


async def test_a_call_that_was_held_up_before_it_was_sent_is_not_sent(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """A worker stands still between its permission and the call. Another looks, finds nothing, and creates."""
    async with stage(tmp_path, own_urls) as on:
        held_up: list[httpx2.Request] = []

        async def hold_up(request: httpx2.Request, onward: Onward) -> httpx2.Response:
            if not held_up and request.method == "POST" and request.url.path == "/api/Tickets":
                held_up.append(request)
                on.clock.move(timedelta(seconds=2 * SEARCH_LAG_SECONDS))
                await on.services.drains.run(on.ours.tenant.msp.id, await on.connection_id())
                assert len(on.ours.halo.events("ticket.created")) == 1
            return await onward(request)

        on.factory.meddle = hold_up
        await on.ask()
        await on.run(Fuse())
        await on.heal([])
        assert held_up
        assert await on.judged() == []


async def test_a_create_that_takes_effect_after_its_client_gave_up_is_waited_for(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """The search lag counts from when the answer was missed, not from when the call was begun."""
    async with stage(tmp_path, own_urls) as on:
        late: list[httpx2.Request] = []

        async def take_long(request: httpx2.Request, onward: Onward) -> httpx2.Response:
            if not late and request.method == "POST" and request.url.path == "/api/Tickets":
                late.append(
                    httpx2.Request(
                        request.method, request.url, headers=request.headers, content=request.content
                    )
                )
                on.clock.move(timedelta(seconds=SEARCH_LAG_SECONDS + 5))
                raise httpx2.ReadTimeout("no answer", request=request)
            return await onward(request)

        on.factory.meddle = take_long
        await on.ask()
        await on.run(Fuse())
        gave_up = on.clock.now()
        while on.clock.now() < gave_up + timedelta(seconds=SEARCH_LAG_SECONDS / 2):
            on.clock.move(timedelta(seconds=5))
            await on.run(Fuse())
        async with httpx2.AsyncClient(trust_env=False) as network:
            await network.send(late[0])
        await on.heal([])
        assert len(on.ours.halo.events("ticket.created")) == 1
        assert await on.judged() == []


async def test_a_ticket_that_the_search_does_not_show_yet_is_waited_for(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """The answer to the create is lost, and the search is behind by most of the lag that is allowed for."""
    async with stage(tmp_path, own_urls) as on:
        on.ours.halo.switches.search_lag_s = SEARCH_LAG_SECONDS - 5
        on.ours.halo.fail_next("drop_after_commit", method="POST", path="/api/tickets")
        await on.ask()
        await on.run(Fuse())
        await on.heal([])
        assert len(on.ours.halo.events("ticket.created")) == 1
        assert await on.judged() == []


@pytest.mark.parametrize("decided", [False, True])
async def test_an_instance_that_knows_nothing_at_all_for_a_while_costs_no_ticket(
    decided: bool, tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """A web server in front whose HaloPSA is down answers 404 to everything. That is no proof of deletion."""
    async with stage(tmp_path, own_urls) as on:
        # One life before, so that all look-ups are known and the ticket itself is what is asked about.
        await on.live(0, Fuse(), [], has_ticket=True)
        request_id = await on.ask()
        if decided:
            await on.run(Fuse())
            await on.decide(request_id)

        async def know_nothing(request: httpx2.Request, onward: Onward) -> httpx2.Response:
            return httpx2.Response(404, text="<html>not found</html>", request=request)

        async def as_ever(request: httpx2.Request, onward: Onward) -> httpx2.Response:
            return await onward(request)

        on.factory.meddle = know_nothing
        for _ in range(40):
            on.clock.move(timedelta(minutes=1))
            await on.run(Fuse())
        on.factory.meddle = as_ever
        await on.heal([])
        assert await on.judged() == []


async def test_a_ticket_that_was_deleted_is_given_up(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """The other side of it: where HaloPSA answers, and says that it is deleted, there is an end."""
    async with stage(tmp_path, own_urls) as on:
        request_id = await on.ask()
        await on.run(Fuse())
        (created,) = on.ours.halo.events("ticket.created")
        on.ours.halo.state.store.delete(on.ours.halo.ticket(created["ticket_id"]))
        await on.decide(request_id)
        await on.heal([])
        async with on.services.db.transaction(on.ours.tenant.operator) as tx:
            assert await tx.scalar("select observed from ticket_link") == "gone"


async def test_nobody_calls_before_retry_after_has_passed(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    """A drain that was nudged by a new request does not know of the pause; it must not call either."""
    async with stage(tmp_path, own_urls) as on:
        on.ours.halo.fail_next("429_retry_after", method="POST", path="/api/tickets", seconds=90)
        await on.ask()
        await on.run(Fuse())
        calls = len(checker.calls(on.ours.halo.log))
        for _ in range(8):
            on.clock.move(timedelta(seconds=10))
            await on.ask()
            await on.run(Fuse())
            assert len(checker.calls(on.ours.halo.log)) == calls
        await on.heal([])
        assert await on.judged(retry_after_seconds=90) == []


async def test_a_decision_while_a_drain_puts_its_ticket_to_rest_is_not_lost(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """A link that is due without need is put to rest. The decision may come between reading and writing it."""
    async with stage(tmp_path, own_urls) as on:
        for line in range(1, 8):
            request_id = await on.ask()
            await on.run(Fuse())
            await make_due(own_urls, request_id, on.clock.now())
            steps = await on.interrupted(line, lambda request_id=request_id: on.decide(request_id))
            if request_id not in {told for told, _, _ in on.ours.clients.history.told}:
                assert line > 4, steps
                await on.decide(request_id)
            await on.heal([])
        assert await on.judged() == []


async def make_due(urls: DatabaseUrls, request_id: str, moment: datetime) -> None:
    async with await psycopg.AsyncConnection.connect(urls.owner, autocommit=True) as connection:
        await connection.execute(
            "update ticket_link set next_try_at = %s where subject_id = %s", (moment, request_id)
        )
