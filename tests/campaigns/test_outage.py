"""HaloPSA is away for a day of virtual time, and asking and deciding go on; then the backlog drains, fair to all."""

from __future__ import annotations

import random
import time
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path

import httpx2
import pytest

from stepladder.app import DatabaseUrls, open_services
from stepladder.elevation.policy import Verdict
from stepladder.settings import Settings
from stepladder.tenancy.service import Customer
from stepladder_sandbox.halopsa.testing import running_sandbox
from tests.campaigns import checker
from tests.campaigns.virtual import Days
from tests.campaigns.world import Fleet, fleet, quiet_config, say, seed
from tests.support.clock import ManualClock

pytestmark = [pytest.mark.campaign, pytest.mark.timeout(1200), pytest.mark.xdist_group("outage")]

VOLUMES = (300, 20, 5)
DAY = timedelta(hours=24)
BUDGET, ALLOWED = 600, 700
LARGE_DESKTOPS = 30


async def test_a_day_without_halopsa(tmp_path: Path, own_urls: DatabaseUrls) -> None:
    number = seed()
    rng, clock, took = random.Random(number), ManualClock(), list[float]()
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient())
        halo = await stack.enter_async_context(
            running_sandbox(quiet_config(), clock=clock.now, sleep=clock.sleep)
        )
        settings = Settings(data_dir=tmp_path, outbound_allow=(halo.url,))
        services = await stack.enter_async_context(open_services(settings, own_urls, clock=clock))
        ours = await fleet(
            services,
            halo,
            http,
            rng=rng,
            urls=["http://127.0.0.1:9"],
            call_budget=BUDGET,
            desktops=3 * LARGE_DESKTOPS,
            search_lag_seconds=60,
        )
        ours.clients._now = clock.now
        days = Days(services, clock)
        started = clock.now()
        halo.switches.outage = "reset"
        owner = await a_day_of_work(ours, days, clock, rng, took)
        assert not ours.halo.events("ticket.created")
        probes = len(checker.calls(halo.log))
        halo.switches.outage = "503"
        await days.until(started + DAY, step=timedelta(seconds=20))
        halo.switches.outage = "off"
        halo.switches.latency_s = 0.2
        back = clock.now()
        lasted = await days.rest(step=timedelta(seconds=1), at_most=timedelta(hours=2))
        wrong = await ours.judge(own_urls, retry_after_seconds=0)
        customers = [ours.tenant.customer, *ours.tenant.others]
        finished = [last_closing(ours, owner, customer) - back for customer in customers]
        most = checker.most_in_window(halo.log, 300)
    took.sort()
    told = (
        f"seed {number}; {sum(VOLUMES)} requests in {DAY}; {probes} calls into the void; backlog gone after {lasted}; "
        f"customers of {VOLUMES} requests finished after {[f'{each.total_seconds():.0f} s' for each in finished]}; "
        f"at most {most} calls in 5 minutes; asking took {1000 * took[len(took) // 2]:.1f} ms (median), "
        f"{1000 * took[int(0.99 * len(took))]:.1f} ms (p99) meanwhile"
    )
    say(told)
    assert not wrong, f"{told}\n" + "\n".join(wrong[:40])
    assert most <= ALLOWED, told
    large, medium, small = finished
    # Up to a minute until the first try again; then, in turn, nobody waits for the three hundred.
    assert max(small, medium) < timedelta(minutes=3), told
    assert max(small, medium) < large / 2, told
    assert took[len(took) // 2] < 0.3, told


async def a_day_of_work(
    ours: Fleet, days: Days, clock: ManualClock, rng: random.Random, took: list[float]
) -> dict[str, Customer]:
    """Requests of three customers over a day, each decided or left; gives whose each is."""
    customers = [ours.tenant.customer, *ours.tenant.others]
    desktops = {
        customer.id: [each for each in ours.clients.desktops if each.endpoint.customer_id == customer.id]
        for customer in customers
    }
    start = clock.now()
    wanted = [
        (start + rng.random() * (DAY - timedelta(hours=1)), customer)
        for customer, volume in zip(customers, VOLUMES, strict=True)
        for _ in range(volume)
    ]
    owner: dict[str, Customer] = {}
    for moment, customer in sorted(wanted, key=lambda each: each[0]):
        await days.until(moment, step=timedelta(seconds=20))
        began = time.perf_counter()
        status = await ours.tenant.submit(rng.choice(desktops[customer.id]))
        took.append(time.perf_counter() - began)
        request_id = status.request_id
        ours.clients.history.accepted[request_id] = request_id
        owner[request_id] = customer
        clock.move(timedelta(seconds=rng.uniform(1, 20)))
        ours.clients.trying(request_id)
        verdict = rng.choice(list(Verdict))
        await ours.clients.decide(request_id, verdict, "cli")
    return owner


def last_closing(ours: Fleet, owner: dict[str, Customer], customer: Customer) -> datetime:
    """When the customer's last ticket was closed."""
    tickets = checker.tickets_by_request(ours.halo.log)
    theirs = {
        ticket for request_id, found in tickets.items() if owner[request_id] == customer for ticket in found
    }
    return max(
        datetime.fromisoformat(event["at"])
        for event in ours.halo.log
        if event.get("closed_now") and event["ticket_id"] in theirs
    )


async def test_a_newcomer_is_not_behind_the_backlogs_of_forty_others(
    tmp_path: Path, own_urls: DatabaseUrls
) -> None:
    """More customers with a backlog than are served in one round, and one who asks for the first time."""
    clock, crowd, each_has = ManualClock(), 40, 6
    config = quiet_config()
    names = [f"Customer {number:02}" for number in range(crowd)]
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient())
        halo = await stack.enter_async_context(running_sandbox(config, clock=clock.now, sleep=clock.sleep))
        first = halo.state.config.clients[0]
        halo.reconfigure(
            clients=(
                *halo.state.config.clients,
                *(type(first)(id=100 + n, name=name) for n, name in enumerate(names)),
            )
        )
        settings = Settings(data_dir=tmp_path, outbound_allow=(halo.url,))
        services = await stack.enter_async_context(open_services(settings, own_urls, clock=clock))
        ours = await fleet(
            services,
            halo,
            http,
            rng=random.Random(1),
            urls=["http://127.0.0.1:9"],
            call_budget=BUDGET,
            desktops=3,
        )
        ours.clients._now = clock.now
        for name in names:
            desktop = await ours.tenant.desktop_of(
                await ours.tenant.customer_called(name.lower(), name), name
            )
            for _ in range(each_has):
                status = await ours.tenant.submit(desktop)
                ours.clients.history.accepted[status.request_id] = status.request_id
        clock.move(timedelta(seconds=1))
        newcomer = (await ours.tenant.submit(ours.clients.desktops[0])).request_id
        ours.clients.history.accepted[newcomer] = newcomer
        await Days(services, clock).rest(step=timedelta(seconds=1), at_most=timedelta(hours=1))
        wrong = await ours.judge(own_urls, retry_after_seconds=0)
    order = list(checker.tickets_by_request(halo.log))
    assert not wrong, "\n".join(wrong)
    assert order.index(newcomer) <= crowd, f"{order.index(newcomer)} tickets came before the newcomer's first"
