"""The ticket connector for HaloPSA: our words in, HaloPSA's calls out."""

from __future__ import annotations

from typing import Any

from stepladder.connectors.base import (
    Closing,
    ConnectorError,
    Finding,
    LookupStore,
    NeedsAttention,
    Person,
    Rejected,
    RemoteCustomer,
    TicketDraft,
    TicketSeen,
    TryLater,
)
from stepladder.kit.clock import Clock

from . import matching, payloads
from .client import HaloClient, rows_in
from .config import HaloConfig
from .lookups import Lookups

_ROWS_LOOKED_THROUGH = 100


class HaloConnector:
    """One HaloPSA instance as a `TicketConnector`."""

    def __init__(self, client: HaloClient, config: HaloConfig, store: LookupStore, clock: Clock) -> None:
        self._client = client
        self._lookups = Lookups(client, config, store, clock)

    async def check(self) -> list[Finding]:
        """One finding per thing the daily path needs."""
        steps: list[tuple[str, Any]] = [
            (
                "Sign-in and permission read:tickets",
                self._client.get("Tickets", pageinate=True, page_size=1, page_no=1),
            ),
            ("Permission read:customers", self._client.get("Client", pageinate=True, page_size=1, page_no=1)),
            ("Permission read:assets", self._client.get("Asset", pageinate=True, page_size=1, page_no=1)),
            ("Ticket type", self._lookups.ticket_type()),
            ("Closed status", self._lookups.closed_status()),
            ("Closing outcome", self._lookups.outcome()),
            ("Category", self._lookups.category()),
            ("Urgency", self._lookups.urgency()),
            ("Impact", self._lookups.impact()),
        ]
        findings = [await _finding(name, call) for name, call in steps]
        return [
            *findings,
            Finding("Permission edit:tickets", None, "Shown by the first ticket."),
            Finding("Custom fields", None, "Shown by the first ticket."),
        ]

    async def list_customers(self) -> list[RemoteCustomer]:
        rows = await self._client.list_all("Client", "clients", includeinactive=True, order="id")
        customers = []
        for row in rows:
            number = matching.whole(matching.get(row, "id"))
            if number:
                is_active = not matching.truth(matching.get(row, "inactive"))
                customers.append(RemoteCustomer(str(number), matching.text(row, "name"), is_active))
        return customers

    async def open_ticket(self, draft: TicketDraft) -> TicketSeen:
        lookups = self._lookups
        ticket = payloads.new_ticket(
            draft,
            type_id=await lookups.ticket_type(),
            category=await lookups.category(),
            urgency=await lookups.urgency(),
            impact=await lookups.impact(),
            asset_id=await lookups.asset(draft.endpoint_name, draft.customer.id),
        )
        try:
            answer = await self._client.post("Tickets", ticket)
        except Rejected:
            await lookups.forget_configured()
            raise
        if not isinstance(answer, dict) or not matching.is_ours(answer, draft):
            raise TryLater(
                "HaloPSA answered with another ticket than the one that was sent.",
                code="halopsa_wrong_ticket",
                may_have_happened=True,
            )
        row = matching.one_of_ours([answer], draft)
        return matching.seen(row or answer, None)

    async def find_ticket(self, draft: TicketDraft) -> TicketSeen | None:
        status = str(await self._lookups.closed_status())
        # Three questions, because one empty answer proves little: an old server ignores the first filter,
        # and a deleted ticket shows only where it is asked for (API.md 3.6).
        for question in (
            {"third_party_id_string": draft.reference, "deleted": False},
            {"search_summary": draft.reference},
            {"third_party_id_string": draft.reference, "deleted": True},
        ):
            rows = await self._tickets(**question)
            ours = matching.one_of_ours(rows, draft)
            if ours is None:
                continue
            if question.get("deleted"):
                raise NeedsAttention(
                    f"Ticket {matching.text(ours, 'id')} was deleted in HaloPSA. Restore it, or decide the request "
                    "elsewhere; no second ticket is created.",
                    code="ticket_deleted",
                )
            return matching.seen(ours, status)
        return None

    async def read_ticket(self, ticket_id: str) -> TicketSeen:
        status = str(await self._lookups.closed_status())
        row = await self._client.get(f"Tickets/{int(ticket_id)}", includedetails=True, nocache=True)
        if not isinstance(row, dict) or matching.whole(matching.get(row, "id")) != int(ticket_id):
            raise TryLater("HaloPSA answered with another ticket.", code="halopsa_wrong_ticket")
        return matching.seen(row, status)

    async def find_person(self, email: str) -> Person | None:
        return await self._lookups.person(email)

    async def person_by_id(self, remote_id: str) -> Person | None:
        return await self._lookups.person_by_id(remote_id)

    async def add_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        status = await self._lookups.closed_status()
        outcome = await self._lookups.outcome()
        action = payloads.closing_action(ticket_id, closing, outcome_id=outcome, status_id=status)
        try:
            answer = await self._client.post("Actions", action)
        except Rejected:
            if "new_agent" not in action:
                await self._lookups.forget_configured()
                raise
            # Certainly not written. An agent who cannot be assigned must not keep the ticket open.
            action.pop("new_agent")
            answer = await self._client.post("Actions", action)
        if isinstance(answer, dict) and matching.text(answer, "ticket_id") not in ("", ticket_id):
            raise TryLater(
                "HaloPSA answered with another ticket's action.",
                code="halopsa_wrong_ticket",
                may_have_happened=True,
            )
        ticket = matching.get(answer, "ticket") if isinstance(answer, dict) else None
        return (
            isinstance(ticket, dict)
            and matching.text(ticket, "id") == ticket_id
            and matching.is_closed(ticket, str(status))
            and matching.mark(closing.reference) in matching.text(ticket, "closure_note")
        )

    async def has_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        mark = matching.mark(closing.reference)
        answer = await self._client.get("Actions", ticket_id=int(ticket_id), includehtmlnote=True)
        for action in rows_in(answer, "actions"):
            if mark in matching.text(action, "note") or mark in matching.text(action, "note_html"):
                return True
        # One empty list proves little; the ticket's own closure note is the second witness.
        row = await self._client.get(f"Tickets/{int(ticket_id)}", includedetails=True, nocache=True)
        return isinstance(row, dict) and mark in matching.text(row, "closure_note")

    async def close_ticket(self, ticket_id: str, closing: Closing) -> None:
        status = await self._lookups.closed_status()
        update = payloads.closed_ticket(ticket_id, closing, status_id=status)
        try:
            answer = await self._client.post("Tickets", update)
        except Rejected:
            if "agent_id" not in update:
                raise
            update.pop("agent_id")
            answer = await self._client.post("Tickets", update)
        is_it = isinstance(answer, dict) and matching.text(answer, "id") == ticket_id
        if is_it and matching.is_closed(answer, str(status)):
            return
        if not (await self.read_ticket(ticket_id)).is_closed:
            raise NeedsAttention(
                "HaloPSA took the change but the ticket is not closed. A ticket rule, an open to-do or an open child "
                "ticket may hold it.",
                code="ticket_does_not_close",
            )

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _tickets(self, **question: Any) -> list[matching.Row]:
        answer = await self._client.get(
            "Tickets",
            open_only=False,
            closed_only=False,
            pageinate=True,
            page_size=_ROWS_LOOKED_THROUGH,
            page_no=1,
            order="id",
            orderdesc=True,
            **question,
        )
        return rows_in(answer, "tickets")


async def _finding(name: str, call: Any) -> Finding:
    try:
        found = await call
    except ConnectorError as error:
        return Finding(name, False, error.message)
    if found is None:
        return Finding(name, None, "Not found by that name; tickets go without it.")
    return Finding(name, True, "")
