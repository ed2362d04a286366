"""Decisions a second over the integration API, against the floor, in alternating rounds of one run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psutil

from .children import CannotMeasure, Child
from .progress import Teller
from .report import Line, Relation, Target, spread
from .sizes import Sizes
from .stage import HOST, Stage, set_stage
from .tenant import APPROVE_PATH, Tenant, new_tenant
from .wire import first_answer

PRODUCT, PLAIN, JOINED = "product", "plain", "joined"
_NOBODY = "http://127.0.0.1:9"  # the connector's rows are needed, its HaloPSA is not


@dataclass(frozen=True)
class _Side:
    name: str
    port: int
    path: str
    process: psutil.Process


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """The ratio, and what it is made of."""
    teller.step("deciding: setting up")
    async with set_stage() as stage, stage.services(halopsa_url=_NOBODY) as services:
        tenant = await new_tenant(services, stage.url)
        await tenant.connect(_NOBODY, check=False)
        per_side = sizes.warm_up_decisions + sizes.rounds * sizes.decisions_per_round
        left = await tenant.pending([tenant.desktop] * per_side * 3, with_tickets=True)
        await stage.settle_database()
        sides = await _started(stage, tenant)
        pressing = await stage.children.start_helper("clients", "press")
        rounds: dict[str, list[dict[str, Any]]] = {side.name: [] for side in sides}
        teller.step("deciding: warming up")
        for side in sides:
            await _round(tenant, pressing, side, _taken(left, sizes.warm_up_decisions), sizes.clients)
        teller.step("deciding: alternating rounds", total=sizes.rounds * len(sides))
        for number in range(sizes.rounds):
            # The order changes with each round.
            for side in (*sides[number % 3 :], *sides[: number % 3]):
                await stage.checkpoint()
                chosen = _taken(left, sizes.decisions_per_round)
                rounds[side.name].append(await _round(tenant, pressing, side, chosen, sizes.clients))
                teller.advance()
        decided = await tenant.count("select count(*) from decision")
        if decided != per_side * len(sides):
            raise CannotMeasure(f"{per_side * len(sides)} decisions were asked for, {decided} were written.")
        return _lines(rounds, {**await stage.database_facts(), "clients": sizes.clients})


async def _started(stage: Stage, tenant: Tenant) -> tuple[_Side, ...]:
    """The product's web process and the floor, both up."""
    product = psutil.Process((await stage.serve("--web-only")).pid)
    floor = await stage.children.start_helper("floor", "floor")
    floor.tell(
        {
            "database_url": stage.urls.service,
            "pool": tenant.services.settings.database_pool,
            "msp": str(tenant.msp.id),
            "port": stage.floor_port,
        }
    )
    await first_answer(stage.floor_port, "/")
    bare = psutil.Process(floor.pid)
    return (
        _Side(PRODUCT, stage.port, APPROVE_PATH, product),
        _Side(PLAIN, stage.floor_port, "/plain", bare),
        _Side(JOINED, stage.floor_port, "/joined", bare),
    )


async def _round(
    tenant: Tenant, pressing: Child, side: _Side, requests: list[str], clients: int
) -> dict[str, Any]:
    before = _cpu_seconds(side.process)
    pressing.tell(
        {
            "host": f"{HOST}:{side.port}",
            "port": side.port,
            "path": side.path,
            "key": tenant.key,
            "clients": clients,
            "bodies": [tenant.approval(request_id) for request_id in requests],
        }
    )
    result: dict[str, Any] = await pressing.hear()
    if result["statuses"] != {"200": len(requests)}:
        raise CannotMeasure(f"{side.name} did not take every decision: {result['statuses']}")
    result["cpu_ms"] = (_cpu_seconds(side.process) - before) * 1000 / len(requests)
    return result


def _cpu_seconds(process: psutil.Process) -> float:
    """What the server's process has used. It tells more than the rate where others use the machine too."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _taken(left: list[str], count: int) -> list[str]:
    """The next `count` requests that nobody has decided."""
    chosen = left[:count]
    del left[:count]
    return chosen


def _lines(rounds: dict[str, list[dict[str, Any]]], facts: dict[str, Any]) -> list[Line]:
    rates = {name: [each["rate"] for each in found] for name, found in rounds.items()}

    def ratios(floor: str) -> list[float]:
        return [ours / theirs for ours, theirs in zip(rates[PRODUCT], rates[floor], strict=True)]

    busiest = max(each["client_busy"] for found in rounds.values() for each in found)
    return [
        Line(
            "deciding.ratio",
            "Decisions a second, against the floor",
            statistics.median(ratios(PLAIN)),
            "of the floor",
            Target(Relation.AT_LEAST, 0.4),
            {"rounds": spread(ratios(PLAIN)), "busiest_client": busiest, **facts},
        ),
        Line(
            "deciding.ratio_joined",
            "… against the floor with the product's joined statements",
            statistics.median(ratios(JOINED)),
            "of the floor",
            facts={"rounds": spread(ratios(JOINED))},
        ),
        *(_rate(name, found, rates[name]) for name, found in rounds.items()),
    ]


def _rate(name: str, found: Sequence[dict[str, Any]], rates: list[float]) -> Line:
    title = {PRODUCT: "Stepladder", PLAIN: "the floor", JOINED: "the floor, joined"}[name]
    facts = {
        "rounds": spread(rates),
        "server_cpu_ms_per_decision": statistics.mean(each["cpu_ms"] for each in found),
        "milliseconds": {
            share: statistics.median(each["milliseconds"][share] for each in found)
            for share in ("p50", "p95", "p99")
        },
    }
    return Line(f"deciding.{name}", f"… {title}", statistics.median(rates), "a second", facts=facts)
