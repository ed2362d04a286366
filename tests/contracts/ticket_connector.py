"""The contract of every ticket connector: what features rely on, whichever system stands behind it.

A test module subclasses `TicketConnectorContract` and gives it a `remote` fixture; see `test_memory` and
`test_halopsa`. What one of them promises here, the others must confirm.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.connectors.ticket_system import (
    Closing,
    Person,
    Remark,
    RemoteCustomer,
    TicketConnector,
    TicketDraft,
)
from stepladder.kit.findings import Result
from stepladder.kit.ids import new_reference

DIRECTORIES = ("11111111-2222-4333-8444-555555555555", "72f988bf-86f1-41af-91ab-2d7cd011db47")
KINDS = (TryLater, NeedsAttention, RemoteGone, Rejected)


class Remote(Protocol):
    """A remote system under test: the connector to it, and what a person there could see or do."""

    connector: TicketConnector
    customer: RemoteCustomer
    inactive_customer: RemoteCustomer
    customer_in_directories: RemoteCustomer | None
    """One that has Entra directories, where the remote tells of them."""
    assignable_email: str
    api_only_email: str
    disabled_email: str
    end_user_email: str
    """The e-mail of an end user of `customer`."""
    mishaps: dict[str, Callable[[], None]]
    """Ways to make the next call fail, by name. Those that begin with "write" befall only calls that write."""

    def mend(self) -> None:
        """Undo what a mishap left behind."""

    def fill_customers(self, count: int) -> None:
        """Add so many more customers, whose names are `Customer 1` and so on."""

    def count(self, reference: str) -> int:
        """How many tickets carry the reference."""

    def add(self, draft: TicketDraft) -> str:
        """A ticket that carries the draft's reference; its id."""

    def delete(self, ticket_id: str) -> None: ...

    def hold_open(self, ticket_id: str) -> None:
        """Let something there keep the ticket from closing."""

    def close_by_hand(self, ticket_id: str) -> None: ...

    def notes(self, ticket_id: str) -> list[str]:
        """The closing notes on a ticket."""

    def is_closed(self, ticket_id: str) -> bool: ...

    def assigned_to(self, ticket_id: str) -> str | None: ...

    def move(self, ticket_id: str, customer: RemoteCustomer) -> None: ...

    def merge(self, ticket_id: str, into: str) -> None: ...

    def edit_fields(self, ticket_id: str, customer_name: str, request_id: str) -> None: ...

    def now(self) -> datetime:
        """The remote's time."""

    def pass_time(self) -> None:
        """Let some of it pass."""

    def end_user_of(self, ticket_id: str) -> str | None:
        """The e-mail of the end user that a ticket stands under; None for nobody in particular."""


def draft_for(customer: RemoteCustomer, **changes: Any) -> TicketDraft:
    values: dict[str, Any] = {
        "reference": new_reference(),
        "customer": customer,
        "request_id": "5e7f1a52-0000-4000-8000-00000000000a",
        "customer_name": "Northwind Traders",
        "summary": "Elevation request: Ada wants to run setup.exe on DESK-1",
        "intro": "Ada asks to run setup.exe with administrator rights on DESK-1.",
        "lines": (("Program", "setup.exe"), ("Path", "/opt/setup.exe")),
        "link": "https://msp.example/elevation-requests/1",
        "endpoint_name": "DESK-1",
        "requester_email": "ada@customer.example",
        "opened_at": datetime(2026, 3, 1, 12, tzinfo=UTC),
    }
    return TicketDraft(**{**values, **changes})


def closing_of(draft: TicketDraft, approver: Person | None = None) -> Closing:
    return Closing(draft.reference, "Approved by Nik for this user, once.", 5, approver)


class TicketConnectorContract:
    """Promises of `connectors.base.TicketConnector`."""

    # --- Opening and finding ----------------------------------------------------------------------------------

    async def test_opening_makes_one_open_ticket_that_its_reference_finds(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        assert not opened.is_closed
        assert remote.count(draft.reference) == 1
        assert await remote.connector.find_ticket(draft) == opened
        assert await remote.connector.read_ticket(opened.id) == opened

    async def test_finding_gives_nothing_where_nothing_is(self, remote: Remote) -> None:
        for _ in range(3):
            await remote.connector.open_ticket(draft_for(remote.customer))
        assert await remote.connector.find_ticket(draft_for(remote.customer)) is None

    async def test_a_reference_that_is_the_start_of_another_does_not_find_it(self, remote: Remote) -> None:
        longer = draft_for(remote.customer)
        await remote.connector.open_ticket(longer)
        shorter = dataclasses.replace(longer, reference=longer.reference[:-1])
        assert await remote.connector.find_ticket(shorter) is None

    async def test_two_tickets_with_one_reference_are_for_a_person(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        await remote.connector.open_ticket(draft)
        remote.add(draft)
        with pytest.raises(NeedsAttention) as refused:
            await remote.connector.find_ticket(draft)
        assert not refused.value.whole_instance

    async def test_a_deleted_ticket_is_for_a_person_and_is_never_found(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        remote.delete(opened.id)
        with pytest.raises(NeedsAttention) as refused:
            await remote.connector.find_ticket(draft)
        assert not refused.value.whole_instance

    async def test_reading_a_deleted_ticket_says_that_it_is_gone(self, remote: Remote) -> None:
        opened = await remote.connector.open_ticket(draft_for(remote.customer))
        remote.delete(opened.id)
        with pytest.raises(RemoteGone):
            await remote.connector.read_ticket(opened.id)

    async def test_a_ticket_closed_by_hand_reads_as_closed(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        remote.close_by_hand(opened.id)
        assert (await remote.connector.read_ticket(opened.id)).is_closed
        found = await remote.connector.find_ticket(draft)
        assert found is not None
        assert found.is_closed

    async def test_opening_for_a_customer_that_is_not_there_creates_nothing(self, remote: Remote) -> None:
        draft = draft_for(RemoteCustomer("987654", "Nobody", True))
        with pytest.raises(Rejected):
            await remote.connector.open_ticket(draft)
        assert remote.count(draft.reference) == 0

    @pytest.mark.parametrize("spelled", [str.lower, str.upper, str.title])
    async def test_a_ticket_stands_under_the_end_user_who_asked(self, remote: Remote, spelled: Any) -> None:
        draft = draft_for(remote.customer, requester_email=spelled(remote.end_user_email))
        opened = await remote.connector.open_ticket(draft)
        assert remote.end_user_of(opened.id) == remote.end_user_email

    async def test_a_ticket_stands_under_nobody_who_only_resembles_them(self, remote: Remote) -> None:
        email = remote.end_user_email
        for other in (None, email[1:], email[:-1], f"x{email}", email.partition("@")[0], "@", "%", " "):
            opened = await remote.connector.open_ticket(draft_for(remote.customer, requester_email=other))
            assert remote.end_user_of(opened.id) is None, other

    # --- Closing ----------------------------------------------------------------------------------------------

    async def test_one_closing_note_is_written_and_then_seen(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        closing = closing_of(draft)
        assert not await remote.connector.has_closing_note(opened.id, closing)
        await remote.connector.add_closing_note(opened.id, closing)
        assert len(remote.notes(opened.id)) == 1
        assert await remote.connector.has_closing_note(opened.id, closing)

    async def test_the_note_of_another_ticket_is_not_this_ones(self, remote: Remote) -> None:
        one, other = draft_for(remote.customer), draft_for(remote.customer)
        first = await remote.connector.open_ticket(one)
        second = await remote.connector.open_ticket(other)
        await remote.connector.add_closing_note(first.id, closing_of(one))
        assert not await remote.connector.has_closing_note(second.id, closing_of(other))

    async def test_closing_closes_and_may_be_repeated(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        closing = closing_of(draft)
        await remote.connector.add_closing_note(opened.id, closing)
        for _ in range(3):
            await remote.connector.close_ticket(opened.id, closing)
        assert remote.is_closed(opened.id)
        assert len(remote.notes(opened.id)) == 1
        assert (await remote.connector.read_ticket(opened.id)).is_closed

    async def test_a_note_that_says_it_closed_the_ticket_did(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        said = await remote.connector.add_closing_note(opened.id, closing_of(draft))
        assert remote.is_closed(opened.id) or not said

    async def test_a_note_that_is_not_to_close_does_not(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        closing = dataclasses.replace(closing_of(draft), closes=False)
        assert not await remote.connector.add_closing_note(opened.id, closing)
        assert await remote.connector.has_closing_note(opened.id, closing)
        assert len(remote.notes(opened.id)) == 1
        assert not remote.is_closed(opened.id)
        assert not (await remote.connector.read_ticket(opened.id)).is_closed

    async def test_a_ticket_that_stays_open_is_never_reported_closed(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        remote.hold_open(opened.id)
        closing = closing_of(draft)
        assert not await remote.connector.add_closing_note(opened.id, closing)
        with pytest.raises((NeedsAttention, Rejected)):
            await remote.connector.close_ticket(opened.id, closing)
        assert not remote.is_closed(opened.id)
        assert len(remote.notes(opened.id)) == 1

    async def test_the_approver_is_assigned(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        approver = await remote.connector.find_person(remote.assignable_email)
        assert approver is not None
        closing = closing_of(draft, approver)
        if not await remote.connector.add_closing_note(opened.id, closing):
            await remote.connector.close_ticket(opened.id, closing)
        assert remote.assigned_to(opened.id) == approver.id

    async def test_closing_a_ticket_that_was_closed_by_hand_adds_the_note_and_succeeds(
        self, remote: Remote
    ) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        remote.close_by_hand(opened.id)
        closing = closing_of(draft)
        await remote.connector.add_closing_note(opened.id, closing)
        await remote.connector.close_ticket(opened.id, closing)
        assert len(remote.notes(opened.id)) == 1

    async def test_closing_a_deleted_ticket_says_that_it_is_gone(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        remote.delete(opened.id)
        for call in (
            remote.connector.add_closing_note,
            remote.connector.has_closing_note,
            remote.connector.close_ticket,
        ):
            with pytest.raises(RemoteGone):
                await call(opened.id, closing_of(draft))

    # --- What became of tickets -------------------------------------------------------------------------------

    async def test_listed_tickets_are_those_that_were_asked_for_and_are_there(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        ids = [(await remote.connector.open_ticket(draft_for(remote.customer))).id for _ in range(3)]
        remote.delete(ids[1])
        listing = await remote.connector.list_tickets([*ids, "987654"])
        assert listing.is_whole
        assert {ticket.id for ticket in listing.tickets} == {ids[0], ids[2]}
        assert not any(ticket.is_closed or ticket.merged_into for ticket in listing.tickets)
        assert {ticket.customer_id for ticket in listing.tickets} == {remote.customer.id}
        assert {ticket.request_field for ticket in listing.tickets} == {draft.request_id}
        assert {ticket.customer_field for ticket in listing.tickets} == {draft.customer_name}

    async def test_more_tickets_than_a_page_holds_are_listed(self, remote: Remote) -> None:
        ids = [remote.add(draft_for(remote.customer)) for _ in range(230)]
        listing = await remote.connector.list_tickets(ids)
        assert listing.is_whole
        assert sorted(ticket.id for ticket in listing.tickets) == sorted(ids)

    async def test_what_people_did_to_a_ticket_is_listed(self, remote: Remote) -> None:
        closed, moved, edited, merged, target, deleted, untouched = (
            remote.add(draft_for(remote.customer)) for _ in range(7)
        )
        remote.close_by_hand(closed)
        remote.move(moved, remote.inactive_customer)
        remote.edit_fields(edited, "Somebody else", "")
        remote.merge(merged, target)
        remote.delete(deleted)
        ids = [closed, moved, edited, merged, deleted, untouched]
        seen = {ticket.id: ticket for ticket in (await remote.connector.list_tickets(ids)).tickets}
        assert seen[closed].is_closed
        assert seen[moved].customer_id == remote.inactive_customer.id
        assert (seen[edited].customer_field, seen[edited].request_field) == ("Somebody else", "")
        assert seen[merged].merged_into == target
        assert deleted not in seen
        assert seen[untouched] == dataclasses.replace(seen[untouched], is_closed=False, merged_into=None)

    async def test_tickets_that_changed_since_are_listed_and_no_others(self, remote: Remote) -> None:
        early, closed, deleted, not_asked = (remote.add(draft_for(remote.customer)) for _ in range(4))
        remote.pass_time()
        since = remote.now()
        remote.close_by_hand(closed)
        remote.delete(deleted)
        remote.close_by_hand(not_asked)
        listing = await remote.connector.list_changed_tickets(since, {early, closed, deleted})
        assert listing.is_whole
        assert [(ticket.id, ticket.is_closed) for ticket in listing.tickets] == [(closed, True)]
        assert listing.deleted == {deleted}

    async def test_fields_are_mended_and_may_be_mended_again(self, remote: Remote) -> None:
        ticket_id = remote.add(draft_for(remote.customer))
        remote.edit_fields(ticket_id, "Somebody else", "another request")
        for _ in range(2):
            await remote.connector.mend_fields(ticket_id, customer_name="Northwind Traders", request_id="r-1")
            (seen,) = (await remote.connector.list_tickets([ticket_id])).tickets
            assert (seen.customer_field, seen.request_field) == ("Northwind Traders", "r-1")

    async def test_one_remark_is_written_and_then_seen_also_on_a_closed_ticket(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        ticket_id = remote.add(draft)
        remote.close_by_hand(ticket_id)
        remark = Remark(draft.reference, "The request still waits.")
        assert not await remote.connector.has_remark(ticket_id, remark)
        await remote.connector.add_remark(ticket_id, remark)
        assert await remote.connector.has_remark(ticket_id, remark)
        assert remote.is_closed(ticket_id)

    async def test_a_remark_is_no_closing_note_and_a_closing_note_is_no_remark(self, remote: Remote) -> None:
        one, other = draft_for(remote.customer), draft_for(remote.customer)
        first, second = remote.add(one), remote.add(other)
        await remote.connector.add_remark(first, Remark(one.reference, "The request still waits."))
        await remote.connector.add_closing_note(second, closing_of(other))
        assert not await remote.connector.has_closing_note(first, closing_of(one))
        assert not await remote.connector.has_remark(second, Remark(other.reference, "x"))

    async def test_mending_or_remarking_a_deleted_ticket_says_that_it_is_gone(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        ticket_id, remark = remote.add(draft), Remark(draft.reference, "x")
        remote.delete(ticket_id)
        for call in (
            remote.connector.add_remark(ticket_id, remark),
            remote.connector.has_remark(ticket_id, remark),
            remote.connector.mend_fields(ticket_id, customer_name="x", request_id="y"),
        ):
            with pytest.raises(RemoteGone):
                await call

    # --- People and customers ---------------------------------------------------------------------------------

    async def test_a_person_is_found_by_exactly_their_email_in_any_case(self, remote: Remote) -> None:
        found = await remote.connector.find_person(remote.assignable_email.upper())
        assert found is not None
        assert (found.email or "").lower() == remote.assignable_email.lower()
        assert await remote.connector.find_person_by_id(found.id) == found

    async def test_a_person_is_not_found_by_a_part_of_their_email(self, remote: Remote) -> None:
        name, _, domain = remote.assignable_email.partition("@")
        parts = [
            name,
            domain,
            f"@{domain}",
            f"{name}@",
            remote.assignable_email[1:],
            remote.assignable_email[:-1],
        ]
        for part in [*parts, f"x{remote.assignable_email}", "", " ", "%", "*"]:
            assert await remote.connector.find_person(part) is None, part

    async def test_people_who_cannot_be_assigned_are_not_found(self, remote: Remote) -> None:
        assert await remote.connector.find_person(remote.api_only_email) is None
        assert await remote.connector.find_person(remote.disabled_email) is None
        assert await remote.connector.find_person("nobody@nowhere.example") is None

    async def test_a_person_id_that_is_not_there_gives_nobody(self, remote: Remote) -> None:
        assert await remote.connector.find_person_by_id("987654") is None

    async def test_every_customer_is_listed_once_the_inactive_ones_too(self, remote: Remote) -> None:
        remote.fill_customers(230)
        listed = await remote.connector.list_customers()
        names = [customer.name for customer in listed]
        assert {f"Customer {number}" for number in range(1, 231)} <= set(names)
        assert len({customer.id for customer in listed}) == len(listed)
        assert remote.customer in listed
        assert remote.inactive_customer in listed
        assert not remote.inactive_customer.is_active

    async def test_one_customer_reads_as_it_is_listed_an_inactive_one_too(self, remote: Remote) -> None:
        for customer in (remote.customer, remote.inactive_customer):
            assert await remote.connector.read_customer(customer.id) == customer

    async def test_reading_a_customer_that_is_not_there_says_that_it_is_gone(self, remote: Remote) -> None:
        with pytest.raises(RemoteGone):
            await remote.connector.read_customer("987654")

    async def test_the_directories_of_a_customer_are_listed_and_read(self, remote: Remote) -> None:
        listed = {customer.id: customer for customer in await remote.connector.list_customers()}
        known = remote.customer_in_directories
        assert listed[remote.customer.id].directory_ids == ()
        if known is None:
            assert all(customer.directory_ids == () for customer in listed.values())
        else:
            assert len(known.directory_ids) == 2
            assert listed[known.id] == await remote.connector.read_customer(known.id) == known

    # --- Failing ----------------------------------------------------------------------------------------------

    async def test_the_check_up_reports_and_does_not_raise(self, remote: Remote) -> None:
        assert all(finding.result is not Result.FAIL for finding in await remote.connector.check())

    async def test_whatever_goes_wrong_is_one_of_the_four_kinds(self, remote: Remote) -> None:
        for name, arrange in remote.mishaps.items():
            for method, call in calls(remote).items():
                if name.startswith("write") and method not in WRITES:
                    continue
                remote.mend()
                arrange()
                error = await failure_of(call())
                assert error is None or type(error) in KINDS, (name, method)
                assert error is None or error.message[-1] in ".)" or "says: " in error.message, (name, method)
                assert error is None or error.code.isidentifier(), (name, method)

    async def test_a_failed_opening_says_truly_whether_a_ticket_may_be_there(self, remote: Remote) -> None:
        """Features send again what certainly did nothing, so a wrong answer here is a second ticket."""
        for name, arrange in remote.mishaps.items():
            remote.mend()
            arrange()
            draft = draft_for(remote.customer)
            error = await failure_of(remote.connector.open_ticket(draft))
            assert remote.count(draft.reference) in POSSIBLE[certainty(error)], (name, error)

    async def test_a_failed_note_says_truly_whether_it_may_be_there(self, remote: Remote) -> None:
        draft = draft_for(remote.customer)
        opened = await remote.connector.open_ticket(draft)
        for name, arrange in remote.mishaps.items():
            before = len(remote.notes(opened.id))
            remote.mend()
            arrange()
            error = await failure_of(remote.connector.add_closing_note(opened.id, closing_of(draft)))
            assert len(remote.notes(opened.id)) - before in POSSIBLE[certainty(error)], (name, error)

    async def test_reading_never_claims_that_something_may_have_happened(self, remote: Remote) -> None:
        for name, arrange in remote.mishaps.items():
            for method, call in calls(remote).items():
                if name.startswith(("write", "planned")) or method in (*WRITES, "check"):
                    continue
                remote.mend()
                arrange()
                assert certainty(await failure_of(call())) != "perhaps", (name, method)


WRITES = ("open_ticket", "add_closing_note", "close_ticket", "mend_fields", "add_remark")
POSSIBLE = {"yes": (1,), "no": (0,), "perhaps": (0, 1)}


def certainty(error: ConnectorError | None) -> str:
    """Whether a write happened, as far as its outcome says so."""
    if error is None:
        return "yes"
    return "perhaps" if isinstance(error, TryLater) and error.may_have_happened else "no"


async def failure_of(call: Awaitable[Any]) -> ConnectorError | None:
    try:
        await call
    except ConnectorError as error:
        return error
    return None


def calls(remote: Remote) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Every method, with arguments that mean something."""
    connector, draft = remote.connector, draft_for(remote.customer)
    ticket_id, closing, remark = remote.add(draft), closing_of(draft), Remark(draft.reference, "It waits.")
    return {
        "check": connector.check,
        "list_customers": connector.list_customers,
        "read_customer": lambda: connector.read_customer(remote.customer.id),
        "open_ticket": lambda: connector.open_ticket(draft_for(remote.customer)),
        "find_ticket": lambda: connector.find_ticket(draft),
        "read_ticket": lambda: connector.read_ticket(ticket_id),
        "find_person": lambda: connector.find_person(f"{draft.reference}@nobody.example"),
        "find_person_by_id": lambda: connector.find_person_by_id("4"),
        "add_closing_note": lambda: connector.add_closing_note(ticket_id, closing),
        "has_closing_note": lambda: connector.has_closing_note(ticket_id, closing),
        "close_ticket": lambda: connector.close_ticket(ticket_id, closing),
        "list_changed_tickets": lambda: connector.list_changed_tickets(draft.opened_at, {ticket_id}),
        "list_tickets": lambda: connector.list_tickets([ticket_id]),
        "mend_fields": lambda: connector.mend_fields(ticket_id, customer_name="a", request_id="b"),
        "add_remark": lambda: connector.add_remark(ticket_id, remark),
        "has_remark": lambda: connector.has_remark(ticket_id, remark),
    }
