"""From HaloPSA's answers to our four kinds of failure (HaloPSA facts 5, 29). Bodies are never passed on whole."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater
from stepladder.kit import outbound

from . import unconnected
from .matching import get

_READ_AT_MOST = 4096
_SHOWN_AT_MOST = 300
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_MESSAGE = re.compile(
    r'"(?:message|errormessage|error_description)"\s*:\s*("(?:[^"\\]|\\.){1,1000}")', re.IGNORECASE
)
_PERMISSIONS = {"client": "read:customers", "asset": "read:assets"}
_UNSAID = {
    "the new ticket": " It does not say why; often a field that is mandatory for the ticket type is missing.",
    "the note": " It does not say why; often the agent is not allowed to use the outcome or to edit closed tickets.",
    "the change of the ticket": " It does not say why; often a child ticket, a to-do or a workflow step holds it.",
}


@dataclass(frozen=True)
class Bound:
    """How large an answer may be: what is read of it, and what is made of it, for each value takes memory and time."""

    bytes: int
    values: int


ONE = Bound(4 * 1024 * 1024, 100_000)
LIST = Bound(32 * 1024 * 1024, 1_000_000)


@dataclass(frozen=True)
class Call:
    """What was asked, as far as the meaning of the answer depends on it."""

    method: str
    path: str
    is_about_one: bool = False
    """Whether it names one ticket, action or agent, which may then be gone."""

    @property
    def is_write(self) -> bool:
        return self.method != "GET"

    @property
    def bound(self) -> Bound:
        """A write, and a read of one thing by its id, is answered with one object."""
        return ONE if self.is_write or "/" in self.path else LIST

    @property
    def what(self) -> str:
        """What a refusal of it refuses, for a technician."""
        resource = self.path.partition("/")[0].lower()
        if not self.is_write or resource not in ("tickets", "actions"):
            return "it"
        if resource == "actions":
            return "the note"
        return "the change of the ticket" if self.is_about_one else "the new ticket"

    @property
    def permission(self) -> str | None:
        """The application's permission that it needs, where it needs one (HaloPSA fact 3)."""
        resource = self.path.partition("/")[0].lower()
        if resource in ("tickets", "actions"):
            return "edit:tickets" if self.is_write else "read:tickets"
        return _PERMISSIONS.get(resource)


def from_exception(error: httpx2.HTTPError, *, is_write: bool) -> ConnectorError:
    """No answer at all. Only a connection that was never made proves that a write did not happen."""
    if isinstance(error, _NEVER_SENT):
        return unconnected.failure_of(error)
    if isinstance(error, outbound.AnswerTooLarge):
        return TryLater(
            "HaloPSA's answer is larger than any that is expected, so it was not read.",
            code="halopsa_too_large",
            may_have_happened=is_write,
        )
    return TryLater(
        "The connection to HaloPSA broke before it answered.",
        code="halopsa_no_answer",
        may_have_happened=is_write,
    )


def from_answer(
    call: Call,
    status: int,
    headers: httpx2.Headers,
    body: bytes,
    *,
    now: datetime,
    secrets: Iterable[str] = (),
) -> ConnectorError:
    """The failure that an answer outside 200 to 299 means. None of `secrets` is in it, for any body."""
    if status in (408, 429) or status >= 500:
        limit, error = "HaloPSA's call limit is reached.", f"HaloPSA answers with an error ({status})."
        return TryLater(
            limit if status == 429 else error,
            code="halopsa_rate_limited" if status == 429 else "halopsa_error",
            after=retry_after(headers, now),
            may_have_happened=call.is_write,
            rests_at_once=status == 429,
        )
    if 300 <= status < 400:
        return NeedsAttention(
            "HaloPSA redirects instead of answering. Check the instance's address.",
            code="halopsa_redirects",
            whole_instance=True,
        )
    said = _saying(sentence(body, secrets))
    if status in (401, 403):
        needed = call.permission or "read:tickets, edit:tickets, read:customers and read:assets"
        return NeedsAttention(
            f"HaloPSA refuses the call. The application needs the permission {needed}, and its agent the rights "
            f"that go with it.{said}",
            code="halopsa_forbidden",
            # One ticket that the agent must not see must not stop all others.
            whole_instance=not call.is_about_one,
        )
    if status == 404 and call.is_about_one:
        return RemoteGone(f"HaloPSA does not know it (any more).{said}", code="halopsa_gone")
    if status in (404, 405):
        return NeedsAttention(
            f"There is no HaloPSA at that address ({status}). Check the instance's address.",
            code="halopsa_not_there",
            whole_instance=True,
        )
    return Rejected(
        f"HaloPSA refuses {call.what}.{said or _UNSAID.get(call.what, '')}",
        code="halopsa_rejected",
        is_of_content=status == 400,
    )


def from_token_answer(status: int, headers: httpx2.Headers, body: bytes, *, now: datetime) -> ConnectorError:
    """The failure of a token request. Nothing of the body is passed on, and the form is never looked at again."""
    problem = parsed(body)
    name = problem.get("error") if isinstance(problem, dict) else None
    if name == "invalid_client" or status == 401:
        return NeedsAttention(
            "HaloPSA does not accept the client id and secret.",
            code="halopsa_credentials",
            whole_instance=True,
        )
    if name == "invalid_scope":
        return NeedsAttention(
            "HaloPSA does not grant the permissions read:tickets, edit:tickets, read:customers and read:assets. "
            "Add them to the application.",
            code="halopsa_scope",
            whole_instance=True,
        )
    if status == 429 or status >= 500:
        hint = "" if status == 429 else " If this continues, check the tenant's name."
        return TryLater(
            f"HaloPSA's sign-in service does not work ({status}).{hint}",
            code="halopsa_token",
            after=retry_after(headers, now),
        )
    return NeedsAttention(
        f"HaloPSA's sign-in service refuses ({status}). Check the instance's address and tenant.",
        code="halopsa_token_refused",
        whole_instance=True,
    )


def not_json(*, may_have_happened: bool) -> TryLater:
    """An answer that should be data and is not: cut short, or a web page."""
    return TryLater(
        "HaloPSA answered with something that is not data. If this continues, check the instance's address.",
        code="halopsa_not_json",
        may_have_happened=may_have_happened,
    )


def error_inside(answer: Any, secrets: Iterable[str] = ()) -> TryLater | None:
    """The failure that a write's successful answer holds instead of the thing written (HaloPSA fact 29); else None.

    It says no and yes at once, so nothing is known: the thing is looked for.
    """
    is_thing = isinstance(answer, dict) and (get(answer, "id") or get(answer, "ticket_id"))
    said = None if is_thing else _named_message(answer)
    if said is None:
        return None
    return TryLater(
        f"HaloPSA answers a write with an error inside a success.{_saying(_shown(said, secrets))}",
        code="halopsa_error_inside",
        may_have_happened=True,
    )


def retry_after(headers: httpx2.Headers, now: datetime) -> float | None:
    """Seconds from `Retry-After`, given as a number or a date (RFC 9110 section 10.2.3); None when absent."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,18}", value):
        return min(float(value), 3600.0)
    try:
        at = parsedate_to_datetime(value)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return min(max(0.0, (at - now).total_seconds()), 3600.0)
    except (ValueError, OverflowError):
        return None


def loaded(body: bytes, bound: Bound = ONE) -> Any:
    """The body as JSON. Raises ValueError, also for JSON nested deeper, or of more values, than any answer is."""
    if sum(map(body.count, (b",", b"[", b"{"))) > bound.values:
        raise ValueError("too many values")
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def parsed(body: bytes) -> Any:
    """The start of the body as JSON, or None."""
    try:
        return loaded(body[:_READ_AT_MOST])
    except ValueError:
        return None


def sentence(body: bytes, secrets: Iterable[str] = ()) -> str:
    """What HaloPSA said, cut and freed of markup and `secrets`; empty when it said nothing readable."""
    found = _message_in(parsed(body))
    if found is None:
        found = _readable(body[:_READ_AT_MOST].decode("utf-8", "replace"))
    return _shown(found, secrets)


def _shown(found: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        found = found.replace(secret, "***")
    plain = html.unescape(re.sub(r"<[^>]{0,200}>", " ", found))
    shown = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return shown[:_SHOWN_AT_MOST]


def _message_in(problem: Any) -> str | None:
    if isinstance(problem, str):
        return problem
    if not isinstance(problem, dict):
        return None
    named = _named_message(problem)
    if named is not None:
        return named
    for name, value in problem.items():
        # ModelState: a field's name and its complaints.
        if isinstance(value, list) and value and isinstance(value[0], str):
            return f"{name}: {value[0]}"
    return None


def _named_message(problem: Any) -> str | None:
    if not isinstance(problem, dict):
        return None
    for name in ("Message", "message", "errorMessage", "error_description", "error", "load_error"):
        if isinstance(problem.get(name), str) and problem[name].strip():
            return str(problem[name])
    return None


def _readable(text: str) -> str:
    """What a body says that is no whole JSON: a sentence as it is, of cut JSON its message, of a page nothing."""
    if "<html" in text.lower() or "<!doctype" in text.lower():
        return ""
    return _message_in_pieces(text) if text.lstrip().startswith(("{", "[")) else text


def _message_in_pieces(text: str) -> str:
    """The message of JSON that is longer than what is read of it; empty where there is none."""
    match = _MESSAGE.search(text)
    found = parsed(match[1].encode()) if match else None
    return found if isinstance(found, str) else ""


def _saying(said: str) -> str:
    return f" It says: {said}" if said else ""
