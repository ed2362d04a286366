"""Life goes on in an old installation: with HaloPSA running, the worker brings every ticket to its end."""

from __future__ import annotations

from datetime import timedelta

from tests.migrations.product import Product
from tests.migrations.restored import Old, OldMsp

from stepladder_sandbox.halopsa import demo
from stepladder_sandbox.halopsa.tickets import Ticket

DECIDED = (
    *("approved by button", "approved at a terminal", "denied by a script", "approved by a delegate"),
    *("cancelled", "approved by a rule", "denied by a rule"),
    *("again: approved by a rule", "again: approved at a terminal"),
    *("note unknown, written", "note unknown, not written", "note seen, not closed", "refused when closed"),
    *("create unknown, made, denied", "create unknown, not made, approved", "of a deleted customer"),
    *("approved just now", "pressed just now", "approved, never tried", "cancelled, never tried"),
)
"""One ticket each, closed, with one closing note."""
NOTED = ("expired", "overdue")
"""Expired: noted, and left open, because this MSP looks into them."""
REMARKED = ("closed by hand", "remark unknown, one", "remark unknown, other", "remark to come")
"""Closed by hand while they wait: one remark each says so."""
WAITING = (
    *("from before the connector", "of a renamed customer", "at a customer that is gone", "in a directory"),
    *("target of the merge", "moved", "fields edited", "long open", "refused when opened", "delayed"),
    *("create unknown, made", "create unknown, not made", "never tried", "never tried again"),
)
"""One open ticket each, with nothing written on it."""
UNLINKED = tuple(f"unlinked {machine}" for machine in ("IT-1", "WW-1", "LW-1", "CC-1"))
GONE = ("deleted", "gone", *UNLINKED)
"""None: it was deleted in HaloPSA, or its customer is linked to nobody there."""
ENDS = {
    **dict.fromkeys(DECIDED, ("closed", 1)),
    **dict.fromkeys(NOTED, ("open", 1)),
    **dict.fromkeys(REMARKED, ("closed", 1)),
    **dict.fromkeys(WAITING, ("open", 0)),
    "merged": ("closed", 0),
}
"""How a request's one ticket stands in the end, and how many notes of ours are on it."""


async def test_a_queued_drain_is_run(product: Product, old: Old) -> None:
    """Both MSPs had one queued; what its job carries is still understood."""
    ran = await product.work_off_queue(2)
    assert {msp_id for msp_id, _ in ran} == {msp.facts["id"] for msp in old.msps}
    await assert_ticket(product, old.northstar, "never tried", "open", 0)


async def test_every_ticket_comes_to_its_end(product: Product, old: Old) -> None:
    msp = old.northstar
    assert {*ENDS, *GONE} == msp.links.keys()
    await product.live(timedelta(minutes=3))
    for label, (state, notes) in ENDS.items():
        await assert_ticket(product, msp, label, state, notes)
    for label in GONE:
        assert find_tickets(product, msp, label) == []
    for label in UNLINKED:
        assert (await product.find_link(msp, label))["needs_attention"]
    await product.export_trail(msp)


async def test_what_may_have_been_sent_is_looked_for_first(product: Product, old: Old) -> None:
    msp = old.northstar
    await product.live(timedelta(minutes=3))
    for label in (label for label in msp.links if label.startswith("create unknown")):
        reference = msp.links[label]["reference"]
        told = [
            event["kind"]
            for event in product.halopsas[msp.host].log
            if event.get("third_party_id_string") == reference or reference in str(event.get("query"))
        ]
        assert told[0] == "api.call", label
        assert ("ticket.created" in told) == ("not made" in label), label


async def test_who_was_locked_out_is_let_in_with_the_sealed_secret(product: Product, old: Old) -> None:
    msp = old.southwind
    await product.live(timedelta(minutes=1))
    for label, state, notes in (("open", "open", 0), ("approved", "closed", 1), ("locked out", "open", 0)):
        await assert_ticket(product, msp, label, state, notes)


async def test_a_test_ticket_that_was_left_open_is_closed(product: Product, old: Old) -> None:
    msp = old.northstar
    halo = product.halopsas[msp.host]
    (left,) = halo.tickets_with(msp.facts["answers"]["unfinished test"])
    assert not left.is_closed
    product.clock.move(timedelta(minutes=2))
    await product.run_test_ticket(msp)
    assert halo.tickets_with(left.third_party_id_string) == [left]
    assert left.is_closed


async def test_the_set_up_of_halopsa_is_known_and_can_be_undone(product: Product, old: Old) -> None:
    msp = old.northstar
    made = {row["key"] for row in msp.facts["made"]}
    assert await product.set_up(msp) == dict.fromkeys(made, "exists")
    assert await product.remove_set_up(msp) == dict.fromkeys(made, "would be removed")


async def test_a_button_that_was_not_tried_yet_passes_its_self_test(product: Product, old: Old) -> None:
    msp = old.northstar
    halo = product.halopsas[msp.host]
    (waiting,) = [
        ticket for ticket in halo.state.store.open() if ticket.summary.startswith("TEST: press Deny")
    ]
    (call,) = await halo.press(waiting.id, "deny", demo.NIK)
    assert call.status == 200
    found = await product.check_set_up(msp)
    assert (found["self_test.approve"], found["self_test.deny"]) == ("pass", "pass")


async def assert_ticket(product: Product, msp: OldMsp, label: str, state: str, notes: int) -> None:
    """A request has one ticket, in this state, with so many notes of ours."""
    (ticket,) = find_tickets(product, msp, label)
    assert ticket.is_closed == (state == "closed"), label
    reference = msp.links[label]["reference"]
    ours = [action for action in ticket.actions if not action.is_system and reference in action.note]
    assert len(ours) == notes, (label, [action.note for action in ticket.actions])


def find_tickets(product: Product, msp: OldMsp, label: str) -> list[Ticket]:
    """The tickets that carry a request's reference."""
    return product.halopsas[msp.host].tickets_with(msp.links[label]["reference"])
