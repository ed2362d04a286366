"""The last minute of the story: what was under way when the program was stopped for its upgrade.

From the first fault on not a second passes, or what failed would be tried again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from one_msp import Site
from story import DANA, DESK, GRACE, LAP, NIK

from stepladder.elevation.rules import Verdict
from stepladder.endpoints import service as endpoints
from stepladder.sandbox.halopsa import demo
from stepladder.tenancy import customers
from stepladder.tickets.trial import try_ticket

REMARKED = ("remark unknown, one", "remark unknown, other")
NOTED = ("note unknown, written", "note unknown, not written", "note seen, not closed", "refused when closed")


class Ending:
    """Leaves requests, links and tickets of the MSP in every state between two steps."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def end(self) -> None:
        """The last minute: what was under way when the program was stopped for its upgrade."""
        site = self.site
        for label in (
            *REMARKED,
            *NOTED,
            "remark to come",
            "approved just now",
            "pressed just now",
            "long open",
        ):
            await site.ask(label, DESK)
        await site.drain()
        async with site.write() as tx:
            await endpoints.revoke(tx, site.now, site.machines["TT-SHOP-1"].id)
        await site.ask("overdue", "NB-1")
        await site.drain_in(seconds=40)
        for label in ("approved by a rule", "approved at a terminal"):
            await site.ask(f"again: {label}", DESK, like=label)
        await site.decide("again: approved at a terminal", GRACE)
        await site.fetch_grant("again: approved at a terminal")
        await site.drain_in(seconds=1)
        await self._leave_remarks()
        await self._leave_unopened()
        await self._leave_unclosed()
        await self._act_unseen()

    async def _leave_remarks(self) -> None:
        """Notes on tickets that were closed by hand: two sent whose outcome is unknown, one to come."""
        site = self.site
        for label in REMARKED:
            await site.edit(label, status_id=demo.CLOSED)
        await site.drain_in(seconds=11)
        await site.edit("remark to come", status_id=demo.CLOSED)
        await site.drain_in(seconds=11)
        site.clock.move(timedelta(seconds=5))
        site.halo.fail_next("drop_after_commit", method="POST", path="/api/actions")
        site.halo.fail_next("504_before_commit", method="POST", path="/api/actions")
        await site.drain()
        for label in REMARKED:
            await site.expect(label, drift="closed_by_hand", remark_sent_at="set", remark_seen=False)
        written = [len((await site.find_ticket(label)).actions) for label in REMARKED]
        assert written[0] != written[1], "one of them is written, the other is not"
        await site.expect("remark to come", drift="closed_by_hand", remark_sent_at=None, remark_seen=False)

    async def _leave_unopened(self) -> None:
        """Creates of unknown outcome, refused, delayed; and customers that are linked to nobody."""
        site = self.site
        unknown = {
            "observed": "absent",
            "create_sent_at": "set",
            "next_try_at": "set",
            "needs_attention": False,
        }
        for label, fault in (
            ("create unknown, made", "drop_after_commit"),
            ("create unknown, made, denied", "drop_after_commit"),
            ("create unknown, not made", "504_before_commit"),
            ("create unknown, not made, approved", "504_before_commit"),
        ):
            await site.ask(label, LAP)
            await self._drain_failing(fault, path="/api/tickets")
            await site.expect(label, **unknown)
        await site.decide("create unknown, made, denied", NIK, Verdict.DENIED)
        await site.decide("create unknown, not made, approved", NIK)
        await site.drain()
        await site.ask("refused when opened", LAP)
        await self._drain_failing("refused", path="/api/tickets", times=9)
        await site.expect("refused when opened", observed="absent", create_sent_at=None, needs_attention=True)
        await site.ask("delayed", "NW-NEW-9")
        await self._drain_failing("500", method="GET", path="/api/asset*", times=9)
        await site.expect(
            "delayed", observed="absent", create_sent_at=None, needs_attention=False, attempts=1
        )
        for machine in ("IT-1", "WW-1", "LW-1", "CC-1"):
            await site.ask(f"unlinked {machine}", machine)
        await site.drain()
        for machine in ("IT-1", "WW-1", "LW-1", "CC-1"):
            await site.expect(f"unlinked {machine}", needs_attention=True, error_code="customer_not_mapped")
        await self._leave_test()

    async def _leave_test(self) -> None:
        """A test that lost the answer to its create: it began, and as far as the trail knows it did not end."""
        site = self.site
        site.halo.fail_next("drop_after_commit", method="POST", path="/api/tickets")
        outcome = await try_ticket(site.services.tickets, site.operator, customer="Contoso Dental")
        assert not outcome.ok
        begun = await site.read_rows(
            "select facts from audit_event where tag = 'test_ticket.opened' order by id"
        )
        site.answers["unfinished test"] = begun[-1]["facts"]["reference"]

    async def _leave_unclosed(self) -> None:
        """Closing notes of unknown outcome, and tickets that do not close."""
        site = self.site
        for label, fault in (
            ("note unknown, written", "drop_after_commit"),
            ("note unknown, not written", "504_before_commit"),
        ):
            await site.decide(label, NIK)
            await self._drain_failing(fault, path="/api/actions")
            await site.expect(label, observed="open", desired="closed", note_sent_at="set", note_seen=False)
        # An action that does not move the ticket: the note is written, and closing is a call of its own.
        site.halo.switches.action_new_status = False
        await site.decide("note seen, not closed", DANA)
        await self._drain_failing("504_before_commit", path="/api/tickets")
        await site.expect("note seen, not closed", observed="open", note_seen=True, needs_attention=False)
        await site.decide("refused when closed", DANA, Verdict.DENIED)
        await self._drain_failing("refused", path="/api/tickets", times=9)
        await site.expect("refused when closed", observed="open", note_seen=True, needs_attention=True)
        site.halo.switches.action_new_status = True

    async def _drain_failing(self, fault: Any, *, method: str = "POST", **how: Any) -> None:
        """Drain while HaloPSA fails in this way."""
        self.site.halo.fail_next(fault, method=method, **how)
        await self.site.drain()
        self.site.halo.stop_failing()

    async def _act_unseen(self) -> None:
        """What no drain has seen yet."""
        site = self.site
        await site.decide("approved just now", DANA)
        await site.press("pressed just now", "deny")
        await site.decide("of a deleted customer", DANA, Verdict.DENIED)
        async with site.services.db.transaction(site.operator) as tx:
            await customers.delete(tx, site.now, site.customers["tailspin"])
        await site.ask("never tried", LAP)
        await site.ask("never tried again", DESK, like="never tried")
        await site.ask("never tried, joined", LAP, like="never tried", status=200)
        await site.ask("approved, never tried", LAP)
        await site.decide("approved, never tried", NIK)
        await site.ask("cancelled, never tried", LAP)
        await site.cancel("cancelled, never tried")
