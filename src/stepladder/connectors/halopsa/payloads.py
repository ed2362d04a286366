"""What is written to HaloPSA, field by field (HaloPSA facts 9, 18, 19). Text is encoded here, per sink."""

from __future__ import annotations

import html
from typing import Any

from stepladder.connectors.ticket_system import Closing, Remark, TicketDraft
from stepladder.kit.visible import spell_out

from .matching import EndUser, mark, note_mark, remark_mark, whole

FIELD_CUSTOMER = "CFidemeumCustomerName"
FIELD_REQUEST = "CFidemeumElevationRequestId"
BUTTON_FIELDS = (FIELD_CUSTOMER, FIELD_REQUEST)
_SUMMARY_AT_MOST = 240
_VALUE_AT_MOST = 6000


def show_hidden(text: str) -> str:
    """`text` with its hidden characters spelled out, and cut where it is far too long."""
    shown = spell_out(text)
    return shown if len(shown) <= _VALUE_AT_MOST else f"{shown[:_VALUE_AT_MOST]}… (cut)"


def write_summary(draft: TicketDraft) -> str:
    """One line that ends with the reference; what comes before is cut to fit, and never the end of a sentence."""
    ending = f" {mark(draft.reference)}"
    line = show_hidden(draft.summary).rstrip(". ")
    room = _SUMMARY_AT_MOST - len(ending)
    return (line if len(line) <= room else line[: room - 1] + "…") + ending


def write_details(draft: TicketDraft) -> str:
    """The details as plain text."""
    lines = [show_hidden(draft.intro), ""]
    lines += [f"{label}: {show_hidden(value)}" for label, value in draft.lines]
    return "\n".join([*lines, "", f"Decide here: {draft.link}"] if draft.link else lines)


def write_details_html(draft: TicketDraft) -> str:
    """The same as HTML. Every value is text until this last step."""
    rows = "".join(
        f"<tr><td><b>{html.escape(label)}</b></td><td>{html.escape(show_hidden(value))}</td></tr>"
        for label, value in draft.lines
    )
    text = f"<p>{html.escape(show_hidden(draft.intro))}</p><table>{rows}</table>"
    link = html.escape(draft.link, quote=True)
    return f'{text}<p><a href="{link}">Decide in Stepladder</a></p>' if link else text


def build_ticket(
    draft: TicketDraft,
    *,
    type_id: int,
    category: str | None,
    urgency: int | None,
    impact: int | None,
    asset_id: int | None,
    team: str | None = None,
    source: int | None = None,
) -> dict[str, Any]:
    """The ticket to create. What was not found is left out rather than sent as null."""
    ticket: dict[str, Any] = {
        "summary": write_summary(draft),
        "details": write_details(draft),
        "details_html": write_details_html(draft),
        "tickettype_id": type_id,
        "client_id": whole(draft.customer.id),
        "third_party_id_string": draft.reference,
        "dateoccurred": draft.opened_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "customfields": build_button_fields(draft.customer_name, draft.request_id),
        "reportedby": show_hidden(draft.requester_email) if draft.requester_email else None,
        "category_1": category,
        "urgency": urgency,
        "impact": impact,
        "assets": [{"id": asset_id}] if asset_id else None,
        "team": team,
        "source": source,
    }
    return {name: value for name, value in ticket.items() if value is not None}


def build_button_fields(customer_name: str, request_id: str) -> list[dict[str, str]]:
    """The two custom fields that the buttons send."""
    return [
        {"name": FIELD_CUSTOMER, "value": customer_name},
        {"name": FIELD_REQUEST, "value": request_id},
    ]


def add_end_user(ticket: dict[str, Any], user: EndUser) -> dict[str, Any]:
    """The same ticket for this user of the customer."""
    return {**ticket, "user_id": user.id, "site_id": user.site_id}


def build_closing_action(
    ticket_id: str, closing: Closing, *, outcome_id: int, status_id: int | None
) -> dict[str, Any]:
    """The action that carries note and time; with a status it also moves the ticket where HaloPSA lets it."""
    note = write_closing_note(closing)
    action: dict[str, Any] = {
        "ticket_id": whole(ticket_id),
        "outcome_id": outcome_id,
        "note": note,
        "note_html": html.escape(note),
        "timetaken": to_hours(closing.minutes),
        "sendemail": False,
    }
    if status_id is None:
        return action
    action |= {"new_status": status_id, "closure_note": note, "_includeticketinresponse": True}
    if closing.approver:
        action["new_agent"] = whole(closing.approver.id)
    return action


def build_closed_ticket(
    ticket_id: str, closing: Closing, *, status_id: int, is_assigned: bool
) -> dict[str, Any]:
    """The update that closes."""
    update: dict[str, Any] = {
        "id": need_ticket_id(ticket_id),
        "status_id": status_id,
        "closure_note": write_closing_note(closing),
    }
    if is_assigned and closing.approver:
        update |= {"agent_id": whole(closing.approver.id), "_forcereassign": True}
    return update


def build_mended_ticket(ticket_id: str, *, customer_name: str, request_id: str) -> dict[str, Any]:
    """The update that sets the buttons' fields again."""
    return {"id": need_ticket_id(ticket_id), "customfields": build_button_fields(customer_name, request_id)}


def build_remark_action(ticket_id: str, remark: Remark, *, outcome_id: int) -> dict[str, Any]:
    """A note that only technicians see and that changes nothing else."""
    note = f"{show_hidden(remark.text)}\n{remark_mark(remark.reference)}"
    return {
        "ticket_id": whole(ticket_id),
        "outcome_id": outcome_id,
        "note": note,
        "note_html": html.escape(note).replace("\n", "<br>"),
        "hiddenfromuser": True,
        "sendemail": False,
    }


def need_ticket_id(ticket_id: str) -> int:
    """The id of an update. Without one HaloPSA would create a ticket (HaloPSA fact 16)."""
    number = whole(ticket_id)
    if number is None:
        raise ValueError("an update without a ticket id would create a ticket")
    return number


def write_closing_note(closing: Closing) -> str:
    """The note, and at its end what it is found again by."""
    return f"{show_hidden(closing.note).rstrip('. ')}{note_mark(closing.reference)}"


def to_hours(minutes: float) -> float:
    """HaloPSA's unit of time taken: 5 minutes are 0.0833."""
    return round(minutes / 60, 4)
