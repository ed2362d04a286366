"""Lifecycles a second (asked, approved, read by the desktop), against a floor, in alternating rounds of one run."""

from __future__ import annotations

import statistics
from dataclasses import asdict
from typing import Any

import psutil

from stepladder_protocol.keys import encode

from .children import Child
from .cycles import Side
from .floor_cycle import APPROVE, READ, SUBMIT
from .progress import Teller
from .report import Line, Relation, Target, spread
from .sizes import Sizes
from .stage import HOST, Stage, set_stage
from .tenant import APPROVE_PATH, REQUESTS_PATH, Tenant, new_tenant
from .wire import first_answer

PRODUCT, FLOOR = "product", "floor"
_NOBODY = "http://127.0.0.1:9"  # the connector's rows are needed, its HaloPSA is not


async def measure(sizes: Sizes, teller: Teller) -> list[Line]:
    """The ratio, and what it is made of."""
    teller.step("lifecycle: setting up")
    async with set_stage() as stage, stage.services(halopsa_url=_NOBODY) as services:
        tenant = await new_tenant(services, stage.url)
        await tenant.connect(_NOBODY, check=False)
        desks = [
            {"id": each.id, "key": encode(each.key.private_bytes_raw())}
            for each in await tenant.desktops(sizes.cycle_desktops)
        ]
        await stage.settle_database()
        sides = await _started(stage, tenant)
        cycling = await stage.children.start_helper("clients", "cycles")
        order = {"desks": desks, "clients": sizes.cycle_clients}
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in sides}
        teller.step("lifecycle: alternating rounds", total=sizes.cycle_rounds * len(sides))
        for number in range(-1, sizes.cycle_rounds):  # the first warms up
            for name in sorted(sides, reverse=bool(number % 2)):
                await stage.checkpoint()
                result = await _round(cycling, *sides[name], {**order, "cycles": sizes.cycles_per_round})
                if number >= 0:
                    found[name].append(result)
                    teller.advance()
        facts = {**await stage.database_facts(), "clients": sizes.cycle_clients}
    return _lines(found, facts)


async def _started(stage: Stage, tenant: Tenant) -> dict[str, tuple[Side, psutil.Process]]:
    """The product's web process and the floor, both up."""
    product = psutil.Process((await stage.serve("--web-only")).pid)
    floor = await stage.children.start_helper("floor", "floor_cycle")
    floor.tell(
        {
            "database_url": stage.urls.service,
            "pool": tenant.services.settings.database_pool,
            "msp": str(tenant.msp.id),
            "port": stage.floor_port,
        }
    )
    await first_answer(stage.floor_port, "/")
    who = {"key": tenant.key, "customer": tenant.customer.display_name}
    ours, bare = f"{HOST}:{stage.port}", f"{HOST}:{stage.floor_port}"
    return {
        PRODUCT: (
            Side(ours, stage.port, REQUESTS_PATH, APPROVE_PATH, f"{REQUESTS_PATH}/", **who),
            product,
        ),
        FLOOR: (Side(bare, stage.floor_port, SUBMIT, APPROVE, READ, **who), psutil.Process(floor.pid)),
    }


async def _round(
    cycling: Child, side: Side, process: psutil.Process, order: dict[str, Any]
) -> dict[str, Any]:
    before = process.cpu_times()
    cycling.tell({**order, "side": asdict(side)})
    result: dict[str, Any] = await cycling.hear()
    after = process.cpu_times()
    used = after.user + after.system - before.user - before.system
    return {**result, "cpu_ms": used * 1000 / order["cycles"]}


def _lines(found: dict[str, list[dict[str, Any]]], facts: dict[str, Any]) -> list[Line]:
    rates = {name: [each["rate"] for each in rounds] for name, rounds in found.items()}
    ratios = [ours / theirs for ours, theirs in zip(rates[PRODUCT], rates[FLOOR], strict=True)]
    busiest = max(each["client_busy"] for rounds in found.values() for each in rounds)
    return [
        Line(
            "lifecycle.ratio",
            "Lifecycles a second, against the floor",
            statistics.median(ratios),
            "of the floor",
            Target(Relation.AT_LEAST, 0.5),
            {"rounds": spread(ratios), "busiest_client": busiest, **facts},
        ),
        _rate(PRODUCT, "… Stepladder", rates, found, Target(Relation.AT_LEAST, 250)),
        _rate(FLOOR, "… the floor", rates, found, None),
    ]


def _rate(
    name: str,
    title: str,
    rates: dict[str, list[float]],
    found: dict[str, list[dict[str, Any]]],
    target: Target | None,
) -> Line:
    facts = {
        "rounds": spread(rates[name]),
        "server_cpu_ms_per_lifecycle": statistics.mean(each["cpu_ms"] for each in found[name]),
    }
    return Line(f"lifecycle.{name}", title, statistics.median(rates[name]), "a second", target, facts)
