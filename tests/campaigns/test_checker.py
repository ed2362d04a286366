"""The checker finds what it is there to find: each planted violation, and nothing in a sound world."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.campaigns import checker
from tests.campaigns.checker import Evidence, History, check

OURS, NOBODYS = "app-ours", None
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
REFERENCES = {"approved": "SL-A", "denied": "SL-B", "expired": "SL-C", "pending": "SL-D"}
IDS = {state: str(uuid.uuid5(uuid.NAMESPACE_URL, state)) for state in REFERENCES}
TICKETS = {state: 2001 + number for number, state in enumerate(REFERENCES)}


class World:
    """A small sound world: four requests, the second of which the button closed before our note came."""

    def __init__(self) -> None:
        self.log: list[dict[str, Any]] = []
        self.history = History(accepted={f"key-{state}": IDS[state] for state in IDS})
        self._seconds = 0
        for state in IDS:
            self.create(state)
        for state in ("approved", "denied", "expired"):
            self.history.told.append((IDS[state], "cli", state))
            self.history.tried[IDS[state]] = self.now()
        self.note("approved", "Approved by Nik Potter for this user")
        self.update("approved", closed_now=True)
        self.update("denied", closed_now=True, application_id=NOBODYS)
        self.note("denied", "Denied by Nik Potter (as HaloPSA says) for this user", closed=True)
        self.note("expired", "Expired: nobody decided")
        self.update("expired", closed_now=True)

    def now(self) -> datetime:
        return START + timedelta(seconds=self._seconds)

    def event(self, kind: str, **details: Any) -> dict[str, Any]:
        self._seconds += 1
        event = {"seq": len(self.log) + 1, "at": self.now().isoformat(), "kind": kind, **details}
        self.log.append(event)
        return event

    def of_ticket(self, kind: str, state: str, **details: Any) -> dict[str, Any]:
        known = {
            "ticket_id": TICKETS[state],
            "third_party_id_string": REFERENCES[state],
            "application_id": OURS,
        }
        return self.event(kind, **known | details)

    def create(self, state: str, **details: Any) -> dict[str, Any]:
        fields = {"CFidemeumCustomerName": "Northwind", "CFidemeumElevationRequestId": IDS[state]}
        call = self.event("api.call", call=len(self.log), method="POST", path="/api/tickets")
        assert call
        return self.of_ticket(
            "ticket.created", state, **{"closed": False, "custom_fields": fields, **details}
        )

    def note(self, state: str, text: str, **details: Any) -> dict[str, Any]:
        note = f"{text}, request {IDS[state]}.\n[{REFERENCES[state]}]"
        return self.of_ticket("action.created", state, **{"note": note, "closed": False, **details})

    def update(self, state: str, **details: Any) -> dict[str, Any]:
        return self.of_ticket("ticket.updated", state, **{"closed": True, "closed_now": False, **details})

    def evidence(self, **more: Any) -> Evidence:
        return Evidence(self.log, self.history, OURS, **more)

    def found(self, **more: Any) -> str:
        return "\n".join(check(self.evidence(**more)))


def test_a_sound_world_is_left_alone() -> None:
    world = World()
    assert world.found(database=database(), audit=trail()) == ""


def test_a_second_ticket_of_the_same_request() -> None:
    world = World()
    world.create("approved", ticket_id=2999, third_party_id_string="SL-Z")
    assert f"{IDS['approved']} has 2 tickets" in world.found()


def test_a_second_ticket_with_the_same_reference() -> None:
    world = World()
    world.create("approved", ticket_id=2999)
    assert "reference SL-A stands on 2 tickets" in world.found()


def test_a_second_ticket_whose_reference_was_cleared() -> None:
    world = World()
    world.create(
        "approved",
        ticket_id=2999,
        third_party_id_string="",
        custom_fields=None,
        details=f"Request: {IDS['approved']}",
    )
    assert f"{IDS['approved']} has 2 tickets" in world.found()


def test_what_was_withdrawn_before_its_ticket_was_opened_needs_none() -> None:
    world = World()
    world.history.accepted["key-more"] = request_id = str(uuid.uuid4())
    world.history.told.append((request_id, "endpoint", "cancelled"))
    assert world.found() == ""


def test_a_ticket_that_was_never_made() -> None:
    world = World()
    world.history.accepted["key-more"] = str(uuid.uuid4())
    assert "has no ticket" in world.found()


def test_a_ticket_of_ours_about_nothing_known() -> None:
    world = World()
    world.create("approved", ticket_id=2999, custom_fields={"CFx": str(uuid.uuid4())})
    assert "nobody was told was accepted" in world.found()


def test_somebody_elses_ticket_is_no_concern_of_ours() -> None:
    world = World()
    world.create(
        "approved", ticket_id=2999, custom_fields={}, application_id="another", third_party_id_string="x"
    )
    assert world.found() == ""


def test_the_wrong_verdict_in_a_note() -> None:
    world = World()
    notes = [event for event in world.log if event["kind"] == "action.created"]
    notes[0]["note"] = notes[0]["note"].replace("Approved", "Denied")
    assert "says 'Denied'" in world.found()


def test_the_wrong_verdict_in_a_closure_text() -> None:
    world = World()
    updates = [event for event in world.log if event["kind"] == "ticket.updated"]
    updates[0]["closure_note"] = "Approved by Nik Potter"
    assert world.found() == ""
    updates[0]["closure_note"] = "Denied by Nik Potter"
    assert "the closure text of ticket 2001 says 'Denied'" in world.found()


def test_a_note_that_names_another_request() -> None:
    world = World()
    notes = [event for event in world.log if event["kind"] == "action.created"]
    notes[0]["note"] = notes[0]["note"].replace(IDS["approved"], IDS["denied"])
    assert "does not name" in world.found()


def test_two_notes() -> None:
    world = World()
    world.note("denied", "Denied by Nik Potter", closed=True)
    assert "has 2 closing notes" in world.found()


def test_a_missing_note() -> None:
    world = World()
    world.log[:] = [
        e for e in world.log if not (e["kind"] == "action.created" and e["ticket_id"] == TICKETS["expired"])
    ]
    assert "has 0 closing notes" in world.found()


def test_a_missing_close() -> None:
    world = World()
    world.log[:] = [
        e for e in world.log if not (e["kind"] == "ticket.updated" and e["ticket_id"] == TICKETS["approved"])
    ]
    found = world.found()
    assert "was closed 0 times" in found
    assert "is open" in found


def test_two_closings_with_a_reopening_between() -> None:
    world = World()
    world.update("approved", closed=False)
    world.update("approved", closed_now=True)
    assert "was closed 2 times" in world.found()


def test_a_closed_ticket_that_somebody_left_open_in_the_end() -> None:
    world = World()
    world.update("approved", closed=False)
    assert "is open" in world.found()


def test_an_undecided_request_whose_ticket_we_closed() -> None:
    world = World()
    world.update("pending", closed_now=True)
    assert "was never decided" in world.found()


def test_an_undecided_request_with_a_note_of_ours() -> None:
    world = World()
    world.note("pending", "Approved by nobody")
    assert "was never decided" in world.found()


def test_an_undecided_request_whose_ticket_a_person_closed_is_no_fault_of_ours() -> None:
    world = World()
    world.update("pending", closed_now=True, application_id=NOBODYS)
    assert world.found() == ""


def test_a_close_before_anybody_decided() -> None:
    world = World()
    world.history.tried[IDS["approved"]] = world.now() + timedelta(seconds=1)
    assert "before anybody had decided" in world.found()


def test_a_lost_request() -> None:
    world = World()
    dump = database()
    dump["elevation_request"] = dump["elevation_request"][1:]
    assert "was accepted and is lost" in world.found(database=dump)


def test_a_request_that_exists_twice() -> None:
    world = World()
    world.history.repeated.append(("key-approved", IDS["denied"]))
    assert "was told" in world.found()
    dump = database()
    dump["elevation_request"].append({"id": str(uuid.uuid4()), "state": "pending"})
    assert "exists and nobody was told so" in World().found(database=dump)


def test_one_request_for_two_asks() -> None:
    world = World()
    world.history.accepted["key-other"] = IDS["approved"]
    assert "answers 2 different asks" in world.found()


def test_two_people_who_were_told_different_things() -> None:
    world = World()
    world.history.told.append((IDS["approved"], "integration_api", "denied"))
    assert "told different things" in world.found()


def test_a_decision_that_is_not_what_people_were_told() -> None:
    dump = database()
    dump["elevation_request"][0]["state"] = "denied"
    assert "people were told approved" in World().found(database=dump)


def test_a_state_without_its_decision() -> None:
    dump = database()
    dump["decision"] = dump["decision"][1:]
    assert "without a decision" in World().found(database=dump)


def test_a_grant_without_an_approval() -> None:
    world = World()
    world.history.granted.append(IDS["denied"])
    assert "has a grant" in world.found()


def test_too_many_calls() -> None:
    world = World()
    assert world.found(budget=4) == ""
    assert "I11: 4 calls within 300 s; 3 are allowed" in world.found(budget=3)
    assert world.found(budget=1, window_seconds=1) == ""


def test_a_call_before_retry_after() -> None:
    world = World()
    world.event("fault.fired", call=1, fault="429_retry_after")
    world.event("api.call", call=2)
    assert world.found(retry_after_seconds=1) == ""
    assert "before Retry-After" in world.found(retry_after_seconds=2)
    world = World()
    world.event("rate.limited", call=1, retry_after_s=5)
    world.event("api.call", call=2)
    assert "came 4.000 s before Retry-After" in world.found()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"observed": "open"}, "wanted closed, seen open"),
        ({"next_try_at": START}, "still waits"),
        ({"needs_attention": True}, "still waits"),
        ({"ticket_id": "2002"}, "not its own"),
    ],
)
def test_a_link_in_a_middle_state(change: dict[str, Any], words: str) -> None:
    dump = database()
    dump["ticket_link"][0] |= change
    assert words in World().found(database=dump)


def test_a_request_without_a_link() -> None:
    dump = database()
    dump["ticket_link"] = dump["ticket_link"][1:]
    assert "has no ticket link" in World().found(database=dump)


def test_a_job_that_is_left_and_a_connector_that_did_not_recover() -> None:
    dump = database()
    dump["jobs"] = [{"id": 1, "status": "doing"}]
    assert "a job is left" in World().found(database=dump)
    dump = database()
    dump["drain"] = [{"failures": 3, "needs_attention": False, "error": None}]
    assert "did not recover" in World().found(database=dump)


@pytest.mark.parametrize(
    "tag", ["elevation_request.submitted", "elevation_request.approved", "ticket.opened", "ticket.closed"]
)
def test_an_event_too_many_and_one_too_few(tag: str) -> None:
    lines = [line["event"] for line in trail()]
    first = next(event for event in lines if event["tag"] == tag and event["subject"] == IDS["approved"])
    assert "its events are" in World().found(audit=chained([*lines, first]))
    assert "its events are" in World().found(audit=chained([event for event in lines if event is not first]))


def test_a_second_decision_in_the_trail() -> None:
    lines = [line["event"] for line in trail()]
    other = {**lines[-1], "tag": "elevation_request.denied", "subject": IDS["approved"]}
    assert "its events are" in World().found(audit=chained([*lines, other]))


def test_a_request_that_only_the_trail_knows() -> None:
    lines = [line["event"] for line in trail()]
    other = {**lines[0], "subject": str(uuid.uuid4())}
    assert "in the trail and nobody was told" in World().found(audit=chained([*lines, other]))


def test_a_trail_with_a_gap_or_a_changed_event() -> None:
    lines = trail()
    assert "is missing from the trail" in World().found(audit=[*lines[:2], *lines[3:]])
    lines = trail()
    lines[3]["event"]["facts"] = {"channel": "portal"}
    assert "event 4 does not follow" in World().found(audit=lines)


def test_an_export_and_a_log_are_read_from_their_files(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("".join(json.dumps(event) + "\n" for event in World().log))
    assert checker.read_log(log) == World().log
    export = "\n".join(json.dumps(line) for line in [{"format": "x"}, *trail(), {"head": {}}])
    assert checker.read_export(export) == trail()


def database() -> dict[str, list[dict[str, Any]]]:
    """What the tables of the sound world hold."""
    wanted = {state: "open" if state == "pending" else "closed" for state in IDS}
    return {
        "elevation_request": [{"id": IDS[state], "state": state} for state in IDS],
        "decision": [{"request_id": IDS[state], "verdict": state} for state in ("approved", "denied")],
        "ticket_link": [
            {
                "subject_id": IDS[state],
                "desired": wanted[state],
                "observed": wanted[state],
                "next_try_at": None,
                "needs_attention": False,
                "ticket_id": str(TICKETS[state]),
            }
            for state in IDS
        ],
        "drain": [{"failures": 0, "needs_attention": False, "error": None}],
        "jobs": [],
    }


def trail() -> list[dict[str, Any]]:
    """The audit trail of the sound world."""
    events = []
    for state, request_id in IDS.items():
        tags = ["elevation_request.submitted", "ticket.opened"]
        if state != "pending":
            tags += [f"elevation_request.{state}", "ticket.closed"]
        events += [{"tag": tag, "subject": request_id, "facts": {"n": 1}} for tag in tags]
    return chained(events)


def chained(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    lines, previous = [], bytes(32)
    for number, event in enumerate(events, 1):
        canonical = json.dumps(event, sort_keys=True, separators=(",", ":")).encode()
        leaf = hashlib.sha256(b"\x00" + canonical).digest()
        previous = hashlib.sha256(b"\x02" + previous + leaf).digest()
        lines.append({"event": event, "leaf": leaf.hex(), "link": previous.hex(), "sequence": number})
    return lines
