"""The demo's story, played without a person. It checks that each step happens, and ends at the first that does not."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import httpx2

from stepladder_sandbox.halopsa.demo import APPROVE, CLIENT_ID, CLIENT_SECRET, DANA, DENY, NIK

from .processes import Children, inherited
from .stage import Stage, start_service

PROGRAM = ("/usr/bin/env", "true")
_SEEN_WITHIN_SECONDS = 180.0
_LOOK_EVERY_SECONDS = 0.5


class NotSeen(Exception):
    """A step did not happen. The message says which, and what was there instead."""


class Story:
    """One play. `say` reports each step that was seen."""

    def __init__(self, stage: Stage, children: Children, say: Callable[[str], None]) -> None:
        self._stage, self._children, self._say = stage, children, say
        self._asked: list[subprocess.Popen[str]] = []
        self._halopsa_token = ""

    def play(self) -> None:
        """Everything, in order. Raises NotSeen."""
        try:
            self._approved_by_button()
            self._denied_by_button()
            self._approved_on_the_command_line_while_halopsa_is_down()
            self._killed_in_the_middle()
            self._trail_holds()
        finally:
            for asking in self._asked:
                if asking.poll() is None:
                    asking.kill()
                    asking.wait()

    def _approved_by_button(self) -> None:
        asking = self._ask("quarterly report")
        ticket = self._wait_for_ticket()
        shown = f"{ticket['summary']} {ticket.get('details', '')}"
        _need(
            PROGRAM[0].rsplit("/", 1)[-1] in shown and "SHA-256" in shown,
            f"the ticket shows everything: {shown}",
        )
        self._say(f"HaloPSA has a ticket: {ticket['summary']}")
        call = self._press(ticket["id"], APPROVE)
        _need(call["status"] == 200, f"HaloPSA's call was accepted: {call}")
        self._ended(asking, 0, "The waiting terminal has the approval and a verified grant")
        self._closed(ticket["id"], "Approved", NIK)
        again = self._press(ticket["id"], DENY)
        _need(again["status"] == 409, f"the second press is refused: {again}")
        self._say("Pressing Deny afterwards changes nothing and says so")

    def _denied_by_button(self) -> None:
        asking = self._ask("something else")
        ticket = self._wait_for_ticket()
        self._press(ticket["id"], DENY)
        self._ended(asking, 10, "The terminal shows a denial at once")
        self._closed(ticket["id"], "Denied", NIK)

    def _approved_on_the_command_line_while_halopsa_is_down(self) -> None:
        self._switch(outage="503")
        asking = self._ask("HaloPSA is down")
        request_id = self._wait_for(self._pending_request, "the request is accepted while HaloPSA is down")
        self._command("request", "approve", request_id, "--as", "dana@nikpot.example")
        self._ended(asking, 0, "People can ask and decide while HaloPSA is down")
        self._switch(outage="off")
        self._command("connector", "retry")
        ticket = self._wait_for_ticket(request_id)
        self._say("Its ticket follows when HaloPSA is back")
        self._closed(ticket["id"], "Approved", DANA)

    def _killed_in_the_middle(self) -> None:
        asking = self._ask("the service is killed")
        ticket = self._wait_for_ticket()
        self._children.kill("stepladder")
        start_service(self._stage, self._children, lambda _: None)
        self._say("The service was killed and runs again")
        self._press(ticket["id"], APPROVE)
        self._ended(asking, 0, "The terminal that waited has its decision")
        self._closed(ticket["id"], "Approved", NIK)

    def _trail_holds(self) -> None:
        found = json.loads(self._command("audit", "verify", "--json"))
        _need(found["ok"] and found["events"] > 0, f"the trail verifies: {found}")
        self._say(f"The audit trail verifies: {found['events']} events")

    def _ask(self, reason: str) -> subprocess.Popen[str]:
        asking = subprocess.Popen(
            self._stage.agent_command("request", "--reason", reason, "--", *PROGRAM),
            env=self._stage.agent_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._asked.append(asking)
        return asking

    def _ended(self, asking: subprocess.Popen[str], status: int, sentence: str) -> None:
        try:
            output, _ = asking.communicate(timeout=_SEEN_WITHIN_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise NotSeen(f"{sentence}: the terminal is still waiting") from error
        _need(asking.returncode == status, f"{sentence}: status {asking.returncode}, {output}")
        self._say(sentence)

    def _wait_for_ticket(self, request_id: str | None = None) -> dict[str, Any]:
        wanted = request_id or self._wait_for(self._pending_request, "the request is accepted")
        found: dict[str, Any] = self._wait_for(lambda: self._ticket_of(wanted), "HaloPSA has a ticket")
        return found

    def _ticket_of(self, request_id: str) -> dict[str, Any] | None:
        # The sandbox's own log, because looking through the API would spend the call limit that the story needs.
        for event in self._halopsa("GET", "/sandbox/log?limit=100000")["events"]:
            if event["kind"] == "ticket.created" and request_id in json.dumps(event):
                return self._ticket(event["ticket_id"])
        return None

    def _ticket(self, ticket_id: int) -> dict[str, Any]:
        return dict(self._halopsa("GET", f"/api/Tickets/{ticket_id}?includedetails=true"))

    def _pending_request(self) -> str | None:
        rows = json.loads(self._command("request", "list", "--state", "pending", "--json"))
        return str(rows[0]["id"]) if rows else None

    def _closed(self, ticket_id: int, decision: str, agent_id: int) -> None:
        def look() -> dict[str, Any] | None:
            ticket = self._ticket(ticket_id)
            noted = decision in (ticket.get("closure_note") or "")
            return ticket if ticket["hasbeenclosed"] and noted else None

        ticket = self._wait_for(look, f"ticket {ticket_id} is closed with the note {decision}")
        _need(abs(ticket["timetaken"] - 5 / 60) < 0.001, f"five minutes are on it: {ticket['timetaken']}")
        _need(ticket["agent_id"] == agent_id, f"its agent is {agent_id}: {ticket['agent_id']}")
        self._say(f"Ticket {ticket_id} is closed. {ticket['closure_note'].splitlines()[0]}")

    def _press(self, ticket_id: int, button: int) -> dict[str, Any]:
        body = {"button_id": button, "agent_id": NIK}
        return dict(self._halopsa("POST", f"/sandbox/tickets/{ticket_id}/press", body)["calls"][0])

    def _switch(self, **switches: Any) -> None:
        self._halopsa("PATCH", "/sandbox/switches", switches)

    def _halopsa(self, method: str, path: str, body: Any = None) -> Any:
        url = f"{self._stage.halopsa_url}{path}"
        headers = {"Authorization": f"Bearer {self._token()}"} if path.startswith("/api/") else {}
        answer = httpx2.request(method, url, json=body, headers=headers, timeout=30, trust_env=False)
        _need(
            answer.status_code < 400,
            f"the sandbox answers {method} {path}: {answer.status_code} {answer.text}",
        )
        return answer.json()

    def _token(self) -> str:
        if not self._halopsa_token:
            form = {
                "grant_type": "client_credentials",
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "scope": "read:tickets",
            }
            answer = httpx2.post(f"{self._stage.halopsa_url}/auth/token", data=form, trust_env=False)
            self._halopsa_token = str(answer.json()["access_token"])
        return self._halopsa_token

    def _command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "stepladder", *arguments],
            env={**inherited(), **self._stage.environment()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        _need(done.returncode == 0, f"stepladder {' '.join(arguments)} works: {done.stdout}{done.stderr}")
        return done.stdout

    def _wait_for(self, look: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + _SEEN_WITHIN_SECONDS
        while time.monotonic() < until:
            found = look()
            if found:
                return found
            time.sleep(_LOOK_EVERY_SECONDS)
        raise NotSeen(f"Not seen within {_SEEN_WITHIN_SECONDS:.0f} s: {what}")


def _need(held: object, what: str) -> None:
    if not held:
        raise NotSeen(f"Expected, but not true: {what}")
