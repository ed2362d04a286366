"""What people do to tickets while requests wait: each has its rule, its event, its line, and decides nothing."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.support.memory.connector import PASSES, MemoryTicket, Mishap
from tests.tickets.staged import Stage

from stepladder.connectors.base import NeedsAttention, Rejected, TryLater
from stepladder.connectors.ticket_system import RemoteCustomer
from stepladder.elevation.policy import Verdict
from stepladder.remedies import Remedy
from stepladder.tickets.drift import Reach
from stepladder.tickets.drift_policy import MENDED_AT_MOST, REMARK_AFTER
from stepladder.tickets.status import read_status as status

EVERY = timedelta(seconds=31)


async def waiting(stage: Stage) -> tuple[str, MemoryTicket]:
    """A request that waits, and its ticket, which is open for a while."""
    request_id = (await stage.tenant.submit()).request_id
    await stage.run()
    stage.clock.move(EVERY)
    return request_id, await stage.ticket(request_id)


async def swept(stage: Stage, times: int = 1) -> None:
    for _ in range(times):
        stage.clock.move(EVERY)
        await stage.run()


def close(stage: Stage, ticket: MemoryTicket) -> None:
    ticket.is_closed, ticket.closed_by, ticket.changed_at = True, "3", stage.clock.now()


async def told(stage: Stage) -> list[dict[str, Any]]:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        found: list[dict[str, Any]] = (await status(tx))["changed"]
    return found


async def connection(stage: Stage) -> dict[str, Any]:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        found: dict[str, Any] = (await status(tx))["connector"]
        return found


async def tags(stage: Stage, request_id: str) -> list[str]:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        rows = await tx.dicts(
            "select tag from audit_event where subject = %(id)s order by id", {"id": request_id}
        )
    return [row["tag"] for row in rows]


async def state(stage: Stage, request_id: str) -> str:
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        found: str = await tx.scalar(
            "select state from elevation_request where id = %(id)s", {"id": request_id}
        )
        return found


async def test_a_ticket_as_we_left_it_is_no_news(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    await swept(stage, 5)
    assert await told(stage) == []
    assert await tags(stage, request_id) == ["elevation_request.submitted", "ticket.opened"]
    assert not ticket.remarks


async def test_a_ticket_closed_by_hand_decides_nothing_and_gets_one_remark(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage)
    (row,) = await told(stage)
    assert (row["ticket_id"], row["drift"]) == (ticket.id, "closed_by_hand")
    assert "closed without a decision" in row["what"]
    assert not ticket.remarks, "a press closes, too; its call may be on the way"
    stage.clock.move(REMARK_AFTER)
    await swept(stage, 5)
    (remark,) = ticket.remarks
    assert "is still pending" in remark.text
    assert "with the buttons of this ticket" in remark.text
    assert "http" not in remark.text
    assert await state(stage, request_id) == "pending"
    assert (await tags(stage, request_id))[2:] == ["ticket.drifted", "ticket.remarked"]


async def test_within_a_minute_of_closing_the_remark_is_there_however_the_sweeps_fall(stage: Stage) -> None:
    for seconds in range(0, 40, 3):
        request_id = (await stage.tenant.submit()).request_id
        await stage.run()
        ticket = await stage.ticket(request_id)
        stage.clock.move(timedelta(seconds=seconds))
        await stage.run()
        close(stage, ticket)
        for _ in range(29):
            stage.clock.move(timedelta(seconds=2))  # as often as workers look for work
            await stage.run()
        assert len(ticket.remarks) == 1, seconds
        assert await state(stage, request_id) == "pending"
        await stage.tenant.decide(request_id)
        await stage.settle()


async def test_the_decision_after_that_closes_the_ticket_with_its_note(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage, 4)
    await stage.tenant.decide(request_id, Verdict.DENIED)
    await stage.settle()
    assert len(ticket.notes) == 1
    assert ticket.notes[0].note.startswith("Denied")
    assert await told(stage) == []


async def test_a_ticket_that_is_opened_again_is_as_it_should_be(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage)
    ticket.is_closed, ticket.changed_at = False, stage.clock.now()
    await swept(stage, 3)
    assert await told(stage) == []
    assert not ticket.remarks
    assert (await tags(stage, request_id))[2:] == ["ticket.drifted", "ticket.drift_ended"]
    assert (await stage.link(request_id))["next_try_at"] is None


async def test_a_press_whose_call_arrives_late_gets_no_remark(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage)
    await stage.tenant.decide(request_id)
    await stage.settle()
    assert not ticket.remarks
    assert len(ticket.notes) == 1


async def test_a_deleted_ticket_is_told_and_its_request_can_be_decided(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    ticket.is_deleted, ticket.changed_at = True, stage.clock.now()
    await swept(stage, 3)
    (row,) = await told(stage)
    assert row["drift"] == "deleted"
    assert len(stage.remote.tickets) == 1, "no second ticket"
    await stage.tenant.decide(request_id)
    await stage.settle()
    assert (await stage.link(request_id))["observed"] == "gone"
    assert await told(stage) == []


async def test_a_deleted_ticket_that_is_restored_is_closed_like_every_other(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    ticket.is_deleted, ticket.changed_at = True, stage.clock.now()
    await swept(stage, 3)
    ticket.is_deleted, ticket.changed_at = False, stage.clock.now()
    await swept(stage, 2)
    assert await told(stage) == []
    await stage.tenant.decide(request_id)
    await stage.settle()
    assert ticket.is_closed
    assert len(ticket.notes) == 1


async def test_a_ticket_that_was_given_up_and_is_restored_is_taken_up_again(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage)
    ticket.is_deleted = True
    stage.clock.move(REMARK_AFTER - timedelta(seconds=4))
    for _ in range(4):
        stage.clock.move(timedelta(seconds=4))
        await stage.run()
    assert (await stage.link(request_id))["observed"] == "gone"
    ticket.is_deleted = False
    await swept(stage, 2)
    assert (await stage.link(request_id))["observed"] == "open"
    await stage.tenant.decide(request_id)
    await stage.settle()
    assert len(ticket.notes) == 1


async def test_a_merged_ticket_is_remarked_where_people_look_now_and_that_one_is_never_closed(
    stage: Stage,
) -> None:
    request_id, ticket = await waiting(stage)
    target = stage.remote.add(ticket.draft.__class__(**{**vars(ticket.draft), "reference": "other"}))
    ticket.merged_into, ticket.is_closed, ticket.changed_at = target.id, True, stage.clock.now()
    await swept(stage, 4)
    (row,) = await told(stage)
    assert f"merged into ticket {target.id}" in row["what"]
    assert (len(ticket.remarks), len(target.remarks)) == (0, 1)
    await stage.tenant.decide(request_id)
    await stage.settle()
    assert not target.is_closed
    assert len(target.notes) == 0


async def test_a_ticket_moved_to_another_customer_is_told_until_it_is_moved_back(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    ticket.customer_id, ticket.changed_at = "8", stage.clock.now()
    await swept(stage, 2)
    (row,) = await told(stage)
    assert "now at Customer 8" in row["what"]
    ticket.customer_id, ticket.changed_at = "1", stage.clock.now()
    await swept(stage)
    assert await told(stage) == []
    assert await state(stage, request_id) == "pending"


async def test_a_ticket_moved_on_is_the_same_drift_with_another_detail(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    for customer in ("8", "9"):
        ticket.customer_id, ticket.changed_at = customer, stage.clock.now()
        await swept(stage)
    (row,) = await told(stage)
    assert "now at Customer 9" in row["what"]
    assert (await tags(stage, request_id))[2:] == ["ticket.drifted"]


async def test_edited_fields_are_put_back(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    ticket.fields, ticket.changed_at = ("Somebody else", "another request"), stage.clock.now()
    await swept(stage)
    assert ticket.fields == (ticket.draft.customer_name, request_id)
    assert await told(stage) == []
    assert (await tags(stage, request_id))[2:] == ["ticket.fields_mended"]


async def test_fields_that_are_edited_again_and_again_are_left_to_a_person(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    for _ in range(MENDED_AT_MOST + 2):
        ticket.fields, ticket.changed_at = ("Somebody else", request_id), stage.clock.now()
        await swept(stage)
    assert ticket.fields[0] == "Somebody else"
    (row,) = await told(stage)
    assert "buttons send (customer)" in row["what"]
    assert (await tags(stage, request_id)).count("ticket.fields_mended") == MENDED_AT_MOST


async def test_fields_that_may_not_be_written_are_told(stage: Stage) -> None:
    _, ticket = await waiting(stage)
    ticket.fields, ticket.changed_at = ("", ""), stage.clock.now()
    stage.clock.move(EVERY)
    no = Mishap(Rejected("No.", code="memory_rejected"))
    stage.remote.mishaps += [PASSES, no]
    await stage.run()
    assert "customer and request" in (await told(stage))[0]["what"]


async def test_a_customer_that_is_gone_is_told(stage: Stage) -> None:
    await waiting(stage)
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        await tx.run("update customer_mapping set state = 'gone'")
    await swept(stage)
    (row,) = await told(stage)
    assert row["drift"] == "customer_gone"
    assert row["remedy"] == Remedy.CUSTOMER_LINK


async def test_one_missing_row_proves_nothing_while_the_ticket_can_be_read(stage: Stage) -> None:
    _, ticket = await waiting(stage)
    stage.remote.left_out.add(ticket.id)
    await swept(stage, 3)
    assert await told(stage) == []


async def test_a_list_that_passes_over_the_question_proves_nothing_and_says_so(stage: Stage) -> None:
    await waiting(stage)
    stage.remote.passes_over_ids = True
    stage.remote.asked.clear()
    await swept(stage, 2)
    assert await told(stage) == []
    assert stage.remote.asked == ["list 1"] * 2, "nor is every ticket read one by one"
    assert "does not return the tickets" in (await connection(stage))["drift_error"]
    stage.remote.passes_over_ids = False
    await swept(stage)
    assert (await connection(stage))["drift_error"] is None


@pytest.mark.parametrize(
    "error",
    [
        TryLater("Not now.", code="memory_down"),
        NeedsAttention("Somebody must act.", code="memory_attention"),
        NeedsAttention("Somebody must act.", code="memory_attention", whole_instance=True),
        Rejected("No.", code="memory_rejected"),
    ],
    ids=lambda error: f"{type(error).__name__}{' of all' if getattr(error, 'whole_instance', False) else ''}",
)
async def test_a_sweep_that_fails_is_made_again_and_hinders_nothing(
    stage: Stage, error: TryLater | NeedsAttention | Rejected
) -> None:
    _, ticket = await waiting(stage)
    close(stage, ticket)
    stage.remote.mishaps.append(Mishap(error))
    await stage.run()
    assert await told(stage) == []
    status_of_another = await stage.tenant.submit()
    await swept(stage, 4)
    assert (await told(stage))[0]["drift"] == "closed_by_hand"
    assert (await stage.ticket(status_of_another.request_id)).id != ticket.id
    row = await connection(stage)
    assert (row["drift_error"], row["failures"], row["needs_attention"]) == (None, 0, False)


async def test_tickets_of_decided_requests_are_not_looked_at(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    await stage.tenant.decide(request_id)
    await stage.settle()
    ticket.is_deleted, ticket.changed_at = True, stage.clock.now()
    stage.remote.asked.clear()
    await swept(stage, 3)
    assert await told(stage) == []
    assert stage.remote.asked == [], "sweeps without open tickets cost no calls"


# --- Death, sleep and lost answers ------------------------------------------------------------------------------


async def lines_of_a_remark(stage: Stage) -> int:
    _, ticket = await waiting(stage)
    close(stage, ticket)
    await swept(stage)
    stage.clock.move(REMARK_AFTER)
    await stage.run_until_it_dies(None)
    assert len(ticket.remarks) == 1
    return stage.lines.passed


async def test_dying_on_any_line_leaves_one_remark(stage: Stage) -> None:
    lines = await lines_of_a_remark(stage)
    assert lines > 15
    for line in range(lines):
        request_id, ticket = await waiting(stage)
        await stage.run()
        close(stage, ticket)
        await swept(stage)
        stage.clock.move(REMARK_AFTER)
        await stage.run_until_it_dies(line)
        await stage.settle()
        await swept(stage, 2)
        assert len(ticket.remarks) == 1, line
        assert (await stage.link(request_id))["remark_seen"], line
        await stage.tenant.decide(request_id)
        await stage.settle()


async def test_a_remark_whose_answer_was_lost_is_looked_for_before_it_is_written_again(stage: Stage) -> None:
    for landed in (True, False):
        request_id, ticket = await waiting(stage)
        close(stage, ticket)
        await swept(stage)
        stage.clock.move(REMARK_AFTER)
        lost = TryLater("No answer.", code="memory_down", may_have_happened=True)
        stage.remote.mishaps.append(Mishap(lost, landed=landed))
        await stage.run()
        await stage.settle()
        await swept(stage, 2)
        assert len(ticket.remarks) == 1, landed
        await stage.tenant.decide(request_id)
        await stage.settle()


async def test_dying_on_any_line_of_a_sweep_heals(stage: Stage) -> None:
    _, ticket = await waiting(stage)
    await stage.run_until_it_dies(None)
    lines = stage.lines.passed + 12
    for line in range(lines):
        request_id, ticket = await waiting(stage)
        ticket.fields, ticket.is_closed, ticket.changed_at = ("x", "y"), True, stage.clock.now()
        await stage.run_until_it_dies(line)
        await swept(stage, 5)
        await stage.settle()
        assert ticket.fields == (ticket.draft.customer_name, request_id), line
        assert len(ticket.remarks) == 1, line
        found = await tags(stage, request_id)
        assert found.count("ticket.drifted") == 1, line
        assert found.count("ticket.fields_mended") in (0, 1), line
        await stage.tenant.decide(request_id)
        await stage.settle()


async def test_a_decision_at_any_line_of_a_sweep_or_remark_is_not_lost(stage: Stage) -> None:
    lines = await lines_of_a_remark(stage)
    for line in range(0, lines + 10, 2):
        request_id, ticket = await waiting(stage)
        close(stage, ticket)
        await swept(stage)
        stage.clock.move(REMARK_AFTER)

        async def decide(request_id: str = request_id) -> None:
            await stage.tenant.decide(request_id)

        await stage.run_interrupted(line, decide)
        await stage.settle()
        assert len(ticket.notes) == 1, line
        assert (await stage.link(request_id))["observed"] == "closed", line
        assert len(ticket.remarks) <= 1, line


async def test_what_is_found_after_the_decision_is_no_drift(stage: Stage) -> None:
    request_id, ticket = await waiting(stage)
    await stage.run_until_it_dies(None)
    for line in range(stage.lines.passed + 10):
        request_id, ticket = await waiting(stage)
        close(stage, ticket)

        async def decide(request_id: str = request_id) -> None:
            await stage.tenant.decide(request_id)

        await stage.run_interrupted(line, decide)
        found = await tags(stage, request_id)
        assert "ticket.drifted" not in found[found.index("elevation_request.approved") :], line
        await stage.settle()


# --- Many -------------------------------------------------------------------------------------------------------


async def open_many(stage: Stage, count: int) -> list[tuple[str, MemoryTicket]]:
    found = []
    for number in range(count):
        customer = await stage.tenant.customer_called(f"customer-{number}")
        stage.remote.customers.append(RemoteCustomer(str(100 + number), f"Customer-{number}", is_active=True))
        request = await stage.tenant.submit(await stage.tenant.desktop_of(customer))
        await stage.run()
        found.append((request.request_id, await stage.ticket(request.request_id)))
    return found


async def test_many_are_listed_in_turns_and_then_by_change(stage: Stage) -> None:
    many = await open_many(stage, 12)
    stage.reach_only(few=4, at_once=5)
    stage.clock.move(timedelta(hours=1))
    stage.remote.asked.clear()
    await swept(stage, 5)
    assert stage.remote.asked == ["list 5", "list 5", "list 2", "changed of 12", "changed of 12"]
    for _, ticket in many[::4]:
        close(stage, ticket)
    many[1][1].is_deleted, many[1][1].changed_at = True, stage.clock.now()
    await swept(stage)
    assert sorted(row["drift"] for row in await told(stage)) == ["closed_by_hand"] * 3 + ["deleted"]


async def test_a_change_that_the_list_by_change_time_misses_is_found_by_and_by(stage: Stage) -> None:
    many = await open_many(stage, 8)
    stage.reach_only(few=4, at_once=5)
    stage.clock.move(timedelta(hours=1))
    await swept(stage, 4)
    many[6][1].is_closed = True  # and its time of change says nothing
    await swept(stage, 2)
    assert await told(stage) == []
    await swept(stage, Reach().whole_every + 2)
    assert [row["ticket_id"] for row in await told(stage)] == [many[6][1].id]


async def test_customers_are_looked_at_again_from_time_to_time_while_requests_wait(stage: Stage) -> None:
    request_id, _ = await waiting(stage)
    stage.remote.customers[0] = RemoteCustomer("1", "Northwind of today", is_active=True)
    await swept(stage)
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        assert await tx.scalar("select remote_name from customer_mapping") == "Northwind Traders"
    stage.clock.move(timedelta(hours=6))
    await swept(stage)
    async with stage.services.db.transaction(stage.tenant.operator) as tx:
        assert await tx.scalar("select remote_name from customer_mapping") == "Northwind of today"
    stage.remote.customers[0] = RemoteCustomer("2", "Somebody else", is_active=True)
    stage.clock.move(timedelta(hours=6))
    await swept(stage, 2)
    (row,) = await told(stage)
    assert (row["request_id"], row["drift"]) == (uuid.UUID(request_id), "customer_gone")


@pytest.mark.parametrize("few", [200, 4])
async def test_more_edits_than_a_sweep_has_calls_for_are_mended_by_and_by_and_blamed_on_nobody(
    stage: Stage, few: int
) -> None:
    many = await open_many(stage, 9)
    stage.reach_only(few=few, at_once=20)
    stage.clock.move(timedelta(hours=1))
    await swept(stage, 2)
    for _, ticket in many:
        ticket.fields, ticket.changed_at = ("x", "y"), stage.clock.now()
    for _ in range(3):
        await swept(stage)
        assert await told(stage) == []
    assert all(ticket.fields == (ticket.draft.customer_name, request_id) for request_id, ticket in many), (
        "nothing is forgotten"
    )


@pytest.mark.parametrize("few", [200, 4])
async def test_more_deletions_than_a_sweep_has_calls_for_are_all_found(stage: Stage, few: int) -> None:
    many = await open_many(stage, 9)
    stage.reach_only(few=few, at_once=20)
    stage.clock.move(timedelta(hours=1))
    await swept(stage, 2)
    for _, ticket in many:
        ticket.is_deleted, ticket.changed_at = True, stage.clock.now()
    await swept(stage, 3)
    assert [row["drift"] for row in await told(stage)] == ["deleted"] * 9


async def test_a_look_at_customers_that_fails_is_not_repeated_with_every_sweep(stage: Stage) -> None:
    await waiting(stage)
    await swept(stage)
    stage.clock.move(timedelta(hours=6))
    no = NeedsAttention("Not for you.", code="memory_forbidden")
    stage.remote.mishaps += [PASSES, Mishap(no)]
    await swept(stage)
    stage.remote.asked.clear()
    await swept(stage, 5)
    assert "customers" not in stage.remote.asked
    assert len(stage.remote.asked) >= 5, "tickets are looked at all the same"
    stage.clock.move(timedelta(minutes=10))
    await swept(stage)
    assert "customers" in stage.remote.asked
