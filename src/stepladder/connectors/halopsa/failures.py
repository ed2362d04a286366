"""From HaloPSA's answers to our four kinds of failure (API.md sections 1 and 7). Bodies are never passed on whole."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2

from stepladder.connectors.base import ConnectorError, NeedsAttention, Rejected, RemoteGone, TryLater

_READ_AT_MOST = 4096
_SHOWN_AT_MOST = 300
_NEVER_SENT = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)


def from_exception(error: httpx2.HTTPError) -> TryLater:
    """No answer at all. Only a connection that was never made proves that nothing happened."""
    if isinstance(error, _NEVER_SENT):
        return TryLater("HaloPSA cannot be reached.", code="halopsa_unreachable")
    return TryLater(
        "The connection to HaloPSA broke before it answered.",
        code="halopsa_no_answer",
        may_have_happened=True,
    )


def from_answer(status: int, headers: httpx2.Headers, body: bytes, *, now: datetime) -> ConnectorError:
    """The failure that an answer outside 200 to 299 means."""
    said = sentence(body)
    if status == 429:
        return TryLater(
            "HaloPSA's call limit is reached.",
            code="halopsa_rate_limited",
            after=retry_after(headers, now),
            may_have_happened=True,
        )
    if status >= 500:
        return TryLater(
            f"HaloPSA answers with an error ({status}).",
            code="halopsa_error",
            after=retry_after(headers, now),
            may_have_happened=True,
        )
    if status in (401, 403):
        return NeedsAttention(
            "HaloPSA refuses the call. Check the application's permissions (read:tickets, edit:tickets, "
            "read:customers, read:assets) and its agent's permissions." + _saying(said),
            code="halopsa_forbidden",
            whole_instance=True,
        )
    if 300 <= status < 400:
        return NeedsAttention(
            "HaloPSA redirects instead of answering. Check the instance's address.",
            code="halopsa_redirects",
            whole_instance=True,
        )
    if status == 404:
        return RemoteGone("HaloPSA does not know it (any more)." + _saying(said), code="halopsa_gone")
    return Rejected("HaloPSA refuses it." + _saying(said), code="halopsa_rejected")


def from_token_answer(status: int, headers: httpx2.Headers, body: bytes, *, now: datetime) -> ConnectorError:
    """The failure of a token request. The form that was sent is never looked at again."""
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
        hint = "" if status == 429 else " If it stays so, check the tenant's name."
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
        "HaloPSA answered something that is not data. If it stays so, check the instance's address.",
        code="halopsa_not_json",
        may_have_happened=may_have_happened,
    )


def retry_after(headers: httpx2.Headers, now: datetime) -> float | None:
    """Seconds from `Retry-After`, given as a number or a date (RFC 9110 section 10.2.3); None when absent."""
    value = headers.get("retry-after", "").strip()
    if value.isdigit():
        return min(float(value), 3600.0)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), 3600.0)


def parsed(body: bytes) -> Any:
    """The body as JSON, or None."""
    try:
        return json.loads(body[:_READ_AT_MOST])
    except ValueError:
        return None


def sentence(body: bytes) -> str:
    """What HaloPSA said, cut and freed of markup; empty when it said nothing readable."""
    found = _message_in(parsed(body))
    if found is None:
        text = body[:_READ_AT_MOST].decode("utf-8", "replace")
        found = "" if "<html" in text.lower() or "<!doctype" in text.lower() else text
    plain = html.unescape(re.sub(r"<[^>]{0,200}>", " ", found))
    shown = " ".join("".join(c if c.isprintable() else " " for c in plain).split())
    return shown[:_SHOWN_AT_MOST]


def _message_in(problem: Any) -> str | None:
    if isinstance(problem, str):
        return problem
    if not isinstance(problem, dict):
        return None
    for name in ("Message", "message", "errorMessage", "error_description", "error"):
        if isinstance(problem.get(name), str) and problem[name].strip():
            return str(problem[name])
    for name, value in problem.items():
        # ModelState: a field's name and its complaints.
        if isinstance(value, list) and value and isinstance(value[0], str):
            return f"{name}: {value[0]}"
    return None


def _saying(said: str) -> str:
    return f" It says: {said}" if said else ""
