"""The ticket connector for HaloPSA: our words in, HaloPSA's calls out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from stepladder.connectors.base import (
    LookupStore,
    NeedsAttention,
    Rejected,
    RemoteGone,
    TryLater,
)
from stepladder.connectors.ticket_system import (
    Closing,
    Listing,
    Person,
    Remark,
    RemoteCustomer,
    TicketDeleted,
    TicketDraft,
    TicketSeen,
)
from stepladder.kit.clock import Clock
from stepladder.kit.findings import Finding
from stepladder.kit.log import get_logger

from . import matching, parts, payloads
from .check_up import CheckUp
from .client import HaloClient, rows_in
from .config import HaloConfig
from .lookups import Lookups

_log = get_logger("halopsa")
_ROWS_LOOKED_THROUGH = 100
_PAGES_LOOKED_THROUGH = 3
_ACTIONS_LOOKED_THROUGH = 1000


class HaloConnector:
    """One HaloPSA instance as a `TicketConnector`."""

    def __init__(self, client: HaloClient, config: HaloConfig, store: LookupStore, clock: Clock) -> None:
        self._client, self._config = client, config
        self.search_lag = timedelta(seconds=config.search_lag_seconds)
        self._lookups = Lookups(client, config, store, clock)

    async def check(self) -> list[Finding]:
        return await CheckUp(self._client, self._config, self._lookups).run()

    async def list_customers(self) -> list[RemoteCustomer]:
        rows = await self._client.list_all(
            "Client",
            "clients",
            must_be_whole=True,
            includeinactive=True,
            includeazuretenants=True,
            order="id",
        )
        customers = {each.id: each for each in map(matching.read_customer, rows) if each}
        if not customers:
            # HaloPSA always has some; taking this for an answer would unmap all customers for a while.
            raise TryLater("HaloPSA shows no customers.", code="halopsa_empty_list")
        return list(customers.values())

    async def read_customer(self, remote_id: str) -> RemoteCustomer:
        row = await self._client.get(f"Client/{int(remote_id)}", includedetails=True)
        found = matching.read_customer(row) if isinstance(row, dict) else None
        if found is None or found.id != str(int(remote_id)):
            raise TryLater("HaloPSA answered with another customer.", code="halopsa_wrong_customer")
        return found

    async def open_ticket(self, draft: TicketDraft) -> TicketSeen:
        ticket = await self._whole_ticket(draft)
        try:
            answer = await self._client.post("Tickets", ticket)
        except Rejected as refusal:
            if not refusal.is_of_content:
                raise
            answer = await self._created_after(refusal, ticket, draft)
        try:
            ours = matching.pick_ours([answer], draft) if isinstance(answer, dict) else None
            return matching.read_seen(ours or {}, None)
        except NeedsAttention as error:
            # Something was created. Saying "nothing happened" here would create it again.
            raise TryLater(
                "HaloPSA answered with another ticket than the one that was sent.",
                code="halopsa_wrong_ticket",
                may_have_happened=True,
            ) from error

    async def _whole_ticket(self, draft: TicketDraft) -> parts.Ticket:
        """The ticket with all that HaloPSA is known to have for it, and not known to refuse."""
        lookups, client_id = self._lookups, draft.customer.id
        await lookups.recall_for_ticket(draft.endpoint_name, draft.requester_email, client_id)
        ticket = payloads.build_ticket(
            draft,
            type_id=await lookups.ticket_type(),
            category=await lookups.category(),
            urgency=await lookups.urgency(),
            impact=await lookups.impact(),
            asset_id=await lookups.asset(draft.endpoint_name, client_id),
            team=await lookups.team(),
            source=self._config.source,
        )
        user = await lookups.end_user(draft.requester_email, client_id)
        ticket = payloads.add_end_user(ticket, user) if user else ticket
        return parts.strip(ticket, await lookups.left_out())

    async def _created_after(self, refusal: Rejected, refused: parts.Ticket, draft: TicketDraft) -> Any:
        """Create the ticket from what is there now, or else without a part that it can go without.

        A rejected write certainly did nothing, so the next one is not a second one. Raises Rejected.
        """
        ticket = refused
        if self._lookups.is_from_memory:
            await self._lookups.forget()
            ticket = await self._whole_ticket(draft)
        for attempt in parts.list_attempts(ticket):
            if attempt.ticket == refused:
                continue
            try:
                answer = await self._client.post("Tickets", attempt.ticket)
            except Rejected as error:
                if not error.is_of_content:
                    raise
                refusal = refusal if attempt.without else error
                continue
            await self._left_out(attempt.without, draft, refusal)
            return answer
        await self._lookups.forget()
        raise refusal

    async def _left_out(self, without: tuple[parts.Part, ...], draft: TicketDraft, refusal: Rejected) -> None:
        for part in without:
            _log.warning(
                "ticket_part_left_out", part=str(part), reference=draft.reference, said=refusal.message
            )
            await self._lookups.leave_out(part, draft.endpoint_name, draft.requester_email, draft.customer.id)

    async def find_ticket(self, draft: TicketDraft) -> TicketSeen | None:
        status = str(await self._lookups.closed_status())
        # Three questions, because one empty answer proves little: an old server ignores the first filter,
        # and a deleted ticket shows only where it is asked for (HaloPSA fact 15).
        for question in (
            {"third_party_id_string": draft.reference, "deleted": False},
            {"search_summary": draft.reference},
            {"third_party_id_string": draft.reference, "deleted": True},
        ):
            ours = matching.pick_ours(await self._tickets(**question), draft)
            if ours and question.get("deleted"):
                ours = await self._undeleted(ours)
            if ours:
                return matching.read_seen(ours, status)
        return None

    async def _undeleted(self, row: matching.Row) -> matching.Row:
        """The ticket itself, in case an old server passed over the question. Raises NeedsAttention."""
        number = matching.whole(matching.get(row, "id"))
        try:
            return await self._ticket(str(number))
        except RemoteGone as error:
            raise TicketDeleted(
                f"Ticket {number} was deleted in HaloPSA. Restore it, or decide the request elsewhere; no second "
                "ticket is created."
            ) from error

    async def read_ticket(self, ticket_id: str) -> TicketSeen:
        status = str(await self._lookups.closed_status())
        return matching.read_seen(await self._ticket(ticket_id), status)

    async def find_person(self, email: str) -> Person | None:
        return await self._lookups.person(email)

    async def find_person_by_id(self, remote_id: str) -> Person | None:
        return await self._lookups.find_person_by_id(remote_id)

    async def add_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        if not closing.closes:
            return await self._only_note(ticket_id, closing)
        status, outcomes = await self._lookups.closed_status(), await self._lookups.outcomes()
        # What rides on the first may be refused (an agent who cannot be assigned, a status that is held back), and so
        # may its outcome. The note itself is written all the same; `close_ticket` sees to the rest.
        actions = [
            payloads.build_closing_action(ticket_id, closing, outcome_id=outcomes[0], status_id=status)
        ] + [
            payloads.build_closing_action(ticket_id, closing, outcome_id=outcome, status_id=None)
            for outcome in outcomes
        ]
        sent, answer = await self._first_accepted("Actions", actions)
        if sent["outcome_id"] != outcomes[0]:
            await self._lookups.prefer_outcome(sent["outcome_id"])
        _check_is_of(answer, ticket_id)
        ticket = matching.get(answer, "ticket")
        return isinstance(ticket, dict) and _is_done(ticket, ticket_id, closing, str(status))

    async def _only_note(self, ticket_id: str, closing: Closing) -> bool:
        actions = [
            payloads.build_closing_action(ticket_id, closing, outcome_id=outcome, status_id=None)
            for outcome in await self._lookups.note_outcomes(closes=True)
        ]
        _, answer = await self._first_accepted("Actions", actions)
        _check_is_of(answer, ticket_id)
        return False

    async def has_closing_note(self, ticket_id: str, closing: Closing) -> bool:
        return await self._has_note(ticket_id, lambda note: matching.has_note_mark(note, closing.reference))

    async def _has_note(self, ticket_id: str, is_it: Callable[[str], bool]) -> bool:
        answer = await self._client.get(
            "Actions", ticket_id=int(ticket_id), includehtmlnote=True, count=_ACTIONS_LOOKED_THROUGH
        )
        actions = rows_in(answer, "actions")
        for action in actions:
            if is_it(matching.text(action, "note")) or is_it(matching.text(action, "note_html")):
                return True
        # One empty list proves little; the ticket itself is the second witness.
        row = await self._ticket(ticket_id)
        if is_it(matching.text(row, "closure_note")):
            return True
        status = str(await self._lookups.closed_status())
        if not actions and (matching.is_closed(row, status) or matching.get(row, "timetaken")):
            raise TryLater("HaloPSA shows a ticket without any of its actions.", code="halopsa_empty_list")
        return False

    async def close_ticket(self, ticket_id: str, closing: Closing) -> None:
        status = await self._lookups.closed_status()
        # An agent who cannot be assigned must not keep the ticket open.
        updates = [
            payloads.build_closed_ticket(ticket_id, closing, status_id=status, is_assigned=is_assigned)
            for is_assigned in ((True, False) if closing.approver else (False,))
        ]
        sent, answer = await self._first_accepted("Tickets", updates)
        if closing.approver and "agent_id" not in sent:
            await self._lookups.forget_people()
        is_it = isinstance(answer, dict) and matching.whole(matching.get(answer, "id")) == int(ticket_id)
        if is_it and matching.is_closed(answer, str(status)):
            return
        if not (await self.read_ticket(ticket_id)).is_closed:
            await self._lookups.forget()  # the status may not be the closed one any more
            raise NeedsAttention(
                "HaloPSA accepted the change, but the ticket is not closed. A ticket rule, an open to-do or an "
                "open child ticket may prevent it.",
                code="ticket_does_not_close",
            )

    async def list_changed_tickets(self, since: datetime, among: Collection[str]) -> Listing:
        moment = since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        changed, is_whole = await self._pages(lastupdatefromdate=moment, **await self._with_fields())
        listing = await self._listing(changed, among)
        if not is_whole:
            return Listing(listing.tickets, is_whole=False)
        deleted, has_all_deleted = await self._pages(lastupdatefromdate=moment, deleted=True)
        ids = {str(matching.whole(matching.get(row, "id"))) for row in deleted}
        # An old server passes over the question and shows tickets that are there.
        gone = (ids & set(among)) - {ticket.id for ticket in listing.tickets}
        return Listing(listing.tickets, frozenset(gone), has_all_deleted)

    async def list_tickets(self, ids: Sequence[str]) -> Listing:
        found: list[matching.Row] = []
        fields, is_whole = await self._with_fields(), True
        for start in range(0, len(ids), _ROWS_LOOKED_THROUGH):
            batch = ids[start : start + _ROWS_LOOKED_THROUGH]
            rows = await self._tickets(ticketids=",".join(batch), **fields)
            # A row that was not asked for: the question was passed over, and what is missing proves nothing.
            is_whole &= all(str(matching.whole(matching.get(row, "id"))) in batch for row in rows)
            found += rows
        listing = await self._listing(found, ids)
        return Listing(listing.tickets, is_whole=is_whole)

    async def mend_fields(self, ticket_id: str, *, customer_name: str, request_id: str) -> None:
        update = payloads.build_mended_ticket(ticket_id, customer_name=customer_name, request_id=request_id)
        answer = await self._client.post("Tickets", update)
        if isinstance(answer, dict) and matching.whole(matching.get(answer, "id")) not in (
            None,
            int(ticket_id),
        ):
            raise TryLater("HaloPSA answered with another ticket.", code="halopsa_wrong_ticket")

    async def add_remark(self, ticket_id: str, remark: Remark) -> None:
        outcomes = await self._lookups.note_outcomes(closes=False)
        actions = [
            payloads.build_remark_action(ticket_id, remark, outcome_id=outcome) for outcome in outcomes
        ]
        _, answer = await self._first_accepted("Actions", actions)
        _check_is_of(answer, ticket_id)

    async def has_remark(self, ticket_id: str, remark: Remark) -> bool:
        mark = matching.remark_mark(remark.reference)
        return await self._has_note(ticket_id, lambda note: mark in note)

    async def aclose(self) -> None:
        await self._client.aclose()

    async def _with_fields(self) -> dict[str, str]:
        """What to ask a list for so that its rows show the buttons' fields; nothing where they cannot be seen."""
        ids = await self._lookups.field_ids(payloads.BUTTON_FIELDS)
        return {"include_custom_fields": ",".join(map(str, ids))} if ids else {}

    async def _listing(self, rows: list[matching.Row], among: Collection[str]) -> Listing:
        status, wanted = str(await self._lookups.closed_status()), set(among)
        listed = (matching.read_listed(row, status, payloads.BUTTON_FIELDS) for row in rows)
        return Listing(
            tuple({ticket.id: ticket for ticket in listed if ticket and ticket.id in wanted}.values())
        )

    async def _pages(self, **question: Any) -> tuple[list[matching.Row], bool]:
        """The rows of a question's first pages, and whether these were all.

        Not `list_all`, which refuses a list that changes between two pages: this one changes all day, and what is
        missed is found when all open tickets are listed.
        """
        rows: list[matching.Row] = []
        for page in range(1, _PAGES_LOOKED_THROUGH + 1):
            found = await self._tickets(page_no=page, **question)
            if page > 1 and found and found[0] == rows[0]:
                break  # paging was ignored: the same page came again
            rows += found
            if len(found) < _ROWS_LOOKED_THROUGH:
                return rows, True
        return rows, False

    async def _first_accepted(self, path: str, elements: list[dict[str, Any]]) -> tuple[dict[str, Any], Any]:
        """Write the first of `elements` that HaloPSA does not reject, and its answer. Raises Rejected for the last.

        A rejected write certainly did nothing, so the next one is not a second one.
        """
        for element in elements[:-1]:
            try:
                return element, await self._client.post(path, element)
            except Rejected:
                continue
        try:
            return elements[-1], await self._client.post(path, elements[-1])
        except Rejected:
            # An id that was looked up may be what HaloPSA does not know any more.
            await self._lookups.forget()
            raise

    async def _ticket(self, ticket_id: str) -> matching.Row:
        row = await self._client.get(f"Tickets/{int(ticket_id)}", includedetails=True, nocache=True)
        if not isinstance(row, dict) or matching.whole(matching.get(row, "id")) != int(ticket_id):
            raise TryLater("HaloPSA answered with another ticket.", code="halopsa_wrong_ticket")
        return row

    async def _tickets(self, **question: Any) -> list[matching.Row]:
        answer = await self._client.get(
            "Tickets",
            open_only=False,
            closed_only=False,
            **{
                "pageinate": True,
                "page_size": _ROWS_LOOKED_THROUGH,
                "page_no": 1,
                "order": "id",
                "orderdesc": True,
            }
            | question,
        )
        return rows_in(answer, "tickets")


def _check_is_of(answer: Any, ticket_id: str) -> None:
    """Raises TryLater for what is not an action of this ticket.

    Taking it for the note would close the ticket without one; the note is looked for instead.
    """
    if not _is_action_of(answer, ticket_id):
        raise TryLater(
            "HaloPSA answered with another ticket's action, or with none.",
            code="halopsa_wrong_ticket",
            may_have_happened=True,
        )


def _is_action_of(answer: Any, ticket_id: str) -> bool:
    """Whether an answer is an action of this ticket: it names the ticket, or, where it names none, has an id."""
    if not isinstance(answer, dict):
        return False
    ticket = matching.whole(matching.get(answer, "ticket_id"))
    return ticket == int(ticket_id) if ticket else matching.whole(matching.get(answer, "id")) is not None


def _is_done(ticket: matching.Row, ticket_id: str, closing: Closing, closed_status: str) -> bool:
    """Whether a ticket shows all that was to ride on the closing action."""
    approver = closing.approver
    return (
        matching.whole(matching.get(ticket, "id")) == int(ticket_id)
        and matching.is_closed(ticket, closed_status)
        and matching.note_mark(closing.reference) in matching.text(ticket, "closure_note")
        and (
            approver is None
            or matching.whole(matching.get(ticket, "agent_id")) == matching.whole(approver.id)
        )
    )
