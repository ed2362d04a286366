"""What the campaigns share: MSPs on sandboxes of their own, the product at work in this process, and the verdict."""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import random
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import msgspec
import psycopg
from psycopg.rows import dict_row

from stepladder import worker
from stepladder.app import DatabaseUrls, Services
from stepladder.audit import export
from stepladder_sandbox.halopsa.demo import demo_config
from stepladder_sandbox.halopsa.testing import RunningSandbox
from tests.campaigns import checker
from tests.campaigns.checker import Evidence
from tests.campaigns.clients import Clients
from tests.support.halo import connect
from tests.support.tenants import Tenant, new_tenant

DESKTOPS = 24


def seed() -> int:
    """A seed of this run; printed, so that a failing run can be played again."""
    return random.SystemRandom().randrange(2**32)


def quiet_config() -> Any:
    """The demo's HaloPSA without its own tickets."""
    return msgspec.structs.replace(demo_config("http://127.0.0.1:9", "not-set-yet"), tickets=())


@dataclass
class Fleet:
    """One MSP with its desktops, its people, and a HaloPSA of its own."""

    tenant: Tenant
    halo: RunningSandbox
    clients: Clients
    call_budget: int

    @property
    def application_id(self) -> str:
        return self.halo.state.config.applications[0].client_id

    def ticket_of(self, request_id: str) -> int | None:
        """The ticket that tells of a request, if there is one by now."""
        for ticket in self.halo.state.store.newest_first():
            if request_id in ticket.custom.values():
                return ticket.id
        return None

    async def judge(self, urls: DatabaseUrls, *, retry_after_seconds: float) -> list[str]:
        """Everything that is wrong."""
        evidence = Evidence(
            log=self.halo.log,
            history=self.clients.history,
            application_id=self.application_id,
            budget=self.call_budget,
            retry_after_seconds=retry_after_seconds,
            database=await dump(urls.owner, self.tenant),
            audit=await trail(self.tenant),
        )
        return checker.check(evidence)


async def fleet(
    services: Services,
    halo: RunningSandbox,
    http: httpx2.AsyncClient,
    *,
    rng: random.Random,
    urls: Sequence[str],
    call_budget: int = 1_000_000,
    desktops: int = DESKTOPS,
    **settings: Any,
) -> Fleet:
    """An MSP that is ready to work: three customers, their desktops, a connected HaloPSA whose buttons work."""
    tenant = await new_tenant(services)
    tenant.others = [
        await tenant.customer_called("contoso", "Contoso Dental"),
        await tenant.customer_called("fabrikam", "Fabrikam Legal"),
    ]
    customers = [tenant.customer, *tenant.others]
    machines = [
        await tenant.desktop_of(customers[number % 3], f"DESK-{number}") for number in range(2, desktops + 2)
    ]
    await connect(services, tenant, halo, call_budget=call_budget, **settings)
    halo.point_at(urls[0], tenant.key)
    # All MSPs share one address here; which of them is meant, the Host header says.
    methods = halo.state.config.methods
    halo.reconfigure(
        methods=tuple(
            msgspec.structs.replace(method, headers={**method.headers, "Host": tenant.msp.host})
            for method in methods
        )
    )
    return Fleet(tenant, halo, Clients(tenant, machines, urls, http, rng), call_budget)


@asynccontextmanager
async def working(services: Services) -> AsyncIterator[None]:
    """The real worker and what turns commits into jobs, in this event loop."""
    tasks = [asyncio.create_task(worker.run(services)), asyncio.create_task(services.jobs.run_nudges())]
    try:
        yield
        for task in tasks:
            assert not task.done(), task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def until(
    condition: Callable[[], bool] | Callable[[], Awaitable[bool]], what: str, *, seconds: float = 300.0
) -> None:
    """Wait for a condition. The time is a guard: nothing depends on how long it takes."""
    ends = time.monotonic() + seconds
    while True:
        found = condition()
        if found is True or (inspect.isawaitable(found) and await found):
            return
        assert time.monotonic() < ends, f"after {seconds:.0f} s still not so: {what}"
        await asyncio.sleep(0.05)


def say(text: str) -> None:
    """Tell the person who runs the campaign (pytest -s), and who reads why it failed."""
    sys.stdout.write(f"\n{text}\n")


_UNDONE = """
    select (select count(*) from ticket_link where next_try_at is not null or desired <> observed)
         + (select count(*) from procrastinate_jobs)
         + (select count(*) from audit_event where sequence is null)
         + (select count(*) from elevation_request where state = 'pending' and expires_at <= now())
         + (select count(*) from drain where failures > 0) as undone
"""


async def drained(owner_url: str, *, seconds: float = 600.0) -> None:
    """Wait until nothing is left to do anywhere."""
    async with await psycopg.AsyncConnection.connect(owner_url, autocommit=True) as connection:

        async def nothing_left() -> bool:
            row = await (await connection.execute(_UNDONE)).fetchone()
            return row is not None and row[0] == 0

        try:
            await until(nothing_left, "nothing is left to do", seconds=seconds)
        except AssertionError as error:
            rows = await waiting(owner_url)
            raise AssertionError(f"{error}\n{json.dumps(rows, indent=1, default=str)[:4000]}") from error


async def waiting(owner_url: str) -> dict[str, list[dict[str, Any]]]:
    """What still waits, for a failing test to show."""
    return await _rows(
        owner_url,
        {
            "drain": "select failures, needs_attention, paused_until, error, fence from drain",
            "ticket_link": """select subject_id as request_id, desired, observed, attempts, next_try_at, error_code, error
                              from ticket_link where next_try_at is not null or desired <> observed limit 20""",
            "jobs": "select id, status, worker_id, args from procrastinate_jobs",
            "unsealed": "select count(*) from audit_event where sequence is null",
        },
    )


async def dump(owner_url: str, tenant: Tenant) -> dict[str, list[dict[str, Any]]]:
    """What the database holds of one MSP, and the job engine's queue."""
    tables = ("elevation_request", "decision", "ticket_link", "drain")
    queries = {table: f"select * from {table} where msp_id = %(msp)s" for table in tables}  # noqa: S608  # names of our own
    return await _rows(
        owner_url,
        {**queries, "jobs": "select id, status, args from procrastinate_jobs"},
        {"msp": tenant.msp.id},
    )


async def _rows(
    owner_url: str, queries: dict[str, str], params: dict[str, Any] | None = None
) -> dict[str, list[dict[str, Any]]]:
    async with await psycopg.AsyncConnection.connect(owner_url, row_factory=dict_row) as connection:
        return {
            name: await (
                await connection.execute(query.encode(), params if "%(" in query else None)
            ).fetchall()
            for name, query in queries.items()
        }


async def trail(tenant: Tenant) -> list[dict[str, Any]]:
    """The MSP's exported audit trail."""
    out = io.BytesIO()
    services = tenant.services
    await export.write(services.db, services.vault, tenant.operator, services.clock, out)
    return checker.read_export(out.getvalue().decode())


def figures(fleets: Iterable[Fleet], seconds: float) -> str:
    """What a campaign did, in a few lines."""
    fleets = list(fleets)
    lifecycles = sum(len(each.clients.history.accepted) for each in fleets)
    calls = sum(len(checker.calls(each.halo.log)) for each in fleets)
    faults: Counter[str] = Counter()
    unknown: Counter[str] = Counter()
    for each in fleets:
        faults += checker.fired(each.halo.log)
        unknown += each.clients.history.unknown
    return (
        f"{lifecycles} lifecycles in {seconds:.0f} s ({lifecycles / seconds:.1f}/s), {calls} calls of HaloPSA "
        f"({calls / max(1, lifecycles):.2f} each), {sum(faults.values())} faults "
        f"({100 * sum(faults.values()) / max(1, calls):.0f} % of calls): {dict(sorted(faults.items()))}; "
        f"clients learned nothing {dict(unknown)} times"
    )
