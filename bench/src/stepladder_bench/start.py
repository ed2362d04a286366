"""From the start of a `serve` process to its first 200 on /healthz, with the database running already."""

from __future__ import annotations

import statistics
import time

from .progress import Teller
from .report import Line, Relation, Target, spread
from .sizes import Sizes
from .stage import set_stage
from .tenant import new_tenant


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """Several starts, one after another."""
    teller.step("start: setting up")
    async with set_stage() as stage:
        async with stage.services() as services:
            await new_tenant(services, stage.url)
        teller.step("start: starting and stopping", total=sizes.starts)
        seconds = []
        for _ in range(sizes.starts):
            began = time.time()
            child, answered_at = await stage.started()
            seconds.append(answered_at - began)
            await stage.children.end_one(child)
            teller.advance()
    return [
        Line(
            "start.ready",
            "Start to ready",
            statistics.median(seconds),
            "s",
            Target(Relation.AT_MOST, 2.0),
            {"starts": len(seconds), "spread": spread(seconds)},
        )
    ]
