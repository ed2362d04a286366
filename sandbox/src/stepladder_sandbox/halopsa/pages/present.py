"""Tickets, actions and calls as the templates show them, so that a template holds no rule."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from stepladder_sandbox.halopsa.fields import custom_by_name
from stepladder_sandbox.halopsa.history import COMPLETED, FAILED, RUNNING, MethodCall, Run
from stepladder_sandbox.halopsa.plaintext import text_of_html
from stepladder_sandbox.halopsa.records import CustomField, Outcome
from stepladder_sandbox.halopsa.tickets import Action, Ticket
from stepladder_sandbox.halopsa.world import World

_ADDRESS = re.compile(r"https?://[^\s<>\"'“”]*[^\s<>\"'“”.,;:!?)]")
_SENTENCE_KEYS = ("detail", "message", "title", "error_description", "error", "verdict", "decision", "status")
IMPACT, URGENCY = 12, 27
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_CLEARLY = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """A time, for the machine and for the reader."""

    machine: str
    reader: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Badge:
    """A word with a tone: `new`, `open`, `closed`, `good`, `bad`."""

    word: str
    tone: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A ticket in the list."""

    id: int
    summary: str
    customer: str
    requester: str
    agent: str
    status: Badge
    changed: Moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One thing in a ticket's timeline."""

    when: Moment
    who: str
    title: str
    note: str
    marks: list[str]
    results: list[Result]


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What a method call came to."""

    badge: Badge
    sentence: str
    method: str
    url: str
    took: str
    request: str
    response: str


def moment(value: datetime) -> Moment:
    """A time in UTC; the reader gets it to the second."""
    utc = value.astimezone(UTC)
    return Moment(machine=utc.isoformat(timespec="seconds"), reader=f"{utc.day} {utc:%b %Y, %H:%M:%S}")


def _short_moment(value: datetime) -> Moment:
    """The same to the minute and without the year, for a column."""
    utc = value.astimezone(UTC)
    return Moment(machine=utc.isoformat(timespec="seconds"), reader=f"{utc.day} {utc:%b, %H:%M}")


def status_badge(world: World, status_id: int) -> Badge:
    """A status by name, toned by where it stands in a ticket's life."""
    status = world.directory.status(status_id)
    tone = "closed" if status.closed else "new" if status_id == world.config.statuses[0].id else "open"
    return Badge(word=status.name or f"Status {status_id}", tone=tone)


def line(world: World, ticket: Ticket) -> Line:
    """A ticket as one line."""
    return Line(
        id=ticket.id,
        summary=ticket.summary or "(no summary)",
        customer=world.directory.client_name(ticket.client_id),
        requester=ticket.user_name,
        agent=world.directory.agent_name(ticket.agent_id),
        status=status_badge(world, ticket.status_id),
        changed=_short_moment(ticket.last_update),
    )


def properties(world: World, ticket: Ticket) -> list[tuple[str, str]]:
    """What is known about a ticket, in the order an agent looks for it."""
    directory = world.directory
    site = directory.sites.get(ticket.site_id)
    user = directory.users.get(ticket.user_id)
    assets = [directory.assets[each] for each in ticket.asset_ids if each in directory.assets]
    rows = [
        ("Customer", directory.client_name(ticket.client_id)),
        ("Site", site.name if site else ""),
        ("Requester", ticket.user_name),
        ("E-mail", ticket.reportedby or (user.emailaddress if user else "")),
        ("Asset", ", ".join(asset.key_field or asset.inventory_number for asset in assets)),
        ("Type", directory.ticket_type(ticket.tickettype_id).name),
        ("Workflow", _workflow(world, ticket)),
        ("Category", " > ".join(part for part in ticket.categories if part)),
        ("Impact", directory.lookup_name(IMPACT, ticket.impact)),
        ("Urgency", directory.lookup_name(URGENCY, ticket.urgency)),
        ("Agent", directory.agent_name(ticket.agent_id)),
        ("Team", ticket.team),
        ("Time taken", spent(ticket.timetaken)),
        ("Opened", moment(ticket.dateoccurred).reader),
        ("Closed", moment(ticket.dateclosed).reader if ticket.dateclosed else ""),
        ("Reference", ticket.third_party_id_string),
        ("Merged into", str(ticket.merged_into_id or "")),
    ]
    return [(name, value) for name, value in rows if value]


def _workflow(world: World, ticket: Ticket) -> str:
    """Workflow and step, where a ticket has them."""
    workflow, flow = (
        world.directory.workflows.get(ticket.workflow_id),
        world.directory.flows.get(ticket.workflow_id),
    )
    step = flow.step(ticket.workflow_step) if flow else None
    return f"{workflow.name}, step {step.name or step.step_id}" if workflow and step else ""


def field_values(world: World, ticket: Ticket) -> list[tuple[CustomField, str]]:
    """All of the tenant's own fields with what they hold, for a form."""
    values = custom_by_name(world, ticket)
    return [(each, str(values.get(each.name, ""))) for each in world.config.custom_fields]


def tone_of(outcome: Outcome) -> str:
    """How a button looks: as it was set up, or as near to its colour as can be read on it."""
    if outcome.tone != "neutral" or not _COLOUR.fullmatch(outcome.colour):
        return outcome.tone
    red, green, blue = (int(outcome.colour[at : at + 2], 16) for at in (1, 3, 5))
    if red > green + _CLEARLY and red > blue + _CLEARLY:
        return "bad"
    return "good" if green > red + _CLEARLY and green > blue else "neutral"


def custom_fields(world: World, ticket: Ticket) -> list[tuple[str, str]]:
    """The tenant's own fields that hold something."""
    return [(name, str(value)) for name, value in custom_by_name(world, ticket).items()]


def spent(hours: float) -> str:
    """Hours as a person says them; HaloPSA counts 5 minutes as 0.0833 (HaloPSA fact 18)."""
    minutes = round(hours * 60)
    if minutes < 60:
        return f"{minutes} min" if minutes else ""
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def timeline(
    world: World, ticket: Ticket, calls: Mapping[int, list[MethodCall]], runs: Sequence[Run]
) -> list[Entry]:
    """Actions and runs with the calls they made, newest first; the opening details are shown elsewhere."""
    entries = [
        (action.made_at, 0, action.id, _of_action(world, action, calls.get(action.id, [])))
        for action in ticket.actions
        if not action.is_system
    ]
    entries += [(run.at, 1, run.id, _of_run(run)) for run in runs]
    return [entry for *_, entry in sorted(entries, key=lambda each: each[:3], reverse=True)]


def public_timeline(world: World, ticket: Ticket) -> list[Entry]:
    """What a customer may see: no private actions, no calls."""
    return [
        _of_action(world, action, [])
        for action in reversed(ticket.actions)
        if not action.is_system and not action.hidden
    ]


def _of_run(run: Run) -> Entry:
    word = {RUNNING: "Running", FAILED: "Failed", COMPLETED: "Completed"}[run.status]
    return Entry(
        when=moment(run.at),
        who=run.trigger,
        title=f"Runbook: {run.runbook_name}",
        note=run.error,
        marks=[word],
        results=[result(call) for call in run.calls],
    )


def _of_action(world: World, action: Action, calls: list[MethodCall]) -> Entry:
    marks = []
    if action.new_status != action.old_status:
        names = (world.directory.status(each).name for each in (action.old_status, action.new_status))
        marks.append(" → ".join(names))
    if taken := spent(action.timetaken):
        marks.append(taken)
    if action.hidden:
        marks.append("Private")
    return Entry(
        when=moment(action.made_at),
        who=action.who,
        title=action.outcome,
        note=action.note or text_of_html(action.note_html),
        marks=marks,
        results=[result(call) for call in calls],
    )


def result(call: MethodCall) -> Result:
    """A method call as a sentence with its evidence."""
    word = f"HTTP {call.status}" if call.status else "No answer"
    sentence = _sentence(call)
    return Result(
        badge=Badge(word=word, tone=_tone(call, sentence)),
        sentence=sentence,
        method=call.method,
        url=call.url,
        took=milliseconds(call.ms),
        request=call.request_body,
        response=call.response_body or call.error,
    )


def _tone(call: MethodCall, sentence: str) -> str:
    """An answer is no good news by itself: a denial, too, is answered with 200."""
    if not call.is_success:
        return "bad"
    return "good" if "approved" in sentence.lower() else "closed"


def milliseconds(value: float) -> str:
    """How long something took, without pretending that it took nothing."""
    return f"{value:.0f} ms" if value >= 1 else "under 1 ms"


def _sentence(call: MethodCall) -> str:
    """What the other side said, in its own words where its answer is JSON with a sentence in it."""
    if not call.status:
        return f"Stepladder did not answer. {call.error}"
    body = _decoded(call.response_body)
    if isinstance(body, dict):
        said = next(
            (str(body[key]) for key in _SENTENCE_KEYS if isinstance(body.get(key), str) and body[key]), ""
        )
        if said:
            return said
    return "Stepladder accepted the decision." if call.is_success else "Stepladder refused."


def _decoded(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def linked(text: str) -> list[tuple[str, bool]]:
    """Plain text in pieces, each with whether it is a web address. The template escapes them all."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        pieces += [(text[end : match.start()], False), (match[0], True)]
        end = match.end()
    return [(piece, is_address) for piece, is_address in [*pieces, (text[end:], False)] if piece]
