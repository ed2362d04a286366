"""The tickets of self-tests: opened, looked at, closed, with the connector's own credential."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone
from stepladder.connectors.halopsa.client import HaloClient, rows_in
from stepladder.connectors.halopsa.matching import get, same, text, whole
from stepladder.connectors.ticket_system import Closing, RemoteCustomer, TicketConnector, TicketDraft
from stepladder.kit.db import Actor, Transaction
from stepladder.tickets.trial import find_linked_customer

from . import self_test
from .access import SetupWiring, Site
from .parts import APPROVE_ACTION, DENY_ACTION
from .self_test import Judged, SelfTest

_BUTTON_OF = {APPROVE_ACTION.name: self_test.APPROVE, DENY_ACTION.name: self_test.DENY}
_ACTIONS_LOOKED_THROUGH = 200


@dataclass
class Trials:
    """The self-tests of one instance."""

    wiring: SetupWiring
    actor: Actor
    site: Site
    client: HaloClient
    connector: TicketConnector
    cannot_close: str = ""
    """Why a test's ticket could not be noted and closed; empty where it could."""

    async def look(self) -> dict[str, Judged]:
        """What the newest test of each button says. One that is over ends, and its ticket is closed."""
        async with self._transaction() as tx:
            tests = await self_test.latest(tx, self.site.connection_id)
        return {button: await self._judged(test) for button, test in tests.items() if test.ticket_id}

    async def open(self, customer: str | None) -> list[SelfTest]:
        """A ticket for each button, to be pressed. One that waits already stays. Raises NoLinkedCustomer."""
        opened = []
        for button in self_test.BUTTONS:
            test, is_new = await self._current(button, customer)
            if not test.ticket_id:
                draft = self._draft(test)
                seen = None if is_new else await self.connector.find_ticket(draft)
                seen = seen or await self.connector.open_ticket(draft)
                async with self._transaction() as tx:
                    await self_test.set_ticket(tx, test, seen.id)
                test = replace(test, ticket_id=seen.id)
            opened.append(test)
        return opened

    async def _current(self, button: str, customer: str | None) -> tuple[SelfTest, bool]:
        async with self._transaction() as tx:
            test = (await self_test.latest(tx, self.site.connection_id)).get(button)
            if test and test.closed_at is None:
                return test, False
            where = await find_linked_customer(tx, customer)
            test = await self_test.start(tx, self.site.connection_id, button, where)
            return test, True

    async def _judged(self, test: SelfTest) -> Judged:
        judged = self_test.judge(test, await self._pressed(test))
        if judged.is_over and test.closed_at is None and await self._close(test, judged):
            async with self._transaction() as tx:
                await self_test.end(tx, test)
        return judged

    async def _pressed(self, test: SelfTest) -> list[str] | None:
        """Our buttons in the ticket's actions, oldest first; None where they cannot be seen."""
        try:
            answer = await self.client.get(
                "Actions", ticket_id=int(test.ticket_id or 0), count=_ACTIONS_LOOKED_THROUGH
            )
        except ConnectorError:
            return None
        rows = sorted(rows_in(answer, "actions"), key=lambda row: whole(get(row, "id")) or 0)
        return [
            button for row in rows for name, button in _BUTTON_OF.items() if same(text(row, "outcome"), name)
        ]

    async def _close(self, test: SelfTest, judged: Judged) -> bool:
        """Note what the test says and close what the press did not: both need rights that daily work needs, too.

        False where HaloPSA refuses; the next check tries again.
        """
        closing = Closing(test.reference, f"Self-test of Stepladder. {judged.detail}", 0)
        ticket_id = test.ticket_id or ""
        try:
            if not await self.connector.has_closing_note(ticket_id, closing):
                await self.connector.add_closing_note(ticket_id, closing)
            await self.connector.close_ticket(ticket_id, closing)
        except RemoteGone:
            return True
        except (NeedsAttention, Rejected) as error:
            self.cannot_close = error.message
            return False
        return True

    def _draft(self, test: SelfTest) -> TicketDraft:
        button = test.button.capitalize()
        return TicketDraft(
            reference=test.reference,
            customer=RemoteCustomer(test.remote_customer_id, test.remote_customer_name, is_active=True),
            request_id=test.token,
            customer_name=test.customer_name,
            summary=f"TEST: press {button} elevation in this ticket",
            intro=(
                f"This is a self-test of Stepladder, not a request. Press {button} elevation here and nothing else. "
                "Nothing is approved by it. Then check the set-up again."
            ),
            lines=(("Button to press", button),),
            link="",
            endpoint_name="",
            requester_email=None,
            opened_at=test.opened_at,
        )

    def _transaction(self) -> AbstractAsyncContextManager[Transaction]:
        return self.wiring.connections.db.transaction(self.actor)
