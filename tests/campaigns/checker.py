"""The judge of the campaigns. It shares no code with the product and imports nothing of it.

It reads what others wrote down: the sandbox's event log, the clients' own histories (what each asker and decider was
told, where "unknown" is an answer like any other), and, where given, a dump of the database and the exported audit
trail. `check` returns each broken promise in words; docs/how-it-works.md, "What always holds", lists them by number.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

Event = dict[str, Any]

WORDS = {"approved": "Approved", "denied": "Denied", "cancelled": "Cancelled", "expired": "Expired"}
"""How a closing note begins, by what became of the request."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_CALL_FAULT_WITH_RETRY_AFTER = "429_retry_after"


@dataclass
class History:
    """What the clients of one MSP did and were told, in the order in which it happened to them."""

    accepted: dict[str, str] = field(default_factory=dict)
    """Request ids by the key that the asker made up, once the asker was told that it was accepted."""
    repeated: list[tuple[str, str]] = field(default_factory=list)
    """Key and request id of every further time that an asker was told so."""
    told: list[tuple[str, str, str]] = field(default_factory=list)
    """Request id, channel, and the state that a person was told: as their own doing, as the winner's, or on asking."""
    tried: dict[str, datetime] = field(default_factory=dict)
    """When the first attempt to settle a request began, with any result."""
    granted: list[str] = field(default_factory=list)
    """Request ids whose desktop was given a grant."""
    unknown: Counter[str] = field(default_factory=Counter)
    """How often a client learned nothing, by channel. Not judged; a campaign without any was no campaign."""


@dataclass
class Evidence:
    """All that is known of one MSP and its HaloPSA."""

    log: list[Event]
    history: History
    application_id: str
    """Which application in HaloPSA is ours: its writes are judged."""
    budget: int = 700
    window_seconds: float = 300.0
    retry_after_seconds: float = 0.0
    """What the sandbox's 429 by fault carried; its log does not say."""
    database: dict[str, list[dict[str, Any]]] | None = None
    audit: list[dict[str, Any]] | None = None


def read_log(path: Path) -> list[Event]:
    """A sandbox's log file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def read_export(text: str) -> list[dict[str, Any]]:
    """The events of an exported audit trail, without its header and its signed head."""
    return [line for line in map(json.loads, text.splitlines()) if "event" in line]


def check(evidence: Evidence) -> list[str]:
    """Every broken promise, in words. Empty when all of them were kept."""
    return [
        *_asked_once(evidence),
        *_one_decision(evidence),
        *_one_ticket(evidence),
        *_closed_once(evidence),
        *_within_budget(evidence),
        *_after_retry_after(evidence),
        *(_database(evidence, evidence.database) if evidence.database is not None else ()),
        *(_audit(evidence, evidence.audit) if evidence.audit is not None else ()),
    ]


def fired(log: Iterable[Event]) -> Counter[str]:
    """How many faults of each kind befell calls."""
    return Counter(str(event["fault"]) for event in log if event["kind"] == "fault.fired")


def calls(log: Iterable[Event]) -> list[Event]:
    """Every call that reached HaloPSA, tokens included."""
    return [event for event in log if event["kind"] == "api.call"]


def tickets_by_request(log: Iterable[Event]) -> dict[str, list[int]]:
    """Ticket numbers by the request id that the ticket's own text or custom field holds."""
    found: dict[str, list[int]] = defaultdict(list)
    for event in log:
        if event["kind"] == "ticket.created" and (request_id := _request_of(event)):
            found[request_id].append(event["ticket_id"])
    return found


def outcome(history: History) -> dict[str, str]:
    """What became of each request, by what people were told. Where they were told two things, the first."""
    found = dict.fromkeys(history.accepted.values(), "pending")
    for request_id, _, state in history.told:
        if found.get(request_id) == "pending":
            found[request_id] = state
    return found


# --- I1, I3: the clients' histories --------------------------------------------------------------------------------


def _asked_once(evidence: Evidence) -> Iterator[str]:
    history = evidence.history
    for key, request_id in history.repeated:
        if history.accepted.get(key) != request_id:
            yield f"I1: ask {key} was told {history.accepted.get(key)} first and {request_id} later"
    for request_id, count in Counter(history.accepted.values()).items():
        if count > 1:
            yield f"I1: request {request_id} answers {count} different asks"


def _one_decision(evidence: Evidence) -> Iterator[str]:
    history = evidence.history
    states: dict[str, set[str]] = defaultdict(set)
    for request_id, _, state in history.told:
        if state != "pending":
            states[request_id].add(state)
    for request_id, seen in states.items():
        if len(seen) > 1:
            yield f"I3: people were told different things about {request_id}: {', '.join(sorted(seen))}"
        if request_id not in set(history.accepted.values()):
            yield f"I1: {request_id} was decided but nobody was told that it exists"
    for request_id in history.granted:
        if states.get(request_id) != {"approved"}:
            yield f"I7: {request_id} has a grant and is {', '.join(sorted(states.get(request_id, ()))) or 'pending'}"


# --- I2, I4: tickets -----------------------------------------------------------------------------------------------


def _one_ticket(evidence: Evidence) -> Iterator[str]:
    became = outcome(evidence.history)
    known = set(became)
    ours: dict[str, list[int]] = defaultdict(list)
    references: dict[str, list[int]] = defaultdict(list)
    for event in evidence.log:
        if event["kind"] != "ticket.created" or event.get("application_id") != evidence.application_id:
            continue
        request_id = _request_of(event)
        if request_id not in known:
            yield f"I2: ticket {event['ticket_id']} is about {request_id}, which nobody was told was accepted"
            continue
        ours[request_id].append(event["ticket_id"])
        if event["third_party_id_string"]:
            references[event["third_party_id_string"]].append(event["ticket_id"])
    for request_id in sorted(known):
        # One that was withdrawn before its ticket was opened has none.
        if not ours[request_id] and became[request_id] != "cancelled":
            yield f"I2: {request_id} has no ticket"
        elif len(ours[request_id]) > 1:
            yield f"I2: {request_id} has {len(ours[request_id])} tickets: {ours[request_id]}"
    for reference, ids in references.items():
        if len(ids) > 1:
            yield f"I2: reference {reference} stands on {len(ids)} tickets: {ids}"


def _request_of(event: Event) -> str | None:
    for value in (event.get("custom_fields") or {}).values():
        if isinstance(value, str) and _UUID.fullmatch(value):
            return value
    hits = _UUID.findall(event.get("details") or "")
    return hits[-1] if hits else None


def _closed_once(evidence: Evidence) -> Iterator[str]:
    became = outcome(evidence.history)
    of_ticket = {
        ticket_id: request_id
        for request_id, ids in tickets_by_request(evidence.log).items()
        for ticket_id in ids
        if request_id in became
    }
    closings: dict[int, list[Event]] = defaultdict(list)
    notes: dict[int, list[Event]] = defaultdict(list)
    last: dict[int, Event] = {}
    for event in evidence.log:
        ticket_id = event.get("ticket_id")
        if ticket_id not in of_ticket or event["kind"] not in (
            "ticket.created",
            "ticket.updated",
            "action.created",
            "action.updated",
        ):
            continue
        last[ticket_id] = event
        if event.get("closed_now"):
            closings[ticket_id].append(event)
        if event["kind"] == "action.created" and _is_ours(evidence, event):
            notes[ticket_id].append(event)
        if _is_ours(evidence, event) and (text := event.get("closure_note")):
            yield from _true(became[of_ticket[ticket_id]], text, f"the closure text of ticket {ticket_id}")
    for ticket_id, request_id in of_ticket.items():
        state = became[request_id]
        if state == "pending":
            yield from _untouched(evidence, ticket_id, request_id, closings[ticket_id], notes[ticket_id])
            continue
        yield from _closed_with(request_id, state, ticket_id, closings[ticket_id], notes[ticket_id])
        if not last[ticket_id]["closed"]:
            yield f"I4: {request_id} is {state} and its ticket {ticket_id} is open"
        yield from _not_before(evidence, request_id, state, closings[ticket_id])


def _is_ours(evidence: Evidence, event: Event) -> bool:
    return bool(event.get("application_id") == evidence.application_id)


def _untouched(
    evidence: Evidence, ticket_id: int, request_id: str, closings: list[Event], notes: list[Event]
) -> Iterator[str]:
    if any(_is_ours(evidence, event) for event in closings):
        yield f"I4: ticket {ticket_id} was closed by us, and {request_id} was never decided"
    if notes:
        yield f"I4: ticket {ticket_id} has a note of ours, and {request_id} was never decided"


def _closed_with(
    request_id: str, state: str, ticket_id: int, closings: list[Event], notes: list[Event]
) -> Iterator[str]:
    if len(closings) != 1:
        yield f"I4: {request_id} is {state} and its ticket {ticket_id} was closed {len(closings)} times"
    if len(notes) != 1:
        yield f"I4: {request_id} is {state} and its ticket {ticket_id} has {len(notes)} closing notes"
    for note in notes:
        yield from _true(state, note["note"], f"the note on ticket {ticket_id}")
        if request_id not in note["note"]:
            yield f"I4: the note on ticket {ticket_id} does not name {request_id}"


def _true(state: str, text: str, where: str) -> Iterator[str]:
    first = text.lstrip().split(" ", 1)[0].rstrip(":.,")
    if first != WORDS.get(state):
        yield f"I4: the request is {state} and {where} says {first!r}"


def _not_before(evidence: Evidence, request_id: str, state: str, closings: list[Event]) -> Iterator[str]:
    """Nothing of ours may close a ticket before the first attempt to decide."""
    tried = evidence.history.tried.get(request_id)
    for event in closings:
        if tried and _is_ours(evidence, event) and datetime.fromisoformat(event["at"]) < tried:
            yield f"I4: ticket of {request_id} was closed as {state} before anybody had decided"


# --- I11: the budget -----------------------------------------------------------------------------------------------


def most_in_window(log: Iterable[Event], seconds: float) -> int:
    """The most calls in any window of that length."""
    most, window = 0, deque[datetime]()
    span = timedelta(seconds=seconds)
    for event in calls(log):
        at = datetime.fromisoformat(event["at"])
        window.append(at)
        while window[0] <= at - span:
            window.popleft()
        most = max(most, len(window))
    return most


def _within_budget(evidence: Evidence) -> Iterator[str]:
    most = most_in_window(evidence.log, evidence.window_seconds)
    if most > evidence.budget:
        yield f"I11: {most} calls within {evidence.window_seconds:.0f} s; {evidence.budget} are allowed"


def _after_retry_after(evidence: Evidence) -> Iterator[str]:
    closed_until: datetime | None = None
    for event in evidence.log:
        at = datetime.fromisoformat(event["at"])
        if event["kind"] == "api.call" and closed_until and at < closed_until:
            early = (closed_until - at).total_seconds()
            yield f"I11: call {event['call']} came {early:.3f} s before Retry-After had passed"
        seconds = _retry_after(evidence, event)
        if seconds:
            closed_until = max(closed_until or at, at + timedelta(seconds=seconds))


def _retry_after(evidence: Evidence, event: Event) -> float:
    if event["kind"] == "rate.limited":
        return float(event.get("retry_after_s") or 0)
    if event["kind"] == "fault.fired" and event["fault"] == _CALL_FAULT_WITH_RETRY_AFTER:
        return evidence.retry_after_seconds
    return 0.0


# --- I1, I2, I4, I12: the database ---------------------------------------------------------------------------------


def _database(evidence: Evidence, dump: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    became = outcome(evidence.history)
    states = {str(row["id"]): row["state"] for row in dump["elevation_request"]}
    for request_id, state in became.items():
        if request_id not in states:
            yield f"I1: {request_id} was accepted and is lost"
        elif states[request_id] != state:
            yield f"I3: {request_id} is {states[request_id]} and people were told {state}"
    for request_id in states.keys() - became.keys():
        yield f"I1: {request_id} exists and nobody was told so"
    yield from _decisions(states, dump["decision"])
    yield from _links(evidence, states, dump["ticket_link"])
    yield from _at_rest(dump)


def _decisions(states: dict[str, str], rows: list[dict[str, Any]]) -> Iterator[str]:
    verdicts = Counter(str(row["request_id"]) for row in rows)
    for request_id, count in verdicts.items():
        if count > 1:
            yield f"I3: {request_id} has {count} decisions"
    for row in rows:
        if states.get(str(row["request_id"])) != row["verdict"]:
            yield f"I3: {row['request_id']} was {row['verdict']} and is {states.get(str(row['request_id']))}"
    for request_id, state in states.items():
        if state in ("approved", "denied") and request_id not in verdicts:
            yield f"I3: {request_id} is {state} without a decision"


def _links(evidence: Evidence, states: dict[str, str], rows: list[dict[str, Any]]) -> Iterator[str]:
    tickets = tickets_by_request(evidence.log)
    for row in rows:
        request_id = str(row["subject_id"])
        wanted = "open" if states.get(request_id) == "pending" else "closed"
        if (row["desired"], row["observed"]) != (wanted, wanted):
            yield (
                f"I12: the ticket of {request_id} should be {wanted}; wanted {row['desired']}, seen {row['observed']}"
            )
        if row["next_try_at"] is not None or row["needs_attention"]:
            yield f"I12: the ticket of {request_id} still waits ({row.get('error_code')})"
        if row["ticket_id"] not in {str(ticket_id) for ticket_id in tickets.get(request_id, ())}:
            yield f"I2: {request_id} is linked to ticket {row['ticket_id']}, which is not its own"
    for request_id in states.keys() - {str(row["subject_id"]) for row in rows}:
        if states[request_id] != "cancelled" or tickets.get(request_id):
            yield f"I2: {request_id} has no ticket link"


def _at_rest(dump: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    for row in dump.get("jobs", ()):
        yield f"I12: a job is left: {row}"
    for row in dump.get("drain", ()):
        if row["failures"] or row["needs_attention"] or row["error"]:
            yield f"I12: the connector did not recover: {row}"


# --- I8: the audit trail -------------------------------------------------------------------------------------------

# A ticket that was refused with its fields is made without them, and gets them from the sweep.
_BY_THE_WAY = ("ticket.needs_attention", "ticket.fields_mended")
_SETTLED = {f"elevation_request.{state}": state for state in WORDS}


def _audit(evidence: Evidence, lines: list[dict[str, Any]]) -> Iterator[str]:
    yield from _chain(lines)
    tags: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        tags[line["event"]["subject"]][line["event"]["tag"]] += 1
    became, tickets = outcome(evidence.history), tickets_by_request(evidence.log)
    for request_id, state in became.items():
        wanted = {"elevation_request.submitted": 1, "ticket.opened": 1}
        if state != "pending":
            wanted |= {f"elevation_request.{state}": 1, "ticket.closed": 1}
        if state == "cancelled" and not tickets.get(request_id):
            wanted = {name: 1 for name in wanted if not name.startswith("ticket.")}
        found = {
            tag: count
            for tag, count in tags[request_id].items()
            if tag in wanted or tag in _SETTLED or (tag.startswith("ticket.") and tag not in _BY_THE_WAY)
        }
        if found != wanted:
            yield f"I8: {request_id} is {state} and its events are {dict(sorted(found.items()))}"
    known = set(became)
    for subject, counted in tags.items():
        if counted["elevation_request.submitted"] and subject not in known:
            yield f"I8: {subject} is in the trail and nobody was told that it exists"


def _chain(lines: list[dict[str, Any]]) -> Iterator[str]:
    """leaf = SHA-256(0x00 | canonical JSON); link = SHA-256(0x02 | link before | leaf); no gap."""
    previous = bytes(32)
    for number, line in enumerate(lines, 1):
        if line["sequence"] != number:
            yield f"I8: event {number} is missing from the trail; {line['sequence']} comes next"
            return
        # Events hold neither floats nor names outside ASCII, so this is RFC 8785's form of them.
        canonical = json.dumps(
            line["event"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
        ).encode()
        leaf = hashlib.sha256(b"\x00" + canonical).digest()
        previous = hashlib.sha256(b"\x02" + previous + leaf).digest()
        if leaf.hex() != line["leaf"] or previous.hex() != line["link"]:
            yield f"I8: event {number} does not follow the one before"
            return
