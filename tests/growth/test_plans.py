"""What is asked every two seconds, on a page or for a decision costs what is due or shown, not what is over.

Read in the plans, as the service's role and with generic parameters: no table that grows is read from end to end, and
what is touched is bounded. Milliseconds would tell of the machine.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from stepladder.app import DatabaseUrls, Services, open_services
from stepladder.elevation.names import TRAIL as REQUESTS
from stepladder.endpoints import listing
from stepladder.endpoints.names import TRAIL as MACHINES
from stepladder.kit.db import Actor, ActorKind, Transaction
from stepladder.kit.ids import ConnectionId
from stepladder.mapping.queries import called_remotely
from stepladder.reconcile import instances
from stepladder.tenancy import customers, naming, service as tenancy
from stepladder.tenancy.service import Customer
from stepladder.tickets import status, sweeps, turns
from stepladder_protocol.messages import RequestState
from tests.growth.large import CUSTOMERS, OPEN, TABLES, Plan, explained, fill, recorded
from tests.support.connections import plain_connection
from tests.support.installations import settings_in
from tests.support.tenants import new_tenant

pytestmark = [pytest.mark.xdist_group("growth")]
BLOCKS = 1_200
"""What a page, a look-up or a question may touch. Each of these tables has thousands of blocks."""
SINCE = datetime.now(UTC) - timedelta(days=3650)


@dataclass(frozen=True)
class Large:
    """The filled installation, and its one MSP."""

    urls: DatabaseUrls
    directory: Path
    msp: Any
    connection_id: ConnectionId


@pytest.fixture(scope="module")
def large(
    new_database: Callable[[], DatabaseUrls],
    tmp_path_factory: pytest.TempPathFactory,
) -> Large:
    """Filled once for all tests of this file; what they write they undo."""
    urls, directory = new_database(), tmp_path_factory.mktemp("large")

    async def prepare() -> Large:
        async with open_services(settings_in(directory), urls) as services:
            tenant = await new_tenant(services)
            async with services.db.transaction(tenant.operator) as tx:
                connection_id = await plain_connection(tx)
                await tx.run("update connection set is_enabled = true")
                await sweeps.create(tx, connection_id)
                await sweeps.note_linked(tx, connection_id, None)
                await instances.create(tx, connection_id, "tickets", call_budget=600)
            return Large(urls, directory, tenant.msp, connection_id)

    found = asyncio.run(prepare())
    fill(urls.owner, found.msp.id, found.connection_id)
    return found


@pytest.fixture
async def services(large: Large) -> AsyncIterator[Services]:
    async with open_services(settings_in(large.directory), large.urls) as opened:
        yield opened


class Undone(Exception):
    """What a test wrote is not kept."""


Act = Callable[[Transaction], Awaitable[object]]


async def check(
    services: Services,
    large: Large,
    act: Act,
    *,
    blocks: int = BLOCKS,
    prepared: Act | None = None,
    tables: Collection[str] = TABLES,
) -> Any:
    """Do it in a transaction, and look how each of its statements was carried out."""
    with contextlib.suppress(Undone):
        async with services.db.transaction(_operator(large)) as tx:
            if prepared:
                await prepared(tx)
            with recorded(tx) as asked:
                found = await act(tx)
            assert asked
            for plan in await explained(tx, asked):
                assert not plan.read_whole & set(tables), plan.query
                assert plan.buffers <= blocks, (plan.buffers, plan.query, plan.told())
            raise Undone
    return found


def _operator(large: Large) -> Actor:
    return Actor(large.msp.id, ActorKind.OPERATOR, "test")


@pytest.mark.parametrize("duty", ["due_tickets", "due_expiries", "due_seals", "due_nonces", "due_links"])
async def test_asking_what_is_due_costs_nothing_where_nothing_is(
    services: Services, large: Large, duty: str
) -> None:
    """OPS-02: the question of every two seconds ends at the first entry of an index, also with a generic plan."""
    # The function runs as the owner, so its text is explained as the owner.
    with psycopg.connect(large.urls.owner, cursor_factory=psycopg.ClientCursor) as owner:
        row = owner.execute("select prosrc from pg_proc where proname = %s", (duty,)).fetchone()
        assert row is not None
        body = re.sub(r"\bat\b", "$1", row[0])
        owner.execute("set plan_cache_mode = force_generic_plan")
        owner.execute(f"prepare due (timestamptz) as {body}".encode())
        told = owner.execute("explain (analyze, buffers, format json) execute due(now())").fetchone()
        assert told is not None
    plan = Plan(body, told[0][0]["Plan"])
    assert not plan.read_whole & set(TABLES)
    assert plan.buffers <= 40
    assert duty in {each.due for each in services.duties}


async def test_a_page_of_the_trail_costs_a_page(services: Services, large: Large) -> None:
    """OPS-03: neither requests nor machines are read but those that the page names, wherever the page is."""

    async def read(tx: Transaction) -> str | None:
        first = await services.trail.page_of(tx, since=SINCE, size=100)
        assert len(first.events) == 100
        return first.ends_at

    async def read_on(tx: Transaction) -> object:
        return await services.trail.page_of(tx, since=SINCE, size=100, after=place)

    place = await check(services, large, read)
    await check(services, large, read_on)


@pytest.mark.parametrize("number", [7, CUSTOMERS])
async def test_the_trail_of_one_customer_costs_a_page(services: Services, large: Large, number: int) -> None:
    """OPS-04: also of a customer with few events, or with none at all."""
    one = await customer(services, large, f"c-{number}")

    async def read(tx: Transaction) -> object:
        return await services.trail.page_of(tx, since=SINCE, size=100, customers=[one.id])

    await check(services, large, read)


async def customer(services: Services, large: Large, name: str) -> Customer:
    async with services.db.transaction(_operator(large)) as tx:
        return await tenancy.find_customer(tx, name)


@pytest.mark.parametrize("due", [1, 300])
async def test_a_round_of_a_drain_costs_what_it_serves(services: Services, large: Large, due: int) -> None:
    """OPS-05: with one due link, and with more than are read at once; neither customers nor what is over count."""

    async def make_due(tx: Transaction) -> None:
        await tx.run(
            """update ticket_link set next_try_at = now() - interval '1 minute'
               where id in (select id from ticket_link where observed = 'open' order by created_at limit %(due)s)""",
            {"due": due},
        )

    async def ask(tx: Transaction) -> object:
        found = await turns.list_due(tx, large.connection_id, after=UUID(int=1 << 127))
        assert len(found) == min(due, 20)
        return found

    await check(services, large, ask, prepared=make_due, blocks=BLOCKS if due == 1 else 1500)


@pytest.mark.parametrize("text", ["C-17", "customer  4999 LTD", "nobody"])
async def test_a_customer_is_found_by_an_index(services: Services, large: Large, text: str) -> None:
    """OPS-06: whichever call or command looks for it, for row security lets no expression use an index."""

    async def look(tx: Transaction) -> None:
        await naming.called(tx, Customer, text)
        await naming.hold(tx, [text], but=large.msp.id)
        await called_remotely(tx, text)

    await check(services, large, look, blocks=40)


async def test_the_status_counts_no_history_to_its_end(services: Services, large: Large) -> None:
    """OPS-07: what is pending and open is counted to the last, what is over as far as ten thousand."""
    found = await check(services, large, status.read_status, blocks=1500)
    assert found["tickets"]["open"] == OPEN
    assert found["tickets"]["closed"] == status.COUNTED_AT_MOST


@pytest.mark.parametrize("state", [None, *RequestState])
async def test_a_list_of_requests_costs_its_page(
    services: Services, large: Large, state: RequestState | None
) -> None:
    """OPS-07: of any state, and from anywhere in the list."""

    async def read(tx: Transaction) -> None:
        part = await services.elevation.recent(tx, state=state, limit=50)
        if part.left:
            await services.elevation.recent(tx, state=state, after=str(part.rows[-1].id), limit=50)

    await check(services, large, read, blocks=1500)


async def test_lists_of_machines_and_customers_cost_their_page(services: Services, large: Large) -> None:
    """OPS-08: a part of them, from the start and from the middle; what is left is counted as far as ten thousand."""
    one = await customer(services, large, "c-9")

    async def read(tx: Transaction) -> None:
        for of in (None, one.id):
            part = await listing.list_part(tx, of, after=None, limit=15)
            await listing.list_part(tx, of, after=str(part.rows[-1].id), limit=15)
        few = await customers.list_part(tx, None, limit=50)
        await customers.list_part(tx, None, after=str(few.rows[-1].id), limit=50)

    # What is left of all customers is counted where they lie: nothing of them is over.
    await check(services, large, read, blocks=12_000, tables=set(TABLES) - {"customer"})


async def test_names_for_a_page_of_the_trail_are_found_by_id(services: Services, large: Large) -> None:
    """OPS-03: with the ids of a page, and with none that exist."""
    one = await customer(services, large, "c-9")

    async def read(tx: Transaction) -> None:
        for source in (REQUESTS, MACHINES):
            await tx.dicts(source.names, {"ids": [one.id], "texts": [str(one.id)]})

    await check(services, large, read, blocks=40)
