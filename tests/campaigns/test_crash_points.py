"""Death on every line: a drain dies before and after each of its calls and commits in turn; the next one heals it.

One request's life is played again and again. Each time the drain dies one step later, until it lives through it all.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from stepladder.app import DatabaseUrls
from tests.campaigns.stage import Fuse, Stage, stage
from tests.campaigns.world import say, seed

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("crash_points")]

SECOND_DEATHS = 60


@pytest.mark.parametrize(("has_ticket", "knows_nothing", "at_least"), [(True, True, 80), (False, False, 20)])
async def test_a_drain_may_die_at_any_step(
    has_ticket: bool, knows_nothing: bool, at_least: int, tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    async with stage(tmp_path, own_urls) as on:
        deaths: list[str] = []
        await on.live(0, Fuse(), [], has_ticket=True)
        whole = Fuse()
        await life(on, 0, whole, has_ticket=has_ticket, knows_nothing=knows_nothing)
        for number, step in enumerate(whole.named()):
            fuse = Fuse(at=step)
            if not await life(on, number, fuse, has_ticket=has_ticket, knows_nothing=knows_nothing):
                deaths.append(fuse.passed[-1])
        wrong = await on.ours.judge(own_urls, retry_after_seconds=0)
    say(f"died at {len(deaths)} steps of {len(set(deaths))} kinds")
    assert not wrong, "\n".join(wrong[:40])
    assert len(deaths) >= at_least
    assert {
        f"{when} POST /api/{what}" for when in ("before", "after") for what in ("Tickets", "Actions")
    } <= set(deaths)


async def life(on: Stage, number: int, fuse: Fuse, *, has_ticket: bool, knows_nothing: bool) -> bool:
    """One life, and whether its drain never died; with everything to be looked up, or most of it known."""
    if knows_nothing:
        await on.forget()
    return await on.live(number, fuse, [], has_ticket=has_ticket)


async def test_whoever_heals_may_die_as_well(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    rng = random.Random(number)
    async with stage(tmp_path, own_urls) as on:
        on.ours.halo.switches.action_new_status = False
        for life in range(SECOND_DEATHS):
            # Look-ups are known by now, so that the deaths befall the writes and what is around them.
            deaths = [Fuse(rng.randint(1, 15)) for _ in range(rng.randint(1, 3))]
            await on.live(life, Fuse(rng.randint(1, 25)), deaths, has_ticket=bool(life % 3))
        wrong = await on.ours.judge(own_urls, retry_after_seconds=0)
    assert not wrong, f"seed {number}\n" + "\n".join(wrong[:40])
