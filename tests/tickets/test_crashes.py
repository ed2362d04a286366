"""A drain dies on any line, and any answer gets lost: one ticket, one note, closed, once each.

These are the real reconciler, lease and database; only the ticket system is in memory and its clock stands still.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st
from tests.support.hypothesis_profile import on_one_fixture
from tests.support.memory.connector import Mishap
from tests.support.tenants import new_tenant
from tests.tickets.staged import SEARCH_LAG, Stage, staged

from stepladder.connections import service as connections
from stepladder.connectors.base import NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.elevation.policy import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.kit.ids import RequestId


async def assert_one_of_each(stage: Stage, request_id: str) -> None:
    ticket = await stage.ticket(request_id)
    link = await stage.link(request_id)
    assert len(ticket.notes) == 1
    assert ticket.is_closed
    assert (link["observed"], link["ticket_id"], link["next_try_at"]) == ("closed", ticket.id, None)
    assert not link["needs_attention"]
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        tags = await tx.dicts(
            "select tag, count(*) as times from audit_event where subject = %(id)s group by tag",
            {"id": request_id},
        )
    counts = {row["tag"]: row["times"] for row in tags}
    assert (counts["ticket.opened"], counts["ticket.closed"]) == (1, 1)


async def lines_of(stage: Stage) -> tuple[int, int]:
    """How many lines opening a ticket passes, and how many closing it, once the customer is mapped."""
    await stage.tenant.submit()
    await stage.run()
    status = await stage.tenant.submit()
    await stage.run_until_it_dies(None)
    opening = stage.lines.passed
    await stage.tenant.decide(status.request_id)
    await stage.run_until_it_dies(None)
    await assert_one_of_each(stage, status.request_id)
    return opening, stage.lines.passed


async def test_dying_on_any_line_while_opening_leaves_one_ticket(stage):
    opening, _ = await lines_of(stage)
    assert opening > 10
    for line in range(opening):
        status = await stage.tenant.submit()
        assert await stage.run_until_it_dies(line), line
        await stage.settle()
        await stage.tenant.decide(status.request_id)
        await stage.settle()
        await assert_one_of_each(stage, status.request_id)


async def test_dying_on_any_line_while_a_new_customer_is_mapped_leaves_one_ticket(stage):
    for line in range(60):
        customer = await stage.tenant.customer_called(f"customer-{line}")
        stage.remote.customers.append(RemoteCustomer(str(100 + line), f"Customer-{line}", is_active=True))
        status = await stage.tenant.submit(await stage.tenant.desktop_of(customer))
        has_died = await stage.run_until_it_dies(line)
        await stage.settle()
        ticket = await stage.ticket(status.request_id)
        assert ticket.draft.customer.id == str(100 + line)
        if not has_died:
            assert line > 20
            return
    raise AssertionError("there are more lines than were tried")


async def test_dying_on_any_line_while_closing_leaves_one_note(stage):
    _, closing = await lines_of(stage)
    assert closing > 10
    for line in range(closing):
        status = await stage.tenant.submit()
        await stage.run()
        await stage.tenant.decide(status.request_id, Verdict.DENIED)
        assert await stage.run_until_it_dies(line), line
        await stage.settle()
        await assert_one_of_each(stage, status.request_id)


async def test_dying_on_any_line_while_a_ticket_that_stays_open_gets_its_note_leaves_one_note(stage):
    """As set, the ticket of a denied request is left for a technician to look into. It rests, and nothing is wrong."""
    tenant = await new_tenant(stage.services)
    stage = await staged(stage.services, tenant, stage.clock, close_denied=False)
    for line in range(200):
        status = await stage.tenant.submit()
        await stage.run()
        await stage.tenant.decide(status.request_id, Verdict.DENIED)
        has_died = await stage.run_until_it_dies(line)
        await stage.settle()
        ticket, link = await stage.ticket(status.request_id), await stage.link(status.request_id)
        (note,) = ticket.notes
        assert note.note.endswith(" This ticket stays open.")
        assert (note.minutes, note.approver, ticket.is_closed) == (0, None, False)
        assert (link["desired"], link["observed"], link["note_seen"]) == ("closed", "open", True)
        assert (link["next_try_at"], link["needs_attention"], link["error"]) == (None, False, None)
        if not has_died:
            assert line > 12
            break
    else:
        raise AssertionError("there are more lines than were tried")
    approved = await stage.tenant.submit()
    await stage.tenant.decide(approved.request_id)
    await stage.settle()
    await assert_one_of_each(stage, approved.request_id)


@pytest.mark.parametrize("how", ["expired", "cancelled"])
async def test_the_tickets_of_requests_that_nobody_decided_stay_open_where_it_is_set(stage, how):
    tenant = await new_tenant(stage.services)
    stage = await staged(stage.services, tenant, stage.clock, **{f"close_{how}": False})
    status = await stage.tenant.submit()
    await stage.settle()
    await settle_without_decision(stage, status.request_id, how)
    await stage.settle()
    ticket = await stage.ticket(status.request_id)
    assert (len(ticket.notes), ticket.is_closed) == (1, False)
    denied = await stage.tenant.submit()
    await stage.tenant.decide(denied.request_id, Verdict.DENIED)
    await stage.settle()
    await assert_one_of_each(stage, denied.request_id)


async def settle_without_decision(stage: Stage, request_id: str, how: str) -> None:
    """What the sweep, or the desktop, does."""
    request = RequestId(UUID(request_id))
    if how == "expired":
        stage.clock.move(timedelta(days=5))
        await stage.services.elevation.expire_due(stage.tenant.operator)
    else:
        endpoint = stage.tenant.desktop.endpoint
        actor = endpoints.actor_for(stage.tenant.msp.id, endpoint.id)
        await stage.services.elevation.cancel(actor, endpoint.id, request)


async def test_dying_on_any_line_of_the_recovery_changes_nothing(stage):
    """The second process dies, too, while it finds out what the first one did."""
    opening, _ = await lines_of(stage)
    for first in range(opening - 20, opening):
        for second in range(first % 5, 35, 5):
            status = await stage.tenant.submit()
            await stage.run_until_it_dies(first)
            stage.clock.move(timedelta(seconds=SEARCH_LAG + 1))
            await stage.run_until_it_dies(second)
            await stage.settle()
            await stage.tenant.decide(status.request_id)
            await stage.settle()
            await assert_one_of_each(stage, status.request_id)


async def test_a_process_that_sleeps_on_any_line_while_another_takes_over_writes_nothing_more(stage):
    """A paused worker wakes up in the middle. Its lease is gone: what it still writes down is refused."""
    opening, closing = await lines_of(stage)
    for line in range(opening):
        status = await stage.tenant.submit()
        await stage.run_interrupted(line, stage.run)
        await stage.settle()
        await stage.tenant.decide(status.request_id)
        await stage.settle()
        await assert_one_of_each(stage, status.request_id)
    for line in range(closing):
        status = await stage.tenant.submit()
        await stage.run()
        await stage.tenant.decide(status.request_id)
        await stage.run_interrupted(line, stage.run)
        await stage.settle()
        await assert_one_of_each(stage, status.request_id)


async def test_a_decision_that_comes_on_any_line_of_the_opening_closes_the_ticket(stage):
    opening, _ = await lines_of(stage)
    for line in range(opening):
        status = await stage.tenant.submit()

        async def decide(request_id: str = status.request_id) -> None:
            await stage.tenant.decide(request_id)

        await stage.run_interrupted(line, decide)
        await stage.settle()
        await assert_one_of_each(stage, status.request_id)


async def test_removing_the_connector_on_any_line_stops_the_drain_quietly(stage):
    opening, _ = await lines_of(stage)

    async def remove() -> None:
        await connections.remove(stage.services.connections, stage.tenant.operator)

    await remove()
    for line in range(0, opening + 10, 2):
        again = await staged(stage.services, stage.tenant, stage.clock)
        status = await stage.tenant.submit()
        await again.run_interrupted(line, remove)
        assert await again.drain.run(stage.tenant.msp.id, again.connection_id) is False
        assert len(again.remote.tickets) <= 1
        await stage.tenant.decide(status.request_id)


def lost(*, landed: bool) -> Mishap:
    return Mishap(TryLater("The answer was lost.", code="lost", may_have_happened=True), landed)


MISHAPS = st.sampled_from(
    [
        lost(landed=True),
        lost(landed=False),
        Mishap(TryLater("Not now.", code="down")),
        Mishap(TryLater("Wait.", code="limited", after=7.0)),
        Mishap(Rejected("No.", code="rejected")),
        Mishap(NeedsAttention("Somebody must act.", code="attention")),
        Mishap(NeedsAttention("Everything is refused.", code="credentials", whole_instance=True)),
    ]
)


@given(
    mishaps=st.lists(MISHAPS, max_size=6),
    deaths=st.lists(st.integers(0, 45), max_size=4),
    decides_after=st.integers(0, 4),
    pauses=st.lists(st.sampled_from([0.0, 1.0, 20.0, 61.0, 3600.0]), min_size=6, max_size=6),
)
@on_one_fixture(150)
async def test_any_mix_of_deaths_and_lost_answers_ends_the_same(
    stage, mishaps, deaths, decides_after, pauses
):
    status = await stage.tenant.submit()
    stage.remote.mishaps.extend(mishaps)
    for number, pause in enumerate(pauses):
        if number == decides_after:
            await stage.tenant.decide(status.request_id)
        await stage.run_until_it_dies(deaths[number] if number < len(deaths) else None)
        stage.clock.move(timedelta(seconds=pause))
    stage.remote.mishaps.clear()
    await stage.settle()
    await assert_one_of_each(stage, status.request_id)


@pytest.mark.parametrize("landed", [True, False])
async def test_after_a_lost_answer_nothing_is_sent_again_before_the_search_has_caught_up(stage, landed):
    # The list of customers comes first; the answer to the create is the second.
    await stage.tenant.submit()
    await stage.run()
    status = await stage.tenant.submit()
    stage.remote.mishaps.append(lost(landed=landed))
    await stage.run()
    reference = (await stage.link(status.request_id))["reference"]
    for _ in range(5):
        stage.clock.move(timedelta(seconds=SEARCH_LAG / 6))
        await stage.run()
        assert len(stage.remote.with_reference(reference)) == int(landed)
    await stage.settle()
    assert len(stage.remote.with_reference(reference)) == 1


async def test_a_refused_create_is_simply_tried_again(stage):
    await stage.tenant.submit()
    await stage.run()
    status = await stage.tenant.submit()
    stage.remote.mishaps.append(Mishap(Rejected("A field is missing.", code="rejected")))
    await stage.run()
    link = await stage.link(status.request_id)
    assert (link["create_sent_at"], link["error"], link["needs_attention"]) == (
        None,
        "A field is missing.",
        True,
    )
    await stage.settle()
    link = await stage.link(status.request_id)
    assert (link["observed"], link["error"], link["needs_attention"]) == ("open", None, False)


async def test_a_deleted_ticket_is_given_up_after_three_looks_and_no_second_one_is_made(stage):
    status = await stage.tenant.submit()
    await stage.run()
    (await stage.ticket(status.request_id)).is_deleted = True
    await stage.tenant.decide(status.request_id)
    for _ in range(5):
        stage.clock.move(timedelta(seconds=30))
        await stage.run()
    link = await stage.link(status.request_id)
    assert (link["observed"], link["next_try_at"]) == ("gone", None)
    assert len(stage.remote.with_reference(link["reference"])) == 1


@pytest.mark.parametrize("is_shown", [True, False])
async def test_passing_404s_do_not_give_a_ticket_up(stage, is_shown):
    """Not even while the search does not show it either."""
    status = await stage.tenant.submit()
    await stage.run()
    ticket = await stage.ticket(status.request_id)
    await stage.tenant.decide(status.request_id)
    if not is_shown:
        ticket.visible_at = stage.clock.now() + timedelta(seconds=SEARCH_LAG * 2)
    # Looking up the approver comes first, and passes over it; the note is the second.
    stage.remote.mishaps.extend([Mishap(RemoteGone("Not found.", code="gone"))] * 2)
    await stage.settle()
    await assert_one_of_each(stage, status.request_id)


async def test_a_ticket_held_open_keeps_its_one_note_and_closes_when_it_can(stage):
    status = await stage.tenant.submit()
    await stage.run()
    ticket = await stage.ticket(status.request_id)
    ticket.is_held_open = True
    await stage.tenant.decide(status.request_id)
    for _ in range(4):
        await stage.run()
        stage.clock.move(timedelta(seconds=30))
    link = await stage.link(status.request_id)
    assert (len(ticket.notes), link["needs_attention"], link["error"]) == (
        1,
        True,
        "Something holds the ticket open.",
    )
    ticket.is_held_open = False
    await stage.settle()
    await assert_one_of_each(stage, status.request_id)
