"""A request that joins another one makes no ticket, and shares what becomes of the one there is."""

from __future__ import annotations

import pytest
from tests.support.tenants import body
from tests.tickets.staged import Stage

from stepladder.elevation.policy import Verdict


@pytest.mark.parametrize("opened_first", [True, False])
async def test_two_who_ask_for_the_same_have_one_ticket(stage: Stage, opened_first: bool) -> None:
    program = body().program
    asked = await stage.tenant.submit(program=program)
    if opened_first:
        await stage.run()
    joined = await stage.tenant.submit(program=program, reason="again")
    await stage.run()
    assert joined.request_id == asked.request_id
    assert len(stage.remote.tickets) == 1
    await stage.tenant.decide(asked.request_id, Verdict.DENIED)
    await stage.run()
    ticket = await stage.ticket(asked.request_id)
    assert (ticket.is_closed, len(ticket.notes)) == (True, 1)


async def test_who_asks_after_the_decision_has_a_ticket_of_their_own(stage: Stage) -> None:
    program = body().program
    asked = await stage.tenant.submit(program=program)
    await stage.run()
    await stage.tenant.decide(asked.request_id, Verdict.DENIED)
    anew = await stage.tenant.submit(program=program)
    await stage.run()
    assert anew.request_id != asked.request_id
    assert len(stage.remote.tickets) == 2
    assert not (await stage.ticket(anew.request_id)).is_closed
